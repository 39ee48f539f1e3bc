"""Recipient: answers that only an attested environment can read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kmstui.core.errors import NotTrainingError
from tests.helpers.attestation import (
    APPLICATION,
    IMAGE,
    MODULE,
    Enclave,
    enclave_key,
    parts,
    recipient,
)
from tests.helpers.engines import Answer, Bench, arn_of
from tests.helpers.people import ALLOWED, EXPLICIT, Cast, allow, delegation, deny, document
from tests.helpers.requests import Things, make_things

INVALID = "The attestation document is not valid."
SETTING = "attestation-test-root"

NAMES: dict[str, tuple[str, Callable[[Things], Answer]]] = {
    "Decrypt": ("Plaintext", lambda t: {"CiphertextBlob": t.blob}),
    "DeriveSharedSecret": (
        "SharedSecret",
        lambda t: {
            "KeyId": t.of("ECC_NIST_P256", "KEY_AGREEMENT"),
            "KeyAgreementAlgorithm": "ECDH",
            "PublicKey": t.answer("GetPublicKey", KeyId=t.of("ECC_NIST_P256", "SIGN_VERIFY"))[
                "PublicKey"
            ],
        },
    ),
    "GenerateDataKey": ("Plaintext", lambda t: {"KeyId": t.key, "KeySpec": "AES_256"}),
    "GenerateDataKeyPair": (
        "PrivateKeyPlaintext",
        lambda t: {"KeyId": t.key, "KeyPairSpec": "ECC_NIST_P256"},
    ),
    "GenerateRandom": ("Plaintext", lambda _: {"NumberOfBytes": 32}),
}


@pytest.fixture
def enclave(training: Bench) -> Enclave:
    """Return an enclave whose documents a training keystore accepts."""
    made = Enclave()
    training.call("kmstui:PutSetting", Name=SETTING, Value=made.root.pem)
    return made


def opened(data: bytes) -> bytes:
    """Return what the enclave makes of an answer."""
    body = parts(parts(parts(data)[0][1])[1][1])[0][1]
    wrapped = parts(parts(parts(body)[1][1])[0][1])[3][1]
    digest = hashes.SHA256()
    key = enclave_key().decrypt(wrapped, OAEP(MGF1(digest), digest, None))
    content = parts(parts(body)[2][1])
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(parts(content[1][1])[1][1])).decryptor()
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(content[2][1]) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


@pytest.mark.parametrize("name", NAMES)
def test_the_plaintext_is_for_the_enclave_alone(
    training: Bench, enclave: Enclave, name: str
) -> None:
    """It is in no member of the answer but the one that the enclave's key opens."""
    member, make = NAMES[name]
    request = make(make_things(training))
    plain = training.call(name, request)
    answer = training.call(name, request, Recipient=recipient(enclave.document()))
    omitted = {member} | ({"KeyMaterialId"} if name in {"Decrypt", "GenerateDataKey"} else set())
    assert set(plain) - omitted | {"CiphertextForRecipient"} == set(answer)
    secret = opened(answer["CiphertextForRecipient"])
    assert not any(secret == value for value in answer.values())
    if name in {"Decrypt", "DeriveSharedSecret"}:
        assert plain[member] == secret
    if name == "GenerateDataKey":
        blob = answer["CiphertextBlob"]
        assert training.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == secret
    if name == "GenerateDataKeyPair":
        blob = answer["PrivateKeyCiphertextBlob"]
        assert training.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == secret


def test_an_rsa_ciphertext_is_opened_for_the_enclave(training: Bench, enclave: Enclave) -> None:
    """Decrypt with an asymmetric key answers in the same way."""
    key = training.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    members = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = training.call("Encrypt", members, Plaintext=b"plain")["CiphertextBlob"]
    given = recipient(enclave.document())
    answer = training.call("Decrypt", members, CiphertextBlob=blob, Recipient=given)
    assert opened(answer.pop("CiphertextForRecipient")) == b"plain"
    assert answer == {"KeyId": arn_of(key), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}


@pytest.mark.parametrize("name", NAMES)
def test_no_document_counts_without_a_root(training: Bench, name: str) -> None:
    """Refused with the text of any other document; the hint names the setting."""
    request = NAMES[name][1](make_things(training))
    error = training.refusal(name, request, Recipient=recipient(Enclave().document()))
    assert (error.code, error.message) == ("ValidationException", INVALID)
    assert SETTING in error.hint


def test_a_document_of_another_root_does_not_count(training: Bench, enclave: Enclave) -> None:
    """Nor a changed one, nor one whose certificates have expired in account time."""
    given = {"NumberOfBytes": 8}
    document = enclave.document()
    changed = document[:-1] + bytes([document[-1] ^ 1])
    for wrong in (Enclave().document(), changed, b"garbage"):
        error = training.refusal("GenerateRandom", given, Recipient=recipient(wrong))
        assert (error.code, error.message) == ("ValidationException", INVALID)
    training.call("GenerateRandom", given, Recipient=recipient(document))
    training.call("kmstui:AdvanceClock", Seconds=int(timedelta(days=2).total_seconds()))
    error = training.refusal("GenerateRandom", given, Recipient=recipient(document))
    assert error.message == INVALID


@pytest.mark.parametrize("member", ["AttestationDocument", "KeyEncryptionAlgorithm"])
def test_half_a_recipient_is_none(training: Bench, enclave: Enclave, member: str) -> None:
    """Document and algorithm belong together."""
    given = recipient(enclave.document())
    del given[member]
    error = training.refusal("GenerateRandom", NumberOfBytes=8, Recipient=given)
    assert error.code == "ValidationException"


def test_production_keystores_have_no_such_root(bench: Bench) -> None:
    """The setting cannot be made there, so that no document ever counts."""
    error = bench.refusal("kmstui:PutSetting", Name=SETTING, Value=Enclave().root.pem)
    assert isinstance(error, NotTrainingError)
    members = {"NumberOfBytes": 8, "Recipient": recipient(Enclave().document())}
    assert bench.refusal("GenerateRandom", members).message == INVALID


def test_the_setting_takes_a_root_certificate(training: Bench) -> None:
    """Nothing else is kept; an empty value takes the root away again."""
    made = Enclave()
    for value in ("nonsense", made.leaf.pem):
        error = training.refusal("kmstui:PutSetting", Name=SETTING, Value=value)
        assert error.code == "ValidationException"
    training.call("kmstui:PutSetting", Name=SETTING, Value=made.root.pem)
    training.call("kmstui:PutSetting", Name=SETTING, Value="")
    members = {"NumberOfBytes": 8, "Recipient": recipient(made.document())}
    assert training.refusal("GenerateRandom", members).message == INVALID


def test_a_dry_run_verifies_the_document(training: Bench, enclave: Enclave) -> None:
    """Success is an error of its own; a document that does not count comes first."""
    members: dict[str, Any] = {"KeyId": training.key(), "KeySpec": "AES_256", "DryRun": True}
    error = training.refusal("GenerateDataKey", members, Recipient=recipient(enclave.document()))
    assert error.code == "DryRunOperationException"
    error = training.refusal("GenerateDataKey", members, Recipient=recipient(b"garbage"))
    assert error.message == INVALID


def test_a_policy_can_ask_for_an_image(training: Bench, enclave: Enclave) -> None:
    """Only the enclave with the right image and application decrypts; nobody else does."""
    cast = Cast(training)
    ada = cast.user("ada", allow("kms:*"))
    measured = {
        "StringNotEqualsIgnoreCase": {
            "kms:RecipientAttestation:ImageSha384": IMAGE.upper(),
            "kms:RecipientAttestation:PCR8": APPLICATION,
        }
    }
    policy = document(delegation(), deny("kms:Decrypt", Principal="*", Condition=measured))
    key = training.key(Policy=policy)
    blob = cast.encrypt(ada, key)

    def decrypting(**given: Any) -> str:
        return cast.outcome(ada, "Decrypt", CiphertextBlob=blob, **given)

    assert decrypting(Recipient=recipient(enclave.document())) == ALLOWED
    assert decrypting() == EXPLICIT
    other = {0: bytes(48), 8: bytes(48)}
    assert decrypting(Recipient=recipient(enclave.document(pcrs=other))) == EXPLICIT


def test_the_trail_names_the_enclave(training: Bench, enclave: Enclave) -> None:
    """Its module and measurements; neither document nor answer."""
    key = training.key()
    given = recipient(enclave.document())
    training.call("GenerateDataKey", KeyId=key, KeySpec="AES_256", Recipient=given)
    event = training.last_event()
    assert event["requestParameters"] == {"keyId": key, "keySpec": "AES_256"}
    assert event["additionalEventData"] == {
        "recipient": {
            "attestationDocumentModuleId": MODULE,
            "attestationDocumentEnclaveImageDigest": IMAGE,
            "attestationDocumentEnclavePCR1": "00" * 48,
            "attestationDocumentEnclavePCR8": APPLICATION,
        }
    }
