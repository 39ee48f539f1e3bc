"""Requests that have the right shape and ask for what AWS KMS refuses, by operation.

Source: AWS KMS API Reference, each operation's *Errors*; AWS KMS Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.helpers.bad_inputs import DROP, NOT_FOUND, VALIDATION, Bad
from tests.helpers.engines import ACCOUNT, UNKNOWN_KEY
from tests.helpers.requests import Things

MALFORMED = "MalformedPolicyDocumentException"
TAG = "TagException"
USAGE = "InvalidKeyUsageException"
UNSUPPORTED = "UnsupportedOperationException"
CIPHERTEXT = "InvalidCiphertextException"
TOKEN = "InvalidGrantTokenException"
NAME = "InvalidAliasNameException"
STATE = "KMSInvalidStateException"
NO_STORE = "CustomKeyStoreNotFoundException"

_LOCKOUT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
    f'{{"AWS":"arn:aws:iam::{ACCOUNT}:user/nobody-there"}},"Action":"kms:*","Resource":"*"}}]}}'
)
Cases = Callable[[Things], Iterator[Bad]]


def _bad(label: str, code: str, text: str = "", **changes: Any) -> Bad:
    return Bad(label, changes, code, text)


def _signing_key(things: Things) -> str:
    return things.of("ECC_NIST_P256", "SIGN_VERIFY")


def _mac_key(things: Things) -> str:
    return things.of("HMAC_256", "GENERATE_VERIFY_MAC")


def _policies(things: Things) -> Iterator[Bad]:
    del things
    for label, policy in (
        ("no JSON", "{"),
        ("no object", "[]"),
        ("no statement", '{"Version":"2012-10-17"}'),
        ("no principal", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}'),
        ("unknown effect", '{"Version":"2012-10-17","Statement":[{"Effect":"May"}]}'),
        ("nobody that is there", _LOCKOUT),
    ):
        yield _bad(f"policy: {label}", MALFORMED, Policy=policy)


def _tags(things: Things) -> Iterator[Bad]:
    del things
    twice = [{"TagKey": "a", "TagValue": value} for value in "xy"]
    many = [{"TagKey": f"k{number}", "TagValue": ""} for number in range(51)]
    yield _bad("the same tag twice", TAG, Tags=twice)
    yield _bad("AWS's own tag", TAG, Tags=[{"TagKey": "aws:a", "TagValue": "x"}])
    yield _bad("AWS's own tag in capitals", TAG, Tags=[{"TagKey": "AWS:a", "TagValue": "x"}])
    yield _bad("more tags than a key has", TAG, Tags=many)


def _create_key(things: Things) -> Iterator[Bad]:
    yield from _policies(things)
    yield from _tags(things)
    for spec in ("HMAC_256", "RSA_2048", "ECC_NIST_P256", "ML_DSA_65", "ML_KEM_768"):
        yield _bad(f"{spec} without usage", VALIDATION, "KeyUsage", KeySpec=spec)
    for spec, usage in (
        ("RSA_2048", "KEY_AGREEMENT"),
        ("HMAC_256", "SIGN_VERIFY"),
        ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"),
        ("ECC_SECG_P256K1", "KEY_AGREEMENT"),
        ("ML_KEM_768", "ENCRYPT_DECRYPT"),
    ):
        text = f"KeyUsage {usage} is not compatible with KeySpec {spec}"
        yield _bad(f"{spec} to {usage}", VALIDATION, text, KeySpec=spec, KeyUsage=usage)
    yield _bad("SM2", UNSUPPORTED, KeySpec="SM2", KeyUsage="SIGN_VERIFY")
    yield _bad("ML-KEM-512", UNSUPPORTED, KeySpec="ML_KEM_512", KeyUsage="ENCAPSULATE_DECAPSULATE")
    yield _bad(
        "two specs", VALIDATION, KeySpec="RSA_2048", CustomerMasterKeySpec="SYMMETRIC_DEFAULT"
    )
    yield _bad("an external key of nobody", VALIDATION, XksKeyId="a")


def _alias_names(things: Things) -> Iterator[Bad]:
    del things
    for name in ("nonsense", "alias/", "alias", "Alias/x", "ALIAS/x"):
        yield _bad(f"alias {name!r}", VALIDATION, AliasName=name)


def _create_alias(things: Things) -> Iterator[Bad]:
    yield from _alias_names(things)
    yield _bad("AWS's own alias", NAME, AliasName="alias/aws/x")
    yield _bad("a colon", VALIDATION, AliasName="alias/a:b")
    yield _bad("a name that is taken", "AlreadyExistsException", AliasName="alias/it")


def _update_alias(things: Things) -> Iterator[Bad]:
    yield _bad("an unknown alias", NOT_FOUND, AliasName="alias/nope")
    yield _bad("another kind of key", VALIDATION, TargetKeyId=_mac_key(things))
    yield _bad("another usage", VALIDATION, TargetKeyId=_signing_key(things))


def _delete_alias(things: Things) -> Iterator[Bad]:
    yield from _alias_names(things)
    for name in ("alias/nope", "alias/IT", "alias/it/", "alias/it-", "alias/i"):
        yield _bad(f"alias {name!r}", NOT_FOUND, AliasName=name)


def _using(*usages: str) -> Cases:
    """Return requests that use keys of other kinds, and grant tokens that are none."""

    def cases(things: Things) -> Iterator[Bad]:
        if "SIGN_VERIFY" not in usages:
            yield _bad("a signing key", USAGE, KeyId=_signing_key(things))
        if "GENERATE_VERIFY_MAC" not in usages:
            yield _bad("a MAC key", USAGE, KeyId=_mac_key(things))
        if "ENCRYPT_DECRYPT" not in usages:
            yield _bad("an encryption key", USAGE, KeyId=things.key)
        for token in ("bm9uc2Vuc2U=", "a", "A" * 200):
            yield _bad(f"grant token {token[:9]}", TOKEN, GrantTokens=[token])

    return cases


def _encrypt(things: Things) -> Iterator[Bad]:
    yield from _using("ENCRYPT_DECRYPT")(things)
    for name in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"):
        yield _bad(f"{name} with AES", USAGE, EncryptionAlgorithm=name)


def _decrypt(things: Things) -> Iterator[Bad]:
    last = bytes([things.blob[-1] ^ 1])
    yield _bad("another context", CIPHERTEXT, EncryptionContext={"a": "b"})
    yield _bad("an altered ciphertext", CIPHERTEXT, CiphertextBlob=things.blob[:-1] + last)
    yield _bad("half a ciphertext", CIPHERTEXT, CiphertextBlob=things.blob[:20])
    yield _bad("no ciphertext of ours", CIPHERTEXT, CiphertextBlob=bytes(64))
    yield _bad("more than a ciphertext", CIPHERTEXT, CiphertextBlob=things.blob + b"x")
    yield _bad("another key", "IncorrectKeyException", KeyId=things.other)
    yield _bad("a signing key", USAGE, KeyId=_signing_key(things))


def _reencrypt(things: Things) -> Iterator[Bad]:
    yield _bad("another context", CIPHERTEXT, SourceEncryptionContext={"a": "b"})
    yield _bad("another source", "IncorrectKeyException", SourceKeyId=things.other)
    yield _bad("a signing key", USAGE, DestinationKeyId=_signing_key(things))
    yield _bad("no ciphertext of ours", CIPHERTEXT, CiphertextBlob=bytes(64))
    yield _bad("a token", TOKEN, GrantTokens=["bm9uc2Vuc2U="])


def _data_key(things: Things) -> Iterator[Bad]:
    yield from _using("ENCRYPT_DECRYPT")(things)
    yield _bad("spec and number", VALIDATION, KeySpec="AES_256", NumberOfBytes=32)
    yield _bad("neither", VALIDATION, KeySpec=DROP, NumberOfBytes=DROP)


def _data_pair(things: Things) -> Iterator[Bad]:
    yield from _using("ENCRYPT_DECRYPT")(things)
    yield _bad("SM2", UNSUPPORTED, KeyPairSpec="SM2")


def _random(things: Things) -> Iterator[Bad]:
    del things
    yield _bad("no number", VALIDATION, NumberOfBytes=DROP)
    yield _bad("an unknown store", NO_STORE, CustomKeyStoreId="cks-1234567890abcdef0")


def _sign(things: Things) -> Iterator[Bad]:
    yield from _using("SIGN_VERIFY")(things)
    for name in ("RSASSA_PSS_SHA_256", "ECDSA_SHA_384", "ML_DSA_SHAKE_256", "SM2DSA"):
        yield _bad(f"{name} with P-256", USAGE, SigningAlgorithm=name)
    for size in (1, 20, 31, 33, 64):
        yield _bad(
            f"{size} bytes of digest", VALIDATION, Message=bytes(size), MessageType="DIGEST"
        )
    yield _bad("a representative", VALIDATION, Message=bytes(64), MessageType="EXTERNAL_MU")


def _verify(things: Things) -> Iterator[Bad]:
    yield from _sign(things)
    for signature in (b"x", bytes(64), b"\x30\x06\x02\x01\x01\x02\x01\x01"):
        label = f"signature {signature[:4].hex()}"
        yield _bad(label, "KMSInvalidSignatureException", Signature=signature)
    yield _bad("another message", "KMSInvalidSignatureException", Message=b"another")


def _mac(things: Things) -> Iterator[Bad]:
    yield from _using("GENERATE_VERIFY_MAC")(things)
    for name in ("HMAC_SHA_224", "HMAC_SHA_384", "HMAC_SHA_512"):
        yield _bad(f"{name} with HMAC_256", USAGE, MacAlgorithm=name)


def _verify_mac(things: Things) -> Iterator[Bad]:
    yield from _mac(things)
    for mac in (b"x", bytes(32), bytes(33)):
        yield _bad(f"{len(mac)} bytes of MAC", "KMSInvalidMacException", Mac=mac)
    yield _bad("another message", "KMSInvalidMacException", Message=b"another")


def _agree(things: Things) -> Iterator[Bad]:
    yield from _using("KEY_AGREEMENT")(things)
    for peer in (b"x", bytes(91), b"\x30\x00"):
        yield _bad(f"peer {peer[:3].hex()}", VALIDATION, PublicKey=peer)


def _encapsulate(things: Things) -> Iterator[Bad]:
    yield from _using("ENCAPSULATE_DECAPSULATE")(things)


def _decapsulate(things: Things) -> Iterator[Bad]:
    yield from _encapsulate(things)
    for size in (1, 768, 1087, 1089, 1568):
        blob = bytes(size)
        yield _bad(f"{size} bytes", CIPHERTEXT, SharedSecretCiphertextBlob=blob)


def _public_key(things: Things) -> Iterator[Bad]:
    yield _bad("an encryption key", UNSUPPORTED, KeyId=things.key)
    yield _bad("a MAC key", UNSUPPORTED, KeyId=_mac_key(things))
    yield _bad("a token", TOKEN, GrantTokens=["bm9uc2Vuc2U="])


def _create_grant(things: Things) -> Iterator[Bad]:
    del things
    yield _bad("no operation", VALIDATION, Operations=[])
    for name in ("Sign", "GenerateMac", "DeriveSharedSecret", "Decapsulate"):
        yield _bad(f"{name} with AES", VALIDATION, Operations=[name])
    yield _bad("no grantee", VALIDATION, GranteePrincipal=DROP)
    yield _bad("two grantees", VALIDATION, GranteeServicePrincipal="rds.amazonaws.com")
    for text in ("nobody", f"arn:aws:iam::{ACCOUNT}:user/nobody-there", "arn:aws:s3:::bucket"):
        yield _bad(f"grantee {text}", "InvalidArnException", GranteePrincipal=text)
    pairs = {f"k{number}": "v" for number in range(9)}
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        yield _bad(f"nine pairs of {name}", VALIDATION, Constraints={name: pairs})
        yield _bad(f"a long value of {name}", VALIDATION, Constraints={name: {"a": "v" * 385}})
    yield _bad("a token", TOKEN, GrantTokens=["bm9uc2Vuc2U="])


def _revoke(things: Things) -> Iterator[Bad]:
    del things
    for grant in ("a", "0" * 64, "nonsense"):
        yield _bad(f"grant {grant[:9]}", "InvalidGrantIdException", GrantId=grant)


def _retire(things: Things) -> Iterator[Bad]:
    yield from _revoke(things)
    yield _bad("neither", VALIDATION, KeyId=DROP, GrantId=DROP)
    yield _bad("a token", TOKEN, GrantToken="bm9uc2Vuc2U=", KeyId=DROP, GrantId=DROP)


def _schedule(things: Things) -> Iterator[Bad]:
    del things
    for days in (1, 6, 31, 365):
        yield _bad(f"{days} days", VALIDATION, PendingWindowInDays=days)


def _policy_name(things: Things) -> Iterator[Bad]:
    yield _bad("an unknown policy", NOT_FOUND, PolicyName="other")
    yield _bad("no policy of RAM's", NOT_FOUND, PolicyName="AWS_RAM", KeyId=things.key)


def _put_policy(things: Things) -> Iterator[Bad]:
    yield from _policies(things)
    yield _bad("RAM's policy", VALIDATION, PolicyName="AWS_RAM")


def _rotation(things: Things) -> Iterator[Bad]:
    for label, key in (("a signing key", _signing_key(things)), ("a MAC key", _mac_key(things))):
        yield _bad(label, UNSUPPORTED, KeyId=key)


def _enable_rotation(things: Things) -> Iterator[Bad]:
    yield from _rotation(things)
    yield _bad("imported material", UNSUPPORTED, "EXTERNAL", KeyId=things.imported())


def _not_imported(things: Things) -> Iterator[Bad]:
    for label, key in (("an own key", things.key), ("a MAC key", _mac_key(things))):
        yield _bad(label, UNSUPPORTED, "origin is AWS_KMS", KeyId=key)


def _import_parameters(things: Things) -> Iterator[Bad]:
    yield from _not_imported(things)
    yield _bad("a withdrawn algorithm", UNSUPPORTED, WrappingAlgorithm="RSAES_PKCS1_V1_5")
    yield _bad("SM2", UNSUPPORTED, WrappingAlgorithm="SM2PKE", WrappingKeySpec="SM2")


def _import(things: Things) -> Iterator[Bad]:
    yield from _not_imported(things)
    yield _bad("no token of ours", "InvalidImportTokenException", ImportToken=bytes(100))
    yield _bad("material under no key", CIPHERTEXT, EncryptedKeyMaterial=bytes(256))
    yield _bad("no date", VALIDATION, ExpirationModel="KEY_MATERIAL_EXPIRES")
    yield _bad("no model, no date", VALIDATION, ExpirationModel=DROP)


def _cancel(things: Things) -> Iterator[Bad]:
    yield _bad("nothing scheduled", STATE, "is not pending deletion.", KeyId=things.key)


def _untag(things: Things) -> Iterator[Bad]:
    del things
    yield _bad("AWS's own tag", TAG, TagKeys=["aws:a"])


def _retirable(things: Things) -> Iterator[Bad]:
    del things
    yield _bad("nobody", VALIDATION, RetiringPrincipal=DROP)
    yield _bad("no principal", "InvalidArnException", RetiringPrincipal="nobody")
    yield _bad(
        "a service's filter", VALIDATION, RetiringPrincipal=DROP, RetiringServicePrincipal="a.b.c"
    )


def _grants(things: Things) -> Iterator[Bad]:
    yield from _revoke(things)
    yield _bad("a service's filter", VALIDATION, GranteeServicePrincipal="rds.amazonaws.com")


def _describe(things: Things) -> Iterator[Bad]:
    del things
    yield _bad("a token", TOKEN, GrantTokens=["bm9uc2Vuc2U="])
    yield _bad("an unknown key", NOT_FOUND, KeyId=UNKNOWN_KEY)


def _store(things: Things) -> Iterator[Bad]:
    """Return ids of custom key stores that are none: unknown, misspelt, of another kind."""
    there: str = things.store()["CustomKeyStoreId"]
    for store in (
        "cks-1234567890abcdef0",
        "cks-0",
        "cks-",
        "nonsense",
        "alias/it",
        "cellar",
        UNKNOWN_KEY,
        there.upper(),
        there[:-1],
        f"{there}0",
        f" {there}",
        f"{there}\n",
        "\u202e",
    ):
        yield _bad(f"store {store!r}", NO_STORE, CustomKeyStoreId=store)


def _delete_store(things: Things) -> Iterator[Bad]:
    yield from _store(things)
    busy = things.store(connected=True)
    yield _bad("a connected store", "CustomKeyStoreInvalidStateException", **busy)


def _update_store(things: Things) -> Iterator[Bad]:
    yield from _store(things)
    yield _bad("nothing to change", VALIDATION, NewCustomKeyStoreName=DROP)
    yield _bad("an external key store's member", VALIDATION, XksProxyUriPath="/kms/xks/v1")
    cluster = "cluster-234567abcdef"
    yield _bad("another cluster", "CloudHsmClusterNotFoundException", CloudHsmClusterId=cluster)


def _create_store(things: Things) -> Iterator[Bad]:
    del things
    for name in ("CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword"):
        yield _bad(f"no {name}", VALIDATION, f"{name} is required", **{name: DROP})
    yield _bad("an external key store's member", VALIDATION, XksProxyUriPath="/kms/xks/v1")
    yield _bad("another type", VALIDATION, CustomKeyStoreType="EXTERNAL_KEY_STORE")
    cluster = "cluster-234567abcdef"
    yield _bad("another cluster", "CloudHsmClusterNotFoundException", CloudHsmClusterId=cluster)
    anchor = "-----BEGIN CERTIFICATE-----"
    yield _bad("another anchor", "IncorrectTrustAnchorException", TrustAnchorCertificate=anchor)


SEMANTIC: dict[str, Cases] = {
    "CancelKeyDeletion": _cancel,
    "ConnectCustomKeyStore": _store,
    "CreateAlias": _create_alias,
    "CreateCustomKeyStore": _create_store,
    "CreateGrant": _create_grant,
    "CreateKey": _create_key,
    "Decapsulate": _decapsulate,
    "Decrypt": _decrypt,
    "DeleteAlias": _delete_alias,
    "DeleteCustomKeyStore": _delete_store,
    "DeleteImportedKeyMaterial": _not_imported,
    "DeriveSharedSecret": _agree,
    "DescribeKey": _describe,
    "DisableKeyRotation": _enable_rotation,
    "DisconnectCustomKeyStore": _store,
    "EnableKeyRotation": _enable_rotation,
    "Encapsulate": _encapsulate,
    "Encrypt": _encrypt,
    "GenerateDataKey": _data_key,
    "GenerateDataKeyPair": _data_pair,
    "GenerateDataKeyPairWithoutPlaintext": _data_pair,
    "GenerateDataKeyWithoutPlaintext": _data_key,
    "GenerateMac": _mac,
    "GenerateRandom": _random,
    "GetKeyPolicy": _policy_name,
    "GetParametersForImport": _import_parameters,
    "GetPublicKey": _public_key,
    "ImportKeyMaterial": _import,
    "ListGrants": _grants,
    "ListRetirableGrants": _retirable,
    "PutKeyPolicy": _put_policy,
    "ReEncrypt": _reencrypt,
    "RetireGrant": _retire,
    "RevokeGrant": _revoke,
    "RotateKeyOnDemand": _rotation,
    "ScheduleKeyDeletion": _schedule,
    "Sign": _sign,
    "TagResource": _tags,
    "UntagResource": _untag,
    "UpdateAlias": _update_alias,
    "UpdateCustomKeyStore": _update_store,
    "Verify": _verify,
    "VerifyMac": _verify_mac,
}
"""What an operation refuses beyond the shape; the rest refuse nothing else but identifiers."""


def semantic(name: str, things: Things) -> list[Bad]:
    """Return the requests of an operation of AWS's; none for others."""
    service, _, operation = name.partition(":")
    cases = SEMANTIC.get(operation) if service == "kms" else None
    return [] if cases is None else list(cases(things))
