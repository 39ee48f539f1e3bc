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
from kmstui.tui.dialogs.paths import ask_path
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.detail.reading import state_words
from kmstui.tui.places.keys.detail.try_it import outgoing
from kmstui.tui.places.keys.detail.try_it.agreement import DecapsulateForm
from kmstui.tui.places.keys.detail.try_it.blob_field import BlobField
from kmstui.tui.places.keys.detail.try_it.form import Form, labelled
from kmstui.tui.places.keys.detail.try_it.forms import DataKeyForm
from kmstui.tui.places.keys.detail.try_it.modes import Mode, kind_of, modes_of, scopes_for
from kmstui.tui.places.keys.detail.try_it.result import Result
from kmstui.tui.places.keys.detail.try_it.signing import MessageForm
from kmstui.tui.text import Content
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.opaque_value import OpaqueValue
from kmstui.tui.widgets.pick import Pick, PickOption


class TryItPane(Pane, inherit_bindings=False):
    """Uses a key for what it is for, and shows what came of it in place."""

    # Letters are commands here: none of them scrolls.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", show=False),
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    def __init__(self, facts: KeyFacts) -> None:
        super().__init__(facts)
        self._kind = kind_of(facts.key)
        self._shown = facts.key.arn
        self._laid_out = False
        self._dry = False
        self._calling = False
        self._waited = 0
        self._last = b""

    @property
    def SCOPES(self) -> tuple[Scope, ...]:  # noqa: N802 - the name that every scoped widget has
        """The scopes of the commands that go with the key."""
        return scopes_for(self._kind)

    def compose(self) -> ComposeResult:
        """Lay out modes, the forms, the context and the result."""
        options = [PickOption(mode.id, mode.title) for mode in modes_of(self._kind)]
        yield Pick(options, id="mode")
        yield Static(id="notice")
        with Container(id="forms"):
            for mode in modes_of(self._kind):
                yield mode.form(self._kind).add_class(f"-{mode.id}")
        yield labelled("Context", ContextEditor(id="context"))
        yield Result()

    def on_mount(self) -> None:
        """Start with the first mode."""
        self._laid_out = True
        self._arrange()

    @property
    def ready(self) -> bool:
        """Whether its widgets are there: they are laid out anew for another kind of key."""
        return self._laid_out

    @property
    def mode(self) -> str:
        """The mode shown."""
        return self.query_one("#mode", Pick).value

    @property
    def _mode(self) -> Mode:
        return next(mode for mode in modes_of(self._kind) if mode.id == self.mode)

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
        for form in self.query(Form):
            form.display = form is self.form
        context = self.query_one("#context", ContextEditor)
        if context.parent is not None and isinstance(context.parent, Widget):
            context.parent.display = self.form.uses_context
        self.result.clear(self._hint())
        self.paint()

    def _hint(self) -> Content:
        done = "checks whether it would work" if self._dry else self._mode.done
        file = f" · f: a file as {self.form.takes_file}" if self.form.takes_file else ""
        return text.template(
            "[b $key-accent]enter[/] [$muted]$done · esc, then letters are commands$file[/]",
            done=done,
            file=file,
        )

    def paint(self) -> None:
        """Say what keeps the key from being used, and hide what the mask hides."""
        if not self.ready:
            return
        said: list[Content] = []
        if not self.facts.usable and self.mode != "random":
            allows, way_out = state_words(self.facts.key)
            said.append(text.template("[$warn]▲ $what[/] $how", what=allows, how=hint(*way_out)))
        if self._dry:
            said.append(text.literal("Dry run: everything is checked, nothing is done.", "$info"))
        notice = self.query_one("#notice", Static)
        notice.update(text.lines(*said) if said else text.literal(""))
        notice.display = bool(said)
        for form in self.query(Form):
            form.set_masked(self.masked)
        if self.masked:
            self.result.secret.hide()

    async def show(self, facts: KeyFacts) -> None:
        """Show another key; what was made under the one before goes."""
        self.facts = facts
        await self.arrive()
        self.paint()

    async def arrive(self) -> None:
        """Lay the tab out anew if the key is for something else than the one before."""
        if self.facts.key.arn == self._shown:
            return
        self._shown = self.facts.key.arn
        self.conceal()
        kind = kind_of(self.facts.key)
        if kind != self._kind:
            self._kind, self._last = kind, b""
            self._laid_out = False
            await self.recompose()
            self._laid_out = True
            self._arrange()
        self.result.clear(self._hint())

    def conceal(self) -> None:
        """Drop plaintext, typed or made."""
        if self.ready:
            for form in self.query(Form):
                form.wipe()
            self.result.conceal()

    def entry(self) -> Widget:
        """Start in the first field."""
        return self.form.entry() or self.rest()

    def rest(self) -> Widget:
        """Focus the modes, where letters are commands."""
        return self.query_one("#mode", Pick)

    def step_back(self) -> bool:
        """Stop what goes on, or go from the result back to the form."""
        if self.form.stop():
            return True
        if not self.result.shows:
            return False
        self.result.clear(self._hint())
        self.entry().focus()
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
        """Make the call, counting the seconds; what came too late for its key is dropped."""
        form, arn = self.form, self._shown
        self._calling, self._waited = True, 0
        ticking = self.set_interval(1.0, self._count)
        members: dict[str, Any] = {}
        try:
            operation, members = await self._request(form)
            answer = await self.console.call(operation, members, about=self.facts.key.label)
            if (
                not self.is_attached
                or self.console.locked
                or (self._shown, self.form) != (arn, form)
            ):
                return
            if answer is None:
                last = self.console.caller.last
                raise last.error if last is not None and last.error is not None else KmsError()
            await self._show(form, operation, answer)
        except KmsError as error:
            self._refuse(form, error)
        finally:
            ticking.stop()
            members.clear()
            self._calling = False

    def _count(self) -> None:
        self._waited += 1
        said = "[$key-accent]◌[/] Waiting for the HSM, $seconds s"
        self.result.say(text.template(said, seconds=self._waited))

    def _refuse(self, form: Form, error: KmsError) -> None:
        if not self.is_attached or self.console.locked or self.form is not form:
            return
        self.result.refuse(error)
        if isinstance(error, UsageError):
            self.entry().focus(scroll_visible=False)
        self.call_after_refresh(self.result.scroll_visible, animate=False)

    async def _request(self, form: Form) -> tuple[str, dict[str, Any]]:
        operation, members = await form.request(self._shown)
        editor = self.query_one("#context", ContextEditor)
        if form.uses_context:
            if editor.problem is not None:
                raise UsageError("The context cannot be used.", hint=editor.problem.plain)
            name = "SourceEncryptionContext" if operation == "ReEncrypt" else "EncryptionContext"
            if editor.context:
                members[name] = editor.context
        if self._dry and operation != "GenerateRandom":
            members["DryRun"] = True
        return operation, members

    async def _show(self, form: Form, operation: str, answer: dict[str, Any]) -> None:
        verdict = await form.verdict(answer)
        if not self.is_attached or self.console.locked:
            return
        label = str(text.visible(self.facts.key.label)) if not self.masked else "this key"
        focus = self.result.show(operation, answer, label)
        self.result.say(verdict)
        self._last = self.result.blob or self._last
        if operation == "Encapsulate":
            for other in self.query(DecapsulateForm):
                other.expect(answer["SharedSecret"])
        if not form.KEEPS:
            form.wipe()
        (focus if focus.focusable else self.rest()).focus(scroll_visible=focus.focusable)
        if not focus.focusable:
            self.call_after_refresh(self.result.scroll_visible, animate=False)
        self.console.main.sync()

    async def _go(self, mode: str) -> None:
        self.query_one("#mode", Pick).value = mode
        self._arrange()
        self.entry().focus()

    async def _take_last(self, mode: str) -> None:
        """Go to a mode with what was made last, and the message that it was made of."""
        before, form = self.form, self._form(mode)
        for field in form.query(BlobField):
            if self._last:
                field.set_blob(self._last)
        if (
            isinstance(before, MessageForm)
            and isinstance(form, MessageForm)
            and before is not form
        ):
            form.like(before)
        await self._go(mode)

    async def do_encrypt(self, _argument: str) -> None:
        """Encrypt something."""
        await self._go("encrypt")

    async def do_decrypt(self, _argument: str) -> None:
        """Decrypt the last ciphertext, or one that is pasted."""
        await self._take_last("decrypt")

    async def do_re_encrypt(self, _argument: str) -> None:
        """Move the last ciphertext, or one that is pasted, to another key or context."""
        await self._take_last("re-encrypt")

    async def do_data_key_pair(self, _argument: str) -> None:
        """Make a key pair under the key."""
        await self._go("data-key-pair")

    async def do_sign(self, _argument: str) -> None:
        """Sign something."""
        await self._go("sign")

    async def do_verify_signature(self, _argument: str) -> None:
        """Verify the last signature, or one that is pasted."""
        await self._take_last("verify-signature")

    async def do_mac(self, _argument: str) -> None:
        """Make a MAC."""
        await self._go("mac")

    async def do_verify_mac(self, _argument: str) -> None:
        """Verify the last MAC, or one that is pasted."""
        await self._take_last("verify-mac")

    async def do_derive(self, _argument: str) -> None:
        """Derive a shared secret."""
        await self._go("derive")

    async def do_encapsulate(self, _argument: str) -> None:
        """Make and encapsulate a secret."""
        await self._go("encapsulate")

    async def do_decapsulate(self, _argument: str) -> None:
        """Take out the last encapsulated secret, or one that is pasted."""
        await self._take_last("decapsulate")

    async def do_data_key(self, argument: str) -> None:
        """Make a data key; a number asks for that many bytes at once."""
        await self._go("data-key")
        form = self.form
        if not argument or not isinstance(form, DataKeyForm):
            return
        if not argument.isdecimal() or not 1 <= int(argument) <= RANDOM_BYTES:
            raise UsageError(f"A data key has 1 to {RANDOM_BYTES:,} bytes.")
        form.set_bytes(int(argument))
        await self._run()

    async def do_random(self, _argument: str) -> None:
        """Ask the HSM for random bytes."""
        await self._go("random")

    def do_reveal(self, _argument: str) -> None:
        """Show the secret for thirty seconds."""
        if not self.result.secret.has_value:
            raise UsageError("There is no secret to show.", hint="Make or decrypt one first.")
        self.result.secret.reveal()

    def do_dry_run(self, _argument: str) -> None:
        """Only check whether the call would work, or really make it again."""
        self._dry = not self._dry
        self.result.clear(self._hint())
        self.paint()

    async def do_use_file(self, argument: str) -> None:
        """Read a file into the form."""
        form = self.form
        if not form.takes_file:
            raise UsageError("No file is used here.")
        title = text.template("Use a file as $what", what=form.takes_file)
        path = argument or await ask_path(self.console, title, "Use it")
        if path:
            await form.take_file(path)
            self.entry().focus()

    async def do_save_result(self, argument: str) -> None:
        """Write a value of the result to a file."""
        await outgoing.save(self.console, self.result, argument)

    @on(OpaqueValue.CopyRequested)
    def _copy(self, event: OpaqueValue.CopyRequested) -> None:
        event.stop()
        self._work("Copy", outgoing.copy(self.console, event.widget))
