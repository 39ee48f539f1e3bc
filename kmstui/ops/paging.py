"""Pages of a listing and the sealed markers between them.

A marker is opaque and authenticated: it is bound to the operation, the account, the Region and
the listing's own parameters, so one listing's marker is of no use in another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar

from kmstui.core import canonical
from kmstui.core.errors import InvalidMarkerException, ValidationException
from kmstui.core.spec import Answer
from kmstui.hsm.base import Purpose
from kmstui.ops.call import Call

_TAG = 16

T = TypeVar("T")


def page_limit(call: Call, default: int, greatest: int) -> int:
    """Return the page size asked for.

    Raises:
        ValidationException: Limit is above the operation's own maximum.
    """
    limit = call.number("Limit", default)
    if limit > greatest:
        raise ValidationException(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value less than or equal to {greatest}"
        )
    return limit


def read_marker(call: Call, scope: str = "") -> str | None:
    """Return where the listing goes on, or ``None`` for its start.

    Raises:
        InvalidMarkerException: The marker was not made by this listing.
    """
    if not call.has("Marker"):
        return None
    try:
        raw = base64.urlsafe_b64decode(call.text("Marker").encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidMarkerException("The marker is not valid.") from None
    tag, place = raw[:_TAG], raw[_TAG:]
    full = call.services.hsm.mac(Purpose.PAGE_TOKEN, _bound(call, scope, place))
    if not hmac.compare_digest(full[:_TAG], tag):
        raise InvalidMarkerException("The marker is not valid.")
    return place.decode()


def write_marker(call: Call, place: str, scope: str = "") -> str:
    """Return the marker of the page that starts after ``place``."""
    raw = place.encode()
    tag = call.services.hsm.mac(Purpose.PAGE_TOKEN, _bound(call, scope, raw))[:_TAG]
    return base64.urlsafe_b64encode(tag + raw).decode()


def paged(
    call: Call,
    name: str,
    found: Sequence[T],
    limit: int,
    *,
    place: Callable[[T], str],
    show: Callable[[T], object],
    scope: str = "",
) -> Answer:
    """Return a page from what was found, of which one more than ``limit`` was asked for."""
    rows = found[:limit]
    answer: Answer = {name: [show(row) for row in rows], "Truncated": len(found) > limit}
    if len(found) > limit:
        answer["NextMarker"] = write_marker(call, place(rows[-1]), scope)
    return answer


def _bound(call: Call, scope: str, place: bytes) -> bytes:
    caller = call.caller
    return canonical.encode(call.spec.full_name, caller.account, caller.region, scope, place)
