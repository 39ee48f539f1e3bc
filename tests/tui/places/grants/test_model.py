"""Grants as rows, and what they add up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kmstui.tui.places.grants.create import grantable
from kmstui.tui.places.grants.model import GrantRow, tally
from kmstui.tui.places.grants.principals import Known, resolve
from kmstui.tui.undo import inverse

START = datetime(2026, 1, 15, tzinfo=UTC)
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
APP = "arn:aws:iam::111122223333:role/app"


def entry(**members: Any) -> dict[str, Any]:
    """Return a grant as ListGrants answers it."""
    return {
        "KeyId": KEY,
        "GrantId": "a" * 64,
        "Name": "",
        "CreationDate": START,
        "GranteePrincipal": APP,
        "IssuingAccount": "arn:aws:iam::111122223333:root",
        "Operations": ["Decrypt"],
        **members,
    }


def test_a_grant_makes_the_request_that_made_it() -> None:
    """Everything that a request says comes back from the row, constraints included."""
    bounds = {
        "EncryptionContextSubset": {"app": "a"},
        "SourceArn": "arn:aws:s3:us-east-1:1:b",
    }
    row = GrantRow.read(entry(Name="n", RetiringPrincipal=APP, Constraints=bounds))
    assert {
        "KeyId": KEY,
        "GranteePrincipal": APP,
        "RetiringPrincipal": APP,
        "Operations": ["Decrypt"],
        "Constraints": bounds,
        "Name": "n",
    } == row.request()
    assert "with app=a; for arn:aws:s3:us-east-1:1:b" == row.bounds


def test_services_have_members_of_their_own() -> None:
    """A grant for a service names it where the API does."""
    given = entry(GranteeServicePrincipal="s3.amazonaws.com")
    del given["GranteePrincipal"]
    row = GrantRow.read(given)
    assert "s3.amazonaws.com" == row.request()["GranteeServicePrincipal"]
    assert row.grantee_is_service


def test_an_ended_grant_is_undone_by_an_equal_one() -> None:
    """Revoking and retiring have CreateGrant for an inverse, where the grant is known."""
    request = GrantRow.read(entry()).request()
    for operation in ("RevokeGrant", "RetireGrant"):
        undo = inverse(operation, {"KeyId": KEY, "GrantId": "a"}, {"Grant": request})
        assert undo is not None
        assert ("CreateGrant", request) == (undo.operation, dict(undo.members))
        assert inverse(operation, {"KeyId": KEY, "GrantId": "a"}) is None


def test_grants_add_up() -> None:
    """Counts by what grants have in common, the largest first."""
    rows = [
        GrantRow.read(entry(GrantId=str(number), KeyId=f"{KEY}{number % 2}{number // 3}"))
        for number in range(4)
    ]
    rows.append(GrantRow.read(entry(GrantId="x", CreationDate=START + timedelta(days=1))))
    found = tally(
        rows,
        lambda row: row.grantee,
        lambda row: row.key_arn,
        str,
        lambda row: row.grant_id == "x",
    )
    (only,) = found
    assert (5, 5, 1, 4) == (only.count, only.unbounded, only.orphans, only.others)
    assert START + timedelta(days=1) == only.newest


def test_a_name_that_only_one_has_is_enough() -> None:
    """ARNs and services stand for themselves, names for the one who has them."""
    known = [Known(APP, "Role", "role/app"), Known(f"{APP}2", "User", "user/twin")]
    known.append(Known(f"{APP}3", "Role", "role/twin"))
    assert [APP, APP, "", f"{APP}3", APP, "ec2.amazonaws.com", ""] == [
        resolve(typed, known)
        for typed in ("app", " role/APP ", "twin", "role/twin", APP, "ec2.amazonaws.com", "")
    ]


def test_what_a_grant_can_allow_follows_the_key() -> None:
    """A signing key grants signing; every key grants looking and further grants."""
    assert "Sign" in grantable("RSA_2048", "SIGN_VERIFY")
    assert "Encrypt" not in grantable("RSA_2048", "SIGN_VERIFY")
    assert {"DescribeKey", "CreateGrant", "RetireGrant"} <= set(
        grantable("HMAC_256", "GENERATE_VERIFY_MAC")
    )
