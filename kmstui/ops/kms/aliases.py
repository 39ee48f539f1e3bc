"""Aliases: friendly names that point to keys, per account and Region."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmstui.core.arn import AWS_ALIAS_PREFIX, KeyIdentifier, check_alias_name
from kmstui.core.errors import (
    AlreadyExistsException,
    InvalidAliasNameException,
    LimitExceededException,
    NotFoundException,
    ValidationException,
)
from kmstui.core.limits import ALIASES_PER_KEY, LIST_ALIASES_DEFAULT, LIST_ALIASES_MAX
from kmstui.core.spec import (
    LIVING_STATES,
    Answer,
    Needs,
    ResourceKind,
    operation,
)
from kmstui.keystore.records import AliasRecord, KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.paging import page_limit, paged, read_marker


def _check_name(call: Call) -> None:
    name = call.text("AliasName")
    check_alias_name(name)
    target = call.text("TargetKeyId")
    if target.startswith("alias/") or ":alias/" in target:
        raise ValidationException("Aliases must refer to keys. Not aliases")


def _check_new_name(call: Call) -> None:
    _check_name(call)
    name = call.text("AliasName")
    if name.startswith(AWS_ALIAS_PREFIX):
        raise InvalidAliasNameException(
            f"{name} is reserved for AWS managed keys.",
            hint="Choose a name that does not begin with alias/aws/.",
        )


def _add(key: KeyRecord, name: str) -> KeyRecord:
    if len(key.aliases) >= ALIASES_PER_KEY:
        raise LimitExceededException(f"{key.arn} already has {ALIASES_PER_KEY} aliases.")
    return replace(key, aliases=tuple(sorted((*key.aliases, name))))


def _without(key: KeyRecord, name: str) -> KeyRecord:
    return replace(key, aliases=tuple(alias for alias in key.aliases if alias != name))


def _existing(call: Call) -> AliasRecord:
    """Return the named alias; the pipeline has already found that it exists."""
    name, caller = call.text("AliasName"), call.caller
    alias = call.services.keystore.alias(caller.account, caller.region, name)
    if alias is None:
        raise NotFoundException(f"Alias {call.alias_arns['alias']} is not found.")
    return alias


@operation(
    "kms",
    "CreateAlias",
    doc="Give a key a name.",
    members=(
        m.alias_name("The name, beginning with alias/."),
        m.key_id("TargetKeyId", doc="The key; not an alias."),
    ),
    needs=(
        Needs("kms:CreateAlias", ResourceKind.ALIAS, member="AliasName", role="alias"),
        Needs("kms:CreateAlias", member="TargetKeyId"),
    ),
    states=LIVING_STATES,
    mutates=True,
    check=_check_new_name,
    logged=("AliasName", "TargetKeyId"),
    errors=(
        "DependencyTimeoutException",
        "AlreadyExistsException",
        "NotFoundException",
        "InvalidAliasNameException",
        "KMSInternalException",
        "LimitExceededException",
        "KMSInvalidStateException",
    ),
)
def create_alias(call: Call) -> Answer:
    """Store the alias and list it with its key."""
    name, caller = call.text("AliasName"), call.caller
    if call.services.keystore.alias(caller.account, caller.region, name) is not None:
        raise AlreadyExistsException(
            f"An alias with the name {call.alias_arns['alias']} already exists"
        )
    call.writer.put_key(_add(call.key, name))
    call.writer.put_alias(
        AliasRecord(
            caller.account,
            caller.region,
            name,
            call.key.key_id,
            created=call.now,
            updated=call.now,
        )
    )
    return {}


@operation(
    "kms",
    "UpdateAlias",
    doc="Point an alias at another key of the same type and usage.",
    members=(
        m.alias_name("The alias to move."),
        m.key_id("TargetKeyId", doc="The new key; not an alias."),
    ),
    needs=(
        Needs("kms:UpdateAlias", ResourceKind.ALIAS, member="AliasName", role="alias"),
        Needs(
            "kms:UpdateAlias",
            ResourceKind.ALIAS_TARGET,
            member="AliasName",
            role="old",
            stateful=False,
        ),
        Needs("kms:UpdateAlias", member="TargetKeyId"),
    ),
    states=LIVING_STATES,
    mutates=True,
    check=_check_name,
    logged=("AliasName", "TargetKeyId"),
    errors=(
        "DependencyTimeoutException",
        "NotFoundException",
        "KMSInternalException",
        "LimitExceededException",
        "KMSInvalidStateException",
    ),
)
def update_alias(call: Call) -> Answer:
    """Move the alias from its old key to the new one."""
    alias, old, new = _existing(call), call.keys["old"], call.key
    if (old.key_usage, _family(old)) != (new.key_usage, _family(new)):
        raise ValidationException(
            f"Alias {alias.name} cannot be moved: both keys must have the same type and usage."
        )
    if old.key_id != new.key_id:
        call.writer.put_key(_without(old, alias.name))
        call.writer.put_key(_add(new, alias.name))
    call.writer.put_alias(replace(alias, key_id=new.key_id, updated=call.now))
    return {}


def _family(key: KeyRecord) -> str:
    if key.key_spec == "SYMMETRIC_DEFAULT":
        return "symmetric"
    return "hmac" if key.key_spec.startswith("HMAC") else "asymmetric"


@operation(
    "kms",
    "DeleteAlias",
    doc="Delete an alias; its key is untouched.",
    members=(m.alias_name("The alias to delete."),),
    needs=(
        Needs("kms:DeleteAlias", ResourceKind.ALIAS, member="AliasName", role="alias"),
        Needs("kms:DeleteAlias", ResourceKind.ALIAS_TARGET, member="AliasName"),
    ),
    mutates=True,
    critical=True,
    check=_check_name,
    logged=("AliasName",),
    errors=(
        "DependencyTimeoutException",
        "NotFoundException",
        "KMSInternalException",
        "KMSInvalidStateException",
    ),
)
def delete_alias(call: Call) -> Answer:
    """Drop the alias and its entry with the key."""
    alias = _existing(call)
    call.writer.delete_alias(alias.account, alias.region, alias.name)
    call.writer.put_key(_without(call.key, alias.name))
    return {}


@operation(
    "kms",
    "ListAliases",
    doc="List aliases, of the Region or of one key.",
    members=(m.key_id(required=False), m.LIMIT, m.MARKER),
    answer=(answers.ALIASES, m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListAliases", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("KeyId", "Limit", "Marker"),
    errors=(
        "DependencyTimeoutException",
        "InvalidMarkerException",
        "KMSInternalException",
        "InvalidArnException",
        "NotFoundException",
    ),
)
def list_aliases(call: Call) -> Answer:
    """Return a page of aliases."""
    limit = page_limit(call, LIST_ALIASES_DEFAULT, LIST_ALIASES_MAX)
    if call.has("KeyId"):
        return _aliases_of_key(call, limit)
    caller = call.caller
    found = call.services.keystore.aliases(
        caller.account, caller.region, after=read_marker(call), limit=limit + 1
    )
    return paged(call, "Aliases", found, limit, place=lambda alias: alias.row_id, show=_entry)


def _aliases_of_key(call: Call, limit: int) -> Answer:
    caller, keystore = call.caller, call.services.keystore
    named = KeyIdentifier.parse(call.text("KeyId"), caller.account, caller.region)
    if named.is_alias:
        raise NotFoundException(f"Invalid keyId '{call.text('KeyId')}'")
    key = keystore.key(named.account, named.region, named.name)
    if key is None:
        raise NotFoundException(f"Key '{named.arn}' does not exist")
    after = read_marker(call, key.arn)
    names = [name for name in key.aliases if after is None or name > after]
    aliases = [keystore.alias(key.account, key.region, name) for name in names[: limit + 1]]
    return paged(
        call,
        "Aliases",
        [alias for alias in aliases if alias is not None],
        limit,
        place=lambda alias: alias.name,
        show=_entry,
        scope=key.arn,
    )


def _entry(alias: AliasRecord) -> dict[str, Any]:
    return {
        "AliasName": alias.name,
        "AliasArn": alias.arn,
        "TargetKeyId": alias.key_id,
        "CreationDate": alias.created,
        "LastUpdatedDate": alias.updated,
    }
