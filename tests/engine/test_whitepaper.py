"""The policy examples of AWS's best practices for KMS, over the whole engine.

Source: *AWS Key Management Service Best Practices* (whitepaper, April 2017): *Key Policies*,
*Encryption Context*, *Multi-Factor Authentication*.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.core.errors import InvalidCiphertextException
from kmstui.engine import Session
from tests.conftest import MakeBench
from tests.helpers.engines import REGION, ROOT
from tests.helpers.mfa import Phone, enable, make_phone
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

EC2 = "ec2.amazonaws.com"
VOLUME = {"aws:ebs:id": "vol-049df61146c4d7901"}
RIGHT = {"AppName": "ExampleApp", "Version": "1.0.24"}
USER_ROLE = role_arn("UserRole")


@pytest.fixture
def cast(make_bench: MakeBench) -> Cast:
    """Return a training keystore whose administrator is a user."""
    return Cast(make_bench(training=True, administrator="admin"))


def grant_for_ec2(key: str) -> dict[str, Any]:
    """Return what EC2 asks for when a volume is attached."""
    return {
        "KeyId": key,
        "GranteePrincipal": EC2,
        "RetiringPrincipal": EC2,
        "Operations": ["Decrypt", "GenerateDataKeyWithoutPlaintext"],
        "Constraints": {"EncryptionContextSubset": VOLUME},
    }


class TestVolumes:
    """EBS volumes: a role that uses the key, and that makes grants by way of EC2 only."""

    @pytest.fixture
    def role(self, cast: Cast) -> Session:
        """Return a session of the role that attaches volumes."""
        return cast.role("UserRole")

    @pytest.fixture
    def key(self, cast: Cast, role: Session) -> str:
        """Return a key with the policy of the example, in the Region of the tests."""
        assert role.caller.role_arn == USER_ROLE
        return cast.key(
            allow("kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt", Principal=aws(USER_ROLE)),
            allow(
                "kms:CreateGrant",
                "kms:ListGrants",
                "kms:RevokeGrant",
                Principal=aws(USER_ROLE),
                Condition={"StringEquals": {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}},
            ),
        )

    def test_the_role_makes_a_volumes_data_key_and_opens_it(
        self, cast: Cast, role: Session, key: str
    ) -> None:
        """Both calls that a volume needs are allowed directly and by way of EC2."""
        for session in (role, cast.through(EC2, role)):
            made = cast.call(
                session,
                "GenerateDataKeyWithoutPlaintext",
                KeyId=key,
                KeySpec="AES_256",
                EncryptionContext=VOLUME,
            )
            cast.call(
                session,
                "Decrypt",
                CiphertextBlob=made["CiphertextBlob"],
                EncryptionContext=VOLUME,
            )

    @pytest.mark.parametrize(
        ("operation", "members"),
        [
            ("Encrypt", {"Plaintext": b"x"}),
            ("GenerateDataKey", {"KeySpec": "AES_256"}),
            ("DisableKey", {}),
            ("GetKeyPolicy", {}),
        ],
    )
    def test_the_role_may_do_nothing_else(
        self, cast: Cast, role: Session, key: str, operation: str, members: dict[str, Any]
    ) -> None:
        """What the example does not name is refused, directly and by way of EC2."""
        for session in (role, cast.through(EC2, role)):
            assert IMPLICIT == cast.outcome(session, operation, KeyId=key, **members)

    @pytest.mark.parametrize("service", ["rds.amazonaws.com", "lambda.amazonaws.com", ""])
    def test_only_ec2_makes_lists_and_revokes_grants(
        self, cast: Cast, role: Session, key: str, service: str
    ) -> None:
        """The same calls are refused directly and by way of any other service."""
        grant_id = cast.call(cast.through(EC2, role), "CreateGrant", **grant_for_ec2(key))[
            "GrantId"
        ]
        other = cast.through(service, role) if service else role
        direct = grant_for_ec2(key) | {"GranteePrincipal": USER_ROLE, "RetiringPrincipal": ROOT}
        assert IMPLICIT == cast.outcome(other, "CreateGrant", **direct)
        assert IMPLICIT == cast.outcome(other, "ListGrants", KeyId=key)
        assert IMPLICIT == cast.outcome(other, "RevokeGrant", KeyId=key, GrantId=grant_id)
        ec2 = cast.through(EC2, role)
        assert ALLOWED == cast.outcome(ec2, "ListGrants", KeyId=key)
        assert ALLOWED == cast.outcome(ec2, "RevokeGrant", KeyId=key, GrantId=grant_id)

    def test_ec2_attaches_the_volume_again_by_its_grant(
        self, cast: Cast, role: Session, key: str
    ) -> None:
        """With the role away, EC2 opens that volume's data key and no other; revoked, none."""
        ec2, itself = cast.through(EC2, role), cast.through(EC2)
        blobs = [
            cast.call(
                role,
                "GenerateDataKeyWithoutPlaintext",
                KeyId=key,
                KeySpec="AES_256",
                EncryptionContext=context,
            )["CiphertextBlob"]
            for context in (VOLUME, {"aws:ebs:id": "vol-0"})
        ]
        mine = {"CiphertextBlob": blobs[0], "EncryptionContext": VOLUME}
        other = {"CiphertextBlob": blobs[1], "EncryptionContext": {"aws:ebs:id": "vol-0"}}
        assert IMPLICIT == cast.outcome(itself, "Decrypt", **mine)
        grant_id = cast.call(ec2, "CreateGrant", **grant_for_ec2(key))["GrantId"]
        assert ALLOWED == cast.outcome(itself, "Decrypt", **mine)
        assert IMPLICIT == cast.outcome(itself, "Decrypt", **other)
        cast.call(ec2, "RevokeGrant", KeyId=key, GrantId=grant_id)
        assert IMPLICIT == cast.outcome(itself, "Decrypt", **mine)

    def test_another_regions_ec2_is_another_service(self, cast: Cast, role: Session) -> None:
        """The example's us-west-2 lets EC2 of us-east-1 in nowhere."""
        key = cast.key(
            allow(
                "kms:CreateGrant",
                Principal=aws(USER_ROLE),
                Condition={"StringEquals": {"kms:ViaService": "ec2.us-west-2.amazonaws.com"}},
            )
        )
        assert IMPLICIT == cast.outcome(
            cast.through(EC2, role), "CreateGrant", **grant_for_ec2(key)
        )

    def test_grants_are_for_aws_resources_only(self, cast: Cast, role: Session) -> None:
        """With GrantIsForAWSResource a role gives nobody the key by hand."""
        key = cast.key(
            allow(
                "kms:CreateGrant",
                Principal=aws(USER_ROLE),
                Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )
        direct = grant_for_ec2(key) | {"GranteePrincipal": USER_ROLE, "RetiringPrincipal": ROOT}
        assert IMPLICIT == cast.outcome(role, "CreateGrant", **direct)
        ec2 = cast.through(EC2, role)
        assert ALLOWED == cast.outcome(ec2, "CreateGrant", **grant_for_ec2(key))


class TestEncryptionContext:
    """ExampleApp: a key that works only for the application's name and version."""

    @pytest.fixture
    def role(self, cast: Cast) -> Session:
        """Return a session of the application's role."""
        return cast.role("RoleForExampleApp")

    @pytest.fixture
    def key(self, cast: Cast, role: Session) -> str:
        """Return a key with the policy of the example."""
        return cast.key(
            delegation(),
            allow(
                "kms:Encrypt",
                "kms:Decrypt",
                Principal=aws(str(role.caller.role_arn)),
                Condition={
                    "StringEquals": {
                        "kms:EncryptionContext:AppName": "ExampleApp",
                        "kms:EncryptionContext:Version": "1.0.24",
                    }
                },
            ),
        )

    @pytest.mark.parametrize("context", [RIGHT, RIGHT | {"Purpose": "invoices"}])
    def test_the_expected_context_is_let_in(
        self, cast: Cast, role: Session, key: str, context: dict[str, str]
    ) -> None:
        """Encrypting and decrypting work; further pairs are nobody's business."""
        blob = cast.encrypt(role, key, context)
        cast.call(role, "Decrypt", CiphertextBlob=blob, EncryptionContext=context)

    @pytest.mark.parametrize(
        "context",
        [
            None,
            {},
            {"AppName": "ExampleApp"},
            {"Version": "1.0.24"},
            RIGHT | {"Version": "1.0.25"},
            RIGHT | {"AppName": "exampleapp"},
            {"AppName": "ExampleApp ", "Version": "1.0.24"},
        ],
    )
    def test_any_other_context_is_refused(
        self, cast: Cast, role: Session, key: str, context: dict[str, str] | None
    ) -> None:
        """Nothing is encrypted, and what somebody else encrypted with it is not opened."""
        members = {} if context is None else {"EncryptionContext": context}
        blob = cast.encrypt(cast.bench.session, key, context)
        assert IMPLICIT == cast.outcome(role, "Encrypt", KeyId=key, Plaintext=b"x", **members)
        assert IMPLICIT == cast.outcome(role, "Decrypt", CiphertextBlob=blob, **members)

    def test_the_right_context_does_not_open_anothers_ciphertext(
        self, cast: Cast, role: Session, key: str
    ) -> None:
        """Let in by the policy, a call still fails where the ciphertext is bound to another."""
        blob = cast.encrypt(cast.bench.session, key, RIGHT | {"Version": "1.0.23"})
        with pytest.raises(InvalidCiphertextException):
            cast.call(role, "Decrypt", CiphertextBlob=blob, EncryptionContext=RIGHT)

    def test_the_trail_shows_the_context(self, cast: Cast, role: Session, key: str) -> None:
        """It is no secret: auditors see which application used the key."""
        cast.encrypt(role, key, RIGHT)
        event = cast.bench.last_event()
        assert RIGHT == event["requestParameters"]["encryptionContext"]


_CRITICAL = ("kms:DeleteAlias", "kms:DeleteImportedKeyMaterial", "kms:PutKeyPolicy")
FRESH = {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
OLD = {"NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": "300"}}
NO_CODE = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
NO_AGE = {"Null": {"aws:MultiFactorAuthAge": "true"}}

FORMS = {
    "allow what is fresh": [
        allow(
            *_CRITICAL,
            "kms:ScheduleKeyDeletion",
            Sid="MFACriticalKMSEvents",
            Principal=aws(user_arn("ExampleUser")),
            Condition=FRESH,
        ),
    ],
    "deny what is not present": [
        delegation(),
        deny(*_CRITICAL, "kms:ScheduleKeyDeletion", Principal="*", Condition=NO_CODE),
    ],
    "deny what has no age or is old": [
        delegation(),
        deny(*_CRITICAL, "kms:ScheduleKeyDeletion", Principal="*", Condition=NO_AGE),
        deny(*_CRITICAL, "kms:ScheduleKeyDeletion", Principal="*", Condition=OLD),
    ],
}


class TestSecondFactor:
    """MFACriticalKMSEvents, and the same thing said by Bool and Null. There is no guardrail."""

    @pytest.fixture
    def cast(self, make_bench: MakeBench) -> Cast:
        """Return a keystore whose administrator is the example's user."""
        return Cast(make_bench(training=True, administrator="ExampleUser"))

    @pytest.fixture
    def phone(self, cast: Cast) -> Phone:
        """Return the user's device, whose enrolment is no longer fresh."""
        phone = make_phone(cast.bench)
        enable(phone, "ExampleUser")
        cast.bench.reopen()
        cast.bench.clock.advance(400)
        return phone

    @staticmethod
    def critical(cast: Cast, statements: list[Statement]) -> list[tuple[str, dict[str, Any]]]:
        """Return the critical calls on a new key; the last of them ends it."""
        key = cast.key(allow("kms:*", Principal=aws(ROOT)))
        cast.bench.call("CreateAlias", AliasName="alias/example", TargetKeyId=key)
        kept = document(*statements)
        bypass: dict[str, Any] = {"BypassPolicyLockoutSafetyCheck": True}
        cast.bench.call("PutKeyPolicy", KeyId=key, Policy=kept, **bypass)
        return [
            ("DeleteAlias", {"AliasName": "alias/example"}),
            ("PutKeyPolicy", {"KeyId": key, "Policy": kept, **bypass}),
            ("ScheduleKeyDeletion", {"KeyId": key}),
        ]

    @pytest.mark.parametrize("form", FORMS)
    def test_each_form_asks_for_a_code_and_takes_one(
        self, cast: Cast, phone: Phone, form: str
    ) -> None:
        """Refused without, only for want of it; allowed with it, up to its last second."""
        calls = self.critical(cast, FORMS[form])
        session = cast.bench.session
        for operation, members in calls:
            assert cast.refusal(session, operation, **members).mfa_would_help
        cast.bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
        cast.bench.clock.advance(299)
        assert {name: ALLOWED for name, _ in calls} == cast.outcomes(session, calls)

    @pytest.mark.parametrize(
        ("form", "outcome"),
        [
            ("allow what is fresh", IMPLICIT),
            ("deny what is not present", ALLOWED),
            ("deny what has no age or is old", EXPLICIT),
        ],
    )
    def test_a_code_of_five_minutes_ago(
        self, cast: Cast, phone: Phone, form: str, outcome: str
    ) -> None:
        """Forms with an age refuse it; that a code was given at all stays true."""
        calls = self.critical(cast, FORMS[form])
        cast.bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
        cast.bench.clock.advance(300)
        assert {name: outcome for name, _ in calls} == cast.outcomes(cast.bench.session, calls)

    def test_nobody_else_is_let_in_by_a_code(self, cast: Cast, phone: Phone) -> None:
        """A role's session shares the code's freshness and is not the example's user."""
        role = cast.role("OtherRole")
        calls = self.critical(cast, FORMS["allow what is fresh"])
        cast.bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
        for operation, members in calls[1:]:
            refusal = cast.refusal(role, operation, **members)
            assert IMPLICIT == str(refusal.decision.outcome)
            assert not refusal.mfa_would_help
