"""The editor on policies of users, groups, roles and of the account."""

from __future__ import annotations

from collections.abc import Sequence

from kmstui.authz.diff import Change, diff
from kmstui.authz.document import parse_policy
from kmstui.authz.lint import Level
from kmstui.core.errors import KmsError, NoSuchEntityException, UsageError
from kmstui.tui import text
from kmstui.tui.place import Route
from kmstui.tui.places.access.policies.documents import read_document, saving
from kmstui.tui.places.access.policies.model import read_argument
from kmstui.tui.policy_editor.review import ReviewDialog
from kmstui.tui.policy_editor.view import PolicyEditor
from kmstui.tui.text import Content

SKELETON = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Look",
      "Effect": "Allow",
      "Action": ["kms:DescribeKey", "kms:ListAliases"],
      "Resource": "*"
    }
  ]
}"""
"""What a new inline policy begins with."""


class EditView(PolicyEditor):
    """Edits the policy of the route's argument; an inline policy that is not there is made."""

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.ref, _ = read_argument(route.argument)
        self.KIND = self.ref.kind  # type: ignore[misc]  # one view for every kind but a key's
        self._original = ""
        self._new = False

    @property
    def label(self) -> str:
        """What the policy is called."""
        return self.ref.label(lambda _: "")

    @property
    def crumb(self) -> Content:
        """Say what is edited."""
        return text.mask(self.label) if self.console.masked else text.literal(self.label)

    @property
    def dirty(self) -> bool:
        """Whether something is not saved; a policy that is being made is not, from the start."""
        return self._begun and (self._new or super().dirty)

    async def read(self) -> str:
        """Read the document; the skeleton where there is none yet."""
        try:
            document = await read_document(self.console, self.ref)
        except NoSuchEntityException:
            if not self.ref.inline:
                raise
            self._new = True
            return SKELETON
        if document.fixed:
            raise UsageError(
                f"{document.fixed}.", hint="Only policies of your own can be changed."
            )
        self._original = document.source
        return document.source

    def _changes(self, source: str) -> Sequence[Change]:
        new = parse_policy(source, self.ref.kind)
        try:
            old = parse_policy(self._original, self.ref.kind)
        except KmsError:
            # What is stored is not there yet, or does not parse: there is nothing to compare with.
            return ()
        return diff(old, new)

    async def review(self, source: str) -> bool:
        """Show what the policy says that it did not."""
        if self._new:
            return True
        label = text.mask(self.label) if self.console.masked else text.literal(self.label)
        dialog = ReviewDialog(
            label,
            self._changes(source),
            None,
            errors=sum(1 for each in self.findings if each.level is Level.ERROR),
            masked=self.console.masked,
        )
        return await self.console.ask(dialog) is True

    async def store(self, source: str) -> bool:
        """Put the document in its place."""
        call = saving(self.ref, source)
        answer = await self.console.call(
            call.operation, call.members, about=self.label, explain=True
        )
        self._new = self._new and answer is None
        return answer is not None
