"""Double encryption: key material of the keystore's HSM first, an external key second.

Source: AWS KMS Developer Guide, *External key stores*, *Double encryption*. Taken apart, neither
who has the keystore nor who has the external key can read anything.
"""

from __future__ import annotations

from kmstui.core.errors import KmsError, KMSInvalidStateException
from kmstui.hsm.algorithms import SYMMETRIC
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.blob import HEADER_BYTES
from kmstui.hsm.keyring import Keyring
from kmstui.hsm.keys import LoadedKey
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.xks_proxy import Proxy


class ExternalHsm(SoftwareHsm):
    """An HSM around another one, for the one KMS key that an external key belongs to.

    Every failure of the external side is a ``KMSInvalidStateException`` that says what happened.

    Args:
        inner: Holds the KMS key's own material.
        proxy: Leads to the external key.
        key_id: The external key.
    """

    __slots__ = ("_inner", "_key_id", "_proxy")

    def __init__(self, inner: SoftwareHsm, proxy: Proxy, key_id: str) -> None:
        super().__init__(cache_capacity=0)
        self._inner = inner
        self._proxy = proxy
        self._key_id = key_id

    @property
    def unlocked(self) -> bool:
        """Whether the keys of the HSM inside are loaded."""
        return self._inner.unlocked

    def encrypt(
        self, token: bytes, binding: MaterialBinding, plaintext: bytes, context: bytes
    ) -> bytes:
        """Return a ciphertext blob whose inside the external key has encrypted once more."""
        return self._close(super().encrypt(token, binding, plaintext, context), context)

    def decrypt(
        self, token: bytes, binding: MaterialBinding, blob: bytes, context: bytes
    ) -> bytes:
        """Return the plaintext of a blob, after the external key has opened its inside."""
        return super().decrypt(token, binding, self._open(blob, context), context)

    def reencrypt(
        self,
        source: tuple[bytes, MaterialBinding],
        blob: bytes,
        source_context: bytes,
        destination: tuple[bytes, MaterialBinding],
        destination_context: bytes,
        *,
        algorithms: tuple[str, str] = (SYMMETRIC, SYMMETRIC),
    ) -> bytes:
        """Return the plaintext of the key's blob encrypted anew under the same key."""
        del algorithms
        plaintext = self.decrypt(*source, blob, source_context)
        return self.encrypt(*destination, plaintext, destination_context)

    def generate_data_key(
        self,
        token: bytes,
        binding: MaterialBinding,
        length: int,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes]:
        """Return a random key, or None if not asked for, and its blob."""
        key, blob = super().generate_data_key(
            token, binding, length, context, with_plaintext=with_plaintext
        )
        return key, self._close(blob, context)

    def generate_data_key_pair(
        self,
        token: bytes,
        binding: MaterialBinding,
        pair_spec: str,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes, bytes]:
        """Return a new private key if it is asked for, its blob, and its public key."""
        private, blob, public = super().generate_data_key_pair(
            token, binding, pair_spec, context, with_plaintext=with_plaintext
        )
        return private, self._close(blob, context), public

    def _close(self, blob: bytes, context: bytes) -> bytes:
        header, inside = blob[:HEADER_BYTES], blob[HEADER_BYTES:]
        try:
            return header + self._proxy.encrypt(self._key_id, inside, header + context)
        except KmsError as error:
            raise KMSInvalidStateException(error.message, hint=error.hint) from error

    def _open(self, blob: bytes, context: bytes) -> bytes:
        header, inside = blob[:HEADER_BYTES], blob[HEADER_BYTES:]
        try:
            return header + self._proxy.decrypt(self._key_id, inside, header + context)
        except KmsError as error:
            raise KMSInvalidStateException(error.message, hint=error.hint) from error

    def _keys(self) -> Keyring:
        return self._inner._keys()  # noqa: SLF001 - an HSM around one of its own kind

    def _material(self, token: bytes, binding: MaterialBinding) -> LoadedKey:
        return self._inner._material(token, binding)  # noqa: SLF001 - as above
