"""Creating, describing, listing, disabling and deleting KMS keys."""

from __future__ import annotations

from dataclasses import replace

from kmstui.authz.document import default_key_policy
from kmstui.core.arn import key_arn
from kmstui.core.errors import (
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.limits import (
    KEYS_PER_REGION,
    LIST_KEYS_DEFAULT,
    LIST_KEYS_MAX,
)
from kmstui.core.spec import (
    LIVING_STATES,
    TOGGLE_STATES,
    Answer,
    Kind,
    Member,
    Needs,
    ResourceKind,
    operation,
)
from kmstui.hsm.base import MaterialBinding
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import is_supported
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.guard import check_lockout, check_policy, check_tags, tag_pairs
from kmstui.ops.kms.metadata import key_metadata
from kmstui.ops.paging import page_limit, paged, read_marker


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
    if call.has("XksKeyId") and call.text("Origin") != "EXTERNAL_KEY_STORE":
        raise ValidationException("XksKeyId is valid only for Origin EXTERNAL_KEY_STORE.")
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
    if not is_supported(spec, usage):
        raise UnsupportedOperationException(
            f"KeySpec {spec} with KeyUsage {usage} is not supported.",
            hint="This version makes symmetric encryption keys (SYMMETRIC_DEFAULT).",
        )
    origin = call.text("Origin", "AWS_KMS")
    if origin != "AWS_KMS" or call.has("CustomKeyStoreId"):
        raise UnsupportedOperationException(
            f"Origin {origin} is not supported.",
            hint="This version makes keys whose material comes from its own HSM (AWS_KMS).",
        )


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
    """Create a key with fresh material in the HSM."""
    spec, usage = _spec_of(call), call.text("KeyUsage", "ENCRYPT_DECRYPT")
    _check_supported(call, spec, usage)
    services, caller = call.services, call.caller
    if services.keystore.key_count(caller.account, caller.region) >= KEYS_PER_REGION:
        raise LimitExceededException(f"There are {KEYS_PER_REGION} KMS keys already.")
    multi_region = call.flag("MultiRegion")
    key_id = services.ids.key_id(multi_region=multi_region)
    binding = MaterialBinding(
        account=caller.account,
        key_id=key_id,
        material_id=services.ids.material_id(),
        version=1,
        key_spec=spec,
        key_usage=usage,
        origin="AWS_KMS",
        multi_region=multi_region,
    )
    wrapped = services.hsm.generate(binding)
    material = KeyMaterialRecord(
        binding.material_id, 1, wrapped.token, wrapped.check, call.now, "CURRENT"
    )
    key = KeyRecord(
        account=caller.account,
        region=caller.region,
        key_id=key_id,
        key_spec=spec,
        key_usage=usage,
        origin="AWS_KMS",
        key_manager="CUSTOMER",
        multi_region=multi_region,
        description=call.text("Description"),
        state=KeyState.ENABLED,
        created=call.now,
        materials=(material,),
        tags=tag_pairs(call),
        policy=call.text("Policy", default_key_policy(caller.account)),
    )
    call.writer.put_key(key)
    call.keys["key"] = key
    return {"KeyMetadata": key_metadata(key)}


@operation(
    "kms",
    "DescribeKey",
    doc="Show a key's metadata.",
    members=(m.key_id(), m.GRANT_TOKENS),
    answer=(m.KEY_METADATA,),
    needs=(Needs("kms:DescribeKey", aliases=True),),
    grant="DescribeKey",
    cross_account=True,
    while_verifying=True,
    check=check_grant_tokens,
    logged=("KeyId",),
    errors=m.KEY_ERRORS,
)
def describe_key(call: Call) -> Answer:
    """Return the key's metadata."""
    return {"KeyMetadata": key_metadata(call.key)}


@operation(
    "kms",
    "ListKeys",
    doc="List the keys of the account in this Region.",
    members=(
        m.LIMIT,
        m.MARKER,
        Member(
            "ResourceOwners",
            Kind.LIST,
            minimum=1,
            maximum=2,
            item=Member("ResourceOwner", Kind.TEXT, enum=("SELF", "OTHER_ACCOUNTS_VIA_RAM")),
        ),
    ),
    answer=(Member("Keys", Kind.LIST), m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListKeys", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Limit", "Marker"),
    errors=("DependencyTimeoutException", "KMSInternalException", "InvalidMarkerException"),
)
def list_keys(call: Call) -> Answer:
    """Return a page of key ids and ARNs, in key id order."""
    limit = page_limit(call, LIST_KEYS_DEFAULT, LIST_KEYS_MAX)
    owners = call.items("ResourceOwners") or ["SELF"]
    after = read_marker(call)
    caller = call.caller
    found = (
        call.services.keystore.keys(caller.account, caller.region, after=after, limit=limit + 1)
        if "SELF" in owners
        else []
    )
    return paged(
        call,
        "Keys",
        found,
        limit,
        place=lambda key: key.key_id,
        show=lambda key: {"KeyId": key.key_id, "KeyArn": key.arn},
    )


@operation(
    "kms",
    "EnableKey",
    doc="Make a disabled key usable again.",
    members=(m.key_id(),),
    needs=(Needs("kms:EnableKey"),),
    states=TOGGLE_STATES,
    mutates=True,
    logged=("KeyId",),
    errors=(*m.STATE_ERRORS, "LimitExceededException"),
)
def enable_key(call: Call) -> Answer:
    """Set the key's state to Enabled."""
    call.writer.put_key(replace(call.key, state=KeyState.ENABLED))
    return {}


@operation(
    "kms",
    "DisableKey",
    doc="Stop every cryptographic use of a key; EnableKey undoes it.",
    members=(m.key_id(),),
    needs=(Needs("kms:DisableKey"),),
    states=TOGGLE_STATES,
    mutates=True,
    logged=("KeyId",),
    errors=m.STATE_ERRORS,
)
def disable_key(call: Call) -> Answer:
    """Set the key's state to Disabled."""
    call.writer.put_key(replace(call.key, state=KeyState.DISABLED))
    return {}


@operation(
    "kms",
    "UpdateKeyDescription",
    doc="Replace a key's description.",
    members=(
        m.key_id(),
        Member("Description", Kind.TEXT, required=True, minimum=0, maximum=8192),
    ),
    needs=(Needs("kms:UpdateKeyDescription"),),
    states=LIVING_STATES,
    mutates=True,
    logged=("KeyId", "Description"),
    errors=m.STATE_ERRORS,
)
def update_key_description(call: Call) -> Answer:
    """Set the key's description."""
    call.writer.put_key(replace(call.key, description=call.text("Description")))
    return {}
