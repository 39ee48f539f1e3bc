"""What the list of events and the page of one event do alike."""

from __future__ import annotations

import json

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.commands import Subject
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.copying import copy
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.places.trail.events import TrailEvent
from kmstui.tui.simulation import open_simulator, start_of_record


def pretty(event: TrailEvent) -> str:
    """Lay a record out as JSON."""
    return json.dumps(event.record, indent=2, ensure_ascii=False)


class EventCommands(View):
    """The commands on an event."""

    @property
    def event(self) -> TrailEvent | None:
        """The event that commands act on."""
        return None

    @property
    def subject(self) -> Subject | None:
        """The event, as commands see it."""
        event = self.event
        if event is None:
            return None
        return Subject("event", event.row_key, f"{event.name} #{event.sequence}")

    def naming(self, arn: str) -> str:
        """Call a key what a person calls it; empty if it is not known here."""
        key = roster_of(self.console).get(arn)
        return key.alias if key is not None else ""

    def required(self) -> TrailEvent:
        """Return the event that a command acts on.

        Raises:
            UsageError: None is selected.
        """
        if self.event is None:
            raise UsageError("No event is selected.")
        return self.event

    async def do_open_subject(self, _argument: str) -> None:
        """Open the key that the event is about."""
        event = self.required()
        if not event.keys:
            raise UsageError(f"{event.name} is about no key.")
        await self.console.go(Route("keys", "key", event.keys[0]))

    def do_why(self, _argument: str) -> None:
        """Explain a refusal; of a call that was let there is nothing to explain."""
        event = self.event
        if event is None or not event.error:
            self.console.shell.do_why("")
            return
        outcome = event.outcome(self.naming)
        if event.error.startswith("AccessDenied"):
            self.console.shell.explain_past(outcome, start_of_record(event.record))
        else:
            self.console.shell.explain(outcome)

    async def do_simulate(self, _argument: str) -> None:
        """Open the simulator with the call that the event tells of."""
        event = self.required()
        if event.service:
            raise UsageError(f"{event.name} is no call: the service did it by itself.")
        await open_simulator(self.console, start_of_record(event.record))

    def do_copy(self, _argument: str) -> None:
        """Copy the record."""
        event = self.required()
        if self.console.masked:
            raise UsageError("The record is full of names.", hint="F12 shows them first.")
        copy(self.console, pretty(event), "the record")

    async def do_raw(self, _argument: str) -> None:
        """Show the record as JSON over the view."""
        event = self.required()
        if self.console.masked:
            raise UsageError("The record is full of names.", hint="F12 shows them first.")
        title = text.template("$name [$muted]#$number[/]", name=event.name, number=event.sequence)
        await self.console.ask(JsonDialog(title, pretty(event)))

    async def do_verify_trail(self, _argument: str) -> None:
        """Verify keystore and trail."""
        await self.console.go(Route("settings", "doctor"))
