"""Every condition key is computed from the call, or known to be absent; none is the caller's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from kmstui.authz.evaluate import evaluate
from kmstui.authz.model import AccessRequest, ContextValue, Decision, PolicySet
from kmstui.authz.vocabulary import CONDITION_KEYS, condition_key
from kmstui.core.arn import root_arn
from kmstui.core.errors import KmsError
from kmstui.engine import Session, access
from kmstui.engine.context import ABSENT, CallContext, known_keys
from kmstui.ops import load
from tests.conftest import MakeBench
from tests.helpers.attestation import APPLICATION, IMAGE, Enclave, recipient
from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, Bench
from tests.helpers.mfa import enable, make_phone
from tests.helpers.people import Cast, allow, aws, delegation, document, role_arn, user_arn

BUCKET = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
EC2 = "ec2.amazonaws.com"
PAIR = {"AppName": "ExampleApp"}
SIGNING = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
GRANT = {"GranteePrincipal": user_arn("ada"), "Operations": ["Decrypt", "Encrypt"]}
BOUND = f"arn:aws:iam::{ACCOUNT}:policy/Bound"


@dataclass(frozen=True, slots=True)
class Case:
    """A call, and what a condition key is in it.

    Attributes:
        value: The key's value; tests of several values compare them in any order.
        operation: What is called.
        members: With what.
        who: Who calls: a user, the user's MFA session, a role, a service, a service for a user.
        action: Of which pair, for operations with several.
    """

    value: ContextValue | None
    operation: str = "kms:Encrypt"
    members: Mapping[str, Any] = field(default_factory=dict)
    who: str = "user"
    action: str = ""


def _grant(value: ContextValue, **members: Any) -> Case:
    return Case(value, "kms:CreateGrant", {**GRANT, **members})


def _key(value: ContextValue) -> Case:
    return Case(value, "kms:DescribeKey")


def _import(value: ContextValue) -> Case:
    return Case(
        value,
        "kms:ImportKeyMaterial",
        {
            "ImportToken": b"token",
            "EncryptedKeyMaterial": b"wrapped",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": datetime(2026, 7, 1, tzinfo=UTC),
        },
    )


PARAMETERS = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_4096"}

CASES: Mapping[str, Case] = {
    "kms:BypassPolicyLockoutSafetyCheck": Case(
        "true",
        "kms:PutKeyPolicy",
        {"Policy": document(delegation()), "BypassPolicyLockoutSafetyCheck": True},
    ),
    "kms:CallerAccount": _key(ACCOUNT),
    "kms:CustomerMasterKeySpec": _key("SYMMETRIC_DEFAULT"),
    "kms:CustomerMasterKeyUsage": _key("ENCRYPT_DECRYPT"),
    "kms:DataKeyPairSpec": Case(
        "ECC_NIST_P256", "kms:GenerateDataKeyPair", {"KeyPairSpec": "ECC_NIST_P256"}
    ),
    "kms:EncryptionAlgorithm": Case("SYMMETRIC_DEFAULT"),
    "kms:EncryptionContext:AppName": Case("ExampleApp", members={"EncryptionContext": PAIR}),
    "kms:EncryptionContextKeys": Case(("AppName",), members={"EncryptionContext": PAIR}),
    "kms:GrantConstraintSourceArn": _grant(BUCKET, Constraints={"SourceArn": BUCKET}),
    "kms:GrantConstraintType": _grant(
        "EncryptionContextSubset", Constraints={"EncryptionContextSubset": PAIR}
    ),
    "kms:GrantIsForAWSResource": Case("true", "kms:CreateGrant", GRANT, "through"),
    "kms:GrantOperations": _grant(("Decrypt", "Encrypt")),
    "kms:GranteePrincipal": _grant(user_arn("ada")),
    "kms:GranteeServicePrincipal": Case(
        EC2,
        "kms:CreateGrant",
        {
            "GranteeServicePrincipal": EC2,
            "RetiringPrincipal": user_arn("ada"),
            "Operations": ["Decrypt"],
            "Constraints": {"SourceArn": BUCKET},
        },
    ),
    "kms:ExpirationModel": _import("KEY_MATERIAL_EXPIRES"),
    "kms:ValidTo": _import("2026-07-01T00:00:00Z"),
    "kms:WrappingAlgorithm": Case("RSAES_OAEP_SHA_256", "kms:GetParametersForImport", PARAMETERS),
    "kms:WrappingKeySpec": Case("RSA_4096", "kms:GetParametersForImport", PARAMETERS),
    "kms:KeyAgreementAlgorithm": Case(
        "ECDH",
        "kms:DeriveSharedSecret",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"},
    ),
    "kms:KeyOrigin": _key("AWS_KMS"),
    "kms:KeySpec": _key("SYMMETRIC_DEFAULT"),
    "kms:KeyUsage": _key("ENCRYPT_DECRYPT"),
    "kms:MacAlgorithm": Case(
        "HMAC_SHA_256", "kms:GenerateMac", {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    ),
    "kms:MessageType": Case("RAW", "kms:Sign", SIGNING),
    "kms:MultiRegion": _key("false"),
    "kms:MultiRegionKeyType": Case("PRIMARY", "kms:CreateKey", {"MultiRegion": True}),
    "kms:PolicyName": Case("default", "kms:GetKeyPolicy"),
    "kms:PrimaryRegion": Case(
        OTHER_REGION, "kms:UpdatePrimaryRegion", {"PrimaryRegion": OTHER_REGION}
    ),
    "kms:ReEncryptOnSameKey": Case("true", "kms:ReEncrypt", action="kms:ReEncryptTo"),
    "kms:ReplicaRegion": Case(OTHER_REGION, "kms:ReplicateKey", {"ReplicaRegion": OTHER_REGION}),
    "kms:RecipientAttestation:ImageSha384": Case(IMAGE, "kms:GenerateRandom"),
    "kms:RecipientAttestation:PCR8": Case(APPLICATION, "kms:GenerateRandom"),
    "kms:RecipientAttestation:PCR9": Case(None, "kms:GenerateRandom"),
    "kms:RecipientAttestation:NitroTPMPCR0": Case(None, "kms:GenerateRandom"),
    "kms:RequestAlias": Case("alias/one", "kms:DescribeKey", {"KeyId": "alias/one"}),
    "kms:ResourceAliases": _key(("alias/one",)),
    "kms:RetiringPrincipal": _grant(user_arn("ada"), RetiringPrincipal=user_arn("ada")),
    "kms:RetiringServicePrincipal": _grant(EC2, RetiringServicePrincipal=EC2),
    "kms:RotationPeriodInDays": Case("90", "kms:EnableKeyRotation", {"RotationPeriodInDays": 90}),
    "kms:ScheduleKeyDeletionPendingWindowInDays": Case("30", "kms:ScheduleKeyDeletion"),
    "kms:SigningAlgorithm": Case("ECDSA_SHA_256", "kms:Verify", {**SIGNING, "Signature": b"x"}),
    "kms:TrailingDaysWithoutKeyUsage": Case("0", "kms:DisableKey"),
    "kms:ViaService": Case(f"ec2.{REGION}.amazonaws.com", who="through"),
    "aws:CalledVia": Case((EC2,), who="through"),
    "aws:CalledViaFirst": Case(EC2, who="through"),
    "aws:CalledViaLast": Case(EC2, who="through"),
    "aws:CurrentTime": Case("2026-06-01T12:00:00Z"),
    "aws:EpochTime": Case("1780315200"),
    "aws:MultiFactorAuthAge": Case("0", who="admin"),
    "aws:MultiFactorAuthPresent": Case("true", who="admin"),
    "aws:PrincipalAccount": Case(ACCOUNT),
    "aws:PrincipalArn": Case(role_arn("Job"), who="role"),
    "aws:PrincipalIsAWSService": Case("true", who="service"),
    "aws:PrincipalServiceName": Case(EC2, who="service"),
    "aws:PrincipalServiceNamesList": Case((EC2,), who="service"),
    "aws:PrincipalTag/team": Case("keys"),
    "aws:PrincipalType": Case("AssumedRole", who="role"),
    "aws:RequestTag/team": Case(
        "new", "kms:TagResource", {"Tags": [{"TagKey": "team", "TagValue": "new"}]}
    ),
    "aws:RequestedRegion": Case(REGION),
    "aws:ResourceAccount": Case(ACCOUNT),
    "aws:ResourceTag/team": Case("payments"),
    "aws:SecureTransport": Case("true"),
    "aws:SourceAccount": Case(ACCOUNT, who="service"),
    "aws:SourceArn": Case(BUCKET, who="service"),
    "aws:SourceIp": Case("127.0.0.1"),
    "aws:TagKeys": Case(("team",), "kms:UntagResource", {"TagKeys": ["team"]}),
    "aws:TokenIssueTime": Case("2026-06-01T12:00:00Z"),
    "aws:UserAgent": Case("tests/1.0"),
    "aws:ViaAWSService": Case("true", who="through"),
    "aws:userid": Case("AIDA", who="user"),
    "aws:username": Case("ada"),
    "kmstui:MFAEnrolled": Case("true", who="admin"),
    "iam:PermissionsBoundary": Case(BOUND, "iam:GetUser", {"UserName": "bounded"}),
    "iam:PolicyARN": Case(
        BOUND, "iam:AttachUserPolicy", {"UserName": "bounded", "PolicyArn": BOUND}
    ),
    "iam:ResourceTag/team": Case("keys", "iam:GetUser", {"UserName": "ada"}),
    "sts:ExternalId": Case(
        "x1",
        "sts:AssumeRole",
        {"RoleArn": role_arn("Job"), "RoleSessionName": "me", "ExternalId": "x1"},
    ),
    "sts:RoleSessionName": Case(
        "me", "sts:AssumeRole", {"RoleArn": role_arn("Job"), "RoleSessionName": "me"}
    ),
}


@dataclass(slots=True)
class Watch:
    """Real calls, and the condition keys that were there to be asked.

    Attributes:
        cast: Whose calls.
        key: ARN of a key with a tag and an alias.
        blob: A ciphertext under it.
        sessions: Those who call.
        seen: The requests that were decided on.
    """

    cast: Cast
    key: str
    blob: bytes
    sessions: Mapping[str, Session]
    seen: list[AccessRequest]

    def context(self, case: Case, **extra: Any) -> CallContext:
        """Make a call, allowed or not; return the condition keys of the pair that is meant."""
        members = {**extra, **case.members}
        if case.operation.startswith("kms:"):
            members = {"KeyId": self.key, **members}
        if case.operation == "kms:Encrypt":
            members["Plaintext"] = b"x"
        if case.operation == "kms:ReEncrypt":
            members |= {"CiphertextBlob": self.blob, "DestinationKeyId": self.key}
            del members["KeyId"]
        if case.operation == "kms:GenerateRandom":
            members |= {"NumberOfBytes": 8, "Recipient": self._attested()}
        engine = self.cast.bench.engine
        self.cast.bench.core.access.forget()
        self.seen.clear()
        # A refusal is as good, but for one that comes before anything is decided.
        with suppress(KmsError):
            engine.call(self.sessions[case.who], case.operation, members)
        wanted = [each for each in self.seen if case.action in {"", each.action}]
        context = wanted[-1].context
        assert isinstance(context, CallContext)
        return context

    def _attested(self) -> dict[str, Any]:
        """Let documents of an enclave count; return one as a request has it."""
        enclave = Enclave()
        root = {"Name": "attestation-test-root", "Value": enclave.root.pem}
        self.cast.bench.call("kmstui:PutSetting", root)
        return recipient(enclave.document())


@pytest.fixture
def watch(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Return a training keystore whose decisions are watched."""
    bench: Bench = make_bench(training=True, administrator="admin")
    cast, call = Cast(bench), bench.call
    tagged = [{"Key": "team", "Value": "keys"}]
    ada = cast.user("ada", allow("*"))
    call("iam:TagUser", UserName="ada", Tags=tagged)
    text = document(allow("kms:*"))
    call("iam:CreatePolicy", PolicyName="Bound", PolicyDocument=text)
    call("iam:CreateUser", UserName="bounded", PermissionsBoundary=BOUND)
    cast.make_role(bench.session, "Job", root_arn(ACCOUNT), allow("*"))
    public = document(delegation(), allow("kms:*", Principal=aws("*")))
    key = bench.key("alias/one", Policy=public, Tags=[{"TagKey": "team", "TagValue": "payments"}])
    arn = call("DescribeKey", KeyId=key)["KeyMetadata"]["Arn"]
    engine = bench.engine
    sessions = {
        "user": ada,
        "role": engine.act_as(bench.session, principal=role_arn("Job")),
        "through": cast.through(EC2, ada),
        "service": engine.act_as(bench.session, service=EC2, source_arn=BUCKET),
        "admin": bench.session,
    }
    enable(make_phone(bench), "admin")
    seen: list[AccessRequest] = []

    def watched(request: AccessRequest, policies: PolicySet) -> Decision:
        seen.append(request)
        return evaluate(request, policies)

    monkeypatch.setattr(access, "evaluate", watched)
    return Watch(cast, arn, cast.encrypt(bench.session, arn), sessions, seen)


def _without_operation() -> set[str]:
    """Return the keys that only operations have which are not here yet."""
    pairs = {needs.action for spec in load().values() for needs in spec.needs}
    return {key.name for key in CONDITION_KEYS if key.actions and not key.actions & pairs}


def _cased() -> set[str]:
    found = {condition_key(name) for name in CASES}
    return {key.name for key in found if key is not None}


def test_every_condition_key_is_accounted_for() -> None:
    """Each has a case here, or is known to be absent, or belongs to operations still to come."""
    named = {key.name for key in CONDITION_KEYS}
    assert named == _cased() | set(ABSENT) | _without_operation()
    assert not set(ABSENT) & _cased()


def test_what_is_not_absent_is_computed() -> None:
    """A key that policies may use has something that computes it; a known absent one has not."""
    absent = {name.lower() for name in ABSENT}
    assert {key.name.lower() for key in CONDITION_KEYS} - absent <= known_keys()
    assert not absent & known_keys()


@pytest.mark.parametrize("name", CASES)
def test_a_condition_key_is_computed_from_the_call(watch: Watch, name: str) -> None:
    """Its value is that of the call as it was made."""
    case = CASES[name]
    value = watch.context(case).get(name.lower())
    if name == "aws:userid":
        user = watch.cast.bench.core.keystore.user(ACCOUNT, "ada")
        assert user is not None
        assert user.unique_id == value
    elif isinstance(case.value, tuple):
        assert isinstance(value, tuple)
        assert sorted(case.value) == sorted(value)
    else:
        assert case.value == value


@pytest.mark.parametrize("name", CASES)
def test_a_caller_cannot_set_a_condition_key(watch: Watch, name: str) -> None:
    """What is sent beside an operation's own members changes no condition key."""
    case = CASES[name]
    spec = load()[case.operation]
    tail = name.replace("/", ":").rpartition(":")[2]
    sent = {name: "mine", name.lower(): "mine", tail: "mine", "Context": {name: "mine"}}
    extra = {key: value for key, value in sent.items() if spec.member(key) is None}
    before = watch.context(case).get(name.lower())
    assert before == watch.context(case, **extra).get(name.lower())


_MEMBERS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("iam:permissionsboundary", {"PermissionsBoundary": BOUND}),
    ("iam:policyarn", {"PolicyArn": BOUND}),
    ("aws:requesttag/team", {"Tags": [{"TagKey": "team", "TagValue": "mine"}]}),
    ("aws:tagkeys", {"TagKeys": ["mine"]}),
    ("kms:grantconstrainttype", {"Constraints": {"EncryptionContextEquals": PAIR}}),
    ("kms:grantconstraintsourcearn", {"Constraints": {"SourceArn": BUCKET}}),
    ("kms:grantoperations", {"Operations": ["Decrypt"]}),
    ("kms:primaryregion", {"PrimaryRegion": OTHER_REGION}),
    ("kms:replicaregion", {"ReplicaRegion": OTHER_REGION}),
    ("kms:rotationperiodindays", {"RotationPeriodInDays": 90}),
    ("kms:schedulekeydeletionpendingwindowindays", {"PendingWindowInDays": 7}),
    ("kms:encryptioncontextkeys", {"EncryptionContext": PAIR}),
    ("sts:externalid", {"ExternalId": "mine"}),
)


@pytest.mark.parametrize(("name", "members"), _MEMBERS)
def test_members_of_other_operations_say_nothing(
    watch: Watch, name: str, members: Mapping[str, Any]
) -> None:
    """A condition key of one operation is absent in another, whatever is sent."""
    assert watch.context(Case(None, "kms:DescribeKey"), **members).get(name) is None


@pytest.mark.parametrize(
    ("action", "region", "kind"),
    [("kms:ReplicateKey", REGION, "PRIMARY"), ("kms:CreateKey", OTHER_REGION, "REPLICA")],
)
def test_a_replica_is_decided_on_in_its_own_region(
    watch: Watch, action: str, region: str, kind: str
) -> None:
    """The primary's pair has the facts of the call, the replica's those of what it will be."""
    bench = watch.cast.bench
    key = bench.key(MultiRegion=True)
    members = {"KeyId": key, "ReplicaRegion": OTHER_REGION}
    context = watch.context(Case(None, "kms:ReplicateKey", members, "admin", action))
    expected = {
        "aws:requestedregion": region,
        "kms:keyspec": "SYMMETRIC_DEFAULT",
        "kms:keyusage": "ENCRYPT_DECRYPT",
        "kms:multiregion": "true",
        "kms:multiregionkeytype": kind,
        "kms:replicaregion": OTHER_REGION,
    }
    assert expected == {name: context.get(name) for name in expected}


def test_both_keys_of_a_promotion_are_decided_on_where_they_are(watch: Watch) -> None:
    """The primary's pair is that of a primary in its Region, the other that of a replica."""
    bench = watch.cast.bench
    key = bench.key(MultiRegion=True)
    bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
    watch.context(
        Case(
            None, "kms:UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": OTHER_REGION}, "admin"
        )
    )
    names = ("aws:requestedregion", "kms:multiregionkeytype")
    found = [tuple(map(request.context.get, names)) for request in watch.seen]
    assert found == [(REGION, "PRIMARY"), (OTHER_REGION, "REPLICA")]


@pytest.mark.parametrize("name", ABSENT)
def test_an_absent_key_is_absent(watch: Watch, name: str) -> None:
    """No call has it, so that a test of its presence fails closed."""
    assert watch.context(Case(None), **{name: "mine"}).get(name.lower()) is None


@pytest.mark.parametrize("who", ["service", "through"])
def test_a_services_address_is_not_the_callers(watch: Watch, who: str) -> None:
    """A service's call comes from nowhere that aws:SourceIp could name."""
    assert watch.context(Case(None, who=who)).get("aws:sourceip") is None


def test_a_role_has_no_user_name(watch: Watch) -> None:
    """aws:username is for users alone; the role's session is told by its ids."""
    context = watch.context(Case(None, who="role"))
    assert context.get("aws:username") is None
    assert str(context.get("aws:userid")).startswith("AROA")
