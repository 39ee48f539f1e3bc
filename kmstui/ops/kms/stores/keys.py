"""Making KMS keys in custom key stores."""

from __future__ import annotations

from kmstui.core.errors import (
    DependencyTimeoutException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.store_errors import (
    DeviceError,
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
)
from kmstui.hsm.algorithms import SYMMETRIC
from kmstui.hsm.base import MaterialBinding, WrappedMaterial
from kmstui.keystore.key_stores import CustomKeyStoreRecord, StoreKind
from kmstui.ops.call import Call
from kmstui.ops.kms.stores.lookup import (
    find_store,
    named_store,
    open_cluster,
    proxy_of,
    require_connected,
)
from kmstui.ops.kms.stores.rules import require_hsms

STORE_ORIGINS = frozenset(str(kind) for kind in StoreKind)
"""Origins of keys in custom key stores."""


def check_store_members(call: Call, spec: str) -> None:
    """Refuse members of CreateKey that no key in a custom key store has, or that it lacks.

    Raises:
        ValidationException: Origin, CustomKeyStoreId and XksKeyId do not go together.
        UnsupportedOperationException: Such a key cannot be in a custom key store.
    """
    origin = call.text("Origin", "AWS_KMS")
    external = origin == StoreKind.EXTERNAL_KEY_STORE
    if call.has("XksKeyId") and not external:
        raise ValidationException("XksKeyId is valid only for Origin EXTERNAL_KEY_STORE.")
    if origin not in STORE_ORIGINS:
        if call.has("CustomKeyStoreId"):
            raise ValidationException(
                f"CustomKeyStoreId is not valid for Origin {origin}.",
                hint="Keys in custom key stores have Origin AWS_CLOUDHSM or EXTERNAL_KEY_STORE.",
            )
        return
    if not call.has("CustomKeyStoreId"):
        raise ValidationException(f"CustomKeyStoreId is required for Origin {origin}.")
    if external and not call.has("XksKeyId"):
        raise ValidationException("XksKeyId is required for Origin EXTERNAL_KEY_STORE.")
    if spec != SYMMETRIC:
        raise UnsupportedOperationException(
            f"KeySpec {spec} is not supported in a custom key store.",
            hint="Custom key stores have symmetric encryption keys only.",
        )
    if call.flag("MultiRegion"):
        raise UnsupportedOperationException(
            "Multi-Region keys are not supported in a custom key store."
        )


def fits_store(call: Call) -> None:
    """Refuse a key that the named custom key store cannot take now.

    Raises:
        CustomKeyStoreNotFoundException: There is no such key store.
        CustomKeyStoreInvalidStateException: It is not connected.
        CloudHsmClusterInvalidConfigurationException: Its cluster has fewer than two HSMs.
        XksKeyAlreadyInUseException: The external key belongs to another KMS key.
        XksKeyNotFoundException: There is no such external key.
        XksKeyInvalidConfigurationException: The external key is disabled.
        DependencyTimeoutException: What is behind the key store does not answer.
    """
    if not call.has("CustomKeyStoreId"):
        return
    store = named_store(call)
    if str(store.kind) != call.text("Origin"):
        raise ValidationException(
            f"Origin {call.text('Origin')} is not valid in custom key store {store.store_id}, "
            f"which is of type {store.kind}."
        )
    require_connected(store)
    try:
        if store.is_external:
            _check_external_key(call, store)
        else:
            require_hsms(call.services.devices.clusters.answering(store.cluster_id))
    except DeviceError as error:
        raise _timeout(error) from error


def _check_external_key(call: Call, store: CustomKeyStoreRecord) -> None:
    key_id, services = call.text("XksKeyId"), call.services
    owner = services.keystore.key_of_external(store, key_id)
    if owner:
        raise XksKeyAlreadyInUseException(
            f"External key {key_id} belongs to KMS key {owner} already."
        )
    enabled = proxy_of(services, store).key_enabled(key_id)
    if enabled is None:
        raise XksKeyNotFoundException(f"There is no external key {key_id}.")
    if not enabled:
        raise XksKeyInvalidConfigurationException(f"External key {key_id} is disabled.")


def generate_material(call: Call, binding: MaterialBinding) -> WrappedMaterial:
    """Return new material for the key that a request asks for, where it is to be.

    In a cluster it is made in the cluster. Over an external key, the KMS key's own half is made
    in the keystore's HSM.

    Raises:
        DependencyTimeoutException: The cluster does not answer.
    """
    services = call.services
    if binding.origin != StoreKind.AWS_CLOUDHSM:
        return services.hsm.generate(binding)
    store = find_store(call, call.text("CustomKeyStoreId"))
    call.extra["CustomKeyStoreId"] = store.store_id
    try:
        made = open_cluster(services, store).generate(binding)
    except DeviceError as error:
        raise _timeout(error) from error
    call.extra["BackingKey"] = made.token.hex()
    return made


def random_bytes(call: Call, length: int) -> bytes:
    """Return random bytes of the cluster that a request names.

    Raises:
        CustomKeyStoreNotFoundException: There is no such key store.
        CustomKeyStoreInvalidStateException: It is not connected.
        UnsupportedOperationException: It is an external key store.
        DependencyTimeoutException: Its cluster does not answer.
    """
    store = named_store(call)
    if store.is_external:
        raise UnsupportedOperationException(
            "GenerateRandom is not supported in an external key store.",
            hint="Name a key store of type AWS_CLOUDHSM, or none.",
        )
    require_connected(store)
    try:
        return open_cluster(call.services, store).random(length)
    except DeviceError as error:
        raise _timeout(error) from error


def _timeout(error: DeviceError) -> DependencyTimeoutException:
    return DependencyTimeoutException(error.message, hint="Look at what is behind the key store.")
