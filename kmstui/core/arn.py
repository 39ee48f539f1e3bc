"""Names of things: ARNs, key ids, alias names, principals, and how a request names a key.

Source: AWS KMS Developer Guide, *Key identifiers (KeyId)*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from kmstui.core.errors import NotFoundException, ValidationException

PARTITION = "aws"

ALIAS_PREFIX = "alias/"
AWS_ALIAS_PREFIX = "alias/aws/"

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_MULTI_REGION = re.compile(r"mrk-[0-9a-f]{32}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"([a-z]+-){2,3}\d+", re.ASCII)
_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arn:
    """An Amazon Resource Name, split at its first five colons.

    Attributes:
        partition: Such as ``aws``.
        service: Such as ``kms``.
        region: Such as ``us-east-1``; empty for global services.
        account: Twelve digits; may be empty.
        resource: Everything after the fifth colon.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Return the parts of an ARN.

        Raises:
            ValueError: The text does not have an ARN's six parts.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            message = "not an ARN"
            raise ValueError(message)
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def key_arn(account: str, region: str, key_id: str) -> str:
    """Return the ARN of a KMS key."""
    return f"arn:{PARTITION}:kms:{region}:{account}:key/{key_id}"


def alias_arn(account: str, region: str, name: str) -> str:
    """Return the ARN of an alias; ``name`` includes ``alias/``."""
    return f"arn:{PARTITION}:kms:{region}:{account}:{name}"


def root_arn(account: str) -> str:
    """Return the ARN of an account's root user, which also stands for the account itself."""
    return f"arn:{PARTITION}:iam::{account}:root"


def iam_arn(account: str, resource: str, path: str, name: str) -> str:
    """Return the ARN of an IAM resource: a ``user``, ``group``, ``role``, ``policy`` or ``mfa``.

    ``path`` begins and ends with a slash.
    """
    return f"arn:{PARTITION}:iam::{account}:{resource}{path}{name}"


def is_key_id(text: str) -> bool:
    """Tell whether a text has the form of a key id: a UUID, or ``mrk-`` and 32 hex digits."""
    return bool(_UUID.fullmatch(text) or _MULTI_REGION.fullmatch(text))


def is_multi_region_id(text: str) -> bool:
    """Tell whether a key id is that of a multi-Region key."""
    return bool(_MULTI_REGION.fullmatch(text))


def is_account(text: str) -> bool:
    """Tell whether a text is an account id: twelve ASCII digits."""
    return bool(_ACCOUNT.fullmatch(text))


def is_region(text: str) -> bool:
    """Tell whether a text has the form of a Region's name."""
    return len(text) <= 32 and bool(_REGION.fullmatch(text))


def is_user_name(text: str) -> bool:
    """Tell whether a text can be the name of an IAM user."""
    return bool(_USER_NAME.fullmatch(text))


def check_alias_name(name: str) -> None:
    """Refuse what is not an alias name that a customer may create.

    Raises:
        ValidationException: The prefix is missing, reserved, or a character is not allowed.
    """
    if not name.startswith(ALIAS_PREFIX):
        raise ValidationException(
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if name == ALIAS_PREFIX or not _ALIAS.fullmatch(name):
        raise ValidationException(f"{name} contains invalid characters for an alias")


class IdentifierKind(Enum):
    """The four ways in which a request names a key."""

    KEY_ID = "key id"
    KEY_ARN = "key ARN"
    ALIAS_NAME = "alias name"
    ALIAS_ARN = "alias ARN"


@dataclass(frozen=True, slots=True)
class KeyIdentifier:
    """A key as the caller named it, with the account and Region that it is looked up in.

    Attributes:
        kind: Which of the four forms it has.
        account: From the ARN, else the caller's.
        region: From the ARN, else the caller's.
        name: The bare key id, or the alias name with ``alias/``.
    """

    kind: IdentifierKind
    account: str
    region: str
    name: str

    @property
    def is_alias(self) -> bool:
        """Whether it names an alias."""
        return self.name.startswith(ALIAS_PREFIX)

    @property
    def arn(self) -> str:
        """The ARN of what it names."""
        make = alias_arn if self.is_alias else key_arn
        return make(self.account, self.region, self.name)

    @staticmethod
    @lru_cache(maxsize=4096)
    def parse(text: str, account: str, region: str) -> KeyIdentifier:
        """Return the identifier that a request's KeyId stands for.

        Args:
            text: A key id, key ARN, alias name or alias ARN.
            account: The caller's account.
            region: The Region that is called.

        Raises:
            NotFoundException: It has none of the four forms, or names another Region.
        """
        if text.startswith("arn:"):
            return _parse_arn(text, region)
        if text.startswith(ALIAS_PREFIX):
            return KeyIdentifier(IdentifierKind.ALIAS_NAME, account, region, text)
        if is_key_id(text):
            return KeyIdentifier(IdentifierKind.KEY_ID, account, region, text)
        raise NotFoundException(f"Invalid keyId '{text}'")


def _parse_arn(text: str, region: str) -> KeyIdentifier:
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise NotFoundException(f"Invalid keyId '{text}'") from None
    if arn.partition != PARTITION or arn.service != "kms" or not is_account(arn.account):
        raise NotFoundException(f"Invalid keyId '{text}'")
    if arn.region != region:
        raise NotFoundException(
            f"Invalid arn {arn.region}",
            hint=f"The call went to {region}. Switch to {arn.region} first.",
        )
    if arn.resource.startswith("key/") and is_key_id(arn.resource[4:]):
        return KeyIdentifier(IdentifierKind.KEY_ARN, arn.account, arn.region, arn.resource[4:])
    if arn.resource.startswith(ALIAS_PREFIX):
        return KeyIdentifier(IdentifierKind.ALIAS_ARN, arn.account, arn.region, arn.resource)
    raise NotFoundException(f"Invalid keyId '{text}'")
