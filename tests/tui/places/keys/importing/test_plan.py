"""What an import is to do, and what is wrong with it beforehand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kmstui.core.errors import IncorrectKeyMaterialException, KmsError
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.detail.material.versions import CURRENT, OLD, WAITING, Version
from kmstui.tui.places.keys.importing.plan import (
    AFTER,
    EXISTING,
    FIRST,
    NEVER,
    NEW,
    ON,
    Terms,
    description_problem,
    expiry,
    kinds,
)
from kmstui.tui.places.keys.importing.words import explained

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"


def key(spec: str = "SYMMETRIC_DEFAULT", primary: str = "") -> KeySummary:
    """Return a key that imports."""
    return KeySummary(
        key_id="mrk-1",
        arn=ARN,
        aliases=(),
        state="PendingImport",
        spec=spec,
        usage="ENCRYPT_DECRYPT",
        origin="EXTERNAL",
        manager="CUSTOMER",
        description="",
        created=NOW,
        material_date=None,
        multi_region=bool(primary),
        primary_region=primary,
    )


def version(state: str, *, missing: bool = False) -> Version:
    """Return a version of imported material."""
    return Version(1, "f" * 64, state, imported=True, missing=missing)


@pytest.mark.parametrize(
    ("one", "versions", "chosen", "barred"),
    [
        (key(), (), FIRST, {NEW, EXISTING}),
        (key(), (version(CURRENT),), NEW, {FIRST}),
        (key(), (version(CURRENT, missing=True),), EXISTING, {FIRST}),
        (key(), (version(OLD), version(CURRENT), version(WAITING)), EXISTING, {FIRST, NEW}),
        (key(primary="eu-west-1"), (version(CURRENT),), EXISTING, {FIRST, NEW}),
        (key("HMAC_256"), (version(CURRENT),), EXISTING, {FIRST, NEW}),
    ],
)
def test_kinds(
    one: KeySummary, versions: tuple[Version, ...], chosen: str, barred: set[str]
) -> None:
    """The sensible kind is chosen, and the impossible ones say why."""
    found = kinds(one, versions)
    assert (chosen, barred) == (found.chosen, set(found.barred))


@pytest.mark.parametrize(
    ("when", "typed", "expected"),
    [
        (NEVER, "nonsense", None),
        (ON, "2026-12-31", datetime(2026, 12, 31, tzinfo=UTC)),
        (ON, "2026-06-02 08:30", datetime(2026, 6, 2, 8, 30, tzinfo=UTC)),
        (AFTER, "90", NOW + timedelta(days=90)),
        (AFTER, "36h", NOW + timedelta(hours=36)),
        (ON, "31.12.2026", "Write a date: 2026-12-31."),
        (ON, "2026-06-01", "That is over already."),
        (AFTER, "0", "That is over already."),
        (AFTER, "366", "At most 365 days ahead: import it again before then."),
        (AFTER, "soon", "Write days: 90."),
        (AFTER, "", "Write days: 90."),
    ],
)
def test_expiry(when: str, typed: str, expected: datetime | str | None) -> None:
    """An expiry is a moment ahead, at most a year, or it says what is wrong."""
    assert expected == expiry(when, typed, NOW)


def test_request() -> None:
    """The request says what was chosen, under AWS's names."""
    ends = NOW + timedelta(days=9)
    terms = Terms("RSAES_OAEP_SHA_256", "RSA_4096", NEW, ends, "second")
    assert terms.request(key(), b"t", b"w") == {
        "KeyId": ARN,
        "ImportToken": b"t",
        "EncryptedKeyMaterial": b"w",
        "ExpirationModel": "KEY_MATERIAL_EXPIRES",
        "ValidTo": ends,
        "ImportType": NEW,
        "KeyMaterialDescription": "second",
    }


def test_request_of_other_keys() -> None:
    """What only symmetric keys know is left out for others, and so is a first import's type."""
    terms = Terms("RSAES_OAEP_SHA_256", "RSA_4096", EXISTING, None, "words")
    assert {"KeyId", "ImportToken", "EncryptedKeyMaterial", "ExpirationModel"} == set(
        terms.request(key("HMAC_256"), b"t", b"w")
    )
    first = Terms("RSAES_OAEP_SHA_256", "RSA_4096")
    assert "ImportType" not in first.request(key(), b"t", b"w")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("HSM ceremony: 2026/1 a_b.c-d", None),
        ("", None),
        ("x" * 257, "1 characters too long."),
        ("[b]x", "Letters, digits, spaces and : / _ . - only."),
        ("ключ", "Letters, digits, spaces and : / _ . - only."),
    ],
)
def test_description(typed: str, said: str | None) -> None:
    """A description has the characters that AWS takes."""
    assert said == description_problem(typed)


@pytest.mark.parametrize(
    ("error", "why", "then"),
    [
        (IncorrectKeyMaterialException(), "not the same material", "the very bytes"),
        (KmsError("odd", hint="do this"), "odd", "do this"),
        (KmsError("odd"), "odd", "Nothing was changed"),
    ],
)
def test_explained(error: KmsError, why: str, then: str) -> None:
    """A refusal says why, and what to do next."""
    said = explained(error)
    assert why in said[0]
    assert then in said[1]
