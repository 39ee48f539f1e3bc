"""Showing the request quotas, which AWS has a service of its own for."""

from __future__ import annotations

from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.ops.call import Call


@operation(
    "kmstui",
    "ShowRequestQuotas",
    doc="Show the request quotas of your account and Region, and what is left of each.",
    answer=(
        Member("Scale", Kind.TEXT, doc="What AWS's rates are multiplied by; 0 while off."),
        Member("Fixed", Kind.BOOLEAN, doc="Whether the command line set it, not the setting."),
        Member("Quotas", Kind.LIST),
    ),
    needs=(),
    while_verifying=True,
)
def show_request_quotas(call: Call) -> Answer:
    """Return every class with its rate a second, its tokens and its refusals."""
    return dict(call.services.control.quotas(call.caller))
