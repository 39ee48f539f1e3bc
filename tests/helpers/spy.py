"""An HSM that notes what it is asked, in the order of the pipeline's stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from kmstui.engine.access import Access
from kmstui.engine.calls import Dispatcher
from tests.helpers.engines import Bench

KEY_MATERIAL: Final = frozenset(
    {
        "decapsulate",
        "decrypt",
        "derive_shared_secret",
        "encapsulate",
        "encrypt",
        "generate",
        "generate_data_key",
        "generate_data_key_pair",
        "generate_mac",
        "import_terms",
        "make_wrapping_key",
        "public_key",
        "random",
        "reencrypt",
        "rsa_decrypt",
        "rsa_encrypt",
        "sign",
        "unwrap_import",
        "verify",
        "verify_mac_with_key",
    }
)
"""Calls of the HSM that use or make key material."""


class SpyHsm:
    """Passes every call on and notes those with key material.

    Args:
        real: The HSM that answers.
        noted: Where the calls are noted.
    """

    def __init__(self, real: object, noted: list[str]) -> None:
        self._real = real
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in KEY_MATERIAL:
            return found

        def noting(*arguments: Any, **named: Any) -> Any:
            self._noted.append(f"hsm {name}")
            return found(*arguments, **named)

        return noting


def watch(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note authorisation and use of key material from now on; return the notes."""
    noted: list[str] = []

    authorise = Access.authorise

    def noting(*arguments: Any) -> None:
        noted.append("authorise")
        authorise(*arguments)

    monkeypatch.setattr(Access, "authorise", noting)
    dispatcher = bench.engine._dispatcher
    assert isinstance(dispatcher, Dispatcher)
    spy: Any = SpyHsm(dispatcher._services.hsm, noted)
    dispatcher._services = replace(dispatcher._services, hsm=spy)
    return noted
