"""External key managers, and the double encryption that they take part in."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from kmstui.core.errors import (
    InvalidCiphertextException,
    KeystoreTamperedError,
    KMSInvalidStateException,
    UnsafePermissionsError,
)
from kmstui.core.secret import Secret
from kmstui.core.store_errors import DeviceError
from kmstui.hsm import read_blob_header
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.blob import OVERHEAD_BYTES
from kmstui.hsm.devices import Devices
from kmstui.hsm.external import ExternalHsm
from kmstui.hsm.key_manager import (
    DEFAULT_PATH,
    Condition,
    Credential,
    KeyManager,
)
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.xks_proxy import OVERHEAD_BYTES as EXTERNAL_BYTES
from kmstui.hsm.xks_proxy import KeyManagers, Proxy
from tests.helpers.hsm import BINDING, provisioned

NAME = "vault"
KEY = "external-1"
XKS_BINDING = replace(BINDING, origin="EXTERNAL_KEY_STORE")
MANAGER = KeyManager(
    NAME, BINDING.account, "us-east-1", DEFAULT_PATH, "", Credential.fresh()
).with_key(KEY)


@pytest.fixture
def hsm() -> Iterator[SoftwareHsm]:
    """Return the keystore's HSM, unlocked."""
    made, _ = provisioned()
    yield made
    made.lock()


@pytest.fixture
def devices(tmp_path: Path, hsm: SoftwareHsm) -> Devices:
    """Return devices, of which one is a key manager."""
    made = Devices(tmp_path, hsm)
    made.managers.store(MANAGER)
    return made


@pytest.fixture
def managers(devices: Devices) -> KeyManagers:
    """Return the key managers."""
    return devices.managers


def proxy(managers: KeyManagers, credential: Credential = MANAGER.credential) -> Proxy:
    """Return the client of the key manager's proxy."""
    return Proxy(managers, MANAGER.endpoint, MANAGER.path, credential)


def failure(act: Callable[[], object]) -> str:
    """Return the ConnectionErrorCode that something ends with."""
    with pytest.raises(DeviceError) as refused:
        act()
    return refused.value.connection


def test_a_key_manager_is_read_as_it_was_written(managers: KeyManagers) -> None:
    """Every member survives its file, which only its owner may read."""
    assert MANAGER == managers.find(NAME)
    assert managers.names() == [NAME]
    path = managers._path / "vault.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(UnsafePermissionsError):
        managers.find(NAME)


def test_no_external_key_lies_in_the_open(managers: KeyManagers) -> None:
    """Neither keys nor credential nor ids of keys can be read in the file."""
    data = (managers._path / "vault.json").read_bytes()
    canaries = [MANAGER.keys[KEY].material, MANAGER.credential.secret.reveal(), KEY.encode()]
    for canary in canaries:
        for form in (canary, base64.b64encode(canary)[:-4], canary.hex().encode()):
            assert form not in data
    assert repr(MANAGER.keys[KEY].material) not in repr(MANAGER)
    assert "secret" not in repr(MANAGER.credential)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"sealed":"AAAA"}', b'{"sealed":5}', b"\xff"], ids=repr
)
def test_a_damaged_file_is_refused(managers: KeyManagers, data: bytes) -> None:
    """What is no key manager's file is damage, whatever it is."""
    (managers._path / "vault.json").write_bytes(data)
    with pytest.raises(KeystoreTamperedError):
        managers.find(NAME)


def test_a_file_under_another_name_is_refused(managers: KeyManagers) -> None:
    """A key manager's file does not become another one's by being renamed."""
    (managers._path / "vault.json").rename(managers._path / "other.json")
    with pytest.raises(KeystoreTamperedError):
        managers.find("other")
    assert managers.find(NAME) is None


def test_key_managers_belong_to_an_account_and_region(managers: KeyManagers) -> None:
    """Only those of the account and Region are listed."""
    assert managers.every(BINDING.account, "us-east-1") == [MANAGER]
    assert managers.every(BINDING.account, "eu-west-1") == []


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition.OFFLINE, "XKS_PROXY_NOT_REACHABLE"),
        (Condition.SLOW, "XKS_PROXY_TIMED_OUT"),
        (Condition.GARBLED, "XKS_PROXY_INVALID_RESPONSE"),
        (Condition.REFUSING, "XKS_PROXY_ACCESS_DENIED"),
    ],
)
def test_a_proxy_says_why_it_does_not_answer(
    managers: KeyManagers, condition: Condition, code: str
) -> None:
    """Each of the four functions fails with AWS's ConnectionErrorCode."""
    client = proxy(managers)
    sealed = client.encrypt(KEY, b"plain", b"aad")
    managers.store(replace(MANAGER, condition=condition))
    assert failure(client.health) == code
    assert failure(lambda: client.key_enabled(KEY)) == code
    assert failure(lambda: client.encrypt(KEY, b"plain", b"aad")) == code
    assert failure(lambda: client.decrypt(KEY, sealed, b"aad")) == code


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("https://vault.localhost", "/other/kms/xks/v1"),
        ("https://nobody.localhost", DEFAULT_PATH),
        ("https://vault.example.com", DEFAULT_PATH),
        ("https://vault", DEFAULT_PATH),
        ("https://a.vault.localhost", DEFAULT_PATH),
        ("https://.localhost", DEFAULT_PATH),
        ("https://-.localhost", DEFAULT_PATH),
    ],
)
def test_nobody_answers_at_another_address(
    managers: KeyManagers, endpoint: str, path: str
) -> None:
    """Only the host and path of a key manager lead to it."""
    client = Proxy(managers, endpoint, path, MANAGER.credential)
    assert failure(client.health) == "XKS_PROXY_NOT_REACHABLE"


def test_a_proxy_wants_its_credential(managers: KeyManagers) -> None:
    """Another id, another secret: neither is accepted."""
    good = MANAGER.credential
    for bad in (
        Credential("A" * 20, good.secret),
        Credential(good.access_key_id, Secret(b"other" * 10)),
    ):
        assert failure(proxy(managers, bad).health) == "INVALID_CREDENTIALS"
    proxy(managers).health()


def test_credentials_are_of_the_documented_form() -> None:
    """20 characters of base 32, and 48 of base 64; every one is another."""
    made = Credential.fresh()
    assert len(made.access_key_id) == 20
    assert len(made.secret) == 48
    assert made == Credential.decode(made.encode())
    assert made.access_key_id != Credential.fresh().access_key_id


def test_external_keys_are_switched_and_removed(managers: KeyManagers) -> None:
    """A disabled key is known and of no use; one that was removed is unknown."""
    client = proxy(managers)
    assert client.key_enabled(KEY) is True
    managers.store(MANAGER.with_switch(KEY, enabled=False))
    assert client.key_enabled(KEY) is False
    assert failure(lambda: client.encrypt(KEY, b"", b"")) == "XKS_PROXY_ACCESS_DENIED"
    managers.store(MANAGER.without_key(KEY))
    assert client.key_enabled(KEY) is None
    assert failure(lambda: client.encrypt(KEY, b"", b"")) == "XKS_PROXY_INVALID_RESPONSE"


def test_what_a_proxy_encrypts_it_decrypts(managers: KeyManagers) -> None:
    """With the same key and associated data, and nothing else."""
    client = proxy(managers)
    sealed = client.encrypt(KEY, b"plain", b"aad")
    assert len(sealed) == len(b"plain") + EXTERNAL_BYTES
    assert client.decrypt(KEY, sealed, b"aad") == b"plain"
    for data, aad in ((sealed, b"other"), (sealed[:-1] + b"\0", b"aad"), (b"", b"aad")):
        assert failure(partial(client.decrypt, KEY, data, aad)) == "XKS_PROXY_INVALID_RESPONSE"


def double(devices: Devices) -> tuple[ExternalHsm, bytes]:
    """Return the HSM of a KMS key in an external key store, and its token."""
    hsm = devices.external(proxy(devices.managers), KEY)
    return hsm, hsm.generate(XKS_BINDING).token


def test_double_encryption_takes_both_keys(devices: Devices, hsm: SoftwareHsm) -> None:
    """The keystore's HSM alone does not open a blob; nor does it grow by more than 28 bytes."""
    outer, token = double(devices)
    blob = outer.encrypt(token, XKS_BINDING, b"plain", b"context")
    assert len(blob) == len(b"plain") + OVERHEAD_BYTES + EXTERNAL_BYTES
    assert outer.decrypt(token, XKS_BINDING, blob, b"context") == b"plain"
    with pytest.raises(InvalidCiphertextException):
        hsm.decrypt(token, XKS_BINDING, blob, b"context")
    again = outer.reencrypt((token, XKS_BINDING), blob, b"context", (token, XKS_BINDING), b"new")
    assert outer.decrypt(token, XKS_BINDING, again, b"new") == b"plain"


def test_the_header_says_that_a_key_is_external(devices: Devices, hsm: SoftwareHsm) -> None:
    """Blobs of both kinds name their key in the same way; a flag tells them apart."""
    outer, token = double(devices)
    header = read_blob_header(outer.encrypt(token, XKS_BINDING, b"plain", b""))
    assert (header.key_id, header.external) == (XKS_BINDING.key_id, True)
    own = hsm.encrypt(hsm.generate(BINDING).token, BINDING, b"plain", b"")
    assert read_blob_header(own).external is False


def test_data_keys_are_doubly_encrypted(devices: Devices) -> None:
    """The blob of a data key, and of a pair's private key, opens to what was handed out."""
    outer, token = double(devices)
    key, blob = outer.generate_data_key(token, XKS_BINDING, 32, b"", with_plaintext=True)
    assert key == outer.decrypt(token, XKS_BINDING, blob, b"")
    private, sealed, _ = outer.generate_data_key_pair(
        token, XKS_BINDING, "ECC_NIST_P256", b"", with_plaintext=True
    )
    assert private == outer.decrypt(token, XKS_BINDING, sealed, b"")


def test_failures_of_the_external_side_say_what_happened(devices: Devices) -> None:
    """Every one is a KMSInvalidStateException with a text, and nothing is lost by it."""
    outer, token = double(devices)
    blob = outer.encrypt(token, XKS_BINDING, b"plain", b"")
    devices.managers.store(replace(MANAGER, condition=Condition.OFFLINE))
    with pytest.raises(KMSInvalidStateException, match="cannot be reached"):
        outer.encrypt(token, XKS_BINDING, b"plain", b"")
    with pytest.raises(KMSInvalidStateException, match="cannot be reached"):
        outer.decrypt(token, XKS_BINDING, blob, b"")
    devices.managers.store(MANAGER)
    assert outer.decrypt(token, XKS_BINDING, blob, b"") == b"plain"
    with pytest.raises(KMSInvalidStateException, match="corrupted"):
        outer.decrypt(token, XKS_BINDING, blob, b"another context")
    with pytest.raises(KMSInvalidStateException, match="corrupted"):
        outer.decrypt(token, XKS_BINDING, blob[:130], b"")


def test_the_outer_hsm_is_locked_with_the_inner_one(devices: Devices, hsm: SoftwareHsm) -> None:
    """It holds no keys of its own."""
    outer, _ = double(devices)
    assert outer.unlocked
    hsm.lock()
    assert not outer.unlocked


def test_nothing_is_ever_connected_to(devices: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """All four functions are answered while no socket can be made."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        message = "a socket was asked for"
        raise AssertionError(message)

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    outer, token = double(devices)
    client = proxy(devices.managers)
    client.health()
    assert client.key_enabled(KEY)
    blob = outer.encrypt(token, XKS_BINDING, b"plain", b"")
    assert outer.decrypt(token, XKS_BINDING, blob, b"") == b"plain"


def test_a_file_of_a_key_manager_is_json(managers: KeyManagers) -> None:
    """It is a JSON object of a format version and sealed bytes."""
    found = json.loads((managers._path / "vault.json").read_text())
    assert (found["format"], set(found)) == (1, {"format", "sealed"})


def test_bindings_of_other_origins_are_not_external() -> None:
    """Only EXTERNAL_KEY_STORE is; imported material is not."""
    assert [origin for origin in ("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM") if external(origin)] == []
    assert external("EXTERNAL_KEY_STORE")


def external(origin: str) -> bool:
    """Tell whether blobs of an origin say that their key is external."""
    hsm, _ = provisioned()
    binding: MaterialBinding = replace(BINDING, origin=origin)
    blob = hsm.encrypt(hsm.generate(binding).token, binding, b"x", b"")
    return read_blob_header(blob).external
