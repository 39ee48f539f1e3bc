"""A request for each operation that succeeds on an enabled key, and what to call with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kmstui.engine.wrapping import wrap_material
from tests.helpers.engines import ACCOUNT, OTHER_REGION, ROOT, Answer, Bench
from tests.helpers.iam_requests import IAM_VALID, make_identities
from tests.helpers.mfa import Phone, enrolled, make_phone

POLICY: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}'
)
_SCP: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)

GRANT: Final[Answer] = {
    "GranteePrincipal": ROOT,
    "RetiringPrincipal": ROOT,
    "Operations": ["Decrypt"],
}

SYMMETRIC: Final = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
"""KeySpec and KeyUsage of most keys."""

PASSWORD: Final = "kmsuser password"
"""The password of a cluster's crypto user."""

IMPORTED: Final = bytes(range(32))
"""The key material that requests import."""


@dataclass(frozen=True, slots=True)
class Things:
    """What requests are about.

    Attributes:
        key: An enabled key with the alias ``alias/it``.
        other: A second key with the alias ``alias/other``.
        blob: A ciphertext under ``key``.
        phone: An MFA device of the root user.
        spare: An MFA device of nobody.
        grant: A grant on ``key``.
        bench: Where they are.
        made: What :meth:`of` and :meth:`answer` have made.
    """

    key: str
    other: str
    blob: bytes
    phone: Phone
    spare: Phone
    grant: str
    bench: Bench
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def of(self, spec: str, usage: str, **members: Any) -> str:
        """Return the id of an enabled key, made when it is asked for the first time.

        Args:
            spec: Its KeySpec.
            usage: Its KeyUsage.
            members: More members of CreateKey.
        """
        wanted = (spec, usage, *sorted(members.items()))
        if wanted not in self.made:
            self.made[wanted] = self.bench.key(KeySpec=spec, KeyUsage=usage, **members)
        key_id: str = self.made[wanted]
        return key_id

    def answer(self, operation: str, **members: Any) -> Answer:
        """Return the answer of a call, made when it is asked for the first time."""
        wanted = (operation, *sorted(members.items()))
        if wanted not in self.made:
            self.made[wanted] = self.bench.call(operation, members)
        answer: Answer = self.made[wanted]
        return answer

    def replicated(self) -> str:
        """Return the id of a multi-Region key that has a replica, made when it is asked for."""
        key = self.of(*SYMMETRIC, MultiRegion=True, Description="replicated")
        self.answer("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
        return key

    def importing(self) -> Answer:
        """Return a request that imports a key's first material; the key is made when asked for."""
        key = self.of(*SYMMETRIC, Origin="EXTERNAL")
        with_key = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
        parameters = self.answer("GetParametersForImport", KeyId=key, **with_key)
        return {
            "KeyId": key,
            "ImportToken": parameters["ImportToken"],
            "EncryptedKeyMaterial": wrap_material(
                parameters["PublicKey"], "RSAES_OAEP_SHA_256", IMPORTED
            ),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }

    def imported(self) -> str:
        """Return the id of an enabled key with imported material, made when asked for."""
        if ("imported",) not in self.made:
            self.bench.call("ImportKeyMaterial", self.importing())
            self.made["imported",] = ""
        return self.of(*SYMMETRIC, Origin="EXTERNAL")

    def cluster(self) -> Answer:
        """Return the answer of making a cluster, made when it is asked for."""
        return self.answer("kmstui:CreateCluster", Password=PASSWORD)

    def key_manager(self) -> Answer:
        """Return the answer of making an external key manager, made when it is asked for."""
        return self.answer("kmstui:CreateKeyManager", Name="vault")

    def key_store(self) -> Answer:
        """Return a request that makes a custom key store of type AWS_CLOUDHSM."""
        cluster = self.cluster()
        return {
            "CustomKeyStoreName": "cellar",
            "CloudHsmClusterId": cluster["ClusterId"],
            "TrustAnchorCertificate": cluster["TrustAnchorCertificate"],
            "KeyStorePassword": PASSWORD,
        }

    def store(self, *, connected: bool = False) -> Answer:
        """Return a member that names a custom key store, made when it is asked for."""
        made = {"CustomKeyStoreId": self.answer("CreateCustomKeyStore", **self.key_store())}
        member = made["CustomKeyStoreId"]
        if connected:
            self.answer("ConnectCustomKeyStore", **member)
        return dict(member)


def make_things(bench: Bench) -> Things:
    """Create what requests are about."""
    make_identities(bench)
    key, other = bench.key("alias/it"), bench.key("alias/other")
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"plaintext")["CiphertextBlob"]
    grant = bench.call("CreateGrant", KeyId=key, **GRANT)["GrantId"]
    return Things(key, other, blob, enrolled(bench), make_phone(bench, "spare"), grant, bench)


def _pair(phone: Phone) -> Answer:
    return {
        "UserName": "root",
        "SerialNumber": phone.serial,
        "AuthenticationCode1": phone.code(),
        "AuthenticationCode2": phone.code(1),
    }


def _signing(things: Things) -> Answer:
    key = things.of("ECC_NIST_P256", "SIGN_VERIFY")
    return {"KeyId": key, "Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"}


def _verifying(things: Things) -> Answer:
    request = _signing(things)
    return {**request, "Signature": things.answer("Sign", **request)["Signature"]}


def _mac(things: Things) -> Answer:
    key = things.of("HMAC_256", "GENERATE_VERIFY_MAC")
    return {"KeyId": key, "Message": b"message", "MacAlgorithm": "HMAC_SHA_256"}


def _agreeing(things: Things) -> Answer:
    key = things.of("ECC_NIST_P256", "KEY_AGREEMENT")
    peer = things.answer("GetPublicKey", KeyId=key)["PublicKey"]
    return {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer}


def _encapsulating(things: Things) -> Answer:
    key = things.of("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    return {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}


def _decapsulating(things: Things) -> Answer:
    request, name = _encapsulating(things), "SharedSecretCiphertextBlob"
    return {**request, name: things.answer("Encapsulate", **request)[name]}


def _always(request: Answer) -> Callable[[Things], Answer]:
    return lambda _: dict(request)


VALID: Final[dict[str, Callable[[Things], Answer]]] = {
    **{f"iam:{name}": _always(request) for name, request in IAM_VALID.items()},
    "kms:CancelKeyDeletion": lambda t: {"KeyId": t.key},
    "kms:ConnectCustomKeyStore": lambda t: t.store(),
    "kms:CreateAlias": lambda t: {"AliasName": "alias/new", "TargetKeyId": t.key},
    "kms:CreateCustomKeyStore": lambda t: t.key_store(),
    "kms:CreateGrant": lambda t: {"KeyId": t.key, **GRANT},
    "kms:CreateKey": lambda _: {"Description": "new"},
    "kms:Decapsulate": _decapsulating,
    "kms:Decrypt": lambda t: {"CiphertextBlob": t.blob},
    "kms:DeleteAlias": lambda _: {"AliasName": "alias/it"},
    "kms:DeleteCustomKeyStore": lambda t: t.store(),
    "kms:DeleteImportedKeyMaterial": lambda t: {"KeyId": t.imported()},
    "kms:DeriveSharedSecret": _agreeing,
    "kms:DescribeCustomKeyStores": lambda _: {},
    "kms:DescribeKey": lambda t: {"KeyId": t.key},
    "kms:DisableKey": lambda t: {"KeyId": t.key},
    "kms:DisableKeyRotation": lambda t: {"KeyId": t.key},
    "kms:DisconnectCustomKeyStore": lambda t: t.store(connected=True),
    "kms:EnableKey": lambda t: {"KeyId": t.key},
    "kms:EnableKeyRotation": lambda t: {"KeyId": t.key, "RotationPeriodInDays": 90},
    "kms:Encapsulate": _encapsulating,
    "kms:Encrypt": lambda t: {"KeyId": t.key, "Plaintext": b"plaintext"},
    "kms:GenerateDataKey": lambda t: {"KeyId": t.key, "KeySpec": "AES_256"},
    "kms:GenerateDataKeyPair": lambda t: {"KeyId": t.key, "KeyPairSpec": "ECC_NIST_P256"},
    "kms:GenerateDataKeyPairWithoutPlaintext": lambda t: {
        "KeyId": t.key,
        "KeyPairSpec": "ML_KEM_768",
    },
    "kms:GenerateDataKeyWithoutPlaintext": lambda t: {"KeyId": t.key, "NumberOfBytes": 24},
    "kms:GenerateMac": _mac,
    "kms:GenerateRandom": lambda _: {"NumberOfBytes": 8},
    "kms:GetKeyLastUsage": lambda t: {"KeyId": t.key},
    "kms:GetKeyPolicy": lambda t: {"KeyId": t.key},
    "kms:GetKeyRotationStatus": lambda t: {"KeyId": t.key},
    "kms:GetParametersForImport": lambda t: {
        "KeyId": t.of(*SYMMETRIC, Origin="EXTERNAL"),
        "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048",
    },
    "kms:GetPublicKey": lambda t: {"KeyId": t.of("ECC_NIST_P256", "SIGN_VERIFY")},
    "kms:ImportKeyMaterial": lambda t: t.importing(),
    "kms:ListAliases": lambda t: {"KeyId": t.key},
    "kms:ListGrants": lambda t: {"KeyId": t.key},
    "kms:ListKeyPolicies": lambda t: {"KeyId": t.key},
    "kms:ListKeyRotations": lambda t: {"KeyId": t.key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"},
    "kms:ListKeys": lambda _: {},
    "kms:ListResourceTags": lambda t: {"KeyId": t.key},
    "kms:ListRetirableGrants": lambda _: {"RetiringPrincipal": ROOT},
    "kms:PutKeyPolicy": lambda t: {"KeyId": t.key, "Policy": POLICY},
    "kms:ReEncrypt": lambda t: {"CiphertextBlob": t.blob, "DestinationKeyId": t.key},
    "kms:ReplicateKey": lambda t: {
        "KeyId": t.of(*SYMMETRIC, MultiRegion=True),
        "ReplicaRegion": OTHER_REGION,
    },
    "kms:RetireGrant": lambda t: {"KeyId": t.key, "GrantId": t.grant},
    "kms:RevokeGrant": lambda t: {"KeyId": t.key, "GrantId": t.grant},
    "kms:RotateKeyOnDemand": lambda t: {"KeyId": t.key},
    "kms:ScheduleKeyDeletion": lambda t: {"KeyId": t.key, "PendingWindowInDays": 7},
    "kms:Sign": _signing,
    "kms:TagResource": lambda t: {"KeyId": t.key, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "kms:UntagResource": lambda t: {"KeyId": t.key, "TagKeys": ["a"]},
    "kms:UpdateAlias": lambda t: {"AliasName": "alias/other", "TargetKeyId": t.key},
    "kms:UpdateCustomKeyStore": lambda t: {**t.store(), "NewCustomKeyStoreName": "attic"},
    "kms:UpdateKeyDescription": lambda t: {"KeyId": t.key, "Description": "words"},
    "kms:UpdatePrimaryRegion": lambda t: {
        "KeyId": t.replicated(),
        "PrimaryRegion": OTHER_REGION,
    },
    "kms:Verify": _verifying,
    "kms:VerifyMac": lambda t: {**_mac(t), "Mac": t.answer("GenerateMac", **_mac(t))["Mac"]},
    "iam:CreateVirtualMFADevice": lambda _: {"VirtualMFADeviceName": "new"},
    "iam:EnableMFADevice": lambda t: _pair(t.spare),
    "iam:ResyncMFADevice": lambda t: _pair(t.phone),
    "iam:DeactivateMFADevice": lambda t: {"UserName": "root", "SerialNumber": t.phone.serial},
    "iam:DeleteVirtualMFADevice": lambda t: {"SerialNumber": t.spare.serial},
    "iam:ListMFADevices": lambda _: {"UserName": "root"},
    "iam:ListVirtualMFADevices": lambda _: {},
    "kmstui:AuthenticateMfa": lambda t: {"TokenCode": t.phone.code()},
    "kmstui:CreateMfaRecoveryCodes": lambda _: {},
    "kmstui:GetMfaStatus": lambda _: {},
    "kmstui:ShowDemoCode": lambda _: {},
    "kmstui:ResetMfa": lambda _: {},
    "sts:AssumeRole": lambda _: {
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy",
        "RoleSessionName": "now",
    },
    "sts:GetCallerIdentity": lambda _: {},
    "sts:GetSessionToken": lambda _: {},
    "kmstui:ActAs": lambda _: {"Service": "ec2.amazonaws.com"},
    "kmstui:CreateAccount": lambda _: {"AccountId": "444455556666", "Name": "partner"},
    "kmstui:CreateOperator": lambda _: {"UserName": "ada"},
    "kmstui:DeleteOperator": lambda _: {"UserName": "ada"},
    "kmstui:DeleteServiceControlPolicy": lambda _: {"PolicyName": "FullAWSAccess"},
    "kmstui:FindStatements": lambda _: {},
    "kmstui:ListAccounts": lambda _: {},
    "kmstui:ListOperators": lambda _: {},
    "kmstui:ListPrincipals": lambda _: {},
    "kmstui:ListServiceControlPolicies": lambda _: {},
    "kmstui:ListSessions": lambda _: {},
    "kmstui:PutServiceControlPolicy": lambda _: {"PolicyName": "extra", "Policy": _SCP},
    "kmstui:SimulateAccess": lambda t: {"Actions": ["kms:Decrypt"], "KeyId": t.key},
    "kmstui:ListKeySummaries": lambda _: {},
    "kmstui:ListAllGrants": lambda _: {},
    "kmstui:CountGrants": lambda t: {"KeyId": t.key, "Principal": ROOT},
    "kmstui:ReadTrail": lambda _: {"Limit": 5},
    "kmstui:GetStatus": lambda _: {},
    "kmstui:GetSettings": lambda _: {},
    "kmstui:ShowRequestQuotas": lambda _: {},
    "kmstui:PutSetting": lambda _: {"Name": "idle-lock-minutes", "Value": "7"},
    "kmstui:SwitchRegion": lambda _: {"Region": "eu-west-1"},
    "kmstui:AdvanceClock": lambda _: {"Seconds": 60},
    "kmstui:CreateCheckpoint": lambda _: {"Name": "one"},
    "kmstui:ListCheckpoints": lambda _: {},
    "kmstui:RestoreCheckpoint": lambda _: {"Name": "one"},
    "kmstui:CreateCluster": lambda _: {"Password": PASSWORD},
    "kmstui:CreateKeyManager": lambda _: {"Name": "vault"},
    "kmstui:DeleteCluster": lambda t: {"ClusterId": t.cluster()["ClusterId"]},
    "kmstui:DeleteKeyManager": lambda t: {"Name": t.key_manager() and "vault"},
    "kmstui:ListClusters": lambda _: {},
    "kmstui:ListKeyStoreSummaries": lambda _: {},
    "kmstui:ListKeyManagers": lambda _: {},
    "kmstui:UpdateCluster": lambda t: {"ClusterId": t.cluster()["ClusterId"], "HsmCount": 3},
    "kmstui:UpdateKeyManager": lambda t: {"Name": t.key_manager() and "vault", "AddKey": "one"},
    "kmstui:ExportBackup": lambda _: {"Destination": "/nonexistent/backup"},
}
"""By full name. CancelKeyDeletion wants a scheduled key, RestoreCheckpoint a checkpoint, ResetMfa
a session of the recovery code."""


def valid(name: str, things: Things) -> dict[str, Any]:
    """Return a request that an enabled key accepts."""
    return VALID[name](things)
