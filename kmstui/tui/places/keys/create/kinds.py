"""What a key can be for, and in one line what each key spec means for that. Data, and pure.

Security strengths: NIST SP 800-57 part 1, tables 2 and 3; categories of post-quantum schemes:
FIPS 203 and 204.
"""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.engine.key_kinds import key_kind

SYMMETRIC = "SYMMETRIC_DEFAULT"
ENCRYPT, SIGN, MAC = "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"
AGREE, ENCAPSULATE = "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"


@dataclass(frozen=True, slots=True)
class SpecLine:
    """A key spec, as it is offered for a purpose.

    Attributes:
        spec: AWS's KeySpec.
        strength: How hard it is to break.
        speed: How quick it is.
        about: What reads it, and what it is not for.
    """

    spec: str
    strength: str
    speed: str
    about: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is for.

    Attributes:
        usage: AWS's KeyUsage.
        title: What it does, in plain words.
        about: When to choose it.
        specs: What it can be, the one to suggest first.
    """

    usage: str
    title: str
    about: str
    specs: tuple[SpecLine, ...]


_SM2 = SpecLine("SM2", "128-bit", "fast", "Chinese standards")

PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        ENCRYPT,
        "Encrypt and decrypt data",
        "A secret key inside the HSM; it makes data keys too. The usual choice.",
        (SpecLine(SYMMETRIC, "256-bit", "fast", "AES-256-GCM; rotates by itself if asked"),),
    ),
    Purpose(
        ENCRYPT,
        "Decrypt what others encrypt",
        "They use a public key, without AWS and without an account.",
        (
            SpecLine(
                "RSA_2048", "112-bit", "slow", "up to 190 bytes; read everywhere, until 2030"
            ),
            SpecLine("RSA_3072", "128-bit", "slower", "up to 318 bytes; read everywhere"),
            SpecLine("RSA_4096", "~140-bit", "slowest", "up to 446 bytes; seconds to make"),
            _SM2,
        ),
    ),
    Purpose(
        SIGN,
        "Sign and verify",
        "Anybody verifies with the public key, only this key signs.",
        (
            SpecLine("ECC_NIST_P256", "128-bit", "fast", "TLS, JWT ES256: read everywhere"),
            SpecLine("ECC_NIST_P384", "192-bit", "fast", "where a rule asks for 192 bits"),
            SpecLine("ECC_NIST_P521", "256-bit", "slower", "few programs need it"),
            SpecLine(
                "ECC_NIST_EDWARDS25519", "128-bit", "fast", "SSH, JWT EdDSA; 4,096 bytes at most"
            ),
            SpecLine("ECC_SECG_P256K1", "128-bit", "fast", "blockchains"),
            SpecLine("RSA_2048", "112-bit", "slow", "read everywhere, until 2030"),
            SpecLine("RSA_3072", "128-bit", "slower", "read everywhere"),
            SpecLine("RSA_4096", "~140-bit", "slowest", "read everywhere; seconds to make"),
            SpecLine("ML_DSA_44", "category 2", "fast", "post-quantum; signs in 2,420 bytes"),
            SpecLine("ML_DSA_65", "category 3", "fast", "post-quantum; signs in 3,309 bytes"),
            SpecLine("ML_DSA_87", "category 5", "fast", "post-quantum; signs in 4,627 bytes"),
            _SM2,
        ),
    ),
    Purpose(
        MAC,
        "Make and verify MACs",
        "Proves that a message is unchanged to whoever may use this key.",
        (
            SpecLine("HMAC_256", "256-bit", "fast", "32-byte tags; JWT HS256, read everywhere"),
            SpecLine("HMAC_384", "384-bit", "fast", "48-byte tags; JWT HS384"),
            SpecLine("HMAC_512", "512-bit", "fast", "64-byte tags; JWT HS512"),
            SpecLine("HMAC_224", "224-bit", "fast", "28-byte tags, for old protocols"),
        ),
    ),
    Purpose(
        AGREE,
        "Agree on a shared secret",
        "Two sides exchange public keys (ECDH) and derive the same secret.",
        (
            SpecLine("ECC_NIST_P256", "128-bit", "fast", "TLS, JWE ECDH-ES: read everywhere"),
            SpecLine("ECC_NIST_P384", "192-bit", "fast", "where a rule asks for 192 bits"),
            SpecLine("ECC_NIST_P521", "256-bit", "slower", "few programs need it"),
            _SM2,
        ),
    ),
    Purpose(
        ENCAPSULATE,
        "Encapsulate a shared secret",
        "The post-quantum way (ML-KEM): one side sends the secret, sealed.",
        (
            SpecLine("ML_KEM_768", "category 3", "fast", "the usual one; as in TLS hybrids"),
            SpecLine("ML_KEM_1024", "category 5", "fast", "where a rule asks for it"),
            SpecLine("ML_KEM_512", "category 1", "fast", "the smallest"),
        ),
    ),
)
"""Everything a KMS key can be made for."""

_REASONS = {
    "SM2": "only in the China Regions",
    "ML_KEM_512": "not in this HSM; ML_KEM_768 is",
}


def purpose_of(spec: str, usage: str) -> Purpose:
    """Return the purpose that a spec and a usage serve."""
    for purpose in PURPOSES:
        if purpose.usage == usage and any(line.spec == spec for line in purpose.specs):
            return purpose
    return PURPOSES[0]


def reason_against(spec: str, usage: str) -> str:
    """Say why such a key cannot be made here; empty if it can."""
    kind = key_kind(spec, usage)
    if kind is not None and kind.supported:
        return ""
    return _REASONS.get(spec, "not in this HSM")


def imports(spec: str, usage: str) -> bool:
    """Tell whether the material of such a key can be imported."""
    kind = key_kind(spec, usage)
    return kind is not None and kind.importable


def takes_seconds(spec: str) -> bool:
    """Tell whether making such a key is felt: primes have to be found."""
    return spec.startswith("RSA_")
