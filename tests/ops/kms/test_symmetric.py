"""Encrypt, Decrypt and ReEncrypt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.engines import (
    OTHER_ACCOUNT,
    OTHER_REGION,
    ROOT,
    UNKNOWN_KEY,
    Bench,
    alias_arn_of,
    arn_of,
)

WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."
DRY_RUN = "The request would have succeeded, but the DryRun option is set."


def encrypt(bench: Bench, key: str, plaintext: bytes = b"plain", **members: Any) -> bytes:
    """Return a ciphertext."""
    blob: bytes = bench.call("Encrypt", members, KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
    return blob


@pytest.mark.parametrize("size", [1, 15, 16, 17, 4095, 4096])
def test_what_is_encrypted_is_decrypted(bench: Bench, size: int) -> None:
    """Every size up to 4,096 bytes comes back, with the key's ARN and material."""
    key, plaintext = bench.key("alias/k"), bytes(range(256)) * 16
    answer = bench.call("Encrypt", KeyId="alias/k", Plaintext=plaintext[:size])
    assert set(answer) == {"CiphertextBlob", "KeyId", "EncryptionAlgorithm"}
    assert answer["KeyId"] == arn_of(key)
    assert answer["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert len(answer["CiphertextBlob"]) <= 6144
    assert bench.call("Decrypt", CiphertextBlob=answer["CiphertextBlob"]) == {
        "KeyId": arn_of(key),
        "Plaintext": plaintext[:size],
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": bench.record(key).current.material_id,
    }


def test_two_encryptions_differ(bench: Bench) -> None:
    """The same plaintext never gives the same ciphertext."""
    key = bench.key()
    assert len({encrypt(bench, key) for _ in range(20)}) == 20


CONTEXT = {"tenant": "a", "Stage": "prod"}
OTHER_CONTEXTS = [
    {},
    {"tenant": "a"},
    {"tenant": "b", "Stage": "prod"},
    {"Tenant": "a", "Stage": "prod"},
    {"tenant": "A", "Stage": "prod"},
    {"tenant": "a", "Stage": "prod", "more": ""},
    {"Stage": "a", "tenant": "prod"},
    {"tenantS": "a", "tage": "prod"},
    {"tenant": "aStage", "": "prod"},
    {"tenant": "a ", "Stage": "prod"},
]


@pytest.mark.parametrize("context", OTHER_CONTEXTS)
def test_another_context_does_not_decrypt(bench: Bench, context: dict[str, str]) -> None:
    """Any other context, shifted bytes included, is an invalid ciphertext with an empty text."""
    blob = encrypt(bench, bench.key(), EncryptionContext=CONTEXT)
    error = bench.refusal("Decrypt", CiphertextBlob=blob, EncryptionContext=context)
    assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_the_order_of_a_context_does_not_matter(bench: Bench) -> None:
    """A context is a set of pairs; none is the same as an empty one."""
    key = bench.key()
    blob = encrypt(bench, key, EncryptionContext=CONTEXT)
    backwards = dict(reversed(CONTEXT.items()))
    bench.call("Decrypt", CiphertextBlob=blob, EncryptionContext=backwards)
    bench.call("Decrypt", CiphertextBlob=encrypt(bench, key), EncryptionContext={})
    bench.call("Decrypt", CiphertextBlob=encrypt(bench, key, EncryptionContext={}))


def test_contexts_are_text_exactly_as_given(bench: Bench) -> None:
    """Two spellings that look the same are two contexts."""
    composed, decomposed = {"name": "\u00e9"}, {"name": "e\u0301"}
    blob = encrypt(bench, bench.key(), EncryptionContext=composed)
    bench.call("Decrypt", CiphertextBlob=blob, EncryptionContext=composed)
    error = bench.refusal("Decrypt", CiphertextBlob=blob, EncryptionContext=decomposed)
    assert error.code == "InvalidCiphertextException"
    assert bench.last_event()["requestParameters"]["encryptionContext"] == decomposed


def test_a_context_has_a_greatest_size(bench: Bench) -> None:
    """4,096 bytes of keys and values are accepted, one more is refused."""
    key = bench.key()
    encrypt(bench, key, EncryptionContext={"k": "é" * 2047 + "a"})
    context = {"k": "é" * 2048}
    error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x", EncryptionContext=context)
    assert (error.code, error.message) == (
        "ValidationException",
        "The encryption context is longer than 4096 bytes.",
    )


def test_every_changed_byte_is_noticed(bench: Bench) -> None:
    """A ciphertext with one bit changed never decrypts, and every refusal is a modelled one."""
    blob = encrypt(bench, bench.key())
    codes = set()
    for place in range(len(blob)):
        changed = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        codes.add(bench.refusal("Decrypt", CiphertextBlob=changed).code)
    assert codes <= {"InvalidCiphertextException", "AccessDeniedException"}


@pytest.mark.parametrize("blob", [b"x", b"\x00" * 200, b"AQICAH" + b"A" * 100, b"\xff" * 6144])
@pytest.mark.parametrize("named", [False, True])
def test_garbage_is_an_invalid_ciphertext(bench: Bench, blob: bytes, named: bool) -> None:
    """With or without a key named, and with an empty text."""
    members = {"KeyId": bench.key()} if named else {}
    error = bench.refusal("Decrypt", members, CiphertextBlob=blob)
    assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_the_named_key_must_be_the_ciphertexts(bench: Bench) -> None:
    """Id, ARN and alias of the right key decrypt; those of another give IncorrectKey."""
    key, other = bench.key("alias/k"), bench.key("alias/o")
    blob = encrypt(bench, key)
    for name in (key, arn_of(key), "alias/k", alias_arn_of("alias/k")):
        assert bench.call("Decrypt", CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"plain"
    for name in (other, arn_of(other), "alias/o"):
        error = bench.refusal("Decrypt", CiphertextBlob=blob, KeyId=name)
        assert (error.code, error.message) == ("IncorrectKeyException", WRONG_KEY)
    bench.call("UpdateAlias", AliasName="alias/k", TargetKeyId=other)
    error = bench.refusal("Decrypt", CiphertextBlob=blob, KeyId="alias/k")
    assert error.code == "IncorrectKeyException"


def test_a_ciphertext_whose_key_is_not_here_says_nothing(bench: Bench) -> None:
    """Destroyed, foreign-Region and forbidden keys share the text of a ciphertext's resource."""
    blob = encrypt(bench, bench.key())
    text = (
        f"User: {ROOT} is not authorized to perform: kms:Decrypt on the resource associated with "
        "this ciphertext because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access"
    )
    bench.session = bench.engine.switch_region(bench.session, OTHER_REGION)
    error = bench.refusal("Decrypt", CiphertextBlob=blob)
    assert (error.code, error.message) == ("AccessDeniedException", text)


@pytest.mark.parametrize("operation", ["Encrypt", "DescribeKey", "GenerateDataKey"])
def test_keys_of_other_accounts_say_nothing(bench: Bench, operation: str) -> None:
    """A foreign key that is not here gives AWS's cross-account text."""
    members: dict[str, dict[str, Any]] = {
        "Encrypt": {"Plaintext": b"x"},
        "GenerateDataKey": {"KeySpec": "AES_256"},
    }
    for name in (
        arn_of(UNKNOWN_KEY, account=OTHER_ACCOUNT),
        alias_arn_of("alias/a", account=OTHER_ACCOUNT),
    ):
        error = bench.refusal(operation, members.get(operation, {}), KeyId=name)
        assert (error.code, error.message) == (
            "AccessDeniedException",
            (
                f"User: {ROOT} is not authorized to perform: kms:{operation} on this resource "
                "because the resource does not exist in this Region, no resource-based policies "
                "allow access, or a resource-based policy explicitly denies access"
            ),
        )


@pytest.mark.parametrize(
    ("member", "action"), [("SourceKeyId", "ReEncryptFrom"), ("DestinationKeyId", "ReEncryptTo")]
)
def test_reencrypt_names_the_permission_that_is_missing(
    bench: Bench, member: str, action: str
) -> None:
    """There is no action kms:ReEncrypt; a foreign key is refused for the one it needs."""
    key = bench.key()
    request = {"CiphertextBlob": encrypt(bench, key), "SourceKeyId": key, "DestinationKeyId": key}
    foreign = {member: arn_of(UNKNOWN_KEY, account=OTHER_ACCOUNT)}
    assert (
        f"perform: kms:{action} on this" in bench.refusal("ReEncrypt", request | foreign).message
    )


@pytest.mark.parametrize("same", [False, True])
def test_reencrypt_moves_a_ciphertext(bench: Bench, same: bool) -> None:
    """Key and context change without the plaintext showing; source and destination may be one."""
    source = bench.key()
    destination = source if same else bench.key("alias/d")
    blob = encrypt(bench, source, EncryptionContext={"a": "1"})
    answer = bench.call(
        "ReEncrypt",
        CiphertextBlob=blob,
        SourceEncryptionContext={"a": "1"},
        SourceKeyId=source,
        DestinationKeyId=arn_of(destination),
        DestinationEncryptionContext={"b": "2"},
    )
    moved = answer.pop("CiphertextBlob")
    assert answer == {
        "SourceKeyId": arn_of(source),
        "KeyId": arn_of(destination),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": bench.record(source).current.material_id,
        "DestinationKeyMaterialId": bench.record(destination).current.material_id,
    }
    opened = bench.call("Decrypt", CiphertextBlob=moved, EncryptionContext={"b": "2"})
    assert (opened["KeyId"], opened["Plaintext"]) == (arn_of(destination), b"plain")
    arns = [resource["ARN"] for resource in bench.events()[-2]["resources"]]
    assert arns == list(dict.fromkeys((arn_of(source), arn_of(destination))))


def test_reencrypt_refuses_what_decrypt_refuses(bench: Bench) -> None:
    """A wrong source key, a wrong context and garbage have Decrypt's codes and texts."""
    key, other = bench.key(), bench.key()
    request = {"CiphertextBlob": encrypt(bench, key), "DestinationKeyId": other}
    error = bench.refusal("ReEncrypt", request, SourceKeyId=other)
    assert (error.code, error.message) == ("IncorrectKeyException", WRONG_KEY)
    for changes in (
        {"SourceEncryptionContext": {"a": "b"}},
        {"CiphertextBlob": b"garbage"},
        {"CiphertextBlob": b"garbage", "SourceKeyId": key},
    ):
        error = bench.refusal("ReEncrypt", {**request, **changes})
        assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_a_dry_run_checks_everything_and_does_nothing(bench: Bench) -> None:
    """Success is an error of its own; any other problem comes first."""
    key = bench.key()
    blob = encrypt(bench, key)
    requests: list[tuple[str, dict[str, Any]]] = [
        ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key}),
    ]
    for name, request in requests:
        error = bench.refusal(name, request, DryRun=True)
        assert (error.code, error.message) == ("DryRunOperationException", DRY_RUN)
        assert bench.last_event()["errorCode"] == "DryRunOperationException"
        bench.call(name, request, DryRun=False)
    error = bench.refusal("Decrypt", CiphertextBlob=blob[:-1], DryRun=True)
    assert error.code == "InvalidCiphertextException"
    bench.call("DisableKey", KeyId=key)
    for name, request in requests:
        assert bench.refusal(name, request, DryRun=True).code == "DisabledException"


@pytest.mark.parametrize("blob", [None, b"garbage"])
def test_a_dry_run_may_ignore_the_ciphertext(bench: Bench, blob: bytes | None) -> None:
    """With IGNORE_CIPHERTEXT only authorisation and the key are checked."""
    key = bench.key("alias/k")
    ignoring = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"], "CiphertextBlob": blob}
    error = bench.refusal("Decrypt", ignoring, KeyId="alias/k")
    assert error.code == "DryRunOperationException"
    both = {"SourceKeyId": key, "DestinationKeyId": key}
    assert bench.refusal("ReEncrypt", ignoring, **both).code == "DryRunOperationException"
    bench.call("DisableKey", KeyId=key)
    assert bench.refusal("Decrypt", ignoring, KeyId="alias/k").code == "DisabledException"


def test_ignoring_the_ciphertext_has_conditions(bench: Bench) -> None:
    """It needs DryRun and a named key; without it a ciphertext is needed."""
    key = bench.key()
    for members in (
        {"DryRunModifiers": ["IGNORE_CIPHERTEXT"], "KeyId": key},
        {"DryRunModifiers": ["IGNORE_CIPHERTEXT"], "DryRun": True},
        {"KeyId": key},
        {"KeyId": key, "DryRun": True},
    ):
        assert bench.refusal("Decrypt", members).code == "ValidationException"
    text = "Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null"
    assert text in bench.refusal("Decrypt", KeyId=key).message


@pytest.mark.parametrize("operation", ["Encrypt", "Decrypt", "ReEncrypt"])
def test_algorithms_of_other_specs_are_incompatible(bench: Bench, operation: str) -> None:
    """A symmetric key refuses an RSA algorithm, in each place that takes one."""
    key = bench.key()
    blob = encrypt(bench, key)
    requests: dict[str, dict[str, Any]] = {
        "Encrypt": {"KeyId": key, "Plaintext": b"x"},
        "Decrypt": {"CiphertextBlob": blob},
        "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": key},
    }
    members = {
        "ReEncrypt": ("SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm"),
    }.get(operation, ("EncryptionAlgorithm",))
    text = "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT."
    for member in members:
        error = bench.refusal(operation, requests[operation], **{member: "RSAES_OAEP_SHA_256"})
        assert (error.code, error.message) == ("InvalidKeyUsageException", text)


@pytest.mark.parametrize("operation", ["Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey"])
def test_grant_tokens_of_nobody_are_refused(bench: Bench, operation: str) -> None:
    """There are no grants, so no token is valid; the trail does not show it."""
    key = bench.key()
    requests: dict[str, dict[str, Any]] = {
        "Encrypt": {"KeyId": key, "Plaintext": b"x"},
        "Decrypt": {"CiphertextBlob": b"x"},
        "ReEncrypt": {"CiphertextBlob": b"x", "DestinationKeyId": key},
        "GenerateDataKey": {"KeyId": key, "KeySpec": "AES_256"},
    }
    error = bench.refusal(operation, requests[operation], GrantTokens=["canary-token"])
    assert error.code == "InvalidGrantTokenException"
    assert "canary-token" not in str(bench.last_event())
