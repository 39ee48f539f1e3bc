"""The software HSM as the engine uses it."""

from __future__ import annotations

import base64
import copy
import itertools
import os
import pickle
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core import canonical
from kmstui.core.errors import (
    InvalidCiphertextException,
    KeystoreLockedError,
    KeystoreTamperedError,
    KmsError,
    UnsupportedOperationException,
)
from kmstui.core.secret import Secret
from kmstui.hsm import Hsm, MaterialBinding, Purpose, envelope, read_blob_header
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import (
    BINDING,
    MULTI_REGION_BINDING,
    PASSPHRASE,
    STORE_ID,
    cheap_slot,
    provisioned,
)

_OTHER = replace(BINDING, key_id="00000000-12ab-34cd-56ef-1234567890ab", material_id="f0" * 32)
_CONTEXT = canonical.encode_map({"a": "b"})
_SHARED, _ = provisioned()


def _uses(hsm: SoftwareHsm) -> dict[str, Callable[[], object]]:
    """Every method that needs keys, with arguments that work while unlocked."""
    token = hsm.generate(BINDING).token
    blob = hsm.encrypt(token, BINDING, b"x", b"")
    sealed = hsm.seal(Purpose.ROW, b"x", b"")
    return {
        "make_slot": lambda: cheap_slot(hsm),
        "seal": lambda: hsm.seal(Purpose.ROW, b"x", b""),
        "unseal": lambda: hsm.unseal(Purpose.ROW, sealed, b""),
        "mac": lambda: hsm.mac(Purpose.ROW, b""),
        "verify_mac": lambda: hsm.verify_mac(Purpose.ROW, b"", bytes(32)),
        "set_hash": lambda: hsm.set_hash([]),
        "generate": lambda: hsm.generate(BINDING),
        "encrypt": lambda: hsm.encrypt(token, BINDING, b"x", b""),
        "decrypt": lambda: hsm.decrypt(token, BINDING, blob, b""),
        "reencrypt": lambda: hsm.reencrypt((token, BINDING), blob, b"", (token, BINDING), b""),
        "make_access_secret": lambda: hsm.make_access_secret("111122223333", "AKIA"),
        "generate_data_key": lambda: hsm.generate_data_key(
            token, BINDING, 32, b"", with_plaintext=True
        ),
    }


def test_software_hsm_is_an_hsm() -> None:
    """The one implementation satisfies the protocol."""
    hsm: Hsm = SoftwareHsm()
    assert not hsm.unlocked


def test_locked_hsm_does_nothing_with_keys() -> None:
    """Every use of a key is refused before unlock, and after lock."""
    hsm, _ = provisioned()
    uses = _uses(hsm)
    for use in uses.values():
        use()
    hsm.lock()
    for name, use in uses.items():
        with pytest.raises(KeystoreLockedError):
            use()
        assert not hsm.unlocked, name


def test_keys_survive_lock_and_open() -> None:
    """What was sealed before a lock opens after the next unlock, in another process's HSM too."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    token = hsm.generate(BINDING).token
    blob = hsm.encrypt(token, BINDING, b"plaintext", _CONTEXT)
    row = hsm.seal(Purpose.ROW, b"row", b"aad")
    tag = hsm.mac(Purpose.ANCHOR, b"data")
    hsm.lock()
    for later in (hsm, SoftwareHsm()):
        later.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=True)
        assert later.decrypt(token, BINDING, blob, _CONTEXT) == b"plaintext"
        assert later.unseal(Purpose.ROW, row, b"aad") == b"row"
        assert later.verify_mac(Purpose.ANCHOR, b"data", tag)


def test_failed_open_changes_nothing() -> None:
    """A second operator's wrong passphrase does not lock the first one out."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    tag = hsm.mac(Purpose.ROW, b"data")
    with pytest.raises(KmsError):
        hsm.open(STORE_ID, slot, Secret(b"wrong"), domain_keys, test_profile=True)
    assert hsm.mac(Purpose.ROW, b"data") == tag


def test_new_store_has_new_keys() -> None:
    """Two keystores share no key, under one identifier either."""
    first, second = provisioned()[0], provisioned()[0]
    assert first.mac(Purpose.ROW, b"data") != second.mac(Purpose.ROW, b"data")


@pytest.mark.parametrize("binding", [BINDING, MULTI_REGION_BINDING])
def test_blob_names_its_key(hsm: SoftwareHsm, binding: MaterialBinding) -> None:
    """The reader of a blob learns which key to ask for."""
    token = hsm.generate(binding).token
    header = read_blob_header(hsm.encrypt(token, binding, b"x", b""))
    assert header.account == binding.account
    assert header.key_id == binding.key_id
    assert header.material_id == binding.material_id
    assert header.multi_region == binding.multi_region
    assert header.algorithm == "SYMMETRIC_DEFAULT"


def test_every_decrypt_failure_is_one_empty_error(hsm: SoftwareHsm) -> None:
    """Wrong tag, context, commitment, key and format cannot be told apart."""
    token, other = hsm.generate(BINDING).token, hsm.generate(_OTHER).token
    blob = hsm.encrypt(token, BINDING, b"plaintext", _CONTEXT)
    foreign = hsm.encrypt(other, _OTHER, b"plaintext", _CONTEXT)
    commitment = blob[:78] + bytes(32) + blob[110:]
    answers = set()
    for data, context in (
        (blob[:-1] + bytes([blob[-1] ^ 1]), _CONTEXT),
        (blob, b""),
        (commitment, _CONTEXT),
        (foreign, _CONTEXT),
        (blob[:40], _CONTEXT),
        (b"", _CONTEXT),
        (b"AQICAHh" * 30, _CONTEXT),
    ):
        with pytest.raises(InvalidCiphertextException) as refused:
            hsm.decrypt(token, BINDING, data, context)
        error = refused.value
        answers.add((error.code, error.message, error.hint, str(error), error.__cause__))
    assert len(answers) == 1
    assert next(iter(answers))[:2] == ("InvalidCiphertextException", "")


def test_cached_material_is_not_lent_to_another_binding(hsm: SoftwareHsm) -> None:
    """A token that was just used opens under no other binding."""
    token = hsm.generate(BINDING).token
    hsm.encrypt(token, BINDING, b"x", b"")
    for binding in (
        _OTHER,
        replace(BINDING, version=2),
        replace(BINDING, origin="EXTERNAL"),
        replace(BINDING, account="444455556666"),
    ):
        with pytest.raises(KeystoreTamperedError):
            hsm.encrypt(token, binding, b"x", b"")
    assert hsm.status().cached_materials == 1


def test_swapped_tokens_are_refused_through_the_interface(hsm: SoftwareHsm) -> None:
    """Tokens exchanged between any two of fifteen keys open nothing."""
    bindings = [replace(BINDING, material_id=f"{number:064x}") for number in range(15)]
    tokens = [hsm.generate(binding).token for binding in bindings]
    for (i, token), (j, binding) in itertools.product(enumerate(tokens), enumerate(bindings)):
        if i == j:
            hsm.encrypt(token, binding, b"x", b"")
            continue
        with pytest.raises(KeystoreTamperedError):
            hsm.encrypt(token, binding, b"x", b"")


def test_material_of_the_wrong_size_is_refused(hsm: SoftwareHsm) -> None:
    """A token that authenticates but holds no 32-byte key is not used as one."""
    ring = hsm._keys()
    token = envelope.seal_token(ring.domain_keys[1], 1, STORE_ID, BINDING, bytes(16))
    with pytest.raises(KeystoreTamperedError, match="wrong size"):
        hsm.encrypt(token, BINDING, b"x", b"")


def test_cache_is_bounded_and_dropped_by_lock() -> None:
    """At most the capacity is held, the least used goes first, and lock drops the rest."""
    hsm = SoftwareHsm(cache_capacity=2)
    hsm.provision(STORE_ID, test_profile=True)
    tokens = [hsm.generate(BINDING).token for _ in range(3)]
    for token in (tokens[0], tokens[1], tokens[0], tokens[2]):
        hsm.encrypt(token, BINDING, b"x", b"")
    assert hsm.status().cached_materials == 2
    assert list(hsm._cache) == [tokens[0], tokens[2]]
    hsm.lock()
    assert hsm.status().cached_materials == 0
    assert hsm.status().cache_capacity == 2


def test_reencrypt_moves_a_plaintext_to_another_key_and_context(hsm: SoftwareHsm) -> None:
    """The plaintext arrives under the destination, and the source opens it no more."""
    source, target = hsm.generate(BINDING).token, hsm.generate(_OTHER).token
    blob = hsm.encrypt(source, BINDING, b"plaintext", _CONTEXT)
    moved = hsm.reencrypt((source, BINDING), blob, _CONTEXT, (target, _OTHER), b"")
    assert hsm.decrypt(target, _OTHER, moved, b"") == b"plaintext"
    with pytest.raises(InvalidCiphertextException):
        hsm.decrypt(source, BINDING, moved, b"")
    with pytest.raises(InvalidCiphertextException):
        hsm.reencrypt((source, BINDING), blob, b"", (target, _OTHER), b"")


@pytest.mark.parametrize("length", [1, 16, 32, 64, 1024])
def test_data_key_is_what_its_blob_holds(hsm: SoftwareHsm, length: int) -> None:
    """The plaintext key has the length asked for and is what decrypt gives back."""
    token = hsm.generate(BINDING).token
    key, blob = hsm.generate_data_key(token, BINDING, length, _CONTEXT, with_plaintext=True)
    assert key is not None
    assert len(key) == length
    assert hsm.decrypt(token, BINDING, blob, _CONTEXT) == key
    none, blob = hsm.generate_data_key(token, BINDING, length, _CONTEXT, with_plaintext=False)
    assert none is None
    assert len(hsm.decrypt(token, BINDING, blob, _CONTEXT)) == length


def test_unsupported_key_gets_no_material(hsm: SoftwareHsm) -> None:
    """A spec and usage outside the table are refused, not approximated."""
    for binding in (
        replace(BINDING, key_spec="SM2"),
        replace(BINDING, key_usage="SIGN_VERIFY"),
    ):
        with pytest.raises(UnsupportedOperationException):
            hsm.generate(binding)


@settings(deadline=None)
@given(plaintext=st.binary(max_size=500), aad=st.binary(max_size=50))
def test_sealed_rows_round_trip(plaintext: bytes, aad: bytes) -> None:
    """A row comes back under its purpose and data, 28 bytes longer when sealed."""
    sealed = _SHARED.seal(Purpose.ROW, plaintext, aad)
    assert len(sealed) == len(plaintext) + 28
    assert _SHARED.unseal(Purpose.ROW, sealed, aad) == plaintext


def test_altered_rows_are_refused(hsm: SoftwareHsm) -> None:
    """Every flipped bit, every cut and every other place or purpose is noticed."""
    sealed = hsm.seal(Purpose.ROW, b"row", b"table|id|7")
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeystoreTamperedError):
            hsm.unseal(Purpose.ROW, bytes(flipped), b"table|id|7")
    for size in range(len(sealed)):
        with pytest.raises(KeystoreTamperedError):
            hsm.unseal(Purpose.ROW, sealed[:size], b"table|id|7")
    with pytest.raises(KeystoreTamperedError):
        hsm.unseal(Purpose.ROW, sealed, b"table|id|8")
    for purpose in set(Purpose) - {Purpose.ROW}:
        with pytest.raises(KeystoreTamperedError):
            hsm.unseal(purpose, sealed, b"table|id|7")


def test_every_purpose_has_its_own_mac_key(hsm: SoftwareHsm) -> None:
    """One purpose's MAC proves nothing for another."""
    tags = {hsm.mac(purpose, b"data") for purpose in Purpose}
    assert len(tags) == len(Purpose)
    for purpose in Purpose:
        tag = hsm.mac(purpose, b"data")
        assert len(tag) == 32
        assert hsm.verify_mac(purpose, b"data", tag)
        assert not hsm.verify_mac(purpose, b"data.", tag)
        assert not hsm.verify_mac(purpose, b"data", tag[:-1])


def test_set_hash_is_the_sum_of_its_parts(hsm: SoftwareHsm) -> None:
    """Order does not matter, and one change is two XORs away."""
    items = [str(number).encode() for number in range(100)]
    whole = hsm.set_hash(items)
    assert hsm.set_hash(reversed(items)) == whole
    assert hsm.set_hash([]) == bytes(32)
    change = int.from_bytes(hsm.set_hash([items[3]])) ^ int.from_bytes(hsm.set_hash([b"new"]))
    changed = [*items[:3], b"new", *items[4:]]
    assert hsm.set_hash(changed) == (int.from_bytes(whole) ^ change).to_bytes(32)
    assert hsm.set_hash(items[:-1]) != whole


def test_status_tells_the_truth(hsm: SoftwareHsm) -> None:
    """The status follows what happened, and names the memory protection."""
    fresh = SoftwareHsm().status()
    assert (fresh.unlocked, fresh.self_tested) == (False, False)
    assert hsm.status().unlocked
    assert hsm.status().self_tested
    assert "memory protection" in hsm.status().memory.line
    hsm.lock()
    assert not hsm.status().unlocked


def test_random_bytes_are_as_many_as_asked_for(hsm: SoftwareHsm) -> None:
    """Random bytes need no keys and do not repeat."""
    hsm.lock()
    assert len(hsm.random(1024)) == 1024
    assert hsm.random(32) != hsm.random(32)


def test_hsm_shows_nothing_and_is_not_copied(hsm: SoftwareHsm) -> None:
    """The HSM and its keyring cannot leave by repr, copy or pickle."""
    for handle in (hsm, hsm._keys()):
        assert repr(handle).endswith("(elided)")
        for leak in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="neither pickled nor copied"):
                leak(handle)


def test_lock_overwrites_the_root_key(hsm: SoftwareHsm) -> None:
    """After lock the root key's page holds zeros."""
    root = hsm._keys().root
    assert bytes(root) != bytes(32)
    hsm.lock()
    assert bytes(root) == bytes(32)


def test_forked_child_has_no_keys(hsm: SoftwareHsm) -> None:
    """A child cannot use keys; the parent goes on."""
    token = hsm.generate(BINDING).token
    blob = hsm.encrypt(token, BINDING, b"plaintext", b"")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            hsm.decrypt(token, BINDING, blob, b"")
        except KeystoreLockedError:
            clean = not hsm.unlocked and hsm.status().cached_materials == 0
            code = 0 if clean and not hsm.status().self_tested else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert hsm.decrypt(token, BINDING, blob, b"") == b"plaintext"


def test_threads_share_the_hsm_with_locks_between() -> None:
    """Under locks and unlocks from another thread every answer is right or a refusal."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    token = hsm.generate(BINDING).token
    reference = hsm.mac(Purpose.ROW, b"data")
    wrong: list[object] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                blob = hsm.encrypt(token, BINDING, b"plaintext", _CONTEXT)
                row = hsm.seal(Purpose.ROW, b"row", b"")
                results = (
                    hsm.decrypt(token, BINDING, blob, _CONTEXT),
                    hsm.unseal(Purpose.ROW, row, b""),
                    hsm.mac(Purpose.ROW, b"data"),
                )
            except KeystoreLockedError:
                continue
            except KmsError as error:
                wrong.append(error)
            else:
                if results != (b"plaintext", b"row", reference):
                    wrong.append(results)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        hsm.lock()
        hsm.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=True)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_secret_access_keys_are_sealed_to_their_id(hsm: SoftwareHsm) -> None:
    """A secret has 40 characters of base 64, is new each time, and opens for its id alone."""
    secret, token = hsm.make_access_secret("111122223333", "AKIAONE")
    other, _ = hsm.make_access_secret("111122223333", "AKIAONE")
    assert len(base64.b64decode(secret.reveal(), validate=True)) == 30
    assert len(secret) == 40
    assert secret != other
    assert secret.reveal() not in token
    aad = canonical.encode("access-key", STORE_ID, "111122223333", "AKIAONE")
    assert secret.reveal() == hsm.unseal(Purpose.ACCESS_KEY, token, aad)
    with pytest.raises(KeystoreTamperedError):
        hsm.unseal(
            Purpose.ACCESS_KEY, token, canonical.encode("access-key", STORE_ID, "1", "AKIAONE")
        )
