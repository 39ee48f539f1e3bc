"""What the rest of the project knows of an HSM: one protocol and plain values.

Callers hold sealed tokens and get results; no method hands out a key. This module imports no
cryptographic library, so that whatever only needs the types starts quickly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kmstui.core.secret import Secret
from kmstui.hsm.algorithms import SYMMETRIC
from kmstui.hsm.condition import HsmStatus
from kmstui.hsm.keyuse import KeyUse

PASSPHRASE_SLOT = "passphrase"  # noqa: S105 - a kind, not a credential
"""Kind of the slot that an operator's passphrase opens."""

RECOVERY_SLOT = "recovery"
"""Kind of the slot that a printed recovery code opens."""


class Purpose(StrEnum):
    """What a key derived from the root key is for; each value is its own KBKDF label.

    Sealing and authenticating under one purpose use two different keys.
    """

    ROW = "row"
    HEADER = "header"
    ANCHOR = "anchor"
    SET_HASH = "set-hash"
    ALIAS_ID = "alias-id"
    GRANT_TOKEN = "grant-token"  # noqa: S105 - a label, not a credential
    IMPORT_TOKEN = "import-token"  # noqa: S105 - a label, not a credential
    PAGE_TOKEN = "page-token"  # noqa: S105 - a label, not a credential
    MFA = "mfa"
    BACKUP = "backup"
    AUDIT_SIGN = "audit-sign"
    ENTITY_ID = "entity-id"
    LINK_ID = "link-id"
    ACCESS_KEY = "access-key"
    SESSION_TOKEN = "session-token"  # noqa: S105 - a label, not a credential
    KEY_STORE = "key-store"
    MATERIAL_ID = "material-id"


@dataclass(frozen=True, slots=True)
class MaterialBinding:
    """The immutable identity that key material is sealed to.

    Only facts that never change are here; state, dates and policy live in the key's record. The
    Region is absent so that replicas of a multi-Region key share material.

    Attributes:
        account: 12-digit account id.
        key_id: A UUID, or ``mrk-`` and 32 hex digits for a multi-Region key.
        material_id: KeyMaterialId, 64 hex digits.
        version: Number of the material under its key, from 1.
        key_spec: AWS's KeySpec.
        key_usage: AWS's KeyUsage.
        origin: AWS's Origin.
        multi_region: Whether the key is a multi-Region key.
    """

    account: str
    key_id: str
    material_id: str
    version: int
    key_spec: str
    key_usage: str
    origin: str
    multi_region: bool


@dataclass(frozen=True, slots=True)
class KdfProfile:
    """Cost of turning a passphrase into a key with Argon2id (RFC 9106).

    Attributes:
        name: How the profile is shown.
        memory_kib: Memory, in kibibytes.
        iterations: Passes over the memory.
        lanes: Degree of parallelism.
    """

    name: str
    memory_kib: int
    iterations: int
    lanes: int


@dataclass(frozen=True, slots=True)
class UnlockSlot:
    """One way to the root key; readable before unlock, useless without its passphrase.

    Attributes:
        slot_id: Identifier of the slot, unique in its keystore.
        kind: :data:`PASSPHRASE_SLOT` or :data:`RECOVERY_SLOT`.
        principal: ARN of whoever signs in by opening it.
        profile: Cost of a guess.
        salt: 16 random bytes.
        sealed_root: The root key under the slot's key, 60 bytes.
        created: When it was made; aware, bound to the slot to the second.
    """

    slot_id: str
    kind: str
    principal: str
    profile: KdfProfile
    salt: bytes
    sealed_root: bytes
    created: datetime


@dataclass(frozen=True, slots=True)
class WrappedDomainKey:
    """A domain key under the root key.

    Attributes:
        term: Its number, from 1; tokens name it.
        token: 61 bytes, see ``docs/format.md``.
    """

    term: int
    token: bytes


@dataclass(frozen=True, slots=True)
class WrappedMaterial:
    """Freshly made key material, sealed.

    Attributes:
        token: The exported key token.
        check: A sealed HMAC of the material, which tells whether material imported again is the
            same without revealing a hash of it.
    """

    token: bytes
    check: bytes


@dataclass(frozen=True, slots=True)
class TotpBinding:
    """The identity that a one-time code device's secret is sealed to.

    Attributes:
        account: 12-digit account id.
        serial: AWS's SerialNumber: the device's ARN.
        demo: Whether the device is a fake one of a training keystore, whose codes may be shown.
    """

    account: str
    serial: str
    demo: bool


@dataclass(frozen=True, slots=True)
class NewTotp:
    """A new device's secret.

    Attributes:
        token: The secret, sealed.
        seed: The secret in base 32, as authenticator apps take it; shown once and not kept.
    """

    token: bytes = field(repr=False)
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a verified attestation document says.

    Attributes:
        module_id: The enclave's or instance's name.
        tpm: Whether the measurements are those of a NitroTPM, not of an enclave.
        measurements: Platform configuration registers with their numbers, in hex.
        public_key: The RSA key to encrypt answers to, as a DER SubjectPublicKeyInfo.
    """

    module_id: str
    tpm: bool
    measurements: tuple[tuple[int, str], ...]
    public_key: bytes


@dataclass(frozen=True, slots=True)
class BlobHeader:
    """What a ciphertext blob says about itself, before anything is verified.

    Attributes:
        account: 12-digit account id of the key.
        key_id: The key that encrypted it.
        material_id: The key material that encrypted it, 64 hex digits.
        multi_region: Whether that key is a multi-Region key.
        algorithm: AWS's encryption algorithm name.
        external: Whether an external key has encrypted what follows once more.
    """

    account: str
    key_id: str
    material_id: str
    multi_region: bool
    algorithm: str
    external: bool = False


class Hsm(KeyUse, Protocol):
    """The boundary behind which keys live. Thread-safe.

    Every method but ``self_test``, ``provision``, ``open``, ``opens``, ``lock``, ``random`` and
    ``status`` raises ``KeystoreLockedError`` while no keys are loaded. Methods that take a token
    raise ``KeystoreTamperedError`` when it does not belong to the binding and
    ``KeystoreFormatError`` when its version is unknown.
    """

    @property
    def unlocked(self) -> bool:
        """Whether keys are loaded."""

    def self_test(self) -> None:
        """Run the known-answer tests; ``SelfTestError`` leaves the HSM locked."""

    def provision(self, store_id: str, *, test_profile: bool) -> tuple[WrappedDomainKey, ...]:
        """Make a new root key and its domain keys, and leave the HSM unlocked.

        Args:
            store_id: Identifier of the keystore; everything sealed is bound to it.
            test_profile: Whether slots may use the cheap profile for tests.

        Raises:
            SelfTestError: A known answer is not met.
        """

    def make_slot(
        self,
        *,
        slot_id: str,
        kind: str,
        principal: str,
        passphrase: Secret,
        profile: KdfProfile,
        created: datetime,
    ) -> UnlockSlot:
        """Return a slot that the passphrase opens. Slow on purpose: the KDF runs.

        Raises:
            KdfParametersError: The profile is outside the bounds; nothing was computed.
        """

    def open(
        self,
        store_id: str,
        slot: UnlockSlot,
        passphrase: Secret,
        domain_keys: tuple[WrappedDomainKey, ...],
        *,
        test_profile: bool,
    ) -> None:
        """Load the keystore's keys through a slot. Slow on purpose; on failure nothing changes.

        Raises:
            SelfTestError: A known answer is not met; the HSM stays locked.
            KdfParametersError: The slot's profile is outside the bounds; nothing was computed.
            WrongPassphraseError: The passphrase is wrong, or the slot was altered.
            KeystoreTamperedError: A domain key does not open.
        """

    def opens(
        self, store_id: str, slot: UnlockSlot, passphrase: Secret, *, test_profile: bool
    ) -> bool:
        """Return whether the passphrase opens the slot; while unlocked, to the loaded root key.

        Changes nothing. Slow on purpose.

        Raises:
            KdfParametersError: The slot's profile is outside the bounds; nothing was computed.
        """

    def lock(self) -> None:
        """Drop every key."""

    def seal(self, purpose: Purpose, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``IV 12 || ciphertext || tag 16`` under the purpose's AES-256-GCM key."""

    def unseal(self, purpose: Purpose, sealed: bytes, aad: bytes) -> bytes:
        """Return what :meth:`seal` sealed with the same purpose and associated data.

        Raises:
            KeystoreTamperedError: It is not what was sealed.
        """

    def mac(self, purpose: Purpose, data: bytes) -> bytes:
        """Return the purpose's HMAC-SHA-256 of the data, 32 bytes."""

    def verify_mac(self, purpose: Purpose, data: bytes, tag: bytes) -> bool:
        """Return whether the tag is the data's :meth:`mac`; takes the same time either way."""

    def set_hash(self, items: Iterable[bytes]) -> bytes:
        """Return the XOR of the items' HMACs, 32 bytes, whatever their order.

        The hash of a union of disjoint sets is the XOR of their hashes, so one change costs two
        HMACs. An item given twice cancels out: items must be distinct.
        """

    def generate(self, binding: MaterialBinding) -> WrappedMaterial:
        """Return new key material sealed to the binding. RSA keys take up to some seconds.

        Raises:
            UnsupportedOperationException: The key spec and usage are not in the algorithm table.
        """

    def encrypt(
        self, token: bytes, binding: MaterialBinding, plaintext: bytes, context: bytes
    ) -> bytes:
        """Return a ciphertext blob.

        Args:
            token: The exported key token of a SYMMETRIC_DEFAULT key, here and below.
            binding: What the token is sealed to.
            plaintext: What to encrypt.
            context: The canonical encryption context; authenticated, not secret.
        """

    def decrypt(
        self, token: bytes, binding: MaterialBinding, blob: bytes, context: bytes
    ) -> bytes:
        """Return the plaintext of a ciphertext blob.

        Raises:
            InvalidCiphertextException: With one empty text, whatever does not fit.
        """

    def reencrypt(
        self,
        source: tuple[bytes, MaterialBinding],
        blob: bytes,
        source_context: bytes,
        destination: tuple[bytes, MaterialBinding],
        destination_context: bytes,
        *,
        algorithms: tuple[str, str] = (SYMMETRIC, SYMMETRIC),
    ) -> bytes:
        """Return the ciphertext's plaintext encrypted anew; the plaintext stays inside.

        Args:
            source: The token and binding that decrypt.
            blob: The ciphertext.
            source_context: The canonical context that it was encrypted in; empty for RSA.
            destination: The token and binding that encrypt.
            destination_context: The canonical context of the new one; empty for RSA.
            algorithms: AWS's names of the algorithms that decrypt and encrypt.

        Raises:
            InvalidCiphertextException: As :meth:`decrypt`.
            ValidationException: The plaintext is longer than the second algorithm takes.
        """

    def generate_data_key(
        self,
        token: bytes,
        binding: MaterialBinding,
        length: int,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes]:
        """Return a random key of ``length`` bytes, or None if not asked for, and its blob."""

    def make_access_secret(self, account: str, access_key_id: str) -> tuple[Secret, bytes]:
        """Return a new secret access key, the only time that it is seen outside, and its token.

        Args:
            account: 12-digit account id.
            access_key_id: The id that the secret is sealed to.
        """

    def totp_enrol(self, binding: TotpBinding) -> NewTotp:
        """Return a new device's secret, the only time that it is seen outside."""

    def totp_verify(
        self, token: bytes, binding: TotpBinding, code: str, *, step_now: int, last_step: int
    ) -> int | None:
        """Return the time step that a code is for, if it may be used now.

        Args:
            token: The device's sealed secret.
            binding: What it is sealed to.
            code: As it was typed; anything but six ASCII digits is a wrong code.
            step_now: The present step; the one before and the one after are accepted as well.
            last_step: The last step that was accepted; only a later one is.
        """

    def totp_verify_pair(
        self,
        token: bytes,
        binding: TotpBinding,
        codes: tuple[str, str],
        *,
        step_now: int,
        last_step: int,
        window: int = 1,
    ) -> int | None:
        """Return the time step of the second of two consecutive codes, if they are right.

        Args:
            token: The device's sealed secret.
            binding: What it is sealed to.
            codes: As they were typed, the earlier one first.
            step_now: The present step.
            last_step: The last step that was accepted; both codes must be later.
            window: How many steps the second code may be from ``step_now``.
        """

    def totp_code(self, token: bytes, binding: TotpBinding, step: int) -> str:
        """Return a demo device's code.

        Raises:
            UnsupportedOperationException: The binding does not say that it is a demo device.
        """

    def mfa_recovery_codes(self, principal: str) -> tuple[tuple[str, bytes], ...]:
        """Return a set of new recovery codes, each with the hash to keep of it.

        Args:
            principal: ARN of whoever may use them.
        """

    def mfa_recovery_find(self, principal: str, code: str, hashes: Sequence[bytes]) -> int | None:
        """Return which of a principal's hashes is that of a typed recovery code, if any is."""

    def random(self, length: int) -> bytes:
        """Return random bytes from the operating system."""

    def status(self) -> HsmStatus:
        """Return the HSM's condition."""
