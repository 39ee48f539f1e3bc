"""Asking for what a template of a statement needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kmstui.authz.templates import TEMPLATES, Blank, Template, Values
from kmstui.core import strictjson
from kmstui.core.errors import StrictJsonError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.places.grants.principals import Known, PrincipalField
from kmstui.tui.text import Content
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.safe_input import SafeInput


def choose_template() -> Choose[str]:
    """Make the question which template."""
    choices = [Choice(each.name, text.literal(each.title), each.about) for each in TEMPLATES]
    return Choose(text.literal("Insert statements from which template?"), choices)


def template_of(name: str) -> Template:
    """Return a template by its name.

    Raises:
        StopIteration: There is none; a mistake of ours.
    """
    return next(each for each in TEMPLATES if each.name == name)


class TemplateDialog(Dialog[Values]):
    """Asks for a template's blanks; answers the values.

    Args:
        template: Which.
        account: The key's account.
        region: The key's Region, for the name of a service.
        usage: The key's usage.
        known: The principals of the account.
        masked: Whether names are hidden.
    """

    DEFAULT_CSS = """
    TemplateDialog {
        .row { height: auto; margin-bottom: 1; & > .label { width: 14; color: $muted; } }
        #principals, #service, #context { width: 1fr; }
    }
    """

    def __init__(
        self,
        template: Template,
        *,
        account: str,
        region: str,
        usage: str,
        known: Sequence[Known],
        masked: bool = False,
    ) -> None:
        super().__init__(
            text.literal(template.title),
            (
                Answer(Values(""), text.literal("Back")),
                Answer(Values(account), text.literal("Insert"), Tone.MAIN),
            ),
        )
        self._template = template
        self._region = region
        self._values = Values(account, usage=usage)
        self._known = tuple(known)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield a field for each blank."""
        yield Static(text.literal(self._template.about), classes="paragraph")
        blanks = self._template.blanks
        if Blank.PRINCIPALS in blanks:
            field = PrincipalField(
                self._known,
                title=text.literal("Whom?"),
                several=True,
                masked=self._masked,
                id="principals",
            )
            yield _row("Principals", field)
        if Blank.SERVICE in blanks:
            example = f"ec2.{self._region}.amazonaws.com"
            yield _row("Service", SafeInput(example, compact=True, id="service"))
        if Blank.CONTEXT in blanks:
            yield _row("Context", ContextEditor(id="context"))
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the first field, or the deed where nothing is asked."""
        fields = [*self.query(SafeInput)]
        (fields[0] if fields else self.button(1)).focus()

    def values(self) -> Values:
        """Return the values as they stand."""
        principals: tuple[str, ...] = ()
        service, context = "", ()
        blanks = self._template.blanks
        pairs: Any = context
        if Blank.PRINCIPALS in blanks:
            principals = tuple(self.query_one("#principals", PrincipalField).principals)
        if Blank.SERVICE in blanks:
            service = self.query_one("#service", SafeInput).value.strip()
        if Blank.CONTEXT in blanks:
            pairs = tuple(self.query_one("#context", ContextEditor).context.items())
        base = self._values
        return Values(base.account, principals, service, pairs, base.usage)

    def problem(self) -> Content | None:
        """Say what keeps the statements from being made, or None."""
        blanks = self._template.blanks
        if Blank.PRINCIPALS in blanks:
            field = self.query_one("#principals", PrincipalField)
            if field.problem:
                return text.literal(field.problem)
        if Blank.CONTEXT in blanks:
            editor = self.query_one("#context", ContextEditor)
            if editor.problem is not None:
                return editor.problem
        missing = self._template.missing(self.values())
        return text.literal(f"It needs: {missing[0].value}.") if missing else None

    def chosen(self, value: Values) -> None:
        """Answer with the values, unless something is missing."""
        if not value.account:
            self.dismiss(None)
            return
        problem = self.problem()
        if problem is None:
            self.dismiss(self.values())
        else:
            self.query_one("#complaint", Static).update(text.styled("✗ ", "$warn") + problem)


def _row(label: str, widget: Widget) -> Horizontal:
    return Horizontal(Static(text.literal(label), classes="label"), widget, classes="row")


def inserted(source: str, statements: Iterable[str]) -> str | None:
    """Add statements at the end of a policy, laid out anew.

    Returns:
        The policy; None if the text is no policy that statements could be added to.
    """
    try:
        document = strictjson.loads(source)
    except StrictJsonError:
        return None
    if not isinstance(document, dict):
        return None
    present = document.get("Statement", [])
    listed = present if isinstance(present, list) else [present]
    added = [strictjson.loads(each) for each in statements]
    document["Statement"] = [*listed, *added]
    return laid_out(document)


def laid_out(document: object) -> str:
    """Write a document over lines of its own, every character to be seen."""
    return text.json_escaped(json.dumps(document, indent=2, ensure_ascii=False))
