"""External key managers behind custom key stores, as operations of the service ``kmstui``.

They stand where somebody else's key manager is, with the proxy before it: what an operator would
do there, and what goes wrong there, is done here. Nothing is ever connected to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from kmstui.core.errors import (
    AlreadyExistsException,
    DeleteConflictException,
    NotFoundException,
    ValidationException,
)
from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.hsm.key_manager import (
    DEFAULT_PATH,
    Condition,
    Credential,
    KeyManager,
    is_manager_name,
)
from kmstui.ops.call import Call
from kmstui.ops.kms.stores.members import PATH, SERVICE
from kmstui.ops.management import own_action

KEYS_MAX: Final = 1_000
"""Keys of one key manager [kmstui]."""

_NAME: Final = Member(
    "Name",
    Kind.TEXT,
    required=True,
    minimum=1,
    maximum=32,
    pattern="^[a-z0-9-]+$",
    doc="Lower-case letters, digits, hyphens; its host is named after it.",
)
_CREDENTIAL_ANSWER: Final = (
    Member("AccessKeyId", Kind.TEXT, sensitive=True),
    Member("RawSecretAccessKey", Kind.TEXT, sensitive=True),
)


def _key(name: str, doc: str) -> Member:
    return Member(name, Kind.TEXT, minimum=1, maximum=128, pattern="^[a-zA-Z0-9_.-]+$", doc=doc)


def find_manager(call: Call) -> KeyManager:
    """Return the key manager that a request names, in the caller's account and Region.

    Raises:
        NotFoundException: There is none of that name.
    """
    caller, name = call.caller, call.text("Name")
    found = call.services.devices.managers.find(name) if is_manager_name(name) else None
    if found is None or (found.account, found.region) != (caller.account, caller.region):
        raise NotFoundException(
            f"There is no key manager {name}.", hint="kmstui:ListKeyManagers lists what there is."
        )
    return found


def _check_create(call: Call) -> None:
    if not is_manager_name(call.text("Name")):
        raise ValidationException(
            f"{call.text('Name')} is not the name of a host.",
            hint="It begins and ends with a letter or digit.",
        )


def _fits_create(call: Call) -> None:
    name, managers = call.text("Name"), call.services.devices.managers
    if name in managers.names():
        raise AlreadyExistsException(f"There is a key manager {name} already.")
    service = call.text(SERVICE.name)
    for other in managers.every(call.caller.account, call.caller.region) if service else ():
        if other.service == service:
            raise AlreadyExistsException(f"{service} leads to key manager {other.name} already.")


@operation(
    "kmstui",
    "CreateKeyManager",
    doc="Make an external key manager, for a custom key store.",
    members=(
        _NAME,
        replace(PATH, default=DEFAULT_PATH),
        replace(SERVICE, doc="A VPC endpoint service that leads to it, if one is to."),
    ),
    answer=(
        Member("XksProxyUriEndpoint", Kind.TEXT),
        Member("XksProxyUriPath", Kind.TEXT),
        *_CREDENTIAL_ANSWER,
    ),
    needs=own_action("CreateKeyManager"),
    mutates=True,
    check=_check_create,
    fits=_fits_create,
    logged=("Name", PATH.name, SERVICE.name),
    logged_answer=("XksProxyUriEndpoint", "XksProxyUriPath"),
    errors=("AlreadyExistsException",),
)
def create_key_manager(call: Call) -> Answer:
    """Write the key manager's file, once the trail has it; its credential is shown this once."""
    made = KeyManager(
        name=call.text("Name"),
        account=call.caller.account,
        region=call.caller.region,
        path=call.text(PATH.name, DEFAULT_PATH),
        service=call.text(SERVICE.name),
        credential=Credential.fresh(),
    )
    managers = call.services.devices.managers
    call.afterwards.append(lambda: managers.store(made))
    return {
        "XksProxyUriEndpoint": made.endpoint,
        "XksProxyUriPath": made.path,
    } | _credential_shown(made)


def _credential_shown(manager: KeyManager) -> dict[str, str]:
    credential = manager.credential
    return {
        "AccessKeyId": credential.access_key_id,
        "RawSecretAccessKey": credential.secret.reveal().decode(),
    }


@operation(
    "kmstui",
    "ListKeyManagers",
    doc="List the external key managers of the account in this Region.",
    answer=(Member("KeyManagers", Kind.LIST),),
    needs=own_action("ListKeyManagers"),
    while_verifying=True,
)
def list_key_managers(call: Call) -> Answer:
    """Return every key manager with its keys and the key store that it belongs to."""
    caller, services = call.caller, call.services
    stores = {
        (store.endpoint, store.path): store.store_id
        for store in services.keystore.key_stores(caller.account, caller.region)
    }
    found = services.devices.managers.every(caller.account, caller.region)
    return {
        "KeyManagers": [
            _shown(manager, stores.get((manager.endpoint, manager.path), "")) for manager in found
        ]
    }


def _shown(manager: KeyManager, store_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Name": manager.name,
        "XksProxyUriEndpoint": manager.endpoint,
        "XksProxyUriPath": manager.path,
        "Condition": str(manager.condition),
        "Keys": [
            {"XksKeyId": key.key_id, "Enabled": key.enabled} for key in manager.keys.values()
        ],
    }
    if manager.service:
        shown["XksProxyVpcEndpointServiceName"] = manager.service
    return shown | ({"CustomKeyStoreId": store_id} if store_id else {})


_KEY_MEMBERS: Final = ("AddKey", "EnableKey", "DisableKey", "RemoveKey")


def _check_update(call: Call) -> None:
    given = [name for name in _KEY_MEMBERS if call.has(name)]
    if len(given) > 1:
        raise ValidationException(f"Only one of {', '.join(_KEY_MEMBERS)} at a time.")
    if not given and not call.has("Condition") and not call.flag("NewCredential"):
        raise ValidationException("Name at least one property to change.")


def _fits_update(call: Call) -> None:
    manager = find_manager(call)
    if call.has("AddKey"):
        if call.text("AddKey") in manager.keys:
            raise AlreadyExistsException(f"There is a key {call.text('AddKey')} already.")
        if len(manager.keys) >= KEYS_MAX:
            raise ValidationException(f"There are {KEYS_MAX} keys in it already.")
    for name in _KEY_MEMBERS[1:]:
        if call.has(name) and call.text(name) not in manager.keys:
            raise NotFoundException(f"There is no external key {call.text(name)}.")


@operation(
    "kmstui",
    "UpdateKeyManager",
    doc="Take an external key manager on or off line, or change its keys.",
    members=(
        _NAME,
        Member(
            "Condition",
            Kind.TEXT,
            enum=tuple(str(condition) for condition in Condition),
            doc="How its proxy answers.",
        ),
        _key("AddKey", "A key to add, of 256 random bits."),
        _key("EnableKey", "A key to enable."),
        _key("DisableKey", "A key to disable."),
        _key("RemoveKey", "A key to remove for good."),
        Member("NewCredential", Kind.BOOLEAN, doc="Have it accept a new credential only."),
    ),
    answer=_CREDENTIAL_ANSWER,
    needs=own_action("UpdateKeyManager"),
    mutates=True,
    check=_check_update,
    fits=_fits_update,
    logged=("Name", "Condition", *_KEY_MEMBERS, "NewCredential"),
    errors=("NotFoundException", "AlreadyExistsException"),
)
def update_key_manager(call: Call) -> Answer:
    """Write the key manager's file anew, once the trail has it; a new credential is shown."""
    manager = find_manager(call)
    manager = replace(manager, condition=Condition(call.text("Condition", manager.condition)))
    if call.has("AddKey"):
        manager = manager.with_key(call.text("AddKey"))
    if call.has("EnableKey"):
        manager = manager.with_switch(call.text("EnableKey"), enabled=True)
    if call.has("DisableKey"):
        manager = manager.with_switch(call.text("DisableKey"), enabled=False)
    if call.has("RemoveKey"):
        manager = manager.without_key(call.text("RemoveKey"))
    if call.flag("NewCredential"):
        manager = replace(manager, credential=Credential.fresh())
    managers = call.services.devices.managers
    call.afterwards.append(lambda: managers.store(manager))
    return _credential_shown(manager) if call.flag("NewCredential") else {}


def _fits_delete(call: Call) -> None:
    manager = find_manager(call)
    for store in call.services.keystore.key_stores(manager.account, manager.region):
        if (store.endpoint, store.path) == (manager.endpoint, manager.path):
            raise DeleteConflictException(
                f"Key manager {manager.name} belongs to custom key store {store.store_id}.",
                hint="Delete the custom key store first.",
            )


@operation(
    "kmstui",
    "DeleteKeyManager",
    doc="Destroy an external key manager that no custom key store has, and every key in it.",
    members=(_NAME,),
    needs=own_action("DeleteKeyManager"),
    mutates=True,
    fits=_fits_delete,
    logged=("Name",),
    errors=("NotFoundException", "DeleteConflict"),
)
def delete_key_manager(call: Call) -> Answer:
    """Remove the key manager's file, once the trail has it."""
    managers, name = call.services.devices.managers, find_manager(call).name
    call.afterwards.append(lambda: managers.remove(name))
    return {}
