"""Power-on self-tests of what key pairs and the longer MACs need; run by ``selftest``.

They go through the classes that keys are used through. Signatures of ECDSA and ML-DSA are
randomised, so there the known answer is one that must verify.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kmstui.hsm import algorithms, ecc, lattice, pairs
from kmstui.hsm.algorithms import AGREE, ENCAPSULATE, ENCRYPT, MAC, RAW, SIGN, Algorithm
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.ecc import EcAgreementKey, EcSigningKey
from kmstui.hsm.edwards import Ed25519SigningKey
from kmstui.hsm.keys import CipherKey, KemKey, MacMaterial, SigningKey
from kmstui.hsm.lattice import MlDsaSigningKey, MlKemKey

_RSA_KEY = b64decode(
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCitFGgfQql+W5FVnFRNVBRSopbRi6+9xcJT6H+"
    "6CIk5jf5dG0/fK/TGHjYAyW271oXAPZZA7RpQp6J1urIhFCXtas5MYnbklEu2KdxGhJT+s0g95wV6CR/PT5C5G5I"
    "yY4lSi/pdlMToD7/jxfhoCk5eh+iao3OJvSQ7YEplhXZgUwi2mEEKOCcfZZYWUJm9cAh0PzsoI2UWhK+gt5NHs5r"
    "TAMUW100ldTtVBHrh42vBf16/D4JraDxEmQi9ZCXWhlpgW9IaYvLuhtNnK551GDY+fheeXUAXZvCLE5awPfBpF0S"
    "VppigH07mgLlpTDncwZvRT0fW0wunPeCAoP3QrnVAgMBAAECggEAJM3GIxf11ypva6bMljKJmwHR/yiGfXL2FoiZ"
    "W8hVpOQgqEBSUAib2xPPjglUOCe3SLnSf7srTZ4gr4xaaoYnltGkzBitFupni8G9SoO7vpxeV0U7XOc4jkGjukzi"
    "t3tEOKIp6VT3INrgNT3AiKyKdrJtwnb44beFHd1jmK0W/y54GVEjubA26UXDjJ0SQ09t92/iI1nrPhrJwBFnj8km"
    "+tOuR1pP//9V/rLRR+nIlPTA4ppZnnYkYkgtlov0J4CUX8DSwxxXPEQxuPT+i4xnvsgVq9RPeobtyhwjCHNzWNLC"
    "rl4uDi2t9zCYAmI3flixO32ZkgYKC8hwzP20qTGe4QKBgQDcQxBQ94LolPtSSCR9mMt9WLjR4k87VdBBxW5N4Iaw"
    "1bsCi9pC7rXSNNVoHlgJ1BXmoomtTPv3j5ePbDWBT1Duv/HFuApp94joHmurXdqng2nWWdFD7G8X55gTpXXPrZxW"
    "kVa5ARPi6REK2ee0ihyTSKbmUzIRkSkOo2z7OlsY8QKBgQC9GoHnl3+YmBIic64yIrWY6l+xnrTqvDgwil4yGWYD"
    "suUA/7efW4hoFmEd68Ry+sRVRAcL6wV8lBN4poaK87egPT+YgOxH1eCJuU+95UKrqa6NcsVwiNer9bEx85CY97wW"
    "D5BTaryUkv1OBvPtcpnUuXuwNncgfZVmnxQM+8IPJQKBgQCpS1KLKPKRWZEh2RlS/9HH8h18FHnZnUeIhfsWGHDu"
    "Ehi/CEcmEtvlSX6NnGUGiOCceGlhrj4sNU3EiuNFFHWcTCPEWISIlh3Aa0FOYcDh5/u9KSPTFTL+KJ+W2iIHEeWM"
    "FAGYCOAEFCdpM7sH5O+5tKmzdlaRcgUgnzPwlRXXwQKBgDrw5yqTOu8J/yUD33i6/tUxwC/xorxDfFQM3L1K01Q1"
    "z1EXY1llQ0gGKbEUyn94D/fvoy6gy24ADW2eofLvcf2c+ZSEIqFlVX4351Xt/nDZC5IFAutHi8mKY/eIzjoPhW1u"
    "3nJRo4O/qPpICoGpJa97PMU4xLq4yfdZf/toAR2NAoGAJkD7+8/vsWPueoe2SDpm7kH5VtkPqKeTm/wELuCSSxt5"
    "k9BEX3WNUZM+hRecAyCwyWi0ipHDi1vpI+EJfAxWL4jUIpS2onWbr6VCinTxJwh05F9vzGDyFgLeXszRQ88xJB9Z"
    "IbWtOYP7VO8XvjsoU2flDJmcZyR7VS/kv86UX3s="
)
"""Wycheproof, rsa_oaep_2048_sha256_mgf1sha256_test.json."""

_OAEP_CIPHERTEXT = b64decode(
    "EhGW5Ro/RHa/tq3d/es6JdrXLR6jFdZS8zGkNjGtNnJLPRRTIRDcROQHsRhGGPEVZ3szdR+w6HhroiDPp/w/ziKC"
    "LqvdT8J2HH80oE6PE8ECHDGtwSOjLYcfDabNrKucAgIi2lKv1cMHpuVeRWaURAP9pCbuLGyXPMqq/i0IHtjFsdwA"
    "ZiQk45X67YbJrhmjqVlQyD0qmtXH5/Zw+usSOs7wf+d5WtKYqv5UNQTXgRM2s+LssWIryQWZoYWzRwD49MUqZR1z"
    "6lfoz6gOYdnaYfNpUccZSuTe48bme1dXo5aF3T/gHLh2IKVGZv+BMuk9cIHTjdyfB5QxB16WzKePWQ=="
)
"""Its test 5: "Message"."""

_PKCS1_DIGEST = "e5670b12099ad6d7c757da6a229183d59a8b7e60a5fee910414b13b4d73a83bb"
"""SHA-256 of EM^d mod n for EMSA-PKCS1-v1_5 of "Message" with SHA-256 (RFC 8017, 8.2.1)."""

_ECDSA: Final = (
    (
        "ECC_NIST_P256",
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        b"sample",
        (
            "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
            "022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
    ),
    (
        "ECC_NIST_P384",
        (
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B66BF297BA9"
            "AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"
        ),
        b"sample",
        (
            "3064023058220F5B8A70DA5C6129D1D66FBBBFB4A862188648DE8EE09DACD08E700AD65BDD93A9218B6ECB7B"
            "C5604C56B1D4EF8E0230077C806E6FB06E0253DF9CADDEAC9684F7F32768A44B39B2467E3A32D2F372CB48CC"
            "431959A98E0381C5A815DFF0183C"
        ),
    ),
    (
        "ECC_NIST_P521",
        (
            "0FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75C"
            "AA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538"
        ),
        b"sample",
        (
            "308187024200C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017"
            "B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA0241617CCE7CF5064806C467F678D3B408"
            "0D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1E"
            "E0E44DA4A67A"
        ),
    ),
    (
        "ECC_SECG_P256K1",
        "1",
        b"Satoshi Nakamoto",
        (
            "3045022100934B1EA10A4B3C1757E2B0C017D0B6143CE3C9A7E6A4A49860D7A6AB210EE3D8"
            "02202442CE9D2B916064108014783E923EC36B49743E2FFA1C4496F01A512AAFD9E5"
        ),
    ),
)
"""RFC 6979, A.2.5 to A.2.7, with SHA-256, SHA-384 and SHA-512; for secp256k1 the same method."""

_ML_DSA_SEED = bytes([0x2A]) * 32
_ML_DSA: Final = {
    "ML_DSA_44": "d87f8ca136ac1aa55e2d6c4521680efb3a378cbb9bc0bfb446e9c60893931ea3",
    "ML_DSA_65": "b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66",
    "ML_DSA_87": "d43128fa8a8c785c1d44c9e7db538dbf9dd88fe6c8ad911a344bcec1017c6d54",
}
"""SHA-256 of the public key of the seed; Wycheproof, mldsa_*_sign_seed_test.json, test 1."""

_ML_KEM_SEED = bytes.fromhex(
    "7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d"
    "8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f"
)
_ML_KEM: Final = {
    "ML_KEM_768": (
        1088,
        "86adbca81f4fee893e2fb58fb98aa2fe188f501fed268d7f4056f8c05c4e53c4",
        "c5f71f0f8573ee4dd87963c57e16dbf69498afcd898270ebfcf27ea69f45e96e",
    ),
    "ML_KEM_1024": (
        1568,
        "61b95ec8c32ae85ad7a17ae5b9c2dfb083e05f767da3ba9a0a8092ea6b4cbf7a",
        "14a385b12154645d51d6960117912b634e49e5885a385576d5dee5c48f149274",
    ),
}
"""Size of a ciphertext; SHA-256 of the seed's public key (Wycheproof, mlkem_*_test.json); secret
of a ciphertext of zeros, which is SHAKE256(z || ciphertext) (FIPS 203, algorithm 18)."""


def _binding(spec: str, usage: str) -> MaterialBinding:
    return MaterialBinding("", "", "", 1, spec, usage, "", multi_region=False)


def _row(spec: str, usage: str, name: str) -> Algorithm:
    return next(row for row in algorithms.rows(spec, usage) if row.name == name)


def _round_trip(key: SigningKey, row: Algorithm) -> bool:
    """Tell whether a key's own signature verifies, and only over its message."""
    signature = key.sign(row, b"Message", RAW)
    return key.verify(row, b"Message", RAW, signature) and not key.verify(
        row, b"message", RAW, signature
    )


def _mac() -> bool:
    """RFC 4231, section 4.3."""
    tags = {
        "224": "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
        "384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
        "8e2240ca5e69e2c78b3239ecfab21649",
        "512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    }
    return all(
        MacMaterial(_binding(f"HMAC_{bits}", MAC), f"SHA_{bits}", b"Jefe")
        .mac(b"what do ya want for nothing?")
        .hex()
        == tag
        for bits, tag in tags.items()
    )


def _rsa() -> bool:
    """PKCS#1 v1.5 and OAEP give known answers; PSS, randomised, verifies what it signed."""
    spec = algorithms.KEY_SPECS[1]
    signing = pairs.load(_binding(spec.name, SIGN), spec, _RSA_KEY)
    cipher = pairs.load(_binding(spec.name, ENCRYPT), spec, _RSA_KEY)
    if not isinstance(signing, SigningKey) or not isinstance(cipher, CipherKey):
        return False
    pkcs1 = _row(spec.name, SIGN, "RSASSA_PKCS1_V1_5_SHA_256")
    oaep = _row(spec.name, ENCRYPT, "RSAES_OAEP_SHA_256")
    signature = signing.sign(pkcs1, b"Message", RAW)
    return (
        hashlib.sha256(signature).hexdigest() == _PKCS1_DIGEST
        and _round_trip(signing, pkcs1)
        and _round_trip(signing, _row(spec.name, SIGN, "RSASSA_PSS_SHA_256"))
        and cipher.decrypt(oaep, _OAEP_CIPHERTEXT) == b"Message"
        and cipher.decrypt(oaep, cipher.encrypt(oaep, b"Message")) == b"Message"
        and cipher.decrypt(oaep, _OAEP_CIPHERTEXT[:-1] + b"\0") is None
    )


def _ecdsa() -> bool:
    """Known signatures verify on every curve, and not over another message."""
    for spec, scalar, message, signature in _ECDSA:
        private = ec.derive_private_key(int(scalar, 16), ecc.CURVES[spec])
        key = EcSigningKey(_binding(spec, SIGN), private)
        row = algorithms.rows(spec, SIGN)[0]
        known = bytes.fromhex(signature)
        if not key.verify(row, message, RAW, known) or key.verify(row, b"", RAW, known):
            return False
        if spec == "ECC_NIST_P256" and not _round_trip(key, row):
            return False
    return True


def _ecdh() -> bool:
    """RFC 5903, section 8.1."""
    private = "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"
    peer = bytes.fromhex(
        "3059301306072A8648CE3D020106082A8648CE3D03010703420004"
        "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
        "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB"
    )
    agreed = bytes.fromhex("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE")
    key = EcAgreementKey(
        _binding("ECC_NIST_P256", AGREE),
        ec.derive_private_key(int(private, 16), ecc.CURVES["ECC_NIST_P256"]),
    )
    return key.shared_secret(peer) == agreed and key.shared_secret(peer[:-1] + b"\0") is None


def _ed25519() -> bool:
    """RFC 8032, section 7.1, test 2."""
    private = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    known = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    spec = "ECC_NIST_EDWARDS25519"
    key = Ed25519SigningKey(
        _binding(spec, SIGN), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))
    )
    row = _row(spec, SIGN, "ED25519_SHA_512")
    return key.sign(row, b"\x72", RAW) == known and _round_trip(key, row)


def _ml_dsa() -> bool:
    """Seeds give known public keys; a signature of a message verifies, of another does not."""
    for spec, digest in _ML_DSA.items():
        private = lattice.ML_DSA[spec].from_seed_bytes(_ML_DSA_SEED)
        public = private.public_key().public_bytes_raw()
        if hashlib.sha256(public).hexdigest() != digest:
            return False
    row = _row(spec, SIGN, "ML_DSA_SHAKE_256")
    return _round_trip(MlDsaSigningKey(_binding(spec, SIGN), private), row)


def _ml_kem() -> bool:
    """Seeds give known public keys, a false ciphertext its known secret, a true one the same."""
    for spec, (size, digest, rejected) in _ML_KEM.items():
        private = lattice.ML_KEM[spec].from_seed_bytes(_ML_KEM_SEED)
        public = private.public_key().public_bytes_raw()
        key: KemKey = MlKemKey(_binding(spec, ENCAPSULATE), private)
        agreed, ciphertext = key.encapsulate()
        if not (
            hashlib.sha256(public).hexdigest() == digest
            and key.decapsulate(bytes(size)) == bytes.fromhex(rejected)
            and key.decapsulate(ciphertext) == agreed
        ):
            return False
    return True


TESTS: tuple[tuple[str, Callable[[], bool]], ...] = (
    ("HMAC-SHA-224/384/512", _mac),
    ("RSA", _rsa),
    ("ECDSA", _ecdsa),
    ("ECDH", _ecdh),
    ("Ed25519", _ed25519),
    ("ML-DSA", _ml_dsa),
    ("ML-KEM", _ml_kem),
)
"""Each test by name, in order."""
