"""What the answers of cryptographic operations hold, and what can be done with it next. Data."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.tui.widgets.opaque_value import OpaqueKind


@dataclass(frozen=True, slots=True)
class Part:
    """A value in an answer.

    Attributes:
        member: Its member.
        kind: What it is.
        file: Name of a file for it.
    """

    member: str
    kind: OpaqueKind
    file: str


_CIPHERTEXT = Part("CiphertextBlob", OpaqueKind.CIPHERTEXT, "ciphertext.bin")
_DATA_KEY = Part("CiphertextBlob", OpaqueKind.ENCRYPTED_DATA_KEY, "data-key.enc")
_PUBLIC = Part("PublicKey", OpaqueKind.PUBLIC_KEY, "public-key.der")
_PRIVATE = Part("PrivateKeyCiphertextBlob", OpaqueKind.ENCRYPTED_PRIVATE_KEY, "private-key.enc")
_SECRET = Part("SharedSecret", OpaqueKind.SHARED_SECRET, "shared-secret.bin")

PARTS: dict[str, tuple[Part, ...]] = {
    "Encrypt": (_CIPHERTEXT,),
    "ReEncrypt": (_CIPHERTEXT,),
    "Decrypt": (Part("Plaintext", OpaqueKind.PLAINTEXT, "plaintext.bin"),),
    "GenerateDataKey": (Part("Plaintext", OpaqueKind.DATA_KEY, "data-key.bin"), _DATA_KEY),
    "GenerateDataKeyWithoutPlaintext": (_DATA_KEY,),
    "GenerateDataKeyPair": (
        Part("PrivateKeyPlaintext", OpaqueKind.PRIVATE_KEY, "private-key.der"),
        _PUBLIC,
        _PRIVATE,
    ),
    "GenerateDataKeyPairWithoutPlaintext": (_PUBLIC, _PRIVATE),
    "GenerateRandom": (Part("Plaintext", OpaqueKind.RANDOM_BYTES, "random.bin"),),
    "Sign": (Part("Signature", OpaqueKind.SIGNATURE, "signature.bin"),),
    "GenerateMac": (Part("Mac", OpaqueKind.MAC, "mac.bin"),),
    "DeriveSharedSecret": (_SECRET,),
    "Encapsulate": (
        _SECRET,
        Part("SharedSecretCiphertextBlob", OpaqueKind.ENCAPSULATED_SECRET, "encapsulated.bin"),
    ),
    "Decapsulate": (_SECRET,),
    "Verify": (),
    "VerifyMac": (),
}
"""The values of each operation's answer; the one that can be worked on further stands last."""

_COPY, _SAVE = ("y", "copy"), ("s", "save")
NEXT: dict[str, tuple[tuple[str, str], ...]] = {
    "Encrypt": (("d", "decrypt it"), _COPY, _SAVE, ("c", "encrypt more")),
    "ReEncrypt": (("d", "decrypt it"), _COPY, _SAVE, ("c", "encrypt more")),
    "Decrypt": (("enter", "show or hide"), _COPY, _SAVE, ("c", "encrypt")),
    "GenerateRandom": (("enter", "show or hide"), _COPY, _SAVE),
    "GenerateDataKey": (("d", "decrypt it"), _COPY, _SAVE, ("c", "encrypt more")),
    "GenerateDataKeyWithoutPlaintext": (("d", "decrypt it"), _COPY, _SAVE, ("c", "encrypt more")),
    "GenerateDataKeyPair": (("tab", "next value"), ("d", "decrypt it"), _COPY, _SAVE),
    "GenerateDataKeyPairWithoutPlaintext": (("tab", "next value"), _COPY, _SAVE),
    "Sign": (("d", "verify it"), _COPY, _SAVE, ("c", "sign more")),
    "GenerateMac": (("d", "verify it"), _COPY, _SAVE, ("c", "make another")),
    "DeriveSharedSecret": (("enter", "show or hide"), _COPY, _SAVE),
    "Encapsulate": (("d", "decapsulate it"), ("tab", "next value"), _COPY, _SAVE),
    "Decapsulate": (("enter", "show or hide"), _COPY, _SAVE),
    "Verify": (("c", "sign"), ("esc", "verify another")),
    "VerifyMac": (("c", "make one"), ("esc", "verify another")),
}
"""The keys that lead on."""

_WRONG_CONTEXT = (
    "The context is authenticated: one letter more or less, and nothing comes out. "
    "AWS answers every such cause with this one error, so that nobody can probe."
)
_WRONG_SIGNATURE = (
    "It does not verify. The message, the signature, the algorithm or the key is another than "
    "when it was made; AWS does not say which. A message hashed outside has to be hashed alike."
)
_WRONG_MAC = (
    "It does not verify: the message, the MAC or the key is another than when it was made."
)
ADVICE = {
    "DisabledException": "t enables the key.",
    "KMSInvalidStateException": "The Overview tab says what leads out of its state.",
    "InvalidCiphertextException": _WRONG_CONTEXT,
    "IncorrectKeyException": "Another key made it. Its own page decrypts it.",
    "KMSInvalidSignatureException": _WRONG_SIGNATURE,
    "KMSInvalidMacException": _WRONG_MAC,
}
"""What to say to a refusal, by its code."""

REFUSED = {
    "KMSInvalidSignatureException": "The signature is not valid.",
    "KMSInvalidMacException": "The MAC is not valid.",
}
"""What a refusal means, where AWS gives it no text."""
