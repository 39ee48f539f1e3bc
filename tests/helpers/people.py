"""Users, roles and services in an engine, and what becomes of their calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from kmstui.authz.model import Outcome
from kmstui.authz.refusal import Refusal
from kmstui.core.arn import iam_arn, root_arn
from kmstui.core.errors import AccessDeniedException
from kmstui.engine import Session
from tests.helpers.engines import ACCOUNT, Bench

ALLOWED = str(Outcome.ALLOWED)
IMPLICIT = str(Outcome.IMPLICITLY_DENIED)
EXPLICIT = str(Outcome.EXPLICITLY_DENIED)

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **elements: Any) -> Statement:
    """Return a statement that allows actions on everything; elements are added."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **elements}


def deny(*actions: str, **elements: Any) -> Statement:
    """Return a statement that denies actions on everything; elements are added."""
    return {**allow(*actions, **elements), "Effect": "Deny"}


def aws(*principals: str) -> dict[str, list[str]]:
    """Return a Principal element of users, roles, sessions or accounts."""
    return {"AWS": list(principals)}


def delegation(account: str = ACCOUNT) -> Statement:
    """Return the statement that leaves a key to the identity policies of an account."""
    return allow("kms:*", Principal=aws(root_arn(account)))


def role_arn(name: str, account: str = ACCOUNT) -> str:
    """Return the ARN of a role."""
    return iam_arn(account, "role", "/", name)


def user_arn(name: str, account: str = ACCOUNT) -> str:
    """Return the ARN of a user."""
    return iam_arn(account, "user", "/", name)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays on a training keystore whose administrator is signed in.

    Attributes:
        bench: The keystore.
    """

    bench: Bench

    def user(self, name: str, *statements: Statement) -> Session:
        """Create a user with an identity policy, and go on in its place."""
        self.bench.call("iam:CreateUser", UserName=name)
        if statements:
            self.bench.call(
                "iam:PutUserPolicy",
                UserName=name,
                PolicyName="own",
                PolicyDocument=document(*statements),
            )
        return self.bench.engine.act_as(self.bench.session, principal=user_arn(name))

    def role(self, name: str, *statements: Statement) -> Session:
        """Create a role with an identity policy, which trusts the administrator; assume it."""
        self.make_role(self.bench.session, name, self.bench.session.principal, *statements)
        return self.assume(name)

    def make_role(self, by: Session, name: str, trusted: str, *statements: Statement) -> None:
        """Create a role in the account of a session."""
        engine = self.bench.engine
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": aws(trusted)}
        engine.call(
            by,
            "iam:CreateRole",
            {"RoleName": name, "AssumeRolePolicyDocument": document(trust)},
        )
        if statements:
            put = {"RoleName": name, "PolicyName": "own", "PolicyDocument": document(*statements)}
            engine.call(by, "iam:PutRolePolicy", put)

    def assume(self, name: str, account: str = ACCOUNT) -> Session:
        """Assume a role, as the administrator."""
        return self.bench.engine.assume_role(self.bench.session, role_arn(name, account), "test")

    def through(self, service: str, session: Session | None = None) -> Session:
        """Go on as a service: on behalf of a session's principal, or for itself."""
        if session is None:
            return self.bench.engine.act_as(self.bench.session, service=service)
        arn = session.caller.role_arn or session.principal
        return self.bench.engine.act_as(self.bench.session, principal=arn, service=service)

    def key(self, *statements: Statement) -> str:
        """Create a key whose policy has exactly some statements; return its ARN."""
        made = self.bench.call(
            "CreateKey", Policy=document(*statements), BypassPolicyLockoutSafetyCheck=True
        )
        arn: str = made["KeyMetadata"]["Arn"]
        return arn

    def call(self, session: Session, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation of service kms, or of the one named before a colon."""
        name = operation if ":" in operation else f"kms:{operation}"
        return self.bench.engine.call(session, name, members)

    def encrypt(
        self, session: Session, key: str, context: Mapping[str, str] | None = None
    ) -> bytes:
        """Encrypt something."""
        members = {} if context is None else {"EncryptionContext": context}
        blob: bytes = self.call(session, "Encrypt", KeyId=key, Plaintext=b"x", **members)[
            "CiphertextBlob"
        ]
        return blob

    def refusal(self, session: Session, operation: str, **members: Any) -> Refusal:
        """Return why a call is denied.

        Raises:
            AssertionError: It is not.
        """
        refusal = self.judged(session, operation, **members)
        assert refusal is not None, f"{operation} was not denied"
        return refusal

    def outcome(self, session: Session, operation: str, **members: Any) -> str:
        """Return what becomes of a call: ``Allowed`` or how it is denied."""
        refusal = self.judged(session, operation, **members)
        return ALLOWED if refusal is None else str(refusal.decision.outcome)

    def judged(self, session: Session, operation: str, **members: Any) -> Refusal | None:
        """Make a call; return why it is denied, if it is."""
        try:
            self.call(session, operation, **members)
        except AccessDeniedException as error:
            return cast(Refusal, error.refusal)
        return None

    def outcomes(
        self, session: Session, calls: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> dict[str, str]:
        """Return what becomes of several calls, by operation."""
        return {name: self.outcome(session, name, **members) for name, members in calls}
