"""Who may do what by a grant: its grantee, and nobody else; and who may end it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.engine import Session
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, ROOT, Bench

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"
PARTNER_ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
CAROL = f"arn:aws:iam::{OTHER_ACCOUNT}:user/carol"
SERVICE = "rds.amazonaws.com"
DATABASE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:ledger"
DENIED = "AccessDeniedException"
OK = ""


def document(*actions: str, effect: str = "Allow", **more: Any) -> str:
    """Return an identity policy on every resource."""
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def give(bench: Bench, user: str, policy: str, session: Session | None = None) -> None:
    """Give a user an identity policy."""
    request = {"UserName": user, "PolicyName": "use", "PolicyDocument": policy}
    bench.engine.call(session or bench.session, "iam:PutUserPolicy", request)


def code(bench: Bench, who: Session, operation: str, **members: Any) -> str:
    """Return the error code of somebody's call; empty for success."""
    try:
        bench.engine.call(who, f"kms:{operation}", members)
    except KmsError as error:
        return error.code
    return OK


@pytest.fixture
def stage(training: Bench) -> Bench:
    """Return a training keystore with users, a role and a partner account."""
    for name in ("alice", "bob"):
        training.call("iam:CreateUser", UserName=name)
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}}
            ],
        }
    )
    training.call("iam:CreateRole", RoleName="worker", AssumeRolePolicyDocument=trust)
    training.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")
    partner = act(training, PARTNER_ROOT)
    training.engine.call(partner, "iam:CreateUser", {"UserName": "carol"})
    return training


def act(bench: Bench, principal: str = "", **members: str) -> Session:
    """Return a session in another's place."""
    return bench.engine.act_as(bench.session, principal=principal, **members)


def grant(
    bench: Bench,
    key: str,
    *operations: str,
    to: str = ALICE,
    by: Session | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Create a grant on a key."""
    request = {"KeyId": key, "GranteePrincipal": to, "Operations": list(operations)} | more
    return bench.engine.call(by or bench.session, "kms:CreateGrant", request)


def test_a_grant_lets_its_grantee_in_and_nobody_else(stage: Bench) -> None:
    """The grantee alone, for the operations listed alone, on that key alone, until it ends."""
    key, other = stage.key(), stage.key()
    alice, bob = act(stage, ALICE), act(stage, BOB)
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED
    made = grant(stage, key, "Encrypt", "DescribeKey")
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x") == OK
    assert code(stage, alice, "DescribeKey", KeyId=key) == OK
    assert code(stage, alice, "GenerateDataKey", KeyId=key, KeySpec="AES_256") == DENIED
    assert code(stage, alice, "Encrypt", KeyId=other, Plaintext=b"x") == DENIED
    token = [made["GrantToken"]]
    assert code(stage, bob, "Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=token) == DENIED
    stage.call("RevokeGrant", KeyId=key, GrantId=made["GrantId"])
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=token) == DENIED


def test_a_deny_is_stronger_than_a_grant(stage: Bench) -> None:
    """An explicit deny in an identity policy stops the grantee."""
    key, alice = stage.key(), act(stage, ALICE)
    grant(stage, key, "Encrypt")
    give(stage, "alice", document("kms:Encrypt", effect="Deny"))
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED


def test_a_grant_to_a_role_is_for_its_sessions(stage: Bench) -> None:
    """A session of the role uses it; a grant to one session is for that session alone."""
    key, worker = stage.key(), act(stage, WORKER)
    assert worker.principal.endswith("assumed-role/worker/console")
    grant(stage, key, "Encrypt", to=WORKER)
    assert code(stage, worker, "Encrypt", KeyId=key, Plaintext=b"x") == OK
    grant(stage, key, "Decrypt", to=worker.principal.replace("console", "night"))
    blob = stage.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert code(stage, worker, "Decrypt", CiphertextBlob=blob) == DENIED
    grant(stage, key, "Decrypt", to=worker.principal)
    assert code(stage, worker, "Decrypt", CiphertextBlob=blob) == OK


@pytest.mark.parametrize(
    ("constraint", "allowed", "denied"),
    [
        ("EncryptionContextEquals", [{"a": "1"}], [{}, {"a": "2"}, {"a": "1", "b": "2"}]),
        ("EncryptionContextSubset", [{"a": "1"}, {"a": "1", "b": "2"}], [{}, {"a": "2"}]),
    ],
)
def test_constraints_bind_the_grantee(
    stage: Bench,
    constraint: str,
    allowed: list[dict[str, str]],
    denied: list[dict[str, str]],
) -> None:
    """Only contexts that fit are let in; operations without a context are not constrained."""
    key, alice = stage.key(), act(stage, ALICE)
    grant(stage, key, "Encrypt", "DescribeKey", Constraints={constraint: {"a": "1"}})
    for pairs, expected in [*((p, OK) for p in allowed), *((p, DENIED) for p in denied)]:
        found = code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x", EncryptionContext=pairs)
        assert expected == found, pairs
    assert code(stage, alice, "DescribeKey", KeyId=key) == OK


def test_reencrypting_needs_a_grant_on_either_side(stage: Bench) -> None:
    """ReEncryptFrom on the source with its context, ReEncryptTo on the destination with its."""
    source, destination, alice = stage.key(), stage.key(), act(stage, ALICE)
    old, new = {"a": "1"}, {"b": "2"}
    blob = stage.call("Encrypt", KeyId=source, Plaintext=b"x", EncryptionContext=old)
    request = {
        "CiphertextBlob": blob["CiphertextBlob"],
        "DestinationKeyId": destination,
        "SourceEncryptionContext": old,
        "DestinationEncryptionContext": new,
    }
    grant(stage, source, "ReEncryptFrom", Constraints={"EncryptionContextEquals": old})
    assert code(stage, alice, "ReEncrypt", **request) == DENIED
    grant(stage, destination, "ReEncryptTo", Constraints={"EncryptionContextEquals": new})
    assert code(stage, alice, "ReEncrypt", **request) == OK
    assert code(stage, alice, "ReEncrypt", **request | {"DestinationKeyId": source}) == DENIED


PARENT = {"EncryptionContextSubset": {"a": "1"}}
CHILDREN = [
    (["Encrypt"], {"EncryptionContextSubset": {"a": "1"}}, OK),
    (["Encrypt"], {"EncryptionContextSubset": {"a": "1", "b": "2"}}, OK),
    (["Encrypt"], {"EncryptionContextEquals": {"a": "1"}}, OK),
    (["CreateGrant", "Encrypt"], PARENT, OK),
    (["Encrypt"], {}, DENIED),
    (["Encrypt"], {"EncryptionContextSubset": {"b": "2"}}, DENIED),
    (["Encrypt"], {"EncryptionContextSubset": {"a": "2"}}, DENIED),
    (["Encrypt"], {"EncryptionContextEquals": {"b": "2"}}, DENIED),
    (["Decrypt"], PARENT, DENIED),
    (["Encrypt", "Decrypt"], PARENT, DENIED),
    (["Encrypt", "RetireGrant"], PARENT, DENIED),
]


@pytest.mark.parametrize(("operations", "constraints", "expected"), CHILDREN)
def test_a_child_is_no_wider_than_its_parent(
    stage: Bench, operations: list[str], constraints: dict[str, Any], expected: str
) -> None:
    """Who may make grants by a grant alone passes on a part of it, as strict or stricter."""
    key, alice = stage.key(), act(stage, ALICE)
    grant(stage, key, "CreateGrant", "Encrypt", Constraints=PARENT)
    request: dict[str, Any] = {"KeyId": key, "GranteePrincipal": BOB, "Operations": operations}
    if constraints:
        request["Constraints"] = constraints
    assert expected == code(stage, alice, "CreateGrant", **request)
    assert len(stage.call("ListGrants", KeyId=key)["Grants"]) == (2 if expected == OK else 1)


def test_whoever_a_policy_lets_make_grants_is_not_bound_by_one(stage: Bench) -> None:
    """CreateGrant from a policy passes on what its caller does not have."""
    key, alice = stage.key(), act(stage, ALICE)
    grant(stage, key, "CreateGrant", "Encrypt", Constraints=PARENT)
    give(stage, "alice", document("kms:CreateGrant"))
    request = {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Decrypt"]}
    assert code(stage, alice, "CreateGrant", **request) == OK


def test_any_of_several_parents_will_do(stage: Bench) -> None:
    """A child that fits one of the grants that let its maker make grants is made."""
    key, alice = stage.key(), act(stage, ALICE)
    grant(stage, key, "CreateGrant", "Encrypt")
    grant(stage, key, "CreateGrant", "Decrypt")
    for operations, expected in (
        (["Encrypt"], OK),
        (["Decrypt"], OK),
        (["Encrypt", "Decrypt"], DENIED),
    ):
        request = {"KeyId": key, "GranteePrincipal": BOB, "Operations": operations}
        assert expected == code(stage, alice, "CreateGrant", **request), operations


def test_children_outlive_their_parent(stage: Bench) -> None:
    """Revoking a grant revokes no other."""
    key, alice = stage.key(), act(stage, ALICE)
    parent = grant(stage, key, "CreateGrant", "Encrypt")
    grant(stage, key, "Encrypt", to=BOB, by=alice)
    stage.call("RevokeGrant", KeyId=key, GrantId=parent["GrantId"])
    assert code(stage, act(stage, BOB), "Encrypt", KeyId=key, Plaintext=b"x") == OK


def retired(bench: Bench, who: Session, key: str, made: dict[str, Any]) -> str:
    """Return the code of retiring a grant."""
    return code(bench, who, "RetireGrant", KeyId=key, GrantId=made["GrantId"])


def test_the_retiring_principal_retires(stage: Bench) -> None:
    """It may end the grant and use none of it; nobody else of the account may end it."""
    key, alice, bob = stage.key(), act(stage, ALICE), act(stage, BOB)
    made = grant(stage, key, "Encrypt", RetiringPrincipal=BOB)
    assert code(stage, bob, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED
    assert retired(stage, alice, key, made) == DENIED
    assert retired(stage, act(stage, WORKER), key, made) == DENIED
    assert retired(stage, bob, key, made) == OK


def test_a_grantee_retires_if_the_grant_says_so(stage: Bench) -> None:
    """RetireGrant among the operations is for the grant itself, whatever its constraints."""
    key, alice = stage.key(), act(stage, ALICE)
    kept = grant(stage, key, "Encrypt")
    own = grant(stage, key, "Encrypt", "RetireGrant", Constraints=PARENT)
    assert retired(stage, alice, key, kept) == DENIED
    assert code(stage, alice, "RetireGrant", GrantToken=kept["GrantToken"]) == DENIED
    assert code(stage, alice, "RetireGrant", GrantToken=own["GrantToken"]) == OK


def test_the_issuing_account_retires_and_delegates(stage: Bench) -> None:
    """Its root may end the grant, and so may whom its identity policies let."""
    key, bob = stage.key(), act(stage, BOB)
    one, two = grant(stage, key, "Encrypt"), grant(stage, key, "Encrypt")
    assert retired(stage, stage.session, key, one) == OK
    assert retired(stage, bob, key, two) == DENIED
    give(stage, "bob", document("kms:RetireGrant"))
    assert retired(stage, bob, key, two) == OK


def test_a_key_policy_has_no_say_in_retiring(stage: Bench) -> None:
    """Neither an Allow nor a Deny of kms:RetireGrant in it does anything."""
    key, bob = stage.key(), act(stage, BOB)
    policy = json.loads(stage.call("GetKeyPolicy", KeyId=key)["Policy"])
    extra = {"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "kms:*", "Resource": "*"}
    policy["Statement"].append(extra)
    stage.call("PutKeyPolicy", KeyId=key, Policy=json.dumps(policy))
    made = grant(stage, key, "Encrypt")
    assert retired(stage, bob, key, made) == DENIED
    extra |= {"Effect": "Deny", "Action": "kms:RetireGrant", "Principal": {"AWS": "*"}}
    stage.call("PutKeyPolicy", KeyId=key, Policy=json.dumps(policy))
    assert retired(stage, stage.session, key, made) == OK


def test_a_deny_in_identity_policies_blocks_retiring(stage: Bench) -> None:
    """The retiring principal itself is stopped by it."""
    key, bob = stage.key(), act(stage, BOB)
    made = grant(stage, key, "Encrypt", RetiringPrincipal=BOB)
    give(stage, "bob", document("kms:RetireGrant", effect="Deny"))
    assert retired(stage, bob, key, made) == DENIED


def test_retiring_is_delegated_by_accounts_alone(stage: Bench) -> None:
    """kms:RetireGrant in IAM does nothing where neither issuer nor retiring principal is it."""
    key = stage.key()
    partner, carol = act(stage, PARTNER_ROOT), act(stage, CAROL)
    give(stage, "carol", document("kms:RetireGrant"), partner)
    arn = stage.record(key).arn
    alone = grant(stage, key, "Encrypt", to=CAROL)
    named = grant(stage, key, "Encrypt", to=CAROL, RetiringPrincipal=PARTNER_ROOT)
    assert retired(stage, carol, arn, alone) == DENIED
    assert retired(stage, carol, arn, named) == OK


def test_a_grant_reaches_into_another_account(stage: Bench) -> None:
    """A user of another account uses it; the account itself, by its identity policies."""
    key = stage.key()
    arn, carol = stage.record(key).arn, act(stage, CAROL)
    grant(stage, key, "Encrypt", to=CAROL)
    assert code(stage, carol, "Encrypt", KeyId=arn, Plaintext=b"x") == OK
    grant(stage, key, "GenerateDataKey", to=PARTNER_ROOT)
    assert code(stage, carol, "GenerateDataKey", KeyId=arn, KeySpec="AES_256") == DENIED
    give(stage, "carol", document("kms:GenerateDataKey"), act(stage, PARTNER_ROOT))
    assert code(stage, carol, "GenerateDataKey", KeyId=arn, KeySpec="AES_256") == OK


def test_other_accounts_learn_nothing_of_grants(stage: Bench) -> None:
    """Whether a grant exists on a key of another account is not told by its refusals."""
    key = stage.key()
    arn, carol = stage.record(key).arn, act(stage, CAROL)
    made = grant(stage, key, "Encrypt")
    unknown = {"GrantId": "0" * 64}
    assert retired(stage, carol, arn, made) == DENIED
    assert retired(stage, carol, arn, unknown) == DENIED
    for each in (made, unknown):
        assert code(stage, carol, "RevokeGrant", KeyId=arn, GrantId=each["GrantId"]) == DENIED
    assert code(stage, carol, "ListGrants", KeyId=arn) == DENIED


def test_retirable_grants_need_permission_on_the_principal(stage: Bench) -> None:
    """The retiring principal is the resource that is authorised; keys are not asked."""
    key, bob = stage.key(), act(stage, BOB)
    grant(stage, key, "Encrypt", RetiringPrincipal=BOB)
    assert code(stage, bob, "ListRetirableGrants", RetiringPrincipal=BOB) == DENIED
    give(stage, "bob", document("kms:ListRetirableGrants", Resource=BOB))
    assert code(stage, bob, "ListRetirableGrants", RetiringPrincipal=BOB) == OK
    assert code(stage, bob, "ListRetirableGrants", RetiringPrincipal=ALICE) == DENIED


def test_a_service_uses_its_grant_for_its_resource(stage: Bench) -> None:
    """A service principal as grantee works for the SourceArn of the grant alone, and retires."""
    key = stage.key()
    stage.call(
        "CreateGrant",
        KeyId=key,
        GranteeServicePrincipal=SERVICE,
        RetiringServicePrincipal=SERVICE,
        Operations=["Encrypt"],
        Constraints={"SourceArn": DATABASE},
    )
    right = act(stage, service=SERVICE, source_arn=DATABASE)
    wrong = act(stage, service=SERVICE, source_arn=f"{DATABASE}-other")
    assert code(stage, right, "Encrypt", KeyId=key, Plaintext=b"x") == OK
    assert code(stage, wrong, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED
    request = {"RetiringServicePrincipal": SERVICE}
    (entry,) = stage.engine.call(right, "kms:ListRetirableGrants", request)["Grants"]
    assert code(stage, right, "RetireGrant", KeyId=key, GrantId=entry["GrantId"]) == OK


def test_grants_for_aws_resources_are_made_by_services(stage: Bench) -> None:
    """kms:GrantIsForAWSResource lets a user make grants by way of a service, not directly."""
    key, alice = stage.key(), act(stage, ALICE)
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    give(stage, "alice", document("kms:CreateGrant", "kms:RevokeGrant", Condition=condition))
    via = act(stage, ALICE, service=SERVICE)
    request = {"KeyId": key, "GranteePrincipal": SERVICE, "Operations": ["Encrypt"]}
    assert code(stage, alice, "CreateGrant", **request | {"GranteePrincipal": BOB}) == DENIED
    assert code(stage, via, "CreateGrant", **request) == OK
    (entry,) = stage.call("ListGrants", KeyId=key)["Grants"]
    assert entry["GranteePrincipal"] == SERVICE
    named = {"KeyId": key, "GrantId": entry["GrantId"]}
    assert code(stage, alice, "RevokeGrant", **named) == DENIED
    assert code(stage, via, "RevokeGrant", **named) == OK


def test_conditions_bind_who_makes_grants(stage: Bench) -> None:
    """Grantee, operations and constraint type of the request are seen by policies."""
    key, alice = stage.key(), act(stage, ALICE)
    give(
        stage,
        "alice",
        document(
            "kms:CreateGrant",
            Condition={
                "StringEquals": {
                    "kms:GranteePrincipal": BOB,
                    "kms:GrantConstraintType": "EncryptionContextSubset",
                },
                "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]},
            },
        ),
    )
    request = {
        "KeyId": key,
        "GranteePrincipal": BOB,
        "Operations": ["Encrypt"],
        "Constraints": PARENT,
    }
    assert code(stage, alice, "CreateGrant", **request) == OK
    for other in (
        {"GranteePrincipal": WORKER},
        {"Operations": ["Encrypt", "CreateGrant"]},
        {"Constraints": {"EncryptionContextEquals": {"a": "1"}}},
    ):
        assert code(stage, alice, "CreateGrant", **request | other) == DENIED


def test_a_grant_is_not_for_who_comes_after(stage: Bench) -> None:
    """A user created anew under a deleted grantee's name has no part in the grant."""
    key = stage.key()
    unique_id = stage.call("iam:GetUser", UserName="alice")["User"]["UserId"]
    grant(stage, key, "Encrypt", RetiringPrincipal=ALICE)
    (entry,) = stage.call("ListGrants", KeyId=key)["Grants"]
    assert (entry["GranteePrincipal"], entry["RetiringPrincipal"]) == (ALICE, ALICE)
    stage.call("iam:DeleteUser", UserName="alice")
    for _ in ("deleted", "created anew"):
        (entry,) = stage.call("ListGrants", KeyId=key)["Grants"]
        assert (entry["GranteePrincipal"], entry["RetiringPrincipal"]) == (unique_id, unique_id)
        (summary,) = stage.call("kmstui:ListAllGrants")["Grants"]
        assert summary["Orphaned"]
        if stage.core.keystore.user(ACCOUNT, "alice") is None:
            stage.call("iam:CreateUser", UserName="alice")
    alice = act(stage, ALICE)
    assert code(stage, alice, "Encrypt", KeyId=key, Plaintext=b"x") == DENIED
    assert retired(stage, alice, key, entry) == DENIED
