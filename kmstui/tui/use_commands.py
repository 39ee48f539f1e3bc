"""The commands of Try-it and of a public key's page, as data.

In Try-it `c` makes something and `d` takes it back or checks it, whatever the key is for.
"""

from __future__ import annotations

from kmstui.tui.commands import Command, Scope
from kmstui.tui.legality import a_key, in_a_field, unless_barred


def _try(
    identity: str,
    title: str,
    text: str,
    key: str = "",
    *,
    scope: Scope = Scope.TRY_IT,
    verb: str = "",
    argument: str = "",
    footer: int = 0,
    label: str = "",
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=(key,) if key else (),
        verb=verb or identity,
        scopes=(scope,),
        argument=argument,
        footer=footer,
        label=label,
        legal=a_key,
    )


_ENCRYPTING = (
    _try(
        "encrypt",
        "Encrypt",
        "Encrypt what is typed, with the context given.",
        "c",
        scope=Scope.TRY_ENCRYPT,
    ),
    _try(
        "decrypt",
        "Decrypt",
        "Decrypt the last ciphertext, or one that is pasted.",
        "d",
        scope=Scope.TRY_ENCRYPT,
        footer=12,
        label="decrypt",
    ),
    _try(
        "re-encrypt",
        "Re-encrypt",
        "Move a ciphertext to another key or context.",
        "r",
        scope=Scope.TRY_ENCRYPT,
    ),
    _try(
        "data-key",
        "Generate a data key",
        "Make a data key, in the clear and encrypted.",
        "g",
        scope=Scope.TRY_DATA_KEY,
        argument="BYTES",
        footer=14,
        label="data key",
    ),
    _try(
        "data-key-pair",
        "Generate a data key pair",
        "Make a key pair whose private key is encrypted under this key.",
        "m",
        scope=Scope.TRY_DATA_KEY,
    ),
    _try(
        "random",
        "Random bytes",
        "Ask the HSM for random bytes.",
        "b",
        scope=Scope.TRY_DATA_KEY,
    ),
)
_OTHERS = (
    _try("sign", "Sign", "Sign a message or a file.", "c", scope=Scope.TRY_SIGN),
    _try(
        "verify-signature",
        "Verify a signature",
        "Verify the last signature, or one that is pasted.",
        "d",
        scope=Scope.TRY_SIGN,
        footer=12,
        label="verify",
    ),
    _try("mac", "Make a MAC", "Make the MAC of a message or a file.", "c", scope=Scope.TRY_MAC),
    _try(
        "verify-mac",
        "Verify a MAC",
        "Verify the last MAC, or one that is pasted.",
        "d",
        scope=Scope.TRY_MAC,
        footer=12,
        label="verify",
    ),
    _try(
        "derive",
        "Derive a shared secret",
        "Derive the secret shared with another key's owner, and compare both sides.",
        "c",
        scope=Scope.TRY_AGREE,
    ),
    _try(
        "encapsulate",
        "Encapsulate",
        "Make a secret, and the same secret encapsulated.",
        "c",
        scope=Scope.TRY_ENCAPSULATE,
    ),
    _try(
        "decapsulate",
        "Decapsulate",
        "Take out the last encapsulated secret, or one that is pasted.",
        "d",
        scope=Scope.TRY_ENCAPSULATE,
        footer=12,
        label="decapsulate",
    ),
)

TRY_IT: tuple[Command, ...] = (
    *_ENCRYPTING,
    *_OTHERS,
    _try("reveal", "Reveal", "Show the plaintext or the secret for thirty seconds.", "v"),
    _try("dry-run", "Dry run", "Only check whether a call would work, or make it again.", "p"),
    _try(
        "use-file",
        "Use a file…",
        "Take a file's bytes instead of what is typed.",
        "f",
        verb="file",
        argument="PATH",
    ),
    _try(
        "save-result",
        "Save the result…",
        "Write a value of the result to a file that only you can read.",
        "s",
        verb="save",
        argument="PATH",
    ),
    Command(
        id="run",
        title="Run",
        help="Make the call; in a field too.",
        keys=("enter",),
        scopes=(Scope.TRY_IT,),
        footer=5,
        label="run",
        legal=in_a_field,
        native=True,
        typing=True,
    ),
)
"""Commands of the try-it tab."""

PUBLIC_KEY: tuple[Command, ...] = (
    Command(
        id="public-key",
        title="Public key",
        help="Show the public half: to copy, or to write as PEM, DER or JWK.",
        keys=("B",),
        verb="publickey",
        scopes=(Scope.KEYS, Scope.KEY),
        selection=True,
        legal=unless_barred("public-key", a_key),
    ),
    Command(
        id="save-public-key",
        title="Save the public key…",
        help="Write the public key to a file, in the form that shows.",
        keys=("s",),
        verb="save-public-key",
        scopes=(Scope.PUBLIC_KEY,),
        argument="PATH",
        footer=30,
        label="save",
        legal=a_key,
    ),
)
"""Commands about public keys."""
