"""Members that several operations share. Source: the AWS KMS service model."""

from __future__ import annotations

from kmstui.core.spec import Kind, Member
from kmstui.ops.kms.answers import key_metadata

KEY_SPECS = (
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
)
CUSTOMER_MASTER_KEY_SPECS = KEY_SPECS[:13]
KEY_USAGES = (
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
)
_RSA = ("ENCRYPT_DECRYPT", "SIGN_VERIFY")
_NIST_CURVE = ("SIGN_VERIFY", "KEY_AGREEMENT")
USAGES_OF_SPEC = {
    "RSA_2048": _RSA,
    "RSA_3072": _RSA,
    "RSA_4096": _RSA,
    "ECC_NIST_P256": _NIST_CURVE,
    "ECC_NIST_P384": _NIST_CURVE,
    "ECC_NIST_P521": _NIST_CURVE,
    "ECC_SECG_P256K1": ("SIGN_VERIFY",),
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT",),
    "HMAC_224": ("GENERATE_VERIFY_MAC",),
    "HMAC_256": ("GENERATE_VERIFY_MAC",),
    "HMAC_384": ("GENERATE_VERIFY_MAC",),
    "HMAC_512": ("GENERATE_VERIFY_MAC",),
    "SM2": ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"),
    "ML_DSA_44": ("SIGN_VERIFY",),
    "ML_DSA_65": ("SIGN_VERIFY",),
    "ML_DSA_87": ("SIGN_VERIFY",),
    "ECC_NIST_EDWARDS25519": ("SIGN_VERIFY",),
    "ML_KEM_512": ("ENCAPSULATE_DECAPSULATE",),
    "ML_KEM_768": ("ENCAPSULATE_DECAPSULATE",),
    "ML_KEM_1024": ("ENCAPSULATE_DECAPSULATE",),
}
"""The usages that AWS allows for each key spec; the first is not a default."""
ORIGINS = ("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
ENCRYPTION_ALGORITHMS = (
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
)
SIGNING_ALGORITHMS = (
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
)
DATA_KEY_PAIR_SPECS = (
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SM2",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
)
ALIAS_PATTERN = "^[a-zA-Z0-9:/_-]+$"
POLICY_PATTERN = r"[\u0009\u000A\u000D\u0020-\u00FF]+"


def key_id(name: str = "KeyId", *, required: bool = True, doc: str = "The KMS key.") -> Member:
    """Return a member that names a key."""
    return Member(name, Kind.TEXT, required=required, minimum=1, maximum=2048, doc=doc)


def context(name: str = "EncryptionContext") -> Member:
    """Return an encryption context: authenticated, not secret."""
    doc = "Pairs that must be given again to decrypt; they are logged in clear."
    return Member(name, Kind.TEXT_MAP, doc=doc)


def algorithm(name: str = "EncryptionAlgorithm") -> Member:
    """Return an encryption algorithm, SYMMETRIC_DEFAULT when absent."""
    return Member(name, Kind.TEXT, enum=ENCRYPTION_ALGORITHMS, default="SYMMETRIC_DEFAULT")


def ciphertext(name: str = "CiphertextBlob", *, required: bool = False) -> Member:
    """Return a ciphertext blob."""
    return Member(name, Kind.BLOB, required=required, minimum=1, maximum=6144, doc="Ciphertext.")


def alias_name(doc: str) -> Member:
    """Return an alias name, with its ``alias/``."""
    return Member(
        "AliasName",
        Kind.TEXT,
        required=True,
        minimum=1,
        maximum=256,
        pattern=ALIAS_PATTERN,
        doc=doc,
    )


def policy(*, required: bool) -> Member:
    """Return a key policy document."""
    return Member(
        "Policy",
        Kind.TEXT,
        required=required,
        minimum=1,
        maximum=131072,
        pattern=POLICY_PATTERN,
        doc="The key policy, a JSON document.",
    )


TAG_KEY = Member("TagKey", Kind.TEXT, required=True, minimum=1, maximum=128)
TAG_VALUE = Member("TagValue", Kind.TEXT, required=True, minimum=0, maximum=256)
TAG = Member("Tag", Kind.STRUCTURE, members=(TAG_KEY, TAG_VALUE))


def tags(*, required: bool) -> Member:
    """Return a list of tags."""
    doc = "Tags; do not put secrets in them."
    return Member("Tags", Kind.LIST, required=required, item=TAG, doc=doc)


GRANT_TOKENS = Member(
    "GrantTokens",
    Kind.LIST,
    minimum=0,
    maximum=10,
    item=Member("GrantToken", Kind.TEXT, minimum=1, maximum=8192, sensitive=True),
    doc="Tokens of grants that are not yet consistent everywhere.",
)
GRANT_OPERATIONS = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
)
PRINCIPAL_PATTERN = r"^[\w+=,.@:/-]+$"
SERVICE_PATTERN = r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$"


def grant_id(*, required: bool = True) -> Member:
    """Return a member that names a grant of a key."""
    return Member(
        "GrantId", Kind.TEXT, required=required, minimum=1, maximum=128, doc="Id of the grant."
    )


def principal(name: str, doc: str) -> Member:
    """Return a member that names a principal by its ARN."""
    return Member(name, Kind.TEXT, minimum=1, maximum=256, pattern=PRINCIPAL_PATTERN, doc=doc)


def service_principal(name: str, doc: str) -> Member:
    """Return a member that names an AWS service, such as ``rds.us-east-1.amazonaws.com``."""
    return Member(name, Kind.TEXT, minimum=1, maximum=128, pattern=SERVICE_PATTERN, doc=doc)


DRY_RUN = Member(
    "DryRun", Kind.BOOLEAN, doc="Check everything, do nothing; success is an error of its own."
)
DRY_RUN_MODIFIERS = Member(
    "DryRunModifiers",
    Kind.LIST,
    item=Member("DryRunModifier", Kind.TEXT, enum=("IGNORE_CIPHERTEXT",)),
    doc="IGNORE_CIPHERTEXT checks authorisation without a ciphertext.",
)
RECIPIENT = Member(
    "Recipient",
    Kind.STRUCTURE,
    members=(
        Member("KeyEncryptionAlgorithm", Kind.TEXT, enum=("RSAES_OAEP_SHA_256",)),
        Member("AttestationDocument", Kind.BLOB, minimum=1, maximum=262144),
    ),
    doc="An enclave's attestation document.",
)
LIMIT = Member("Limit", Kind.INTEGER, minimum=1, maximum=1000, doc="Most entries in a page.")
MARKER = Member(
    "Marker",
    Kind.TEXT,
    minimum=1,
    maximum=1024,
    pattern=r"[\u0020-\u00FF]*",
    doc="NextMarker of the page before.",
)
BYPASS = Member(
    "BypassPolicyLockoutSafetyCheck",
    Kind.BOOLEAN,
    doc="Accept a policy that locks its author out.",
)
KEY_ID_ANSWER = Member("KeyId", Kind.TEXT)
KEY_MATERIAL_ID = Member("KeyMaterialId", Kind.TEXT)
KEY_METADATA = key_metadata("KeyMetadata")
PLAINTEXT_ANSWER = Member("Plaintext", Kind.BLOB, sensitive=True)
CIPHERTEXT_ANSWER = Member("CiphertextBlob", Kind.BLOB)
FOR_RECIPIENT = Member("CiphertextForRecipient", Kind.BLOB)
NEXT_MARKER = Member("NextMarker", Kind.TEXT)
TRUNCATED = Member("Truncated", Kind.BOOLEAN)

KEY_ERRORS = (
    "NotFoundException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
)
STATE_ERRORS = (*KEY_ERRORS, "KMSInvalidStateException")
