"""The same call on many keys, one after another, with each result in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KeystoreLockedError, SessionError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hint
from kmstui.tui.dialogs.base import Answer, Dialog
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.mfa.status import wants_code
from kmstui.tui.places.keys.wording import name
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.virtual_table import VirtualTable

BAR_CELLS = 30
ROWS_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Done:
    """How the call on one key ended.

    Attributes:
        key: The key as it was before.
        outcome: How it ended.
        answer: The answer, or None if it was refused.
    """

    key: KeySummary
    outcome: Outcome
    answer: Mapping[str, Any] | None


def bar(done: int, total: int, cells: int = BAR_CELLS) -> Content:
    """Draw how far something is."""
    full = cells * done // total if total else cells
    return text.literal("━" * full, "$ok") + text.literal("━" * (cells - full), "$faint")


class BulkDialog(Dialog[list[Done]]):
    """Makes one call for each key and shows how each ended; answers the results.

    ``esc`` stops after the call that is being made; once it has stopped, ``esc`` or enter leaves.

    Args:
        title: What is done.
        operation: Its name.
        keys: To which.
        request: Makes the request for a key.
        masked: Whether names are hidden.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "why", show=False)]
    DEFAULT_CSS = """
    BulkDialog VirtualTable { background: $surface; }
    BulkDialog #progress { margin-bottom: 1; }
    """

    def __init__(
        self,
        title: Content,
        operation: str,
        keys: Sequence[KeySummary],
        request: Callable[[KeySummary], Mapping[str, object]],
        *,
        masked: bool = False,
    ) -> None:
        super().__init__(title, (Answer(value=[], label=text.literal("Stop here")),))
        self._operation = operation
        self._keys = tuple(keys)
        self._request = request
        self._masked = masked
        self._stopping = False
        self._under_way = True
        self.results: list[Done] = []

    @property
    def running(self) -> bool:
        """Whether calls are still being made."""
        return self._under_way

    def body(self) -> Iterable[Widget]:
        """Yield the progress and the results."""
        yield Static(self._progress(), id="progress")
        table = VirtualTable[Done](
            (
                Column("mark", "", self._mark, width=1, sortable=False),
                Column("key", "KEY", self._called, flex=1, min_width=12, sortable=False),
                Column("said", "ANSWER", self._said, flex=2, min_width=12, sortable=False),
            ),
            empty=text.literal(""),
            id="results",
        )
        table.styles.height = min(len(self._keys), ROWS_SHOWN) + 1
        yield table

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        self.run_worker(self._run(), group="bulk")

    async def _run(self) -> None:
        table = self.query_one("#results", VirtualTable)
        for key in self._keys:
            if self._stopping or self.console.session is None:
                break
            done = await self._one(key)
            self.results.append(done)
            table.extend_rows([done], [key.arn])
            self.query_one("#progress", Static).update(self._progress())
            error = done.outcome.error
            if isinstance(error, KeystoreLockedError | SessionError) or wants_code(error):
                break
        self._under_way = False
        self.query_one("#progress", Static).update(self._progress())
        close = self.button(0)
        close.label = text.literal("Close")
        close.refresh(layout=True)
        close.focus()

    async def _one(self, key: KeySummary) -> Done:
        outcome, answer = await self.console.attempt(
            self._operation, self._request(key), about=key.label
        )
        return Done(key, outcome, answer)

    def _progress(self) -> Content:
        count, total = len(self.results), len(self._keys)
        refused = sum(1 for done in self.results if done.outcome.error is not None)
        parts = [bar(count, total), text.literal(f"{count:,} of {total:,}")]
        if refused:
            parts.append(text.literal(f"{refused:,} refused", "$danger"))
        if not self._under_way and count < total:
            parts.append(text.literal("stopped", "$warn"))
        elif self._under_way and self._stopping:
            parts.append(text.literal("stopping", "$warn"))
        if refused and not self._under_way:
            parts.append(hint("w", "why"))
        return text.join(parts, "  ")

    def _mark(self, done: Done) -> Content:
        ok = done.outcome.error is None
        return text.literal("✓", "$ok") if ok else text.literal("✗", "$danger")

    def _called(self, done: Done) -> Content:
        return name(done.key.label, masked=self._masked)

    def _said(self, done: Done) -> Content:
        error = done.outcome.error
        if error is None:
            return text.literal("ok", "$muted")
        return text.template("[$danger]$code[/] $message", code=error.code, message=error.message)

    def chosen(self, value: list[Done]) -> None:
        """Stop, or leave once it has stopped."""
        del value
        if self._under_way:
            self._stopping = True
            self.query_one("#progress", Static).update(self._progress())
        else:
            self.dismiss(self.results)

    def action_why(self) -> None:
        """Explain the refusal under the cursor, or the first one, once it has stopped."""
        row: Done | None = self.query_one("#results", VirtualTable).cursor_row
        refused = [done for done in self.results if done.outcome.error is not None]
        if refused and not self._under_way:
            chosen = row if row in refused else refused[0]
            self.console.shell.explain(chosen.outcome)

    def action_back(self) -> None:
        """Stop, or leave once it has stopped."""
        self.chosen([])
