"""Domain keys, exported key tokens and sameness checks."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError, KmstuiError
from kmstui.hsm import MaterialBinding, WrappedDomainKey, envelope
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import BINDING, MULTI_REGION_BINDING, STORE_ID, provisioned

_ROOT = MacKey(bytes(range(32)))
_DOMAIN = MacKey(bytes(range(32, 64)))
_MATERIAL = bytes(range(64, 96))
_CHECKS = envelope.CheckKeys(_ROOT, STORE_ID)

_BINDINGS = [
    BINDING,
    MULTI_REGION_BINDING,
    replace(BINDING, account="444455556666"),
    replace(BINDING, key_id="1234abcd-12ab-34cd-56ef-1234567890ac"),
    replace(BINDING, material_id="f0" * 32),
    replace(BINDING, version=2),
    replace(BINDING, version=2, material_id="f0" * 32),
    replace(BINDING, key_spec="AES_256"),
    replace(BINDING, key_usage="SIGN_VERIFY"),
    replace(BINDING, origin="EXTERNAL"),
    replace(BINDING, multi_region=True),
    replace(BINDING, account="", key_id=BINDING.account + BINDING.key_id),
    replace(BINDING, key_spec="SYMMETRIC_DEFAULTENCRYPT_", key_usage="DECRYPT"),
]
_OWNERS = list(itertools.product((STORE_ID, "another store"), _BINDINGS))


def _token(store_id: str = STORE_ID, binding: MaterialBinding = BINDING, term: int = 1) -> bytes:
    return envelope.seal_token(_DOMAIN, term, store_id, binding, _MATERIAL)


def _open(token: bytes, binding: MaterialBinding = BINDING, store_id: str = STORE_ID) -> bytes:
    return bytes(envelope.open_token(_DOMAIN, store_id, binding, token))


def test_token_round_trip_and_layout() -> None:
    """A token opens under its binding and has the documented fields."""
    token = _token(term=7)
    assert _open(token) == _MATERIAL
    assert token[0] == 1
    assert envelope.token_term(token) == 7
    assert len(token) == 1 + 4 + 16 + 12 + 32 + 16
    assert _MATERIAL not in token


@settings(deadline=None)
@given(
    material=st.binary(min_size=1, max_size=3000),
    term=st.integers(0, 2**32 - 1),
    version=st.integers(0, 2**64 - 1),
    texts=st.tuples(*(st.text(st.characters(exclude_categories=["Cs"]), max_size=20),) * 6),
    multi_region=st.booleans(),
)
def test_any_material_and_binding_round_trips(
    material: bytes, term: int, version: int, texts: tuple[str, ...], *, multi_region: bool
) -> None:
    """Material of any size opens under any binding, and under no other."""
    account, key_id, material_id, spec, usage, origin = texts
    binding = MaterialBinding(
        account, key_id, material_id, version, spec, usage, origin, multi_region
    )
    token = envelope.seal_token(_DOMAIN, term, STORE_ID, binding, material)
    assert bytes(envelope.open_token(_DOMAIN, STORE_ID, binding, token)) == material
    other = replace(binding, multi_region=not multi_region)
    with pytest.raises(KeystoreTamperedError):
        envelope.open_token(_DOMAIN, STORE_ID, other, token)


def test_binding_field_list_is_complete() -> None:
    """A new field of the binding must be bound too, and this test be told."""
    names = {field.name for field in fields(MaterialBinding)}
    for name in names:
        assert any(getattr(b, name) != getattr(BINDING, name) for b in _BINDINGS), name


def test_swapped_tokens_are_all_refused() -> None:
    """A token opens under its own store and binding and under none of the others."""
    tokens = {owner: _token(*owner) for owner in _OWNERS}
    pairs = 0
    for (owner, token), taker in itertools.product(tokens.items(), _OWNERS):
        store_id, binding = taker
        if owner == taker:
            assert _open(token, binding, store_id) == _MATERIAL
            continue
        pairs += 1
        with pytest.raises(KeystoreTamperedError):
            _open(token, binding, store_id)
    assert pairs >= 200


def test_every_flipped_bit_of_a_token_is_refused() -> None:
    """No bit of a token can change unnoticed."""
    token = _token()
    for bit in range(len(token) * 8):
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KmstuiError):
            _open(bytes(flipped))


def test_every_cut_and_grown_token_is_refused() -> None:
    """A token is whole or it is nothing."""
    token = _token()
    for size in range(len(token)):
        with pytest.raises(KmstuiError):
            _open(token[:size])
    with pytest.raises(KmstuiError):
        _open(token + b"\0")


@pytest.mark.parametrize(
    ("name", "token", "error"),
    [
        ("empty", b"", KeystoreTamperedError),
        ("too short", b"\x01" + bytes(47), KeystoreTamperedError),
        ("unknown version", b"\x02" + bytes(80), KeystoreFormatError),
        ("version zero", bytes(81), KeystoreFormatError),
        ("corrupted wrapped key", b"\x01" + bytes(80), KeystoreTamperedError),
    ],
)
def test_corrupted_token_is_refused_by_name(
    name: str, token: bytes, error: type[KmstuiError]
) -> None:
    """Each kind of corruption has its one error."""
    assert name
    with pytest.raises(error):
        _open(token)


def test_token_under_another_domain_key_is_refused() -> None:
    """The right binding under the wrong domain key opens nothing."""
    with pytest.raises(KeystoreTamperedError):
        envelope.open_token(_ROOT, STORE_ID, BINDING, _token())


def test_two_tokens_of_one_material_share_no_key() -> None:
    """Each token has its own salt, and so its own key."""
    first, second = _token(), _token()
    assert first[5:21] != second[5:21]
    assert first[33:] != second[33:]


def test_unknown_term_is_refused(hsm: SoftwareHsm) -> None:
    """A token that names a domain key that is not there opens nothing."""
    token = bytearray(hsm.generate(BINDING).token)
    token[4] = 9
    with pytest.raises(KeystoreTamperedError):
        hsm.encrypt(bytes(token), BINDING, b"x", b"")


def test_domain_key_round_trip_and_layout() -> None:
    """A domain key unwraps under its root key, store and term."""
    wrapped = envelope.wrap_domain_key(_ROOT, STORE_ID, 3, _MATERIAL)
    assert envelope.unwrap_domain_key(_ROOT, STORE_ID, wrapped) == _MATERIAL
    assert len(wrapped.token) == 1 + 4 + 16 + 40
    assert wrapped.token[:5] == b"\x01\x00\x00\x00\x03"


def test_domain_key_belongs_to_one_store_term_and_root() -> None:
    """A domain key moved elsewhere is refused."""
    wrapped = envelope.wrap_domain_key(_ROOT, STORE_ID, 3, _MATERIAL)
    renamed = WrappedDomainKey(4, wrapped.token)
    relabelled = WrappedDomainKey(4, wrapped.token[:4] + b"\x04" + wrapped.token[5:])
    for root, store_id, moved in (
        (_DOMAIN, STORE_ID, wrapped),
        (_ROOT, "another store", wrapped),
        (_ROOT, STORE_ID, renamed),
        (_ROOT, STORE_ID, relabelled),
    ):
        with pytest.raises(KeystoreTamperedError):
            envelope.unwrap_domain_key(root, store_id, moved)


def test_every_flipped_bit_and_cut_of_a_domain_key_is_refused() -> None:
    """No bit of a wrapped domain key can change unnoticed."""
    wrapped = envelope.wrap_domain_key(_ROOT, STORE_ID, 1, _MATERIAL)
    for bit in range(len(wrapped.token) * 8):
        flipped = bytearray(wrapped.token)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KmstuiError):
            envelope.unwrap_domain_key(_ROOT, STORE_ID, WrappedDomainKey(1, bytes(flipped)))
    for size in range(len(wrapped.token)):
        with pytest.raises(KmstuiError):
            envelope.unwrap_domain_key(_ROOT, STORE_ID, WrappedDomainKey(1, wrapped.token[:size]))


def test_missing_and_repeated_domain_keys_are_refused() -> None:
    """A keystore has at least one domain key, and each term once."""
    from kmstui.core.secret import Secret
    from tests.helpers.hsm import PASSPHRASE, cheap_slot

    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    hsm.lock()
    for given_keys in ((), domain_keys * 2):
        with pytest.raises(KeystoreTamperedError):
            hsm.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), given_keys, test_profile=True)
        assert not hsm.unlocked


def test_check_knows_the_same_material_only() -> None:
    """Material imported again is told from any other, one bit apart too."""
    check = envelope.seal_check(_CHECKS, BINDING, _MATERIAL)
    assert len(check) == envelope.CHECK_BYTES
    assert envelope.check_matches(_CHECKS, BINDING, check, _MATERIAL)
    assert not envelope.check_matches(_CHECKS, BINDING, check, bytes(32))
    for bit in range(len(_MATERIAL) * 8):
        flipped = bytearray(_MATERIAL)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not envelope.check_matches(_CHECKS, BINDING, check, bytes(flipped))


def test_check_is_sealed_to_its_binding() -> None:
    """A check moved to another key, or altered, is refused rather than answered."""
    check = envelope.seal_check(_CHECKS, BINDING, _MATERIAL)
    for other in _BINDINGS[1:]:
        with pytest.raises(KeystoreTamperedError):
            envelope.check_matches(_CHECKS, other, check, _MATERIAL)
    for altered in (b"", check[:-1], check + b"\0", bytes(60)):
        with pytest.raises(KeystoreTamperedError):
            envelope.check_matches(_CHECKS, BINDING, altered, _MATERIAL)


def test_checks_of_one_material_look_unrelated() -> None:
    """Whoever reads two checks cannot tell that the material is the same."""
    first = envelope.seal_check(_CHECKS, BINDING, _MATERIAL)
    second = envelope.seal_check(_CHECKS, BINDING, _MATERIAL)
    assert first[12:] != second[12:]


def test_generated_check_fits_the_generated_token(hsm: SoftwareHsm) -> None:
    """The check that comes with new material is a check of that material."""
    made = hsm.generate(BINDING)
    ring = hsm._keys()
    material = envelope.open_token(ring.domain_key(made.token), STORE_ID, BINDING, made.token)
    assert envelope.check_matches(ring.checks, BINDING, made.check, bytes(material))
