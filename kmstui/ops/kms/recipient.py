"""Answers that only an attested environment can read.

A request may carry an attestation document instead of asking for a plaintext: then the plaintext
is encrypted to the key in the document, and policies see what the document measures. Documents of
real enclaves are signed by AWS and are worth nothing here; a training keystore can be given a root
of its own to try the rest. Source: AWS KMS Developer Guide, *Cryptographic attestation support*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmstui.core.errors import ValidationException
from kmstui.core.spec import Answer
from kmstui.core.strictjson import JsonValue
from kmstui.hsm.base import Attestation
from kmstui.ops.call import Call
from kmstui.ops.settings import ATTESTATION_ROOT, setting_of


def check_recipient(call: Call) -> None:
    """Verify the attestation document of a request, if it has one; the call then knows it.

    Raises:
        ValidationException: The document is not valid, or half of the member is missing.
    """
    recipient: Mapping[str, Any] | None = call.request.get("Recipient")
    if recipient is None:
        return
    document = recipient.get("AttestationDocument")
    if document is None or recipient.get("KeyEncryptionAlgorithm") is None:
        raise ValidationException(
            "Recipient needs both AttestationDocument and KeyEncryptionAlgorithm."
        )
    # CBOR and X.509 are loaded where they are used, not at every start.
    from kmstui.hsm import attestation  # noqa: PLC0415

    keystore = call.services.keystore
    root = setting_of(keystore, ATTESTATION_ROOT) if keystore.head.training else ""
    if not root:
        raise ValidationException(
            attestation.INVALID,
            hint="Documents count only in training keystores, under the certificate in the "
            f"setting {ATTESTATION_ROOT}.",
        )
    call.attested = attestation.verify(document, root, call.now)
    call.extra["recipient"] = _shown(call.attested)


def answered(call: Call, member: str, secret: bytes) -> Answer:
    """Return a secret of an answer: under its name, or encrypted if there is a recipient."""
    if call.attested is None:
        return {member: secret}
    from kmstui.hsm import attestation  # noqa: PLC0415 - it has been loaded by the check

    return {"CiphertextForRecipient": attestation.sealed_for(call.attested, secret)}


def _shown(attested: Attestation) -> dict[str, JsonValue]:
    """Return what CloudTrail shows of a document."""
    shown: dict[str, JsonValue] = {"attestationDocumentModuleId": attested.module_id}
    kind = "NitroTPMPCR" if attested.tpm else "EnclavePCR"
    for at, value in attested.measurements:
        image = at == 0 and not attested.tpm
        name = "EnclaveImageDigest" if image else f"{kind}{at}"
        shown[f"attestationDocument{name}"] = value
    return shown
