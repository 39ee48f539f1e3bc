"""Power-on self-tests: known answers that must come out before any key is loaded.

They guard against a broken or replaced library, not against an attacker inside the process.
"""

from __future__ import annotations

from collections.abc import Callable

from kmstui.core.errors import SelfTestError
from kmstui.hsm import primitives, totp
from kmstui.hsm.primitives import MacKey


def run() -> None:
    """Run every known-answer test.

    Raises:
        SelfTestError: The first that fails, by name.
    """
    from kmstui.hsm import selftest_pairs  # noqa: PLC0415 - start-up does without key pairs

    for name, test in (*_TESTS, *selftest_pairs.TESTS):
        if not test():
            message = f"The {name} self-test failed."
            raise SelfTestError(message)


def _aes_gcm() -> bool:
    """McGrew and Viega, *The Galois/Counter Mode of Operation*, test case 16."""
    key = primitives.gcm_key(
        bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    )
    iv = bytes.fromhex("cafebabefacedbaddecaf888")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plaintext = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    sealed = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    return (
        primitives.gcm_encrypt(key, iv, plaintext, aad) == sealed
        and primitives.gcm_decrypt(key, iv, sealed, aad) == plaintext
        and primitives.gcm_decrypt(key, iv, sealed, aad[:-1]) is None
    )


def _hmac() -> bool:
    """RFC 4231, section 4.3."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    tag = bytes.fromhex(expected)
    key, data = MacKey(b"Jefe"), b"what do ya want for nothing?"
    return key.verify(data, tag) and not key.verify(data[:-1], tag)


def _hotp() -> bool:
    """RFC 4226, appendix D, counts 0 and 9."""
    key = MacKey(b"12345678901234567890", "SHA_1")
    return totp.hotp(key, 0) == b"755224" and totp.hotp(key, 9) == b"520489"


def _kbkdf() -> bool:
    """NIST CAVP, SP 800-108 counter mode, HMAC-SHA-256, counter before fixed data, case 0."""
    key = MacKey(bytes.fromhex("dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0"))
    fixed = bytes.fromhex(
        "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b8"
        "64a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac"
    )
    expected = bytes.fromhex("10621342bfb0fd40046c0e29f2cfdbf0")
    return primitives.kbkdf(key, fixed, 16) == expected


def _key_wrap() -> bool:
    """RFC 3394, section 4.6."""
    key = bytes(range(32))
    material = bytes.fromhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
    wrapped = bytes.fromhex(
        "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
    )
    return (
        primitives.kw_wrap(key, material) == wrapped
        and primitives.kw_unwrap(key, wrapped) == material
        and primitives.kw_unwrap(key, wrapped[:-1] + b"\0") is None
    )


def _key_wrap_padded() -> bool:
    """RFC 5649, section 6, first example."""
    key = bytes.fromhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
    material = bytes.fromhex("c37b7e6492584340bed12207808941155068f738")
    wrapped = bytes.fromhex("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")
    return (
        primitives.kwp_wrap(key, material) == wrapped
        and primitives.kwp_unwrap(key, wrapped) == material
        and primitives.kwp_unwrap(key, wrapped[:-1] + b"\0") is None
    )


def _argon2id() -> bool:
    """RFC 9106, section 5.3."""
    tag = primitives.argon2id(
        b"\x01" * 32,
        salt=b"\x02" * 16,
        secret=b"\x03" * 8,
        ad=b"\x04" * 12,
        iterations=3,
        memory_kib=32,
        lanes=4,
    )
    expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    return tag.hex() == expected


_TESTS: tuple[tuple[str, Callable[[], bool]], ...] = (
    ("AES-GCM", _aes_gcm),
    ("HMAC-SHA-256", _hmac),
    ("HOTP", _hotp),
    ("KBKDF", _kbkdf),
    ("AES-KW", _key_wrap),
    ("AES-KWP", _key_wrap_padded),
    ("Argon2id", _argon2id),
)
