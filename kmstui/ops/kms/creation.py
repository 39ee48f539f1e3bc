"""Creating KMS keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from kmstui.authz.document import default_key_policy
from kmstui.core.arn import key_arn
from kmstui.core.errors import (
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.limits import KEYS_PER_REGION
from kmstui.core.spec import Answer, Apart, Kind, Member, Needs, ResourceKind, operation
from kmstui.hsm import algorithms
from kmstui.hsm.base import MaterialBinding, WrappedMaterial
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import UNSUPPORTED_HINTS
from kmstui.ops.kms.guard import check_lockout, check_policy, check_tags, tag_pairs
from kmstui.ops.kms.metadata import key_metadata
from kmstui.ops.kms.stores.keys import check_store_members, fits_store, generate_material
from kmstui.ops.kms.stores.lookup import store_of

_OWN: Final = "AWS_KMS"
_IMPORTED: Final = "EXTERNAL"


def _is_slow(call: Call) -> bool:
    """Tell whether making the key takes more than some milliseconds."""
    row = algorithms.spec(_spec_of(call))
    own = call.text("Origin", _OWN) == _OWN
    return own and row is not None and row.kind == "RSA"


def _check_create(call: Call) -> None:
    """Refuse combinations that no key can have, in the order AWS does."""
    spec = _spec_of(call)
    usage = call.text("KeyUsage")
    if spec != "SYMMETRIC_DEFAULT" and not usage:
        raise ValidationException(
            "You must specify a KeyUsage value for all KMS keys except for symmetric "
            "encryption keys."
        )
    usage = usage or "ENCRYPT_DECRYPT"
    if usage not in m.USAGES_OF_SPEC[spec]:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    check_store_members(call, spec)
    check_tags(call)
    check_policy(call)
    check_lockout(call, key_arn(call.caller.account, call.caller.region, "the-new-key"))


def _spec_of(call: Call) -> str:
    spec = call.text("KeySpec")
    old = call.text("CustomerMasterKeySpec")
    if spec and old:
        raise ValidationException(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    return spec or old or "SYMMETRIC_DEFAULT"


def _check_supported(call: Call, spec: str, usage: str) -> None:
    """Refuse a key that cannot be made here, with the reason."""
    if not algorithms.rows(spec, usage):
        raise UnsupportedOperationException(
            f"KeySpec {spec} with KeyUsage {usage} is not supported.",
            hint=UNSUPPORTED_HINTS.get(spec, "The README lists what there is."),
        )
    if call.text("Origin") == _IMPORTED and not _importable(spec):
        raise UnsupportedOperationException(
            f"KeySpec {spec} is not supported for Origin {_IMPORTED}.",
            hint="Symmetric, HMAC, RSA and ECC keys can have imported key material.",
        )


def _importable(spec: str) -> bool:
    row = algorithms.spec(spec)
    return row is not None and row.importable


def _require_room(call: Call) -> None:
    """Refuse a key too many."""
    caller = call.caller
    if call.services.keystore.key_count(caller.account, caller.region) >= KEYS_PER_REGION:
        raise LimitExceededException(f"There are {KEYS_PER_REGION} KMS keys already.")


def planned_key(call: Call) -> KeyRecord:
    """Return the key that a request of CreateKey asks for, still without key material.

    Raises:
        UnsupportedOperationException: There are no such keys here.
        LimitExceededException: There are too many keys.
    """
    spec, usage = _spec_of(call), call.text("KeyUsage", "ENCRYPT_DECRYPT")
    _check_supported(call, spec, usage)
    caller, origin, multi_region = call.caller, call.text("Origin", _OWN), call.flag("MultiRegion")
    _require_room(call)
    return KeyRecord(
        account=caller.account,
        region=caller.region,
        key_id=call.services.ids.key_id(multi_region=multi_region),
        key_spec=spec,
        key_usage=usage,
        origin=origin,
        key_manager="CUSTOMER",
        multi_region=multi_region,
        description=call.text("Description"),
        state=KeyState.PENDING_IMPORT if origin == _IMPORTED else KeyState.ENABLED,
        created=call.now,
        tags=tag_pairs(call),
        policy=call.text("Policy", default_key_policy(caller.account)),
        primary_region=caller.region if multi_region else "",
        custom_key_store_id=call.text("CustomKeyStoreId"),
        xks_key_id=call.text("XksKeyId"),
    )


def first_material(
    binding: MaterialBinding, wrapped: WrappedMaterial, now: datetime
) -> KeyMaterialRecord:
    """Return the record of a key's first material, which encrypts from now on."""
    return KeyMaterialRecord(
        binding.material_id, binding.version, wrapped.token, wrapped.check, now, "CURRENT"
    )


def _made_key(call: Call) -> KeyRecord:
    """Return the key that a request asks for: with fresh material, or waiting for its import."""
    key = planned_key(call)
    if key.origin == _IMPORTED:
        return key
    binding = MaterialBinding(
        account=key.account,
        key_id=key.key_id,
        material_id=call.services.ids.material_id(),
        version=1,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
    )
    made = first_material(binding, generate_material(call, binding), call.now)
    return replace(key, materials=(made,))


@operation(
    "kms",
    "CreateKey",
    doc="Create a customer managed KMS key.",
    members=(
        m.policy(required=False),
        Member("Description", Kind.TEXT, minimum=0, maximum=8192, default=""),
        Member("KeyUsage", Kind.TEXT, enum=m.KEY_USAGES, default="ENCRYPT_DECRYPT"),
        Member(
            "CustomerMasterKeySpec",
            Kind.TEXT,
            enum=m.CUSTOMER_MASTER_KEY_SPECS,
            default="SYMMETRIC_DEFAULT",
        ),
        Member("KeySpec", Kind.TEXT, enum=m.KEY_SPECS, default="SYMMETRIC_DEFAULT"),
        Member("Origin", Kind.TEXT, enum=m.ORIGINS, default="AWS_KMS"),
        Member("CustomKeyStoreId", Kind.TEXT, minimum=1, maximum=64),
        Member("BypassPolicyLockoutSafetyCheck", Kind.BOOLEAN, default=False, doc=m.BYPASS.doc),
        m.tags(required=False),
        Member("MultiRegion", Kind.BOOLEAN, doc="Whether it can be replicated to other Regions."),
        Member("XksKeyId", Kind.TEXT, minimum=1, maximum=128, pattern="^[a-zA-Z0-9-_.]+$"),
    ),
    answer=(m.KEY_METADATA,),
    needs=(
        Needs("kms:CreateKey", ResourceKind.ACCOUNT, member=""),
        Needs("kms:TagResource", ResourceKind.ACCOUNT, member="", when="Tags"),
    ),
    mutates=True,
    check=_check_create,
    fits=fits_store,
    apart=Apart(wanted=_is_slow, work=_made_key),
    logged=(
        "Description",
        "Origin",
        "KeySpec",
        "CustomerMasterKeySpec",
        "KeyUsage",
        "BypassPolicyLockoutSafetyCheck",
        "MultiRegion",
        "CustomKeyStoreId",
        "Tags",
        "Policy",
    ),
    logged_answer=("KeyMetadata",),
    errors=(
        "MalformedPolicyDocumentException",
        "DependencyTimeoutException",
        "InvalidArnException",
        "UnsupportedOperationException",
        "KMSInternalException",
        "LimitExceededException",
        "TagException",
        "CustomKeyStoreNotFoundException",
        "CustomKeyStoreInvalidStateException",
        "CloudHsmClusterInvalidConfigurationException",
        "XksKeyInvalidConfigurationException",
        "XksKeyAlreadyInUseException",
        "XksKeyNotFoundException",
    ),
)
def create_key(call: Call) -> Answer:
    """Create a key: with fresh material in the HSM, or waiting for its import."""
    if call.made is not None:
        # Others may have created keys while its material was being made.
        _require_room(call)
    key: KeyRecord = call.made or _made_key(call)
    call.writer.put_key(key)
    call.keys["key"] = key
    return {"KeyMetadata": key_metadata(key, store_of(call.services.keystore, key))}
