"""SYMMETRIC_DEFAULT: AES-256-GCM with a derived key and a commitment for every ciphertext.

A fresh salt gives every ciphertext a key of its own, so the bound on messages per GCM key
(NIST SP 800-38D, section 8.3) is never approached. The commitment makes a ciphertext open under
one key only, which GCM alone does not promise.
"""

from __future__ import annotations

import os

from kmstui.core.errors import InvalidCiphertextException
from kmstui.hsm import blob, kdf, primitives
from kmstui.hsm.algorithms import Algorithm
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import LoadedKey
from kmstui.hsm.primitives import MacKey

_KEY_BYTES = 32
_SALT = slice(blob.IDENTITY_BYTES, blob.IDENTITY_BYTES + blob.SALT_BYTES)
_COMMITMENT = slice(_SALT.stop, _SALT.stop + blob.COMMITMENT_BYTES)
_IV = slice(_COMMITMENT.stop, _COMMITMENT.stop + blob.IV_BYTES)


class SymmetricKey(LoadedKey):
    """Unwrapped material of one symmetric encryption key.

    Args:
        binding: Whose material it is.
        algorithm: Its row of the algorithm table.
        material: The 32 bytes; not kept, only what HMAC makes of them.
    """

    __slots__ = ("_fixed", "_identity", "_material")

    def __init__(
        self, binding: MaterialBinding, algorithm: Algorithm, material: bytes | bytearray
    ) -> None:
        super().__init__(binding)
        self._material = MacKey(material)
        self._identity = blob.identity(binding, algorithm)
        before_salt = bytes.fromhex(binding.material_id)
        length = _KEY_BYTES + blob.COMMITMENT_BYTES
        fixed = kdf.fixed_data(kdf.ENCRYPT_LABEL, before_salt, length)
        self._fixed = (fixed[:-4], fixed[-4:])

    def encrypt(self, plaintext: bytes, context: bytes) -> bytes:
        """Return a blob of the plaintext under the canonical encryption context."""
        drawn = os.urandom(blob.SALT_BYTES + blob.IV_BYTES)
        salt, iv = drawn[: blob.SALT_BYTES], drawn[blob.SALT_BYTES :]
        derived = self._derive(salt)
        header = self._identity + salt + derived[_KEY_BYTES:] + iv
        key = primitives.gcm_key(derived[:_KEY_BYTES])
        return header + primitives.gcm_encrypt(key, iv, plaintext, header + context)

    def decrypt(self, data: bytes, context: bytes) -> bytes:
        """Return the plaintext of a blob.

        Raises:
            InvalidCiphertextException: With an empty text, whatever does not fit.
        """
        if len(data) < blob.OVERHEAD_BYTES or not data.startswith(self._identity):
            raise InvalidCiphertextException
        header = data[: blob.HEADER_BYTES]
        derived = self._derive(header[_SALT])
        key = primitives.gcm_key(derived[:_KEY_BYTES])
        # Both checks always run, so that their failures take the same time.
        committed = primitives.same_bytes(derived[_KEY_BYTES:], header[_COMMITMENT])
        sealed = data[blob.HEADER_BYTES :]
        plaintext = primitives.gcm_decrypt(key, header[_IV], sealed, header + context)
        if plaintext is None or not committed:
            raise InvalidCiphertextException
        return plaintext

    def _derive(self, salt: bytes) -> bytes:
        """Return 64 bytes: the ciphertext's key and its commitment."""
        before_salt, after_salt = self._fixed
        fixed = before_salt + salt + after_salt
        return primitives.kbkdf(self._material, fixed, _KEY_BYTES + blob.COMMITMENT_BYTES)
