"""Commands on the keystore as a whole: its clock, its checkpoints, its backup, its Region."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kmstui.core.arn import is_region
from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.dialogs.theme import ThemePicker

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

START = "start"
"""The checkpoint that a training keystore begins with."""

_TIME = re.compile(r"(?:(\d{1,5})d)?\s*(?:(\d{1,5})h)?\s*(?:(\d{1,5})m)?")
_CHECKPOINT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def duration(typed: str) -> timedelta:
    """Read a time such as ``8d``, ``12h`` or ``1d 6h 30m``.

    Raises:
        UsageError: It is not one, or it is nothing.
    """
    match = _TIME.fullmatch(typed.strip().lower())
    days, hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    found = timedelta(days=days, hours=hours, minutes=minutes)
    if not found:
        raise UsageError("That is not a time.", hint="Write days, hours, minutes: 8d, 12h, 1d 6h.")
    return found


def duration_problem(typed: str) -> str | None:
    """Say what is wrong with a time, or None."""
    try:
        duration(typed)
    except UsageError as error:
        return f"{error.message} {error.hint}"
    return None


def checkpoint_problem(typed: str) -> str | None:
    """Say what is wrong with a checkpoint's name, or None."""
    if _CHECKPOINT.fullmatch(typed.strip()):
        return None
    return "Lower-case letters, digits and hyphens, beginning with a letter or digit."


def region_problem(typed: str) -> str | None:
    """Say what is wrong with a Region's name, or None."""
    return None if is_region(typed.strip()) else "Regions are named like us-east-1."


def backup_problem(typed: str) -> str | None:
    """Say what is wrong with a backup's path, or None; the engine has the last word."""
    path = Path(typed.strip()).expanduser()
    if not typed.strip():
        return "Name a file."
    if path.exists() or path.is_symlink():
        return "There is such a file already."
    return None if path.parent.is_dir() else "There is no such folder."


def _absolute(typed: str) -> str:
    return str(Path(typed.strip()).expanduser().absolute())


class Upkeep:
    """Carries these commands out; what they need and was not given is asked for.

    Args:
        app: The application.
    """

    def __init__(self, app: KmsApp) -> None:
        self._app = app

    async def do_refresh(self, _argument: str) -> None:
        """Read the view's data again."""
        view = self._app.main.view
        if view is not None:
            await view.refresh_data()
        await self._app.read_standing()
        self._app.main.sync()

    async def do_theme(self, argument: str) -> None:
        """Change the colours; asked for, each shows as the cursor comes to it."""
        name: str | None = argument
        if not name:
            name = await self._app.ask(ThemePicker(self._app.theme))
        if name:
            self._app.use_theme(name)

    async def do_region(self, argument: str) -> None:
        """Work in another Region."""
        region = argument or await self._asked(
            "Work in another Region",
            "Region",
            "Go there",
            check=region_problem,
            value=self._app.standing.region,
            about="Keys and aliases are listed by Region. This session's calls go there.",
        )
        if region:
            await self._app.switch_region(region.strip())
            # What lists below show is of the Region before.
            await self._app.refresh_views()

    async def do_backup(self, argument: str) -> None:
        """Write a sealed backup and say how large it is."""
        typed = argument or await self._asked(
            "Export a backup",
            "File",
            "Export",
            check=backup_problem,
            value=str(Path.home() / "kmstui-backup.kmsb"),
            about="Sealed under the same passphrases and recovery code, and proven to open "
            "before this says so. `kmstui restore` makes a keystore of it.",
        )
        if not typed:
            return
        path = _absolute(typed)
        answer = await self._app.call("kmstui:ExportBackup", about=path, Destination=path)
        if answer is not None:
            self._app.main.say(
                text.template(
                    "[$ok]✓[/] Exported $keys, $size bytes, to [b]$path[/]"
                    " [$muted]and proven to open[/]",
                    keys=text.plural(int(answer["Keys"]), "key"),
                    size=f"{answer['Bytes']:,}",
                    path=path,
                )
            )

    async def do_warp(self, argument: str) -> None:
        """Move account time forward."""
        typed = argument or await self._asked(
            "Move account time forward",
            "By",
            "Move",
            check=duration_problem,
            value="8d",
            about="What becomes due meanwhile is done: a key whose waiting period ends is "
            "destroyed. Account time never goes back, but a checkpoint does.",
        )
        if typed:
            seconds = int(duration(typed).total_seconds())
            await self._training("kmstui:AdvanceClock", typed, Seconds=seconds)

    async def do_checkpoint(self, argument: str) -> None:
        """Remember the keystore under a name."""
        name = argument or await self._asked(
            "Keep a checkpoint",
            "Name",
            "Keep",
            check=checkpoint_problem,
            about=":restore NAME comes back to this moment.",
        )
        if name:
            await self._training("kmstui:CreateCheckpoint", name.strip(), Name=name.strip())

    async def do_restore(self, argument: str) -> None:
        """Go back to a checkpoint, once confirmed."""
        name = argument.strip() or await self._checkpoint()
        if name and await self._confirmed("Go back to a checkpoint", name):
            await self._training("kmstui:RestoreCheckpoint", name, Name=name)

    async def do_reset(self, _argument: str) -> None:
        """Put the training keystore back to its beginning, once confirmed."""
        if await self._confirmed("Reset the training keystore", "reset"):
            await self._training("kmstui:RestoreCheckpoint", "to its beginning", Name=START)

    async def checkpoints(self) -> list[tuple[str, int]]:
        """Return name and size in bytes of each checkpoint.

        Raises:
            KmsError: The engine refused; a production keystore has none.
        """
        answer = await self._app.fetch("kmstui:ListCheckpoints")
        return [(str(each["Name"]), int(each["Bytes"])) for each in answer["Checkpoints"]]

    async def _checkpoint(self) -> str | None:
        found = await self.checkpoints()
        if not found:
            raise UsageError("There is no checkpoint.", hint=":checkpoint NAME keeps one.")
        choices = [Choice(name, text.literal(name), f"{size:,} bytes") for name, size in found]
        return await self._app.ask(Choose(text.literal("Go back to"), choices))

    async def _asked(
        self,
        title: str,
        label: str,
        verb: str,
        *,
        about: str,
        check: Callable[[str], str | None],
        value: str = "",
    ) -> str | None:
        return await self._app.ask(
            Prompt(
                text.literal(title),
                text.literal(label),
                text.literal(verb),
                value=value,
                check=check,
                message=text.literal(about, "$muted"),
            )
        )

    async def _confirmed(self, title: str, token: str) -> bool:
        body = text.literal(
            "Keys, aliases and account time go back to what they were then. What was done since "
            "is dropped; the trail keeps its record and goes on."
        )
        answer = await self._app.ask(
            ConfirmTyped(
                title=text.literal(title),
                message=body,
                token=token,
                verb=text.literal("Go back"),
                back=text.literal("Stay here"),
            )
        )
        return answer is True

    async def _training(self, operation: str, about: str, **members: object) -> None:
        if await self._app.call(operation, members, about=about) is not None:
            await self.do_refresh("")
