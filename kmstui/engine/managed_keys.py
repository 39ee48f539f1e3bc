"""AWS managed keys: ``alias/aws/<service>``, made when their service first needs them.

They rotate every year, and nobody can change that.

Source: AWS KMS Developer Guide, *AWS managed keys* and *Viewing the key policy of an AWS managed
key*.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from kmstui.core import strictjson
from kmstui.core.arn import AWS_ALIAS_PREFIX, root_arn
from kmstui.core.limits import ROTATION_PERIOD_DAYS
from kmstui.core.strictjson import JsonValue
from kmstui.engine.core import Core
from kmstui.hsm.base import MaterialBinding
from kmstui.keystore import AliasRecord
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.trail.event import service_event

SERVICES: Final = {
    "acm": "acm",
    "dynamodb": "dynamodb",
    "ebs": "ec2",
    "elasticfilesystem": "elasticfilesystem",
    "es": "es",
    "glue": "glue",
    "kinesisvideo": "kinesisvideo",
    "lambda": "lambda",
    "rds": "rds",
    "redshift": "redshift",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "ssm": "ssm",
    "xray": "xray",
}
"""From what follows ``alias/aws/`` to the service that uses the key."""

_USE: Final[tuple[str, ...]] = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
    "kms:DescribeKey",
)


def service_of(alias: str) -> str:
    """Return the service whose key an alias names; empty if it is no such alias."""
    return SERVICES.get(alias.removeprefix(AWS_ALIAS_PREFIX), "")


def managed_key_policy(account: str, region: str, service: str) -> str:
    """Return the policy of an AWS managed key: its service may use it, the account may look."""
    document: JsonValue = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Sid": f"Allow access through {service} for all principals in the account that "
                f"are authorized to use {service}",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": list(_USE),
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": f"{service}.{region}.amazonaws.com",
                    }
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": root_arn(account)},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }
    return strictjson.dumps(document).decode()


def planned_key(core: Core, account: str, region: str, alias: str) -> KeyRecord:
    """Return the key of an AWS service as it will be, without key material: nothing is made.

    Args:
        core: Where; the lock is held.
        account: Whose key.
        region: In which Region.
        alias: Such as ``alias/aws/ebs``.
    """
    service = service_of(alias)
    return KeyRecord(
        account=account,
        region=region,
        key_id=core.host.ids.key_id(multi_region=False),
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        key_manager="AWS",
        multi_region=False,
        description=f"Default key that protects {service} data when no other key is defined",
        state=KeyState.ENABLED,
        created=core.now(),
        materials=(),
        aliases=(alias,),
        policy=managed_key_policy(account, region, service),
        rotation_period_days=ROTATION_PERIOD_DAYS,
        next_rotation=core.now() + timedelta(days=ROTATION_PERIOD_DAYS),
    )


def make_managed_key(core: Core, planned: KeyRecord) -> KeyRecord:
    """Make the key of an AWS service, with its alias and the event that records it.

    Args:
        core: Where; the lock is held.
        planned: The key, as :func:`planned_key` answers it.

    Raises:
        KmsError: It cannot be stored; nothing was changed.
    """
    now, ids, (alias,) = core.now(), core.host.ids, planned.aliases
    binding = MaterialBinding(
        account=planned.account,
        key_id=planned.key_id,
        material_id=ids.material_id(),
        version=1,
        key_spec=planned.key_spec,
        key_usage=planned.key_usage,
        origin=planned.origin,
        multi_region=False,
    )
    wrapped = core.hsm.generate(binding)
    material = KeyMaterialRecord(
        binding.material_id, 1, wrapped.token, wrapped.check, now, "CURRENT"
    )
    key = replace(planned, materials=(material,))
    event_id = ids.uuid()
    event = service_event(
        event_id=event_id,
        when=now,
        name="CreateKey",
        region=key.region,
        account=key.account,
        details={"KeyId": key.key_id, "AliasName": alias},
        resources=(key.arn,),
    )
    with core.keystore.begin() as changes:
        changes.put_key(key)
        changes.put_alias(AliasRecord(key.account, key.region, alias, key.key_id, now, now))
        core.commit(changes, event_id, event)
    return key
