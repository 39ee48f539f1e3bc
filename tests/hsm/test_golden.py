"""Keystores made by earlier versions, opened for ever.

Each file holds a whole small keystore as one format version wrote it. A new version adds a file;
none is changed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kmstui.core import canonical
from kmstui.core.secret import Secret
from kmstui.hsm import (
    KdfProfile,
    MaterialBinding,
    Purpose,
    UnlockSlot,
    WrappedDomainKey,
    read_blob_header,
)
from kmstui.hsm.software import SoftwareHsm

_FILES = sorted((Path(__file__).parents[1] / "golden" / "hsm").glob("*.json"))
_STORES = [pytest.param(json.loads(path.read_bytes()), id=path.stem) for path in _FILES]


def _slot(fields: dict[str, Any]) -> UnlockSlot:
    return UnlockSlot(
        slot_id=fields["slot_id"],
        kind=fields["kind"],
        principal=fields["principal"],
        profile=KdfProfile(**fields["profile"]),
        salt=bytes.fromhex(fields["salt"]),
        sealed_root=bytes.fromhex(fields["sealed_root"]),
        created=datetime.fromisoformat(fields["created"]),
    )


def _opened(store: dict[str, Any], number: int = 0) -> SoftwareHsm:
    hsm = SoftwareHsm()
    domain_keys = tuple(
        WrappedDomainKey(key["term"], bytes.fromhex(key["token"])) for key in store["domain_keys"]
    )
    way = store["slots"][number]
    passphrase = Secret.from_text(way["passphrase"])
    hsm.open(store["store_id"], _slot(way["slot"]), passphrase, domain_keys, test_profile=True)
    return hsm


def test_there_is_a_golden_store() -> None:
    """The oldest format has its store."""
    assert "v1" in {path.stem for path in _FILES}


@pytest.mark.parametrize("store", _STORES)
def test_every_slot_opens(store: dict[str, Any]) -> None:
    """Passphrase and recovery code both load the same keys."""
    tags = {
        _opened(store, number).mac(Purpose.ROW, b"data") for number in range(len(store["slots"]))
    }
    assert len(store["slots"]) == 2
    assert len(tags) == 1


@pytest.mark.parametrize("store", _STORES)
def test_every_blob_decrypts(store: dict[str, Any]) -> None:
    """Every ciphertext gives its plaintext, and its header names its key."""
    hsm = _opened(store)
    for material in store["materials"]:
        binding = MaterialBinding(**material["binding"])
        token = bytes.fromhex(material["token"])
        for case in material["blobs"]:
            blob = bytes.fromhex(case["blob"])
            context = canonical.encode_map(case["context"])
            expected = bytes.fromhex(case["plaintext"])
            assert hsm.decrypt(token, binding, blob, context) == expected
            named = asdict(binding).items() & asdict(read_blob_header(blob)).items()
            assert {"account", "key_id", "material_id", "multi_region"} == {k for k, _ in named}


@pytest.mark.parametrize("store", _STORES)
def test_every_check_is_readable(store: dict[str, Any]) -> None:
    """The sameness check of stored material still answers for that material."""
    from kmstui.hsm import envelope

    ring = _opened(store)._keys()
    for material in store["materials"]:
        binding = MaterialBinding(**material["binding"])
        token, check = bytes.fromhex(material["token"]), bytes.fromhex(material["check"])
        raw = envelope.open_token(ring.domain_key(token), store["store_id"], binding, token)
        assert envelope.check_matches(ring.checks, binding, check, bytes(raw))


@pytest.mark.parametrize("store", _STORES)
def test_every_row_and_mac_is_readable(store: dict[str, Any]) -> None:
    """Sealed rows, MACs and the set hash of a stored keystore are still the same."""
    hsm = _opened(store)
    for row in store["seals"]:
        sealed, aad = bytes.fromhex(row["sealed"]), bytes.fromhex(row["aad"])
        assert hsm.unseal(Purpose(row["purpose"]), sealed, aad).hex() == row["plaintext"]
    for mac in store["macs"]:
        assert hsm.mac(Purpose(mac["purpose"]), bytes.fromhex(mac["data"])).hex() == mac["tag"]
    items = [bytes.fromhex(item) for item in store["set_hash"]["items"]]
    assert hsm.set_hash(items).hex() == store["set_hash"]["hash"]
