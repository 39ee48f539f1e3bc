"""Clusters behind custom key stores, as operations of the service ``kmstui``.

They stand where AWS CloudHSM has its own service: a cluster has to be there before
CreateCustomKeyStore can name it, and what goes wrong with one can be brought about here.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Final, NamedTuple

from kmstui.core.errors import AlreadyExistsException, DeleteConflictException, ValidationException
from kmstui.core.secret import Secret
from kmstui.core.spec import Answer, Apart, Kind, Member, operation
from kmstui.core.store_errors import CloudHsmClusterNotFoundException
from kmstui.hsm.base import PASSPHRASE_SLOT, UnlockSlot
from kmstui.hsm.cluster_token import CRYPTO_USER, ClusterState, ClusterToken, CryptoUserState
from kmstui.ops.call import Call
from kmstui.ops.kms.stores.members import CLUSTER
from kmstui.ops.management import own_action

HSMS_MAX: Final = 28
"""HSMs of one cluster; AWS CloudHSM's quota."""

_HSMS_DEFAULT: Final = 2
_ID_CHARACTERS: Final = 11
_ID: Final = replace(CLUSTER, name="ClusterId", required=True, doc="The cluster.")
_HSMS: Final = Member(
    "HsmCount",
    Kind.INTEGER,
    minimum=0,
    maximum=HSMS_MAX,
    default=_HSMS_DEFAULT,
    doc="How many HSMs it has; making keys takes two, connecting one.",
)


def _password(name: str, doc: str) -> Member:
    return Member(name, Kind.TEXT, minimum=7, maximum=32, sensitive=True, doc=doc)


def find_cluster(call: Call, cluster_id: str) -> ClusterToken:
    """Return a cluster of the caller's account and Region, also one that is detached.

    Raises:
        CloudHsmClusterNotFoundException: There is none of that id.
    """
    caller = call.caller
    token = call.services.devices.clusters.find(cluster_id)
    if token is None or (token.account, token.region) != (caller.account, caller.region):
        raise CloudHsmClusterNotFoundException(f"There is no cluster {cluster_id}.")
    return token


def _check_create(call: Call) -> None:
    if call.has("Password") == call.has("SourceClusterId"):
        raise ValidationException(
            "Give a Password for a new cluster, or the SourceClusterId of one to copy.",
            hint="A copy has the password, the certificate and the keys of its source.",
        )


def _fits_create(call: Call) -> None:
    if call.has("SourceClusterId"):
        find_cluster(call, call.text("SourceClusterId"))
    clusters = call.services.devices.clusters
    if call.has("ClusterId") and call.text("ClusterId") in clusters.names():
        raise AlreadyExistsException(f"There is a cluster {call.text('ClusterId')} already.")


def _new_id(call: Call) -> str:
    drawn = bytes.fromhex(call.services.ids.uuid().replace("-", ""))
    return "cluster-" + base64.b32encode(drawn).decode()[:_ID_CHARACTERS].lower()


def _make(call: Call) -> ClusterToken:
    """Make the cluster that a request asks for."""
    cluster_id = call.text("ClusterId") or _new_id(call)
    hsms = call.number("HsmCount", _HSMS_DEFAULT)
    if call.has("SourceClusterId"):
        source = find_cluster(call, call.text("SourceClusterId"))
        return replace(source, cluster_id=cluster_id, hsms=hsms, state=ClusterState.ACTIVE)
    # Only who makes a cluster needs the cryptographic library for it.
    from kmstui.hsm.certificate import trust_anchor  # noqa: PLC0415
    from kmstui.hsm.cluster import make_token  # noqa: PLC0415

    services, now = call.services, call.services.host_now()
    header = services.keystore.header
    profile = header.slots[0].profile
    template = ClusterToken(
        cluster_id=cluster_id,
        account=call.caller.account,
        region=call.caller.region,
        serial=services.ids.uuid(),
        certificate=trust_anchor(cluster_id, now),
        hsms=hsms,
        state=ClusterState.ACTIVE,
        user=CryptoUserState.READY,
        failures=0,
        created=now,
        test_profile=header.test_profile,
        slot=UnlockSlot("", PASSPHRASE_SLOT, CRYPTO_USER, profile, b"", b"", now),
        domain_keys=(),
    )
    password = Secret(call.text("Password").encode())
    return make_token(template, password, profile, slot_id=services.ids.uuid(), now=now)


@operation(
    "kmstui",
    "CreateCluster",
    doc="Make a cluster: a token of its own, for a custom key store.",
    members=(
        replace(_ID, required=False, doc="Its id; made up unless you name one."),
        _password("Password", "The password of its crypto user, kmsuser."),
        _HSMS,
        replace(_ID, name="SourceClusterId", required=False, doc="A cluster to copy."),
    ),
    answer=(Member("ClusterId", Kind.TEXT), Member("TrustAnchorCertificate", Kind.TEXT)),
    needs=own_action("CreateCluster"),
    mutates=True,
    check=_check_create,
    fits=_fits_create,
    apart=Apart(wanted=lambda call: bool(call.has("Password")), work=_make),
    logged=("ClusterId", "HsmCount", "SourceClusterId"),
    logged_answer=("ClusterId",),
    errors=("AlreadyExistsException", "CloudHsmClusterNotFoundException"),
)
def create_cluster(call: Call) -> Answer:
    """Write the cluster's token file, once the trail has it."""
    token: ClusterToken = call.made or _make(call)
    clusters = call.services.devices.clusters
    call.afterwards.append(lambda: clusters.store(token))
    return {"ClusterId": token.cluster_id, "TrustAnchorCertificate": token.certificate}


@operation(
    "kmstui",
    "ListClusters",
    doc="List the clusters of the account in this Region.",
    answer=(Member("Clusters", Kind.LIST),),
    needs=own_action("ListClusters"),
    while_verifying=True,
)
def list_clusters(call: Call) -> Answer:
    """Return every cluster with its condition and the key store that it belongs to."""
    caller, services = call.caller, call.services
    stores = {
        store.cluster_id: store.store_id for store in services.keystore.key_stores(caller.account)
    }
    found = services.devices.clusters.every(caller.account, caller.region)
    return {"Clusters": [_shown(token, stores.get(token.cluster_id, "")) for token in found]}


def _shown(token: ClusterToken, store_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ClusterId": token.cluster_id,
        "State": str(token.state),
        "HsmCount": token.hsms,
        "CryptoUser": str(token.user),
        "FailedLogins": token.failures,
        "KeyCount": len(token.objects),
        "CreationDate": token.created,
        "TrustAnchorCertificate": token.certificate,
    }
    return shown | ({"CustomKeyStoreId": store_id} if store_id else {})


def _check_update(call: Call) -> None:
    if call.has("NewPassword") != call.has("Password"):
        raise ValidationException("A new password takes both Password and NewPassword.")
    if not any(call.has(name) for name in ("HsmCount", "State", "CryptoUser", "NewPassword")):
        raise ValidationException("Name at least one property to change.")


def _fits_update(call: Call) -> None:
    find_cluster(call, call.text("ClusterId"))


class _Changed(NamedTuple):
    """A cluster with a new password, and the slot that the present one opened."""

    token: ClusterToken
    opened: UnlockSlot


def _changed_password(call: Call) -> _Changed:
    """Return the cluster with a new password."""
    from kmstui.hsm.cluster import with_password  # noqa: PLC0415 - as above

    services = call.services
    token = find_cluster(call, call.text("ClusterId"))
    changed = with_password(
        token,
        Secret(call.text("Password").encode()),
        Secret(call.text("NewPassword").encode()),
        slot_id=services.ids.uuid(),
        now=services.host_now(),
    )
    return _Changed(changed, token.slot)


@operation(
    "kmstui",
    "UpdateCluster",
    doc="Change a cluster's HSMs, its condition, or the password of its crypto user.",
    members=(
        _ID,
        replace(_HSMS, default=None),
        Member(
            "State",
            Kind.TEXT,
            enum=tuple(str(state) for state in ClusterState),
            doc="DETACHED is as if its cable were pulled.",
        ),
        Member(
            "CryptoUser",
            Kind.TEXT,
            enum=tuple(str(user) for user in CryptoUserState),
            doc="How the account of kmsuser stands.",
        ),
        _password("Password", "The present password of kmsuser."),
        _password("NewPassword", "Its new password; key stores have to be told."),
    ),
    needs=own_action("UpdateCluster"),
    mutates=True,
    check=_check_update,
    fits=_fits_update,
    apart=Apart(wanted=lambda call: bool(call.has("NewPassword")), work=_changed_password),
    logged=("ClusterId", "HsmCount", "State", "CryptoUser"),
    errors=("CloudHsmClusterNotFoundException", "WrongPassphraseError"),
)
def update_cluster(call: Call) -> Answer:
    """Write the cluster's token file anew, once the trail has it."""
    token = find_cluster(call, call.text("ClusterId"))
    if call.has("NewPassword"):
        made: _Changed | None = call.made
        if made is None or made.opened != token.slot:
            # The password has changed meanwhile, or it is not the same cluster any more.
            made = _changed_password(call)
        token = replace(token, slot=made.token.slot, failures=0, user=made.token.user)
    if call.has("CryptoUser"):
        token = replace(token, user=CryptoUserState(call.text("CryptoUser")), failures=0)
    changed = replace(
        token,
        hsms=call.number("HsmCount", token.hsms),
        state=ClusterState(call.text("State", token.state)),
    )
    clusters = call.services.devices.clusters
    call.afterwards.append(lambda: clusters.store(changed))
    return {}


def _fits_delete(call: Call) -> None:
    token = find_cluster(call, call.text("ClusterId"))
    for store in call.services.keystore.key_stores(token.account):
        if store.cluster_id == token.cluster_id:
            raise DeleteConflictException(
                f"Cluster {token.cluster_id} belongs to custom key store {store.store_id}.",
                hint="Delete the custom key store first.",
            )


@operation(
    "kmstui",
    "DeleteCluster",
    doc="Destroy a cluster that no custom key store has, and every key in it.",
    members=(_ID,),
    needs=own_action("DeleteCluster"),
    mutates=True,
    fits=_fits_delete,
    logged=("ClusterId",),
    errors=("CloudHsmClusterNotFoundException", "DeleteConflict"),
)
def delete_cluster(call: Call) -> Answer:
    """Remove the cluster's token file, once the trail has it."""
    clusters, cluster_id = call.services.devices.clusters, call.text("ClusterId")
    call.afterwards.append(lambda: clusters.remove(cluster_id))
    return {}
