"""The page of a public key."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from kmstui.core.errors import KmsError, UsageError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.dialogs.paths import ask_path, save_to_file
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys import copying
from kmstui.tui.places.keys.barred import subject_of
from kmstui.tui.places.keys.public_key.forms import (
    FORMS,
    PublicKey,
    WrittenForm,
    file_name,
    form,
    reason_against,
)
from kmstui.tui.places.keys.wording import algorithm_families, name
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue
from kmstui.tui.widgets.page import Page
from kmstui.tui.widgets.pick import Pick, PickOption

_USED = {
    "SIGN_VERIFY": "Whoever has it verifies what the key signed, without AWS.",
    "ENCRYPT_DECRYPT": "Whoever has it encrypts for the key, without AWS.",
    "KEY_AGREEMENT": "The other side needs it to derive the same secret.",
    "ENCAPSULATE_DECAPSULATE": "Whoever has it encapsulates a secret for the key, without AWS.",
}


class PublicKeyView(View):
    """Shows the public half of the key whose ARN is the route's argument."""

    SCOPES = (Scope.PUBLIC_KEY,)
    STYLES = Path(__file__).with_name("public_key.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.key: KeySummary | None = None
        self.public: PublicKey | None = None

    def compose(self) -> ComposeResult:
        """Lay out facts, the choice of a form, and the key in it."""
        with Page(id="sheet", can_focus=False):
            yield Static(id="about")
            yield FactList(id="facts")
            with Horizontal(id="fingerprint-row"):
                yield Static(text.literal("SHA-256", "$muted"), classes="label")
                yield OpaqueValue(OpaqueKind.FINGERPRINT, id="fingerprint")
            yield Pick([PickOption(each.id, each.id) for each in FORMS], id="form")
            yield Static(id="note")
            yield OpaqueValue(OpaqueKind.PUBLIC_KEY, id="written")
            yield Static(id="keys")

    async def on_mount(self) -> None:
        """Read the key before the page shows."""
        await self.refresh_data()

    @property
    def crumb(self) -> Content:
        """Name the page."""
        return text.literal("Public key")

    @property
    def subject(self) -> Subject | None:
        """The key."""
        return subject_of(self.key) if self.key is not None else None

    @property
    def _form(self) -> WrittenForm:
        return form(self.query_one("#form", Pick).value)

    async def take(self, route: Route) -> bool:
        """Show another key's in place of this one."""
        if (route.place, route.view) != (self.route.place, self.route.view):
            return False
        self.route = route
        await self.refresh_data()
        return True

    async def refresh_data(self) -> None:
        """Ask for the public key; a refusal is shown in its place."""
        arn = self.route.argument
        try:
            answer = await self.console.fetch(
                "kmstui:ListKeySummaries", KeyIds=[arn.rpartition("/")[2]]
            )
            self.key = next((KeySummary.from_answer(row) for row in answer["Keys"]), None)
            label = self.key.label if self.key is not None else ""
            outcome, found = await self.console.attempt(
                "GetPublicKey", {"KeyId": arn}, about=label
            )
        except KmsError as error:
            outcome, found = Outcome("GetPublicKey", "", "", error), None
        self.public = PublicKey.from_answer(found) if found is not None else None
        if outcome.error is not None:
            self._refuse(outcome.error)
        self._paint()
        self.console.main.sync()

    def _refuse(self, error: KmsError) -> None:
        said = text.template(
            "[$danger]✗ [b]$code[/b][/] $message\n[$muted]$hint[/]",
            code=error.code,
            message=error.message,
            hint=error.hint,
        )
        self.query_one("#about", Static).update(said)

    def _paint(self) -> None:
        self.set_class(self.public is None, "-refused")
        public = self.public
        if public is None:
            return
        self._paint_name(public)
        self.query_one("#facts", FactList).facts = (
            Fact("Spec", text.literal(public.spec)),
            Fact("Usage", text.literal(public.usage)),
            Fact(
                "Algorithms",
                text.literal("\n".join(algorithm_families(public.algorithms)), newlines=True),
            ),
            Fact("Size", text.literal(f"{len(public.der):,} bytes, SubjectPublicKeyInfo in DER")),
        )
        self.query_one("#fingerprint", OpaqueValue).set_value(public.fingerprint, 32)
        self.query_one("#form", Pick).offer(
            [PickOption(each.id, each.id, reason_against(each, public)) for each in FORMS]
        )
        self._write(public)

    def _paint_name(self, public: PublicKey) -> None:
        label = self.key.label if self.key is not None else self.route.argument.rpartition("/")[2]
        said = text.template(
            "[b]$key[/b]  [$muted]$used[/]",
            key=name(label, masked=self.console.masked),
            used=_USED.get(public.usage, ""),
        )
        self.query_one("#about", Static).update(said)

    def mask_changed(self) -> None:
        """Hide or show the key's name."""
        if self.public is not None:
            self._paint_name(self.public)

    def _write(self, public: PublicKey) -> None:
        written = self.query_one("#written", OpaqueValue)
        written.set_value(self._form.shown(public).rstrip("\n"), len(public.der))
        reasons = [reason_against(each, public) for each in FORMS]
        said = [text.literal(self._form.about, "$muted")]
        said += [text.literal(reason, "$warn") for reason in reasons if reason]
        self.query_one("#note", Static).update(text.lines(*said))
        keys = hints(("←→", "another form"), ("y", "copy"), ("s", "save to a file"))
        self.query_one("#keys", Static).update(keys)

    def focus_first(self) -> None:
        """Start at the choice of a form."""
        self.query_one("#form" if self.public is not None else "#sheet").focus()

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        if self.public is not None:
            self._write(self.public)

    @on(OpaqueValue.CopyRequested)
    def _copy_one(self, event: OpaqueValue.CopyRequested) -> None:
        event.stop()
        copying.copy(self.console, event.widget.value_to_copy(), f"the {event.widget.kind.label}")

    def do_copy(self, _argument: str) -> None:
        """Copy the key in the form that shows."""
        written = self._form.shown(self._there())
        copying.copy(self.console, written, f"the public key in {self._form.id}")

    async def do_save_public_key(self, argument: str) -> None:
        """Write the key to a file, in the form that shows."""
        public, chosen = self._there(), self._form
        label = self.key.label if self.key is not None else ""
        title = text.template("Save the public key in $form", form=chosen.id)
        path = argument or await ask_path(self.console, title, "Save", file_name(label, chosen))
        if path:
            await save_to_file(self.console, path, chosen.data(public))

    async def do_raw(self, _argument: str) -> None:
        """Show the key as DescribeKey answers it."""
        if self.key is not None:
            await copying.show_json(self.console, self.key)

    def _there(self) -> PublicKey:
        if self.public is None:
            raise UsageError("There is no public key to see.", hint="F5 asks for it again.")
        return self.public
