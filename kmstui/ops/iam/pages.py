"""Pages as IAM gives them: MaxItems, Marker and IsTruncated."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from kmstui.core.limits import IAM_PAGE
from kmstui.core.spec import Answer
from kmstui.keystore.principals import Tags
from kmstui.ops.call import Call
from kmstui.ops.iam.shapes import tag_list
from kmstui.ops.paging import read_marker, write_marker

T = TypeVar("T")


def cut(
    call: Call, found: Sequence[T], *, place: Callable[[T], str], scope: str = ""
) -> tuple[Sequence[T], Answer]:
    """Return the entries of the page asked for, and the answer's members about the page.

    Args:
        call: The call.
        found: Every entry, in the order of its places.
        place: What tells an entry from the others, and where it stands among them.
        scope: What the listing is of; a marker is of no use elsewhere.

    Raises:
        InvalidMarkerException: The marker was not made by this listing.
    """
    after = read_marker(call, scope)
    start = 0 if after is None else bisect_right(found, after, key=place)
    end = start + call.number("MaxItems", IAM_PAGE)
    rows = found[start:end]
    answer: Answer = {"IsTruncated": end < len(found)}
    if end < len(found):
        answer["Marker"] = write_marker(call, place(rows[-1]), scope)
    return rows, answer


def listed(
    call: Call,
    member: str,
    found: Sequence[T],
    *,
    place: Callable[[T], str],
    show: Callable[[T], object],
    scope: str = "",
) -> Answer:
    """Return a page of one list; arguments and errors are those of :func:`cut`."""
    rows, answer = cut(call, found, place=place, scope=scope)
    return {member: [show(row) for row in rows], **answer}


def tag_page(call: Call, tags: Tags, scope: str) -> Answer:
    """Return a page of tags; they are told apart by where they stand."""
    return listed(
        call,
        "Tags",
        list(enumerate(tag_list(tags))),
        place=lambda entry: f"{entry[0]:02d}",
        show=lambda entry: entry[1],
        scope=scope,
    )
