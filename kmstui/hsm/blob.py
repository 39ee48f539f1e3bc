"""The ciphertext blob's codec; needs no key and imports no cryptographic library.

Layout, integers big-endian; ``docs/format.md`` is the specification::

    offset  size
         0     4  magic "KMT" 0x01
         4     1  algorithm
         5     1  flags: bit 0 multi-Region key, bit 1 external key, the others zero
         6     8  account id as a number
        14    16  key id, its 32 hex digits as bytes
        30    32  key material id
        62    16  salt
        78    32  commitment
       110    12  IV
       122     n  ciphertext
     122+n    16  tag

Account, key id and material id are readable by whoever holds a blob; they say which key to ask
for. Nothing in a header may be believed before the blob has been decrypted.
"""

from __future__ import annotations

import struct
import uuid

from kmstui.core.errors import InvalidCiphertextException, KMSInternalException
from kmstui.hsm import algorithms
from kmstui.hsm.algorithms import Algorithm
from kmstui.hsm.base import BlobHeader, MaterialBinding

MAGIC = b"KMT\x01"
"""First bytes: the name and the format's version."""

SALT_BYTES = 16
"""Salt of the derivation of a ciphertext's key."""

COMMITMENT_BYTES = 32
"""Commitment of a ciphertext to its key."""

IV_BYTES = 12
"""IV of AES-GCM."""

TAG_BYTES = 16
"""Tag of AES-GCM."""

_IDENTITY = struct.Struct(">4sBBQ16s32s")
_MULTI_REGION = 1
_EXTERNAL = 2
_EXTERNAL_ORIGIN = "EXTERNAL_KEY_STORE"
_FLAGS = {0, _MULTI_REGION, _EXTERNAL}
"""No key of an external key store is a multi-Region key."""

_ACCOUNTS = 10**12

IDENTITY_BYTES = _IDENTITY.size
"""Bytes that name the key: they are equal in all blobs of one key material."""

HEADER_BYTES = IDENTITY_BYTES + SALT_BYTES + COMMITMENT_BYTES + IV_BYTES
"""Bytes before the ciphertext, all of them authenticated."""

OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES
"""By how much a blob is longer than its plaintext."""


def identity(binding: MaterialBinding, algorithm: Algorithm) -> bytes:
    """Return the bytes that name the key, for blobs of that material and algorithm.

    Raises:
        KMSInternalException: The binding's identifiers are not of their documented form.
    """
    account, digits = binding.account, binding.key_id.removeprefix("mrk-")
    external = binding.origin == _EXTERNAL_ORIGIN
    header = BlobHeader(
        account,
        binding.key_id,
        binding.material_id,
        binding.multi_region,
        algorithm.name,
        external,
    )
    try:
        packed = _IDENTITY.pack(
            MAGIC,
            algorithm.code,
            _MULTI_REGION * binding.multi_region | _EXTERNAL * external,
            int(account),
            bytes.fromhex(digits.replace("-", "")),
            bytes.fromhex(binding.material_id),
        )
    except (ValueError, struct.error) as error:
        raise KMSInternalException("an identifier of the key is malformed") from error
    if _unpack(packed) != header:
        raise KMSInternalException("an identifier of the key is malformed")
    return packed


def read_blob_header(blob: bytes) -> BlobHeader:
    """Return what a blob says about itself. Nothing is verified.

    Raises:
        InvalidCiphertextException: It is not a blob that this version can read.
    """
    header = _unpack(blob) if len(blob) >= OVERHEAD_BYTES else None
    if header is None:
        raise InvalidCiphertextException
    return header


def _unpack(blob: bytes) -> BlobHeader | None:
    magic, code, flags, account, key, material = _IDENTITY.unpack_from(blob)
    algorithm = algorithms.by_code(code)
    known = magic == MAGIC and flags in _FLAGS and account < _ACCOUNTS
    if algorithm is None or not known:
        return None
    multi_region = flags == _MULTI_REGION
    key_id = f"mrk-{key.hex()}" if multi_region else str(uuid.UUID(bytes=key))
    return BlobHeader(
        f"{account:012}",
        key_id,
        material.hex(),
        multi_region,
        algorithm.name,
        external=flags == _EXTERNAL,
    )
