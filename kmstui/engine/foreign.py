"""Refusals that tell nothing about another account's keys, not even whether they exist.

Source: AWS KMS Developer Guide, *Troubleshooting key access*; texts as callers have reported them.
"""

from __future__ import annotations

from typing import Final

from kmstui.core.errors import AccessDeniedException
from kmstui.core.spec import Needs
from kmstui.ops.call import Call

_WHY: Final = (
    "because the resource does not exist in this Region, no resource-based policies allow "
    "access, or a resource-based policy explicitly denies access"
)


def is_foreign(call: Call, account: str) -> bool:
    """Tell whether something belongs to another account than the caller, who is no service."""
    return call.standing.principal.account not in {"", account}


def foreign_text(call: Call, needs: Needs) -> str:
    """Return the text for a key of another account, which may be there or not."""
    implied = needs.blob and not call.has(needs.member)
    what = "the resource associated with this ciphertext" if implied else "this resource"
    return f"User: {call.caller.arn} is not authorized to perform: {needs.action} on {what} {_WHY}"


def foreign_refusal(call: Call, needs: Needs) -> AccessDeniedException:
    """Return the refusal of a call on a key of another account, which may be there or not."""
    if needs.blob and not call.has(needs.member):
        hint = "The ciphertext's key is in another Region or account, or has been deleted."
    else:
        hint = "A key in another account needs its owner's key policy to let you in."
    return AccessDeniedException(foreign_text(call, needs), hint=hint)
