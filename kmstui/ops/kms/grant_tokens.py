"""Grant tokens: opaque texts that name a grant, and that only this keystore can have made.

A token is ``0x01 || nonce16 || account, Region, key id, grant id || HMAC-SHA-256`` in Base64, so
that every token of a grant differs and all of them mean the same. It gives nobody anything: grants
are in force at once here, and whoever shows a token still has to be the grantee.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final
from uuid import UUID

from kmstui.core.errors import InvalidGrantTokenException
from kmstui.hsm.base import Purpose
from kmstui.keystore import GrantRecord
from kmstui.ops.call import Call

_VERSION: Final = b"\x01"
_NONCE: Final = 16
_TAG: Final = 32
_SEPARATOR: Final = "\n"
_PARTS: Final = 4


def make_token(call: Call, grant: GrantRecord) -> str:
    """Return a new token of a grant."""
    # A token is no secret, so a new identifier is enough to tell it from the grant's others.
    nonce = UUID(call.services.ids.uuid()).bytes
    place = (grant.account, grant.region, grant.key_id, grant.grant_id)
    body = _VERSION + nonce + _SEPARATOR.join(place).encode()
    return base64.b64encode(body + call.services.hsm.mac(Purpose.GRANT_TOKEN, body)).decode()


def read_token(call: Call, token: str) -> tuple[str, str, str, str]:
    """Return the account, Region, key id and grant id that a token names.

    Raises:
        InvalidGrantTokenException: This keystore did not make it for this Region.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _invalid() from None
    body, tag = raw[:-_TAG], raw[-_TAG:]
    if body[:1] != _VERSION or base64.b64encode(raw).decode() != token:
        raise _invalid()
    if not call.services.hsm.verify_mac(Purpose.GRANT_TOKEN, body, tag):
        raise _invalid()
    parts = body[1 + _NONCE :].decode().split(_SEPARATOR)
    if len(parts) != _PARTS or parts[1] != call.caller.region:
        raise _invalid()
    account, region, key_id, grant_id = parts
    return account, region, key_id, grant_id


def check_grant_tokens(call: Call) -> None:
    """Refuse a request with a grant token that is not one.

    A token of a grant that has been retired or revoked passes: it is the grant that decides, and
    there is none.

    Raises:
        InvalidGrantTokenException: A token was not made by this keystore for this Region.
    """
    for token in call.items("GrantTokens"):
        read_token(call, token)


def _invalid() -> InvalidGrantTokenException:
    return InvalidGrantTokenException(
        "The grant token is not valid.",
        hint="Give the GrantToken that CreateGrant answered, in the Region that it came from.",
    )
