"""The errors of custom key stores, and of the devices behind them.

They continue the tree of :mod:`kmstui.core.errors`. Source of codes and conditions: the AWS KMS
API Reference, *Errors* of the custom key store operations.
"""

from __future__ import annotations

from kmstui.core.errors import KmsError, KmstuiError


class CustomKeyStoreNotFoundException(KmsError):  # noqa: N818 - AWS's name
    """No custom key store of the account and Region has that id or name."""

    default_hint = "DescribeCustomKeyStores lists what there is in this Region."


class CustomKeyStoreInvalidStateException(KmsError):  # noqa: N818 - AWS's name
    """The key store's connection state does not allow the operation."""

    default_hint = "DescribeCustomKeyStores shows the connection state and its error."


class CustomKeyStoreNameInUseException(KmsError):  # noqa: N818 - AWS's name
    """Another custom key store of the account and Region has that name."""

    default_hint = "Choose another name."


class CustomKeyStoreHasCMKsException(KmsError):  # noqa: N818 - AWS's name
    """There are still KMS keys in the key store, pending deletion or not."""

    default_hint = "Schedule the deletion of its keys and wait, or just disconnect it."


class CloudHsmClusterInUseException(KmsError):  # noqa: N818 - AWS's name
    """The cluster, or one that shares its certificate, belongs to another key store."""


class CloudHsmClusterInvalidConfigurationException(KmsError):  # noqa: N818 - AWS's name
    """The cluster has too few HSMs for the operation."""

    default_hint = "Add HSMs to the cluster; creating keys takes two."


class CloudHsmClusterNotActiveException(KmsError):  # noqa: N818 - AWS's name
    """The cluster is not active."""

    default_hint = "Activate the cluster first."


class CloudHsmClusterNotFoundException(KmsError):  # noqa: N818 - AWS's name
    """There is no cluster of that id."""

    default_hint = "kmstui:ListClusters lists what there is; kmstui:CreateCluster makes one."


class CloudHsmClusterNotRelatedException(KmsError):  # noqa: N818 - AWS's name
    """The cluster has another certificate than the key store's original one."""

    default_hint = "Only a copy of the original cluster can take its place."


class IncorrectTrustAnchorException(KmsError):  # noqa: N818 - AWS's name
    """The certificate is not the cluster's trust anchor."""

    default_hint = "Give the certificate that came with the cluster, unchanged."


class XksKeyAlreadyInUseException(KmsError):  # noqa: N818 - AWS's name
    """The external key belongs to another KMS key of the key store."""

    default_hint = "Every KMS key of an external key store has an external key of its own."


class XksKeyInvalidConfigurationException(KmsError):  # noqa: N818 - AWS's name
    """The external key is not an enabled AES-256 key for encryption and decryption."""

    default_hint = "Enable the external key in its key manager."


class XksKeyNotFoundException(KmsError):  # noqa: N818 - AWS's name
    """The external key manager has no such key."""

    default_hint = "Add the key to its key manager first."


class XksProxyIncorrectAuthenticationCredentialException(KmsError):  # noqa: N818 - AWS's name
    """The external key store proxy does not accept the credential."""

    default_hint = "Give the access key id and secret that the key manager has now."


class XksProxyInvalidConfigurationException(KmsError):  # noqa: N818 - AWS's name
    """The external key store proxy is not configured correctly."""


class XksProxyInvalidResponseException(KmsError):  # noqa: N818 - AWS's name
    """What the external key store proxy answered cannot be understood."""


class XksProxyUriEndpointInUseException(KmsError):  # noqa: N818 - AWS's name
    """The endpoint belongs to another external key store, and cannot be shared with it."""


class XksProxyUriInUseException(KmsError):  # noqa: N818 - AWS's name
    """Endpoint and path together belong to another external key store."""


class XksProxyUriUnreachableException(KmsError):  # noqa: N818 - AWS's name
    """No external key store proxy answers at that endpoint and path."""

    default_hint = "Put the key manager online; kmstui:ListKeyManagers shows where each answers."


class XksProxyVpcEndpointServiceInUseException(KmsError):  # noqa: N818 - AWS's name
    """The VPC endpoint service belongs to another external key store."""


class XksProxyVpcEndpointServiceInvalidConfigurationException(KmsError):  # noqa: N818 - AWS's name
    """The VPC endpoint service does not lead to the endpoint."""


class XksProxyVpcEndpointServiceNotFoundException(KmsError):  # noqa: N818 - AWS's name
    """There is no VPC endpoint service of that name."""


class DeviceError(KmstuiError):
    """A cluster or an external key manager did not do what it was asked.

    Args:
        message: What happened, for a person.
        connection: AWS's ConnectionErrorCode for it.
    """

    def __init__(self, message: str, connection: str) -> None:
        super().__init__(message)
        self.connection = connection
