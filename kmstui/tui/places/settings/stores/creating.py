"""Setting up custom key stores, with the device behind them if it is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.places.settings.stores import checks
from kmstui.tui.places.settings.stores.form import Field, Form

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_NEW = ""


async def new_over_cluster(console: KmsApp) -> str:
    """Make a key store over a cluster; return its id, empty if none was made."""
    found = await console.fetch("kmstui:ListClusters")
    spare = [each for each in found["Clusters"] if "CustomKeyStoreId" not in each]
    choices = [
        Choice(
            str(each["ClusterId"]),
            text.literal(str(each["ClusterId"])),
            f"{each['HsmCount']} HSMs",
            "" if each["State"] == "ACTIVE" else "it is not active",
        )
        for each in spare
    ]
    cluster: str | None = _NEW
    if choices:
        new = Choice(_NEW, text.literal("A new cluster"), "of two HSMs")
        cluster = await console.ask(
            Choose(text.literal("Over which cluster?"), [new, *choices], current=_NEW)
        )
    if cluster is None:
        return ""
    typed = await console.ask(_cluster_form(new=cluster == _NEW))
    if not typed:
        return ""
    made: Mapping[str, Any] | None
    if cluster == _NEW:
        made = await console.call(
            "kmstui:CreateCluster", about=typed["name"], Password=typed["password"]
        )
    else:
        made = next(each for each in spare if each["ClusterId"] == cluster)
    if made is None:
        return ""
    answer = await console.call(
        "CreateCustomKeyStore",
        about=typed["name"],
        CustomKeyStoreName=typed["name"].strip(),
        CloudHsmClusterId=made["ClusterId"],
        TrustAnchorCertificate=made["TrustAnchorCertificate"],
        KeyStorePassword=typed["password"],
    )
    return "" if answer is None else str(answer["CustomKeyStoreId"])


def _cluster_form(*, new: bool) -> Form:
    said = (
        "The cluster gets a root key of its own, which only kmsuser's password opens. The "
        "keystore keeps that password sealed, to log in again after locking."
        if new
        else "The password is that of the cluster's crypto user, kmsuser."
    )
    return Form(
        text.literal("New key store over a cluster"),
        (
            Field("name", "Name", check=checks.store_name_problem),
            Field(
                "password",
                "kmsuser",
                secret=True,
                longest=32,
                check=checks.password_problem,
            ),
        ),
        text.literal("Create it"),
        text.literal(said, "$muted"),
    )


async def new_over_manager(console: KmsApp) -> str:
    """Make a key store over an external key manager; return its id, empty if none was made."""
    found = await console.fetch("kmstui:ListKeyManagers")
    spare = [each for each in found["KeyManagers"] if "CustomKeyStoreId" not in each]
    choices = [
        Choice(
            str(each["Name"]),
            text.literal(str(each["Name"])),
            f"{each['XksProxyUriEndpoint']}{each['XksProxyUriPath']}",
            "" if each["Condition"] == "ONLINE" else "it is not on line",
        )
        for each in spare
    ]
    manager: str | None = _NEW
    if choices:
        new = Choice(_NEW, text.literal("A new key manager"), "with one key")
        manager = await console.ask(
            Choose(text.literal("Over which key manager?"), [new, *choices], current=_NEW)
        )
    if manager is None:
        return ""
    if manager == _NEW:
        return await _over_new_manager(console)
    known = next(each for each in spare if each["Name"] == manager)
    typed = await console.ask(_credential_form())
    if not typed:
        return ""
    return await _create_external(console, typed, known)


async def _over_new_manager(console: KmsApp) -> str:
    typed = await console.ask(_manager_form())
    if not typed:
        return ""
    manager = typed["manager"].strip()
    made = await console.call("kmstui:CreateKeyManager", about=manager, Name=manager)
    if made is None:
        return ""
    key = typed["key"].strip()
    if await console.call("kmstui:UpdateKeyManager", about=key, Name=manager, AddKey=key) is None:
        return ""
    credential = {"access": made["AccessKeyId"], "secret": made["RawSecretAccessKey"]}
    return await _create_external(console, {**typed, **credential}, made)


async def _create_external(
    console: KmsApp, typed: Mapping[str, str], manager: Mapping[str, Any]
) -> str:
    answer = await console.call(
        "CreateCustomKeyStore",
        about=typed["name"],
        CustomKeyStoreName=typed["name"].strip(),
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint=manager["XksProxyUriEndpoint"],
        XksProxyUriPath=manager["XksProxyUriPath"],
        XksProxyAuthenticationCredential={
            "AccessKeyId": typed["access"].strip(),
            "RawSecretAccessKey": typed["secret"].strip(),
        },
    )
    return "" if answer is None else str(answer["CustomKeyStoreId"])


def _manager_form() -> Form:
    return Form(
        text.literal("New key store over a key manager"),
        (
            Field("name", "Name", check=checks.store_name_problem),
            Field("manager", "Key manager", longest=32, check=checks.manager_problem),
            Field("key", "External key", longest=128, check=checks.external_key_problem),
        ),
        text.literal("Create it"),
        text.literal(
            "The key manager plays somebody else's, with its proxy, inside this process. Its "
            "credential is made up and kept sealed; every KMS key needs an external key of its "
            "own.",
            "$muted",
        ),
    )


def _credential_form() -> Form:
    return Form(
        text.literal("New key store over a key manager"),
        (
            Field("name", "Name", check=checks.store_name_problem),
            Field("access", "Access key id", longest=30, check=checks.access_key_problem),
            Field("secret", "Secret", secret=True, longest=64, check=checks.secret_problem),
        ),
        text.literal("Create it"),
        text.literal(
            "The credential is what the key manager gave out when it was made, or renewed.",
            "$muted",
        ),
    )
