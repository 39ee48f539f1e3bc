"""What is stored under the hierarchy: domain keys, exported key tokens, sameness checks.

Layouts, integers big-endian; ``docs/format.md`` is the specification::

    domain key   version u8 = 1 | term u32 | salt 16 | AES-KW of the key 40
    key token    version u8 = 1 | term u32 | salt 16 | IV 12 | ciphertext | tag 16
    check        IV 12 | ciphertext 32 | tag 16

Confidentiality and integrity are promised; that a token exists and how long its material is, is
not hidden.
"""

from __future__ import annotations

import os
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmstui.core import canonical
from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError
from kmstui.hsm import kdf, primitives
from kmstui.hsm.base import MaterialBinding, WrappedDomainKey
from kmstui.hsm.memory import Unshareable
from kmstui.hsm.primitives import GCM_IV_BYTES, GCM_TAG_BYTES, MacKey

DOMAIN_KEY_BYTES = 32
"""Size of a domain key."""

CHECK_BYTES = GCM_IV_BYTES + 32 + GCM_TAG_BYTES
"""Size of a sealed sameness check."""

_VERSION = 1
_HEAD = struct.Struct(">BI16s")
_DOMAIN_TOKEN_BYTES = _HEAD.size + DOMAIN_KEY_BYTES + 8
_TOKEN_HEAD_BYTES = _HEAD.size + GCM_IV_BYTES


class CheckKeys(Unshareable):
    """The keys of a store's sameness checks.

    Args:
        root: The root key.
        store_id: The keystore that the checks are bound to.
    """

    __slots__ = ("mac", "seal", "store_id")

    def __init__(self, root: MacKey, store_id: str) -> None:
        context = canonical.encode(store_id)
        self.store_id = store_id
        self.seal = primitives.gcm_key(derive(root, kdf.CHECK_SEAL_LABEL, context))
        self.mac = MacKey(derive(root, kdf.CHECK_MAC_LABEL, context))


def derive(key: MacKey, label: str, context: bytes, length: int = 32) -> bytes:
    """Return the key of a label and context (NIST SP 800-108r1, counter mode, HMAC-SHA-256)."""
    return primitives.kbkdf(key, kdf.fixed_data(label, context, length), length)


def wrap_domain_key(root: MacKey, store_id: str, term: int, key: bytes) -> WrappedDomainKey:
    """Return a domain key wrapped for a store and term."""
    salt = os.urandom(16)
    wrapped = primitives.kw_wrap(_domain_wrapping_key(root, store_id, term, salt), key)
    return WrappedDomainKey(term, _HEAD.pack(_VERSION, term, salt) + wrapped)


def unwrap_domain_key(root: MacKey, store_id: str, wrapped: WrappedDomainKey) -> bytes:
    """Return the domain key.

    Raises:
        KeystoreFormatError: The token's version is unknown.
        KeystoreTamperedError: It is not the domain key of that store and term.
    """
    term, salt = _head(wrapped.token, _DOMAIN_TOKEN_BYTES)
    if len(wrapped.token) != _DOMAIN_TOKEN_BYTES or term != wrapped.term:
        raise KeystoreTamperedError("a domain key fails its authentication")
    wrapping = _domain_wrapping_key(root, store_id, term, salt)
    key = primitives.kw_unwrap(wrapping, wrapped.token[_HEAD.size :])
    if key is None:
        raise KeystoreTamperedError("a domain key fails its authentication")
    return key


def seal_token(
    domain: MacKey, term: int, store_id: str, binding: MaterialBinding, material: bytes
) -> bytes:
    """Return an exported key token: the material sealed to the binding."""
    salt, iv = os.urandom(16), os.urandom(GCM_IV_BYTES)
    head = _HEAD.pack(_VERSION, term, salt) + iv
    aad = head + _bound(kdf.TOKEN_LABEL, store_id, binding)
    return head + primitives.gcm_encrypt(_token_key(domain, term, salt), iv, material, aad)


def token_term(token: bytes) -> int:
    """Return the term of the domain key that a token is under; nothing is verified.

    Raises:
        KeystoreFormatError: The token's version is unknown.
        KeystoreTamperedError: It is too short.
    """
    return _head(token, _TOKEN_HEAD_BYTES + GCM_TAG_BYTES)[0]


def open_token(domain: MacKey, store_id: str, binding: MaterialBinding, token: bytes) -> bytearray:
    """Return the material of a token, in a buffer for the caller to overwrite.

    Raises:
        KeystoreFormatError: The token's version is unknown.
        KeystoreTamperedError: The token was altered or belongs to another binding or store.
    """
    term, salt = _head(token, _TOKEN_HEAD_BYTES + GCM_TAG_BYTES)
    head, sealed = token[:_TOKEN_HEAD_BYTES], token[_TOKEN_HEAD_BYTES:]
    aad = head + _bound(kdf.TOKEN_LABEL, store_id, binding)
    material = bytearray(len(sealed) - GCM_TAG_BYTES)
    key = _token_key(domain, term, salt)
    if not primitives.gcm_decrypt_into(key, head[_HEAD.size :], sealed, aad, material):
        raise KeystoreTamperedError("key material fails its authentication")
    return material


def seal_check(keys: CheckKeys, binding: MaterialBinding, material: bytes) -> bytes:
    """Return the sealed sameness check of material: 60 bytes."""
    iv = os.urandom(GCM_IV_BYTES)
    aad = _bound(kdf.CHECK_SEAL_LABEL, keys.store_id, binding)
    return iv + primitives.gcm_encrypt(keys.seal, iv, _check(keys, binding, material), aad)


def check_matches(
    keys: CheckKeys, binding: MaterialBinding, check: bytes, material: bytes
) -> bool:
    """Return whether material is the same that a check was made for.

    Raises:
        KeystoreTamperedError: The check was altered or belongs to another binding or store.
    """
    known = None
    if len(check) == CHECK_BYTES:
        iv, sealed = check[:GCM_IV_BYTES], check[GCM_IV_BYTES:]
        aad = _bound(kdf.CHECK_SEAL_LABEL, keys.store_id, binding)
        known = primitives.gcm_decrypt(keys.seal, iv, sealed, aad)
    if known is None:
        raise KeystoreTamperedError("a key material check fails its authentication")
    return primitives.same_bytes(known, _check(keys, binding, material))


def _head(token: bytes, least: int) -> tuple[int, bytes]:
    """Return term and salt of a token that has at least ``least`` bytes."""
    if token and token[0] != _VERSION:
        raise KeystoreFormatError("a key token is of an unknown version")
    if len(token) < least:
        raise KeystoreTamperedError("a key token is cut short")
    _, term, salt = _HEAD.unpack_from(token)
    return term, salt


def _domain_wrapping_key(root: MacKey, store_id: str, term: int, salt: bytes) -> bytes:
    """AES-KW has no associated data, so store and term go into the wrapping key instead."""
    return derive(root, kdf.DOMAIN_KEY_LABEL, canonical.encode(store_id, term, salt))


def _token_key(domain: MacKey, term: int, salt: bytes) -> AESGCM:
    context = term.to_bytes(4) + salt
    return primitives.gcm_key(derive(domain, kdf.TOKEN_LABEL, context))


def _check(keys: CheckKeys, binding: MaterialBinding, material: bytes) -> bytes:
    """Sameness is asked per key: one material under two keys gives two values."""
    scope = (keys.store_id, binding.account, binding.key_id)
    return keys.mac.mac(canonical.encode(*scope, material))


def _bound(label: str, store_id: str, binding: MaterialBinding) -> bytes:
    return canonical.encode(
        label,
        store_id,
        binding.account,
        binding.key_id,
        binding.material_id,
        binding.version,
        binding.key_spec,
        binding.key_usage,
        binding.origin,
        int(binding.multi_region),
    )
