"""The page that creates a key: a name, and enter."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.create.creation import (
    ORIGIN,
    SPEC,
    USAGE,
    Draft,
    create_key,
    open_created,
)
from kmstui.tui.places.keys.labels import alias_pattern, listed_keys
from kmstui.tui.text import Content
from kmstui.tui.widgets.alias_field import AliasField
from kmstui.tui.widgets.fact_list import Fact, FactList

_NAMELESS = "[$warn]▲ No name yet.[/] [$muted]enter again makes a key that only its id finds.[/]"


class CreateView(View):
    """Asks for a name; enter makes a symmetric key of that name.

    Args:
        route: Where the view is; its argument is a name to start with.
    """

    STYLES = Path(__file__).with_name("create.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._made = ""
        self._warned = False
        self._calling = False

    def compose(self) -> ComposeResult:
        """Lay out the name, what the key will be, and the buttons."""
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(text.markup("[b]Create a key[/]"), classes="title")
            yield Static(
                text.literal("Give it a name and press enter. The rest can wait.", "$muted"),
                classes="lead",
            )
            yield AliasField(value=self.route.argument, id="alias")
            yield Static(id="outcome")
            yield FactList(id="defaults")
            with Horizontal(classes="buttons"):
                yield Button(text.literal("Create key"), id="create", compact=True)
                yield Button(text.literal("Other kinds and options"), id="more", compact=True)

    def on_mount(self) -> None:
        """Show the defaults, and learn the names that exist."""
        self.query_one("#outcome").display = False
        self.run_worker(self.refresh_data(), group="read", exclusive=True)

    @property
    def crumb(self) -> Content:
        """Name the page."""
        return text.literal("Create")

    @property
    def _field(self) -> AliasField:
        return self.query_one("#alias", AliasField)

    async def refresh_data(self) -> None:
        """Read the naming rule and the names that exist."""
        self._show_defaults()
        try:
            pattern = await alias_pattern(self.console)
            keys = await listed_keys(self.console)
        except KmsError as error:
            self.console.tell(Outcome("Names", "", "", error))
            return
        taken = frozenset(alias for key in keys for alias in key.aliases)
        self._field.learn(pattern=pattern, taken=taken)

    def _show_defaults(self) -> None:
        session = self.console.session
        region = session.region if session is not None else ""
        self.query_one("#defaults", FactList).facts = (
            _fact("Type", f"{SPEC} · {USAGE}", "immutable"),
            _fact("Material", ORIGIN, "made in the HSM, immutable"),
            _fact("Region", f"{region} only", "immutable"),
            _fact("Policy", "default", "this account, and in it whoever IAM policies allow"),
        )

    def focus_first(self) -> None:
        """Start typing the name."""
        self._field.focus_input()

    def focus_rest(self) -> None:
        """Focus the button: letters are commands there."""
        self.query_one("#create", Button).focus()

    @on(AliasField.Submitted)
    def _submitted(self, event: AliasField.Submitted) -> None:
        event.stop()
        self._create()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "create":
            self._create()
        else:
            self._work(self._more())

    async def _more(self) -> None:
        await self.console.go(Route("keys", "create-options", self._field.alias))

    def _create(self) -> None:
        if self._calling or self._field.problem:
            return
        if not self._field.alias and not self._warned:
            self._warned = True
            self._field.refuse(text.markup(_NAMELESS))
            return
        self._work(self._make())

    def _work(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except KmsError as error:
                self.console.tell(Outcome("CreateKey", "", "", error))

        self.console.run_worker(guarded(), group=COMMANDS_GROUP)

    async def _make(self) -> None:
        self._calling = True
        try:
            draft = Draft(alias=self._field.alias)
            done = await create_key(self.console, draft, self._made)
        finally:
            self._calling = False
        self._made = done.arn
        if done.error is None:
            await open_created(self.console, done.arn, draft)
            return
        outcome = self.query_one("#outcome", Static)
        outcome.update(done.said)
        outcome.display = True
        self._field.focus_input()


def _fact(label: str, value: str, note: str) -> Fact:
    return Fact(label, text.template("$value [$muted]· $note[/]", value=value, note=note))
