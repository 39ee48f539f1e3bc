"""Members of the custom key store operations. Source: the AWS KMS service model."""

from __future__ import annotations

from kmstui.core.spec import Kind, Member
from kmstui.keystore.key_stores import StoreKind

PUBLIC_ENDPOINT = "PUBLIC_ENDPOINT"
VPC_ENDPOINT_SERVICE = "VPC_ENDPOINT_SERVICE"

TYPE = Member(
    "CustomKeyStoreType",
    Kind.TEXT,
    enum=tuple(str(kind) for kind in StoreKind),
    default=str(StoreKind.AWS_CLOUDHSM),
    doc="What is behind it; cannot be changed.",
)
CLUSTER = Member(
    "CloudHsmClusterId",
    Kind.TEXT,
    minimum=19,
    maximum=24,
    pattern="cluster-[2-7a-zA-Z]{11,16}",
    doc="The cluster; kmstui:CreateCluster makes one.",
)
TRUST_ANCHOR = Member(
    "TrustAnchorCertificate",
    Kind.TEXT,
    minimum=1,
    maximum=5000,
    doc="The cluster's certificate.",
)
PASSWORD = Member(
    "KeyStorePassword",
    Kind.TEXT,
    minimum=7,
    maximum=32,
    sensitive=True,
    doc="The password of the cluster's crypto user, kmsuser.",
)
ENDPOINT = Member(
    "XksProxyUriEndpoint",
    Kind.TEXT,
    minimum=10,
    maximum=128,
    pattern="^https://[a-zA-Z0-9.-]+$",
    doc="Where the proxy answers.",
)
PATH = Member(
    "XksProxyUriPath",
    Kind.TEXT,
    minimum=10,
    maximum=128,
    pattern=r"^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$",
    doc="The path that the proxy answers at.",
)
SERVICE = Member(
    "XksProxyVpcEndpointServiceName",
    Kind.TEXT,
    minimum=20,
    maximum=64,
    pattern=r"^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$",
    doc="The VPC endpoint service that leads to the proxy.",
)
SERVICE_OWNER = Member(
    "XksProxyVpcEndpointServiceOwner",
    Kind.TEXT,
    minimum=12,
    maximum=12,
    pattern="[0-9]{12}",
    doc="The account that owns that service.",
)
CREDENTIAL = Member(
    "XksProxyAuthenticationCredential",
    Kind.STRUCTURE,
    sensitive=True,
    members=(
        Member(
            "AccessKeyId",
            Kind.TEXT,
            required=True,
            minimum=20,
            maximum=30,
            pattern="^[A-Z2-7]+$",
            sensitive=True,
        ),
        Member(
            "RawSecretAccessKey",
            Kind.TEXT,
            required=True,
            minimum=43,
            maximum=64,
            pattern=r"^[a-zA-Z0-9\/+=]+$",
            sensitive=True,
        ),
    ),
    doc="What the proxy knows its client by.",
)
CONNECTIVITY = Member(
    "XksProxyConnectivity",
    Kind.TEXT,
    enum=(PUBLIC_ENDPOINT, VPC_ENDPOINT_SERVICE),
    doc="How the proxy is reached.",
)
CLOUD_MEMBERS = (CLUSTER.name, TRUST_ANCHOR.name, PASSWORD.name)
"""Members that only a key store of type AWS_CLOUDHSM has."""

EXTERNAL_MEMBERS = (
    CONNECTIVITY.name,
    ENDPOINT.name,
    PATH.name,
    CREDENTIAL.name,
    SERVICE.name,
    SERVICE_OWNER.name,
)
"""Members that only a key store of type EXTERNAL_KEY_STORE has."""

LOGGED = (CLUSTER.name, CONNECTIVITY.name, ENDPOINT.name, PATH.name, SERVICE.name)
"""What the trail may show of them: no certificate, no password, no credential."""


def store_id(*, required: bool = True) -> Member:
    """Return a member that names a custom key store by its id."""
    return Member(
        "CustomKeyStoreId",
        Kind.TEXT,
        required=required,
        minimum=1,
        maximum=64,
        doc="Id of the custom key store.",
    )


def store_name(name: str, *, required: bool = False) -> Member:
    """Return a member with the name of a custom key store."""
    doc = "The operator's name for it; no secret."
    return Member(name, Kind.TEXT, required=required, minimum=1, maximum=256, doc=doc)
