"""What the keystore's own account may do, and the other accounts in it may not.

It stands where AWS Organizations has the management account: it adds accounts, sees to their
service control policies, and to what concerns the keystore as a whole. The others see themselves.
"""

from __future__ import annotations

from kmstui.core.errors import AccessDeniedException
from kmstui.core.spec import Needs, ResourceKind
from kmstui.ops.call import Call


def own_action(name: str) -> tuple[Needs, ...]:
    """Return the one pair of an operation that has an action of service ``kmstui``.

    What AWS's own actions allow to see, they allow to see here as well; what says nothing about
    keys is open to everyone who is signed in. The rest needs this.
    """
    return (Needs(f"kmstui:{name}", ResourceKind.ACCOUNT, member=""),)


def manages(call: Call, account: str) -> bool:
    """Tell whether a call may be about an account: its own, or any from the keystore's own."""
    return call.caller.account in {account, call.services.keystore.head.account}


def require_managed(call: Call, account: str) -> None:
    """Refuse a call about an account that the caller's has no say over.

    Raises:
        AccessDeniedException: It has none; whether there is such an account is not told.
    """
    if not manages(call, account):
        raise AccessDeniedException(
            "You don't have permissions to access this resource.",
            hint="It belongs to another account of this keystore.",
        )


def require_owner(call: Call) -> None:
    """Refuse what concerns the whole keystore to everybody outside its own account.

    Raises:
        AccessDeniedException: The caller belongs to another account.
    """
    require_managed(call, "")
