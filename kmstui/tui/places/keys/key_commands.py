"""What the commands on keys do in the place's lists."""

from __future__ import annotations

from datetime import datetime

from kmstui.core.errors import UsageError
from kmstui.tui import text, timefmt
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.filter_fields import Row
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route
from kmstui.tui.places.keys import actions, copying, export, labels
from kmstui.tui.places.keys.listing import ListView
from kmstui.tui.places.keys.material_handlers import MaterialHandlers
from kmstui.tui.places.keys.view_strip import NAMES
from kmstui.tui.places.keys.wording import LeftOut


class KeyCommands(ListView[Row], MaterialHandlers):
    """A list whose rows are about keys."""

    def meant(self) -> tuple[list[KeySummary], list[LeftOut]]:
        """Return the marked keys, or the one under the cursor."""
        return self.targets()

    def one(self) -> KeySummary:
        """Return the key under the cursor.

        Raises:
            UsageError: There is none.
        """
        row = self.table.cursor_row
        if row is None:
            raise UsageError("No key is selected.")
        return self.key_of(row)

    async def do_open(self, _argument: str) -> None:
        """Show the page of the key under the cursor."""
        await self.open_key(self.one())

    def do_mark(self, _argument: str) -> None:
        """Mark the row, or take its mark."""
        self.table.action_toggle_mark()

    def do_mark_range(self, _argument: str) -> None:
        """Begin or end a range."""
        self.table.action_toggle_range()

    def do_mark_all(self, _argument: str) -> None:
        """Mark what is shown."""
        self.table.action_mark_visible()

    async def do_create_key(self, _argument: str) -> None:
        """Show the page that creates a key."""
        await self.console.go(Route("keys", "create"))

    async def do_toggle_key(self, _argument: str) -> None:
        """Ask, then disable or enable."""
        keys, skipped = self.targets()
        await actions.toggle(self.console, keys, skipped)

    async def do_schedule_deletion(self, _argument: str) -> None:
        """Ask, then schedule deletion or disable instead."""
        keys, skipped = self.targets()
        await actions.schedule_deletion(self.console, keys, skipped)

    async def do_keep_key(self, _argument: str) -> None:
        """Ask, then cancel deletion."""
        keys, skipped = self.targets()
        await actions.keep(self.console, keys, skipped)

    async def do_copy(self, _argument: str) -> None:
        """Ask what to copy, and copy it."""
        keys, _ = self.targets()
        await copying.copy_keys(self.console, keys)

    async def do_raw(self, _argument: str) -> None:
        """Show the key as AWS answers it."""
        await copying.show_json(self.console, self.one())

    async def do_try_it(self, _argument: str) -> None:
        """Show the try-it tab of the key's page."""
        from kmstui.tui.places.keys.detail.view import key_route  # noqa: PLC0415 - opened later

        await self.console.go(key_route(self.one().arn, "try-it"))

    async def do_edit_description(self, argument: str) -> None:
        """Change the description."""
        await labels.edit_description(self.console, self.one(), argument)

    async def do_edit_tags(self, argument: str) -> None:
        """Change the tags of one key, or add some to many."""
        keys, skipped = self.targets()
        if len(keys) == 1:
            await labels.edit_tags(self.console, keys[0], argument)
        elif keys:
            await actions.tag(self.console, keys, skipped)

    async def do_alias_add(self, argument: str) -> None:
        """Give the key one more name."""
        await labels.add_alias(self.console, self.one(), argument)

    async def do_alias_move(self, argument: str) -> None:
        """Point an alias at another key."""
        await labels.move_alias(self.console, self.one(), argument or self.alias_meant())

    async def do_alias_remove(self, argument: str) -> None:
        """Take an alias away."""
        await labels.remove_alias(self.console, self.one(), argument or self.alias_meant())

    def alias_meant(self) -> str:
        """Return the alias that the row is about; empty where a row is a key."""
        return ""

    async def do_export_list(self, argument: str) -> None:
        """Write the keys shown to a file."""
        order = self.neighbours()
        keys = [key for arn in order if (key := self.roster.get(arn)) is not None]
        typed: str | None = argument
        if not typed:
            typed = await self.console.ask(_ask_for_file(len(keys), self.now))
        if typed:
            path = await self.console.caller.run(export.write, typed, keys)
            self.console.main.say(
                text.template(
                    "[$ok]✓[/] Wrote $count to [b]$path[/] [$muted]only you can read it[/]",
                    count=text.plural(len(keys), "key"),
                    path=str(path),
                )
            )

    def do_filter(self, argument: str) -> None:
        """Ask for a filter, or set the one given."""
        if argument:
            self.bar.set(argument)
        else:
            self.bar.start()

    def do_sort(self, argument: str) -> None:
        """Sort by the column named, or by the next one."""
        wanted = argument.strip().lower()
        name, sorts = wanted.removeprefix("-"), list(self.sorts())
        if name:
            column = next((each for each in sorts if each.startswith(name)), None)
            if column is None:
                raise UsageError(
                    f"No column is called {name}.", hint=f"There are {', '.join(sorts)}."
                )
            self.sort_by(column, descending=wanted.startswith("-"))
        elif self.sorting is None:
            self.sort_by(sorts[0])
        elif not self.sorting[1]:
            self.sort_by(self.sorting[0], descending=True)
        else:
            self.sort_by(sorts[(sorts.index(self.sorting[0]) + 1) % len(sorts)])
        if self.sorting is not None:
            way = "descending" if self.sorting[1] else "ascending"
            self.console.main.say(text.literal(f"Sorted by {self.sorting[0]}, {way}", "$muted"))

    async def do_next_tab(self, _argument: str) -> None:
        """Show the next view."""
        await self._beside_view(1)

    async def do_previous_tab(self, _argument: str) -> None:
        """Show the view before."""
        await self._beside_view(-1)

    async def _beside_view(self, by: int) -> None:
        at = NAMES.index(self.route.view)
        await self.console.go(Route("keys", NAMES[(at + by) % len(NAMES)]))


def _ask_for_file(count: int, now: datetime) -> Prompt:
    return Prompt(
        text.template("Export $count", count=text.plural(count, "key")),
        text.literal("File, ending in .csv or .json", "$muted"),
        text.literal("Write"),
        value=f"keys-{timefmt.day(now)}.csv",
        check=export.problem,
        message=text.literal(
            "What the list shows now goes to a new file that only you can read. It holds names, "
            "descriptions and tags, and no key material."
        ),
    )
