"""One grant in full, and the question before it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.tui import text, timefmt
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.confirm import ConfirmTyped, bulk_token
from kmstui.tui.places.grants.model import Counts, GrantRow, spelled
from kmstui.tui.text import Content
from kmstui.tui.verdicts import Judged
from kmstui.tui.widgets.fact_list import Fact, FactList

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

RETIRE, REVOKE = "retire", "revoke"
_LABEL_CELLS = 14
_NAMED = 4


class Ending:
    """What is lost when a grant ends, found by asking what else lets its grantee in.

    Attributes:
        stops: Operations that nothing else allows the grantee.
        goes_on: Operations that a policy or another grant allows as well.
    """

    def __init__(self, stops: Sequence[str], goes_on: Sequence[str]) -> None:
        self.stops = tuple(stops)
        self.goes_on = tuple(goes_on)


async def ending(console: KmsApp, row: GrantRow) -> Ending | None:
    """Find out what ends with a grant; ``None`` where that cannot be told.

    The grantee's calls are simulated with the encryption context that the grant insists on.
    """
    pairs = row.equals or row.subset or ()
    members: dict[str, object] = {
        "Principals": [row.grantee],
        "Actions": [f"kms:{name}" for name in row.operations],
        "KeyId": row.key_arn,
    }
    if pairs:
        members["EncryptionContext"] = dict(pairs)
    try:
        answer = await console.fetch("kmstui:SimulateAccess", **members)
    except KmsError:
        # The question is asked all the same: it only says less.
        return None
    cells = [Judged.read(cell) for cell in answer["Cells"]]
    elsewhere = [cell for cell in cells if cell.verdict.open and cell.grant_id != row.grant_id]
    named = {cell.action.removeprefix("kms:") for cell in elsewhere}
    return Ending(
        [name for name in row.operations if name not in named],
        [name for name in row.operations if name in named],
    )


def facts(
    row: GrantRow,
    *,
    key: str,
    now: datetime,
    masked: bool,
    orphaned: str = "",
    counts: Counts | None = None,
) -> list[Fact]:
    """List what there is to know of a grant."""

    def named(value: str) -> Content:
        return text.mask(value) if masked else text.literal(value)

    none = text.literal("—", "$muted")
    made = f"{timefmt.stamp(row.created)}, {timefmt.ago(row.created, now)}"
    listed = [
        Fact("Key", named(key)),
        Fact("Grantee", named(row.grantee)),
        Fact("Operations", text.literal(", ".join(row.operations))),
        *_bounds(row, masked=masked),
        Fact("Retired by", named(row.retiring) if row.retiring else none),
        Fact("Created", text.literal(made)),
        Fact("By account", named(row.issuer)),
        Fact("Name", named(row.name) if row.name else none),
        Fact("Id", named(row.grant_id)),
    ]
    if counts is not None:
        listed.insert(-1, Fact("Grants", text.literal(counts.line)))
    if orphaned:
        listed.insert(0, Fact("Orphan", text.styled(f"⚑ {orphaned}", "$warn")))
    return listed


def _bounds(row: GrantRow, *, masked: bool) -> Iterable[Fact]:
    if not row.constrained:
        yield Fact("Only", text.literal("no bound: every encryption context", "$warn"))
    for label, pairs in (("Exactly", row.equals), ("Only with", row.subset)):
        if pairs is not None:
            said = spelled(pairs)
            yield Fact(label, text.mask(said) if masked else text.literal(said))
    if row.source_arn:
        said = row.source_arn
        yield Fact("Only for", text.mask(said) if masked else text.literal(said))


class GrantDialog(Dialog[str]):
    """Shows a grant; answers ``retire`` or ``revoke`` if one of them is chosen.

    Args:
        row: The grant.
        said: What there is to know of it.
        label: What a person calls it.
    """

    def __init__(self, row: GrantRow, said: Sequence[Fact], label: Content) -> None:
        super().__init__(
            text.template("Grant [b]$name[/]", name=label),
            (
                Answer("", text.literal("Back")),
                Answer(RETIRE, text.literal("Retire…"), Tone.MAIN),
                Answer(REVOKE, text.literal("Revoke…"), Tone.DANGER),
            ),
        )
        self.row = row
        self._facts = tuple(said)

    def body(self) -> Iterable[Widget]:
        """Yield the facts."""
        yield FactList(self._facts, label_cells=_LABEL_CELLS)

    def chosen(self, value: str) -> None:
        """Answer with the deed, or nothing."""
        self.dismiss(value or None)


def _ends(row: GrantRow, found: Ending | None, *, masked: bool) -> list[Fact]:
    who = text.mask(row.grantee_label) if masked else text.literal(row.grantee_label)
    listed = [Fact("Grantee", who)]
    if found is None:
        stops = text.literal(", ".join(row.operations))
        note = text.literal("unless a policy or another grant allows it too", "$muted")
        return [*listed, Fact("May stop", stops), Fact("", note)]
    nothing = text.literal("nothing: policies or other grants allow all of it", "$ok")
    stops = text.literal(", ".join(found.stops), "$danger") if found.stops else nothing
    listed.append(Fact("Stops", stops))
    if found.goes_on and found.stops:
        listed.append(Fact("Goes on", text.literal(", ".join(found.goes_on))))
    return listed


class EndDialog(Dialog[bool]):
    """Asks before one grant ends.

    Args:
        row: The grant.
        found: What ends with it, if that could be told.
        deed: ``retire`` or ``revoke``.
        masked: Whether names are hidden.
    """

    def __init__(
        self, row: GrantRow, found: Ending | None, deed: str, *, masked: bool = False
    ) -> None:
        title, verb = ("Retire", "Retire it") if deed == RETIRE else ("Revoke", "Revoke it")
        label = text.mask(row.label) if masked else text.literal(row.label)
        super().__init__(
            text.template("$deed the grant [b]$name[/]?", deed=title, name=label),
            (
                Answer(value=False, label=text.literal("Leave it")),
                Answer(value=True, label=text.literal(verb), tone=Tone.DANGER),
            ),
            danger=True,
        )
        self.row = row
        self._found = found
        self._deed = deed
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield what stops, and what comes of undoing it."""
        yield FactList(
            _ends(self.row, self._found, masked=self._masked),
            label_cells=_LABEL_CELLS,
            classes="paragraph",
        )
        who = (
            "The retiring principal, the grantee if RetireGrant is among the operations, and the "
            "account that made it may retire it."
            if self._deed == RETIRE
            else "It ends at once; grants made through it stay."
        )
        yield Static(text.literal(who), classes="paragraph")
        yield Static(
            text.literal("u makes an equal grant again, under another id.", "$muted"),
            classes="paragraph",
        )


class EndManyDialog(ConfirmTyped):
    """Asks before several grants end, by a typed count.

    Args:
        rows: The grants.
        deed: ``retire`` or ``revoke``.
        masked: Whether names are hidden.
    """

    def __init__(self, rows: Sequence[GrantRow], deed: str, *, masked: bool = False) -> None:
        title = "Retire" if deed == RETIRE else "Revoke"
        count = text.plural(len(rows), "grant")
        grantees = list(dict.fromkeys(row.grantee_label for row in rows))
        shown = [text.mask(each) if masked else text.literal(each) for each in grantees[:_NAMED]]
        more = len(grantees) - _NAMED
        rest = text.literal(f" +{more}" if more > 0 else "", "$muted")
        super().__init__(
            title=text.template("$deed $count", deed=title, count=count),
            message=text.template(
                "Of $who.\nWhat only these grants let in is refused from then on. There is no "
                "undo for many at once.",
                who=text.join(shown, ", ") + rest,
            ),
            token=bulk_token(len(rows), deed).replace("key", "grant"),
            verb=text.template("$deed them", deed=title),
            back=text.literal("Leave them"),
        )
