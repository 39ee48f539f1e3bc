"""What a simulated decision comes to, in one glyph, one word and one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kmstui.authz.document import Policy
from kmstui.authz.model import Layer, Outcome
from kmstui.core.arn import Arn, is_account, root_arn
from kmstui.tui import text
from kmstui.tui.text import Content


class Verdict(Enum):
    """A decision, as a person asks about it."""

    ALLOWED = ("✓", "allowed", "$ok")
    BY_GRANT = ("◆", "by grant", "$info")
    NEEDS_MFA = ("▲", "needs MFA", "$warn")
    FORBIDDEN = ("✗", "explicit deny", "$danger")
    DENIED = ("·", "denied", "$muted")

    def __init__(self, glyph: str, word: str, style: str) -> None:
        self.glyph = glyph
        self.word = word
        self.style = style

    @property
    def open(self) -> bool:
        """Whether the call goes through as it is."""
        return self in {Verdict.ALLOWED, Verdict.BY_GRANT}

    @property
    def reach(self) -> int:
        """How far it lets one: 0 not at all, 1 with a fresh code, 2 as it is."""
        return 2 if self.open else int(self is Verdict.NEEDS_MFA)


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision on one principal and action.

    Attributes:
        principal: ARN or a service's name.
        action: Such as ``kms:Decrypt``.
        verdict: What it comes to.
        layer: The layer that decided.
        policy: The deciding policy; empty if none did.
        statement: Its statement, from 1; 0 if none decided.
        sid: That statement's Sid; untrusted text.
        grant_id: The grant that allowed it; empty if none did.
        reason: AWS's words for a denial; empty if it is allowed.
    """

    principal: str
    action: str
    verdict: Verdict
    layer: str = ""
    policy: str = ""
    statement: int = 0
    sid: str = ""
    grant_id: str = ""
    reason: str = ""

    @classmethod
    def read(cls, cell: Mapping[str, Any]) -> Judged:
        """Read a cell of ``kmstui:SimulateAccess``."""
        return cls(
            principal=str(cell["Principal"]),
            action=str(cell["Action"]),
            verdict=_verdict(cell),
            layer=str(cell["Layer"]),
            policy=str(cell["Policy"]),
            statement=int(cell["Statement"]),
            sid=str(cell["Sid"]),
            grant_id=str(cell["GrantId"]),
            reason=str(cell["Reason"]),
        )

    @property
    def why(self) -> Content:
        """Say what decided, in one line."""
        head = text.styled(f"{self.verdict.glyph} {self.verdict.word}", self.verdict.style)
        if self.verdict is Verdict.BY_GRANT:
            rest = text.template("grant $id", id=f"{self.grant_id[:12]}…")
        elif self.statement:
            sid = text.template(" “$sid”", sid=self.sid) if self.sid else text.literal("")
            where = text.template(
                "$policy, statement $number", policy=self.policy, number=self.statement
            )
            rest = where + sid
        else:
            rest = text.literal(self.reason or self.layer)
        return text.join([head, rest], "  ")


def _verdict(cell: Mapping[str, Any]) -> Verdict:
    outcome = cell["Decision"]
    if outcome == Outcome.ALLOWED:
        return Verdict.BY_GRANT if cell["Layer"] == Layer.GRANT else Verdict.ALLOWED
    if cell["MfaWouldHelp"]:
        return Verdict.NEEDS_MFA
    return Verdict.FORBIDDEN if outcome == Outcome.EXPLICITLY_DENIED else Verdict.DENIED


def legend() -> Content:
    """Write every glyph with its word."""
    cells = [
        text.styled(each.glyph, each.style) + text.literal(f" {each.word}", "$muted")
        for each in Verdict
    ]
    return text.join(cells, "  ")


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that go together.

    Attributes:
        title: What they are for.
        actions: Names with ``kms:``.
    """

    title: str
    actions: tuple[str, ...]


_SYMMETRIC = (
    "Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
)
_USE = {
    "SIGN_VERIFY": "Sign Verify GetPublicKey",
    "GENERATE_VERIFY_MAC": "GenerateMac VerifyMac",
    "KEY_AGREEMENT": "DeriveSharedSecret GetPublicKey",
    "ENCAPSULATE_DECAPSULATE": "Encapsulate Decapsulate GetPublicKey",
}
_ASYMMETRIC_ENCRYPTION = "Encrypt Decrypt ReEncryptFrom ReEncryptTo GetPublicKey"
_GRANT = "CreateGrant ListGrants RetireGrant RevokeGrant"
_ADMINISTER = (
    "DescribeKey GetKeyPolicy PutKeyPolicy EnableKey DisableKey ScheduleKeyDeletion "
    "CancelKeyDeletion UpdateKeyDescription TagResource UntagResource CreateAlias DeleteAlias"
)
_ROTATE = "GetKeyRotationStatus EnableKeyRotation DisableKeyRotation RotateKeyOnDemand"


def action_groups(spec: str, usage: str) -> tuple[ActionGroup, ...]:
    """Return the actions that matter on a key of this spec and usage, by what they are for."""
    symmetric = spec == "SYMMETRIC_DEFAULT"
    use = _SYMMETRIC if symmetric else _USE.get(usage, _ASYMMETRIC_ENCRYPTION)
    administer = f"{_ADMINISTER} {_ROTATE}" if symmetric else _ADMINISTER
    named = (("use", use), ("grants", _GRANT), ("administration", administer))
    return tuple(
        ActionGroup(title, tuple(f"kms:{name}" for name in names.split()))
        for title, names in named
    )


def all_actions(groups: Iterable[ActionGroup]) -> tuple[str, ...]:
    """Return the actions of groups, in order."""
    return tuple(action for group in groups for action in group.actions)


def short_action(action: str) -> str:
    """Leave out the service: ``Decrypt``."""
    return action.removeprefix("kms:")


def short_principal(principal: str, account: str = "") -> str:
    """Call a principal what a person calls it: ``role/app``, ``user/ada``, ``ec2.amazonaws.com``.

    Args:
        principal: An ARN or a service's name; anything else stays as it is.
        account: The account whose principals need no account beside them.
    """
    if is_account(principal):
        principal = root_arn(principal)
    try:
        arn = Arn.parse(principal)
    except ValueError:
        return principal
    kind, _, rest = arn.resource.partition("/")
    foreign = f" of {arn.account}" if account and arn.account != account else ""
    if kind == "root":
        return "root" if not foreign else f"account {arn.account}"
    if kind == "assumed-role":
        return f"session {rest}{foreign}"
    return f"{kind}/{rest.rpartition('/')[2]}{foreign}"


def named_principals(*policies: Policy) -> list[str]:
    """List everybody whom policies name: ARNs, and names of services; not ``*``."""
    found: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            if statement.principals is None:
                continue
            for name in statement.principals.aws:
                arn = root_arn(name) if is_account(name) else name
                if arn.startswith("arn:"):
                    found[arn] = None
            found.update(dict.fromkeys(statement.principals.services))
    return list(found)
