"""What can be tried with a key, by what it is for. Data."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.engine.key_kinds import KeyKind, key_kind, key_kinds
from kmstui.tui.commands import Scope
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.detail.try_it.agreement import (
    DecapsulateForm,
    DeriveForm,
    EncapsulateForm,
)
from kmstui.tui.places.keys.detail.try_it.form import Form
from kmstui.tui.places.keys.detail.try_it.forms import (
    SYMMETRIC,
    DataKeyForm,
    DataKeyPairForm,
    DecryptForm,
    EncryptForm,
    RandomForm,
    ReEncryptForm,
)
from kmstui.tui.places.keys.detail.try_it.signing import (
    MacForm,
    SignForm,
    VerifyForm,
    VerifyMacForm,
)


@dataclass(frozen=True, slots=True)
class Mode:
    """One thing to try.

    Attributes:
        id: Its id: that of its command.
        title: What it is called in the row of modes.
        form: What it asks for.
        done: What enter does.
    """

    id: str
    title: str
    form: type[Form]
    done: str


_ENCRYPT = (
    Mode("encrypt", "Encrypt", EncryptForm, "encrypts"),
    Mode("decrypt", "Decrypt", DecryptForm, "decrypts"),
)
_RE_ENCRYPT = Mode("re-encrypt", "Re-encrypt", ReEncryptForm, "encrypts it anew, inside the HSM")
_SYMMETRIC = (
    *_ENCRYPT,
    Mode("data-key", "Data key", DataKeyForm, "makes a data key"),
    Mode("data-key-pair", "Key pair", DataKeyPairForm, "makes a key pair"),
    _RE_ENCRYPT,
    Mode("random", "Random", RandomForm, "asks the HSM"),
)
_MODES: dict[str, tuple[Mode, ...]] = {
    "ENCRYPT_DECRYPT": (*_ENCRYPT, _RE_ENCRYPT),
    "SIGN_VERIFY": (
        Mode("sign", "Sign", SignForm, "signs"),
        Mode("verify-signature", "Verify", VerifyForm, "verifies"),
    ),
    "GENERATE_VERIFY_MAC": (
        Mode("mac", "Make a MAC", MacForm, "makes the MAC"),
        Mode("verify-mac", "Verify", VerifyMacForm, "verifies"),
    ),
    "KEY_AGREEMENT": (Mode("derive", "Derive", DeriveForm, "derives the shared secret"),),
    "ENCAPSULATE_DECAPSULATE": (
        Mode("encapsulate", "Encapsulate", EncapsulateForm, "makes a secret and encapsulates it"),
        Mode("decapsulate", "Decapsulate", DecapsulateForm, "takes the secret out"),
    ),
}
_SCOPES = {
    "ENCRYPT_DECRYPT": Scope.TRY_ENCRYPT,
    "SIGN_VERIFY": Scope.TRY_SIGN,
    "GENERATE_VERIFY_MAC": Scope.TRY_MAC,
    "KEY_AGREEMENT": Scope.TRY_AGREE,
    "ENCAPSULATE_DECAPSULATE": Scope.TRY_ENCAPSULATE,
}


def kind_of(key: KeySummary) -> KeyKind:
    """Return what a key can do."""
    return key_kind(key.spec, key.usage) or key_kinds()[0]


def modes_of(kind: KeyKind) -> tuple[Mode, ...]:
    """Return what can be tried with keys of a kind, the first one to start with."""
    return _SYMMETRIC if kind.spec == SYMMETRIC else _MODES[kind.usage]


def scopes_for(kind: KeyKind) -> tuple[Scope, ...]:
    """Return the scopes of the commands that go with them."""
    more = (Scope.TRY_DATA_KEY,) if kind.spec == SYMMETRIC else ()
    return (Scope.TRY_IT, _SCOPES[kind.usage], *more)
