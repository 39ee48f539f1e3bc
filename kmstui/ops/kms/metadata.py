"""KeyMetadata, as CreateKey and DescribeKey answer it.

Source: AWS KMS API Reference, *KeyMetadata*; which fields are present follows recorded answers.
"""

from __future__ import annotations

from typing import Any

from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.kms.algorithms import algorithms_of

_ALGORITHM_MEMBER = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


def key_metadata(key: KeyRecord) -> dict[str, Any]:
    """Return a key's KeyMetadata structure."""
    metadata: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": key.state is KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": key.key_usage,
        "KeyState": str(key.state),
    }
    if key.state is KeyState.PENDING_DELETION:
        metadata["DeletionDate"] = key.deletion_date
    metadata |= {
        "Origin": key.origin,
        "KeyManager": key.key_manager,
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        _ALGORITHM_MEMBER[key.key_usage]: list(algorithms_of(key.key_spec, key.key_usage)),
        "MultiRegion": key.multi_region,
    }
    if key.multi_region:
        metadata["MultiRegionConfiguration"] = {
            "MultiRegionKeyType": "PRIMARY",
            "PrimaryKey": {"Arn": key.arn, "Region": key.region},
            "ReplicaKeys": [],
        }
    if key.key_spec == "SYMMETRIC_DEFAULT" and key.materials:
        metadata["CurrentKeyMaterialId"] = key.current.material_id
    return metadata
