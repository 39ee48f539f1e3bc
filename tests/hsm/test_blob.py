"""The ciphertext blob's codec."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core.errors import InvalidCiphertextException, KMSInternalException
from kmstui.hsm import BlobHeader, MaterialBinding, algorithms, blob, read_blob_header
from tests.helpers.hsm import BINDING, MULTI_REGION_BINDING

_ROW = algorithms.ALGORITHMS[0]
_REST = bytes(blob.OVERHEAD_BYTES - blob.IDENTITY_BYTES)
_GOOD = blob.identity(BINDING, _ROW) + _REST


def _with(offset: int, data: bytes) -> bytes:
    return _GOOD[:offset] + data + _GOOD[offset + len(data) :]


def test_identity_is_laid_out_as_documented() -> None:
    """Every field of the fixed part stands where docs/format.md says."""
    expected = (
        "4b4d5401"  # magic and version
        "01"  # algorithm
        "01"  # flags
        "00000019df6690e5"  # account
        "1234abcd12ab34cd56ef1234567890ab"
    ) + "0f" * 32
    assert blob.identity(MULTI_REGION_BINDING, _ROW).hex() == expected
    assert blob.IDENTITY_BYTES == 62
    assert blob.HEADER_BYTES == 122
    assert blob.OVERHEAD_BYTES == 138


@settings(deadline=None)
@given(
    account=st.integers(0, 10**12 - 1),
    key=st.uuids(),
    material=st.binary(min_size=32, max_size=32),
    multi_region=st.booleans(),
    rest=st.binary(min_size=len(_REST), max_size=300),
)
def test_header_round_trips(
    account: int, key: object, material: bytes, rest: bytes, *, multi_region: bool
) -> None:
    """What a binding says is what a blob's reader learns, leading zeros included."""
    key_id = f"mrk-{str(key).replace('-', '')}" if multi_region else str(key)
    binding = replace(
        BINDING,
        account=f"{account:012}",
        key_id=key_id,
        material_id=material.hex(),
        multi_region=multi_region,
    )
    header = read_blob_header(blob.identity(binding, _ROW) + rest)
    assert header.account == binding.account
    assert header.key_id == binding.key_id
    assert header.material_id == binding.material_id
    assert header.multi_region == multi_region
    assert header.algorithm == "SYMMETRIC_DEFAULT"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_a_blob_or_invalid(data: bytes) -> None:
    """Whatever is handed in, the answer is a header or one error with an empty text."""
    outcome: object
    try:
        outcome = read_blob_header(data)
    except InvalidCiphertextException as error:
        outcome = error.message
    assert outcome == "" or isinstance(outcome, BlobHeader)


@settings(deadline=None)
@given(st.binary(min_size=134, max_size=300))
def test_bytes_after_the_magic_are_a_blob_or_invalid(data: bytes) -> None:
    """The reader that accepts a header gives one that encodes to the same bytes."""
    candidate = blob.MAGIC + b"\x01" + bytes([data[0] & 1]) + data[1:]
    try:
        header = read_blob_header(candidate)
    except InvalidCiphertextException:
        return
    binding = replace(
        BINDING,
        account=header.account,
        key_id=header.key_id,
        material_id=header.material_id,
        multi_region=header.multi_region,
    )
    assert candidate.startswith(blob.identity(binding, _ROW))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("too short", _GOOD[:-1]),
        ("header only", _GOOD[: blob.HEADER_BYTES]),
        ("bad magic", _with(0, b"kmt")),
        ("unknown version", _with(3, b"\x02")),
        ("algorithm zero", _with(4, b"\x00")),
        ("unknown algorithm", _with(4, b"\xff")),
        ("unknown flag", _with(5, b"\x04")),
        ("multi-Region and external", _with(5, b"\x03")),
        ("known and unknown flag", _with(5, b"\x81")),
        ("account of 13 digits", _with(6, (10**12).to_bytes(8))),
        ("account beyond all digits", _with(6, b"\xff" * 8)),
    ],
)
def test_malformed_header_is_invalid(name: str, data: bytes) -> None:
    """Each malformation is refused, before any key is looked for."""
    assert name
    with pytest.raises(InvalidCiphertextException) as refused:
        read_blob_header(data)
    assert not refused.value.message


@pytest.mark.parametrize(
    "binding",
    [
        replace(BINDING, account="11112222333"),
        replace(BINDING, account="1111222233334"),
        replace(BINDING, account="11112222333\u0663"),
        replace(BINDING, account=" 11122223333"),
        replace(BINDING, account="-11122223333"),
        replace(BINDING, account="1111_2222333"),
        replace(BINDING, key_id="alias/x"),
        replace(BINDING, key_id=""),
        replace(BINDING, key_id=BINDING.key_id.upper()),
        replace(BINDING, key_id=BINDING.key_id.replace("-", "")),
        replace(BINDING, key_id=BINDING.key_id + "00"),
        replace(BINDING, multi_region=True),
        replace(MULTI_REGION_BINDING, multi_region=False),
        replace(BINDING, material_id="0f" * 31),
        replace(BINDING, material_id="0F" * 32),
        replace(BINDING, material_id="zz" * 32),
    ],
    ids=str,
)
def test_malformed_identifiers_make_no_blob(binding: MaterialBinding) -> None:
    """An identifier that a blob could not give back exactly is refused when it is written."""
    with pytest.raises(KMSInternalException):
        blob.identity(binding, _ROW)
