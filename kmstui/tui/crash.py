"""What the console says when it fails: where, and nothing that may hold data.

Textual's own report prints every frame's local variables, which in this program can be a
passphrase or plaintext. Ours names the kind of failure, the place in the source and the last
request; never a message, a local or an argument.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[1]


def places_of(error: BaseException) -> list[str]:
    """List the source positions an error passed through, outermost first.

    Each is ``file:line in function``; files of this package are named from the package, others by
    name alone, so that no home directory shows.
    """
    return [
        f"{_file(frame.filename)}:{frame.lineno} in {frame.name}"
        for frame in traceback.StackSummary.extract(
            traceback.walk_tb(error.__traceback__), lookup_lines=False
        )
    ]


def chain(error: BaseException) -> list[BaseException]:
    """List an error and what led to it, the root last."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        wrapped = getattr(current, "error", None)
        current = (
            wrapped
            if isinstance(wrapped, BaseException)
            else current.__cause__ or current.__context__
        )
    return found


def report(error: BaseException | None, request_id: str = "") -> str:
    """Write the text printed after the terminal has been restored.

    Args:
        error: What was raised; None if Textual did not say.
        request_id: Id of the last engine call, to find it in the trail.
    """
    lines = ["kmstui stopped because of a mistake of its own. The keystore is closed and whole."]
    for each in chain(error) if error is not None else ():
        lines.append(f"  {type(each).__module__}.{type(each).__qualname__}")
        lines += [f"    at {place}" for place in places_of(each)]
    if request_id:
        lines.append(f"  last request {request_id}")
    lines.append("Nothing of what was on the screen is in this report; it is safe to pass on.")
    return "\n".join(lines)


def _file(name: str) -> str:
    path = Path(name)
    if path.is_relative_to(_SOURCE):
        return f"kmstui/{path.relative_to(_SOURCE)}"
    return path.name
