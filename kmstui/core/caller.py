"""Who is calling: the facts about a principal that policies and the trail see."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.core.arn import PARTITION, Arn, root_arn


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal in its account and Region.

    Attributes:
        arn: The principal's ARN; of a role's session the ``sts`` one; of a service its name.
        kind: CloudTrail's ``userIdentity.type``: ``Root``, ``IAMUser``, ``AssumedRole`` or
            ``AWSService``.
        principal_id: CloudTrail's ``principalId``, which is ``aws:userid`` too.
        account: The principal's account; of a service the one that it works for.
        region: The Region that its calls go to.
        role_arn: The role of a session, with its path; else empty.
    """

    arn: str
    kind: str
    principal_id: str
    account: str
    region: str
    role_arn: str = ""

    def __hash__(self) -> int:
        # Every decision is looked up by its caller; two strings tell callers apart.
        return hash((self.arn, self.region))

    @property
    def is_root(self) -> bool:
        """Whether this is the root user of its account."""
        return self.kind == "Root"

    @property
    def name(self) -> str:
        """The principal's short name: the last part of its ARN."""
        if self.kind == "AWSService":
            return self.arn
        return Arn.parse(self.arn).resource.rpartition("/")[2]


def root_caller(account: str, region: str) -> Caller:
    """Return the root user of an account."""
    return Caller(root_arn(account), "Root", account, account, region)


def user_caller(arn: str, unique_id: str, region: str) -> Caller:
    """Return an IAM user."""
    return Caller(arn, "IAMUser", unique_id, Arn.parse(arn).account, region)


def session_caller(role_arn: str, role_id: str, session_name: str, region: str) -> Caller:
    """Return the session of an assumed role; its ARN names the role without its path."""
    account = Arn.parse(role_arn).account
    role_name = role_arn.rpartition("/")[2]
    arn = f"arn:{PARTITION}:sts::{account}:assumed-role/{role_name}/{session_name}"
    return Caller(arn, "AssumedRole", f"{role_id}:{session_name}", account, region, role_arn)


def service_caller(service: str, account: str, region: str) -> Caller:
    """Return an AWS service that calls for itself in an account's name."""
    return Caller(service, "AWSService", service, account, region)
