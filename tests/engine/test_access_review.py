"""What a limited caller must not gain, one way round at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kmstui.authz.guardrail import GUARDRAIL
from kmstui.core.arn import root_arn
from kmstui.core.errors import KmsError, SessionError
from kmstui.core.secret import Secret
from kmstui.engine import Session, slots
from kmstui.hsm import UnlockSlot
from kmstui.keystore import PolicyText, UserRecord
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, REGION, UNKNOWN_KEY, Bench
from tests.helpers.mfa import enable, make_phone
from tests.helpers.people import Cast, allow, aws, delegation, deny, document, role_arn, user_arn

THEIRS = root_arn(OTHER_ACCOUNT)
PASS = Secret.from_text("a passphrase of alice")
SCP = document(allow("*"))


@pytest.fixture
def cast(make_bench: MakeBench) -> Cast:
    """Return a training keystore with a second account."""
    bench = make_bench(training=True, administrator="admin")
    bench.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="Partner")
    return Cast(bench)


def partner(cast: Cast) -> Session:
    """Return a session of the other account's root user."""
    return cast.bench.engine.act_as(cast.bench.session, principal=THEIRS)


def error_of(bench: Bench, session: Session, operation: str, **members: Any) -> KmsError:
    """Return the error that a call ends with."""
    with pytest.raises(KmsError) as refused:
        bench.engine.call(session, operation, members)
    return refused.value


def operator(bench: Bench, name: str, *statements: dict[str, Any]) -> Session:
    """Create a user with a passphrase and sign it in."""
    bench.call("iam:CreateUser", UserName=name)
    if statements:
        bench.call(
            "iam:PutUserPolicy",
            UserName=name,
            PolicyName="own",
            PolicyDocument=document(*statements),
        )
    passphrase = Secret.from_text(f"a passphrase of {name}")
    bench.engine.add_operator(bench.session, name, passphrase)
    return bench.engine.unlock(passphrase)


class TestAccounts:
    """One account's administrator is nobody in another."""

    @pytest.mark.parametrize(
        ("operation", "members"),
        [
            ("PutServiceControlPolicy", {"PolicyName": GUARDRAIL, "Policy": SCP}),
            ("DeleteServiceControlPolicy", {"PolicyName": GUARDRAIL}),
            ("ListServiceControlPolicies", {}),
        ],
    )
    def test_another_accounts_service_control_policies_are_out_of_reach(
        self, cast: Cast, operation: str, members: dict[str, str]
    ) -> None:
        """Only the account that the keystore belongs to sees to those of others."""
        cast.bench.call(
            "kmstui:DeleteServiceControlPolicy", AccountId=OTHER_ACCOUNT, PolicyName=GUARDRAIL
        )
        error = error_of(
            cast.bench, partner(cast), f"kmstui:{operation}", AccountId=ACCOUNT, **members
        )
        assert "AccessDeniedException" == error.code

    def test_the_keystores_own_account_manages_the_others(self, cast: Cast) -> None:
        """Its administrator puts a policy on them."""
        cast.bench.call(
            "kmstui:PutServiceControlPolicy",
            AccountId=OTHER_ACCOUNT,
            PolicyName="all",
            Policy=SCP,
        )
        listed = cast.bench.call("kmstui:ListServiceControlPolicies", AccountId=OTHER_ACCOUNT)
        assert "all" in [entry["PolicyName"] for entry in listed["Policies"]]

    @pytest.mark.parametrize(
        ("operation", "members"),
        [
            ("CreateAccount", {"AccountId": "777788889999", "Name": "Third"}),
            ("PutSetting", {"Name": "idle-lock-minutes", "Value": "0"}),
            ("RestoreCheckpoint", {"Name": "before"}),
            ("AdvanceClock", {"Seconds": 60}),
        ],
    )
    def test_what_concerns_the_whole_keystore_is_its_own_accounts(
        self, cast: Cast, operation: str, members: dict[str, Any]
    ) -> None:
        """The root user of another account in it may not do such things."""
        error = error_of(cast.bench, partner(cast), f"kmstui:{operation}", **members)
        assert "AccessDeniedException" == error.code

    def test_nobody_acts_as_another_accounts_principal(self, cast: Cast) -> None:
        """Leave to act as others is leave to act as those of one's own account."""
        there = partner(cast)
        with pytest.raises(KmsError) as refused:
            cast.bench.engine.act_as(there, principal=user_arn("admin"))
        assert "AccessDeniedException" == refused.value.code
        cast.make_role(there, "Theirs", THEIRS)
        assert cast.bench.engine.act_as(there, principal=role_arn("Theirs", OTHER_ACCOUNT))

    def test_another_account_exports_no_backup(self, cast: Cast, tmp_path: Path) -> None:
        """Sealed as it is, it holds everybody's keys."""
        wanted = tmp_path / "backup"
        error = error_of(cast.bench, partner(cast), "kmstui:ExportBackup", Destination=str(wanted))
        assert ("AccessDeniedException", False) == (error.code, wanted.exists())

    def test_accounts_are_not_told_to_one_another(self, cast: Cast) -> None:
        """Another account sees itself alone."""
        found = cast.call(partner(cast), "kmstui:ListAccounts")["Accounts"]
        assert [OTHER_ACCOUNT] == [account["AccountId"] for account in found]

    def test_another_accounts_trail_is_not_read(self, cast: Cast) -> None:
        """One's own calls and what happened to one's own keys is all that is shown."""
        cast.key(delegation())
        events = cast.call(partner(cast), "kmstui:ReadTrail", Limit=1000)["Events"]
        assert {OTHER_ACCOUNT} >= {event["recipientAccountId"] for event in events}

    def test_another_accounts_decisions_are_not_simulated(self, cast: Cast) -> None:
        """Neither its principals nor its keys, whether they exist or not."""
        cast.user("ada", allow("kms:Decrypt"))
        key, there = cast.key(delegation()), partner(cast)
        absent = key.rpartition("/")[0] + "/" + UNKNOWN_KEY
        codes = [
            error_of(cast.bench, there, "kmstui:SimulateAccess", **members).code
            for members in (
                {"Actions": ["kms:Decrypt"], "KeyId": key},
                {"Actions": ["kms:Decrypt"], "KeyId": absent},
                {"Actions": ["kms:Decrypt"], "Principals": [user_arn("ada")]},
                {"Actions": ["kms:Decrypt"], "Principals": [user_arn("nobody")]},
            )
        ]
        assert ["AccessDeniedException"] * 4 == codes


class TestExistence:
    """A refusal does not tell what is there."""

    @pytest.mark.parametrize("operation", ["DescribeKey", "GetKeyPolicy"])
    def test_foreign_keys_and_foreign_nothings_are_refused_alike(
        self, make_bench: MakeBench, operation: str
    ) -> None:
        """Code, text and data are the same for a key that lets nobody in and for none."""
        bench = make_bench(administrator="admin")
        there = foreign_user(bench, allow("kms:*"))
        key = bench.call("CreateKey")["KeyMetadata"]["Arn"]
        absent = key.rpartition("/")[0] + "/" + UNKNOWN_KEY
        told = [
            (error.code, error.message, error.hint, getattr(error, "refusal", None))
            for error in (
                error_of(bench, there, f"kms:{operation}", KeyId=named) for named in (key, absent)
            )
        ]
        assert told[0] == told[1]

    def test_a_foreign_ciphertext_tells_nothing(self, make_bench: MakeBench) -> None:
        """Its key may be there or not."""
        bench = make_bench(administrator="admin")
        there = foreign_user(bench, allow("kms:*"))
        key = bench.key()
        blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        error = error_of(bench, there, "kms:Decrypt", CiphertextBlob=blob)
        assert error.message.endswith(
            "is not authorized to perform: kms:Decrypt on the resource associated with this "
            "ciphertext because the resource does not exist in this Region, no resource-based "
            "policies allow access, or a resource-based policy explicitly denies access"
        )

    def test_roles_that_trust_others_and_no_roles_are_refused_alike(self, cast: Cast) -> None:
        """Who may not assume a role does not learn whether there is one."""
        cast.make_role(partner(cast), "Theirs", THEIRS)
        told = {
            error_of(
                cast.bench,
                cast.bench.session,
                "sts:AssumeRole",
                RoleArn=role_arn(name, OTHER_ACCOUNT),
                RoleSessionName="me",
            ).message.replace(name, "X")
            for name in ("Theirs", "Absent")
        }
        assert 1 == len(told), told

    @pytest.mark.parametrize(
        "arn", ["x" * 20, "arn:aws:iam::role/x-y-z-1", "arn:aws:s3:::bucket-x"]
    )
    def test_what_is_no_role_is_no_fault_of_ours(self, bench: Bench, arn: str) -> None:
        """A malformed ARN is the caller's mistake or a refusal, never an internal failure."""
        error = bench.refusal("sts:AssumeRole", RoleArn=arn, RoleSessionName="me")
        assert error.code in {"ValidationException", "AccessDeniedException"}

    def test_who_may_not_make_operators_learns_no_names(self, cast: Cast) -> None:
        """The refusal comes before the user is looked up."""
        limited = cast.user("limited")
        for operation in ("CreateOperator", "DeleteOperator"):
            codes = {
                error_of(cast.bench, limited, f"kmstui:{operation}", UserName=name).code
                for name in ("admin", "nobody")
            }
            assert {"AccessDeniedException"} == codes


def store_user(bench: Bench, user: UserRecord) -> None:
    """Write a user past the operations."""
    core = bench.core
    with core.keystore.begin() as changes:
        changes.put_user(user)
        changes.commit(clock_mark=core.keystore.head.clock_mark, trail=core.keystore.head.trail)
    core.access.forget()


def foreign_user(bench: Bench, *statements: dict[str, Any]) -> Session:
    """Return a session of a user in another account, who signed in with a passphrase."""
    bench.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="Partner")
    user = UserRecord(
        OTHER_ACCOUNT,
        "visitor",
        "AIDAVISITOR",
        bench.core.now(),
        inline=(PolicyText("own", document(*statements)),),
    )
    store_user(bench, user)
    slot = next(iter(bench.core.keystore.header.slots))
    session, _ = bench.engine._sessions.begin(replace(slot, principal=user.arn))
    return session


class TestSecondFactor:
    """A code is what it says it is, however the session came about."""

    def test_a_role_does_not_stand_in_for_the_passphrase(self, make_bench: MakeBench) -> None:
        """One's first device wants the passphrase, in a role's session too."""
        bench = make_bench(administrator="admin", mfa_guardrail=True)
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": aws(user_arn("admin")),
        }
        bench.call("iam:CreateRole", RoleName="Ops", AssumeRolePolicyDocument=document(trust))
        bench.call(
            "iam:PutRolePolicy",
            RoleName="Ops",
            PolicyName="own",
            PolicyDocument=document(allow("iam:*")),
        )
        bench.clock.advance(timedelta(hours=1))
        role = bench.engine.assume_role(bench.session, role_arn("Ops"), "me")
        phone = make_phone(bench, session=role)
        with pytest.raises(KmsError) as refused:
            enable(phone, "admin", session=role)
        assert "PassphraseNeededError" == refused.value.code

    def test_recovery_codes_are_made_at_home(self, cast: Cast) -> None:
        """Another account's guardrail, or lack of one, does not decide about them."""
        bench = cast.bench
        bench.call(
            "kmstui:DeleteServiceControlPolicy", AccountId=OTHER_ACCOUNT, PolicyName=GUARDRAIL
        )
        enable(make_phone(bench), "admin")
        error = error_of(bench, partner(cast), "kmstui:CreateMfaRecoveryCodes")
        assert "AccessDeniedException" == error.code

    def test_a_code_of_the_future_is_not_fresh(self, training: Bench) -> None:
        """Account time that goes back to a checkpoint makes no code last longer."""
        training.call("kmstui:CreateCheckpoint", Name="before")
        training.call("kmstui:AdvanceClock", Seconds=86400)
        enable(make_phone(training))
        assert 0 == training.engine.mfa_age(training.session)
        training.call("kmstui:RestoreCheckpoint", Name="before")
        assert training.engine.mfa_age(training.session) is None


class TestPassphrases:
    """Who opens the keystore is who was meant to."""

    def test_a_user_who_is_replaced_meanwhile_gets_no_passphrase(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A passphrase made for one user does not go to the next one of that name."""
        bench.call("iam:CreateUser", UserName="alice")

        def replaced(*given: Any) -> UnlockSlot:
            bench.call("iam:DeleteUser", UserName="alice")
            bench.call("iam:CreateUser", UserName="alice")
            return made(*given)

        made = slots._proven_slot
        monkeypatch.setattr(slots, "_proven_slot", replaced)
        with pytest.raises(KmsError):
            bench.engine.add_operator(bench.session, "alice", PASS)
        assert user_arn("alice") not in {
            slot.principal for slot in bench.core.keystore.header.slots
        }

    def test_a_role_changes_the_passphrase_of_who_signed_in(self, bench: Bench) -> None:
        """By the recovery code too, which is never taken for somebody else's passphrase."""
        alice = operator(bench, "alice", allow("sts:AssumeRole"))
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": aws(user_arn("alice")),
        }
        bench.call("iam:CreateRole", RoleName="Job", AssumeRolePolicyDocument=document(trust))
        role = bench.engine.assume_role(alice, role_arn("Job"), "me")
        old, new = Secret.from_text("a passphrase of alice"), Secret.from_text("her second one")
        bench.engine.change_passphrase(role, old, new)
        assert user_arn("alice") == bench.engine.unlock(new).principal
        third = Secret.from_text("and her third one")
        bench.engine.change_passphrase(role, bench.code, third)
        assert user_arn("alice") == bench.engine.unlock(third).principal

    def test_two_at_once_make_one_passphrase(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The second finds the user with one."""
        bench.call("iam:CreateUser", UserName="alice")
        made, both = slots._proven_slot, threading.Barrier(2)

        def together(*given: Any) -> UnlockSlot:
            both.wait(10)
            return made(*given)

        monkeypatch.setattr(slots, "_proven_slot", together)
        codes: list[str] = []

        def add() -> None:
            try:
                bench.engine.add_operator(bench.session, "alice", PASS)
            except KmsError as error:
                codes.append(error.code)

        threads = [threading.Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ["AlreadyExistsException"] == codes

    def test_operators_can_be_limited_to_some_users(self, cast: Cast) -> None:
        """A policy says for whom one may make a passphrase: not for whoever may do more."""
        bench = cast.bench
        bench.call("iam:CreateUser", UserName="clerk", Path="/staff/")
        helper = cast.user(
            "desk", allow("kmstui:CreateOperator", Resource=f"arn:aws:iam::{ACCOUNT}:user/staff/*")
        )
        cast.call(helper, "kmstui:CreateOperator", UserName="clerk")
        error = error_of(bench, helper, "kmstui:CreateOperator", UserName="admin")
        assert "AccessDeniedException" == error.code

    def test_a_deleted_user_can_do_nothing(self, make_bench: MakeBench) -> None:
        """Not even what needs no permission."""
        bench = make_bench(training=True, administrator="admin")
        gone = Cast(bench).user("alice")
        bench.call("iam:DeleteUser", UserName="alice")
        for operation in ("sts:GetSessionToken", "sts:GetCallerIdentity", "kmstui:GetSettings"):
            with pytest.raises(SessionError):
                bench.engine.call(gone, operation)


class TestSelfService:
    """Rights over some users are no rights over others, nor over one's own limits."""

    def test_a_user_is_not_moved_to_where_one_has_no_say(self, cast: Cast) -> None:
        """The new ARN is judged like the old one, path and all."""
        bench = cast.bench
        bench.call("iam:CreateUser", UserName="eve", Path="/dev/")
        only = allow("iam:UpdateUser", Resource=f"arn:aws:iam::{ACCOUNT}:user/dev/*")
        lead = cast.user("lead", only)
        error = error_of(bench, lead, "iam:UpdateUser", UserName="eve", NewPath="/admin/")
        assert "AccessDeniedException" == error.code
        cast.call(lead, "iam:UpdateUser", UserName="eve", NewUserName="eva")
        cast.call(lead, "iam:UpdateUser", UserName="eva", NewPath="/dev/tools/")

    def test_a_missing_boundary_bounds_everything(self, cast: Cast) -> None:
        """A permissions boundary whose policy is not there allows nothing."""
        bench = cast.bench
        session = cast.user("ada", allow("kms:*"))
        user = bench.core.keystore.user(ACCOUNT, "ada")
        assert user is not None
        store_user(bench, replace(user, boundary=f"arn:aws:iam::{ACCOUNT}:policy/Gone"))
        assert "Allowed" != cast.outcome(session, "ListKeys")

    def test_a_policy_can_speak_of_the_targets_boundary(self, cast: Cast) -> None:
        """A Deny by iam:PermissionsBoundary sees the bound that the user has."""
        bench = cast.bench
        text = document(allow("kms:*", "iam:*"))
        bench.call("iam:CreatePolicy", PolicyName="Bound", PolicyDocument=text)
        bound = f"arn:aws:iam::{ACCOUNT}:policy/Bound"
        keep = deny(
            "iam:DeleteUserPermissionsBoundary",
            Condition={"StringEquals": {"iam:PermissionsBoundary": bound}},
        )
        ada = cast.user("ada", allow("iam:*"), keep)
        bench.call("iam:PutUserPermissionsBoundary", UserName="ada", PermissionsBoundary=bound)
        error = error_of(bench, ada, "iam:DeleteUserPermissionsBoundary", UserName="ada")
        assert "AccessDeniedException" == error.code

    def test_what_an_operation_does_not_know_satisfies_no_condition(self, cast: Cast) -> None:
        """Members beside an operation's own are nothing that a policy can see."""
        bench = cast.bench
        bench.call("iam:CreateUser", UserName="free")
        bound = f"arn:aws:iam::{ACCOUNT}:policy/Bound"
        ada = cast.user(
            "ada",
            allow(
                "iam:PutUserPolicy",
                Condition={"StringEquals": {"iam:PermissionsBoundary": bound}},
            ),
            allow("kms:Encrypt", Condition={"StringEquals": {"aws:RequestTag/team": "keys"}}),
        )
        put = {"UserName": "free", "PolicyName": "all", "PolicyDocument": document(allow("*"))}
        put["PermissionsBoundary"] = bound
        assert "Allowed" != cast.outcome(ada, "iam:PutUserPolicy", **put)
        tags = [{"TagKey": "team", "TagValue": "keys"}]
        used = {"KeyId": cast.key(delegation()), "Plaintext": b"x", "Tags": tags}
        assert "Allowed" != cast.outcome(ada, "Encrypt", **used)

    def test_a_decoy_hides_nothing_from_a_deny(self, cast: Cast) -> None:
        """Names differ in case to the key and not to a policy: it sees the values of all."""
        secret = {"StringEquals": {"kms:EncryptionContext:level": "secret"}}
        ada = cast.user("ada", allow("kms:Encrypt"), deny("kms:Encrypt", Condition=secret))
        used = {"KeyId": cast.key(delegation()), "Plaintext": b"x"}
        pairs = [("LEVEL", "public"), ("level", "secret")]
        for context in (dict(pairs), dict(reversed(pairs))):
            outcome = cast.outcome(ada, "Encrypt", **used, EncryptionContext=context)
            assert "ExplicitlyDenied" == outcome

    def test_a_tag_is_what_is_stored(self, cast: Cast) -> None:
        """Another service's spelling of a tag adds nothing to a request's tags."""
        wants = {"StringEquals": {"aws:RequestTag/team": "keys"}}
        ada = cast.user("ada", allow("iam:CreateUser", "iam:TagUser", "kms:*", Condition=wants))
        double = {"TagKey": "team", "TagValue": "keys", "Key": "a", "Value": "b"}
        assert "Allowed" != cast.outcome(ada, "iam:CreateUser", UserName="new", Tags=[double])
        empty = {"TagKey": "team", "TagValue": "", "Value": "keys"}
        assert "Allowed" != cast.outcome(ada, "CreateKey", Tags=[empty])

    def test_a_policy_can_speak_of_the_targets_tags(self, cast: Cast) -> None:
        """A Deny by aws:ResourceTag sees the tags of the user or role."""
        bench = cast.bench
        bench.call("iam:CreateUser", UserName="boss", Tags=[{"Key": "tier", "Value": "top"}])
        keep = deny("iam:*", Condition={"StringEquals": {"aws:ResourceTag/tier": "top"}})
        ada = cast.user("ada", allow("iam:*"), keep)
        assert "Allowed" != cast.outcome(ada, "iam:GetUser", UserName="boss")
        assert "Allowed" == cast.outcome(ada, "iam:GetUser", UserName="ada")


class TestNamesakes:
    """Who comes after somebody inherits nothing."""

    def test_however_a_policy_spells_it(self, cast: Cast) -> None:
        """A deleted user's ARN written with escapes is no door for the next of that name."""
        bench = cast.bench
        first = cast.user("alice")
        text = document(
            delegation(), allow("kms:Encrypt", Principal=aws(user_arn("alice")))
        ).replace("user/alice", "user\\/alice")
        key = bench.call("CreateKey", Policy=text)["KeyMetadata"]["Arn"]
        assert "Allowed" == cast.outcome(first, "Encrypt", KeyId=key, Plaintext=b"x")
        bench.call("iam:DeleteUser", UserName="alice")
        second = cast.user("alice")
        assert "Allowed" != cast.outcome(second, "Encrypt", KeyId=key, Plaintext=b"x")

    def test_sessions_of_a_role_of_the_same_name(self, cast: Cast) -> None:
        """A policy that names a session of a deleted role does not name the next role's."""
        bench = cast.bench
        cast.role("Job")
        named = f"arn:aws:sts::{ACCOUNT}:assumed-role/Job/test"
        key = cast.key(delegation(), allow("kms:Encrypt", Principal=aws(named)))
        bench.call("CreateGrant", KeyId=key, GranteePrincipal=named, Operations=["Decrypt"])
        assert "Allowed" == cast.outcome(cast.assume("Job"), "Encrypt", KeyId=key, Plaintext=b"x")
        bench.call("iam:DeleteRole", RoleName="Job")
        again = cast.role("Job")
        blob = cast.encrypt(bench.session, key)
        assert "Allowed" != cast.outcome(again, "Encrypt", KeyId=key, Plaintext=b"x")
        assert "Allowed" != cast.outcome(again, "Decrypt", CiphertextBlob=blob)


def test_a_refused_call_makes_no_key(cast: Cast) -> None:
    """An AWS managed key is made for who may use it, and for nobody else."""
    limited = cast.user("limited")
    error_of(cast.bench, limited, "kms:DescribeKey", KeyId="alias/aws/s3")
    assert [] == cast.bench.core.keystore.keys(ACCOUNT, REGION, limit=10)


def test_temporary_credentials_do_not_renew_themselves(cast: Cast) -> None:
    """GetSessionToken wants credentials that last."""
    bench = cast.bench
    token = bench.call("sts:GetSessionToken")["Credentials"]["SessionToken"]
    session = bench.engine._sessions.from_token(token, REGION)
    error = error_of(bench, session, "sts:GetSessionToken")
    assert "AccessDeniedException" == error.code


def test_a_failed_removal_ends_no_session(bench: Bench) -> None:
    """An operator whose passphrase could not be taken away goes on."""
    alice = operator(bench, "alice", allow("kms:ListKeys"))
    commit = bench.core.commit

    def failing(*_args: Any) -> None:
        raise KmsError("no")

    bench.core.commit = failing  # type: ignore[method-assign,assignment]
    with pytest.raises(KmsError):
        bench.call("kmstui:DeleteOperator", UserName="alice")
    bench.core.commit = commit  # type: ignore[method-assign]
    assert bench.engine.call(alice, "kms:ListKeys") is not None
