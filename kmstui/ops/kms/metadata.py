"""KeyMetadata, as CreateKey and DescribeKey answer it.

Source: AWS KMS API Reference, *KeyMetadata*; which fields are present follows recorded answers.
"""

from __future__ import annotations

from typing import Any

from kmstui.core.arn import key_arn
from kmstui.keystore.key_stores import CustomKeyStoreRecord, state_in
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.kms.algorithms import algorithms_of

ALGORITHM_MEMBER = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
"""The member that lists a key's algorithms, by its usage."""


def key_metadata(key: KeyRecord, store: CustomKeyStoreRecord | None = None) -> dict[str, Any]:
    """Return a key's KeyMetadata structure.

    Args:
        key: The key.
        store: The custom key store that it is in.
    """
    state = key.state if store is None else state_in(store, key)
    metadata: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": state is KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": key.key_usage,
        "KeyState": str(state),
    }
    if key.state is KeyState.PENDING_DELETION:
        metadata["DeletionDate"] = key.deletion_date
    metadata |= _expiry(key)
    metadata |= {
        "Origin": key.origin,
        "KeyManager": key.key_manager,
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        ALGORITHM_MEMBER[key.key_usage]: list(algorithms_of(key.key_spec, key.key_usage)),
        "MultiRegion": key.multi_region,
    }
    if key.multi_region:
        metadata["MultiRegionConfiguration"] = multi_region_configuration(key)
    if store is not None:
        metadata["CustomKeyStoreId"] = store.store_id
        if store.cluster_id:
            metadata["CloudHsmClusterId"] = store.cluster_id
    if key.xks_key_id:
        metadata["XksKeyConfiguration"] = {"Id": key.xks_key_id}
    if key.state is KeyState.PENDING_REPLICA_DELETION:
        metadata["PendingDeletionWindowInDays"] = key.pending_window_days
    if (
        store is None
        and key.key_spec == "SYMMETRIC_DEFAULT"
        and any(material.state == "CURRENT" for material in key.materials)
    ):
        metadata["CurrentKeyMaterialId"] = key.current.material_id
    return metadata


def multi_region_configuration(key: KeyRecord) -> dict[str, Any]:
    """Return a multi-Region key's MultiRegionConfiguration structure."""

    def related(region: str) -> dict[str, str]:
        return {"Arn": key_arn(key.account, region, key.key_id), "Region": region}

    return {
        "MultiRegionKeyType": "REPLICA" if key.is_replica else "PRIMARY",
        "PrimaryKey": related(key.primary_region),
        "ReplicaKeys": [related(region) for region in key.replica_regions],
    }


def _expiry(key: KeyRecord) -> dict[str, Any]:
    """Return when imported material expires, first of all, while what encrypts is there."""
    current = next((each for each in key.materials if each.state == "CURRENT"), None)
    if key.origin != "EXTERNAL" or current is None or current.missing:
        return {}
    moments = (each.expires for each in key.materials if each.associated and not each.missing)
    first = min((moment for moment in moments if moment is not None), default=None)
    if first is None:
        return {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": first}
