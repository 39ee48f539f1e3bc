"""The steps of the wizard about what can never be changed: purpose, spec, material."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from kmstui.tui import text
from kmstui.tui.places.keys.create.choice_list import ChoiceList, Line
from kmstui.tui.places.keys.create.creation import ORIGIN, Draft
from kmstui.tui.places.keys.create.kinds import (
    PURPOSES,
    SYMMETRIC,
    Purpose,
    imports,
    purpose_of,
    reason_against,
)
from kmstui.tui.places.keys.create.step import Step
from kmstui.tui.places.keys.create.stores import KeyStore
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.launch import Session

_FOREVER = "[b]$title[/] [$warn]· immutable[/] [$muted]· $about[/]"
_EXTERNAL, _CLOUD, _OUTSIDE = "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"


class _ListStep(Step):
    """A step that is one list."""

    TITLE = ""
    ABOUT = ""

    def compose(self) -> ComposeResult:
        """Lay out the heading, the list and a line about what is chosen."""
        said = text.template(_FOREVER, title=self.TITLE, about=self.ABOUT)
        yield Static(said, classes="hint")
        yield ChoiceList()
        yield Static(classes="about-choice")

    @property
    def choices(self) -> ChoiceList:
        """The list."""
        return self.query_one(ChoiceList)

    def entry(self) -> Widget:
        """Start in the list, on what is chosen."""
        self.choices.focus_choice()
        return self.choices

    def about(self) -> Content:
        """Say more of what is chosen."""
        line = self.choices.line
        return text.literal(line.about if line is not None else "", "$muted")

    def paint(self) -> None:
        """Show what is said of the choice."""
        self.query_one(".about-choice", Static).update(self.about())

    @on(ChoiceList.Changed)
    def _changed(self, event: ChoiceList.Changed) -> None:
        event.stop()
        self.paint()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Done())


class PurposeStep(_ListStep):
    """What the key is for."""

    TITLE = "What is the key for?"
    ABOUT = "one purpose a key, for ever"

    def on_mount(self) -> None:
        """Offer every purpose."""
        self.choices.offer([Line(each.title, (each.title,), each.usage) for each in PURPOSES])
        self.paint()

    @property
    def purpose(self) -> Purpose:
        """The purpose that is chosen."""
        chosen = self.choices.value
        return next((each for each in PURPOSES if each.title == chosen), PURPOSES[0])

    def about(self) -> Content:
        """Say when to choose it."""
        return text.literal(self.purpose.about)

    def fill(self, draft: Draft) -> Draft:
        """Take the purpose's usage, and the spec that it suggests."""
        return replace(draft, usage=self.purpose.usage, spec=self.purpose.specs[0].spec)


class SpecStep(_ListStep):
    """Which algorithm and size."""

    TITLE = "Key spec"
    ABOUT = "how strong, how fast, and who can read it"

    def compose(self) -> ComposeResult:
        """Lay out the line about the choice first: the list is long."""
        heading, choices, about = super().compose()
        yield heading
        yield about
        yield choices

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Offer the specs of the purpose that is chosen."""
        del session
        purpose = purpose_of(draft.spec, draft.usage)
        self.choices.offer(
            [
                Line(
                    line.spec,
                    (line.spec, line.strength, line.speed),
                    line.about,
                    reason_against(line.spec, purpose.usage),
                )
                for line in purpose.specs
            ]
        )
        self.paint()

    def fill(self, draft: Draft) -> Draft:
        """Take the spec, if it serves the purpose."""
        purpose, spec = purpose_of(draft.spec, draft.usage), self.choices.value
        fits = any(line.spec == spec for line in purpose.specs)
        return replace(draft, spec=spec) if fits else draft

    def about(self) -> Content:
        """Say what the columns do not."""
        line = self.choices.line
        if line is None:
            return text.literal("")
        return text.template("[b]$spec[/] [$muted]$about[/]", spec=line.value, about=line.about)


class MaterialStep(_ListStep):
    """Where the key material comes from."""

    TITLE = "Key material"
    ABOUT = "where it comes from, and where it is kept"

    _stores: tuple[KeyStore, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list and the field for a key of an external key manager."""
        yield from super().compose()
        with Horizontal(id="outside"):
            yield Static(text.literal("Its key there", "$muted"), classes="label")
            yield SafeInput(compact=True, placeholder="XksKeyId", max_length=128, id="xks-key")

    def learn_stores(self, stores: tuple[KeyStore, ...]) -> None:
        """Offer these too."""
        self._stores = stores

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Offer the origins, those that the spec cannot have with the reason."""
        del session
        self.choices.offer(self._lines(draft))
        self.paint()

    def _lines(self, draft: Draft) -> list[Line]:
        plain = draft.spec == SYMMETRIC
        unfit = "" if imports(draft.spec, draft.usage) else f"{draft.spec} cannot be imported"
        lines = [
            Line(ORIGIN, (ORIGIN, "made in the HSM"), "it never leaves"),
            Line(_EXTERNAL, (_EXTERNAL, "you import it"), "you keep a copy", unfit),
        ]
        stored = "" if plain else "symmetric keys only"
        for kind in (_CLOUD, _OUTSIDE):
            found = [store for store in self._stores if store.kind == kind]
            lines += [
                Line(store.identity, (kind, text.visible(store.name)), "", _unready(store, stored))
                for store in found
            ]
            if not found:
                lines.append(Line(kind, (kind, "custom key store"), "", stored or "there is none"))
        return lines

    @property
    def _store(self) -> KeyStore | None:
        chosen = self.choices.value
        return next((each for each in self._stores if each.identity == chosen), None)

    @property
    def _key_there(self) -> str:
        return self.query_one("#xks-key", SafeInput).value.strip()

    def paint(self) -> None:
        """Show the field where it is needed."""
        super().paint()
        self.query_one("#outside").display = self._outside

    @property
    def _outside(self) -> bool:
        return self._store is not None and self._store.kind == _OUTSIDE

    def about(self) -> Content:
        """Say what follows from the choice."""
        store = self._store
        if store is not None and store.kind == _OUTSIDE:
            said = "Each use asks a key manager outside: it can be refused or cut off there."
        elif store is not None:
            said = "The material is made in the store; disconnected, the key is unavailable."
        elif self.choices.value == _EXTERNAL:
            said = (
                "The key is made empty and waits, pending import. Its material then comes from "
                "you, wrapped; you can let it expire, delete it and import it again, and have to "
                "keep a copy: nobody else has one."
            )
        else:
            said = "The HSM makes it. Nobody ever sees it, and it cannot be taken elsewhere."
        return text.literal(said)

    @property
    def problem(self) -> Content | None:
        """Ask for the key of the external key manager."""
        missing = self._outside and not self._key_there
        return text.literal("Type the id of the key outside (XksKeyId).") if missing else None

    def fill(self, draft: Draft) -> Draft:
        """Take the origin, and the store if it is one."""
        store = self._store
        if store is not None and draft.spec == SYMMETRIC:
            there = self._key_there if self._outside else ""
            return replace(draft, origin=store.kind, store=store.identity, outside=there)
        can = self.choices.value == _EXTERNAL and imports(draft.spec, draft.usage)
        return replace(draft, origin=_EXTERNAL if can else ORIGIN)

    @on(Input.Submitted, "#xks-key")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())


def _unready(store: KeyStore, reason: str) -> str:
    if reason or store.connected:
        return reason
    return f"{store.connection.lower()}: connect it first"
