"""Commands on a principal: in the list and on its page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kmstui.core.errors import UsageError
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Subject, by_id
from kmstui.tui.place import View
from kmstui.tui.places.access.principals import access_keys, creating, deeds, operators
from kmstui.tui.places.access.principals.model import PrincipalRow
from kmstui.tui.places.keys.copying import copy
from kmstui.tui.simulation import SimulationStart, open_simulator

Deed = Callable[..., Awaitable[bool]]
"""Asks what has to be asked, makes the calls, and tells whether something changed."""


class PrincipalCommands(View):
    """Carries them out."""

    @property
    def principal(self) -> PrincipalRow | None:
        """The principal that commands act on."""
        return None

    @property
    def access_key(self) -> str:
        """Id of the access key that commands act on; empty if none is chosen."""
        return ""

    @property
    def subject(self) -> Subject | None:
        """The principal, as commands see it."""
        return self.principal.subject if self.principal is not None else None

    async def changed(self) -> None:
        """Show what was changed."""

    def _required(self) -> PrincipalRow:
        if self.principal is None:
            raise UsageError("No principal is selected.")
        return self.principal

    async def _do(self, deed: Deed, *arguments: str) -> None:
        if await deed(self.console, self._required(), *arguments):
            await self.changed()

    async def do_new_principal(self, argument: str) -> None:
        """Create a user, role or group."""
        if await creating.create(self.console, argument.strip().lower()):
            await self.changed()

    async def do_attach_policy(self, _argument: str) -> None:
        """Attach a managed policy."""
        await self._do(deeds.attach)

    async def do_detach_policy(self, _argument: str) -> None:
        """Take a managed policy away."""
        await self._do(deeds.detach)

    async def do_inline_policy(self, argument: str) -> None:
        """Write an inline policy in the editor."""
        await self._do(deeds.write_inline, argument.strip())

    async def do_set_boundary(self, _argument: str) -> None:
        """Set or lift the permissions boundary."""
        await self._do(deeds.bound)

    async def do_join_group(self, argument: str) -> None:
        """Add the user to a group."""
        await self._do(deeds.join_group, argument.strip())

    async def do_leave_group(self, argument: str) -> None:
        """Take the user out of a group."""
        await self._do(deeds.leave, argument.strip())

    async def do_principal_tags(self, _argument: str) -> None:
        """Edit the tags."""
        await self._do(deeds.edit_tags)

    async def do_create_access_key(self, _argument: str) -> None:
        """Make an access key and show its secret once."""
        await self._do(access_keys.create)

    async def do_toggle_access_key(self, _argument: str) -> None:
        """Activate or deactivate an access key."""
        await self._do(access_keys.toggle, self.access_key)

    async def do_delete_access_key(self, _argument: str) -> None:
        """Delete an access key."""
        await self._do(access_keys.delete, self.access_key)

    async def do_toggle_operator(self, _argument: str) -> None:
        """Give the user a passphrase, or take it away."""
        await self._do(operators.toggle)

    async def do_delete_principal(self, _argument: str) -> None:
        """Delete the principal with everything that is in the way."""
        await self._do(deeds.delete)

    def do_assume_role(self, _argument: str) -> None:
        """Go on as a session of the role."""
        self.console.perform(by_id(COMMANDS, "switch-role"), self._required().arn)

    async def do_simulate(self, _argument: str) -> None:
        """Open the simulator with the principal filled in."""
        await open_simulator(self.console, SimulationStart(principal=self._required().arn))

    def do_copy(self, _argument: str) -> None:
        """Copy the ARN."""
        copy(self.console, self._required().arn, "the ARN")
