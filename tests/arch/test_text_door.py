"""Every string that Textual paints has passed the one door."""

from __future__ import annotations

from pathlib import Path

import pytest

import kmstui.tui
from tests.helpers.text_door import check

TUI = Path(kmstui.tui.__file__).parent

DOOR = """
def literal(text: str) -> Content: ...
def template(markup: str, **values: object) -> Content: ...
def visible(text: str) -> str: ...
"""

REFUSED = (
    "Static(name)",
    "Static(f'{name}')",
    "Static('a' + name)",
    "Static('%s' % name)",
    "Static('{}'.format(name))",
    "Static(', '.join(names))",
    "Static(str(name))",
    "Static(row['alias'])",
    "Static(key.alias)",
    "Static(content=name)",
    "Label(name)",
    "Button(label=name)",
    "Checkbox(name)",
    "RadioButton(name)",
    "Option(name, id='x')",
    "OptionList(name)",
    "OptionList(*names)",
    "OptionList(*(Option(name) for name in names))",
    "TabPane(name)",
    "widget.update(name)",
    "self.query_one('#x', Static).update(error.message)",
    "options.add_option(name)",
    "box.border_title = name",
    "box.tooltip = f'{name}'",
    "Content(name)",
    "Content('literal')",
    "Content.from_markup(name)",
    "Content.styled(name, 'bold')",
    "Text(name)",
    "Segment(name)",
    "Segment(f'{name}')",
    "super().notify(name)",
    "shown = text.literal('x') if name else name; Static(shown)",
    "shown = text.literal('x'); shown = name; Static(shown)",
    "Static(text.visible(name))",
    "Hint(name)",
)

ACCEPTED = (
    "Static()",
    "Static('a literal')",
    "Static(None)",
    "Static(text.literal(name))",
    "Static(text.template('$a', a=name), id=name)",
    "Static(text.literal(name).truncate(9))",
    "Static(text.literal(name) + text.literal(name))",
    "Static(text.literal(name) if name else 'none')",
    "Static(given)",
    "Static(given or text.literal(name))",
    "Static(chip(name))",
    "Static(self.title_content)",
    "Static(Content.empty())",
    "shown = text.literal(name); Static(shown)",
    "Button(text.literal(name))",
    "OptionList(*(Option(text.literal(name)) for name in names))",
    "OptionList(*several)",
    "[Static(each) for each in several]",
    "for each in several: Static(each)",
    "widget.update(given)",
    "seen = set(); seen.update(names)",
    "seen: dict[str, str] = {}; seen.update(more)",
    "box.border_title = 'Key'",
    "box.border_title = text.literal(name)",
    "Segment(' ')",
    "Segment(' ' * count)",
    "Segment(text.cell_fit(name, 3))",
    "super().notify(text.visible(name))",
    "Hint(text.literal(name))",
)


def module(line: str) -> dict[str, str]:
    """Make a project of the door and a module with one line in a method."""
    return {
        "text.py": DOOR,
        "screen.py": f"""
class Hint(Static):
    pass

class Screen(Base):
    title_content: Content

    def show(self, name: str, given: Content, several: list[Content], names: list[str]) -> None:
        {line}

def chip(state: str) -> Content: ...
""",
    }


@pytest.mark.parametrize("line", REFUSED)
def test_refused(line: str) -> None:
    """A string from anywhere but the door does not reach a widget."""
    assert len(check(module(line))) == 1


@pytest.mark.parametrize("line", ACCEPTED)
def test_accepted(line: str) -> None:
    """Literals and content do."""
    assert check(module(line)) == []


def test_console() -> None:
    """The console holds to it."""
    sources = {str(path.relative_to(TUI.parent)): path.read_text() for path in TUI.rglob("*.py")}
    assert check(sources) == []
