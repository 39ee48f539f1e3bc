"""What the commands on key material and Regions do, in the lists and on a key's page alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kmstui.core.errors import UsageError
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.guides import successor
from kmstui.tui.places.keys.regions import deeds as regions
from kmstui.tui.places.keys.rotation import deeds as rotation
from kmstui.tui.places.keys.wording import LeftOut
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.places.keys.actions import Changed


class MaterialHandlers(View):
    """A view with a key, or marked keys, that these commands act on."""

    def meant(self) -> tuple[list[KeySummary], list[LeftOut]]:
        """Return the keys a command acts on, and the marked ones it leaves out because hidden.

        Raises:
            UsageError: Rows are marked and none of them is shown.
        """
        raise NotImplementedError

    async def after_deed(self, changed: Sequence[KeySummary]) -> None:
        """Show what was changed; a list hears of it by itself."""

    def meant_one(self) -> KeySummary:
        """Return the one key that a command acts on.

        Raises:
            UsageError: There is none, or there are several.
        """
        keys, _ = self.meant()
        if not keys:
            raise UsageError("No key is selected.")
        if len(keys) > 1:
            raise UsageError("This takes one key at a time.", hint="esc takes the marks.")
        return keys[0]

    async def _did(self, changed: Changed) -> None:
        if changed:
            await self.after_deed(changed)

    async def do_rotate_now(self, _argument: str) -> None:
        """Ask, then rotate on demand."""
        keys, skipped = self.meant()
        await self._did(await rotation.rotate(self.console, keys, skipped))

    async def do_rotation_schedule(self, argument: str) -> None:
        """Ask for a period, and put the keys on a schedule or take them off it."""
        keys, skipped = self.meant()
        await self._did(await rotation.schedule(self.console, keys, skipped, argument))

    async def do_import_material(self, _argument: str) -> None:
        """Show the pages that import key material."""
        await self.console.go(Route("keys", "import", self.meant_one().arn))

    async def do_public_key(self, _argument: str) -> None:
        """Show the public half of the key."""
        await self.console.go(Route("keys", "public-key", self.meant_one().arn))

    async def do_regions(self, _argument: str) -> None:
        """Show the key's copy in each Region, and go to the one chosen."""
        arn = await regions.choose_region(self.console, self.meant_one())
        if arn is not None:
            await self.console.go(Route("keys", "key", arn))

    async def do_replicate(self, argument: str) -> None:
        """Ask for a Region, and replicate the keys there."""
        keys, skipped = self.meant()
        await self._did(await regions.replicate(self.console, keys, skipped, argument))

    async def do_promote(self, argument: str) -> None:
        """Ask which Region is to be primary."""
        key = self.meant_one()
        if await regions.promote(self.console, key, argument):
            await self.after_deed([key])

    async def do_delete_replica(self, argument: str) -> None:
        """Ask which replica is to be deleted, and schedule that."""
        key = self.meant_one()
        if await regions.delete_replica(self.console, key, argument):
            await self.after_deed([key])

    async def do_successor(self, _argument: str) -> None:
        """Guide through a rotation by hand."""
        key = self.meant_one()
        if await successor.make(self.console, key):
            await self.after_deed([key])

    async def do_rewrap(self, argument: str) -> None:
        """Show the page that re-wraps data keys in files."""
        view = await self.console.go(Route("keys", "rewrap", self.meant_one().arn))
        if argument:
            view.query_one("#files", SafeInput).value = argument
