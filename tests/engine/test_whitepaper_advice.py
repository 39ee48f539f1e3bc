"""The advice of AWS's best practices for KMS: least privilege and separation of duties.

Source: *AWS Key Management Service Best Practices* (whitepaper, April 2017), *Least Privilege /
Separation of Duties*.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.engine import Session
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, ROOT
from tests.helpers.people import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    Cast,
    allow,
    aws,
    delegation,
    deny,
    document,
    role_arn,
    user_arn,
)

USER_ROLE = role_arn("UserRole")


@pytest.fixture
def cast(make_bench: MakeBench) -> Cast:
    """Return a training keystore whose administrator is a user."""
    return Cast(make_bench(training=True, administrator="admin"))


class TestNotPrincipal:
    """A top-level Deny for everybody but those who need the key."""

    @pytest.fixture
    def app(self, cast: Cast) -> Session:
        """Return a session of the role that needs the key, whatever its identity policy says."""
        return cast.role("AppRole", allow("kms:*"))

    @pytest.fixture
    def key(self, cast: Cast, app: Session) -> str:
        """Return a key that denies everything to all but the administrator and the role."""
        spared = aws(ROOT, user_arn("admin"), role_arn("AppRole"), app.principal)
        return cast.key(
            delegation(),
            deny(
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:PutKeyPolicy",
                "kms:CreateGrant",
                NotPrincipal=spared,
            ),
        )

    def test_those_who_are_named_go_on(self, cast: Cast, app: Session, key: str) -> None:
        """The role and the administrator are as free as their policies make them."""
        blob = cast.encrypt(app, key)
        cast.call(cast.bench.session, "Decrypt", CiphertextBlob=blob)

    def test_being_spared_gives_nothing(self, cast: Cast, app: Session, key: str) -> None:
        """Who is named needs a permission all the same."""
        cast.bench.call("iam:DeleteRolePolicy", RoleName="AppRole", PolicyName="own")
        assert IMPLICIT == cast.outcome(app, "Encrypt", KeyId=key, Plaintext=b"x")

    def test_everything_else_stays_as_it_was(self, cast: Cast, key: str) -> None:
        """The statement denies the actions that it names."""
        other = cast.user("ExampleUser", allow("kms:*"))
        assert ALLOWED == cast.outcome(other, "DescribeKey", KeyId=key)

    def test_nobody_gives_the_key_to_himself(self, cast: Cast, key: str) -> None:
        """With ``kms:*`` of his own, a user neither uses the key nor opens it to himself."""
        other = cast.user("ExampleUser", allow("kms:*"))
        blob = cast.encrypt(cast.bench.session, key)
        mine = document(allow("kms:*", Principal=aws(other.principal)))
        calls: list[tuple[str, dict[str, Any]]] = [
            ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
            ("Decrypt", {"CiphertextBlob": blob}),
            ("PutKeyPolicy", {"KeyId": key, "Policy": mine}),
            (
                "CreateGrant",
                {
                    "KeyId": key,
                    "GranteePrincipal": other.principal,
                    "Operations": ["Decrypt"],
                },
            ),
        ]
        assert {name: EXPLICIT for name, _ in calls} == cast.outcomes(other, calls)

    def test_a_role_without_its_session_is_not_named(self, cast: Cast, app: Session) -> None:
        """AWS asks for the role and the session; with the role alone its sessions are denied."""
        key = cast.key(
            delegation(),
            deny("kms:Encrypt", NotPrincipal=aws(ROOT, user_arn("admin"), role_arn("AppRole"))),
        )
        assert EXPLICIT == cast.outcome(app, "Encrypt", KeyId=key, Plaintext=b"x")


class TestSeparation:
    """Administration apart from use, and encrypting apart from decrypting."""

    MANAGE = ("kms:Describe*", "kms:Put*", "kms:Disable*", "kms:Enable*", "kms:TagResource")

    def test_an_administrator_changes_the_policy_and_does_not_decrypt(self, cast: Cast) -> None:
        """Manipulating the key and using it are two permissions."""
        role = cast.role("KeyAdministrator")
        statements = [
            allow(*self.MANAGE, Principal=aws(role_arn("KeyAdministrator"))),
            allow("kms:Encrypt", "kms:Decrypt", Principal=aws(user_arn("admin"))),
        ]
        key = cast.key(*statements)
        blob = cast.encrypt(cast.bench.session, key)
        allowed = [
            ("DescribeKey", {"KeyId": key}),
            ("PutKeyPolicy", {"KeyId": key, "Policy": document(*statements)}),
            ("DisableKey", {"KeyId": key}),
            ("EnableKey", {"KeyId": key}),
        ]
        assert {name: ALLOWED for name, _ in allowed} == cast.outcomes(role, allowed)
        denied: list[tuple[str, dict[str, Any]]] = [
            ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
            ("Decrypt", {"CiphertextBlob": blob}),
            ("GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"}),
        ]
        assert {name: IMPLICIT for name, _ in denied} == cast.outcomes(role, denied)

    def test_a_user_of_the_key_does_not_manage_it(self, cast: Cast) -> None:
        """Whoever encrypts and decrypts cannot change who may."""
        role = cast.role("KeyUser")
        key = cast.key(
            delegation(),
            allow("kms:Encrypt", "kms:Decrypt", Principal=aws(role_arn("KeyUser"))),
        )
        cast.call(role, "Decrypt", CiphertextBlob=cast.encrypt(role, key))
        denied: list[tuple[str, dict[str, Any]]] = [
            ("PutKeyPolicy", {"KeyId": key, "Policy": document(delegation())}),
            ("DisableKey", {"KeyId": key}),
            ("ScheduleKeyDeletion", {"KeyId": key}),
            (
                "CreateGrant",
                {"KeyId": key, "GranteePrincipal": USER_ROLE, "Operations": ["Decrypt"]},
            ),
        ]
        assert {name: IMPLICIT for name, _ in denied} == cast.outcomes(role, denied)

    def test_an_application_encrypts_and_does_not_decrypt(self, cast: Cast) -> None:
        """Its own ciphertext is closed to it; the reader opens it and writes none."""
        writer, reader = cast.role("Writer"), cast.role("Reader")
        key = cast.key(
            allow("kms:Encrypt", Principal=aws(role_arn("Writer"))),
            allow("kms:Decrypt", Principal=aws(role_arn("Reader"))),
        )
        blob = cast.encrypt(writer, key)
        assert IMPLICIT == cast.outcome(writer, "Decrypt", CiphertextBlob=blob)
        assert ALLOWED == cast.outcome(reader, "Decrypt", CiphertextBlob=blob)
        assert IMPLICIT == cast.outcome(reader, "Encrypt", KeyId=key, Plaintext=b"x")

    def test_kms_star_gives_administration_and_use_of_every_key(self, cast: Cast) -> None:
        """What the advice warns of: one statement, and both are on all keys that delegate."""
        user = cast.user("ExampleUser", allow("kms:*"))
        for _ in range(2):
            key = cast.key(delegation())
            cast.call(user, "Decrypt", CiphertextBlob=cast.encrypt(user, key))
            cast.call(user, "PutKeyPolicy", KeyId=key, Policy=document(delegation()))

    def test_a_key_that_does_not_delegate_is_closed_to_identity_policies(self, cast: Cast) -> None:
        """``kms:*`` of a user reaches no key whose policy leaves the account out."""
        user = cast.user("ExampleUser", allow("kms:*"))
        key = cast.key(allow("kms:*", Principal=aws(user_arn("admin"))))
        assert IMPLICIT == cast.outcome(user, "Encrypt", KeyId=key, Plaintext=b"x")
        assert IMPLICIT == cast.outcome(
            user, "PutKeyPolicy", KeyId=key, Policy=document(delegation(ACCOUNT))
        )
