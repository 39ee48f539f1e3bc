"""Commands on a policy: in the list of statements and on its page."""

from __future__ import annotations

from kmstui.authz.model import PolicyKind
from kmstui.core.errors import UsageError
from kmstui.tui.place import Route, View
from kmstui.tui.places.access.policies.documents import read_document
from kmstui.tui.places.access.policies.model import PolicyRef, StatementRow
from kmstui.tui.places.keys.copying import copy
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.simulation import SimulationStart, open_simulator

_SAMPLE = "kms:Decrypt"


class PolicyCommands(View):
    """Carries them out."""

    @property
    def statement(self) -> StatementRow | None:
        """The statement that commands act on."""
        return None

    @property
    def policy(self) -> PolicyRef | None:
        """The policy that commands act on."""
        return self.statement.policy if self.statement is not None else None

    def naming(self, arn: str) -> str:
        """Call a key what a person calls it; empty if it is not known here."""
        key = roster_of(self.console).get(arn)
        return key.alias if key is not None else ""

    def required(self) -> PolicyRef:
        """Return the policy that a command acts on.

        Raises:
            UsageError: None is selected.
        """
        if self.policy is None:
            raise UsageError("No policy is selected.")
        return self.policy

    async def do_open_owner(self, _argument: str) -> None:
        """Open the key or principal that has the policy."""
        policy = self.required()
        if policy.kind is PolicyKind.KEY:
            await self.console.go(Route("keys", "key", f"{policy.name}#access"))
        elif policy.owner:
            await self.console.go(Route("access", "principal", policy.owner))
        else:
            raise UsageError(
                "The policy belongs to nobody for itself.",
                hint="It is the account's, or attached to whoever needs it.",
            )

    async def do_edit_policy(self, _argument: str) -> None:
        """Open the editor."""
        policy = self.required()
        if policy.kind is PolicyKind.KEY:
            await self.console.go(Route("keys", "policy", policy.name))
        else:
            await self.console.go(Route("access", "edit", policy.argument()))

    async def do_simulate(self, _argument: str) -> None:
        """Open the simulator with a call that the statement is about."""
        row, policy = self.statement, self.required()
        plain = [each for each in (row.whom if row else ()) if "*" not in each]
        actions = [each for each in (row.actions if row else ()) if "*" not in each]
        start = SimulationStart(
            principal=plain[0] if plain else "",
            action=actions[0] if actions else _SAMPLE,
            key_arn=policy.name if policy.kind is PolicyKind.KEY else "",
        )
        await open_simulator(self.console, start)

    async def do_copy(self, _argument: str) -> None:
        """Copy the document."""
        document = await read_document(self.console, self.required())
        copy(self.console, document.source, "the policy")

    async def do_raw(self, _argument: str) -> None:
        """Open the document's page."""
        policy, row = self.required(), self.statement
        number = row.number if row is not None else 0
        await self.console.go(Route("access", "policy", policy.argument(number)))
