"""Verifying every row and every line of the trail, with progress, and naming what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.place import Route, View
from kmstui.tui.places.settings.sections import memory_words, rollback
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList
from kmstui.tui.widgets.page import Page

if TYPE_CHECKING:
    from kmstui.engine.doctor import Finding
    from kmstui.engine.status import EngineStatus

_BAR_CELLS = 30
_LABEL_CELLS = 14
_CHECKS = (("keystore", "rows"), ("trail", "bytes"))
_DEVICES = "devices"
_MARKS = {
    "ok": ("✓", "$ok"),
    "note": ("▲", "$warn"),
    "bad": ("✗", "$danger"),
}


class DoctorView(View):
    """Verifies when it is opened, and again for `:refresh`."""

    STYLES = Path(__file__).with_name("settings.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._progress: dict[str, tuple[int, int]] = {}
        self._found: dict[str, Finding] = {}
        self._devices: list[Finding] = []
        self._status: EngineStatus | None = None
        self._error: KmsError | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out the report."""
        with Page(id="report"):
            yield Static(text.literal(""), id="verdict")
            yield FactList(label_cells=_LABEL_CELLS)

    @property
    def crumb(self) -> Content:
        """Name the view."""
        return text.literal("Doctor")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self.refresh_data(), group="doctor")

    async def refresh_data(self) -> None:
        """Verify everything, unless that is being done."""
        if self._busy or self.console.session is None:
            return
        self._busy, self._error = True, None
        self._progress.clear()
        self._found.clear()
        self._devices = []
        try:
            door = await self.console.door()
            self._status = await self.console.caller.run(door.status)
            self._paint()
            found: Sequence[Finding] = await self.console.caller.run(door.check, self._note)
            self._devices = [each for each in found if each.subject == _DEVICES]
            self._found = {each.subject: each for each in found if each.subject != _DEVICES}
        except KmsError as error:
            if not isinstance(error, KeystoreLockedError | SessionError):
                self._error = error
        finally:
            self._busy = False
        if self.is_mounted:
            self._paint()

    def _note(self, subject: str, done: int, total: int) -> None:
        """Take note of progress; called from the worker's thread."""
        self._progress[subject] = (done, total)
        self.app.call_later(self._paint)

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        self.query_one("#verdict", Static).update(self._verdict())
        self.query_one(FactList).facts = tuple(self._facts())

    def _verdict(self) -> Content:
        if self._error is not None:
            return text.literal(f"✗ {self._error.message or self._error.code}", "bold $danger")
        if not self._found:
            return text.literal("Verifying…", "bold")
        if any(finding.level == "bad" for finding in self._every):
            return text.literal("✗ Something is wrong.", "bold $danger")
        return text.literal("✓ Everything verifies.", "bold $ok")

    @property
    def _every(self) -> list[Finding]:
        return [*self._found.values(), *self._devices]

    def _facts(self) -> list[Fact]:
        facts = []
        for subject, unit in _CHECKS:
            label = subject.capitalize()
            finding = self._found.get(subject)
            if finding is None:
                facts.append(Fact(label, self._bar(subject, unit)))
            else:
                mark, style = _MARKS[finding.level]
                facts.append(Fact(label, text.literal(f"{mark} {finding.text}", style)))
        for index, finding in enumerate(self._devices):
            mark, style = _MARKS[finding.level]
            label = "" if index else _DEVICES.capitalize()
            facts.append(Fact(label, text.literal(f"{mark} {finding.text}", style)))
        if any(finding.level == "bad" for finding in self._every):
            facts += [GAP, Fact("What now", text.literal(_WHAT_NOW))]
        return [*facts, GAP, *self._condition(), GAP, Fact("", hints(("f5", "verify again")))]

    def _bar(self, subject: str, unit: str) -> Content:
        done, total = self._progress.get(subject, (0, 0))
        full = _BAR_CELLS * done // total if total else 0
        bar = text.literal("━" * full, "$info") + text.literal("━" * (_BAR_CELLS - full), "$faint")
        said = f"  {done:,} of {total:,} {unit}" if total else "  waiting"
        return bar + text.literal(said, "$muted")

    def _condition(self) -> list[Fact]:
        status = self._status
        if status is None:
            return []
        whole = "without" not in status.memory_protection
        return [
            *rollback(status),
            Fact("Memory", _mark(whole, memory_words(status))),
            Fact("Self-tests", _mark(status.self_tested, "known answers, before any key")),
            Fact(
                "Clock",
                _mark(
                    status.clock_behind < 60,
                    f"host clock {status.clock_behind:.0f} s behind account time",
                ),
            ),
        ]


_WHAT_NOW = (
    "Copy the keystore's directory before anything else. `kmstui doctor` says the same from "
    "outside; `kmstui restore` makes a keystore of a backup."
)


def _mark(good: bool, said: str) -> Content:
    mark, style = _MARKS["ok" if good else "note"]
    return text.literal(f"{mark} ", style) + text.literal(said)
