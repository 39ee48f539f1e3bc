"""Key policies to begin with, each for one purpose, made of a few values.

Source: AWS KMS Developer Guide, *Default key policy*; AWS Key Management Service Best Practices.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kmstui.authz.document import CURRENT_VERSION
from kmstui.authz.guardrail import MFA_SECONDS
from kmstui.core.arn import root_arn
from kmstui.core.errors import ValidationException
from kmstui.core.strictjson import JsonValue

Item = dict[str, JsonValue]

_ADMINISTRATION: Final = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:Delete*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:ImportKeyMaterial",
    "kms:List*",
    "kms:Put*",
    "kms:ReplicateKey",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
)
_CONTEXT_USES: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_USES: Final = {
    "ENCRYPT_DECRYPT": _CONTEXT_USES,
    "SIGN_VERIFY": ("kms:GetPublicKey", "kms:Sign", "kms:Verify"),
    "GENERATE_VERIFY_MAC": ("kms:GenerateMac", "kms:VerifyMac"),
    "KEY_AGREEMENT": ("kms:DeriveSharedSecret", "kms:GetPublicKey"),
}
_CRITICAL: Final = (
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)
_DENIED: Final = (
    "kms:CreateGrant",
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:GenerateMac",
    "kms:ReEncrypt*",
    "kms:Sign",
    "kms:Verify*",
)


class Blank(Enum):
    """What a template asks for beside the account."""

    PRINCIPALS = "principals"
    SERVICE = "service"
    CONTEXT = "encryption context"


@dataclass(frozen=True, slots=True)
class Values:
    """What a template is filled with.

    Attributes:
        account: The key's account.
        principals: ARNs of users and roles.
        service: A service as ``kms:ViaService`` names it, such as ``ec2.us-east-1.amazonaws.com``.
        context: Pairs that an encryption context must have.
        usage: The key's usage, which decides what its users may call.
    """

    account: str
    principals: tuple[str, ...] = ()
    service: str = ""
    context: tuple[tuple[str, str], ...] = ()
    usage: str = "ENCRYPT_DECRYPT"


@dataclass(frozen=True, slots=True)
class Template:
    """A key policy with blanks.

    Attributes:
        name: For commands and files, such as ``administrators``.
        title: For people.
        about: What it is for, in one sentence.
        blanks: What it asks for.
        make: Makes its statements.
    """

    name: str
    title: str
    about: str
    blanks: tuple[Blank, ...]
    make: Callable[[Values], tuple[Item, ...]]

    def missing(self, values: Values) -> tuple[Blank, ...]:
        """Return the blanks that have no value."""
        filled = {
            Blank.PRINCIPALS: bool(values.principals),
            Blank.SERVICE: bool(values.service),
            Blank.CONTEXT: bool(values.context),
        }
        return tuple(blank for blank in self.blanks if not filled[blank])

    def statements(self, values: Values) -> tuple[str, ...]:
        """Return its statements as JSON, to put into a policy that there is.

        Raises:
            ValidationException: A blank has no value.
        """
        return tuple(_printed(item) for item in self._filled(values))

    def document(self, values: Values) -> str:
        """Return a whole key policy: delegation to the account, and its statements.

        Raises:
            ValidationException: A blank has no value.
        """
        items: list[JsonValue] = [delegation(values.account), *self._filled(values)]
        document: Item = {"Version": CURRENT_VERSION, "Statement": items}
        return _printed(document)

    def _filled(self, values: Values) -> tuple[Item, ...]:
        missing = self.missing(values)
        if missing:
            raise ValidationException(f"The template {self.name} needs {missing[0].value}.")
        return self.make(values)


def delegation(account: str) -> Item:
    """Return the statement that leaves a key to the identity policies of its account."""
    return {
        "Sid": "Enable IAM policies",
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(account)},
        "Action": "kms:*",
        "Resource": "*",
    }


def _administrators(values: Values) -> tuple[Item, ...]:
    allow = _allow("Allow administration", values.principals, _ADMINISTRATION)
    return (allow, *_fresh_code(values))


def _users(values: Values) -> tuple[Item, ...]:
    actions = _USES.get(values.usage, _CONTEXT_USES)
    return (_allow("Allow use", values.principals, ("kms:DescribeKey", *actions)),)


def _service_use(values: Values) -> tuple[Item, ...]:
    through: dict[str, JsonValue] = {
        "kms:CallerAccount": values.account,
        "kms:ViaService": values.service,
    }
    use = _allow("Allow use through the service", values.principals, _CONTEXT_USES)
    use["Condition"] = {"StringEquals": through}
    grants = _allow(
        "Allow grants for resources of the service",
        values.principals,
        ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
    )
    grants["Condition"] = {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": dict(through),
    }
    look = _allow("Allow looking at the key", values.principals, ("kms:DescribeKey",))
    return use, grants, look


def _fresh_code(_: Values) -> tuple[Item, ...]:
    return (
        {
            "Sid": "Deny critical actions without a fresh MFA code",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": list(_CRITICAL),
            "Resource": "*",
            "Condition": {
                "NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": str(MFA_SECONDS)}
            },
        },
    )


def _encryption_context(values: Values) -> tuple[Item, ...]:
    use = _allow("Allow use with the encryption context", values.principals, _CONTEXT_USES)
    pairs: dict[str, JsonValue] = {
        f"kms:EncryptionContext:{name}": _literal(value) for name, value in values.context
    }
    use["Condition"] = {"StringEquals": pairs}
    look = _allow("Allow looking at the key", values.principals, ("kms:DescribeKey",))
    return use, look


def _deny_all_but(values: Values) -> tuple[Item, ...]:
    return (
        {
            "Sid": "Deny use to all others",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": list(_DENIED),
            "Resource": "*",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": _one_or_list(values.principals)}},
        },
    )


def _allow(sid: str, principals: tuple[str, ...], actions: tuple[str, ...]) -> Item:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_list(principals)},
        "Action": _one_or_list(actions),
        "Resource": "*",
    }


def _one_or_list(items: tuple[str, ...]) -> JsonValue:
    return items[0] if len(items) == 1 else list(items)


def _literal(value: str) -> str:
    return value.replace("$", "${$}") if "${" in value else value


def _printed(item: Item) -> str:
    return json.dumps(item, indent=2, ensure_ascii=False)


TEMPLATES: Final = (
    Template(
        "administrators",
        "Administrators",
        "They manage the key with a fresh MFA code and cannot use it.",
        (Blank.PRINCIPALS,),
        _administrators,
    ),
    Template(
        "users",
        "Users",
        "They use the key and cannot manage it.",
        (Blank.PRINCIPALS,),
        _users,
    ),
    Template(
        "service",
        "Service use with grants",
        "They use the key through one service only, which may hold grants for its resources.",
        (Blank.PRINCIPALS, Blank.SERVICE),
        _service_use,
    ),
    Template(
        "mfa",
        "MFA for critical actions",
        "Nobody deletes the key or changes its policy without a code of the last five minutes.",
        (),
        _fresh_code,
    ),
    Template(
        "encryption-context",
        "Encryption context",
        "They use the key only with the pairs that are named.",
        (Blank.PRINCIPALS, Blank.CONTEXT),
        _encryption_context,
    ),
    Template(
        "deny-all-but",
        "Deny all but",
        "Nobody else uses the key, whatever other policies and grants allow.",
        (Blank.PRINCIPALS,),
        _deny_all_but,
    ),
)
"""The templates, in the order in which they are offered."""
