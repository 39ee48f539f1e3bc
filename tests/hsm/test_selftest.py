"""Power-on self-tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kmstui.core.errors import KeystoreLockedError, SelfTestError
from kmstui.core.secret import Secret
from kmstui.hsm import Purpose, primitives, selftest, totp
from kmstui.hsm.ecc import EcAgreementKey, EcSigningKey
from kmstui.hsm.edwards import Ed25519SigningKey
from kmstui.hsm.keys import MacMaterial
from kmstui.hsm.lattice import MlDsaSigningKey, MlKemKey
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.rsa import RsaCipherKey, RsaSigningKey
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import PASSPHRASE, STORE_ID, cheap_slot, provisioned

_BROKEN: list[tuple[str, object, str, Callable[..., object]]] = [
    ("AES-GCM", primitives, "gcm_encrypt", lambda *_: b"wrong"),
    ("AES-GCM", primitives, "gcm_decrypt", lambda *_: None),
    ("AES-GCM", primitives, "gcm_decrypt", lambda *_: b"anything goes"),
    ("HMAC-SHA-256", MacKey, "verify", lambda *_: False),
    ("HMAC-SHA-256", MacKey, "verify", lambda *_: True),
    ("HOTP", totp, "hotp", lambda *_: b"755224"),
    ("KBKDF", primitives, "kbkdf", lambda *_: bytes(16)),
    ("AES-KW", primitives, "kw_wrap", lambda *_: bytes(40)),
    ("AES-KW", primitives, "kw_unwrap", lambda *_: None),
    ("AES-KWP", primitives, "kwp_wrap", lambda *_: bytes(32)),
    ("AES-KWP", primitives, "kwp_unwrap", lambda *_: None),
    ("Argon2id", primitives, "argon2id", lambda *_, **__: bytes(32)),
    ("HMAC-SHA-224/384/512", MacMaterial, "mac", lambda *_: bytes(28)),
    ("RSA", RsaSigningKey, "sign", lambda *_: bytes(256)),
    ("RSA", RsaSigningKey, "verify", lambda *_: True),
    ("RSA", RsaSigningKey, "verify", lambda *_: False),
    ("RSA", RsaCipherKey, "encrypt", lambda *_: b"Message"),
    ("RSA", RsaCipherKey, "decrypt", lambda *_: None),
    ("RSA", RsaCipherKey, "decrypt", lambda *_: b"Message"),
    ("ECDSA", EcSigningKey, "sign", lambda *_: bytes(72)),
    ("ECDSA", EcSigningKey, "verify", lambda *_: True),
    ("ECDSA", EcSigningKey, "verify", lambda *_: False),
    ("ECDH", EcAgreementKey, "shared_secret", lambda *_: bytes(32)),
    ("Ed25519", Ed25519SigningKey, "sign", lambda *_: bytes(64)),
    ("Ed25519", Ed25519SigningKey, "verify", lambda *_: True),
    ("Ed25519", Ed25519SigningKey, "verify", lambda *_: False),
    ("ML-DSA", MlDsaSigningKey, "sign", lambda *_: bytes(2420)),
    ("ML-DSA", MlDsaSigningKey, "verify", lambda *_: True),
    ("ML-DSA", MlDsaSigningKey, "verify", lambda *_: False),
    ("ML-KEM", MlKemKey, "encapsulate", lambda *_: (bytes(32), bytes(1088))),
    ("ML-KEM", MlKemKey, "decapsulate", lambda *_: None),
]


def test_known_answers_come_out() -> None:
    """A sound installation passes."""
    selftest.run()


@pytest.mark.parametrize(("name", "owner", "attribute", "broken"), _BROKEN)
def test_broken_primitive_leaves_the_hsm_sealed(
    name: str,
    owner: object,
    attribute: str,
    broken: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One wrong answer is named, and no keystore is made or opened after it."""
    other, domain_keys = provisioned()
    slot = cheap_slot(other)
    monkeypatch.setattr(owner, attribute, broken)
    hsm = SoftwareHsm()
    for attempt in (
        hsm.self_test,
        lambda: hsm.provision(STORE_ID, test_profile=True),
        lambda: hsm.open(
            STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=True
        ),
    ):
        with pytest.raises(SelfTestError, match=name):
            attempt()
        assert not hsm.unlocked
        assert not hsm.status().self_tested


def test_failure_while_unlocked_drops_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A self-test that fails later locks what was open."""
    hsm, _ = provisioned()
    monkeypatch.setattr(primitives, "kw_unwrap", lambda *_: None)
    with pytest.raises(SelfTestError):
        hsm.self_test()
    with pytest.raises(KeystoreLockedError):
        hsm.mac(Purpose.ROW, b"")
