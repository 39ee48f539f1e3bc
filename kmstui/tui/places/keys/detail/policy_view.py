"""The editor on a key policy."""

from __future__ import annotations

from functools import partial

from kmstui.authz.diff import diff
from kmstui.authz.document import parse_policy
from kmstui.authz.lint import Level
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import Arn
from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.place import Route
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.policy_editor.impact import Question, impact
from kmstui.tui.policy_editor.review import ReviewDialog
from kmstui.tui.policy_editor.view import PolicyEditor
from kmstui.tui.text import Content
from kmstui.tui.verdicts import action_groups, all_actions, named_principals


class KeyPolicyView(PolicyEditor):
    """Edits the policy of the key whose ARN is the route's argument."""

    KIND = PolicyKind.KEY

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._original = ""
        self._spec, self._usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"

    @property
    def label(self) -> str:
        """The key's name."""
        key = roster_of(self.console).get(self.route.argument)
        return key.label if key is not None else self.route.argument.rpartition("/")[2]

    @property
    def usage(self) -> str:
        """The key's usage."""
        return self._usage

    @property
    def crumb(self) -> Content:
        """Say what is edited."""
        return text.literal("Key policy")

    async def read(self) -> str:
        """Read the key and its policy."""
        arn = self.route.argument
        metadata = (await self.console.fetch("DescribeKey", KeyId=arn))["KeyMetadata"]
        self._spec, self._usage = str(metadata["KeySpec"]), str(metadata["KeyUsage"])
        self._original = str((await self.console.fetch("GetKeyPolicy", KeyId=arn))["Policy"])
        return self._original

    async def review(self, source: str) -> bool:
        """Show the differences, and who gains and loses."""
        new = parse_policy(source, self.KIND)
        policies = [new]
        changes = []
        try:
            old = parse_policy(self._original, self.KIND)
        except KmsError:
            # What is stored does not parse, so there is nothing to compare with.
            old = None
        if old is not None:
            policies.append(old)
            changes = list(diff(old, new))
        named = named_principals(*policies)
        principals = list(dict.fromkeys([*(each.arn for each in self.known), *named]))
        actions = all_actions(action_groups(self._spec, self._usage))
        question = Question(self.route.argument, source, tuple(principals), actions)
        work = partial(impact, self.console, question)
        key = text.mask(self.label) if self.console.masked else text.literal(self.label)
        dialog = ReviewDialog(
            key,
            changes,
            work,
            asked=len(principals),
            account=Arn.parse(self.route.argument).account,
            errors=sum(1 for each in self.findings if each.level is Level.ERROR),
            masked=self.console.masked,
        )
        return await self.console.ask(dialog) is True

    async def store(self, source: str) -> bool:
        """Put the key policy."""
        answer = await self.console.call(
            "PutKeyPolicy",
            {"KeyId": self.route.argument, "Policy": source},
            about=self.label,
            before={"Policy": self._original},
            explain=True,
        )
        return answer is not None
