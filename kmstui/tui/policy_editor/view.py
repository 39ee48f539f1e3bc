"""The editor of a policy: a view of its own, above the page that the policy belongs to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Container
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from kmstui.authz.document import parse_policy
from kmstui.authz.lint import Finding, Level, lint
from kmstui.authz.model import PolicyKind
from kmstui.core import strictjson
from kmstui.core.errors import KmsError, StrictJsonError, UsageError
from kmstui.core.limits import POLICY_BYTES
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.json_colour import pretty
from kmstui.tui.place import Route, View
from kmstui.tui.places.grants.principals import Known, known_principals
from kmstui.tui.policy_editor import drafts
from kmstui.tui.policy_editor.area import PolicyArea
from kmstui.tui.policy_editor.external import edited, editor_command
from kmstui.tui.policy_editor.facts import headline, written
from kmstui.tui.policy_editor.template import (
    TemplateDialog,
    choose_template,
    inserted,
    laid_out,
    template_of,
)
from kmstui.tui.text import Content

_PAUSE = 0.15
"""Seconds without a key after which the text is looked through."""

_STAY, _KEEP, _DROP = "stay", "keep", "drop"
_PEOPLE = (":user/", ":role/")


class PolicyEditor(View):
    """Edits one policy; what kind, where it is read and where it goes a subclass says.

    What is typed and not saved is kept as a draft, whatever becomes of the view, and comes back.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.EDITOR, Scope.POLICY_EDITOR)
    STYLES = Path(__file__).with_name("policy_editor.tcss")
    KIND: ClassVar[PolicyKind] = PolicyKind.IDENTITY
    BYTES: ClassVar[int] = POLICY_BYTES

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.stored = ""
        self.findings: tuple[Finding, ...] = ()
        self.known: list[Known] = []
        self.looking = True
        self._left = False
        self._begun = False

    @property
    def label(self) -> str:
        """Whose policy it is, as a person calls it; untrusted text."""
        raise NotImplementedError

    @property
    def usage(self) -> str:
        """The usage of the key that statements are for."""
        return "ENCRYPT_DECRYPT"

    async def read(self) -> str:
        """Return the policy as it is stored.

        Raises:
            KmsError: The engine refused.
        """
        raise NotImplementedError

    async def review(self, source: str) -> bool:
        """Show what a policy would change, and return whether it is to be saved.

        Raises:
            KmsError: It does not parse.
        """
        raise NotImplementedError

    async def store(self, source: str) -> bool:
        """Put the policy in its place, and tell whether the engine took it."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the line of facts, the text and the remarks."""
        yield Static(id="head")
        with Container(id="body"):
            yield PolicyArea(id="area")
            yield Static(text.literal("Hidden by the privacy mask; f12 shows it."), id="hidden")
            yield OptionList(id="findings", compact=True)

    async def on_mount(self) -> None:
        """Read the policy, and go on with a draft if there is one."""
        self.mask_changed()
        try:
            self.stored = text.json_escaped(pretty(await self.read()))
        except KmsError as error:
            self.console.tell(Outcome("Policy", self.label, "", error))
            return
        self.known = await known_principals(self.console)
        draft = drafts.take(self.console.main, self.draft_name)
        self._begun = True
        self.area.load_text(self.stored if draft is None else draft)
        if draft is not None and draft != self.stored:
            said = "Your draft is back; :revert drops it."
            self.console.main.say(text.literal(said, "$info"))
        await self._look()

    @property
    def draft_name(self) -> str:
        """What the draft is kept under."""
        return f"{self.route.place}/{self.route.view}/{self.route.argument}"

    @property
    def area(self) -> PolicyArea:
        """The text."""
        return self.query_one("#area", PolicyArea)

    @property
    def source(self) -> str:
        """The text as it stands."""
        return self.area.text

    @property
    def dirty(self) -> bool:
        """Whether something is typed that is not saved."""
        return self._begun and self.source != self.stored

    @property
    def crumb(self) -> Content:
        """Say what is edited."""
        return text.literal("Policy")

    @property
    def note(self) -> Content:
        """Say whether something is not saved."""
        changed = self.is_mounted and self.dirty
        return text.styled("● not saved", "$warn") if changed else text.literal("")

    def focus_first(self) -> None:
        """Put the cursor into the text."""
        if not self.has_class("-masked"):
            self.area.focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the remarks: letters are commands there."""
        self.query_one("#findings").focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Ask before leaving what is not saved."""
        if not self.dirty or self._left:
            return False
        self.console.run_worker(self._leave(), group="editor")
        return True

    async def _leave(self) -> None:
        said = text.literal("The policy is not saved.")
        answer = await self.console.ask(
            Choose(
                said,
                [
                    Choice(_STAY, text.literal("Keep editing"), "go back to the text"),
                    Choice(_KEEP, text.literal("Leave it as a draft"), "e brings it back"),
                    Choice(_DROP, text.literal("Drop the changes", "$danger"), "they are lost"),
                ],
            )
        )
        if answer not in {_KEEP, _DROP}:
            self.focus_first()
            return
        self._left = True
        if answer == _DROP:
            drafts.take(self.console.main, self.draft_name)
        await self.leave()

    async def leave(self) -> None:
        """Go back to the view below."""
        await self.console.main.stage.back()
        self.console.main.sync()

    def mask_changed(self) -> None:
        """Hide the text, or show it."""
        self.set_class(self.console.masked, "-masked")

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.looking = True
        self._keep()
        self._head()
        # Not a coroutine, which would complain where the next key comes before it is begun.
        work: Any = self._look_soon
        self.run_worker(work, group="lint", exclusive=True)

    def _keep(self) -> None:
        """Keep what is typed and not saved as a draft."""
        if self.dirty:
            drafts.keep(self.console.main, self.draft_name, self.source)
        elif self._begun:
            drafts.take(self.console.main, self.draft_name)

    async def _look_soon(self) -> None:
        """Look the text through once nobody types; the next key ends the wait."""
        await asyncio.sleep(_PAUSE)
        await self._look()

    async def _look(self) -> None:
        """Look the text through, and show what there is to remark."""
        source, session = self.source, self.console.session
        held = frozenset({session.account}) if session is not None else frozenset()
        names = frozenset(each.arn for each in self.known)

        def known(arn: str) -> bool:
            return not names or arn in names or not any(part in arn for part in _PEOPLE)

        def look() -> tuple[Finding, ...]:
            return lint(source, self.KIND, known=known, held=held)

        self.findings = await self.console.caller.run(look)
        self.looking = False
        # A view that is being left still says that it is mounted when its parts are gone.
        if self.query("#findings"):
            self.area.set_findings(self.findings)
            self._list()
            self._head()
            self.console.main.sync()

    def _list(self) -> None:
        options = self.query_one("#findings", OptionList)
        options.clear_options()
        for finding in self.findings:
            options.add_option(Option(written(finding)))
        if not self.findings:
            options.add_option(Option(text.styled("✓ nothing to remark", "$ok"), disabled=True))

    def _head(self) -> None:
        said = headline(
            self.source, self.findings, most=self.BYTES, dirty=self.dirty, looking=self.looking
        )
        self.query_one("#head", Static).update(said)

    @on(OptionList.OptionSelected, "#findings")
    def _jump(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.area.go_to_line(self.findings[event.option_index].line)
        self.area.focus()

    def do_type_on(self, _argument: str) -> None:
        """Put the cursor back into the text."""
        self.focus_first()

    def do_next_finding(self, _argument: str) -> None:
        """Go to the next line with a remark, around the end."""
        lines = sorted({finding.line for finding in self.findings})
        if not lines:
            raise UsageError("There is nothing to remark.")
        here = self.area.cursor_location[0] + 1
        self._show_line(next((line for line in lines if line > here), lines[0]))

    def _show_line(self, line: int) -> None:
        self.area.go_to_line(line)
        self.area.focus()
        index = next(at for at, each in enumerate(self.findings) if each.line == line)
        self.query_one("#findings", OptionList).highlighted = index

    def do_format(self, _argument: str) -> None:
        """Lay the JSON out anew."""
        try:
            document = strictjson.loads(self.source)
        except StrictJsonError as error:
            raise UsageError(
                f"This is not JSON: {error.message}", hint="f8 goes to the line."
            ) from error
        self.area.put(laid_out(document))

    async def do_revert(self, _argument: str) -> None:
        """Begin again from the policy as it is stored."""
        drop = await self.console.ask(
            Choose(
                text.literal("Drop every change?"),
                [
                    Choice(value=False, label=text.literal("Keep editing")),
                    Choice(value=True, label=text.literal("Drop the changes", "$danger")),
                ],
            )
        )
        if drop is True:
            self.area.put(self.stored)

    async def do_template(self, _argument: str) -> None:
        """Insert statements made from a template."""
        name, session = await self.console.ask(choose_template()), self.console.session
        if name is None or session is None:
            return
        template = template_of(name)
        values = await self.console.ask(
            TemplateDialog(
                template,
                account=session.account,
                region=session.region,
                usage=self.usage,
                known=self.known,
                masked=self.console.masked,
            )
        )
        if values is None:
            return
        statements = template.statements(values)
        whole = inserted(self.source, statements)
        if whole is None:
            self.area.insert(text.json_escaped(",\n".join(statements)))
        else:
            self.area.put(whole)
            self.area.go_to_line(self.area.document.line_count)
        self.area.focus()

    def do_external_editor(self, _argument: str) -> None:
        """Have the text edited in the person's own editor."""
        command = editor_command()
        try:
            with self.app.suspend():
                changed = edited(command, self.source)
        except SuspendNotSupported as error:
            raise UsageError(
                "This terminal cannot be handed to another program.", hint="Edit the text here."
            ) from error
        self.area.put(text.json_escaped(changed).rstrip("\n"))
        self.area.focus()

    async def do_save(self, _argument: str) -> None:
        """Review what changes, then put the policy in its place."""
        if not self.dirty:
            self.console.main.say(text.literal("Nothing has changed.", "$muted"))
            return
        source = self.source
        try:
            parse_policy(source, self.KIND)
        except KmsError as error:
            self._refused(error)
            return
        if not await self.review(source) or not await self.store(source):
            self.focus_first()
            return
        self.stored = source
        drafts.take(self.console.main, self.draft_name)
        await self.leave()
        below = self.console.main.view
        if below is not None:
            await below.refresh_data()

    def _refused(self, error: KmsError) -> None:
        """Say why a text is no policy, and go to the line."""
        outcome = Outcome("Save", self.label, "", error)
        self.console.caller.remember(outcome)
        self.console.tell(outcome)
        wrong = [finding for finding in self.findings if finding.level is Level.ERROR]
        if wrong:
            self._show_line(wrong[0].line)
