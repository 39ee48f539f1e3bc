"""Moving between views: a stack of drill-downs in each place, and one history over all."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.containers import Container

from kmstui.tui.place import Route, View, open_view, place


@dataclass(slots=True)
class History:
    """The views looked at, as a browser keeps them.

    Attributes:
        routes: Oldest first.
        at: Index of the view shown.
    """

    routes: list[Route] = field(default_factory=list)
    at: int = -1

    def visit(self, route: Route) -> None:
        """Record a view, dropping those that were ahead; the view shown is not recorded twice."""
        if self.at >= 0 and self.routes[self.at] == route:
            return
        self.routes[self.at + 1 :] = [route]
        self.at = len(self.routes) - 1

    def step(self, by: int) -> Route | None:
        """Move back (negative) or forward and return the view there, or None at the end."""
        if not 0 <= self.at + by < len(self.routes):
            return None
        self.at += by
        return self.routes[self.at]

    @property
    def ways(self) -> tuple[bool, bool]:
        """Whether there is an earlier and a later view."""
        return self.at > 0, self.at + 1 < len(self.routes)


class Stage(Container):
    """Holds the views; exactly one shows."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self._stacks: dict[str, list[View]] = {}
        self._roots: dict[Route, View] = {}
        self._place = ""

    @property
    def current(self) -> View | None:
        """The view shown."""
        stack = self._stacks.get(self._place)
        return stack[-1] if stack else None

    @property
    def trail(self) -> tuple[View, ...]:
        """The shown place's stack, its first view first."""
        return tuple(self._stacks.get(self._place, ()))

    @property
    def views(self) -> tuple[View, ...]:
        """Every view there is, shown or not."""
        return tuple(self.query_children(View).results(View))

    async def go(self, route: Route, *, record: bool = True) -> View:
        """Show the view of a route, opening it above its place's stack if it is not in it.

        Raises:
            KeyError: The place or the view does not exist; a mistake of ours.
        """
        spec = place(route.place).views[route.view]
        stack = self._stacks.setdefault(route.place, [])
        found = next((view for view in stack if view.route == route), None)
        if found is not None:
            await self._cut(stack, stack.index(found) + 1)
        elif stack and not spec.root and route.view and await stack[-1].take(route):
            pass
        elif spec.root or not route.view:
            await self._cut(stack, 1)
            stack[:] = [await self._root(route)]
        else:
            if not stack:
                stack.append(await self._root(Route(route.place)))
            stack.append(await self._mount(route))
        self._place = route.place
        self._show(record=record)
        return stack[-1]

    async def switch(self, identity: str) -> View:
        """Show a place as it was left; if it is the one shown, go to its first view."""
        stack = self._stacks.get(identity)
        if not stack or (identity == self._place and len(stack) == 1):
            return await self.go(Route(identity))
        if identity == self._place:
            await self._cut(stack, 1)
        self._place = identity
        self._show(record=True)
        return stack[-1]

    async def back(self) -> bool:
        """Leave a drill-down for the view below it; tell whether there was one."""
        stack = self._stacks.get(self._place, [])
        if len(stack) < 2:
            return False
        await self._cut(stack, len(stack) - 1)
        self._show(record=True)
        return True

    async def step(self, by: int) -> bool:
        """Move through the history; tell whether there was a view to move to."""
        route = self.history.step(by)
        if route is None:
            return False
        await self.go(route, record=False)
        return True

    async def swap(self) -> bool:
        """Show the view looked at before this one; again for this one."""
        routes, at = self.history.routes, self.history.at
        if at < 1:
            return False
        await self.go(routes[at - 1])
        return True

    async def _root(self, route: Route) -> View:
        if route not in self._roots:
            self._roots[route] = await self._mount(route)
        return self._roots[route]

    async def _mount(self, route: Route) -> View:
        view = open_view(route)
        view.display = False
        styles = view.STYLES
        if styles is not None and not self.app.stylesheet.has_source(str(styles), ""):
            self.app.stylesheet.read(styles)
            self.app.stylesheet.reparse()
        await self.mount(view)
        return view

    async def _cut(self, stack: list[View], length: int) -> None:
        for view in stack[length:]:
            await view.remove()
        del stack[length:]

    def _show(self, *, record: bool) -> None:
        current = self.current
        if current is None:
            return
        for view in self.views:
            view.display = view is current
        if record:
            self.history.visit(current.route)
        current.focus_first()
