"""What a decision costs: beside one AES-GCM call, and at its worst."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmstui.authz.document import parse_policy
from kmstui.authz.evaluate import evaluate
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    ContextValue,
    GrantFacts,
    Layer,
    PolicyKind,
    PolicySet,
    Principal,
    PrincipalType,
)
from tests.bench.conftest import Say

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/app"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PROMISED = 8
"""Times one AES-GCM call with new object and nonce."""

CALLS = 50
ROUNDS = 400


def document(*statements: dict[str, Any]) -> str:
    """Return a policy of the current version."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str, action: object, **elements: Any) -> dict[str, Any]:
    """Return a statement on everything."""
    return {"Effect": effect, "Action": action, "Resource": "*", **elements}


def attached(name: str, kind: PolicyKind, *statements: dict[str, Any]) -> AttachedPolicy:
    """Return a policy under a name."""
    return AttachedPolicy(name, parse_policy(document(*statements), kind))


def key_policy() -> AttachedPolicy:
    """Return eight statements as keys have them: delegation, users, services, two denials."""
    everyone, user = {"Principal": "*"}, {"Principal": {"AWS": USER}}
    stale = {"NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": "300"}}
    outside = {
        "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    via = {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}
    foreign = {"AWS": "arn:aws:iam::444455556666:root"}
    return attached(
        "key policy",
        PolicyKind.KEY,
        statement("Allow", "kms:*", Principal={"AWS": ROOT}),
        statement("Allow", ["kms:Describe*", "kms:List*"], Principal=foreign),
        statement("Allow", "kms:*", **user, Condition=via),
        statement("Allow", "kms:CreateGrant", **user, Condition=via),
        statement("Allow", "kms:GenerateDataKey*", Principal={"Service": "s3.amazonaws.com"}),
        statement("Deny", ["kms:PutKeyPolicy"], **everyone, Condition=stale),
        statement("Deny", "kms:*", **everyone, Condition=outside),
        statement("Deny", "*", **everyone, Condition=insecure),
    )


def identity_policies() -> tuple[AttachedPolicy, ...]:
    """Return three, one of which allows Encrypt under conditions."""
    bound = {
        "StringEquals": {"kms:EncryptionContext:AppName": "${aws:username}"},
        "StringLike": {"kms:EncryptionContext:Path": "/var/*/data/*"},
        "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]},
    }
    return (
        attached("reading", PolicyKind.IDENTITY, statement("Allow", ["kms:List*", "kms:Get*"])),
        attached("never", PolicyKind.IDENTITY, statement("Deny", "kms:Decrypt")),
        attached("using", PolicyKind.IDENTITY, statement("Allow", "kms:Encrypt", Condition=bound)),
    )


def grants() -> tuple[GrantFacts, ...]:
    """Return twenty for the caller; only the last one's constraint can be met."""
    operations = frozenset({"Encrypt", "Decrypt", "GenerateDataKey"})
    return tuple(
        GrantFacts(f"{number:064x}", USER, operations, subset=(("tenant", str(number)),))
        for number in range(20)
    )


CONTEXT: dict[str, ContextValue] = {
    "aws:principalaccount": ACCOUNT,
    "aws:principalarn": USER,
    "aws:username": "app",
    "aws:securetransport": "true",
    "aws:sourceip": "203.0.113.7",
    "kms:calleraccount": ACCOUNT,
    "kms:encryptioncontext:appname": "app",
    "kms:encryptioncontext:path": "/var/opt/data/x",
}


def request(*, pairs: tuple[tuple[str, str], ...]) -> AccessRequest:
    """Return an Encrypt request of the user."""
    return AccessRequest(
        principal=Principal(PrincipalType.USER, USER, ACCOUNT),
        action="kms:Encrypt",
        resource=KEY,
        resource_account=ACCOUNT,
        context=CONTEXT,
        grant_operation="Encrypt",
        encryption_context=pairs,
    )


def _each(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        action()
    return (time.perf_counter() - began) / CALLS


def fastest(**actions: Callable[[], object]) -> dict[str, float]:
    """Return the best seconds a call of each action; they take turns, so that noise is shared."""
    best = dict.fromkeys(actions, float("inf"))
    for _ in range(ROUNDS):
        for name, action in actions.items():
            best[name] = min(best[name], _each(action))
    return best


@pytest.mark.parametrize("layer", [Layer.IDENTITY, Layer.GRANT])
def test_a_decision_is_cheap_beside_encryption(layer: Layer, say: Say) -> None:
    """At most eight times AES-GCM with a new object and nonce, by policies or by a last grant."""
    asked = request(pairs=(("AppName", "app"), ("tenant", "19")))
    policies = PolicySet(key_policy(), identity_policies(), grants=grants())
    if layer is Layer.GRANT:
        policies = replace(policies, identity=policies.identity[:2] + policies.identity[:1])
    decision = evaluate(asked, policies)
    assert (True, layer) == (decision.allowed, decision.layer)
    data, key = bytes(32), os.urandom(32)
    best = fastest(
        aes=lambda: AESGCM(key).encrypt(os.urandom(12), data, None),
        decide=lambda: evaluate(asked, policies),
        request=lambda: request(pairs=asked.encryption_context or ()),
    )
    ratio = best["decide"] / best["aes"]
    say(
        f"decision by {layer}: {best['decide'] * 1e6:.1f} us, AES-GCM {best['aes'] * 1e6:.1f} us: "
        f"{ratio:.1f} (the request itself: {best['request'] * 1e6:.1f} us)"
    )
    assert ratio <= PROMISED


LONG = "a" * 4096
HUGE: dict[str, ContextValue] = {
    **CONTEXT,
    "kms:encryptioncontext:x": LONG,
    "kms:encryptioncontext:m": "ab" * 2048,
    "aws:tagkeys": tuple(f"arn:a:b{number}:c:d:e" for number in range(300)),
    "kms:encryptioncontextkeys": tuple(f"key{number}" for number in range(500)),
}


def repeated(value: str, place: Callable[[list[str]], dict[str, Any]]) -> str:
    """Return a policy of nearly 32 KB that says a value in one place as often as fits."""
    count = 32_000 // (len(json.dumps(value)) + 2)
    return document({"Effect": "Deny", "Principal": "*"} | place([value] * count))


def under(operator: str, key: str) -> Callable[[list[str]], dict[str, Any]]:
    """Return a place: the values of a condition."""
    return lambda values: {
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {key: values}},
    }


WORST = {
    "actions": repeated("?*:?*?z", lambda values: {"Action": values, "Resource": "*"}),
    "resources": repeated(
        "arn:?*:*:*:*:*?a?*z", lambda values: {"Action": "*", "Resource": values}
    ),
    "variables": repeated(
        "arn:aws:kms:*:*:*${aws:username}",
        lambda values: {"Action": "*", "Resource": values},
    ),
    "short pieces": repeated("*ab*", under("StringLike", "kms:EncryptionContext:x")),
    "gaps": repeated("*a?b", under("StringLike", "kms:EncryptionContext:x")),
    "half periods": repeated(
        "*" + "ab" * 30 + "?bb*", under("StringLike", "kms:EncryptionContext:m")
    ),
    "many values": repeated(
        "*a?b*c", under("ForAllValues:StringNotLike", "kms:EncryptionContextKeys")
    ),
    "many ARNs": repeated("arn:?*:*z?:*:*:b?", under("ForAnyValue:ArnLike", "aws:TagKeys")),
    "long values": repeated(
        "*${kms:EncryptionContext:x}b", under("StringLike", "kms:EncryptionContext:x")
    ),
    "addresses": repeated("10.0.0.0/8", under("NotIpAddress", "aws:SourceIp")),
    "principals": repeated("arn:*:iam::*:*b?", under("ArnLike", "aws:PrincipalArn")),
}


@pytest.mark.parametrize("name", WORST)
def test_no_policy_is_slow(name: str, say: Say) -> None:
    """The largest policies, written to be slow, take 50 ms at most, nothing of them known."""
    asked = replace(request(pairs=()), context=HUGE)
    best = float("inf")
    for version in range(5):
        policy = parse_policy(WORST[name] + " " * version, PolicyKind.KEY)
        policies = PolicySet(AttachedPolicy("key policy", policy))
        began = time.perf_counter()
        evaluate(asked, policies)
        best = min(best, time.perf_counter() - began)
    say(f"32 KB of {name}: {best * 1e3:.1f} ms")
    assert best <= 0.050
