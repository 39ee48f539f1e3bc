"""Calls across accounts and from AWS services, over the whole engine.

Sources: AWS KMS Developer Guide, *Allowing users in other accounts to use a KMS key* and *AWS KMS
condition keys*; IAM User Guide, *Cross-account policy evaluation logic*, *The confused deputy
problem*.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.authz.guardrail import FULL_ACCESS
from kmstui.core.arn import root_arn
from kmstui.engine import Session
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, REGION
from tests.helpers.people import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    Cast,
    Statement,
    allow,
    aws,
    delegation,
    deny,
    document,
    role_arn,
    user_arn,
)

READER = role_arn("Reader", OTHER_ACCOUNT)
THEIRS = root_arn(OTHER_ACCOUNT)
S3 = "s3.amazonaws.com"
BUCKET = "arn:aws:s3:::example-bucket"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/example"
USE = ("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")


@pytest.fixture
def cast(make_bench: MakeBench) -> Cast:
    """Return a training keystore with a second account."""
    bench = make_bench(training=True, administrator="admin")
    bench.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="Partner")
    return Cast(bench)


def partner(cast: Cast) -> Session:
    """Return a session of the other account's root user."""
    return cast.bench.engine.act_as(cast.bench.session, principal=THEIRS)


def reader(cast: Cast, *statements: Statement) -> Session:
    """Return a session of a role in the other account."""
    cast.make_role(partner(cast), "Reader", THEIRS, *statements)
    return cast.bench.engine.act_as(cast.bench.session, principal=READER)


def encrypts(cast: Cast, session: Session, key: str) -> str:
    """Return what becomes of encrypting."""
    return cast.outcome(session, "Encrypt", KeyId=key, Plaintext=b"x")


class TestAccounts:
    """Both accounts have to agree."""

    @pytest.mark.parametrize(
        ("named", "identity", "outcome"),
        [
            (THEIRS, True, ALLOWED),
            (THEIRS, False, IMPLICIT),
            (READER, True, ALLOWED),
            (READER, False, IMPLICIT),
            ("", True, IMPLICIT),
            (role_arn("Other", "777788889999"), True, IMPLICIT),
        ],
    )
    def test_the_key_and_the_callers_account_both_allow(
        self, cast: Cast, named: str, identity: bool, outcome: str
    ) -> None:
        """Naming the account or the role is half of it; an identity policy is the other half."""
        session = reader(cast, *([allow(*USE)] if identity else []))
        shared = [allow(*USE, Principal=aws(named))] if named else []
        assert outcome == encrypts(cast, session, cast.key(delegation(), *shared))

    def test_the_other_way_round(self, cast: Cast) -> None:
        """A key of the second account is used from the first by the same rules."""
        there = partner(cast)
        made = cast.call(
            there,
            "CreateKey",
            Policy=document(
                delegation(OTHER_ACCOUNT), allow(*USE, Principal=aws(root_arn(ACCOUNT)))
            ),
        )
        key = made["KeyMetadata"]["Arn"]
        assert f":{OTHER_ACCOUNT}:key/" in key
        user = cast.user("ExampleUser", allow(*USE, Resource=key))
        blob = cast.encrypt(user, key)
        assert b"x" == cast.call(there, "Decrypt", CiphertextBlob=blob)["Plaintext"]
        stranger = cast.user("Stranger")
        assert IMPLICIT == cast.outcome(stranger, "Decrypt", CiphertextBlob=blob)

    def test_the_other_accounts_root_needs_no_identity_policy(self, cast: Cast) -> None:
        """Its root user is let in by being named, and by nothing else."""
        shared = cast.key(delegation(), allow(*USE, Principal=aws(THEIRS)))
        assert ALLOWED == encrypts(cast, partner(cast), shared)
        assert IMPLICIT == encrypts(cast, partner(cast), cast.key(delegation()))

    def test_administration_does_not_cross_accounts(self, cast: Cast) -> None:
        """What AWS does not offer across accounts is refused, whatever the policies say."""
        session = reader(cast, allow("kms:*"))
        key = cast.key(delegation(), allow("kms:*", Principal=aws(READER)))
        assert ALLOWED == encrypts(cast, session, key)
        for operation, members in (
            ("DisableKey", {}),
            ("ScheduleKeyDeletion", {}),
            ("PutKeyPolicy", {"Policy": document(delegation())}),
            ("GetKeyPolicy", {}),
        ):
            refused = cast.judged(session, operation, KeyId=key, **members)
            assert refused is not None, operation

    @pytest.mark.parametrize("where", ["identity", "key", "scp"])
    def test_a_deny_of_either_side_decides(self, cast: Cast, where: str) -> None:
        """An explicit deny of the caller's account, of its organisation, or of the key."""
        no = deny("kms:Encrypt")
        session = reader(cast, allow(*USE), *([no] if where == "identity" else []))
        statements = [delegation(), allow(*USE, Principal=aws(THEIRS))]
        if where == "key":
            statements.append({**no, "Principal": aws(READER)})
        if where == "scp":
            cast.call(
                cast.bench.session,
                "kmstui:PutServiceControlPolicy",
                AccountId=OTHER_ACCOUNT,
                PolicyName="NoEncrypt",
                Policy=document(no),
            )
        key = cast.key(*statements)
        assert EXPLICIT == encrypts(cast, session, key)
        assert ALLOWED == cast.outcome(session, "DescribeKey", KeyId=key)

    def test_an_accounts_own_limits_hold_abroad(self, cast: Cast) -> None:
        """What a service control policy does not allow, a key of another account does not give."""
        session = reader(cast, allow(*USE))
        key = cast.key(delegation(), allow(*USE, Principal=aws(READER)))
        cast.call(
            cast.bench.session,
            "kmstui:PutServiceControlPolicy",
            AccountId=OTHER_ACCOUNT,
            PolicyName=FULL_ACCESS,
            Policy=document(allow("kms:Describe*", "iam:*", "kmstui:*")),
        )
        assert IMPLICIT == encrypts(cast, session, key)
        assert ALLOWED == cast.outcome(session, "DescribeKey", KeyId=key)
        assert ALLOWED == encrypts(cast, cast.bench.session, key)

    def test_a_role_is_assumed_across_accounts(self, cast: Cast) -> None:
        """The role's trust policy and the caller's identity policy have to agree, too."""
        cast.make_role(partner(cast), "Shared", user_arn("admin"), allow(*USE))
        session = cast.assume("Shared", OTHER_ACCOUNT)
        key = cast.key(delegation(), allow(*USE, Principal=aws(THEIRS)))
        assert ALLOWED == encrypts(cast, session, key)
        user = cast.user("ExampleUser")
        arn = role_arn("Shared", OTHER_ACCOUNT)
        request = {"RoleArn": arn, "RoleSessionName": "test"}
        assert IMPLICIT == cast.outcome(user, "sts:AssumeRole", **request)

    def test_caller_account_tells_them_apart(self, cast: Cast) -> None:
        """``kms:CallerAccount`` is the caller's, so a key opened to all stays in one account."""
        session = reader(cast, allow("kms:*"))
        here = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
        key = cast.key(allow("kms:*", Principal="*", Condition=here))
        user = cast.user("ExampleUser")
        assert [ALLOWED, IMPLICIT] == [encrypts(cast, each, key) for each in (user, session)]


class TestThroughServices:
    """``kms:ViaService`` and what goes with it: a service that works for a principal."""

    CONDITION = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}  # noqa: RUF012 - never changed

    @pytest.mark.parametrize("where", ["key", "identity"])
    def test_use_by_way_of_one_service(self, cast: Cast, where: str) -> None:
        """Allowed through S3; refused directly, through another service, and to S3 itself."""
        mine = allow("kms:Encrypt", Condition=self.CONDITION)
        user = cast.user("ExampleUser", *([mine] if where == "identity" else []))
        named = {**mine, "Principal": aws(user.principal)}
        key = cast.key(delegation() if where == "identity" else named)
        assert ALLOWED == encrypts(cast, cast.through(S3, user), key)
        assert IMPLICIT == encrypts(cast, user, key)
        assert IMPLICIT == encrypts(cast, cast.through("rds.amazonaws.com", user), key)
        assert IMPLICIT == encrypts(cast, cast.through(S3), key)

    def test_use_by_way_of_anything_but_one_service(self, cast: Cast) -> None:
        """A Deny on ViaService stops that way and leaves direct calls alone."""
        user = cast.user("ExampleUser", allow("kms:Encrypt"))
        key = cast.key(delegation(), deny("kms:Encrypt", Principal="*", Condition=self.CONDITION))
        assert EXPLICIT == encrypts(cast, cast.through(S3, user), key)
        assert ALLOWED == encrypts(cast, user, key)

    def test_direct_calls_only(self, cast: Cast) -> None:
        """``aws:ViaAWSService`` and ``aws:CalledVia`` know it as well."""
        user = cast.user("ExampleUser", allow("kms:Encrypt"))
        through = cast.through(S3, user)
        via = {"Bool": {"aws:ViaAWSService": "true"}}
        called = {"ForAnyValue:StringEquals": {"aws:CalledVia": [S3]}}
        for condition in (via, called):
            key = cast.key(delegation(), deny("kms:Encrypt", Principal="*", Condition=condition))
            assert [EXPLICIT, ALLOWED] == [encrypts(cast, who, key) for who in (through, user)]

    def test_the_service_cannot_be_claimed(self, cast: Cast) -> None:
        """A request says nothing about services: there is no such member."""
        user = cast.user("ExampleUser", allow("kms:Encrypt", Condition=self.CONDITION))
        key = cast.key(delegation())
        assert IMPLICIT == encrypts(cast, user, key)
        members = cast.bench.engine.operations()["kms:Encrypt"].members
        assert not {"ViaService", "kms:ViaService"} & {member.name for member in members}

    def test_the_trail_names_the_service(self, cast: Cast) -> None:
        """The event is the principal's, invoked by the service."""
        user = cast.user("ExampleUser", allow("kms:Encrypt"))
        cast.encrypt(cast.through(S3, user), cast.key(delegation()))
        identity = cast.bench.last_event()["userIdentity"]
        assert (user.principal, S3) == (identity["arn"], identity["invokedBy"])


class TestServices:
    """Services that call for themselves."""

    @staticmethod
    def service(cast: Cast, source: str = "") -> Session:
        """Return a session of S3, on behalf of a resource."""
        return cast.bench.engine.act_as(cast.bench.session, service=S3, source_arn=source)

    def test_a_service_is_let_in_by_name(self, cast: Cast) -> None:
        """The key policy names it; delegation to the account is none of its business."""
        key = cast.key(delegation(), allow("kms:Encrypt", Principal={"Service": S3}))
        assert ALLOWED == encrypts(cast, self.service(cast), key)
        assert IMPLICIT == encrypts(cast, self.service(cast), cast.key(delegation()))
        other = cast.bench.engine.act_as(cast.bench.session, service="sns.amazonaws.com")
        assert IMPLICIT == encrypts(cast, other, key)

    def test_a_service_works_for_its_source_alone(self, cast: Cast) -> None:
        """``aws:SourceArn`` keeps it from being another's deputy."""
        key = cast.key(
            allow(
                "kms:Encrypt",
                Principal={"Service": S3},
                Condition={"ArnLike": {"aws:SourceArn": BUCKET}},
            )
        )
        assert ALLOWED == encrypts(cast, self.service(cast, BUCKET), key)
        for source in ("", f"{BUCKET}-other", TRAIL):
            assert IMPLICIT == encrypts(cast, self.service(cast, source), key)

    def test_a_service_works_for_one_account(self, cast: Cast) -> None:
        """``aws:SourceAccount`` is read from the source."""
        key = cast.key(
            allow(
                "kms:Encrypt",
                Principal={"Service": S3},
                Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            )
        )
        assert ALLOWED == encrypts(cast, self.service(cast, TRAIL), key)
        theirs = TRAIL.replace(ACCOUNT, OTHER_ACCOUNT)
        assert IMPLICIT == encrypts(cast, self.service(cast, theirs), key)

    @pytest.mark.parametrize("key_name", ["aws:PrincipalIsAWSService", "aws:PrincipalServiceName"])
    def test_people_are_denied_where_services_are_not(self, cast: Cast, key_name: str) -> None:
        """A Deny for everybody but services spares them."""
        condition: dict[str, Any] = {"BoolIfExists": {key_name: "false"}}
        if key_name == "aws:PrincipalServiceName":
            condition = {"StringNotEquals": {key_name: S3}}
        key = cast.key(
            delegation(),
            allow("kms:Encrypt", Principal={"Service": S3}),
            deny("kms:Encrypt", Principal="*", Condition=condition),
        )
        assert ALLOWED == encrypts(cast, self.service(cast), key)
        assert EXPLICIT == encrypts(cast, cast.bench.session, key)

    def test_everybody_includes_services(self, cast: Cast) -> None:
        """A Deny for ``*`` stops a service that is named beside it."""
        key = cast.key(
            allow("kms:Encrypt", Principal={"Service": S3}),
            deny("kms:Encrypt", Principal="*"),
        )
        assert EXPLICIT == encrypts(cast, self.service(cast), key)

    def test_only_training_keystores_play_services(self, make_bench: MakeBench) -> None:
        """Nobody acts as a service in a keystore that is used in earnest."""
        bench = make_bench()
        error = bench.refusal("kmstui:ActAs", Service=S3)
        assert "NotTrainingError" == error.code


class TestLimits:
    """What limits a grantee: an explicit deny anywhere is stronger than its grant."""

    def test_revoked_is_over_at_once(self, cast: Cast) -> None:
        """The very next call of the grantee is refused, with the token as without."""
        user = cast.user("ExampleUser")
        key = cast.key(delegation())
        made = cast.call(
            cast.bench.session,
            "CreateGrant",
            KeyId=key,
            GranteePrincipal=user.principal,
            Operations=["Encrypt"],
        )
        assert ALLOWED == encrypts(cast, user, key)
        cast.bench.call("RevokeGrant", KeyId=key, GrantId=made["GrantId"])
        assert IMPLICIT == encrypts(cast, user, key)
        tokens = {"GrantTokens": [made["GrantToken"]]}
        assert IMPLICIT == cast.outcome(user, "Encrypt", KeyId=key, Plaintext=b"x", **tokens)

    @pytest.mark.parametrize("where", ["identity", "key", "scp", "boundary"])
    def test_a_deny_is_stronger_than_a_grant(self, cast: Cast, where: str) -> None:
        """Whichever policy it is in; lifted, the grant is in force again."""
        no = deny("kms:Encrypt")
        user = cast.user("ExampleUser")
        key = cast.key(delegation())
        grant = {"GranteePrincipal": user.principal, "Operations": ["Encrypt"]}
        cast.bench.call("CreateGrant", grant, KeyId=key)
        assert ALLOWED == encrypts(cast, user, key)
        put, undo = self.denial(where, key, no)
        for operation, members in put:
            cast.call(cast.bench.session, operation, **members)
        assert EXPLICIT == encrypts(cast, user, key)
        operation, members = undo
        cast.call(cast.bench.session, operation, **members)
        assert ALLOWED == encrypts(cast, user, key)

    @staticmethod
    def denial(
        where: str, key: str, no: Statement
    ) -> tuple[list[tuple[str, dict[str, Any]]], tuple[str, dict[str, Any]]]:
        """Return the calls that put a Deny in force, and the one that lifts it."""
        user = {"UserName": "ExampleUser"}
        if where == "identity":
            named = user | {"PolicyName": "no"}
            return [("iam:PutUserPolicy", named | {"PolicyDocument": document(no)})], (
                "iam:DeleteUserPolicy",
                named,
            )
        if where == "key":
            everybody = {**no, "Principal": aws(user_arn("ExampleUser"))}
            put = {"KeyId": key, "Policy": document(delegation(), everybody)}
            return [("PutKeyPolicy", put)], (
                "PutKeyPolicy",
                {"KeyId": key, "Policy": document(delegation())},
            )
        if where == "scp":
            scp = {"PolicyName": "NoEncrypt"}
            return [("kmstui:PutServiceControlPolicy", scp | {"Policy": document(no)})], (
                "kmstui:DeleteServiceControlPolicy",
                scp,
            )
        arn = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"
        text = document(allow("*"), no)
        return [
            ("iam:CreatePolicy", {"PolicyName": "Boundary", "PolicyDocument": text}),
            ("iam:PutUserPermissionsBoundary", user | {"PermissionsBoundary": arn}),
        ], ("iam:DeleteUserPermissionsBoundary", user)
