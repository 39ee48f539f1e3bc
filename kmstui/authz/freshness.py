"""The condition keys of a request, had its caller just given a code."""

from __future__ import annotations

from kmstui.authz.model import Context, ContextValue


class WithFreshMfa:
    """The condition keys of a request, as they would be had a code just been given.

    Args:
        context: The request's own.
    """

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, key: str, /) -> ContextValue | None:
        """Return a condition key's value, by its name in lower case."""
        if key == "aws:multifactorauthpresent":
            return "true"
        if key == "aws:multifactorauthage":
            return "0"
        return self._context.get(key)
