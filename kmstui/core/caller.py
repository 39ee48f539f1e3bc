"""Who is calling: the facts about a principal that policies and the trail see."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.core.arn import Arn, root_arn


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal in its account and Region.

    Attributes:
        arn: The principal's ARN.
        kind: CloudTrail's ``userIdentity.type``, such as ``Root`` or ``AWSService``.
        principal_id: CloudTrail's ``principalId``.
        account: The principal's account.
        region: The Region that its calls go to.
    """

    arn: str
    kind: str
    principal_id: str
    account: str
    region: str

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
        return Arn.parse(self.arn).resource.rpartition("/")[2]


def root_caller(account: str, region: str) -> Caller:
    """Return the root user of an account."""
    return Caller(root_arn(account), "Root", account, account, region)
