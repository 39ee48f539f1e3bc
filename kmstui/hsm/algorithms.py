"""The one table of key specs, usages and algorithms.

A new algorithm is one entry here, and its scheme's function in the package; operations, the blob
codec and the tests read the rows. An entry says whether it is supported: what the cryptography
package lacks stands in the table and is refused, never approximated. Nothing cryptographic is
imported, and rows are named tuples: every start of the program loads the table.

Sources: the AWS KMS Developer Guide, *Key spec reference*, and the AWS KMS API Reference,
CreateKey and GenerateDataKeyPair.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from kmstui.core.limits import PLAINTEXT_BYTES

# AWS's KeyUsage values.
ENCRYPT = "ENCRYPT_DECRYPT"
SIGN = "SIGN_VERIFY"
MAC = "GENERATE_VERIFY_MAC"
AGREE = "KEY_AGREEMENT"
ENCAPSULATE = "ENCAPSULATE_DECAPSULATE"

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
"""The key spec and the algorithm of symmetric encryption keys, which have one name."""

MU_BYTES = 64
"""Size of ML-DSA's message representative (FIPS 204, algorithm 7)."""

DIGEST_BYTES: Final = {"SHA_1": 20, "SHA_224": 28, "SHA_256": 32, "SHA_384": 48, "SHA_512": 64}
"""Size of each hash function's output."""


Kind = Literal["AES", "HMAC", "RSA", "ECC", "EDWARDS", "ML_DSA", "ML_KEM", "SM2"]
"""What key material is: raw bytes for the first two, a key pair for the others."""

Scheme = Literal[
    "AES_GCM",
    "OAEP",
    "PKCS1",
    "PSS",
    "ECDSA",
    "ED25519",
    "ED25519_PH",
    "ML_DSA",
    "HMAC",
    "ECDH",
    "ML_KEM",
    "SM2",
]
"""How an algorithm computes."""

# AWS's MessageType values: what Sign and Verify are given.
RAW = "RAW"
DIGEST = "DIGEST"
EXTERNAL_MU = "EXTERNAL_MU"


class KeySpec(NamedTuple):
    """One of AWS's key specs.

    Attributes:
        name: AWS's KeySpec.
        kind: What its material is.
        size: Bits of the key, modulus or field, or the number of the parameter set.
        material_sizes: Accepted sizes of raw material in bytes; empty where material is PKCS#8.
            The least is what is generated.
        data_key_pair: Whether GenerateDataKeyPair makes such pairs.
        importable: Whether material may be imported.
        supported: Whether this HSM has it.
    """

    name: str
    kind: Kind
    size: int
    material_sizes: range = range(0)
    data_key_pair: bool = False
    importable: bool = False
    supported: bool = True


KEY_SPECS: Final = (
    KeySpec("SYMMETRIC_DEFAULT", "AES", 256, range(32, 33), importable=True),
    KeySpec("RSA_2048", "RSA", 2048, data_key_pair=True, importable=True),
    KeySpec("RSA_3072", "RSA", 3072, data_key_pair=True, importable=True),
    KeySpec("RSA_4096", "RSA", 4096, data_key_pair=True, importable=True),
    KeySpec("ECC_NIST_P256", "ECC", 256, data_key_pair=True, importable=True),
    KeySpec("ECC_NIST_P384", "ECC", 384, data_key_pair=True, importable=True),
    KeySpec("ECC_NIST_P521", "ECC", 521, data_key_pair=True, importable=True),
    KeySpec("ECC_SECG_P256K1", "ECC", 256, data_key_pair=True, importable=True),
    KeySpec("ECC_NIST_EDWARDS25519", "EDWARDS", 255, data_key_pair=True),
    KeySpec("HMAC_224", "HMAC", 224, range(28, 64 + 1), importable=True),
    KeySpec("HMAC_256", "HMAC", 256, range(32, 64 + 1), importable=True),
    KeySpec("HMAC_384", "HMAC", 384, range(48, 128 + 1), importable=True),
    KeySpec("HMAC_512", "HMAC", 512, range(64, 128 + 1), importable=True),
    KeySpec("ML_DSA_44", "ML_DSA", 44),
    KeySpec("ML_DSA_65", "ML_DSA", 65),
    KeySpec("ML_DSA_87", "ML_DSA", 87),
    KeySpec("ML_KEM_512", "ML_KEM", 512, data_key_pair=True, supported=False),
    KeySpec("ML_KEM_768", "ML_KEM", 768, data_key_pair=True),
    KeySpec("ML_KEM_1024", "ML_KEM", 1024, data_key_pair=True),
    KeySpec("SM2", "SM2", 256, data_key_pair=True, supported=False),
)
"""Every key spec of the model."""

_SPECS = {spec.name: spec for spec in KEY_SPECS}


class Algorithm(NamedTuple):
    """One algorithm that one kind of key can be used with.

    Attributes:
        key_spec: AWS's KeySpec.
        key_usage: AWS's KeyUsage.
        name: AWS's algorithm name.
        scheme: How it computes.
        digest: Its hash function, a key of :data:`DIGEST_BYTES`, or empty.
        message_types: What it signs; empty if it is no signature.
        code: Its byte in a ciphertext blob, never given to another algorithm; 0 if what it makes
            has no header.
        max_plaintext_bytes: The most that one call encrypts; 0 if it does not encrypt.
        supported: Whether this HSM has it.
        source: Where the parameters come from.
    """

    key_spec: str
    key_usage: str
    name: str
    scheme: Scheme
    digest: str
    message_types: tuple[str, ...]
    code: int
    max_plaintext_bytes: int
    supported: bool
    source: str

    def message_bytes(self, message_type: str) -> int | None:
        """Return the size that a message of a type must have, or None if any will do."""
        if message_type == DIGEST:
            return DIGEST_BYTES[self.digest]
        return MU_BYTES if message_type == EXTERNAL_MU else None


def _max_plaintext_bytes(scheme: Scheme, digest: str, size: int) -> int:
    if scheme == "OAEP":
        return size // 8 - 2 * DIGEST_BYTES[digest] - 2
    return PLAINTEXT_BYTES if scheme == "AES_GCM" else 0


def _entry(
    name: str,
    scheme: Scheme,
    key_usage: str,
    specs: tuple[str, ...],
    source: str,
    *,
    digest: str = "",
    message_types: tuple[str, ...] = (),
    code: int = 0,
    supported: bool = True,
) -> tuple[Algorithm, ...]:
    """Return the rows of one algorithm: one for each key spec that has it."""
    return tuple(
        Algorithm(
            key_spec=spec.name,
            key_usage=key_usage,
            name=name,
            scheme=scheme,
            digest=digest,
            message_types=message_types,
            code=code,
            max_plaintext_bytes=_max_plaintext_bytes(scheme, digest, spec.size),
            supported=supported and spec.supported,
            source=source,
        )
        for spec in (_SPECS[name] for name in specs)
    )


_RSA = ("RSA_2048", "RSA_3072", "RSA_4096")
_HASHED = (RAW, DIGEST)
_ECDSA_SOURCE = "FIPS 186-5, section 6; signatures in DER, RFC 3279, section 2.2.3"
_PKCS1_SOURCE = "RSASSA-PKCS1-v1_5; RFC 8017, section 8.2"
_PSS_SOURCE = "RSASSA-PSS, MGF1 and salt of the hash's size; RFC 8017, section 8.1"
_OAEP_SOURCE = "RSAES-OAEP, MGF1 of the same hash, empty label; RFC 8017, section 7.1"
_HMAC_SOURCE = "RFC 2104, FIPS 198-1; the whole tag"
_SM2_SOURCE = "GB/T 32918; China Regions only"

_RSASSA: tuple[tuple[str, Scheme, str], ...] = (
    ("RSASSA_PKCS1_V1_5", "PKCS1", _PKCS1_SOURCE),
    ("RSASSA_PSS", "PSS", _PSS_SOURCE),
)

_TABLE: Final = (
    _entry(
        "SYMMETRIC_DEFAULT",
        "AES_GCM",
        ENCRYPT,
        ("SYMMETRIC_DEFAULT",),
        "AES-256-GCM; AWS KMS Developer Guide, Key spec reference; NIST SP 800-38D",
        code=1,
    ),
    _entry("RSAES_OAEP_SHA_1", "OAEP", ENCRYPT, _RSA, _OAEP_SOURCE, digest="SHA_1"),
    _entry("RSAES_OAEP_SHA_256", "OAEP", ENCRYPT, _RSA, _OAEP_SOURCE, digest="SHA_256"),
    *(
        _entry(
            f"{family}_{digest}",
            scheme,
            SIGN,
            _RSA,
            source,
            digest=digest,
            message_types=_HASHED,
        )
        for family, scheme, source in _RSASSA
        for digest in ("SHA_256", "SHA_384", "SHA_512")
    ),
    _entry(
        "ECDSA_SHA_256",
        "ECDSA",
        SIGN,
        ("ECC_NIST_P256", "ECC_SECG_P256K1"),
        _ECDSA_SOURCE,
        digest="SHA_256",
        message_types=_HASHED,
    ),
    _entry(
        "ECDSA_SHA_384",
        "ECDSA",
        SIGN,
        ("ECC_NIST_P384",),
        _ECDSA_SOURCE,
        digest="SHA_384",
        message_types=_HASHED,
    ),
    _entry(
        "ECDSA_SHA_512",
        "ECDSA",
        SIGN,
        ("ECC_NIST_P521",),
        _ECDSA_SOURCE,
        digest="SHA_512",
        message_types=_HASHED,
    ),
    _entry(
        "ED25519_SHA_512",
        "ED25519",
        SIGN,
        ("ECC_NIST_EDWARDS25519",),
        "Ed25519; RFC 8032, section 5.1",
        digest="SHA_512",
        message_types=(RAW,),
    ),
    _entry(
        "ED25519_PH_SHA_512",
        "ED25519_PH",
        SIGN,
        ("ECC_NIST_EDWARDS25519",),
        "Ed25519ph; RFC 8032, section 5.1; not in the cryptography package",
        digest="SHA_512",
        message_types=(DIGEST,),
        supported=False,
    ),
    _entry(
        "ML_DSA_SHAKE_256",
        "ML_DSA",
        SIGN,
        ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"),
        "ML-DSA, empty context, hedged; FIPS 204",
        message_types=(RAW, EXTERNAL_MU),
    ),
    *(
        _entry(f"HMAC_{digest}", "HMAC", MAC, (spec,), _HMAC_SOURCE, digest=digest)
        for spec, digest in (
            ("HMAC_224", "SHA_224"),
            ("HMAC_256", "SHA_256"),
            ("HMAC_384", "SHA_384"),
            ("HMAC_512", "SHA_512"),
        )
    ),
    _entry(
        "ECDH",
        "ECDH",
        AGREE,
        ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "SM2"),
        "ECC CDH, the x-coordinate; NIST SP 800-56A Rev. 3, section 5.7.1.2",
    ),
    _entry(
        "ML_KEM",
        "ML_KEM",
        ENCAPSULATE,
        ("ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"),
        "ML-KEM; FIPS 203; the cryptography package has no ML-KEM-512",
    ),
    _entry("SM2PKE", "SM2", ENCRYPT, ("SM2",), _SM2_SOURCE),
    _entry("SM2DSA", "SM2", SIGN, ("SM2",), _SM2_SOURCE, message_types=_HASHED),
)

EVERY_ALGORITHM: tuple[Algorithm, ...] = tuple(row for entry in _TABLE for row in entry)
"""Every combination of the model, supported or not."""

ALGORITHMS: tuple[Algorithm, ...] = tuple(row for row in EVERY_ALGORITHM if row.supported)
"""Every supported combination."""

_BY_CODE = {row.code: row for row in ALGORITHMS if row.code}
_BY_NAME = {(row.key_spec, row.key_usage, row.name): row for row in EVERY_ALGORITHM}
_BY_KEY = {
    (row.key_spec, row.key_usage): tuple(
        other
        for other in ALGORITHMS
        if (other.key_spec, other.key_usage) == (row.key_spec, row.key_usage)
    )
    for row in ALGORITHMS
}


def rows(key_spec: str, key_usage: str) -> tuple[Algorithm, ...]:
    """Return the rows of a key spec and usage, in the table's order; empty if unsupported."""
    return _BY_KEY.get((key_spec, key_usage), ())


def find(key_spec: str, key_usage: str, name: str) -> Algorithm | None:
    """Return the row of an algorithm for a key, or None if the key cannot be used with it.

    The row says whether it is supported.
    """
    return _BY_NAME.get((key_spec, key_usage, name))


def by_code(code: int) -> Algorithm | None:
    """Return the row with that byte in a ciphertext blob, or None."""
    return _BY_CODE.get(code)


def spec(name: str) -> KeySpec | None:
    """Return a key spec of the model, supported or not, or None if there is no such name."""
    return _SPECS.get(name)


def key_specs() -> tuple[str, ...]:
    """Return the supported key specs, in the table's order."""
    return tuple(spec.name for spec in KEY_SPECS if spec.supported)


def key_usages(key_spec: str) -> tuple[str, ...]:
    """Return the usages that a key spec supports, in the table's order."""
    return tuple(dict.fromkeys(r.key_usage for r in ALGORITHMS if r.key_spec == key_spec))
