"""The page that re-wraps encrypted data keys in files."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from kmstui.core.arn import Arn, is_region
from kmstui.core.errors import KmsError, UsageError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.commands import Scope
from kmstui.tui.elsewhere import fetch_in
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.detail.facts import read_facts
from kmstui.tui.places.keys.dialogs.bulk import bar
from kmstui.tui.places.keys.guides.data_keys import find, make_folder, proposed_folder
from kmstui.tui.places.keys.guides.rewrapping import Job, Result, Rewrap, check
from kmstui.tui.places.keys.wording import name
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.safe_input import SafeInput
from kmstui.tui.widgets.virtual_table import VirtualTable


class RewrapView(View):
    """Asks for files and a key, and moves the data keys in the files to that key.

    The route's argument is the source key's ARN, with the target after a ``#``.

    Args:
        route: Where the view is.
    """

    SCOPES = (Scope.WIZARD,)
    STYLES = Path(__file__).with_name("guides.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._arn, _, self._target = route.argument.partition("#")
        self.key: KeySummary | None = None
        self.work: Rewrap | None = None
        self._total = 0
        self._busy = False
        self._folder = ""

    def compose(self) -> ComposeResult:
        """Lay out the form, the results and the buttons."""
        with VerticalScroll(id="form", can_focus=False):
            yield Static(text.markup("[b]Re-wrap data keys[/]"), classes="title")
            yield Static(text.literal(_ABOUT, "$muted"), classes="lead")
            yield from _row("From", Static(id="source"))
            yield from _row("Files", _field("files", "a folder, or files"))
            yield from _row("To key", _field("target", "alias/NAME, id or ARN", self._target))
            yield from _row("In Region", _field("region", "eu-west-1"))
            yield from _row("New files in", _field("folder", "a folder of their own"))
            yield from _row("Context", ContextEditor(id="context"))
            yield Static(id="way")
        with Vertical(id="results"):
            yield Static(id="progress")
            yield VirtualTable[Result](
                (
                    Column("mark", "", _mark, width=1, sortable=False),
                    Column("file", "FILE", self._file, flex=1, min_width=16, sortable=False),
                    Column("said", "ANSWER", _said, flex=2, min_width=24, sortable=False),
                ),
                empty=text.literal(""),
                id="files-done",
            )
        yield Static(id="outcome")
        with Horizontal(id="wizard-buttons", classes="buttons"):
            yield Button(text.literal("Re-wrap them"), id="go", compact=True)

    async def on_mount(self) -> None:
        """Read the key."""
        self.query_one("#results").display = False
        self.query_one("#outcome").display = False
        try:
            self.key = (await read_facts(self.console, self._arn)).key
        except KmsError as error:
            self._refuse(error)
            self.query_one("#go", Button).disabled = True
            return
        target = self._target_region() or self.key.region
        self.query_one("#region", SafeInput).value = target
        self._paint()

    @property
    def crumb(self) -> Content:
        """Name the page."""
        return text.literal("Re-wrap")

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._busy

    def _paint(self) -> None:
        if self.key is None:
            return
        shown = name(self.key.label, masked=self.console.masked)
        where = text.template("$key [$muted]in $region[/]", key=shown, region=self.key.region)
        self.query_one("#source", Static).update(where)
        crosses = self._value("region") not in {"", self.key.region}
        self.query_one("#way", Static).update(text.literal(_ACROSS if crosses else _WITHIN))

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", SafeInput).value.strip()

    def _target_region(self) -> str:
        try:
            return Arn.parse(self._value("target")).region
        except ValueError:
            return ""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.id == "files":
            field = self.query_one("#folder", SafeInput)
            if field.value.strip() == self._folder:
                field.value = self._folder = proposed_folder(event.value) if event.value else ""
        if event.input.id == "target" and (region := self._target_region()):
            self.query_one("#region", SafeInput).value = region
        if event.input.id in {"region", "target"}:
            self._paint()

    @on(Input.Submitted)
    @on(ContextEditor.Submitted)
    def _entered(self, event: Input.Submitted | ContextEditor.Submitted) -> None:
        event.stop()
        self._start()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._start()

    def _start(self) -> None:
        if self._busy:
            return
        if self.work is not None:
            self._again()
            return

        async def guarded() -> None:
            self._busy = True
            try:
                await self._run()
            except KmsError as error:
                self._refuse(error)
            finally:
                self._busy = False

        self.console.run_worker(guarded(), group=COMMANDS_GROUP)

    def _again(self) -> None:
        """Show the form again, for the files that are left or other ones."""
        self.work = None
        self.query_one("#files-done", VirtualTable).set_rows([], [])
        self.query_one("#results").display = False
        self.query_one("#form").display = True
        self.query_one("#go", Button).label = text.literal("Re-wrap them")
        self.focus_first()

    async def _job(self, key: KeySummary) -> Job:
        editor = self.query_one("#context", ContextEditor)
        if editor.problem is not None:
            raise UsageError("The context cannot be used.", hint=editor.problem.plain)
        region = self._value("region") or key.region
        if not is_region(region):
            raise UsageError("Regions are named like eu-west-1.")
        paths = await self.console.caller.run(find, self._value("files"))
        target = self._value("target")
        if target:
            found = await fetch_in(self.console, region, "DescribeKey", KeyId=target)
            target = str(found["KeyMetadata"]["Arn"])
        job = Job(
            paths, key.arn, target, key.region, region, self._value("folder"), editor.context
        )
        check(job)
        if not job.folder:
            raise UsageError("Name a folder for the new files: the originals are kept.")
        await self.console.caller.run(make_folder, job.folder)
        return job

    async def _run(self) -> None:
        key = self.key
        if key is None:
            return
        self.query_one("#outcome").display = False
        job = await self._job(key)
        self._total = len(job.paths)
        self.work = Rewrap(self.console, job, self._took)
        self.query_one("#form").display = False
        self.query_one("#results").display = True
        table = self.query_one("#files-done", VirtualTable)
        table.set_rows([], [])
        table.focus()
        button = self.query_one("#go", Button)
        button.disabled = True
        self._show_progress()
        await self.work.run()
        button.disabled, button.label = False, text.literal("Back to the form")
        button.refresh(layout=True)
        self._show_progress()
        self._tell(job)

    def _took(self, result: Result) -> None:
        self.query_one("#files-done", VirtualTable).extend_rows([result], [result.path])
        self._show_progress()

    def _tell(self, job: Job) -> None:
        work = self.work
        if work is None:
            return
        done = sum(1 for result in work.results if result.written)
        said = "[$ok]✓[/] $done of $total re-wrapped into [b]$folder[/]"
        self.console.main.say(
            text.template(said, done=f"{done:,}", total=f"{self._total:,}", folder=job.folder)
        )

    def _show_progress(self) -> None:
        work = self.work
        if work is None:
            return
        count = len(work.results)
        refused = sum(1 for result in work.results if result.error is not None)
        parts = [bar(count, self._total), text.literal(f"{count:,} of {self._total:,}")]
        if refused:
            parts.append(text.literal(f"{refused:,} refused", "$danger"))
        if work.running:
            parts.append(
                text.literal("stopping", "$warn") if work.stopping else hints(("esc", "stops it"))
            )
        elif count < self._total:
            parts.append(text.literal("stopped", "$warn"))
        self.query_one("#progress", Static).update(text.join(parts, "  "))

    def _refuse(self, error: KmsError) -> None:
        outcome = self.query_one("#outcome", Static)
        said = "[$danger]✗[/] $message  [$muted]$hint[/]"
        message = error.message or error.code
        outcome.update(text.template(said, message=message, hint=error.hint))
        outcome.display = True

    def _file(self, result: Result) -> Content:
        return name(Path(result.path).name, masked=self.console.masked)

    def focus_first(self) -> None:
        """Start in the files."""
        if self.query_one("#results").display:
            self.query_one("#files-done").focus()
        else:
            self.query_one("#files", SafeInput).focus()

    def focus_rest(self) -> None:
        """Focus the button that begins."""
        self.query_one("#go", Button).focus()

    def conceal(self) -> None:
        """End after the file that is worked on."""
        if self.work is not None:
            self.work.stop()

    def step_back(self) -> bool:
        """Stop what runs; else leave."""
        if self.work is not None and self.work.running:
            self.work.stop()
            self._show_progress()
            return True
        return False

    def do_wizard_next(self, _argument: str) -> None:
        """Begin."""
        self._start()

    def mask_changed(self) -> None:
        """Hide or show what identifies the key and the files."""
        self._paint()
        self.query_one("#files-done", VirtualTable).repaint()


_ABOUT = (
    "Data stays as it is: only the small encrypted data keys beside it go under another key. The "
    "originals are kept, and new files are for you alone."
)
_WITHIN = "Each goes through ReEncrypt: no data key leaves the HSM."
_ACROSS = (
    "Each is decrypted here and encrypted there, two calls that policies of both keys decide on; "
    "the data key is in memory only, and wiped at once."
)


def _row(label: str, *widgets: Static | SafeInput | ContextEditor) -> ComposeResult:
    with Horizontal():
        yield Static(text.literal(label, "$muted"), classes="label")
        yield from widgets


def _field(identity: str, placeholder: str, value: str = "") -> SafeInput:
    return SafeInput(value, compact=True, id=identity, placeholder=placeholder)


def _mark(result: Result) -> Content:
    return text.literal("✓", "$ok") if result.error is None else text.literal("✗", "$danger")


def _said(result: Result) -> Content:
    if result.error is None:
        return text.literal(result.written, "$muted")
    error = result.error
    return text.template("[$danger]$code[/] $message", code=error.code, message=error.message)
