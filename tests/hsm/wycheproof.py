"""Which of Wycheproof's files there are, what each is run against, and what of it is skipped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER = Path(__file__).parents[1] / "vectors" / "wycheproof"


@dataclass(frozen=True, slots=True)
class Vectors:
    """A file.

    Attributes:
        name: Its path in the folder.
        use: Which test runs it.
        tests: How many vectors it holds.
        spec: The key spec it is for; empty for what is no key of a caller's.
        algorithm: AWS's name of the algorithm; empty where there is none.
        skipped: How many vectors cannot be run.
        why: The reason; empty if none is skipped.
    """

    name: str
    use: str
    tests: int
    spec: str = ""
    algorithm: str = ""
    skipped: int = 0
    why: str = ""

    @property
    def run(self) -> int:
        """How many vectors are run."""
        return self.tests - self.skipped

    def cases(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield each vector with its group."""
        for group in json.loads((FOLDER / self.name).read_bytes())["testGroups"]:
            for case in group["tests"]:
                yield group, case


_SIZES = "the HSM has 256-bit keys, 96-bit IVs and 128-bit tags, and no way to ask for others"
_LENGTHS = "no key of the spec has such a length; ``test_vectors.py`` runs them without a key"
_SEEDS = "a seed of another length cannot be a token's material"
_CONTEXTS = "a context too long, or a seed of another length: there is no way to ask for either"


def _rsa(bits: int, digest: int, tests: int, *, pss: bool = False) -> Vectors:
    spec = f"RSA_{bits}"
    if pss:
        name = f"rsa_pss_{bits}_sha{digest}_mgf1_{digest // 8}_test.json"
        return Vectors(name, "rsa", tests, spec, f"RSASSA_PSS_SHA_{digest}")
    name = f"rsa_signature_{bits}_sha{digest}_test.json"
    return Vectors(name, "rsa", tests, spec, f"RSASSA_PKCS1_V1_5_SHA_{digest}")


def _oaep(bits: int, digest: int, tests: int) -> Vectors:
    name = f"rsa_oaep_{bits}_sha{digest}_mgf1sha{digest}_test.json"
    return Vectors(name, "oaep", tests, f"RSA_{bits}", f"RSAES_OAEP_SHA_{digest}")


def _ecdsa(curve: str, digest: int, spec: str, tests: int) -> Vectors:
    name = f"ecdsa_{curve}_sha{digest}_test.json"
    return Vectors(name, "ecdsa", tests, spec, f"ECDSA_SHA_{digest}")


def _hmac(bits: int, tests: int, skipped: int) -> Vectors:
    name = f"hmac_sha{bits}_test.json"
    return Vectors(name, "hmac", tests, f"HMAC_{bits}", f"HMAC_SHA_{bits}", skipped, _LENGTHS)


def _ml_dsa(name: str, use: str, number: int, tests: int, skipped: int = 0) -> Vectors:
    why = _CONTEXTS if skipped else ""
    return Vectors(name, use, tests, f"ML_DSA_{number}", "ML_DSA_SHAKE_256", skipped, why)


FILES: Final = (
    Vectors("aes_gcm_test.json", "gcm", 316, skipped=250, why=_SIZES),
    Vectors("aes_kwp_test.json", "kwp", 254),
    Vectors("aes_wrap_test.json", "kw", 165),
    _hmac(224, 172, 12),
    _hmac(256, 174, 12),
    _hmac(384, 174, 6),
    _hmac(512, 174, 6),
    _rsa(2048, 256, 259),
    _rsa(2048, 384, 258),
    _rsa(2048, 512, 259),
    _rsa(3072, 256, 259),
    _rsa(4096, 512, 259),
    _rsa(2048, 256, 108, pss=True),
    _rsa(2048, 384, 141, pss=True),
    _rsa(3072, 256, 108, pss=True),
    _rsa(4096, 256, 108, pss=True),
    _rsa(4096, 384, 141, pss=True),
    _rsa(4096, 512, 179, pss=True),
    _oaep(2048, 1, 36),
    _oaep(2048, 256, 37),
    _oaep(3072, 256, 37),
    _oaep(4096, 256, 37),
    _ecdsa("secp256r1", 256, "ECC_NIST_P256", 484),
    _ecdsa("secp384r1", 384, "ECC_NIST_P384", 504),
    _ecdsa("secp521r1", 512, "ECC_NIST_P521", 542),
    _ecdsa("secp256k1", 256, "ECC_SECG_P256K1", 476),
    Vectors("ed25519_test.json", "ed25519", 151, "ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
    Vectors("ecdh_secp256r1_test.json", "ecdh", 612, "ECC_NIST_P256", "ECDH"),
    Vectors("trimmed/ecdh_secp384r1_test.json", "ecdh", 93, "ECC_NIST_P384", "ECDH"),
    Vectors("trimmed/ecdh_secp521r1_test.json", "ecdh", 104, "ECC_NIST_P521", "ECDH"),
    _ml_dsa("mldsa_44_verify_test.json", "ml-dsa", 44, 180),
    _ml_dsa("trimmed/mldsa_65_verify_test.json", "ml-dsa", 65, 40),
    _ml_dsa("trimmed/mldsa_87_verify_test.json", "ml-dsa", 87, 31),
    _ml_dsa("trimmed/mldsa_44_sign_seed_test.json", "ml-dsa-sign", 44, 17, 3),
    _ml_dsa("trimmed/mldsa_65_sign_seed_test.json", "ml-dsa-sign", 65, 10, 2),
    _ml_dsa("trimmed/mldsa_87_sign_seed_test.json", "ml-dsa-sign", 87, 10, 2),
    Vectors("trimmed/mlkem_768_test.json", "ml-kem", 13, "ML_KEM_768", "ML_KEM", 6, _SEEDS),
    Vectors("trimmed/mlkem_1024_test.json", "ml-kem", 13, "ML_KEM_1024", "ML_KEM", 6, _SEEDS),
)
"""Every file of the folder."""

NOT_HERE: Final = {
    "hkdf_sha256_test.json": "HKDF derives nothing here",
    "trimmed/mlkem_512_test.json": "there is no ML-KEM-512 in the cryptography package",
}
"""Files of upstream's that were looked at and left there, with the reason."""


def of(use: str) -> tuple[Vectors, ...]:
    """Return the files that one test runs."""
    return tuple(each for each in FILES if each.use == use)


def octets(case: dict[str, Any], *fields: str) -> list[bytes]:
    """Return members of a vector as bytes."""
    return [bytes.fromhex(case[field]) for field in fields]
