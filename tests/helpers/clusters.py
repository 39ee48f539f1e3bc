"""A cluster and its password, made once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from kmstui.core.secret import Secret
from kmstui.hsm import CHEAPEST
from kmstui.hsm.base import PASSPHRASE_SLOT, UnlockSlot
from kmstui.hsm.certificate import trust_anchor
from kmstui.hsm.cluster import make_token
from kmstui.hsm.cluster_token import CRYPTO_USER, ClusterState, ClusterToken, CryptoUserState
from tests.helpers.hsm import BINDING

ACCOUNT = BINDING.account
CLUSTER = "cluster-aaaaaaaaaaa"
REGION = "us-east-1"
PASSWORD = Secret(b"kmsuser password")
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@cache
def make_cluster() -> ClusterToken:
    """Return a cluster of two HSMs without keys."""
    template = ClusterToken(
        cluster_id=CLUSTER,
        account=ACCOUNT,
        region=REGION,
        serial="11112222-3333-4444-8555-666677778888",
        certificate=trust_anchor(CLUSTER, NOW),
        hsms=2,
        state=ClusterState.ACTIVE,
        user=CryptoUserState.READY,
        failures=0,
        created=NOW,
        test_profile=True,
        slot=UnlockSlot("", PASSPHRASE_SLOT, CRYPTO_USER, CHEAPEST, b"", b"", NOW),
        domain_keys=(),
    )
    return make_token(template, PASSWORD, CHEAPEST, slot_id="slot", now=NOW)
