"""Editing tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.text import Content
from kmstui.tui.widgets.tags_editor import TagsEditor


class TagsDialog(Dialog[Mapping[str, str]]):
    """Shows tags in an editor; answers them as they are to be.

    A tag with characters that no field can show is kept as it is.

    Args:
        title: Whose tags.
        tags: As they are.
        note: A paragraph above them.
    """

    def __init__(
        self, title: Content, tags: Mapping[str, str], *, note: Content | None = None
    ) -> None:
        answers: tuple[Answer[Mapping[str, str]], ...] = (
            Answer({}, text.literal("Back")),
            Answer({"": ""}, text.literal("Save"), Tone.MAIN),
        )
        super().__init__(title, answers)
        self._note = note
        self._kept = {
            tag: value
            for tag, value in tags.items()
            if text.without_hidden(tag + value) != tag + value
        }
        shown = {tag: value for tag, value in sorted(tags.items()) if tag not in self._kept}
        self.editor = TagsEditor(shown, id="tags")

    def body(self) -> Iterable[Widget]:
        """Yield the note, the editor and what that cannot show."""
        if self._note is not None:
            yield Static(self._note, classes="paragraph")
        yield self.editor
        for tag, value in self._kept.items():
            kept = text.template("[$muted]kept as it is:[/] $tag = $value", tag=tag, value=value)
            yield Static(kept)

    def first_focus(self) -> None:
        """Put the cursor into the first tag."""
        self.editor.focus_first()

    def conceal(self) -> None:
        """Leave the fields: tags are no secret."""

    @on(TagsEditor.Submitted)
    def _submitted(self, event: TagsEditor.Submitted) -> None:
        event.stop()
        self.button(1).focus()

    def chosen(self, value: Mapping[str, str]) -> None:
        """Answer the tags, unless something is wrong with them."""
        if not value:
            self.dismiss(None)
        elif self.editor.problem is None:
            self.dismiss(self.editor.context | self._kept)
