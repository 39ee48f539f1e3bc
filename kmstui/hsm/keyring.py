"""The keys of one unlocked keystore: the root key, its domain keys and its purpose keys."""

from __future__ import annotations

import os
from typing import Self

from kmstui.core import canonical
from kmstui.core.errors import KeystoreTamperedError
from kmstui.hsm import envelope, kdf, primitives
from kmstui.hsm.base import MaterialBinding, Purpose, WrappedDomainKey, WrappedMaterial
from kmstui.hsm.memory import ProtectedPage, Unshareable
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.slots import ROOT_KEY_BYTES


class Keyring(Unshareable):
    """Everything derived from a root key when a keystore is unlocked.

    Built whole or not at all; afterwards only read, so several threads may use it.

    Args:
        store_id: The keystore; every derivation is bound to it.
        page: Holds the root key in its first 32 bytes; the keyring overwrites it in :meth:`wipe`.
        domain_keys: The keystore's domain keys.
        test_profile: Whether the keystore was made for tests.

    Raises:
        KeystoreTamperedError: A domain key does not open, or there is none.
    """

    __slots__ = (
        "_page",
        "checks",
        "domain_keys",
        "macs",
        "seals",
        "store_id",
        "term",
        "test_profile",
    )

    def __init__(
        self,
        store_id: str,
        page: ProtectedPage,
        domain_keys: tuple[WrappedDomainKey, ...],
        *,
        test_profile: bool,
    ) -> None:
        self.store_id = store_id
        self.test_profile = test_profile
        self._page = page
        root = MacKey(self.root)
        self.domain_keys = {
            wrapped.term: MacKey(envelope.unwrap_domain_key(root, store_id, wrapped))
            for wrapped in domain_keys
        }
        if not self.domain_keys or len(self.domain_keys) != len(domain_keys):
            raise KeystoreTamperedError("the keystore's domain keys are missing or repeated")
        self.term = max(self.domain_keys)
        context = canonical.encode(store_id)
        self.seals = {
            purpose: primitives.gcm_key(envelope.derive(root, kdf.seal_label(purpose), context))
            for purpose in Purpose
        }
        self.macs = {
            purpose: MacKey(envelope.derive(root, kdf.mac_label(purpose), context))
            for purpose in Purpose
        }
        self.checks = envelope.CheckKeys(root, store_id)

    @classmethod
    def fresh(
        cls, store_id: str, *, test_profile: bool
    ) -> tuple[Self, tuple[WrappedDomainKey, ...]]:
        """Return a keyring under a new random root key, and its wrapped domain keys."""
        page = ProtectedPage()
        root = page.view(ROOT_KEY_BYTES)
        root[:] = os.urandom(ROOT_KEY_BYTES)
        key = os.urandom(envelope.DOMAIN_KEY_BYTES)
        wrapped = (envelope.wrap_domain_key(MacKey(root), store_id, 1, key),)
        return cls(store_id, page, wrapped, test_profile=test_profile), wrapped

    @property
    def root(self) -> memoryview:
        """The root key, in its protected page."""
        return self._page.view(ROOT_KEY_BYTES)

    @property
    def page(self) -> ProtectedPage:
        """The page that holds the root key."""
        return self._page

    def domain_key(self, token: bytes) -> MacKey:
        """Return the domain key that a token is under.

        Raises:
            KeystoreFormatError: The token's version is unknown.
            KeystoreTamperedError: There is no such domain key.
        """
        key = self.domain_keys.get(envelope.token_term(token))
        if key is None:
            raise KeystoreTamperedError("key material fails its authentication")
        return key

    def sealed(self, binding: MaterialBinding, material: bytes) -> WrappedMaterial:
        """Return material sealed to a binding under the newest domain key, with its check."""
        domain = self.domain_keys[self.term]
        return WrappedMaterial(
            token=envelope.seal_token(domain, self.term, self.store_id, binding, material),
            check=envelope.seal_check(self.checks, binding, material),
        )

    def wipe(self) -> None:
        """Overwrite the root key; what is derived from it goes with the last reference."""
        self._page.wipe()
