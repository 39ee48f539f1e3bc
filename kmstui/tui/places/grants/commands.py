"""Commands on grants: in the place, and on the Access tab of a key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.places.grants import deeds
from kmstui.tui.places.grants.book import counts_of
from kmstui.tui.places.grants.ending import RETIRE, REVOKE, GrantDialog, facts
from kmstui.tui.places.grants.model import GrantRow
from kmstui.tui.places.keys.copying import as_json, copy

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class GrantCommands:
    """Carries them out; what lists grants mixes it in, and says which one is meant."""

    if TYPE_CHECKING:

        @property
        def console(self) -> KmsApp:
            """The application, by its own type."""

        @property
        def now(self) -> datetime:
            """The account's time."""

    @property
    def grant(self) -> GrantRow | None:
        """The grant that commands act on."""
        raise NotImplementedError

    @property
    def chosen_grants(self) -> list[GrantRow]:
        """The grants that commands on several act on."""
        return [self.grant] if self.grant is not None else []

    def dropped(self, rows: Sequence[GrantRow]) -> None:
        """Take grants that have ended off the list."""
        raise NotImplementedError

    def explained(self, row: GrantRow) -> dict[str, Any]:
        """Return how a grant's facts are put into words."""
        raise NotImplementedError

    def required(self) -> GrantRow:
        """Return the grant that a command acts on.

        Raises:
            UsageError: None is selected, or names are hidden.
        """
        if self.grant is None:
            raise UsageError("No grant is selected.")
        return self.grant

    async def open_grant(self, row: GrantRow) -> None:
        """Show a grant in full, and end it if that is chosen."""
        masked = self.console.masked
        counts = await counts_of(self.console, row)
        said = facts(row, now=self.now, masked=masked, counts=counts, **self.explained(row))
        label = text.mask(row.label) if masked else text.literal(row.label)
        deed = await self.console.ask(GrantDialog(row, said, label))
        if deed:
            await self._end([row], deed)

    async def do_retire_grant(self, _argument: str) -> None:
        """Retire what is chosen, once confirmed."""
        await self._end(self.chosen_grants, RETIRE)

    async def do_revoke_grant(self, _argument: str) -> None:
        """Revoke what is chosen, once confirmed."""
        await self._end(self.chosen_grants, REVOKE)

    async def _end(self, rows: Sequence[GrantRow], deed: str) -> None:
        self.dropped(await deeds.end(self.console, rows, deed))

    def do_copy(self, _argument: str) -> None:
        """Copy the grant's id."""
        copy(self.console, self.required().grant_id, "the grant id")

    async def do_raw(self, _argument: str) -> None:
        """Show the grant as the request that would make it again."""
        row = self.required()
        if self.console.masked:
            raise UsageError("A grant is full of names.", hint="F12 shows them first.")
        title = text.template("CreateGrant [$muted]$name[/]", name=row.label)
        await self.console.ask(JsonDialog(title, as_json(row.request())))
