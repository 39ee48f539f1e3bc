"""Why a change that would allow a call gives away more than the call."""

from __future__ import annotations

from typing import Final

from kmstui.authz.coverage import USE
from kmstui.authz.edits import Edit
from kmstui.authz.model import AccessRequest, Layer, PrincipalType

_OF_ACTIONS: Final = {
    "kms:PutKeyPolicy": "whoever may put the key policy can give every right on the key, itself "
    "included",
    "kms:ScheduleKeyDeletion": "a deleted key takes all that is encrypted under it along",
    "kms:DeleteImportedKeyMaterial": "without its material the key decrypts nothing",
    "kms:ReplicateKey": "a replica has a key policy of its own, which its maker writes",
}
_RIGHTS: Final = ("iam:Put", "iam:Attach", "iam:Create", "iam:Update", "iam:Add", "iam:Set")
_RIGHTS_TAKEN: Final = ("iam:Delete", "iam:Detach", "iam:Deactivate", "iam:Remove")
_BOUNDS: Final = ("kms:GrantOperations", "kms:GranteePrincipal")


def danger(request: AccessRequest, edits: tuple[Edit, ...]) -> str:
    """Return what a person should know before making a change; empty when it is harmless.

    Args:
        request: The call that it would allow.
        edits: The change.
    """
    reasons: list[str] = []
    if request.action in _OF_ACTIONS:
        reasons.append(_OF_ACTIONS[request.action])
    if request.action == "kms:CreateGrant" and not _is_bounded(edits):
        reasons.append(
            "an unbounded CreateGrant lets its caller give any use of the key to anyone"
        )
    if request.action in USE and request.resource == "*":
        reasons.append("it is about every key, those to come too")
    if request.action.startswith(_RIGHTS):
        reasons.append("whoever may change rights can give itself more")
    if request.action.startswith(_RIGHTS_TAKEN):
        reasons.append("it can take away what protects the account")
    layers = {edit.layer for edit in edits}
    if Layer.RESOURCE in layers and _is_foreign(request):
        reasons.append(f"account {request.principal.account} gets a right on this key")
    if Layer.SCP in layers:
        reasons.append("it loosens the guard of the whole account")
    if Layer.BOUNDARY in layers:
        reasons.append("it raises the bound of whoever has this permissions boundary")
    return "; ".join(reasons)


def _is_bounded(edits: tuple[Edit, ...]) -> bool:
    return any(bound in edit.statement for edit in edits for bound in _BOUNDS)


def _is_foreign(request: AccessRequest) -> bool:
    principal = request.principal
    return (
        principal.kind is not PrincipalType.SERVICE
        and principal.account != request.resource_account
    )
