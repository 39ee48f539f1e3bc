"""What keys of each usage do and refuse, and what their tokens withstand."""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmstui.core.errors import (
    InvalidKeyUsageException,
    KeystoreLockedError,
    KeystoreTamperedError,
    KmstuiError,
    UnsupportedOperationException,
)
from kmstui.hsm import algorithms, envelope
from kmstui.hsm.algorithms import AGREE, ENCAPSULATE, ENCRYPT, MAC, SIGN
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.transfer import ImportTarget, ImportTerms
from tests.helpers.hsm import STORE_ID
from tests.hsm.keypairs import (
    KEYS,
    Key,
    Keys,
    binding_of,
    opened,
    outcome_of,
    refusal_of,
    sign,
    verified,
)

_SIGNING = [row for row in algorithms.ALGORITHMS if row.key_usage == SIGN]
_OAEP = [row for row in algorithms.ALGORITHMS if row.name.startswith("RSAES")]
_MACS = [row for row in algorithms.ALGORITHMS if row.key_usage == MAC]


def _uses(shared: SoftwareHsm, key: Key) -> dict[str, Callable[[], object]]:
    """Every use of a key, each with an algorithm that the key has if its usage fits."""
    token, binding = key.token, key.binding
    name = algorithms.rows(binding.key_spec, binding.key_usage)[0].name
    return {
        SIGN: lambda: shared.sign(token, binding, b"m", "RAW", name),
        f"{SIGN} verify": lambda: verified(shared, key, b"m", name, b""),
        MAC: lambda: shared.generate_mac(token, binding, b"m", name),
        f"{MAC} verify": lambda: shared.verify_mac_with_key(token, binding, b"m", b"", name),
        "RSA": lambda: shared.rsa_encrypt(token, binding, b"m", name),
        "RSA decrypt": lambda: shared.rsa_decrypt(token, binding, b"m", name),
        AGREE: lambda: shared.derive_shared_secret(token, binding, b""),
        ENCAPSULATE: lambda: shared.encapsulate(token, binding),
        f"{ENCAPSULATE} decapsulate": lambda: shared.decapsulate(token, binding, b""),
        "AES": lambda: shared.encrypt(token, binding, b"m", b""),
        "AES decrypt": lambda: shared.decrypt(token, binding, b"", b""),
        "AES pair": lambda: shared.generate_data_key_pair(
            token, binding, "ECC_NIST_P256", b"", with_plaintext=False
        ),
    }


@pytest.mark.parametrize(("spec", "usage"), KEYS)
def test_a_key_does_what_its_usage_says_and_nothing_else(
    shared: SoftwareHsm, keys: Keys, spec: str, usage: str
) -> None:
    """Every other use is refused before anything is computed."""
    own = {"SYMMETRIC_DEFAULT": "AES"}.get(spec, usage)
    own = "RSA" if spec.startswith("RSA") and usage == ENCRYPT else own
    for use, call in _uses(shared, keys[spec, usage]).items():
        outcome = outcome_of(call)
        assert (use.split(" ")[0] != own) == isinstance(outcome, InvalidKeyUsageException), use


def test_locked_hsm_does_nothing_with_key_pairs(keys: Keys) -> None:
    """Every use, and making and importing material, is refused while locked."""
    locked = SoftwareHsm()
    terms = ImportTerms("RSAES_OAEP_SHA_256", "RSA_2048", datetime(2026, 1, 1, tzinfo=UTC))
    for key in keys.values():
        for name, call in _uses(locked, key).items():
            refused = refusal_of(call)
            assert isinstance(refused, KeystoreLockedError | InvalidKeyUsageException), name
        for error in (
            refusal_of(locked.generate, key.binding),
            refusal_of(locked.make_wrapping_key, "", terms),
            refusal_of(locked.import_terms, "", b""),
            refusal_of(locked.unwrap_import, b"", b"", ImportTarget("", key.binding)),
            refusal_of(locked.public_key, key.token, key.binding),
        ):
            assert isinstance(error, KeystoreLockedError)


def test_unsupported_keys_get_no_material(shared: SoftwareHsm) -> None:
    """What the table says is not supported is refused, not approximated."""
    for spec, usage in (
        ("SM2", SIGN),
        ("SM2", ENCRYPT),
        ("SM2", AGREE),
        ("ML_KEM_512", ENCAPSULATE),
        ("RSA_2048", AGREE),
        ("ECC_SECG_P256K1", AGREE),
        ("ECC_NIST_EDWARDS25519", AGREE),
        ("HMAC_256", SIGN),
        ("RSA_1024", SIGN),
    ):
        with pytest.raises(UnsupportedOperationException):
            shared.generate(binding_of(spec, usage))


def test_swapped_tokens_of_all_kinds_are_refused(shared: SoftwareHsm, keys: Keys) -> None:
    """The token of any kind of key opens under its own binding and under no other's."""
    for owner, taker in itertools.product(keys.values(), keys.values()):
        if owner is not taker:
            error = refusal_of(shared._material, owner.token, taker.binding)
            assert isinstance(error, KeystoreTamperedError)


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("ECC_NIST_P256", SIGN),
        ("ECC_NIST_EDWARDS25519", SIGN),
        ("HMAC_384", MAC),
        ("ML_DSA_65", SIGN),
        ("ML_KEM_768", ENCAPSULATE),
    ],
)
def test_every_flipped_bit_and_cut_of_a_token_is_refused(
    shared: SoftwareHsm, keys: Keys, spec: str, usage: str
) -> None:
    """No bit of a token can change, and no byte go, unnoticed."""
    key = keys[spec, usage]
    token = key.token
    for bit in range(len(token) * 8):
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        assert isinstance(refusal_of(shared._material, bytes(flipped), key.binding), KmstuiError)
    for size in range(len(token)):
        assert isinstance(refusal_of(shared._material, token[:size], key.binding), KmstuiError)


def test_rsa_tokens_are_refused_when_altered_anywhere(shared: SoftwareHsm, keys: Keys) -> None:
    """One flipped bit in each byte of the longest token is enough to refuse it."""
    key = keys["RSA_4096", SIGN]
    for place in range(len(key.token)):
        flipped = bytearray(key.token)
        flipped[place] ^= 1 << place % 8
        assert isinstance(refusal_of(shared._material, bytes(flipped), key.binding), KmstuiError)


def test_material_of_another_kind_is_not_used(shared: SoftwareHsm, keys: Keys) -> None:
    """A token that authenticates but holds another spec's key, or garbage, is not loaded."""
    domain = shared._keys().domain_keys[1]
    pairs = [k for (s, _), k in keys.items() if not s.startswith(("SYMMETRIC", "HMAC"))]
    for holder, source in itertools.product(pairs, pairs):
        if holder.binding.key_spec == source.binding.key_spec:
            continue
        token = envelope.seal_token(domain, 1, STORE_ID, holder.binding, opened(shared, source))
        with pytest.raises(KeystoreTamperedError, match="wrong kind"):
            shared.public_key(token, holder.binding)
    for holder, material in itertools.product(pairs, (b"", b"garbage", bytes(32))):
        token = envelope.seal_token(domain, 1, STORE_ID, holder.binding, material)
        with pytest.raises(KeystoreTamperedError, match="wrong kind"):
            shared.public_key(token, holder.binding)
    mac = keys["HMAC_256", MAC]
    token = envelope.seal_token(domain, 1, STORE_ID, mac.binding, bytes(31))
    with pytest.raises(KeystoreTamperedError, match="wrong size"):
        shared.generate_mac(token, mac.binding, b"m", "HMAC_SHA_256")


def test_loaded_keys_are_cached_shown_to_nobody_and_dropped_by_lock() -> None:
    """All kinds of key share the bounded cache; a key leaves by no repr, copy or pickle."""
    hsm = SoftwareHsm(cache_capacity=2)
    hsm.provision(STORE_ID, test_profile=True)
    for spec, usage in (
        ("ECC_NIST_P256", SIGN),
        ("ECC_NIST_P384", AGREE),
        ("ECC_NIST_EDWARDS25519", SIGN),
        ("HMAC_256", MAC),
        ("ML_DSA_44", SIGN),
        ("ML_KEM_768", ENCAPSULATE),
    ):
        binding = binding_of(spec, usage)
        token = hsm.generate(binding).token
        key = hsm._material(token, binding)
        assert key is hsm._material(token, binding)
        assert repr(key).endswith("(elided)")
        for leak in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="neither pickled nor copied"):
                leak(key)
        assert hsm.status().cached_materials <= 2
    hsm.lock()
    assert hsm.status().cached_materials == 0


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(message=st.binary(max_size=4096), data=st.data())
def test_any_message_round_trips(
    shared: SoftwareHsm,
    keys: Keys,
    message: bytes,
    data: st.DataObject,
) -> None:
    """Every message is signed, authenticated and encrypted so that it is known again."""
    row = data.draw(st.sampled_from([*_SIGNING, *_MACS, *_OAEP]))
    key = keys[row.key_spec, row.key_usage]
    if row.key_usage == SIGN:
        signature = sign(shared, key, message, row.name)
        assert verified(shared, key, message, row.name, signature)
        assert not verified(shared, key, message + b"\0", row.name, signature)
    elif row.key_usage == MAC:
        tag = shared.generate_mac(key.token, key.binding, message, row.name)
        shared.verify_mac_with_key(key.token, key.binding, message, tag, row.name)
    else:
        plaintext = message[: row.max_plaintext_bytes]
        ciphertext = shared.rsa_encrypt(key.token, key.binding, plaintext, row.name)
        assert plaintext == shared.rsa_decrypt(key.token, key.binding, ciphertext, row.name)
