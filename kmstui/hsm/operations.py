"""What the software HSM does with key pairs, MAC keys and imported material."""

from __future__ import annotations

from abc import abstractmethod

from kmstui.core.errors import (
    InvalidCiphertextException,
    InvalidKeyUsageException,
    KMSInvalidMacException,
    KMSInvalidSignatureException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.hsm import algorithms, families
from kmstui.hsm.algorithms import Algorithm
from kmstui.hsm.base import MaterialBinding, WrappedMaterial
from kmstui.hsm.keyring import Keyring
from kmstui.hsm.keys import (
    AgreementKey,
    CipherKey,
    KemKey,
    KeyPair,
    LoadedKey,
    MacMaterial,
    SigningKey,
)
from kmstui.hsm.memory import Unshareable
from kmstui.hsm.symmetric import SymmetricKey
from kmstui.hsm.transfer import ImportedMaterial, ImportTarget, ImportTerms, WrappingKey


class KeyOperations(Unshareable):
    """The part of :class:`kmstui.hsm.software.SoftwareHsm` that ``KeyUse`` describes."""

    __slots__ = ()

    @abstractmethod
    def _keys(self) -> Keyring:
        """Return the loaded keyring."""

    @abstractmethod
    def _material(self, token: bytes, binding: MaterialBinding) -> LoadedKey:
        """Return unwrapped material."""

    def public_key(self, token: bytes, binding: MaterialBinding) -> bytes:
        """Return the public key of a key pair as a DER SubjectPublicKeyInfo."""
        key = self._material(token, binding)
        if not isinstance(key, KeyPair):
            raise UnsupportedOperationException(
                f"KeySpec {binding.key_spec} does not have a public key."
            )
        return key.public_der()

    def sign(
        self,
        token: bytes,
        binding: MaterialBinding,
        message: bytes,
        message_type: str,
        algorithm: str,
    ) -> bytes:
        """Return a signature in the form that AWS documents for the algorithm."""
        row = _row(binding, algorithm)
        key = self._signing_key(token, binding)
        _check_message(row, message, message_type)
        return key.sign(row, message, message_type)

    def verify(
        self,
        token: bytes,
        binding: MaterialBinding,
        message: bytes,
        message_type: str,
        algorithm: str,
        *,
        signature: bytes,
    ) -> None:
        """Return if the signature is the key's over the message."""
        row = _row(binding, algorithm)
        key = self._signing_key(token, binding)
        _check_message(row, message, message_type)
        if not key.verify(row, message, message_type, signature):
            raise KMSInvalidSignatureException

    def generate_mac(
        self, token: bytes, binding: MaterialBinding, message: bytes, algorithm: str
    ) -> bytes:
        """Return the message's whole HMAC."""
        _row(binding, algorithm)
        return self._mac_key(token, binding).mac(message)

    def verify_mac_with_key(
        self, token: bytes, binding: MaterialBinding, message: bytes, tag: bytes, algorithm: str
    ) -> None:
        """Return if the tag is the message's HMAC."""
        _row(binding, algorithm)
        if not self._mac_key(token, binding).verify(message, tag):
            raise KMSInvalidMacException

    def rsa_encrypt(
        self, token: bytes, binding: MaterialBinding, plaintext: bytes, algorithm: str
    ) -> bytes:
        """Return a ciphertext as long as the modulus."""
        row = _row(binding, algorithm)
        key = self._cipher_key(token, binding)
        if len(plaintext) > row.max_plaintext_bytes:
            raise ValidationException(
                f"Algorithm {row.name} and key spec {row.key_spec} cannot encrypt data larger "
                f"than {row.max_plaintext_bytes} bytes."
            )
        return key.encrypt(row, plaintext)

    def rsa_decrypt(
        self, token: bytes, binding: MaterialBinding, ciphertext: bytes, algorithm: str
    ) -> bytes:
        """Return the plaintext of a ciphertext."""
        row = _row(binding, algorithm)
        plaintext = self._cipher_key(token, binding).decrypt(row, ciphertext)
        if plaintext is None:
            raise InvalidCiphertextException
        return plaintext

    def derive_shared_secret(self, token: bytes, binding: MaterialBinding, peer: bytes) -> bytes:
        """Return the x-coordinate of the ECDH point, as long as the curve's field."""
        key = self._material(token, binding)
        if not isinstance(key, AgreementKey):
            raise _misused(binding)
        secret = key.shared_secret(peer)
        if secret is None:
            raise ValidationException
        return secret

    def encapsulate(self, token: bytes, binding: MaterialBinding) -> tuple[bytes, bytes]:
        """Return a new shared secret of 32 bytes and the ciphertext that carries it."""
        return self._kem_key(token, binding).encapsulate()

    def decapsulate(self, token: bytes, binding: MaterialBinding, ciphertext: bytes) -> bytes:
        """Return the shared secret of a ciphertext."""
        secret = self._kem_key(token, binding).decapsulate(ciphertext)
        if secret is None:
            raise InvalidCiphertextException
        return secret

    def generate_data_key_pair(
        self,
        token: bytes,
        binding: MaterialBinding,
        pair_spec: str,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes, bytes]:
        """Return a new private key if it is asked for, its blob, and its public key."""
        key = self._symmetric_key(token, binding)
        private, public = families.generate_pair(pair_spec)
        sealed = key.encrypt(private, context)
        return (private if with_plaintext else None), sealed, public

    def generate(self, binding: MaterialBinding) -> WrappedMaterial:
        """Return new key material sealed to the binding."""
        self._keys()
        return self._sealed(binding, families.generate(binding))

    def make_wrapping_key(self, key_arn: str, terms: ImportTerms) -> WrappingKey:
        """Return a new wrapping key whose token is bound to a key and to its terms."""
        from kmstui.hsm import imports  # noqa: PLC0415 - start-up does without key pairs

        self._keys()
        private, public = imports.new_pair(terms.key_spec)
        return WrappingKey(public, imports.seal_token(self._keys(), key_arn, terms, private))

    def import_terms(self, key_arn: str, token: bytes) -> ImportTerms:
        """Return what an import token says, once it is known to be the key's."""
        from kmstui.hsm import imports  # noqa: PLC0415 - start-up does without key pairs

        return imports.open_token(self._keys(), key_arn, token)[0]

    def unwrap_import(
        self, token: bytes, encrypted: bytes, target: ImportTarget
    ) -> ImportedMaterial:
        """Return wrapped material sealed to a key, after checking all of it."""
        from kmstui.hsm import imports  # noqa: PLC0415 - start-up does without key pairs

        return imports.unwrap(self._keys(), token, encrypted, target)

    def _sealed(self, binding: MaterialBinding, material: bytes) -> WrappedMaterial:
        """Seal under the keys that are loaded now: making or checking material takes its time."""
        return self._keys().sealed(binding, material)

    def _symmetric_key(self, token: bytes, binding: MaterialBinding) -> SymmetricKey:
        key = self._material(token, binding)
        if not isinstance(key, SymmetricKey):
            raise _misused(binding)
        return key

    def _signing_key(self, token: bytes, binding: MaterialBinding) -> SigningKey:
        key = self._material(token, binding)
        if not isinstance(key, SigningKey):
            raise _misused(binding)
        return key

    def _cipher_key(self, token: bytes, binding: MaterialBinding) -> CipherKey:
        key = self._material(token, binding)
        if not isinstance(key, CipherKey):
            raise _misused(binding)
        return key

    def _mac_key(self, token: bytes, binding: MaterialBinding) -> MacMaterial:
        key = self._material(token, binding)
        if not isinstance(key, MacMaterial):
            raise _misused(binding)
        return key

    def _kem_key(self, token: bytes, binding: MaterialBinding) -> KemKey:
        key = self._material(token, binding)
        if not isinstance(key, KemKey):
            raise _misused(binding)
        return key


def _row(binding: MaterialBinding, algorithm: str) -> Algorithm:
    """Return the row of an algorithm that the key has."""
    row = algorithms.find(binding.key_spec, binding.key_usage, algorithm)
    if row is None:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {binding.key_spec}."
        )
    if not row.supported:
        raise UnsupportedOperationException(f"Algorithm {algorithm} is not supported.")
    return row


def _check_message(row: Algorithm, message: bytes, message_type: str) -> None:
    """Refuse a message that the algorithm does not sign."""
    if message_type not in row.message_types:
        raise ValidationException(
            f"MessageType {message_type} is not valid for algorithm {row.name}."
        )
    size = row.message_bytes(message_type)
    if size is not None and len(message) != size:
        raise ValidationException(f"Digest is invalid length for algorithm {row.name}.")


def _misused(binding: MaterialBinding) -> InvalidKeyUsageException:
    return InvalidKeyUsageException(
        f"A key of KeySpec {binding.key_spec} and KeyUsage {binding.key_usage} cannot do this."
    )
