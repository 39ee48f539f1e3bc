"""Destroying keys whose waiting period is over.

In a production keystore a key is destroyed only when its date has passed *and* it was seen to be
due at least an hour of boot time ago, so that a clock set forward by mistake shortens nobody's
waiting period. The last replica of a key that is to be deleted takes its primary a step further.

Material in a cluster is removed there first, as far as the cluster can be reached; a key whose
cluster cannot is destroyed all the same, and its event says so. Source: AWS KMS Developer Guide,
*Deleting KMS keys from an AWS CloudHSM key store*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import inf

from kmstui.core.limits import DESTRUCTION_SECOND_LOOK_SECONDS
from kmstui.engine.core import OWN_SOURCE, Core
from kmstui.engine.maintenance.run import Run
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.kms.related import drop_related
from kmstui.ops.kms.stores.lookup import store_of


def destroy_due(run: Run, key: KeyRecord) -> None:
    """Destroy a key at the second look, and note the first."""
    if not _is_due(run.core, key):
        return
    waited = _since_first_look(run.core, key)
    if waited is None:
        _record_first_look(run, key)
    elif waited >= DESTRUCTION_SECOND_LOOK_SECONDS:
        run.announce("DeleteKey", key)
        _destroy(run, key)
        run.destroyed.append(key.arn)


def _is_due(core: Core, key: KeyRecord) -> bool:
    date = key.deletion_date
    return key.state is KeyState.PENDING_DELETION and date is not None and date <= core.now()


def _since_first_look(core: Core, key: KeyRecord) -> float | None:
    """Return the seconds since the first look; ``None`` before it, and after a reboot."""
    if core.keystore.head.training:
        return inf
    seen, boot = key.deletion_due_seen, core.host.clock.boot()
    return None if seen is None or seen > boot else boot - seen


def _record_first_look(run: Run, key: KeyRecord) -> None:
    core = run.core
    event = run.event("KeyDeletionDue", key, {"KeyId": key.arn}, OWN_SOURCE)
    with core.keystore.begin() as changes:
        changes.put_key(replace(key, deletion_due_seen=core.host.clock.boot()))
        core.commit(changes, event.event_id, event.event)


def _destroy(run: Run, key: KeyRecord) -> None:
    """Remove the key, its material and its aliases, and scrub the write-ahead log."""
    core = run.core
    additional = _destroy_in_cluster(core, key)
    event = run.event("DeleteKey", key, {"KeyId": key.arn}, additional=additional)
    core.usage.pop(key.arn, None)
    with core.keystore.begin() as changes:
        changes.delete_key(key.account, key.region, key.key_id)
        drop_related(changes, key, core.now())
        core.commit(changes, event.event_id, event.event)
    core.hsm.forget(material.token for material in key.materials)
    core.scrub()


def _destroy_in_cluster(core: Core, key: KeyRecord) -> Mapping[str, str]:
    """Remove a key's material from its cluster; return what the event says of that.

    Only a key of a key store with a cluster has any there.
    """
    store = store_of(core.keystore, key)
    if store is None or store.is_external:
        return {}
    clusters = core.devices.clusters
    keys = [{"backingKeyId": material.token.hex()} for material in key.materials]
    gone = [clusters.destroy(store.cluster_id, material.token) for material in key.materials]
    ends = [
        each | {"deletionStatus": "SUCCESS" if done else "FAILURE"}
        for each, done in zip(keys, gone, strict=True)
    ]
    return {
        "customKeyStoreId": store.store_id,
        "clusterId": store.cluster_id,
        "backingKeys": _compact(keys),
        "backingKeysDeletionStatus": _compact(ends),
    }


def _compact(value: list[dict[str, str]]) -> str:
    """Return JSON in a text, as AWS has these members."""
    return json.dumps(value, separators=(",", ":"))
