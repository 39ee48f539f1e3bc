"""The keys of the demo account, as data.

Days count from the start of the year; day 365 is today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kmstui.engine.demo import policies
from kmstui.engine.demo.setting import REGION, SECOND_REGION, YEAR_DAYS


@dataclass(frozen=True, slots=True)
class DemoKey:
    """A key of the demo account.

    Attributes:
        alias: Without ``alias/``; also how the story calls the key.
        day: When it is created.
        description: Its description.
        classification: Value of the tag DataClassification.
        owner: Value of the tag Owner, a team.
        cost_center: Value of the tag CostCenter.
        every: Days between uses; 0 for a key that is never used.
        until: The last day it is used on.
        since: The first day it is used on; 0 for the day after it is created.
        context: Encryption context of its uses.
        region: Where it is.
        multi_region: Whether it can be replicated.
        data_keys: Whether it is used for data keys rather than for small secrets.
        writer: The role that encrypts; empty for the owner's.
        reader: The role that decrypts; empty for the owner's.
        policy: The key policy it is created with; empty for the default one.
        spec: Its KeySpec.
        usage: Its KeyUsage.
        origin: Its Origin.
        store: Name of the custom key store that it is in; empty for none.
        external: The external key that it goes with; empty for none.
    """

    alias: str
    day: int
    description: str
    classification: str
    owner: str
    cost_center: str
    every: int
    until: int = YEAR_DAYS
    since: int = 0
    context: tuple[tuple[str, str], ...] = ()
    region: str = REGION
    multi_region: bool = False
    data_keys: bool = False
    writer: str = ""
    reader: str = ""
    policy: str = ""
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    store: str = ""
    external: str = ""

    @property
    def role(self) -> str:
        """Name of its owner's role."""
        return f"{self.owner.capitalize()}App"


KEYS: Final = (
    DemoKey(
        "prod-cardvault-payments",
        2,
        "Card numbers in the vault of the payment service",
        "restricted",
        "payments",
        "CC-4100",
        2,
        context=(("app", "cardvault"), ("env", "prod")),
        data_keys=True,
    ),
    DemoKey(
        "prod-ledger-payments",
        2,
        "Ledger entries at rest",
        "confidential",
        "payments",
        "CC-4100",
        4,
        context=(("app", "ledger"), ("env", "prod")),
        data_keys=True,
    ),
    DemoKey(
        "prod-payouts-payments",
        31,
        "Bank account details of payees",
        "restricted",
        "payments",
        "CC-4100",
        7,
        context=(("app", "payouts"), ("env", "prod")),
    ),
    DemoKey(
        "prod-tokens-identity",
        3,
        "Refresh tokens of the sign-in service",
        "restricted",
        "identity",
        "CC-4200",
        3,
        context=(("app", "tokens"), ("env", "prod")),
    ),
    DemoKey(
        "prod-profiles-identity",
        3,
        "Personal data of customers",
        "restricted",
        "identity",
        "CC-4200",
        5,
        context=(("app", "profiles"), ("env", "prod")),
        data_keys=True,
    ),
    DemoKey(
        "prod-telemetry-fleet",
        5,
        "Telemetry uploaded by devices in the field",
        "internal",
        "fleet",
        "CC-4300",
        3,
        context=(("fleet", "field"), ("env", "prod")),
        data_keys=True,
        writer="IngestApp",
        reader="ReportApp",
        policy=policies.telemetry(),
    ),
    DemoKey(
        "prod-firmware-fleet",
        9,
        "Firmware images before they are signed",
        "confidential",
        "fleet",
        "CC-4300",
        21,
        data_keys=True,
    ),
    DemoKey(
        "prod-provisioning-fleet",
        60,
        "Device secrets during provisioning",
        "restricted",
        "fleet",
        "CC-4300",
        9,
        multi_region=True,
    ),
    DemoKey(
        "prod-backups-platform",
        4,
        "Nightly database backups",
        "confidential",
        "platform",
        "CC-4000",
        7,
        context=(("backup", "nightly"),),
        data_keys=True,
    ),
    DemoKey(
        "prod-logs-platform",
        4,
        "Log archive",
        "internal",
        "platform",
        "CC-4000",
        6,
        data_keys=True,
    ),
    DemoKey(
        "prod-secrets-platform",
        6,
        "Configuration secrets of the services",
        "restricted",
        "platform",
        "CC-4000",
        4,
        context=(("scope", "deploy"),),
    ),
    DemoKey(
        "prod-warehouse-analytics",
        40,
        "Columns with personal data in the warehouse",
        "confidential",
        "analytics",
        "CC-4400",
        8,
        context=(("app", "warehouse"), ("env", "prod")),
        data_keys=True,
    ),
    DemoKey(
        "prod-exports-analytics",
        45,
        "Files handed to partners",
        "confidential",
        "analytics",
        "CC-4400",
        14,
        until=250,
    ),
    DemoKey("stage-cardvault-payments", 10, "Staging copy", "internal", "payments", "CC-4100", 11),
    DemoKey("stage-tokens-identity", 12, "Staging copy", "internal", "identity", "CC-4200", 13),
    DemoKey("stage-telemetry-fleet", 20, "Staging copy", "internal", "fleet", "CC-4300", 17),
    DemoKey("dev-sandbox-platform", 8, "Anything goes", "public", "platform", "CC-4000", 25),
    DemoKey(
        "dev-soaktest-payments",
        100,
        "Soak tests of the card vault",
        "public",
        "payments",
        "CC-4100",
        10,
        until=180,
    ),
    DemoKey(
        "prod-archive-platform",
        1,
        "Archive of the former file server",
        "confidential",
        "platform",
        "CC-4000",
        30,
        until=270,
    ),
    DemoKey(
        "legacy/fileserver",
        1,
        "File server, before the naming rule",
        "internal",
        "platform",
        "CC-4000",
        45,
        until=210,
    ),
    DemoKey(
        "stage-migration-analytics",
        120,
        "One-off migration of the warehouse",
        "internal",
        "analytics",
        "CC-4400",
        5,
        until=150,
    ),
    DemoKey(
        "prod-website-platform",
        200,
        "Forms of the web site",
        "internal",
        "platform",
        "CC-4000",
        0,
    ),
    DemoKey(
        "prod-profiles-identity",
        90,
        "Personal data of customers in Europe",
        "restricted",
        "identity",
        "CC-4200",
        6,
        context=(("app", "profiles"), ("env", "prod")),
        region=SECOND_REGION,
        data_keys=True,
    ),
    DemoKey(
        "prod-signing-fleet",
        211,
        "Signatures over firmware releases",
        "restricted",
        "fleet",
        "CC-4300",
        9,
        spec="ECC_NIST_P256",
        usage="SIGN_VERIFY",
    ),
    DemoKey(
        "prod-webhooks-platform",
        214,
        "Authenticates what web hooks send",
        "confidential",
        "platform",
        "CC-4000",
        7,
        spec="HMAC_256",
        usage="GENERATE_VERIFY_MAC",
    ),
    DemoKey(
        "prod-inbox-analytics",
        219,
        "Partners encrypt files to its public key",
        "confidential",
        "analytics",
        "CC-4400",
        16,
        spec="RSA_2048",
        usage="ENCRYPT_DECRYPT",
    ),
    DemoKey(
        "prod-pairing-fleet",
        221,
        "Shared secrets with devices in the field",
        "restricted",
        "fleet",
        "CC-4300",
        0,
        spec="ECC_NIST_P384",
        usage="KEY_AGREEMENT",
    ),
    DemoKey(
        "prod-settlement-payments",
        289,
        "Material from the bank's key ceremony",
        "restricted",
        "payments",
        "CC-4100",
        6,
        since=294,
        context=(("app", "settlement"), ("env", "prod")),
        origin="EXTERNAL",
    ),
    DemoKey(
        "stage-signing-fleet",
        318,
        "Trial of signatures that outlast quantum computers",
        "internal",
        "fleet",
        "CC-4300",
        12,
        spec="ML_DSA_65",
        usage="SIGN_VERIFY",
    ),
    DemoKey(
        "stage-settlement-payments",
        358,
        "Waits for the bank's key ceremony",
        "internal",
        "payments",
        "CC-4100",
        0,
        origin="EXTERNAL",
    ),
    DemoKey(
        "prod-vault-payments",
        336,
        "In the cluster in the vault",
        "restricted",
        "payments",
        "CC-4100",
        8,
        origin="AWS_CLOUDHSM",
        store="vault-cluster",
    ),
    DemoKey(
        "prod-residency-identity",
        337,
        "Under a key that the customer holds",
        "restricted",
        "identity",
        "CC-4200",
        9,
        until=360,
        origin="EXTERNAL_KEY_STORE",
        store="customer-manager",
        external="customer-2026",
    ),
)
