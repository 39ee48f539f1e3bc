"""Row ids that do not give away the names that they are made from."""

from __future__ import annotations

from kmstui.core.canonical import encode
from kmstui.hsm.base import Purpose
from kmstui.keystore.ledger import Ledger


def entity_id(ledger: Ledger, account: str, kind: str, name: str) -> str:
    """Return the row id of what has a name in an account; case does not tell names apart."""
    digest = _mac(ledger, Purpose.ENTITY_ID, kind, account, name.lower())
    return f"{account}/{digest}"


def link_scope(ledger: Ledger, relation: str, *ends: str) -> str:
    """Return what the ids of all links of a relation begin with, before a slash."""
    return _mac(ledger, Purpose.LINK_ID, relation, *ends)


def _mac(ledger: Ledger, purpose: Purpose, *parts: str) -> str:
    # None of the parts but the last, which is free to, holds a line break.
    place = "\n".join(parts)
    known = ledger.cache.get(purpose, place)
    if isinstance(known, str):
        return known
    digest = ledger.hsm.mac(purpose, encode(*parts)).hex()
    ledger.cache.put(purpose, place, digest)
    return digest
