"""Disabling and enabling: what stops, what goes on, and one answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out
from kmstui.tui.places.keys.wording_impact import last_use_of
from kmstui.tui.widgets.fact_list import Fact, FactList


class SwitchDialog(Dialog[bool]):
    """Asks whether to disable, or to enable, some keys; answers True to go on.

    The deed has the focus: ``u`` or the same dialog takes it back.

    Args:
        keys: What it is about.
        enable: Whether to enable; else to disable.
        now: The account's time.
        skipped: Marked keys that are left out.
        masked: Whether names are hidden.
    """

    def __init__(
        self,
        keys: Sequence[KeySummary],
        *,
        enable: bool,
        now: datetime,
        skipped: Sequence[LeftOut] = (),
        masked: bool = False,
    ) -> None:
        verb = "Enable" if enable else "Disable"
        what = keys_label(keys, masked=masked)
        stays = "disabled" if enable else "enabled"
        them = "it" if len(keys) == 1 else "them"
        super().__init__(
            text.template("$verb $what?", verb=verb, what=what),
            (
                Answer(value=False, label=text.literal(f"Leave {them} {stays}")),
                Answer(value=True, label=text.literal(verb), tone=Tone.MAIN),
            ),
        )
        self.keys = tuple(keys)
        self._enable = enable
        self._now = now
        self._skipped = tuple(skipped)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield what changes and what does not."""
        yield FactList(
            self._to_enable() if self._enable else self._to_disable(),
            label_cells=16,
            classes="paragraph",
        )
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")

    def _to_disable(self) -> Iterable[Fact]:
        yield Fact("Stops at once", text.literal("encrypting, decrypting, making data keys"))
        yield Fact("Goes on", text.literal("looking at it; its policy, tags and aliases"))
        yield Fact("Last use", last_use_of(self.keys, self._now, masked=self._masked))
        yield Fact("Data", text.literal("none is lost: enabled again, everything decrypts"))

    def _to_enable(self) -> Iterable[Fact]:
        yield Fact("Works again", text.literal("encrypting, decrypting, making data keys"))
        yield Fact("For whom", text.literal("everybody its key policy lets use it"))
        yield Fact("Last use", last_use_of(self.keys, self._now, masked=self._masked))

    def first_focus(self) -> None:
        """Focus the deed."""
        self.button(1).focus()
