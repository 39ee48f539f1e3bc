"""Request quotas: how often a second an account may call, class by class and Region by Region.

Each class has a bucket of tokens that fills at its rate and holds what one second brings. They are
off unless asked for: nothing here is slow enough to need them, but whoever writes programs against
the service wants to meet them. Not thread-safe: calls hold the engine's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from kmstui.core.clock import HostClock
from kmstui.core.errors import ThrottlingException
from kmstui.engine import quota_table as table
from kmstui.hsm import algorithms
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call

TEXT: Final = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)

_REPLICA_KEYS: Final = 2.0
"""What ReplicateKey counts as CreateKey where the replica is made: one of them is a dry run."""

_MOST_BUCKETS: Final = 10_000
"""From so many on, those that are full again are forgotten."""


class Charge(NamedTuple):
    """What a call costs in one bucket.

    Attributes:
        account: Whose bucket; the caller's, or that of a custom key store.
        region: Where.
        name: The class.
        cost: Tokens.
    """

    account: str
    region: str
    name: str
    cost: float = 1.0


@dataclass(slots=True)
class Bucket:
    """Tokens of one class, account and Region.

    Attributes:
        rate: Tokens a second, scaled.
        tokens: How many there were at ``at``; below 0 after a call that cost more than there was.
        at: Boot time of that.
        refused: Calls that found too few.
    """

    rate: float
    tokens: float
    at: float
    refused: int = 0

    @property
    def burst(self) -> float:
        """The most it holds: what one second brings, and at least one."""
        return max(self.rate, 1.0)

    def fill(self, now: float) -> float:
        """Take in what time has brought; return the tokens."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return self.tokens

    def wait(self, cost: float) -> float:
        """Return the seconds until a call of that cost is let through; 0 for now."""
        return max(0.0, (min(cost, self.burst) - self.tokens) / self.rate)


@dataclass(slots=True)
class Quotas:
    """The buckets of a keystore.

    Attributes:
        clock: Host time; buckets fill by its boot time, which nobody sets.
        fixed: A scale that holds whatever the setting says; ``None`` for the setting's.
        scale: What AWS's rates are multiplied by; 0 while off.
        admit: Counts a call whose keys are resolved, or refuses it; ``None`` while off.
    """

    clock: HostClock
    fixed: float | None = None
    scale: float = field(default=0.0, init=False)
    admit: Callable[[Call], None] | None = field(default=None, init=False)
    _buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict, init=False)

    def use(self, setting: str) -> None:
        """Go by a setting's value, unless a scale was fixed; a new one fills every bucket."""
        scale = float(setting) if self.fixed is None else self.fixed
        if scale != self.scale:
            self._buckets.clear()
        self.scale = scale
        self.admit = self._admit if scale > 0 else None

    def _admit(self, call: Call) -> None:
        """Count a call.

        Raises:
            ThrottlingException: One of its buckets holds too little; nothing was counted.
        """
        now = self.clock.boot()
        charged = [(charge, self._bucket(charge, now)) for charge in charges(call)]
        for charge, bucket in charged:
            bucket.fill(now)
            wait = bucket.wait(charge.cost)
            if wait > 0:
                bucket.refused += 1
                raise ThrottlingException(TEXT, hint=_hint(charge, bucket, wait))
        for charge, bucket in charged:
            bucket.tokens -= charge.cost

    def _bucket(self, charge: Charge, now: float) -> Bucket:
        place = charge[:3]
        bucket = self._buckets.get(place)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._forget_full(now)
            rate = _rate(charge.name, charge.region) * self.scale
            bucket = self._buckets[place] = Bucket(rate, max(rate, 1.0), now)
        return bucket

    def _forget_full(self, now: float) -> None:
        for place, bucket in list(self._buckets.items()):
            if bucket.fill(now) >= bucket.burst:
                del self._buckets[place]

    def shown(self, account: str, region: str) -> list[dict[str, Any]]:
        """Return every class of an account and Region, in an answer's form."""
        return list(self._shown(account, region))

    def _shown(self, account: str, region: str) -> Iterator[dict[str, Any]]:
        for each in table.CLASSES:
            bucket = self._buckets.get((account, region, each.name))
            yield self._entry(each.name, region, each.operations, bucket)
        for (owner, place, name), bucket in sorted(self._buckets.items()):
            if (owner, place) == (account, region) and name not in table.BY_NAME:
                yield self._entry(name, region, (), bucket)

    def _entry(
        self, name: str, region: str, operations: tuple[str, ...], bucket: Bucket | None
    ) -> dict[str, Any]:
        rate = _rate(name, region) * (self.scale or 1.0)
        full = max(rate, 1.0)
        left = full if bucket is None else max(0.0, bucket.fill(self.clock.boot()))
        return {
            "Class": name,
            "Operations": list(operations),
            "Rate": round(rate, 3),
            "Burst": round(full, 3),
            "Left": round(left, 3),
            "Refused": 0 if bucket is None else bucket.refused,
        }


def _rate(name: str, region: str) -> float:
    known = table.BY_NAME.get(name)
    return table.KEY_STORE_RATE if known is None else known.rate_in(region)


def _hint(charge: Charge, bucket: Bucket, wait: float) -> str:
    return (
        f"Try again in {max(wait, 0.001):.3g} s. {charge.name}: {bucket.rate:,.6g} a second for "
        f"account {charge.account} in {charge.region}."
    )


def charges(call: Call) -> list[Charge]:
    """Return what a call counts for; calls of other services than ``kms`` count for nothing."""
    spec, caller = call.spec, call.caller
    if spec.service != "kms":
        return []
    name = spec.name
    if name in table.BY_KEY:
        return _by_keys(call)
    if name in table.PAIR_OPERATIONS:
        name = table.pair_class(call.text("KeyPairSpec"))
    elif name == "GenerateRandom":
        name = table.SYMMETRIC
    found = [Charge(caller.account, caller.region, name)]
    if name == "ReplicateKey":
        region = call.text("ReplicaRegion")
        found.append(Charge(caller.account, region, "CreateKey", _REPLICA_KEYS))
    elif call.has("CustomKeyStoreId") and spec.name == "GenerateRandom":
        store = f"{table.KEY_STORE} {call.text('CustomKeyStoreId')}"
        found.append(Charge(caller.account, caller.region, store))
    elif name == "UpdatePrimaryRegion":
        found.append(Charge(caller.account, call.text("PrimaryRegion"), name))
    return found


def _by_keys(call: Call) -> list[Charge]:
    """Count a cryptographic call once for each kind of key it uses, and for their key stores."""
    caller, keys = call.caller, call.keys.values()
    names = dict.fromkeys(_class_of(key) for key in keys)
    stores = {
        Charge(key.account, key.region, f"{table.KEY_STORE} {key.custom_key_store_id}"): None
        for key in keys
        if key.custom_key_store_id
    }
    return [*(Charge(caller.account, caller.region, name) for name in names), *stores]


def _class_of(key: KeyRecord) -> str:
    row = algorithms.spec(key.key_spec)
    return table.SYMMETRIC if row is None else table.CLASS_OF_KIND[row.kind]
