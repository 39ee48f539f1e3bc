"""What CreateGrant refuses: combinations, constraints and principals that no grant can have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from kmstui.authz.grants import no_wider
from kmstui.authz.model import GrantFacts
from kmstui.core.arn import PARTITION, Arn, is_account
from kmstui.core.errors import (
    AccessDeniedException,
    InvalidArnException,
    ValidationException,
)
from kmstui.core.limits import GRANT_CONSTRAINT_CHARACTERS, GRANT_CONSTRAINT_PAIRS
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.grant_facts import grant_facts
from kmstui.ops.kms.grant_tokens import check_grant_tokens

EQUALS, SUBSET, SOURCE = "EncryptionContextEquals", "EncryptionContextSubset", "SourceArn"
SYMMETRIC: Final = "SYMMETRIC_DEFAULT"

_EVERYWHERE = frozenset({"CreateGrant", "RetireGrant", "DescribeKey"})
_RECODING = frozenset({"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"})
_DATA_KEYS = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    }
)
_OF_USAGE: Final[Mapping[str, frozenset[str]]] = {
    "ENCRYPT_DECRYPT": _RECODING | {"GetPublicKey"},
    "SIGN_VERIFY": frozenset({"Sign", "Verify", "GetPublicKey"}),
    "KEY_AGREEMENT": frozenset({"DeriveSharedSecret", "GetPublicKey"}),
    "ENCAPSULATE_DECAPSULATE": frozenset({"Encapsulate", "Decapsulate", "GetPublicKey"}),
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
}

_PRINCIPAL = re.compile(
    r"root|user/[\w+=,.@/-]+|role/[\w+=,.@/-]+"
    r"|assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+",
    re.ASCII,
)
_SERVICE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){2,}", re.ASCII)


def grantable(key: KeyRecord) -> frozenset[str]:
    """Return the operations that a grant on a key can allow, by the key's type."""
    if key.key_spec == SYMMETRIC:
        return _EVERYWHERE | _RECODING | _DATA_KEYS
    return _EVERYWHERE | _OF_USAGE[key.key_usage]


def constraints(call: Call) -> Mapping[str, Any]:
    """Return the request's constraints by name; absent ones are not there."""
    given: Mapping[str, Any] = call.request.get("Constraints") or {}
    return {name: value for name, value in given.items() if value is not None}


def check_request(call: Call) -> None:
    """Refuse combinations of members that make no grant.

    Raises:
        InvalidGrantTokenException: A grant token is not valid.
        ValidationException: Anything else.
    """
    check_grant_tokens(call)
    if not call.items("Operations"):
        raise ValidationException("A grant must allow at least one operation.")
    check_one_of(call, "GranteePrincipal", "GranteeServicePrincipal", required=True)
    check_one_of(call, "RetiringPrincipal", "RetiringServicePrincipal", required=False)
    given = constraints(call)
    retiring = call.has("RetiringPrincipal") or call.has("RetiringServicePrincipal")
    if call.has("GranteeServicePrincipal") and not (SOURCE in given and retiring):
        raise ValidationException(
            "A grant for GranteeServicePrincipal needs a SourceArn constraint and a retiring "
            "principal."
        )
    for name in (EQUALS, SUBSET):
        _check_pairs(name, given.get(name) or {})


def check_one_of(call: Call, first: str, second: str, *, required: bool) -> None:
    """Refuse two members together, and none of them where one is needed.

    Raises:
        ValidationException: They are not as they must be.
    """
    verb = "must" if required else "can"
    if call.has(first) + call.has(second) not in ({1} if required else {0, 1}):
        raise ValidationException(f"You {verb} specify either {first} or {second}, but not both.")


def _check_pairs(name: str, pairs: Mapping[str, str]) -> None:
    if len(pairs) > GRANT_CONSTRAINT_PAIRS:
        raise ValidationException(f"{name} has more than {GRANT_CONSTRAINT_PAIRS} pairs.")
    if any(len(value) > GRANT_CONSTRAINT_CHARACTERS for value in pairs.values()):
        raise ValidationException(
            f"A value of {name} is longer than {GRANT_CONSTRAINT_CHARACTERS} characters."
        )


def check_key(call: Call, key: KeyRecord) -> None:
    """Refuse operations and constraints that do not fit the type of the key.

    Raises:
        ValidationException: They do not.
    """
    foreign = [name for name in call.items("Operations") if name not in grantable(key)]
    if foreign:
        raise ValidationException(
            f"{key.arn} does not support {', '.join(dict.fromkeys(foreign))} in a grant."
        )
    given = constraints(call)
    if key.key_spec != SYMMETRIC and (EQUALS in given or SUBSET in given):
        raise ValidationException(
            "EncryptionContext is supported only when creating a grant for a symmetric "
            "encryption KMS key."
        )


def check_principals(call: Call) -> None:
    """Refuse principals that are none, and those of accounts held here that do not exist.

    A service may also be named where a principal is, by a service: that is how AWS services make
    grants for themselves.

    Raises:
        InvalidArnException: A member names no principal.
    """
    for name in ("GranteePrincipal", "RetiringPrincipal"):
        text = call.text(name)
        if not text or (call.standing.acting is not None and _SERVICE.fullmatch(text)):
            continue
        if principal_account(text) is None or not call.services.access.exists(text):
            raise InvalidArnException(
                f"ARN does not refer to a valid principal: {text}",
                hint="Name an account's root, a user, a role or a session of a role.",
            )


def principal_account(text: str) -> str | None:
    """Return the account of a principal that a grant can name; ``None`` for anything else."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    service = "sts" if arn.resource.startswith(("assumed-role/", "federated-user/")) else "iam"
    sound = (
        arn.partition == PARTITION
        and arn.service == service
        and not arn.region
        and is_account(arn.account)
        and _PRINCIPAL.fullmatch(arn.resource)
    )
    return arn.account if sound else None


def check_parent(call: Call, key: KeyRecord, child: GrantFacts) -> None:
    """Refuse a grant wider than the one that alone lets the caller make it.

    Raises:
        AccessDeniedException: It is wider than every grant that the permission may come from.
    """
    decision = call.decisions["key"]
    if not decision.grant_id:
        return
    keystore, place = call.services.keystore, (key.account, key.region, key.key_id)
    parent = keystore.grant(*place, decision.grant_id)
    grants = () if parent is None else keystore.grants_for(*place, parent.grantee)
    source = "" if parent is None else parent.source_arn
    usable = [
        grant_facts(grant)
        for grant in grants
        if "CreateGrant" in grant.operations and grant.source_arn in {"", source}
    ]
    if not any(no_wider(child, each) for each in usable):
        raise AccessDeniedException(
            f"User: {call.caller.arn} is not authorized to perform: kms:CreateGrant on resource: "
            f"{key.arn} because the grant that allows the kms:CreateGrant action allows less",
            hint="A grant made through another has some of its operations and its constraints.",
        )
