"""The demo account: who is in it, what they may do, and what its trail tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kmstui.authz.refusal import Refusal
from kmstui.core.clock import FakeClock
from kmstui.core.errors import AccessDeniedException
from kmstui.engine import Engine, Session
from kmstui.engine.demo import demo_passphrase
from kmstui.engine.demo.setting import role_arn, user_arn
from kmstui.engine.demo.story import ACTS
from tests.helpers.demo_console import TODAY, Demo
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION

ADMIN = user_arn("admin")
CARDVAULT = {"app": "cardvault", "env": "prod"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return a demo that is only copied."""
    base = tmp_path_factory.mktemp("demo")
    base.chmod(0o700)
    return Demo.build(base)


def opened(demo: Demo) -> tuple[Engine, Session]:
    """Open a demo at the end of its year."""
    engine = Engine.open(demo.keystore, host=demo.host(FakeClock(TODAY)))
    return engine, engine.unlock(demo_passphrase())


class Console:
    """An engine on the demo, and its administrator.

    Attributes:
        engine: The engine.
        session: The administrator's session.
    """

    def __init__(self, engine: Engine, session: Session) -> None:
        self.engine = engine
        self.session = session

    def call(self, operation: str, session: Session | None = None, **members: Any) -> Any:
        """Call an operation, as the administrator unless told otherwise."""
        return self.engine.call(session or self.session, operation, members)

    def role(self, name: str) -> Session:
        """Switch to a role."""
        return self.engine.assume_role(self.session, role_arn(name), "admin")

    def denied(self, operation: str, session: Session, **members: Any) -> str:
        """Return which statement denies a call; empty when none does and nothing allows it."""
        with pytest.raises(AccessDeniedException) as refused:
            self.call(operation, session, **members)
        refusal = refused.value.refusal
        assert isinstance(refusal, Refusal)
        return refusal.decision.sid

    def trail(self) -> list[dict[str, Any]]:
        """Return every event of the year, newest first."""
        events: list[dict[str, Any]] = []
        before: dict[str, Any] = {}
        while True:
            page = self.call("kmstui:ReadTrail", Limit=500, **before)
            events += page["Events"]
            if not page["Truncated"]:
                return events
            before = {"Before": page["Events"][-1]["kmstui"]["sequence"]}


@pytest.fixture
def console(demo: Demo, tmp_path: Path) -> Iterator[Console]:
    """Return a copy of the demo, signed in."""
    tmp_path.chmod(0o700)
    engine, session = opened(demo.copy(tmp_path))
    yield Console(engine, session)
    engine.close()


def test_the_administrator_signs_in_and_has_the_demo_authenticator(console: Console) -> None:
    """A named user, whose device shows codes that count at once."""
    assert console.session.principal == ADMIN
    shown = console.call("kmstui:ShowDemoCode")
    assert shown["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/demo-authenticator"
    console.call("kmstui:AuthenticateMfa", TokenCode=shown["Code"])
    assert console.engine.mfa_age(console.session) == 0


def test_critical_calls_ask_for_a_code(console: Console) -> None:
    """The guardrail is on; with the authenticator's code the call goes through."""
    request: dict[str, Any] = {"KeyId": "alias/dev-sandbox-platform", "PendingWindowInDays": 7}
    described = console.call("kms:DescribeKey", KeyId=request["KeyId"])["KeyMetadata"]
    request["KeyId"] = described["KeyId"]
    assert console.denied("kms:ScheduleKeyDeletion", console.session, **request) == (
        "MFACriticalEvents"
    )
    code = console.call("kmstui:ShowDemoCode")["Code"]
    console.call("kmstui:AuthenticateMfa", TokenCode=code)
    console.call("kms:ScheduleKeyDeletion", **request)


def test_the_key_administrator_manages_and_cannot_decrypt(console: Console) -> None:
    """What its own policy denies, no delegation gives back."""
    role = console.role("KeyAdministrator")
    sealed = console.call(
        "kms:Encrypt",
        KeyId="alias/prod-cardvault-payments",
        Plaintext=b"x",
        EncryptionContext=CARDVAULT,
    )["CiphertextBlob"]
    assert "NoUseOfKeys" == console.denied(
        "kms:Decrypt", role, CiphertextBlob=sealed, EncryptionContext=CARDVAULT
    )
    console.call("kms:ListKeys", role)
    console.call("iam:ListRoles", role)


def test_one_role_encrypts_and_another_decrypts(console: Console) -> None:
    """IngestApp cannot read what it wrote, and ReportApp cannot write what it reads."""
    ingest, report = console.role("IngestApp"), console.role("ReportApp")
    named = {"KeyId": "alias/prod-telemetry-fleet"}
    blob = console.call("kms:Encrypt", ingest, Plaintext=b"x", **named)["CiphertextBlob"]
    assert b"x" == console.call("kms:Decrypt", report, CiphertextBlob=blob)["Plaintext"]
    assert "" == console.denied("kms:Decrypt", ingest, CiphertextBlob=blob)
    assert "" == console.denied("kms:Encrypt", report, Plaintext=b"x", **named)


def test_the_auditor_looks_and_touches_nothing(console: Console) -> None:
    """Policies are read; using and changing keys is refused."""
    role, key = console.role("Auditor"), {"KeyId": "alias/dev-sandbox-platform"}
    key_id = console.call("kms:DescribeKey", role, **key)["KeyMetadata"]["KeyId"]
    console.call("kms:GetKeyPolicy", role, KeyId=key_id)
    console.call("kms:ListGrants", role, KeyId=key_id)
    console.denied("kms:Encrypt", role, Plaintext=b"x", **key)
    console.denied("kms:DisableKey", role, KeyId=key_id)


def test_whoever_may_do_everything_is_still_kept_from_payouts(console: Console) -> None:
    """``kms:*`` opens every key but the one that denies all who are not named."""
    deploy = console.engine.act_as(console.session, principal=user_arn("DeployUser"))
    console.call("kms:Encrypt", deploy, KeyId="alias/prod-ledger-payments", Plaintext=b"x")
    assert "DenyAllOthers" == console.denied(
        "kms:Encrypt", deploy, KeyId="alias/prod-payouts-payments", Plaintext=b"x"
    )
    console.call("kms:Encrypt", KeyId="alias/prod-payouts-payments", Plaintext=b"x")


def test_the_partner_is_in_the_keystore(console: Console) -> None:
    """A second account, with the roles that two keys are shared with."""
    accounts = console.call("kmstui:ListAccounts")["Accounts"]
    assert [ACCOUNT, OTHER_ACCOUNT] == [account["AccountId"] for account in accounts]
    for name in ("PartnerAnalyticsRole", "PartnerBuildRole"):
        console.engine.assume_role(console.session, role_arn(name, OTHER_ACCOUNT), "admin")


def test_every_role_can_be_switched_to(console: Console) -> None:
    """The administrator may assume all of them."""
    roles = console.call("iam:ListRoles")["Roles"]
    assert 11 == len(roles)
    for role in roles:
        console.engine.assume_role(console.session, role["Arn"], "admin")


def test_first_use_made_the_key_for_volumes(console: Console) -> None:
    """In the second Region EC2 has made its own key."""
    there = console.engine.switch_region(console.session, OTHER_REGION)
    key = console.call("kms:DescribeKey", there, KeyId="alias/aws/ebs")["KeyMetadata"]
    assert "AWS" == key["KeyManager"]


def test_grants_of_every_kind_are_left(console: Console) -> None:
    """Of services, partners and users, with and without constraints; some have ended."""
    found = {}
    for key in console.call("kms:ListKeys")["Keys"]:
        for grant in console.call("kms:ListGrants", KeyId=key["KeyId"])["Grants"]:
            found[grant["Name"]] = grant
    assert {
        "settlement-report",
        "volume-attachment",
        "partner-extract",
        "migration",
        "log-export",
        "incident-1042",
    } == set(found)
    assert "Constraints" not in found["log-export"]


def test_the_trail_explains_what_was_refused(console: Console) -> None:
    """Each wanted refusal is there, and each denial says what decided."""
    refused = [event for event in console.trail() if "errorCode" in event]
    assert sum(act.refused for act in ACTS) == len(refused)
    denied = [event for event in refused if event["errorCode"] == "AccessDenied"]
    decisions = [event["additionalEventData"]["decision"] for event in denied]
    assert {"ExplicitlyDenied", "ImplicitlyDenied"} == {each["outcome"] for each in decisions}
    assert 1 == sum(each.get("mfaWouldHelp", False) for each in decisions)


def test_critical_calls_of_the_year_were_made_with_codes(console: Console) -> None:
    """Whoever changed a policy or scheduled a deletion had given a code."""
    done = [
        event
        for event in console.trail()
        if event["eventName"] in {"PutKeyPolicy", "ScheduleKeyDeletion"}
        and "errorCode" not in event
    ]
    assert 9 == len(done)
    for event in done:
        attributes = event["userIdentity"]["sessionContext"]["attributes"]
        assert "true" == attributes["mfaAuthenticated"]


def test_a_seed_tells_the_same_year(demo: Demo, tmp_path: Path) -> None:
    """Keys, principals and events are the same again; only key material and tokens differ."""
    told = []
    for name in ("copied", "rebuilt"):
        (tmp_path / name).mkdir(mode=0o700)
    for each in (demo.copy(tmp_path / "copied"), Demo.build(tmp_path / "rebuilt")):
        engine, session = opened(each)
        console = Console(engine, session)
        told.append(
            (
                console.call("kmstui:ListPrincipals"),
                console.call("kmstui:ListKeySummaries", Limit=100)["Keys"],
                [
                    (event["eventID"], event["eventName"], event["eventTime"])
                    for event in console.trail()
                ],
            )
        )
        engine.close()
    assert told[0] == told[1]
