"""docs/format.md read by a second, independent reader.

Nothing of the HSM is used here: only the document's formulas over the cryptography package and
the standard library. If this reader opens a golden store, the document is right.
"""

from __future__ import annotations

import hmac
import json
import struct
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

_GOLDEN = Path(__file__).parents[1] / "golden" / "hsm" / "v1.json"


def _encode(*fields: str | int | bytes) -> bytes:
    joined = b""
    for field in fields:
        if isinstance(field, int):
            data = struct.pack(">Q", field)
        else:
            data = field.encode() if isinstance(field, str) else field
        joined += struct.pack(">I", len(data)) + data
    return joined


def _encode_map(pairs: dict[str, str]) -> bytes:
    joined = struct.pack(">I", len(pairs)) if pairs else b""
    for key in sorted(pairs, key=str.encode):
        joined += _encode(key, pairs[key])
    return joined


def _kdf(key: bytes, label: str, context: bytes, length: int) -> bytes:
    blocks = b""
    for number in range(1, 3):
        data = struct.pack(">I", number) + label.encode() + b"\0" + context
        blocks += hmac.digest(key, data + struct.pack(">I", length * 8), "sha256")
    return blocks[:length]


@pytest.fixture(scope="module")
def store() -> dict[str, Any]:
    """Return the golden store of the first format."""
    loaded: dict[str, Any] = json.loads(_GOLDEN.read_bytes())
    return loaded


@pytest.fixture(scope="module", params=[0, 1])
def root(store: dict[str, Any], request: pytest.FixtureRequest) -> bytes:
    """Return the root key, through each slot."""
    way = store["slots"][request.param]
    slot, profile = way["slot"], way["slot"]["profile"]
    salt, sealed = bytes.fromhex(slot["salt"]), bytes.fromhex(slot["sealed_root"])
    costs = (profile["memory_kib"], profile["iterations"], profile["lanes"])
    key = Argon2id(
        salt=salt,
        length=32,
        memory_cost=costs[0],
        iterations=costs[1],
        lanes=costs[2],
        ad=_encode("kmstui/v1/slot", 1, store["store_id"], slot["slot_id"]),
    ).derive(unicodedata.normalize("NFKC", way["passphrase"]).encode())
    aad = _encode(
        "kmstui/v1/slot",
        1,
        store["store_id"],
        slot["slot_id"],
        slot["kind"],
        slot["principal"],
        *costs,
        salt,
        int(datetime.fromisoformat(slot["created"]).timestamp()),
    )
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], aad)


def _material(store: dict[str, Any], root: bytes, made: dict[str, Any]) -> bytes:
    wrapped = bytes.fromhex(store["domain_keys"][0]["token"])
    assert wrapped[:5] == b"\x01" + struct.pack(">I", 1)
    context = _encode(store["store_id"], 1, wrapped[5:21])
    domain = aes_key_unwrap(_kdf(root, "kmstui/v1/domain-key", context, 32), wrapped[21:])
    token, named = bytes.fromhex(made["token"]), made["binding"]
    assert token[:5] == b"\x01" + struct.pack(">I", 1)
    key = _kdf(domain, "kmstui/v1/ekt", token[1:21], 32)
    return AESGCM(key).decrypt(
        token[21:33], token[33:], token[:33] + _binding("kmstui/v1/ekt", store, named)
    )


def _binding(label: str, store: dict[str, Any], named: dict[str, Any]) -> bytes:
    return _encode(
        label,
        store["store_id"],
        named["account"],
        named["key_id"],
        named["material_id"],
        named["version"],
        named["key_spec"],
        named["key_usage"],
        named["origin"],
        int(named["multi_region"]),
    )


def test_document_describes_blobs(store: dict[str, Any], root: bytes) -> None:
    """A passphrase and the document are enough to read a ciphertext."""
    for made in store["materials"]:
        material, named = _material(store, root, made), made["binding"]
        for case in made["blobs"]:
            blob = bytes.fromhex(case["blob"])
            assert blob[:5] == b"KMT\x01\x01"
            assert blob[5] == named["multi_region"]
            assert int.from_bytes(blob[6:14]) == int(named["account"])
            assert blob[14:30].hex() == named["key_id"].removeprefix("mrk-").replace("-", "")
            assert blob[30:62].hex() == named["material_id"]
            derived = _kdf(material, "kmstui/v1/encrypt", blob[30:78], 64)
            assert blob[78:110] == derived[32:]
            aad = blob[:122] + _encode_map(case["context"])
            plaintext = AESGCM(derived[:32]).decrypt(blob[110:122], blob[122:], aad)
            assert plaintext.hex() == case["plaintext"]


def test_document_describes_checks(store: dict[str, Any], root: bytes) -> None:
    """A sameness check is sealed and computed as the document says."""
    context = _encode(store["store_id"])
    seal = _kdf(root, "kmstui/v1/check/seal", context, 32)
    key = _kdf(root, "kmstui/v1/check/mac", context, 32)
    for made in store["materials"]:
        check, named = bytes.fromhex(made["check"]), made["binding"]
        aad = _binding("kmstui/v1/check/seal", store, named)
        scope = _encode(store["store_id"], named["account"], named["key_id"])
        expected = hmac.digest(key, scope + _encode(_material(store, root, made)), "sha256")
        assert AESGCM(seal).decrypt(check[:12], check[12:], aad) == expected


def test_document_describes_rows_and_macs(store: dict[str, Any], root: bytes) -> None:
    """Rows, MACs and the set hash follow from the root key as the document says."""
    context = _encode(store["store_id"])
    for row in store["seals"]:
        key = _kdf(root, f"kmstui/v1/{row['purpose']}/seal", context, 32)
        sealed, aad = bytes.fromhex(row["sealed"]), bytes.fromhex(row["aad"])
        assert AESGCM(key).decrypt(sealed[:12], sealed[12:], aad).hex() == row["plaintext"]
    for mac in store["macs"]:
        key = _kdf(root, f"kmstui/v1/{mac['purpose']}/mac", context, 32)
        assert hmac.digest(key, bytes.fromhex(mac["data"]), "sha256").hex() == mac["tag"]
    key, total = _kdf(root, "kmstui/v1/set-hash/mac", context, 32), 0
    for item in store["set_hash"]["items"]:
        total ^= int.from_bytes(hmac.digest(key, bytes.fromhex(item), "sha256"))
    assert total.to_bytes(32).hex() == store["set_hash"]["hash"]
