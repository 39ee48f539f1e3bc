"""Policy documents that are given to IAM: their form, their size, and whom they name."""

from __future__ import annotations

from collections.abc import Iterable

from kmstui.authz.document import Policy, parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import (
    IamLimitExceededException,
    IamMalformedPolicyDocumentException,
    LimitExceededException,
    MalformedPolicyDocumentException,
)
from kmstui.ops.call import Call


def read_document(text: str, kind: PolicyKind) -> Policy:
    """Return a document, read strictly.

    Raises:
        IamMalformedPolicyDocumentException: It is not a policy of that kind.
        IamLimitExceededException: It is longer than any policy may be.
    """
    try:
        return parse_policy(text, kind)
    except MalformedPolicyDocumentException as error:
        raise IamMalformedPolicyDocumentException(error.message, hint=error.hint) from None
    except LimitExceededException as error:
        raise IamLimitExceededException(error.message) from None


def check_identity(call: Call) -> None:
    """Refuse a PolicyDocument that is not an identity-based policy; see :func:`read_document`."""
    read_document(call.text("PolicyDocument"), PolicyKind.IDENTITY)


def check_trust(call: Call, text: str) -> None:
    """Refuse a role's trust policy that names principals who do not exist.

    Raises:
        IamMalformedPolicyDocumentException: A principal does not exist.
    """
    for statement in read_document(text, PolicyKind.TRUST).statements:
        principals = () if statement.principals is None else statement.principals.aws
        for principal in principals:
            if not call.services.access.exists(principal):
                raise IamMalformedPolicyDocumentException(
                    f'Invalid principal in policy: "AWS":"{principal}"',
                    hint="Create the user or role first, or correct its ARN.",
                )


def size_of(texts: Iterable[str]) -> int:
    """Return the characters of documents as quotas count them: without white space."""
    return sum(len("".join(text.split())) for text in texts)
