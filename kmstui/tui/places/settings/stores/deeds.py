"""What can be done with one custom key store and the device behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.places.settings.stores import checks
from kmstui.tui.places.settings.stores.creating import new_over_cluster, new_over_manager
from kmstui.tui.places.settings.stores.form import Field, Form
from kmstui.tui.places.settings.stores.model import StoreRow, Stores
from kmstui.tui.places.settings.stores.spare import spare_devices

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

Deed = Callable[["KmsApp", StoreRow], Awaitable[None]]


async def read_stores(console: KmsApp) -> Stores:
    """Read the key stores of the account and Region.

    Raises:
        KmsError: The engine refused.
    """
    return Stores.read(await console.fetch("kmstui:ListKeyStoreSummaries"))


async def act(console: KmsApp, deed: str, argument: str) -> None:
    """Carry out one of the deeds of Settings.

    Args:
        console: The application; a worker must be running.
        deed: Which; see the section.
        argument: Id of the key store it is about, if it is about one.

    Raises:
        KmsError: Something was refused before a call could be made.
    """
    if deed == "store-devices":
        await spare_devices(console)
        return
    if deed == "store-open":
        await open_store(console, argument)
        return
    make = new_over_cluster if deed == "store-cloud" else new_over_manager
    made = await make(console)
    if made:
        # What comes next is nearly always to connect it.
        await open_store(console, made)


async def open_store(console: KmsApp, named: str) -> None:
    """Offer what can be done with a key store, and do what is chosen.

    Raises:
        UsageError: There is none of that id or name.
    """
    row = await find_store(console, named)
    deeds = _EXTERNAL if row.is_external else _CLOUD
    choices = [
        Choice(index, text.literal(title), note(row), barred(row))
        for index, (title, note, barred, _) in enumerate(deeds)
    ]
    able = [choice.value for choice in choices if not choice.reason]
    title = text.literal(row.identity) if console.masked else text.one_line(row.name, 50)
    chosen = await console.ask(Choose(title, choices, current=able[0], message=_standing(row)))
    if chosen is not None:
        await deeds[chosen][3](console, row)


def _standing(row: StoreRow) -> text.Content:
    said = text.literal(f"{row.connection} {row.error}".strip(), "bold")
    return text.lines(said, text.literal(row.advice, "$warn")) if row.advice else said


async def find_store(console: KmsApp, named: str) -> StoreRow:
    """Return the key store of an id or a name.

    Raises:
        UsageError: There is none.
    """
    stores = await read_stores(console)
    row = stores.find(named)
    if row is None:
        known = ", ".join(each.name for each in stores.rows) or "none"
        raise UsageError(
            f"There is no key store {named or 'without a name'}.", hint=f"There is: {known}."
        )
    return row


async def connect(console: KmsApp, row: StoreRow) -> None:
    """Connect it; a connection that failed is said as a refusal would be."""
    if await _store_call(console, "ConnectCustomKeyStore", row) is None:
        return
    after = await find_store(console, row.identity)
    if after.failed:
        console.main.say(
            text.template(
                "[$danger]✗ $name could not be connected: $error.[/] [$muted]$advice[/]",
                name=_shown(console, row),
                error=after.error,
                advice=after.advice,
            )
        )


async def disconnect(console: KmsApp, row: StoreRow) -> None:
    """Disconnect it."""
    await _store_call(console, "DisconnectCustomKeyStore", row)


async def _rename(console: KmsApp, row: StoreRow) -> None:
    prompt = Prompt(
        text.literal("Rename the key store"),
        text.literal("Name"),
        text.literal("Rename"),
        value=row.name,
        check=checks.store_name_problem,
    )
    typed = await console.ask(prompt)
    if typed and typed.strip() != row.name:
        await _store_call(
            console, "UpdateCustomKeyStore", row, NewCustomKeyStoreName=typed.strip()
        )


async def _delete(console: KmsApp, row: StoreRow) -> None:
    token = row.identity[-8:]
    dialog = ConfirmTyped(
        title=text.template("Delete the key store $name?", name=_shown(console, row)),
        message=text.literal("What is behind it stays, and can be given to another key store."),
        token=token,
        verb=text.literal("Delete it"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is True:
        await _store_call(console, "DeleteCustomKeyStore", row)


async def _tell_password(console: KmsApp, row: StoreRow) -> None:
    form = Form(
        text.literal("Tell the key store kmsuser's password"),
        (Field("password", "kmsuser", secret=True, longest=32, check=checks.password_problem),),
        text.literal("Tell it"),
        text.literal("It does not change the password in the cluster.", "$muted"),
    )
    typed = await console.ask(form)
    if typed:
        await _store_call(console, "UpdateCustomKeyStore", row, KeyStorePassword=typed["password"])


async def _change_password(console: KmsApp, row: StoreRow) -> None:
    form = Form(
        text.literal("Change kmsuser's password in the cluster"),
        (
            Field("old", "Present", secret=True, longest=32, check=checks.password_problem),
            Field("new", "New", secret=True, longest=32, check=checks.password_problem),
        ),
        text.literal("Change it"),
        text.literal("The key store has to be told afterwards.", "$muted"),
    )
    typed = await console.ask(form)
    if typed:
        await console.call(
            "kmstui:UpdateCluster",
            about=row.cluster,
            ClusterId=row.cluster,
            Password=typed["old"],
            NewPassword=typed["new"],
        )


async def _set_hsms(console: KmsApp, row: StoreRow) -> None:
    prompt = Prompt(
        text.literal("HSMs of the cluster"),
        text.literal("How many"),
        text.literal("Set"),
        value=str(row.hsms),
        check=checks.hsms_problem,
        message=text.literal("Making keys takes two, everything else one.", "$muted"),
    )
    typed = await console.ask(prompt)
    if typed:
        await _cluster_call(console, row, HsmCount=int(typed))


async def _switch_cluster(console: KmsApp, row: StoreRow) -> None:
    state = "ACTIVE" if row.cluster_state != "ACTIVE" else "DETACHED"
    await _cluster_call(console, row, State=state)


async def _ready_user(console: KmsApp, row: StoreRow) -> None:
    await _cluster_call(console, row, CryptoUser="READY")


async def _switch_manager(console: KmsApp, row: StoreRow) -> None:
    condition = "ONLINE" if row.condition != "ONLINE" else "OFFLINE"
    await _manager_call(console, row, Condition=condition)


async def _add_key(console: KmsApp, row: StoreRow) -> None:
    prompt = Prompt(
        text.literal("Add an external key"),
        text.literal("Its id"),
        text.literal("Add"),
        check=checks.external_key_problem,
        message=text.literal("256 random bits in the key manager, for one KMS key.", "$muted"),
    )
    typed = await console.ask(prompt)
    if typed:
        await _manager_call(console, row, AddKey=typed.strip())


async def _switch_key(console: KmsApp, row: StoreRow) -> None:
    choices = [
        Choice((key, enabled), text.literal(key), "disable it" if enabled else "enable it")
        for key, enabled in row.external
    ]
    chosen = await console.ask(Choose(text.literal("Which external key?"), choices))
    if chosen is not None:
        key, enabled = chosen
        await _manager_call(console, row, **{"DisableKey" if enabled else "EnableKey": key})


async def _renew_credential(console: KmsApp, row: StoreRow) -> None:
    made = await _manager_call(console, row, NewCredential=True)
    if made is not None:
        await _store_call(
            console, "UpdateCustomKeyStore", row, XksProxyAuthenticationCredential=made
        )


async def _store_call(
    console: KmsApp, operation: str, row: StoreRow, **members: object
) -> dict[str, object] | None:
    request = {"CustomKeyStoreId": row.identity, **members}
    return await console.call(operation, request, about=_shown(console, row))


async def _cluster_call(console: KmsApp, row: StoreRow, **members: object) -> None:
    request = {"ClusterId": row.cluster, **members}
    await console.call("kmstui:UpdateCluster", request, about=row.cluster)


async def _manager_call(
    console: KmsApp, row: StoreRow, **members: object
) -> dict[str, object] | None:
    request = {"Name": row.manager, **members}
    return await console.call("kmstui:UpdateKeyManager", request, about=row.manager)


def _shown(console: KmsApp, row: StoreRow) -> str:
    return row.identity if console.masked else row.name


def _panel(row: StoreRow) -> str:
    return (
        "the cluster is active" if row.cluster_state == "ACTIVE" else "the cluster is not active"
    )


def _line(row: StoreRow) -> str:
    return "it is on line" if row.condition == "ONLINE" else "it is not on line"


def _hsms(row: StoreRow) -> str:
    return f"the cluster has {row.hsms}"


def _free(_row: StoreRow) -> str:
    return ""


def _without_cluster(row: StoreRow) -> str:
    return "" if row.cluster_state else "its cluster is gone"


def _not_ready(row: StoreRow) -> str:
    return "" if row.user not in {"", "READY"} else "it is ready"


def _without_manager(row: StoreRow) -> str:
    return "" if row.manager else "its key manager is gone"


def _without_keys(row: StoreRow) -> str:
    return "" if row.external else "it has no keys"


def _not_renewable(row: StoreRow) -> str:
    if not row.manager:
        return _without_manager(row)
    if row.failed:
        return "disconnect it first"
    return "" if row.condition == "ONLINE" else "the key manager is not on line"


def _says(words: str) -> Callable[[StoreRow], str]:
    return lambda _row: words


_Said = Callable[[StoreRow], str]
_Offer = tuple[str, _Said, _Said, Deed]

_FIRST: Final[tuple[_Offer, ...]] = (
    ("Connect", _says("its keys can be used"), StoreRow.cannot_connect, connect),
    ("Disconnect", _says("its keys are unavailable"), StoreRow.cannot_disconnect, disconnect),
    ("Rename…", _says("at any time"), _free, _rename),
)
_CLOUD: Final[tuple[_Offer, ...]] = (
    *_FIRST,
    ("Tell it the password…", _says("of kmsuser"), StoreRow.cannot_change, _tell_password),
    ("Change the password…", _says("in the cluster"), _without_cluster, _change_password),
    ("Unplug or plug in", _panel, _without_cluster, _switch_cluster),
    ("HSMs…", _hsms, _without_cluster, _set_hsms),
    ("Ready kmsuser", _says("after wrong passwords"), _not_ready, _ready_user),
    ("Delete…", _says("the cluster stays"), StoreRow.cannot_delete, _delete),
)
_EXTERNAL: Final[tuple[_Offer, ...]] = (
    *_FIRST,
    ("Off or on line", _line, _without_manager, _switch_manager),
    ("Add an external key…", _says("for one KMS key"), _without_manager, _add_key),
    ("Switch a key…", _says("of the key manager"), _without_keys, _switch_key),
    ("Renew the credential", _says("there and here"), _not_renewable, _renew_credential),
    ("Delete…", _says("the key manager stays"), StoreRow.cannot_delete, _delete),
)
