"""Places, their views, and where a view is: the registry and the base class of every view."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.commands import PLACES, Scope, Subject

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp
    from kmstui.tui.text import Content


@dataclass(frozen=True, slots=True)
class Route:
    """Where a view is: enough to open it again.

    Attributes:
        place: The place's id.
        view: The view's name in the place; empty for the place's first view.
        argument: What the view is about, such as a key's ARN.
    """

    place: str
    view: str = ""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A view of a place.

    Attributes:
        target: ``module:Class`` of a :class:`View`, imported when first shown.
        root: Whether it stands beside the place's first view instead of above it: going there
            empties the drill-down stack.
    """

    target: str
    root: bool = False


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A place of the console.

    Digit, title and purpose are those of :data:`kmstui.tui.commands.PLACES`.

    Attributes:
        id: Its id there.
        views: View name to view; the name ``""`` is the first one.
        short: The title where columns are scarce.
    """

    id: str
    views: Mapping[str, ViewSpec] = field(default_factory=dict)
    short: str = ""

    @property
    def digit(self) -> str:
        """The key that shows it."""
        return self._row[0]

    @property
    def title(self) -> str:
        """What it is called."""
        return self._row[2]

    @property
    def summary(self) -> str:
        """One sentence of what it is for."""
        return self._row[3]

    @property
    def _row(self) -> tuple[str, str, str, str]:
        return next(row for row in PLACES if row[1] == self.id)


@lru_cache(maxsize=1)
def places() -> tuple[PlaceSpec, ...]:
    """Find every place, in the order of their digits, ``0`` first."""
    package = import_module("kmstui.tui.places")
    found = [
        cast(PlaceSpec, import_module(f"{package.__name__}.{module.name}").PLACE)
        for module in pkgutil.iter_modules(package.__path__)
        if module.ispkg
    ]
    return tuple(sorted(found, key=lambda place: place.digit))


def place(identity: str) -> PlaceSpec:
    """Return a place by id.

    Raises:
        KeyError: There is none; a mistake of ours.
    """
    for spec in places():
        if spec.id == identity:
            return spec
    raise KeyError(identity)


def open_view(route: Route) -> View:
    """Import and build the view of a route.

    Raises:
        KeyError: The place or the view does not exist; a mistake of ours.
    """
    module, _, name = place(route.place).views[route.view].target.partition(":")
    view: type[View] = getattr(import_module(module), name)
    return view(route)


class View(Vertical):
    """One screenful inside a place: what the digits, enter and esc move between.

    A subclass names the scopes of its commands in :attr:`SCOPES` and carries them out in methods
    ``do_<command id>(self, argument: str)``, plain or async; both keys and `:` verbs arrive there.
    It may put a stylesheet beside itself in :attr:`STYLES`.

    Args:
        route: Where the view is; ``route.argument`` says what it is about.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = ()
    STYLES: ClassVar[Path | None] = None

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    @property
    def crumb(self) -> Content:
        """What the breadcrumbs call this view; empty for a place's first view."""
        return text.literal("")

    @property
    def note(self) -> Content:
        """What stands at the right of the breadcrumbs, such as ``142 of 3,911``."""
        return text.literal("")

    @property
    def subject(self) -> Subject | None:
        """What commands act on right now."""
        return None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its commands as it stands; those of :attr:`SCOPES` unless it says more."""
        return self.SCOPES

    @property
    def revealed(self) -> bool:
        """Whether plaintext is on the screen; while it is, no screenshot is taken."""
        return False

    def focus_first(self) -> None:
        """Put the focus where work starts; called each time the view is shown."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus(scroll_visible=False)
                return
        self.screen.set_focus(None)

    def focus_rest(self) -> None:
        """Put the focus where letters are commands, after `esc` in a field."""
        self.focus_first()

    def step_back(self) -> bool:
        """Undo one layer inside the view (a filter, the marks) for `esc`.

        Returns:
            Whether there was one; if not, the view itself is left.
        """
        return False

    async def take(self, route: Route) -> bool:
        """Show another route in place of this one instead of in a view above.

        Returns:
            Whether it did; by default a view shows one route only.
        """
        del route
        return False

    async def refresh_data(self) -> None:
        """Read the view's data again; called for `:refresh`, after a call and after unlocking."""

    async def undone(self) -> None:
        """Show what is there after `u`; a view that hears of changes by itself need not."""

    def conceal(self) -> None:
        """Drop every secret from the screen and from fields; called when the console locks."""

    def mask_changed(self) -> None:
        """Repaint because the privacy mask went on or off; see ``self.console.masked``."""
        self.refresh(layout=False)

    def tick(self) -> None:
        """Repaint what depends on the time; called each second while the view is shown."""


def scopes_of(view: View | None, focused: Widget | None) -> frozenset[Scope]:
    """Collect the scopes active for a view and the widget that has the focus in it."""
    active = {Scope.GLOBAL}
    if view is not None:
        active.update(view.scopes)
    if focused is not None:
        for node in focused.ancestors_with_self:
            active.update(getattr(node, "SCOPES", ()))
    return frozenset(active)
