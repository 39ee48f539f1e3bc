"""The question before a policy is saved: what it says now that it did not, and for whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from textual.widget import Widget
from textual.widgets import Static

from kmstui.authz.diff import Change, ChangeKind, Effect, Line
from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.policy_editor.impact import Shift
from kmstui.tui.text import Content
from kmstui.tui.verdicts import Verdict, short_action, short_principal
from kmstui.tui.widgets.page import Page

Work = Callable[[Callable[[int, list[Shift]], None]], Awaitable[list[str]]]
"""Finds out who gains and loses, telling how far it is, and returns who could not be asked."""

_KINDS = {
    ChangeKind.ADDED: ("+", "added", "$ok"),
    ChangeKind.REMOVED: ("-", "removed", "$danger"),
    ChangeKind.CHANGED: ("~", "changed", "$warn"),
    ChangeKind.RENAMED: ("=", "renamed", "$muted"),
}
_EFFECTS = {
    Effect.MORE: ("gives more", "$warn"),
    Effect.LESS: ("gives less", "$info"),
    Effect.BOTH: ("gives more and less", "$warn"),
    Effect.NEITHER: ("changes nothing", "$muted"),
}
_VALUES_SHOWN = 6
_ACTIONS_SHOWN = 6


def written_change(change: Change) -> Content:
    """Write one difference: what happened to which statement, then element by element."""
    glyph, word, style = _KINDS[change.kind]
    number = change.number_new or change.number_old
    which = f"statement {number}" if number else "the document"
    sid = text.template(" “$sid”", sid=change.sid) if change.sid else text.literal("")
    said, tone = _EFFECTS[change.effect]
    head = text.join(
        [
            text.styled(f"{glyph} {word}", style),
            text.literal(which) + sid,
            text.literal(said, tone),
        ],
        "  ",
    )
    lines = [head]
    for line in change.lines:
        lines += _element(line)
    return text.lines(*lines)


def _element(line: Line) -> list[Content]:
    name = text.template("    [$muted]$element[/]", element=line.element)
    shown = [_value("-", value, "$danger") for value in line.before[:_VALUES_SHOWN]]
    shown += [_value("+", value, "$ok") for value in line.after[:_VALUES_SHOWN]]
    more = sum(max(len(side) - _VALUES_SHOWN, 0) for side in (line.before, line.after))
    if len(shown) == 1:
        return [text.join([name, shown[0]])]
    rest = [text.literal(f"and {more} more", "$muted")] if more else []
    return [name, *(text.literal("      ") + each for each in (*shown, *rest))]


def _value(sign: str, value: str, style: str) -> Content:
    return text.styled(f"{sign} ", style) + text.literal(value)


def written_shift(shift: Shift, account: str, *, masked: bool) -> Content:
    """Write what changes for one principal."""
    label = short_principal(shift.principal, account)
    who = text.mask(label) if masked else text.literal(label, "bold")
    lines = [who]
    for sign, word, style, side in (
        ("+", "gains", "$warn", shift.gains),
        ("-", "loses", "$danger", shift.loses),
    ):
        if side:
            named = [_named(action, verdict) for action, verdict in side[:_ACTIONS_SHOWN]]
            more = len(side) - _ACTIONS_SHOWN
            rest = text.literal(f" and {more} more" if more > 0 else "", "$muted")
            lines.append(text.styled(f"  {sign} {word} ", style) + text.join(named, ", ") + rest)
    return text.lines(*lines)


def _named(action: str, verdict: Verdict) -> Content:
    how = " with MFA" if verdict is Verdict.NEEDS_MFA else ""
    return text.literal(short_action(action)) + text.literal(how, "$muted")


class ReviewDialog(Dialog[bool]):
    """Shows what a policy would change; answers True to save it.

    Args:
        label: Whose policy it is.
        changes: What it says that the old one did not, and the other way round.
        work: Finds out who gains and loses; ``None`` where that cannot be told.
        asked: How many principals that is about.
        account: The account whose principals need no account beside them.
        errors: How many errors lint found.
        masked: Whether names are hidden.
    """

    DEFAULT_CSS = """
    ReviewDialog {
        #dialog { width: 96; height: 90%; max-height: 34; }
        #review { height: 1fr; background: $surface; }
        #review > Static { height: auto; }
        .heading { margin-top: 1; }
    }
    """

    def __init__(
        self,
        label: Content,
        changes: Sequence[Change],
        work: Work | None,
        *,
        asked: int = 0,
        account: str = "",
        errors: int = 0,
        masked: bool = False,
    ) -> None:
        super().__init__(
            text.template("Save the policy of [b]$label[/]?", label=label),
            (
                Answer(value=False, label=text.literal("Keep editing")),
                Answer(value=True, label=text.literal("Save the policy"), tone=Tone.MAIN),
            ),
        )
        self._changes = tuple(changes)
        self._work = work
        self._asked = asked
        self._account = account
        self._errors = errors
        self._masked = masked
        self.shifts: list[Shift] = []
        self.done = work is None

    def body(self) -> Iterable[Widget]:
        """Yield the differences, and who gains and loses."""
        with Page(id="review"):
            yield Static(self._said())
            yield Static(self._heading(0), id="heading", classes="heading")
            yield Static(text.literal(""), id="shifts")

    def _said(self) -> Content:
        parts = []
        if self._errors:
            count = text.plural(self._errors, "error")
            parts.append(text.template("[$danger]✗ $count: it will be refused[/]", count=count))
        if self._masked:
            parts.append(text.plural(len(self._changes), "difference"))
        elif self._changes:
            parts += [written_change(change) for change in self._changes]
        else:
            parts.append(text.literal("It is written differently and says the same.", "$muted"))
        return text.lines(*parts)

    def _heading(self, done: int) -> Content:
        if self._work is None:
            return text.literal("")
        title = text.markup("[b $key-accent]Who gains, who loses[/]")
        count = text.literal(f"  {done:,} of {self._asked:,} principals decided", "$muted")
        return title + (text.literal("") if self.done else count)

    def on_mount(self) -> None:
        """Begin to find out who gains and loses."""
        super().on_mount()
        if self._work is not None:
            self.run_worker(self._decide(self._work), group="impact", exit_on_error=False)

    async def _decide(self, work: Work) -> None:
        note: Content
        try:
            unknown = await work(self._progress)
        except KmsError as error:
            note = text.literal(f"It cannot be told: {error.message or error.code}", "$warn")
        else:
            plain = "Decided for calls without encryption context, services or a fresh code."
            note = text.literal(plain, "$muted")
            if unknown:
                count = text.plural(len(unknown), "principal")
                note = text.lines(note, text.template("[$warn]$count not decided[/]", count=count))
        self.done = True
        self._show(self._asked, note)

    def _progress(self, done: int, found: list[Shift]) -> None:
        self.shifts += found
        self._show(done, None)

    def _show(self, done: int, note: Content | None) -> None:
        if not self.is_mounted:
            return
        self.query_one("#heading", Static).update(self._heading(done))
        lines = [written_shift(shift, self._account, masked=self._masked) for shift in self.shifts]
        if self.done and not self.shifts:
            lines.append(text.literal("Nobody gains or loses anything."))
        if note is not None:
            lines.append(note)
        self.query_one("#shifts", Static).update(text.lines(*lines))

    def first_focus(self) -> None:
        """Focus what scrolls: saving takes a step more."""
        self.query_one("#review", Page).focus()
