"""Importing key material: the parameters of an import, and the import.

Source: AWS KMS API Reference, *GetParametersForImport* and *ImportKeyMaterial*.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from kmstui.core.errors import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.limits import IMPORT_PARAMETERS_HOURS, VALID_TO_MAX_DAYS
from kmstui.core.spec import (
    IMPORT_PARAMETERS_STATES,
    IMPORT_STATES,
    Answer,
    Apart,
    Kind,
    Member,
    Needs,
    operation,
)
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.transfer import (
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    ImportedMaterial,
    ImportTarget,
    ImportTerms,
    WrappingKey,
    wrapping_refusal,
)
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import binding_of, hsm_of
from kmstui.ops.kms.import_checks import (
    IMPORT_ERRORS,
    MATERIAL_ID,
    SYMMETRIC,
    check_origin,
    check_symmetric_members,
    import_answer,
)
from kmstui.ops.kms.imported import material_named, pending_of, with_material
from kmstui.ops.kms.related import PENDING_ROTATION, put_shared

_NEW: Final = "NEW_KEY_MATERIAL"
_EXISTING: Final = "EXISTING_KEY_MATERIAL"
_EXPIRES: Final = "KEY_MATERIAL_EXPIRES"


def _fits_parameters(call: Call) -> None:
    check_origin(call)
    reason = wrapping_refusal(
        call.key.key_spec, call.text("WrappingAlgorithm"), call.text("WrappingKeySpec")
    )
    if reason:
        raise UnsupportedOperationException(
            reason,
            hint="RSA private keys take RSA_AES_KEY_WRAP_SHA_256, the others RSAES_OAEP_SHA_256.",
        )


def _make_wrapping_key(call: Call) -> tuple[ImportTerms, WrappingKey]:
    """Make the wrapping key that a request asks for."""
    valid_to = call.now.replace(microsecond=0) + timedelta(hours=IMPORT_PARAMETERS_HOURS)
    terms = ImportTerms(call.text("WrappingAlgorithm"), call.text("WrappingKeySpec"), valid_to)
    return terms, hsm_of(call, call.key).make_wrapping_key(call.key.arn, terms)


@operation(
    "kms",
    "GetParametersForImport",
    doc="Get the public key to wrap key material with, and the token that goes with it.",
    members=(
        m.key_id(),
        Member(
            "WrappingAlgorithm",
            Kind.TEXT,
            required=True,
            enum=tuple(row.name for row in WRAPPING_ALGORITHMS),
            doc="How the material will be wrapped.",
        ),
        Member(
            "WrappingKeySpec",
            Kind.TEXT,
            required=True,
            enum=tuple(WRAPPING_KEY_SPECS),
            doc="Size of the public key.",
        ),
    ),
    answer=(
        m.KEY_ID_ANSWER,
        Member("ImportToken", Kind.BLOB, sensitive=True),
        Member("PublicKey", Kind.BLOB, sensitive=True),
        Member("ParametersValidTo", Kind.TIMESTAMP),
    ),
    needs=(Needs("kms:GetParametersForImport"),),
    states=IMPORT_PARAMETERS_STATES,
    fits=_fits_parameters,
    apart=Apart(wanted=lambda _call: True, work=_make_wrapping_key),
    logged=("KeyId", "WrappingAlgorithm", "WrappingKeySpec"),
    errors=IMPORT_ERRORS,
)
def get_parameters_for_import(call: Call) -> Answer:
    """Give out a wrapping key; its private half is in the token alone."""
    terms, made = call.made or _make_wrapping_key(call)
    return {
        "KeyId": call.key.arn,
        "ImportToken": made.token,
        "PublicKey": made.public_key,
        "ParametersValidTo": terms.valid_to,
    }


@dataclass(frozen=True, slots=True)
class _Unwrapped:
    """Imported material, and the materials of the key that it was compared with."""

    materials: tuple[KeyMaterialRecord, ...]
    found: ImportedMaterial


def _check_import(call: Call) -> None:
    """Refuse combinations that no import can have."""
    _check_valid_to(call)
    if call.has("KeyMaterialId") and call.text("ImportType") == _NEW:
        raise ValidationException(
            f"KeyMaterialId cannot be specified when ImportType is {_NEW}.",
            hint="The id of new key material is computed from it.",
        )


def _check_valid_to(call: Call) -> None:
    valid_to = call.request.get("ValidTo")
    if call.text("ExpirationModel", _EXPIRES) != _EXPIRES:
        if valid_to is not None:
            raise ValidationException(
                "A validTo date cannot be set if the ExpirationModel is "
                "KEY_MATERIAL_DOES_NOT_EXPIRE"
            )
        return
    if valid_to is None:
        raise ValidationException(
            f"A validTo date must be set if the ExpirationModel is {_EXPIRES}",
            hint="KEY_MATERIAL_DOES_NOT_EXPIRE keeps the material until it is deleted.",
        )
    if valid_to <= call.now:
        raise ValidationException("The validTo date must be in the future.")
    if valid_to > call.now + timedelta(days=VALID_TO_MAX_DAYS):
        raise ValidationException(
            f"The validTo date must be at most {VALID_TO_MAX_DAYS} days from now."
        )


def _fits_import(call: Call) -> None:
    check_origin(call)
    check_symmetric_members(call)
    if call.text("ImportType") == _NEW and call.key.is_replica:
        raise UnsupportedOperationException(
            f"{call.key.arn} is not a multi-region primary key.",
            hint="New key material is imported into the primary first, then into each replica.",
        )


def _unwrap(call: Call) -> _Unwrapped:
    """Unwrap and check the material of a request.

    Raises:
        ExpiredImportTokenException: The token is more than 24 hours old.
    """
    key, token = call.key, call.blob("ImportToken")
    hsm = hsm_of(call, key)
    if hsm.import_terms(key.arn, token).valid_to <= call.now:
        raise ExpiredImportTokenException("The import token has expired.")
    versions = [material.version for material in key.materials]
    binding = MaterialBinding(
        account=key.account,
        key_id=key.key_id,
        material_id="",
        version=max(versions, default=0) + 1,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
    )
    known = tuple((binding_of(key, material), material.check) for material in key.materials)
    target = ImportTarget(key.arn, binding, known)
    return _Unwrapped(
        key.materials, hsm.unwrap_import(token, call.blob("EncryptedKeyMaterial"), target)
    )


def _placed(call: Call, found: ImportedMaterial) -> KeyMaterialRecord:
    """Return the record of imported material, if the key takes it.

    Raises:
        IncorrectKeyMaterialException: It is not the material that it has to be.
        KMSInvalidStateException: Other material waits for rotation.
    """
    key, binding = call.key, found.binding
    known = material_named(key, binding.material_id) if found.known else None
    if known is None:
        _check_new(call, key, binding.material_id)
    elif call.text("ImportType") == _NEW and known.associated:
        raise IncorrectKeyMaterialException(
            "The key material is already associated with the KMS key.",
            hint=f"{_EXISTING} imports it again.",
        )
    named = call.text("KeyMaterialId", binding.material_id)
    if named != binding.material_id:
        raise IncorrectKeyMaterialException(
            "The key material is not the one that KeyMaterialId names.", hint=""
        )
    return KeyMaterialRecord(
        binding.material_id,
        binding.version,
        found.wrapped.token,
        found.wrapped.check,
        call.now if known is None else known.created,
        _state_of(key, known),
        rotated=None if known is None else known.rotated,
        rotation_type="" if known is None else known.rotation_type,
        description=call.text(
            "KeyMaterialDescription", "" if known is None else known.description
        ),
        expires=call.request.get("ValidTo"),
    )


def _state_of(key: KeyRecord, known: KeyMaterialRecord | None) -> str:
    if known is not None:
        return known.state
    return PENDING_ROTATION if key.materials else "CURRENT"


def _check_new(call: Call, key: KeyRecord, material_id: str) -> None:
    """Refuse material that the key never had, unless it may have it now."""
    default = _EXISTING if key.materials else _NEW
    if call.text("ImportType", default) != _NEW:
        several = key.key_spec == SYMMETRIC
        raise IncorrectKeyMaterialException(
            "The key material is not the one that was imported into the KMS key before.",
            hint=f"{_NEW} adds new key material." if several else "It has that one for life.",
        )
    pending = pending_of(key)
    if pending is not None:
        raise KMSInvalidStateException(
            f"New key material (id: {material_id}) cannot be imported into KMS key {key.arn}, "
            f"because another key material (id: {pending.material_id}) is pending rotation.",
            hint="RotateKeyOnDemand makes it current; DeleteImportedKeyMaterial drops it.",
        )


@operation(
    "kms",
    "ImportKeyMaterial",
    doc="Import key material into a key that was created without, or import it again.",
    members=(
        m.key_id(),
        Member("ImportToken", Kind.BLOB, required=True, minimum=1, maximum=6144, sensitive=True),
        Member(
            "EncryptedKeyMaterial",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=6144,
            sensitive=True,
            doc="The key material, wrapped with the public key that came with the token.",
        ),
        Member("ValidTo", Kind.TIMESTAMP, doc="When the key material is deleted."),
        Member(
            "ExpirationModel",
            Kind.TEXT,
            enum=("KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"),
            default=_EXPIRES,
        ),
        Member("ImportType", Kind.TEXT, enum=(_NEW, _EXISTING)),
        Member(
            "KeyMaterialDescription",
            Kind.TEXT,
            minimum=0,
            maximum=256,
            pattern=r"^[a-zA-Z0-9:/_\s.-]+$",
        ),
        replace(MATERIAL_ID, doc="Which known key material it has to be."),
    ),
    answer=(m.KEY_ID_ANSWER, Member("KeyMaterialId", Kind.TEXT)),
    needs=(Needs("kms:ImportKeyMaterial"),),
    states=IMPORT_STATES,
    mutates=True,
    check=_check_import,
    fits=_fits_import,
    apart=Apart(wanted=lambda _call: True, work=_unwrap),
    logged=(
        "KeyId",
        "ValidTo",
        "ExpirationModel",
        "ImportType",
        "KeyMaterialDescription",
        "KeyMaterialId",
    ),
    logged_answer=("KeyId", "KeyMaterialId"),
    errors=(
        *IMPORT_ERRORS,
        "InvalidCiphertextException",
        "IncorrectKeyMaterialException",
        "ExpiredImportTokenException",
        "InvalidImportTokenException",
    ),
)
def import_key_material(call: Call) -> Answer:
    """Seal the material to the key; enable it if that was the last that it waited for."""
    made: _Unwrapped | None = call.made
    if made is None or made.materials != call.key.materials:
        # Another import came between: what is known of the key is not what it was.
        made = _unwrap(call)
    material = _placed(call, made.found)
    before = material_named(call.key, material.material_id)
    if before is not None:
        call.afterwards.append(lambda: hsm_of(call, call.key).forget([before.token]))
    key = put_shared(call.writer, with_material(call.key, material))
    return import_answer(key, material.material_id)
