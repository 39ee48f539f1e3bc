"""Rotating by hand: a new key of the same kind takes over the alias, and the old one stays.

Source: AWS KMS Developer Guide, *Rotate keys manually*.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.keys_model import KeySummary, short_alias, short_id
from kmstui.tui.place import Route
from kmstui.tui.places.keys import actions
from kmstui.tui.places.keys.wording import aliases_of, name, names
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.pick import Pick, PickOption

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

ALL, NONE = "all", "none"
_LEAVE, _REWRAP, _DISABLE, _IMPORT = "leave", "rewrap", "disable", "import"


class SuccessorDialog(Dialog[str]):
    """Says what a successor is and is not; answers which aliases move, ALL, NONE or one.

    Args:
        key: The key that is to have a successor.
        masked: Whether names are hidden.
    """

    def __init__(self, key: KeySummary, *, masked: bool = False) -> None:
        super().__init__(
            text.template("Make a successor of $key", key=name(key.label, masked=masked)),
            (
                Answer("", text.literal("Back")),
                Answer("go", text.literal("Make the successor"), Tone.MAIN),
            ),
        )
        self._key = key
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield what is made, what moves and what stays."""
        yield FactList(self._facts(), label_cells=14, classes="paragraph")
        if self._moves:
            yield Static(text.literal("Aliases that move to it", "$muted"), id="ask")
            yield Pick(self._options(), id="aliases")

    @property
    def _moves(self) -> bool:
        return bool(self._key.aliases) and self._key.origin != "EXTERNAL"

    def _options(self) -> list[PickOption]:
        several = len(self._key.aliases) > 1
        first = "all of them" if several else "the alias"
        return [PickOption(ALL, first), PickOption(NONE, "none yet: M moves it later")]

    def _facts(self) -> Iterable[Fact]:
        key = self._key
        kind = ", multi-Region" if key.multi_region else ""
        yield Fact("A new key", text.literal(f"{key.spec}, {key.usage}, {key.origin}{kind}"))
        yield Fact("The same", text.literal("policy, tags and description"))
        if key.aliases:
            moves = names(aliases_of([key]), masked=self._masked)
            yield Fact("Names", moves)
        yield Fact("New calls", text.literal("by the alias go to the new key from then on"))
        yield Fact("Old data", text.literal(_old_data(key)))
        yield Fact("Not taken", text.literal("grants, and copies in other Regions"))
        if key.origin == "EXTERNAL":
            said = "the new key has no material: import it first, then M moves the alias"
            yield Fact("Import", text.literal(said, "$warn"))
        elif not key.aliases:
            said = "no alias: every program has to be told the new key id"
            yield Fact("Programs", text.literal(said, "$warn"))

    def first_focus(self) -> None:
        """Focus the deed: it takes nothing away."""
        self.button(1).focus()

    def chosen(self, value: str) -> None:
        """Answer which aliases move."""
        if not value:
            self.dismiss(None)
        else:
            self.dismiss(self.query_one("#aliases", Pick).value if self._moves else NONE)


def _old_data(key: KeySummary) -> str:
    if key.usage == "ENCRYPT_DECRYPT" and key.spec == "SYMMETRIC_DEFAULT":
        return "needs the old key, which stays: a ciphertext names its key itself"
    if key.usage == "ENCRYPT_DECRYPT":
        return "needs the old key, which stays; callers of Decrypt have to name it"
    if key.usage == "GENERATE_VERIFY_MAC":
        return "MACs made before verify under the old key only, which stays"
    if key.usage == "SIGN_VERIFY":
        return "signatures verify with the old public key; hand out the new one"
    return "what was agreed with the old key needs it; hand out the new public key"


async def make(console: KmsApp, key: KeySummary) -> bool:
    """Guide through a rotation by hand; tell whether a successor was made.

    Args:
        console: The application; a worker must be running.
        key: The key that is to have one.

    Raises:
        KmsError: The policy cannot be read.
    """
    moving = await console.ask(SuccessorDialog(key, masked=console.masked))
    if moving is None:
        return False
    policy = str((await console.fetch("GetKeyPolicy", KeyId=key.arn))["Policy"])
    answer = await console.call("CreateKey", _request(key, policy), about=f"after {key.label}")
    if answer is None:
        return False
    made = str(answer["KeyMetadata"]["Arn"])
    moved = key.aliases if moving == ALL else ()
    for index, alias in enumerate(moved):
        request: dict[str, object] = {"AliasName": alias, "TargetKeyId": made}
        before = {"TargetKeyId": key.arn}
        about = short_alias(alias)
        if await console.call("UpdateAlias", request, about=about, before=before) is None:
            moved = moved[:index]
            break
    await _go_on(console, key, made, moved)
    return True


def _request(key: KeySummary, policy: str) -> dict[str, object]:
    members: dict[str, object] = {"Policy": policy}
    if key.spec != "SYMMETRIC_DEFAULT":
        members |= {"KeySpec": key.spec, "KeyUsage": key.usage}
    if key.origin != "AWS_KMS":
        members["Origin"] = key.origin
    if key.multi_region:
        members["MultiRegion"] = True
    if key.description:
        members["Description"] = key.description
    if key.tags:
        members["Tags"] = [{"TagKey": tag, "TagValue": value} for tag, value in key.tags.items()]
    return members


async def _go_on(console: KmsApp, key: KeySummary, made: str, moved: tuple[str, ...]) -> None:
    """Say what was made, and offer what may come next."""
    new = name(short_id(made.rpartition("/")[2]), masked=console.masked)
    said = text.template(
        "Key [b]$new[/] is made, and $moved.\n"
        "[$muted]The old key goes on as it was. Disable it once nothing needs it: its Activity "
        "tab says who still uses it.[/]",
        new=new,
        moved=_moved([short_alias(alias) for alias in moved], masked=console.masked),
    )
    title = text.template("The successor of $key", key=name(key.label, masked=console.masked))
    chosen = await console.ask(Choose(title, list(_next(key)), current=_first(key), message=said))
    if chosen == _REWRAP:
        await console.go(Route("keys", "rewrap", f"{key.arn}#{made}"))
    elif chosen == _IMPORT:
        await console.go(Route("keys", "import", made))
    elif chosen == _DISABLE:
        await actions.switch(console, [key], enable=False)
    else:
        hint = hints(("M", "moves aliases"), ("t", "disables a key"))
        console.main.say(text.template("[$ok]✓[/] Made [b]$new[/]  $hint", new=new, hint=hint))


def _moved(aliases: list[str], *, masked: bool) -> Content:
    if not aliases:
        return text.literal("no alias has moved yet")
    verb = "leads" if len(aliases) == 1 else "lead"
    return names(aliases, masked=masked) + text.literal(f" {verb} to it now")


def _first(key: KeySummary) -> str:
    return _IMPORT if key.origin == "EXTERNAL" else _LEAVE


def _next(key: KeySummary) -> Iterable[Choice[str]]:
    if key.origin == "EXTERNAL":
        yield Choice(
            _IMPORT, text.literal("Import its material…"), "Until then it cannot be used."
        )
    yield Choice(_LEAVE, text.literal("Leave the old key enabled"), "Nothing that needs it stops.")
    if key.spec == "SYMMETRIC_DEFAULT" and key.origin != "EXTERNAL":
        yield Choice(_REWRAP, text.literal("Re-wrap data keys in files…"), "Originals are kept.")
    if key.state == "Enabled":
        yield Choice(
            _DISABLE, text.literal("Disable the old key…"), "What needs it stops; t undoes it."
        )
