"""Creating a grant: to whom, for what, under which bounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.limits import GRANT_CONSTRAINT_PAIRS
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.places.grants.principals import Known, PrincipalField
from kmstui.tui.text import Content
from kmstui.tui.widgets.checklist import Checklist
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

_ANY = ("DescribeKey", "CreateGrant", "RetireGrant")
_SYMMETRIC = (
    *("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"),
    *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
    *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
)
_OF_USAGE = {
    "ENCRYPT_DECRYPT": ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"),
    "SIGN_VERIFY": ("Sign", "Verify", "GetPublicKey"),
    "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret", "GetPublicKey"),
    "ENCAPSULATE_DECAPSULATE": ("Encapsulate", "Decapsulate", "GetPublicKey"),
}
_BOUNDS = (
    PickOption("", "none"),
    PickOption("EncryptionContextSubset", "with these pairs"),
    PickOption("EncryptionContextEquals", "exactly these"),
)
_SERVICE = ".amazonaws.com"


def grantable(spec: str, usage: str) -> tuple[str, ...]:
    """Return the operations that a grant on a key can allow.

    Source: AWS KMS Developer Guide, *Grants in AWS KMS*, grant operations.
    """
    if spec == "SYMMETRIC_DEFAULT":
        return (*_SYMMETRIC, *_ANY)
    return (*_OF_USAGE.get(usage, ()), *_ANY)


class CreateGrantDialog(Dialog[dict[str, Any]]):
    """Asks for a grant; answers the request's members besides the key.

    Args:
        key: What a person calls the key.
        operations: What a grant on it can allow.
        known: The principals of the account.
        symmetric: Whether an encryption context can bound it.
        masked: Whether names are hidden.
    """

    DEFAULT_CSS = """
    CreateGrantDialog {
        #dialog { width: 92; max-height: 96%; }
        .row { height: auto; & > .label { width: 12; color: $muted; } }
        #grantee, #retiring, #name, #pairs { width: 1fr; }
        #pairs { display: none; }
        &.-bound #pairs { display: block; }
        #grantee, #operations, #bound-row, #pairs-row { margin-bottom: 1; }
    }
    """

    def __init__(
        self,
        key: Content,
        *,
        operations: Sequence[str],
        known: Sequence[Known],
        symmetric: bool,
        masked: bool = False,
    ) -> None:
        super().__init__(
            text.template("A grant on [b]$key[/]", key=key),
            (
                Answer({}, text.literal("Back")),
                Answer({"": ""}, text.literal("Create the grant"), Tone.MAIN),
            ),
        )
        self._operations = tuple(operations)
        self._known = tuple(known)
        self._symmetric = symmetric
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield the form."""
        yield _row(
            "To whom",
            PrincipalField(
                self._known,
                title=text.literal("Who gets the permissions?"),
                masked=self._masked,
                id="grantee",
            ),
        )
        yield _row("For what", Checklist(self._operations, id="operations"))
        reason = "" if self._symmetric else "only symmetric keys have a context"
        options = tuple(
            PickOption(each.value, each.label, reason if each.value else "") for each in _BOUNDS
        )
        yield _row("Context", Pick(options, id="bound"), id="bound-row")
        yield _row("", ContextEditor(id="pairs"), id="pairs-row")
        yield _row(
            "Retired by",
            PrincipalField(
                self._known,
                title=text.literal("Who may retire it?"),
                optional=True,
                masked=self._masked,
                id="retiring",
            ),
        )
        name = SafeInput(
            placeholder="optional; the same request under a name makes no second grant",
            compact=True,
            id="name",
        )
        yield _row("Name", name)
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the grantee."""
        self.query_one("#grantee", PrincipalField).field.focus()

    @on(Pick.Changed, "#bound")
    def _bound(self, event: Pick.Changed) -> None:
        event.stop()
        self.set_class(bool(event.value), "-bound")

    @on(PrincipalField.Changed)
    @on(Input.Changed)
    @on(Checklist.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        self.query_one("#complaint", Static).update(text.literal(""))

    @property
    def ticked(self) -> list[str]:
        """The operations that are ticked, in order."""
        return self.query_one("#operations", Checklist).chosen

    def problem(self) -> Content | None:
        """Say what keeps the grant from being made, or None."""
        grantee = self.query_one("#grantee", PrincipalField)
        retiring = self.query_one("#retiring", PrincipalField)
        for field in (grantee, retiring):
            if field.problem:
                return text.literal(field.problem)
        if not self.ticked:
            return text.literal("Tick at least one operation.")
        if not self.query_one("#bound", Pick).value:
            return None
        pairs = self.query_one("#pairs", ContextEditor)
        if pairs.problem is not None:
            return pairs.problem
        if len(pairs.context) > GRANT_CONSTRAINT_PAIRS:
            return text.literal(f"A constraint has at most {GRANT_CONSTRAINT_PAIRS} pairs.")
        return None if pairs.context else text.literal("Give the pairs that bound it.")

    def members(self) -> dict[str, Any]:
        """Return the request's members as the form stands."""
        made: dict[str, Any] = {"Operations": self.ticked}
        for role, field in (("Grantee", "#grantee"), ("Retiring", "#retiring")):
            principal = self.query_one(field, PrincipalField).principal
            if principal:
                kind = "ServicePrincipal" if principal.endswith(_SERVICE) else "Principal"
                made[f"{role}{kind}"] = principal
        bound = self.query_one("#bound", Pick).value
        if bound:
            made["Constraints"] = {bound: self.query_one("#pairs", ContextEditor).context}
        name = self.query_one("#name", SafeInput).value.strip()
        return made | ({"Name": name} if name else {})

    def chosen(self, value: dict[str, Any]) -> None:
        """Answer with the request, unless something is missing."""
        if not value:
            self.dismiss(None)
            return
        problem = self.problem()
        if problem is None:
            self.dismiss(self.members())
        else:
            complaint = text.styled("✗ ", "$warn") + problem
            self.query_one("#complaint", Static).update(complaint)


def _row(label: str, widget: Widget, *, id: str | None = None) -> Horizontal:  # noqa: A002 - Textual's
    return Horizontal(Static(text.literal(label), classes="label"), widget, classes="row", id=id)


class TokenDialog(Dialog[None]):
    """Shows the token of a new grant, once.

    Args:
        token: The token.
        grant_id: The grant's id.
    """

    def __init__(self, token: str, grant_id: str) -> None:
        super().__init__(
            text.literal("The grant is in force"), (Answer(None, text.literal("Done")),)
        )
        self._token = token
        self._grant_id = grant_id

    def body(self) -> Iterable[Widget]:
        """Yield the token and what it is good for."""
        said = (
            "Here a grant works at once. In AWS it can take minutes to be known everywhere; until "
            "then a call that sends the token with it is let in. It is not shown again."
        )
        yield Static(text.literal(said), classes="paragraph")
        yield Static(text.literal("Grant token", "$muted"), classes="heading")
        yield OpaqueValue(OpaqueKind.GRANT_TOKEN, self._token, size=len(self._token), id="token")
        yield Static(text.literal(""))
        yield Static(text.literal("Grant id", "$muted"), classes="heading")
        yield Static(text.literal(self._grant_id), id="grant-id")

    def conceal(self) -> None:
        """Drop the token when the console locks."""
        self.query_one(OpaqueValue).clear()

    @on(OpaqueValue.CopyRequested)
    def _copy(self, event: OpaqueValue.CopyRequested) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.widget.value_to_copy())
        self.notify("Sent the grant token to the terminal's clipboard (OSC 52).")
