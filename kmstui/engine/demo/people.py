"""The demo's roles, users and accounts, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kmstui.engine.demo import policies
from kmstui.engine.demo.setting import ACCOUNT, PARTNER

_AWS: Final = "arn:aws:iam::aws:policy/"
TEAM_USE: Final = "TeamKeyUse"
"""The managed policy of every team's role."""


@dataclass(frozen=True, slots=True)
class DemoRole:
    """A role.

    Attributes:
        name: Its name.
        day: When it is created; 0 for before everything else.
        description: What it is for.
        inline: Name and text of its embedded policy; empty for none.
        attached: ARN of its managed policy; empty for none.
        services: Services whose programs it is for.
        team: Value of its tag Team; empty for none.
        account: Where it is.
        until: The day on which it is deleted; 0 for never.
    """

    name: str
    day: int
    description: str
    inline: tuple[str, str] = ("", "")
    attached: str = ""
    services: tuple[str, ...] = ()
    team: str = ""
    account: str = ACCOUNT
    until: int = 0


def _team(name: str, service: str) -> DemoRole:
    return DemoRole(
        f"{name.capitalize()}App",
        0,
        f"The programs of team {name}",
        attached=f"arn:aws:iam::{ACCOUNT}:policy/{TEAM_USE}",
        services=(service,),
        team=name,
    )


ROLES: Final = (
    DemoRole(
        "KeyAdministrator",
        0,
        "Looks after keys and cannot use them",
        ("KeyAdministration", policies.administration()),
    ),
    DemoRole(
        "Auditor", 0, "Looks at everything, changes nothing", attached=f"{_AWS}SecurityAudit"
    ),
    _team("payments", "ecs-tasks.amazonaws.com"),
    _team("identity", "ecs-tasks.amazonaws.com"),
    _team("fleet", "lambda.amazonaws.com"),
    _team("platform", "ec2.amazonaws.com"),
    _team("analytics", "glue.amazonaws.com"),
    DemoRole("IngestApp", 4, "Encrypts telemetry", services=("lambda.amazonaws.com",)),
    DemoRole("ReportApp", 4, "Decrypts telemetry", services=("glue.amazonaws.com",)),
    DemoRole(
        "RoleForExampleApp",
        49,
        "Uses a key with its own encryption context only",
        services=("ec2.amazonaws.com",),
    ),
    DemoRole(
        "EBSVolumeRole",
        63,
        "Attaches encrypted EBS volumes",
        services=("ec2.amazonaws.com",),
    ),
    DemoRole(
        "PartnerAnalyticsRole",
        101,
        "Reads columns that are shared with us",
        ("SharedKeys", policies.shared_keys()),
        account=PARTNER,
    ),
    DemoRole(
        "PartnerBuildRole",
        101,
        "Reads firmware images before they are signed",
        ("SharedKeys", policies.shared_keys()),
        account=PARTNER,
    ),
    DemoRole("MigrationRole", 119, "One-off migration of the warehouse", until=168),
)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user.

    Attributes:
        name: Its name.
        day: When it is created.
        inline: Name and text of its embedded policy; empty for none.
        access_key: Whether it gets an access key.
    """

    name: str
    day: int
    inline: tuple[str, str] = ("", "")
    access_key: bool = False


USERS: Final = (
    DemoUser("ExampleUser", 23),
    DemoUser("DeployUser", 170, ("AllKeys", policies.everything()), access_key=True),
)

PARTNER_DAY: Final = 100
"""When the partner's account is added."""
