"""An editor for tags."""

from __future__ import annotations

from textual.widgets import Static

from kmstui.core.limits import TAGS_PER_KEY
from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.context_editor import ContextEditor

KEY_CHARACTERS = 128
VALUE_CHARACTERS = 256
"""Most characters of a tag's key and value (AWS KMS API Reference, Tag)."""


class TagsEditor(ContextEditor):
    """Rows of tag key and value, edited as an encryption context is."""

    @property
    def problem(self) -> Content | None:
        """What keeps the tags from being stored, or None."""
        if self._complaint is not None:
            return self._complaint
        tags = [tag for tag, _ in self._pairs()]
        if not all(tags):
            return text.literal("A value has no key.")
        repeated = next((tag for tag in tags if tags.count(tag) > 1), None)
        if repeated is not None:
            return text.template("The tag [b]$tag[/] stands there twice.", tag=repeated)
        reserved = next((tag for tag in tags if tag.lower().startswith("aws:")), None)
        if reserved is not None:
            return text.literal("Tags that begin with aws: are reserved.")
        if len(tags) > TAGS_PER_KEY:
            return text.literal(f"{len(tags) - TAGS_PER_KEY} tags too many.")
        return self._too_long()

    def _too_long(self) -> Content | None:
        for tag, value in self._pairs():
            if len(tag) > KEY_CHARACTERS or len(value) > VALUE_CHARACTERS:
                return text.template("[b]$tag[/] is too long.", tag=text.one_line(tag, 30))
        return None

    def _show_status(self) -> None:
        problem = self.problem
        count = text.template(
            "[$muted]$count of $limit tags · no secrets: they are logged in clear[/]",
            count=str(len(self._pairs())),
            limit=str(TAGS_PER_KEY),
        )
        shown = count if problem is None else text.template("[$danger]✗ $what[/]", what=problem)
        self.query_one(".context-status", Static).update(shown)
