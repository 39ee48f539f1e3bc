"""The Try-it tab."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.limits import RANDOM_BYTES
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hint
from kmstui.tui.commands import Scope
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.places.keys import copying
from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.detail.reading import state_words
from kmstui.tui.places.keys.detail.try_it.blobs import read_file, write_file
from kmstui.tui.places.keys.detail.try_it.forms import (
    DataKeyForm,
    DecryptForm,
    EncryptForm,
    Form,
    RandomForm,
    ReEncryptForm,
    labelled,
)
from kmstui.tui.places.keys.detail.try_it.result import Result
from kmstui.tui.text import Content
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.opaque_value import OpaqueValue
from kmstui.tui.widgets.pick import Pick, PickOption

MODES = (
    PickOption("encrypt", "Encrypt"),
    PickOption("decrypt", "Decrypt"),
    PickOption("data-key", "Data key"),
    PickOption("re-encrypt", "Re-encrypt"),
    PickOption("random", "Random"),
)
_FORMS: dict[str, type[Form]] = {
    "encrypt": EncryptForm,
    "decrypt": DecryptForm,
    "data-key": DataKeyForm,
    "re-encrypt": ReEncryptForm,
    "random": RandomForm,
}
_DONE = {
    "encrypt": "encrypts",
    "decrypt": "decrypts",
    "data-key": "makes a data key",
    "re-encrypt": "encrypts it anew, inside the HSM",
    "random": "asks the HSM",
}


class TryItPane(Pane):
    """Uses a key, and shows what came of it in place."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TRY_IT,)
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "run", show=False)]

    def __init__(self, facts: KeyFacts) -> None:
        super().__init__(facts)
        self._dry = False
        self._calling = False
        self._last = b""

    def compose(self) -> ComposeResult:
        """Lay out modes, the forms, the context and the result."""
        yield Pick(MODES, id="mode")
        yield Static(id="notice")
        with Container(id="forms"):
            for mode, form in _FORMS.items():
                yield form().add_class(f"-{mode}")
        yield labelled("Context", ContextEditor(id="context"))
        yield Result()

    def on_mount(self) -> None:
        """Start with encrypting."""
        self._arrange()

    @property
    def mode(self) -> str:
        """The mode shown."""
        return self.query_one("#mode", Pick).value

    @property
    def form(self) -> Form:
        """The form of the mode shown."""
        return self._form(self.mode)

    def _form(self, mode: str) -> Form:
        return self.query_one(f"#forms > .-{mode}", Form)

    @property
    def result(self) -> Result:
        """How the last try ended."""
        return self.query_one(Result)

    @property
    def revealed(self) -> bool:
        """Whether a plaintext can be read on the screen."""
        return self.ready and (
            self.result.secret.revealed or any(form.secret for form in self.query(Form))
        )

    def _arrange(self) -> None:
        """Show the fields of the mode."""
        for mode in _FORMS:
            self._form(mode).display = mode == self.mode
        context = self.query_one("#context", ContextEditor)
        if context.parent is not None and isinstance(context.parent, Widget):
            context.parent.display = self.form.USES_CONTEXT
        self.result.clear(self._hint())
        self.paint()

    def _hint(self) -> Content:
        done = "checks whether it would work" if self._dry else _DONE[self.mode]
        return text.template(
            "[b $key-accent]enter[/] [$muted]$done · esc, then letters are commands[/]", done=done
        )

    def paint(self) -> None:
        """Say what keeps the key from being used, and hide what the mask hides."""
        if not self.ready:
            return
        said: list[Content] = []
        if not self.facts.usable and self.mode != "random":
            allows, way_out = state_words(self.facts.key.state)
            said.append(text.template("[$warn]▲ $what[/] $how", what=allows, how=hint(*way_out)))
        if self._dry:
            said.append(text.literal("Dry run: everything is checked, nothing is done.", "$info"))
        notice = self.query_one("#notice", Static)
        notice.update(text.lines(*said) if said else text.literal(""))
        notice.display = bool(said)
        form = self._form("encrypt")
        if isinstance(form, EncryptForm):
            form.set_masked(self.masked)
        if self.masked:
            self.result.secret.hide()

    async def show(self, facts: KeyFacts) -> None:
        """Show another key; what was made under the one before goes."""
        other = facts.key.arn != self.facts.key.arn
        await super().show(facts)
        if other:
            self.conceal()
            self.result.clear(self._hint())

    def conceal(self) -> None:
        """Drop plaintext, typed or made."""
        if self.ready:
            for form in self.query(Form):
                form.wipe()
            self.result.conceal()

    def entry(self) -> Widget:
        """Start in the first field."""
        return self.form.entry()

    def rest(self) -> Widget:
        """Focus the modes, where letters are commands."""
        return self.query_one("#mode", Pick)

    def step_back(self) -> bool:
        """Go from the result back to the form."""
        if not any(value.has_value for value in self.result.query(OpaqueValue)):
            return False
        self.result.clear(self._hint())
        self.form.entry().focus()
        return True

    @on(Pick.Changed, "#mode")
    def _mode_picked(self, event: Pick.Changed) -> None:
        event.stop()
        self._arrange()

    @on(Pick.Changed)
    def _size_picked(self, event: Pick.Changed) -> None:
        event.stop()

    @on(Form.Submitted)
    @on(ContextEditor.Submitted, "#context")
    def _submitted(self, event: Form.Submitted | ContextEditor.Submitted) -> None:
        event.stop()
        self.action_run()

    def action_run(self) -> None:
        """Make the call."""
        if not self._calling:
            self._work("Try it", self._run())

    def _work(self, what: str, work: Awaitable[None]) -> None:
        """Do something that takes a while, and tell what it is refused for."""

        async def guarded() -> None:
            try:
                await work
            except KmsError as error:
                self.console.tell(Outcome(what, "", "", error))

        self.console.run_worker(guarded(), group=COMMANDS_GROUP)

    async def _run(self) -> None:
        self._calling = True
        try:
            operation, members = self._request()
        except UsageError as error:
            self.result.refuse(error)
            self.form.entry().focus()
            return
        finally:
            self._calling = False
        self._calling = True
        try:
            answer = await self.console.call(operation, members, about=self.facts.key.label)
        finally:
            self._calling = False
            members.clear()
        if not self.is_attached or self.console.locked:
            return
        if answer is not None:
            self._show(operation, answer)
        elif (last := self.console.caller.last) is not None and last.error is not None:
            self.result.refuse(last.error)

    def _request(self) -> tuple[str, dict[str, Any]]:
        operation, members = self.form.request(self.facts.key.arn)
        editor = self.query_one("#context", ContextEditor)
        if self.form.USES_CONTEXT:
            if editor.problem is not None:
                raise UsageError("The context cannot be used.", hint=editor.problem.plain)
            name = "SourceEncryptionContext" if operation == "ReEncrypt" else "EncryptionContext"
            if editor.context:
                members[name] = editor.context
        if self._dry and operation != "GenerateRandom":
            members["DryRun"] = True
        return operation, members

    def _show(self, operation: str, answer: dict[str, Any]) -> None:
        label = str(text.visible(self.facts.key.label)) if not self.masked else "this key"
        focus = self.result.show(operation, answer, label)
        self._last = self.result.blob or self._last
        self.form.wipe()
        focus.focus()
        self.console.main.sync()

    async def _mode(self, mode: str) -> None:
        self.query_one("#mode", Pick).value = mode
        self._arrange()
        self.form.entry().focus()

    async def do_encrypt(self, _argument: str) -> None:
        """Encrypt something."""
        await self._mode("encrypt")

    async def do_decrypt(self, _argument: str) -> None:
        """Decrypt the last ciphertext, or one that is pasted."""
        await self._take_last("decrypt")

    async def do_re_encrypt(self, _argument: str) -> None:
        """Move the last ciphertext, or one that is pasted, to another key or context."""
        await self._take_last("re-encrypt")

    async def _take_last(self, mode: str) -> None:
        form = self._form(mode)
        if isinstance(form, DecryptForm) and self._last:
            form.field.set_blob(self._last)
        await self._mode(mode)

    async def do_data_key(self, argument: str) -> None:
        """Make a data key; a number asks for that many bytes at once."""
        await self._mode("data-key")
        form = self.form
        if not argument or not isinstance(form, DataKeyForm):
            return
        if not argument.isdecimal() or not 1 <= int(argument) <= RANDOM_BYTES:
            raise UsageError(f"A data key has 1 to {RANDOM_BYTES:,} bytes.")
        form.set_bytes(int(argument))
        await self._run()

    async def do_random(self, _argument: str) -> None:
        """Ask the HSM for random bytes."""
        await self._mode("random")

    def do_reveal(self, _argument: str) -> None:
        """Show the plaintext for thirty seconds."""
        if not self.result.secret.has_value:
            raise UsageError("There is no plaintext to show.", hint="Decrypt something first.")
        self.result.secret.reveal()

    def do_dry_run(self, _argument: str) -> None:
        """Only check whether the call would work, or really make it again."""
        self._dry = not self._dry
        self.result.clear(self._hint())
        self.paint()

    async def do_use_file(self, argument: str) -> None:
        """Read a file into the form."""
        form = self.form
        if not form.FILE_LIMIT:
            raise UsageError("No file is used here.")
        question = Prompt(
            text.literal("Use a file"),
            text.literal("Its path", "$muted"),
            text.literal("Read it"),
        )
        path = argument or await self._ask(question)
        if path:
            data = await self.console.caller.run(read_file, path, form.FILE_LIMIT)
            form.take_file(path, data)
            form.entry().focus()

    async def do_save_result(self, argument: str) -> None:
        """Write the ciphertext to a new file."""
        blob = self.result.blob
        if not blob:
            raise UsageError("There is no ciphertext to save.", hint="Encrypt something first.")
        question = Prompt(
            text.literal("Save the ciphertext"),
            text.literal("Path of a new file", "$muted"),
            text.literal("Save"),
            value="ciphertext.bin",
        )
        path = argument or await self._ask(question)
        if path:
            written = await self.console.caller.run(write_file, path, blob)
            said = "[$ok]✓[/] $count bytes written to $path"
            self.console.main.say(text.template(said, count=f"{len(blob):,}", path=str(written)))

    async def _ask(self, question: Prompt) -> str:
        return await self.console.ask(question) or ""

    @on(OpaqueValue.CopyRequested)
    def _copy(self, event: OpaqueValue.CopyRequested) -> None:
        event.stop()
        self._work("Copy", self._copied(event.widget))

    async def _copied(self, widget: OpaqueValue) -> None:
        if widget.kind.secret:
            question = text.template("Copy the $what?", what=widget.kind.label)
            answers = (
                Answer(value=False, label=text.literal("Back")),
                Answer(value=True, label=text.literal("Copy it"), tone=Tone.DANGER),
            )
            if await self.console.ask(CopySecret(question, answers, danger=True)) is not True:
                return
        copying.copy(self.console, widget.value_to_copy(), f"the {widget.kind.label}")


class CopySecret(Dialog[bool]):
    """Asks before a secret leaves for the clipboard."""

    def body(self) -> list[Widget]:
        """Yield what that means."""
        said = (
            "Whatever reads the clipboard of this desktop can read it, and some keep a history. "
            "kmstui cannot take it back: copy something else over it when you are done."
        )
        return [Static(text.literal(said), classes="paragraph")]
