"""Replicating, changing the primary, deleting a replica: what is shared and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.dialogs.deletion import DeletionDialog
from kmstui.tui.places.keys.regions.model import OWN, SHARED, replica_problem
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out, name
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

NOTHING, LABELS = "nothing", "labels"


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica that is wanted.

    Attributes:
        region: Where.
        labelled: Whether description and tags go along.
    """

    region: str
    labelled: bool = False


class ReplicateDialog(Dialog[Replica]):
    """Asks for a Region, and says what is the same there and what is not.

    Args:
        keys: Which keys.
        region: The Region to start with.
        skipped: Marked keys that are left out.
        masked: Whether names are hidden.
    """

    _WITH = (
        PickOption(NOTHING, "no description, no tags"),
        PickOption(LABELS, "the same description and tags"),
    )

    def __init__(
        self,
        keys: Sequence[KeySummary],
        *,
        region: str = "",
        skipped: Sequence[LeftOut] = (),
        masked: bool = False,
    ) -> None:
        super().__init__(
            text.template("Replicate $what", what=keys_label(keys, masked=masked)),
            (
                Answer(Replica(""), text.literal("Back")),
                Answer(Replica("there"), text.literal("Replicate"), Tone.MAIN),
            ),
        )
        self.keys = tuple(keys)
        self._region = region
        self._skipped = tuple(skipped)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield the facts, the Region and what goes along."""
        yield FactList(self._facts(), label_cells=16, classes="paragraph")
        yield Static(text.literal("Region, such as eu-west-1", "$muted"), id="ask")
        yield SafeInput(self._region, compact=True, id="region")
        yield Static(text.literal(""), id="complaint")
        yield Pick(self._WITH, id="with")
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")

    def _facts(self) -> Iterable[Fact]:
        yield Fact("The same", text.literal(SHARED))
        yield Fact("Its own", text.literal(OWN))
        yield Fact("To begin with", text.literal("the default key policy, and no alias"))
        yield Fact("Ciphertexts", text.literal("of one decrypt under the other"))
        if any(key.origin == "EXTERNAL" for key in self.keys):
            said = "are not copied: import the same material there, then it can be used"
            yield Fact("Imported bytes", text.literal(said, "$warn"))

    def first_focus(self) -> None:
        """Focus the Region."""
        self.query_one("#region", SafeInput).focus()

    @on(SafeInput.Changed, "#region")
    def _typed(self) -> None:
        self._problem()

    @on(SafeInput.Submitted, "#region")
    def _entered(self, event: SafeInput.Submitted) -> None:
        event.stop()
        self.chosen(Replica("there"))

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()

    def _problem(self) -> str | None:
        typed = self.query_one("#region", SafeInput).value
        found = next((said for key in self.keys if (said := replica_problem(key, typed))), None)
        self.query_one("#complaint", Static).update(text.literal(found or "", "$warn"))
        return found

    def chosen(self, value: Replica) -> None:
        """Answer with what was typed, unless something is wrong with it."""
        if not value.region:
            self.dismiss(None)
        elif self._problem() is None:
            region = self.query_one("#region", SafeInput).value.strip()
            self.dismiss(Replica(region, self.query_one("#with", Pick).value == LABELS))


class PromoteDialog(Dialog[bool]):
    """Asks whether another Region is to lead; answers True to do it.

    Args:
        key: The key.
        region: The Region that is to lead.
        masked: Whether names are hidden.
    """

    def __init__(self, key: KeySummary, region: str, *, masked: bool = False) -> None:
        title = "Make $region the primary Region of $key?"
        super().__init__(
            text.template(title, region=region, key=name(key.label, masked=masked)),
            (
                Answer(value=False, label=text.literal(f"Leave {key.primary_region}")),
                Answer(value=True, label=text.literal(f"Make {region} primary"), tone=Tone.MAIN),
            ),
        )
        self._key = key
        self._region = region

    def body(self) -> Iterable[Widget]:
        """Yield what changes and what does not."""
        yield FactList(self._facts(), label_cells=16, classes="paragraph")

    def _facts(self) -> Iterable[Fact]:
        before = self._key.primary_region
        yield Fact("From then on", text.literal(f"{self._region} rotates and replicates the key"))
        yield Fact(before, text.literal("becomes a replica, and goes on as it is"))
        yield Fact("Unchanged", text.literal("ids, ARNs, material, policies, aliases, states"))
        yield Fact("Meanwhile", text.literal("both are Updating for a moment, and can be used"))
        yield Fact("Back", text.literal(f":primary {before} makes that lead again"))

    def first_focus(self) -> None:
        """Focus the deed: it can be put back."""
        self.button(1).focus()


class ReplicaDeletionDialog(DeletionDialog):
    """Asks for the waiting period of a replica, and the typed token.

    Args:
        key: The key, as it is in the replica's Region.
        now: The account's time.
        masked: Whether names are hidden.
    """

    def __init__(self, key: KeySummary, *, now: datetime, masked: bool = False) -> None:
        super().__init__([key], now=now, masked=masked)
        self.heading = text.template(
            "Schedule the deletion of $key in [b]$region[/]",
            key=name(key.label, masked=masked),
            region=key.region,
        )
