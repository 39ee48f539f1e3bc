"""Importing key material: parameters, rules, states and what stays the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.engine.wrapping import generate_material, wrap_material
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore.records import KeyState
from tests.helpers.engines import START, Answer, Bench, arn_of
from tests.helpers.imports import FOR_EVER, Importer

DAY = timedelta(days=1)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLAINTEXT = b"plaintext"


@pytest.fixture
def importer(bench: Bench) -> Importer:
    """Return something that imports into keys of a keystore."""
    return Importer(bench)


def state(bench: Bench, key: str) -> str:
    """Return a key's state."""
    return str(bench.record(key).state)


def texts(error: KmsError) -> tuple[str, str]:
    """Return an error's code and message."""
    return error.code, error.message


def test_parameters_are_valid_for_24_hours(importer: Importer) -> None:
    """The answer names the key by its ARN and the end of its validity; the token fits AWS's."""
    key = importer.key()
    answer = importer.parameters(key)
    assert arn_of(key) == answer["KeyId"]
    assert START + DAY == answer["ParametersValidTo"]
    assert len(answer["ImportToken"]) <= 6144


@pytest.mark.parametrize(
    ("spec", "algorithm", "size"),
    [
        ("SYMMETRIC_DEFAULT", "RSAES_PKCS1_V1_5", "RSA_2048"),
        ("SYMMETRIC_DEFAULT", "SM2PKE", "SM2"),
        ("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256", "SM2"),
        ("SYMMETRIC_DEFAULT", "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048"),
        ("HMAC_512", "RSA_AES_KEY_WRAP_SHA_1", "RSA_2048"),
        ("RSA_2048", "RSAES_OAEP_SHA_256", "RSA_4096"),
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_1", "RSA_2048"),
    ],
)
def test_parameters_that_do_not_fit_the_material_are_refused(
    importer: Importer, spec: str, algorithm: str, size: str
) -> None:
    """What AWS took away, has in China only, or does not wrap such material with."""
    error = importer.bench.refusal(
        "GetParametersForImport",
        KeyId=importer.key(spec),
        WrappingAlgorithm=algorithm,
        WrappingKeySpec=size,
    )
    assert error.code == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "name", ["GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"]
)
def test_keys_with_material_of_our_own_are_refused(importer: Importer, name: str) -> None:
    """Nothing is imported into a key that was created with material."""
    key = importer.bench.key()
    request = {
        "GetParametersForImport": {
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        },
        "ImportKeyMaterial": {"ImportToken": b"x", "EncryptedKeyMaterial": b"x", **FOR_EVER},
        "DeleteImportedKeyMaterial": {},
    }[name]
    text = f"{arn_of(key)} origin is AWS_KMS which is not valid for this operation."
    assert ("UnsupportedOperationException", text) == texts(
        importer.bench.refusal(name, request, KeyId=key)
    )


def test_the_first_import_makes_a_key_usable(importer: Importer) -> None:
    """Pending before; enabled after, with a material id and without an expiry."""
    bench, key = importer.bench, importer.key()
    before = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert before["KeyState"] == "PendingImport"
    assert not {"CurrentKeyMaterialId", "ExpirationModel", "ValidTo"} & set(before)
    answer = importer.put(key, OLD)
    after = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert (after["KeyState"], after["Enabled"]) == ("Enabled", True)
    assert answer == {"KeyId": arn_of(key), "KeyMaterialId": after["CurrentKeyMaterialId"]}
    assert after["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    blob = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAINTEXT


def test_an_id_is_computed_from_key_and_material(importer: Importer) -> None:
    """The same bytes have another id, and other ciphertext, in another key."""
    bench, keys = importer.bench, (importer.key(), importer.key())
    ids = [importer.put(key, OLD)["KeyMaterialId"] for key in keys]
    assert ids[0] != ids[1]
    blob = bench.call("Encrypt", KeyId=keys[0], Plaintext=PLAINTEXT)["CiphertextBlob"]
    error = bench.refusal("Decrypt", CiphertextBlob=blob, KeyId=keys[1])
    assert error.code == "IncorrectKeyException"


def test_deleted_material_comes_back_and_decrypts(importer: Importer) -> None:
    """Without its material a key does nothing; with the same material it is what it was."""
    bench, key = importer.bench, importer.key()
    material_id = importer.put(key, OLD, KeyMaterialDescription="from the vault")["KeyMaterialId"]
    blob = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    answer = bench.call("DeleteImportedKeyMaterial", KeyId=key)
    assert answer == {"KeyId": arn_of(key), "KeyMaterialId": material_id}
    found = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert (found["KeyState"], found["CurrentKeyMaterialId"]) == ("PendingImport", material_id)
    assert not {"ExpirationModel", "ValidTo"} & set(found)
    error = bench.refusal("Decrypt", CiphertextBlob=blob)
    assert ("KMSInvalidStateException", f"{arn_of(key)} is pending import.") == texts(error)
    assert bench.call("DeleteImportedKeyMaterial", KeyId=key) == answer
    assert importer.put(key, OLD)["KeyMaterialId"] == material_id
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAINTEXT
    assert bench.record(key).current.description == "from the vault"


def test_other_material_is_refused(importer: Importer) -> None:
    """A key is bound to what was imported: other bytes are refused, and nothing changes."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)
    bench.call("DeleteImportedKeyMaterial", KeyId=key)
    before = bench.record(key)
    assert importer.refused(key, NEW).code == "IncorrectKeyMaterialException"
    assert before == bench.record(key)


@pytest.mark.parametrize("size", [1, 16, 31, 33, 64])
def test_material_of_the_wrong_size_is_refused(importer: Importer, size: int) -> None:
    """A symmetric key takes 32 bytes."""
    key = importer.key()
    code = importer.refused(key, bytes(size)).code
    assert code == "IncorrectKeyMaterialException"
    assert state(importer.bench, key) == "PendingImport"


def test_new_material_waits_for_rotation(importer: Importer) -> None:
    """It is kept beside the current one, which goes on encrypting."""
    bench, key = importer.bench, importer.key()
    first = importer.put(key, OLD)["KeyMaterialId"]
    second = importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert [(first, "CURRENT"), (second, "PENDING_ROTATION")] == [
        (each.material_id, each.state) for each in bench.record(key).materials
    ]
    found = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert (found["CurrentKeyMaterialId"], found["KeyState"]) == (first, "Enabled")
    third = importer.refused(key, bytes(32), ImportType="NEW_KEY_MATERIAL")
    assert third.code == "KMSInvalidStateException"
    assert third.message.startswith("New key material (id: ")
    assert third.message.endswith(
        f") cannot be imported into KMS key {arn_of(key)}, because another key material "
        f"(id: {second}) is pending rotation."
    )


def test_pending_material_is_dropped_without_harm(importer: Importer) -> None:
    """The key stays enabled, forgets that material, and takes another."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)
    pending = importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    answer = bench.call("DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId=pending)
    assert answer["KeyMaterialId"] == pending
    assert state(bench, key) == "Enabled"
    assert len(bench.record(key).materials) == 1
    assert importer.refused(key, NEW).code == "IncorrectKeyMaterialException"
    importer.put(key, bytes(32), ImportType="NEW_KEY_MATERIAL")


def test_a_key_wants_all_of_its_materials_back(importer: Importer) -> None:
    """It stays pending import until every one that ever encrypted is there again."""
    bench, key = importer.bench, importer.key()
    first = importer.put(key, OLD)["KeyMaterialId"]
    blob = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    second = importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    bench.call("RotateKeyOnDemand", KeyId=key)
    bench.engine.maintain()
    assert bench.record(key).current.material_id == second
    for each in (first, second):
        bench.call("DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId=each)
        assert state(bench, key) == "PendingImport"
    importer.put(key, NEW, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=second)
    assert state(bench, key) == "PendingImport"
    importer.put(key, OLD)
    assert state(bench, key) == "Enabled"
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAINTEXT


def test_import_type_and_id_have_to_be_true(importer: Importer) -> None:
    """Known material is not new, unknown material does not exist, and an id names its bytes."""
    key = importer.key()
    existing = {"ImportType": "EXISTING_KEY_MATERIAL"}
    assert importer.refused(key, OLD, **existing).code == "IncorrectKeyMaterialException"
    importer.put(key, OLD, ImportType="NEW_KEY_MATERIAL")
    again = importer.refused(key, OLD, ImportType="NEW_KEY_MATERIAL")
    assert again.code == "IncorrectKeyMaterialException"
    wrong = importer.refused(key, OLD, KeyMaterialId="0" * 64)
    assert wrong.code == "IncorrectKeyMaterialException"
    both = importer.refused(key, OLD, ImportType="NEW_KEY_MATERIAL", KeyMaterialId="0" * 64)
    assert both.code == "ValidationException"
    missing = importer.bench.refusal(
        "DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId="0" * 64
    )
    assert missing.code == "NotFoundException"


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
        ({"ValidTo": START}, "The validTo date must be in the future."),
        (
            {"ValidTo": START + 365 * DAY + timedelta(seconds=1)},
            "The validTo date must be at most 365 days from now.",
        ),
        (
            {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ValidTo": START + DAY},
            "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
    ],
)
def test_expiry_is_in_the_coming_year_or_absent(
    importer: Importer, members: Answer, text: str
) -> None:
    """A date goes with material that expires, and with no other."""
    request: dict[str, Any] = {
        "KeyId": importer.key(),
        "ImportToken": b"token",
        "EncryptedKeyMaterial": b"wrapped",
        **members,
    }
    error = importer.bench.refusal("ImportKeyMaterial", request)
    assert ("ValidationException", text) == texts(error)


def test_expiry_changes_with_the_next_import(importer: Importer) -> None:
    """The same material imported again takes the new date, or none."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    found = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert (found["ExpirationModel"], found["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", START + DAY)
    importer.put(key, OLD)
    found = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert found["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in found


def test_the_first_expiry_of_all_materials_is_shown(importer: Importer) -> None:
    """Of what belongs to the key for good, whichever ends first; what is pending does not."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + 3 * DAY)
    importer.put(key, NEW, expires=START + DAY, ImportType="NEW_KEY_MATERIAL")
    shown = [bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["ValidTo"]]
    bench.call("RotateKeyOnDemand", KeyId=key)
    bench.engine.maintain()
    shown.append(bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["ValidTo"])
    assert [START + 3 * DAY, START + DAY] == shown


@pytest.mark.parametrize("spec", ["HMAC_256", "ECC_NIST_P256"])
def test_other_keys_have_one_material_for_life(importer: Importer, spec: str) -> None:
    """It may go and come back; another is refused, and so is what tells materials apart."""
    bench, key = importer.bench, importer.key(spec)
    material = generate_material(spec)
    assert importer.put(key, material) == {"KeyId": arn_of(key)}
    assert "CurrentKeyMaterialId" not in bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    assert bench.call("DeleteImportedKeyMaterial", KeyId=key) == {"KeyId": arn_of(key)}
    other = importer.refused(key, generate_material(spec))
    assert other.code == "IncorrectKeyMaterialException"
    importer.put(key, material)
    for members in (
        {"ImportType": "NEW_KEY_MATERIAL"},
        {"KeyMaterialDescription": "words"},
        {"KeyMaterialId": "0" * 64},
    ):
        error = importer.refused(key, material, **members)
        assert error.code == "UnsupportedOperationException"
    assert state(bench, key) == "Enabled"


def test_a_disabled_key_takes_material_and_stays_disabled(importer: Importer) -> None:
    """What was disabled for another reason is not enabled by an import."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)
    bench.call("DisableKey", KeyId=key)
    importer.put(key, OLD, expires=START + DAY)
    assert state(bench, key) == "Disabled"
    bench.call("DeleteImportedKeyMaterial", KeyId=key)
    assert state(bench, key) == "PendingImport"


def test_a_scheduled_key_loses_material_and_nothing_else(importer: Importer) -> None:
    """Its state and date stay; cancelled, it waits for its import rather than being enabled."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)
    bench.call("ScheduleKeyDeletion", KeyId=key)
    bench.call("DeleteImportedKeyMaterial", KeyId=key)
    assert state(bench, key) == "PendingDeletion"
    assert importer.refused(key, OLD).code == "KMSInvalidStateException"
    bench.call("CancelKeyDeletion", KeyId=key)
    assert state(bench, key) == "PendingImport"


def test_the_trail_has_neither_material_nor_token(importer: Importer) -> None:
    """Requests are recorded with what AWS records, and nothing that could be unwrapped."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY, KeyMaterialDescription="from the vault")
    events = {event["eventName"]: event for event in bench.events()}
    shown = events["GetParametersForImport"]["requestParameters"]
    assert set(shown) == {"keyId", "wrappingAlgorithm", "wrappingKeySpec"}
    assert events["GetParametersForImport"]["responseElements"] is None
    shown = events["ImportKeyMaterial"]["requestParameters"]
    assert set(shown) == {"keyId", "validTo", "expirationModel", "keyMaterialDescription"}
    assert set(events["ImportKeyMaterial"]["responseElements"]) == {"keyId", "keyMaterialId"}


def test_an_import_between_is_noticed(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Material that was unwrapped while another import came between is judged by what is now."""
    bench, key = importer.bench, importer.key()
    first, second = importer.request(key, OLD), importer.request(key, NEW)
    unwrap = SoftwareHsm.unwrap_import
    calls: list[int] = []

    def between(self: SoftwareHsm, *arguments: Any) -> Any:
        found = unwrap(self, *arguments)
        calls.append(1)
        if len(calls) == 1:
            bench.call("ImportKeyMaterial", second)
        return found

    monkeypatch.setattr(SoftwareHsm, "unwrap_import", between)
    assert bench.refusal("ImportKeyMaterial", first).code == "IncorrectKeyMaterialException"
    assert bench.record(key).state is KeyState.ENABLED
    assert len(bench.record(key).materials) == 1


def test_material_longer_than_the_key_wraps_is_said_so(importer: Importer) -> None:
    """Whoever wraps too much with too little is told, before anything is sent."""
    parameters = importer.parameters(importer.key())
    with pytest.raises(KmsError, match="cannot wrap 300 bytes"):
        wrap_material(parameters["PublicKey"], "RSAES_OAEP_SHA_256", bytes(300))
