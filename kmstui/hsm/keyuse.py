"""The part of the HSM's protocol that is about key pairs, MACs and imported material."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmstui.hsm.base import MaterialBinding
    from kmstui.hsm.transfer import ImportedMaterial, ImportTarget, ImportTerms, WrappingKey


class KeyUse(Protocol):
    """What is done with keys beyond SYMMETRIC_DEFAULT; a part of :class:`kmstui.hsm.base.Hsm`.

    Every method raises ``InvalidKeyUsageException`` when the binding's key spec and usage do not
    fit it or the algorithm, and ``UnsupportedOperationException`` when the algorithm table says
    that there is no such thing here.
    """

    def public_key(self, token: bytes, binding: MaterialBinding) -> bytes:
        """Return the public key of a key pair as a DER SubjectPublicKeyInfo.

        Raises:
            UnsupportedOperationException: The key is not a key pair.
        """

    def sign(
        self,
        token: bytes,
        binding: MaterialBinding,
        message: bytes,
        message_type: str,
        algorithm: str,
    ) -> bytes:
        """Return a signature in the form that AWS documents for the algorithm.

        Args:
            token: The exported key token.
            binding: What the token is sealed to.
            message: A message, or its digest or representative; any size if it is a message.
            message_type: AWS's MessageType.
            algorithm: AWS's name.

        Raises:
            ValidationException: The message type is not the algorithm's, or a digest or
                representative is not of its size.
        """

    def verify(
        self,
        token: bytes,
        binding: MaterialBinding,
        message: bytes,
        message_type: str,
        algorithm: str,
        *,
        signature: bytes,
    ) -> None:
        """Return if the signature is the key's over the message; arguments as :meth:`sign`.

        Raises:
            KMSInvalidSignatureException: With one empty text, whatever does not fit.
            ValidationException: As :meth:`sign`.
        """

    def generate_mac(
        self, token: bytes, binding: MaterialBinding, message: bytes, algorithm: str
    ) -> bytes:
        """Return the message's whole HMAC."""

    def verify_mac_with_key(
        self, token: bytes, binding: MaterialBinding, message: bytes, tag: bytes, algorithm: str
    ) -> None:
        """Return if the tag is the message's HMAC.

        Raises:
            KMSInvalidMacException: With one empty text, whatever does not fit.
        """

    def rsa_encrypt(
        self, token: bytes, binding: MaterialBinding, plaintext: bytes, algorithm: str
    ) -> bytes:
        """Return a ciphertext as long as the modulus. It names no key.

        Raises:
            ValidationException: The plaintext is longer than the algorithm takes.
        """

    def rsa_decrypt(
        self, token: bytes, binding: MaterialBinding, ciphertext: bytes, algorithm: str
    ) -> bytes:
        """Return the plaintext of a ciphertext.

        Raises:
            InvalidCiphertextException: With one empty text, whatever does not fit.
        """

    def derive_shared_secret(self, token: bytes, binding: MaterialBinding, peer: bytes) -> bytes:
        """Return the x-coordinate of the ECDH point, as long as the curve's field.

        Args:
            token: The exported key token.
            binding: What the token is sealed to.
            peer: The other public key as a DER SubjectPublicKeyInfo.

        Raises:
            ValidationException: With an empty text, unless the peer's key is a point on the same
                named curve.
        """

    def encapsulate(self, token: bytes, binding: MaterialBinding) -> tuple[bytes, bytes]:
        """Return a new shared secret of 32 bytes and the ciphertext that carries it."""

    def decapsulate(self, token: bytes, binding: MaterialBinding, ciphertext: bytes) -> bytes:
        """Return the shared secret of a ciphertext.

        One of the right size that was not made with the public key gives a pseudo-random secret.

        Raises:
            InvalidCiphertextException: With an empty text, if the size is wrong.
        """

    def generate_data_key_pair(
        self,
        token: bytes,
        binding: MaterialBinding,
        pair_spec: str,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes, bytes]:
        """Return a new private key if it is asked for, its blob, and its public key.

        The private key is DER PKCS#8, encrypted as :meth:`Hsm.encrypt` does; the public key is a
        DER SubjectPublicKeyInfo.

        Args:
            token: The exported key token of a symmetric encryption key.
            binding: What the token is sealed to.
            pair_spec: AWS's DataKeyPairSpec.
            context: The canonical encryption context.
            with_plaintext: Whether the private key is asked for in the clear as well.
        """

    def make_wrapping_key(self, key_arn: str, terms: ImportTerms) -> WrappingKey:
        """Return a new wrapping key whose token is bound to a key and to its terms. Slow.

        Args:
            key_arn: The ARN of the key that material is to be imported into.
            terms: What material will be wrapped with, and until when.

        Raises:
            UnsupportedOperationException: There are no such wrapping keys or algorithms here.
        """

    def import_terms(self, key_arn: str, token: bytes) -> ImportTerms:
        """Return what an import token says, once it is known to be the key's.

        Raises:
            InvalidImportTokenException: It was altered, or is another key's or keystore's.
        """

    def unwrap_import(
        self, token: bytes, encrypted: bytes, target: ImportTarget
    ) -> ImportedMaterial:
        """Return wrapped material sealed to a key, after checking all of it. May be slow.

        Material that the key has or had is sealed as what it is; any other gets the id that is
        computed from it. No error holds a trace of the material.

        Args:
            token: The import token; how old it may be is the caller's question.
            encrypted: The material as it was wrapped with the token's public key.
            target: The key.

        Raises:
            InvalidImportTokenException: As :meth:`import_terms`.
            InvalidCiphertextException: With one empty text, whatever does not unwrap.
            IncorrectKeyMaterialException: It is malformed, unsound, or of another key spec.
        """

    def forget(self, tokens: Iterable[bytes]) -> None:
        """Drop the unwrapped material of tokens that were removed, if it is held."""
