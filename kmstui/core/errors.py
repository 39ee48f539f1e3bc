"""The one error tree.

Everything kmstui refuses is a :class:`KmsError`. Errors that AWS models carry AWS's code and
text; conditions that AWS has no name for stand under :class:`KmstuiError`.

::

    KmsError
    |-- ValidationException, SerializationException, UnknownOperationException
    |-- AccessDeniedException, ThrottlingException, DryRunOperationException
    |-- ExpiredTokenException, InvalidClientTokenId
    |-- NotFoundException, InvalidArnException, AlreadyExistsException, InvalidAliasNameException
    |-- DisabledException, KMSInvalidStateException, KeyUnavailableException
    |-- InvalidKeyUsageException, InvalidCiphertextException, IncorrectKeyException
    |-- KMSInvalidSignatureException, KMSInvalidMacException, IncorrectKeyMaterialException
    |-- InvalidImportTokenException, ExpiredImportTokenException
    |-- InvalidGrantTokenException, InvalidGrantIdException, InvalidMarkerException
    |-- LimitExceededException, MalformedPolicyDocumentException, TagException
    |-- UnsupportedOperationException, ConflictException
    |-- KMSInternalException, DependencyTimeoutException
    |-- NoSuchEntityException, EntityAlreadyExistsException, DeleteConflictException
    |-- IamLimitExceededException, IamMalformedPolicyDocumentException
    |-- InvalidInputException, UnmodifiableEntityException
    |-- EntityTemporarilyUnmodifiableException
    |-- InvalidAuthenticationCodeException
    `-- KmstuiError
        |-- KeystoreMissingError, KeystoreExistsError, KeystoreBusyError, KeystoreLockedError
        |-- KeystoreTamperedError, KeystoreRollbackError, KeystoreFormatError
        |-- KeystoreVerifyingError, KeystoreFullError
        |-- UnsafePathError, UnsafePermissionsError
        |-- WrongPassphraseError, WeakPassphraseError, KdfParametersError, SelfTestError
        |-- PassphraseNeededError, MfaDisabledError
        |-- TrailError, TrailTamperedError
        |-- BackupError, ExportError, ClockError, NotTrainingError, SessionError, CheckpointError
        |-- StrictJsonError, CanonicalError, ThemeError, FilterError
        `-- UsageError

The errors of custom key stores continue the tree in :mod:`kmstui.core.store_errors`.

Source of codes, status and texts: the AWS KMS and IAM API References, *Common Errors* and each
operation's *Errors*. IAM's codes do without the suffix.
"""

from __future__ import annotations

from typing import ClassVar


class KmsError(Exception):
    """A refusal or failure with AWS's error code, an HTTP status and a hint for the person.

    Args:
        message: AWS's text where AWS has one; may be empty, as AWS's sometimes is.
        hint: What to do next; overrides the class's hint.
    """

    code: ClassVar[str] = "KMSInternalException"
    http_status: ClassVar[int] = 400
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = cls.__name__


class ValidationException(KmsError):  # noqa: N818 - AWS's name
    """The request does not satisfy a constraint of its shape or of the service."""

    default_hint = "Correct the named member and call again."


class SerializationException(KmsError):  # noqa: N818 - AWS's name
    """The request body is not JSON of the expected types."""


class UnknownOperationException(KmsError):  # noqa: N818 - AWS's name
    """No operation has that name."""

    default_hint = "`kmstui operations` lists what there is."


class AccessDeniedException(KmsError):  # noqa: N818 - AWS's name
    """The caller is not authorised.

    Args:
        message: AWS's text.
        hint: What to do next; overrides the class's hint.
        refusal: Why, as data; a ``kmstui.authz.refusal.Refusal`` where policies decided.
    """

    default_hint = "Ask a key administrator, or look at the key's policy on its Access tab."

    def __init__(
        self, message: str = "", *, hint: str | None = None, refusal: object = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.refusal = refusal


class ExpiredTokenException(KmsError):  # noqa: N818 - AWS's name
    """Temporary credentials are over."""

    http_status = 403
    default_hint = "Sign in, or ask for new credentials."


class InvalidClientTokenId(KmsError):  # noqa: N818 - AWS's name
    """A session token or access key id is none of this keystore's."""

    http_status = 403
    default_hint = "Ask for new credentials; a token belongs to the keystore that made it."


class ThrottlingException(KmsError):  # noqa: N818 - AWS's name
    """The caller is over its request quota."""


class DryRunOperationException(KmsError):  # noqa: N818 - AWS's name
    """The request would have succeeded, but DryRun was set."""

    default_hint = "Nothing was done. Call again without DryRun to do it."


class NotFoundException(KmsError):  # noqa: N818 - AWS's name
    """A key, alias or policy does not exist in this account and Region."""

    default_hint = "Check the identifier and the Region; deleted keys are gone for good."


class InvalidArnException(KmsError):  # noqa: N818 - AWS's name
    """An ARN is malformed or names another kind of resource."""


class AlreadyExistsException(KmsError):  # noqa: N818 - AWS's name
    """The name is taken."""

    default_hint = "Choose another name, or move the existing alias with UpdateAlias."


class InvalidAliasNameException(KmsError):  # noqa: N818 - AWS's name
    """The alias name is not valid."""


class DisabledException(KmsError):  # noqa: N818 - AWS's name
    """The KMS key is disabled."""

    default_hint = "Enable the key first, if its owner agrees."


class KMSInvalidStateException(KmsError):  # noqa: N818 - AWS's name
    """The KMS key's state does not allow the operation."""

    default_hint = "Look at the key's state; a scheduled deletion can be cancelled."


class KeyUnavailableException(KmsError):  # noqa: N818 - AWS's name
    """The key is temporarily unavailable."""

    http_status = 500


class InvalidKeyUsageException(KmsError):  # noqa: N818 - AWS's name
    """The key's usage or spec does not fit the operation."""


class InvalidCiphertextException(KmsError):  # noqa: N818 - AWS's name
    """The ciphertext, its encryption context or its key do not belong together.

    One empty text for every cause, as AWS answers, so that it is no oracle.
    """

    default_hint = "Check that ciphertext and encryption context are exactly those of Encrypt."


class IncorrectKeyException(KmsError):  # noqa: N818 - AWS's name
    """The named key is not the one that encrypted the ciphertext."""


class KMSInvalidSignatureException(KmsError):  # noqa: N818 - AWS's name
    """The signature is not the key's over that message with that algorithm.

    One empty text for every cause, as AWS answers.
    """

    default_hint = "Check message, message type, algorithm and key: all must be those of Sign."


class KMSInvalidMacException(KmsError):  # noqa: N818 - AWS's name
    """The MAC is not the key's over that message. One empty text for every cause."""

    default_hint = "Check message, algorithm and key: all must be those of GenerateMac."


class IncorrectKeyMaterialException(KmsError):  # noqa: N818 - AWS's name
    """The key material is malformed, of the wrong kind or size, or not the same as before."""

    default_hint = "Raw bytes for symmetric and HMAC keys, unencrypted PKCS#8 DER for the others."


class InvalidImportTokenException(KmsError):  # noqa: N818 - AWS's name
    """An import token was altered, or is for another key."""

    default_hint = "A token works with the key and the public key that it was given out with."


class ExpiredImportTokenException(KmsError):  # noqa: N818 - AWS's name
    """An import token is more than 24 hours old."""

    default_hint = "GetParametersForImport gives out a new public key and token."


class InvalidGrantTokenException(KmsError):  # noqa: N818 - AWS's name
    """A grant token is not valid."""


class InvalidGrantIdException(KmsError):  # noqa: N818 - AWS's name
    """No grant of the key has that id."""

    default_hint = "ListGrants shows the key's grants; a retired or revoked one is gone."


class InvalidMarkerException(KmsError):  # noqa: N818 - AWS's name
    """A pagination marker was not made by the preceding call."""

    default_hint = "Start the listing again without a marker."


class LimitExceededException(KmsError):  # noqa: N818 - AWS's name
    """A resource quota is reached."""


class MalformedPolicyDocumentException(KmsError):  # noqa: N818 - AWS's name
    """The policy is not valid, or would lock the caller out."""


class TagException(KmsError):  # noqa: N818 - AWS's name
    """A tag is not valid."""


class UnsupportedOperationException(KmsError):  # noqa: N818 - AWS's name
    """The operation or value is not supported for this key or keystore."""


class ConflictException(KmsError):  # noqa: N818 - AWS's name
    """Something else that is done to the key is in progress or about to begin."""


class KMSInternalException(KmsError):  # noqa: N818 - AWS's name
    """Something failed inside; the call may be tried again."""

    http_status = 500


class DependencyTimeoutException(KmsError):  # noqa: N818 - AWS's name
    """A dependency did not answer in time."""

    http_status = 503


class InvalidAuthenticationCodeException(KmsError):  # noqa: N818 - AWS's name
    """A code of an MFA device is not valid. Source: the AWS IAM API Reference."""

    code = "InvalidAuthenticationCode"
    http_status = 403
    default_hint = "Wait for the device's next code; check the clock of device and computer."


class NoSuchEntityException(KmsError):  # noqa: N818 - AWS's name
    """A user, group, role, policy or device does not exist."""

    code = "NoSuchEntity"
    http_status = 404
    default_hint = "Check the name and the account; case does not matter."


class EntityAlreadyExistsException(KmsError):  # noqa: N818 - AWS's name
    """The name is taken; names that differ only in case are the same."""

    code = "EntityAlreadyExists"
    http_status = 409
    default_hint = "Choose another name."


class DeleteConflictException(KmsError):  # noqa: N818 - AWS's name
    """Something still belongs to what was to be deleted."""

    code = "DeleteConflict"
    http_status = 409
    default_hint = "Remove what belongs to it first."


class IamLimitExceededException(KmsError):  # noqa: N818 - AWS's name
    """A quota of IAM is reached."""

    code = "LimitExceeded"
    http_status = 409
    default_hint = "Remove what is not needed any more."


class IamMalformedPolicyDocumentException(KmsError):  # noqa: N818 - AWS's name
    """A document given to IAM is not a valid policy."""

    code = "MalformedPolicyDocument"


class InvalidInputException(KmsError):  # noqa: N818 - AWS's name
    """A value given to IAM is not valid."""

    code = "InvalidInput"


class UnmodifiableEntityException(KmsError):  # noqa: N818 - AWS's name
    """Only the service that made it may change it."""

    code = "UnmodifiableEntity"


class EntityTemporarilyUnmodifiableException(KmsError):  # noqa: N818 - AWS's name
    """It cannot be changed as long as something else depends on it."""

    code = "EntityTemporarilyUnmodifiable"
    http_status = 409


class KmstuiError(KmsError):
    """A condition of the local keystore that AWS has no name for."""


class UsageError(KmstuiError):
    """The command line or a typed command does not make sense."""


class KeystoreMissingError(KmstuiError):
    """There is no keystore at that place."""

    default_hint = "Create one with `kmstui init`, or see a ready-made one with `kmstui demo`."


class KeystoreExistsError(KmstuiError):
    """There is a keystore already; nothing was overwritten."""

    default_hint = "Choose another directory with --keystore."


class KeystoreBusyError(KmstuiError):
    """Another process owns the keystore."""

    default_hint = "Close the process named above, or use another keystore."


class KeystoreLockedError(KmstuiError):
    """The engine is locked: no slot has been opened, or the keys were dropped."""

    default_hint = "Sign in again."


class KeystoreVerifyingError(KmstuiError):
    """The keystore is still being verified; only lists answer."""

    default_hint = "Wait a moment; the status strip shows how far it is."


class KeystoreTamperedError(KmstuiError):
    """Stored data fails its authentication."""

    default_hint = "Nothing was changed. Run `kmstui doctor`, and restore from a backup."


class KeystoreRollbackError(KmstuiError):
    """The keystore is older than what this machine has already seen."""

    default_hint = "Put the newer keystore back, or restore deliberately with `kmstui restore`."


class KeystoreFormatError(KmstuiError):
    """The keystore's format version is not one this version knows."""

    default_hint = "Use a newer kmstui."


class KeystoreFullError(KmstuiError):
    """The disk or a quota is full; nothing was changed."""

    http_status = 500
    default_hint = "Free some space and try again."


class UnsafePathError(KmstuiError):
    """A path is a link, not a regular file, or not ours."""

    default_hint = "Use a plain directory that belongs to you."


class UnsafePermissionsError(KmstuiError):
    """Others can read or write the keystore."""


class WrongPassphraseError(KmstuiError):
    """No slot opens with that passphrase."""

    default_hint = "Check caps lock and keyboard layout; a recovery code works too."


class WeakPassphraseError(KmstuiError):
    """A new passphrase is too short or too easily guessed."""


class PassphraseNeededError(KmstuiError):
    """The passphrase has to be typed again first."""

    default_hint = "Type the passphrase again, then repeat the call within five minutes."


class MfaDisabledError(KmstuiError):
    """Too many wrong codes in a row have disabled the principal's MFA devices."""

    default_hint = "Use one of the MFA recovery codes."


class KdfParametersError(KmstuiError):
    """Key-derivation parameters are outside the bounds that are accepted."""


class SelfTestError(KmstuiError):
    """A power-on known-answer test failed; the keystore stays sealed."""

    default_hint = "Do not use this installation; reinstall the cryptography package."


class TrailError(KmstuiError):
    """The audit trail cannot be written: no trail, no service."""

    http_status = 500
    default_hint = "Free space or repair the disk, then restart; only lock and doctor work now."


class TrailTamperedError(KmstuiError):
    """The audit trail does not continue from where the keystore last saw it."""

    default_hint = "Run `kmstui doctor`: it names the first bad line."


class BackupError(KmstuiError):
    """A backup cannot be made, opened or proven."""


class ExportError(KmstuiError):
    """A list could not be written to a file."""

    code = "ExportError"


class CheckpointError(KmstuiError):
    """A training checkpoint does not exist or its name is not valid."""


class ClockError(KmstuiError):
    """The clock cannot be moved that way."""


class NotTrainingError(KmstuiError):
    """Production keystores have no movable clock, checkpoints or reset."""

    default_hint = "Use `kmstui demo`, or create a training keystore."


class SessionError(KmstuiError):
    """The session has ended or was not made by this engine."""

    default_hint = "Sign in again."


class StrictJsonError(KmstuiError):
    """A text is not the strict JSON that kmstui accepts."""


class CanonicalError(KmstuiError):
    """A value has no canonical encoding."""


class ThemeError(KmstuiError):
    """A theme file is not valid."""


class FilterError(KmstuiError):
    """A filter expression is not valid."""
