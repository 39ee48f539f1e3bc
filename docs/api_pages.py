"""The text of ``docs/api.md``: every operation of the registry, with all that its spec says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from kmstui.authz.vocabulary import CONDITION_KEYS, KMS_ACTIONS
from kmstui.cli.operations import kebab
from kmstui.core.spec import Kind, Member, Needs, OperationSpec, ResourceKind, StateOutcome
from kmstui.engine.pipeline import STATE_TEXTS
from kmstui.engine.quota_table import CLASSES, QuotaClass
from kmstui.ops import load

STATES: Final = (
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "PendingImport",
    "Unavailable",
    "Creating",
    "Updating",
)

_HEAD = """\
# Operations

Generated from the registry by `docs/generate.py`; do not edit. `kmstui operations NAME` prints the
same, and `kmstui call NAME` performs it.

Operations of service `kms` have AWS's names, members, bounds and errors. Service `kmstui` has what
AWS has no operation for. A member in bold is required. Bounds are characters of a string, bytes of
a blob, items of a list.
"""

_PERMISSIONS = """\
## Permissions of AWS KMS

What must be allowed, and on what. *grant* is the grant operation that can allow it. With *others*,
a caller may name the key of another account, by its ARN. Where a usage is given, a key of another
usage is refused with `InvalidKeyUsageException`.
"""

_STATES = """\
## Key states

What each state of the key does to each operation that names one; an empty cell is success.
"""

_RESOURCES: Final = {
    ResourceKind.ACCOUNT: "*",
    ResourceKind.KEY: "key",
    ResourceKind.ALIAS: "alias",
    ResourceKind.ALIAS_TARGET: "key",
    ResourceKind.GRANT: "key",
    ResourceKind.PRINCIPAL: "principal",
}

_EVERY_CALL = 40
"""A condition key that so many actions have is not repeated on every page."""


def api() -> str:
    """Return the text of ``docs/api.md``."""
    specs = [spec for _, spec in sorted(load().items())]
    kms = [spec for spec in specs if spec.service == "kms"]
    parts = [_HEAD, *_permissions(kms), "", *_state_table(kms), "", "## Every operation", ""]
    parts += ["| operation | what it does |", "|---|---|"]
    parts += [f"| {_link(spec, spec.full_name)} | {_cell(spec.doc)} |" for spec in specs]
    for spec in specs:
        parts += ["", *_page(spec)]
    return "\n".join(parts) + "\n"


def _link(spec: OperationSpec, title: str) -> str:
    return f"[{title}](#{spec.full_name.replace(':', '').lower()})"


def _permissions(specs: Sequence[OperationSpec]) -> Iterable[str]:
    yield _PERMISSIONS
    yield "| operation | permission | resource | grant | others | usage | dry run |"
    yield "|---|---|---|---|---|---|---|"
    for spec in specs:
        cells = (
            _link(spec, spec.name),
            "<br>".join(f"`{needs.action}`" for needs in spec.needs),
            "<br>".join(_resource(needs) for needs in spec.needs),
            _grants(spec),
            "yes" if spec.cross_account else "",
            spec.usage,
            "yes" if spec.dry_run else "",
        )
        yield f"| {' | '.join(cells)} |"


def _resource(needs: Needs) -> str:
    kind = _RESOURCES.get(needs.resource, needs.resource.value)
    said = f"{kind} ({needs.member})" if needs.member else kind
    if needs.region and needs.region != needs.member:
        said = f"{said} in {needs.region}"
    return f"{said}, with {needs.when}" if needs.when else said


def _grants(spec: OperationSpec) -> str:
    named = [needs.grant for needs in spec.needs if needs.grant] or [spec.grant]
    return ", ".join(dict.fromkeys(filter(None, named)))


def _state_table(specs: Sequence[OperationSpec]) -> Iterable[str]:
    yield _STATES
    shown = [spec for spec in specs if _has_state(spec)]
    yield f"| operation | {' | '.join(STATES)} |"
    yield f"|---|{'---|' * len(STATES)}"
    for spec in shown:
        cells = (spec.states.outcome(state) for state in STATES)
        said = ("" if each is StateOutcome.OK else each.value for each in cells)
        yield f"| {_link(spec, spec.name)} | {' | '.join(said)} |"
    yield ""
    for outcome in StateOutcome:
        if outcome is not StateOutcome.OK:
            yield f"- {outcome.value}: {_refusal(outcome)}"


def _has_state(spec: OperationSpec) -> bool:
    keys = {ResourceKind.KEY, ResourceKind.ALIAS_TARGET, ResourceKind.GRANT}
    return any(needs.resource in keys for needs in spec.needs)


def _refusal(outcome: StateOutcome) -> str:
    if outcome is StateOutcome.DISABLED:
        return "`DisabledException`, the key is disabled."
    text = STATE_TEXTS.get(outcome)
    if text is None:
        return "`UnsupportedOperationException`, keys that are in this state cannot do it."
    return f"`KMSInvalidStateException`, the key {text}"


def _page(spec: OperationSpec) -> Iterable[str]:
    yield f"## {spec.full_name}"
    yield ""
    yield spec.doc
    yield ""
    yield from _facts(spec)
    yield ""
    if spec.members:
        yield "| member | option | type | |"
        yield "|---|---|---|---|"
        yield from (_member(member) for member in spec.members)
    else:
        yield "It takes nothing."
    yield ""
    answer = ", ".join(_answer(member) for member in spec.answer)
    yield f"Answers {answer or 'nothing'}."
    if spec.errors:
        yield ""
        yield f"Errors: {', '.join(spec.errors)}."


def _facts(spec: OperationSpec) -> Iterable[str]:
    needs = ", ".join(f"`{needs.action}` on {_resource(needs)}" for needs in spec.needs)
    if needs:
        yield f"- permission: {needs}"
    if _grants(spec):
        yield f"- grant operation: {_grants(spec)}"
    if spec.usage:
        yield f"- key usage: {spec.usage}"
    refused = ", ".join(sorted(spec.states.outcomes))
    if refused:
        yield f"- refused for keys in state: {refused}"
    conditions = _conditions(spec)
    if conditions:
        yield f"- condition keys: {', '.join(f'`{name}`' for name in conditions)}"
    if spec.service == "kms":
        quota = "; ".join(_quota(each) for each in CLASSES if spec.name in each.operations)
        yield f"- request quota: {quota}"
    traits = (
        ("changes the keystore", spec.mutates),
        ("critical", spec.critical),
        ("works on keys of other accounts", spec.cross_account and spec.service == "kms"),
        ("accepts DryRun", spec.dry_run),
        ("training keystores only", spec.training),
    )
    words = [word for word, holds in traits if holds]
    if not spec.mutates:
        words.insert(0, "reads only")
    yield f"- {', '.join(words)}"


def _quota(quota: QuotaClass) -> str:
    special: dict[float, list[str]] = {}
    for region, rate in quota.regions.items():
        special.setdefault(rate, []).append(region)
    said = f"{quota.rate:,.0f} a second"
    for rate, regions in sorted(special.items()):
        said += f", {rate:,.0f} in {', '.join(sorted(regions))}"
    return said if quota.operations == (quota.name,) else f"{quota.name}: {said}"


def _conditions(spec: OperationSpec) -> list[str]:
    """Return the condition keys that this operation's requests can have, and few others' can."""
    actions = {needs.action for needs in spec.needs} & set(KMS_ACTIONS)
    return [
        f"{key.name}*" if key.is_family else key.name
        for key in CONDITION_KEYS
        if key.actions is not None and len(key.actions) < _EVERY_CALL and key.actions & actions
    ]


def _answer(member: Member) -> str:
    inner = member.members or (member.item.members if member.item is not None else ())
    if not inner:
        return f"`{member.name}`"
    each = "each with" if member.kind is Kind.LIST else "with"
    return f"`{member.name}` ({each} {', '.join(each.name for each in inner)})"


def _member(member: Member) -> str:
    name = f"**{member.name}**" if member.required else member.name
    bounds = ""
    if member.minimum is not None or member.maximum is not None:
        low = "" if member.minimum is None else f"{member.minimum:,}"
        high = "" if member.maximum is None else f"{member.maximum:,}"
        bounds = f" {low}..{high}"
    notes = [member.doc] if member.doc else []
    if member.enum:
        notes.append(f"One of {', '.join(member.enum)}.")
    if member.default is not None:
        notes.append(f"Default {member.default}.")
    kind = f"{member.kind.value}{bounds}"
    return f"| {name} | `--{kebab(member.name)}` | {kind} | {_cell(' '.join(notes))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
