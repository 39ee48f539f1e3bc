"""Checks of principals: everyone, the dead, strangers, and NotPrincipal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kmstui.authz.lint.facts import (
    account_of,
    is_account_principal,
    mentions,
    names_everyone,
    pins,
    quote,
)
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Document, Passage

_CALLER_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
        "aws:username",
        "kms:calleraccount",
    }
)
"""Condition keys that say who calls."""

_NARROWING: Final = _CALLER_KEYS | {
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
}
"""Condition keys that keep strangers out."""

_EVERY_ADDRESS: Final = frozenset({"0.0.0.0/0", "::/0"})
_SOURCES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorg", "kms:calleraccount")


def public_principal(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Allow for everyone without a condition that keeps strangers out."""
    if passage.allow and names_everyone(passage) and not _is_narrowed(passage):
        yield Mark(
            passage.at("Principal"),
            f"Statement {passage.number} lets everyone in, of whatever account.",
        )


def via_service_alone(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Allow for everyone through a service, without saying of which account."""
    if (
        passage.allow
        and names_everyone(passage)
        and mentions(passage, "kms:viaservice")
        and not pins(passage, _CALLER_KEYS)
    ):
        yield Mark(
            passage.at("Condition"),
            "kms:ViaService says through which service, not whose caller: any account may come.",
        )


def _is_narrowed(passage: Passage) -> bool:
    if mentions(passage, "kms:viaservice"):
        return True
    open_address = any(
        value.text in _EVERY_ADDRESS
        for clause in passage.clauses
        if clause.key in {"aws:sourceip", "aws:vpcsourceip"}
        for value in clause.values
    )
    keys = _NARROWING - {"aws:sourceip", "aws:vpcsourceip"} if open_address else _NARROWING
    return pins(passage, keys)


def service_without_source(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Allow for a service that does not say for whose resources."""
    services = [named for named in passage.principals if named.kind == "Service"]
    if passage.allow and services and not mentions(passage, *_SOURCES):
        yield Mark(
            services[0].line,
            f"{services[0].text} may act for any account's resources.",
        )


def allow_not_principal(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Allow with NotPrincipal, which lets everyone else in."""
    if passage.allow and passage.inverted_principal:
        yield Mark(
            passage.at("NotPrincipal"),
            "Allow with NotPrincipal would mean everyone but those named; it is not supported and "
            "gives nothing.",
        )


def deny_not_principal(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Deny with NotPrincipal, and what its list lacks."""
    if passage.allow is not False or not passage.inverted_principal:
        return
    listed = {
        account_of(named.text) for named in passage.principals if is_account_principal(named)
    }
    lacking = sorted({account_of(named.text) for named in passage.principals} - listed - {""})
    yield Mark(
        passage.at("NotPrincipal"),
        "A Deny with NotPrincipal also hits those it names, if they have a permissions boundary"
        + (f", and because it does not name account {lacking[0]}." if lacking else "."),
    )


def dead_principal(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find unique ids, which stand where a deleted user or role was named."""
    for named in passage.principals:
        if named.kind == "AWS" and named.text.startswith(("AIDA", "AROA")):
            what = "user" if named.text.startswith("AIDA") else "role"
            yield Mark(named.line, f"{quote(named.text)} is the id of a {what} that was deleted.")


def foreign_account(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find principals of accounts that are not held here; nobody can tell whether they exist."""
    if not document.held:
        return
    for named in passage.principals:
        account = account_of(named.text) if named.kind == "AWS" else ""
        if account and account not in document.held:
            yield Mark(
                named.line,
                f"Account {account} is not held here; whether {quote(named.text)} exists is not "
                "known.",
            )


def unknown_principal(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find principals of accounts held here that do not exist."""
    if document.known is None:
        return
    for named in passage.principals:
        account = account_of(named.text) if named.kind == "AWS" else ""
        if (
            account
            and (not document.held or account in document.held)
            and not document.known(named.text)
        ):
            yield Mark(named.line, f"There is no {quote(named.text)}.")
