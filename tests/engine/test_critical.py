"""Every critical action under the account's guardrail: refused without a fresh code, and with it.

Over the facade for each of them, and for some by the installed program's ``call``.
"""

from __future__ import annotations

import time
from base64 import b32decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from kmstui.authz.document import default_key_policy
from kmstui.authz.guardrail import GUARDED_ACTIONS, GUARDRAIL, MFA_SECONDS, full_access
from kmstui.authz.refusal import Refusal
from kmstui.core.errors import AccessDeniedException
from kmstui.core.secret import Secret
from kmstui.engine import Session
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.totp import STEP_SECONDS, hotp
from kmstui.ops import load as operations
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, PASSPHRASE, Bench
from tests.helpers.mfa import Phone, enable, make_phone
from tests.helpers.people import allow, aws, document, role_arn, user_arn
from tests.helpers.program import Outcome, Vault, spawn

ADMIN = "admin"
SUPPORT = "Support"


@dataclass(frozen=True, slots=True)
class Scene:
    """A guarded keystore in which each critical call would succeed with a code.

    Attributes:
        bench: The keystore; its administrator is signed in.
        phone: The administrator's device.
        spare: A device that is nobody's.
        key: The ARN of a key.
        role: A session of a role that may do everything.
    """

    bench: Bench
    phone: Phone
    spare: Phone
    key: str
    role: Session

    def session(self, who: str) -> Session:
        """Return who calls: the administrator, or its session of a role."""
        return self.bench.session if who == "user" else self.role

    def refused(self, who: str, operation: str, request: Mapping[str, Any]) -> Refusal | None:
        """Make a call; return why it is denied, if it is."""
        try:
            self.bench.engine.call(self.session(who), operation, request)
        except AccessDeniedException as error:
            return cast(Refusal, error.refusal)
        return None

    def prove(self) -> None:
        """Give a code."""
        self.bench.call("kmstui:AuthenticateMfa", TokenCode=self.phone.code())


def _imported(scene: Scene) -> str:
    """Return a key whose material may be deleted: one that waits for its first import."""
    key: str = scene.bench.call("CreateKey", Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    return key


Request = Callable[[Scene], Mapping[str, Any]]

REQUESTS: Mapping[str, Request] = {
    "iam:DeactivateMFADevice": lambda scene: {
        "UserName": ADMIN,
        "SerialNumber": scene.phone.serial,
    },
    "iam:DeleteVirtualMFADevice": lambda scene: {"SerialNumber": scene.spare.serial},
    "iam:ResyncMFADevice": lambda scene: {
        "UserName": ADMIN,
        "SerialNumber": scene.phone.serial,
        "AuthenticationCode1": scene.phone.code(1),
        "AuthenticationCode2": scene.phone.code(2),
    },
    "kms:DeleteImportedKeyMaterial": lambda scene: {"KeyId": _imported(scene)},
    "kms:DeleteAlias": lambda _scene: {"AliasName": "alias/doomed"},
    "kms:PutKeyPolicy": lambda scene: {
        "KeyId": scene.key,
        "Policy": default_key_policy(ACCOUNT),
    },
    "kms:ScheduleKeyDeletion": lambda scene: {"KeyId": scene.key},
    "kmstui:CreateMfaRecoveryCodes": lambda _scene: {},
    "kmstui:CreateOperator": lambda _scene: {"UserName": ADMIN},
    "kmstui:DeleteServiceControlPolicy": lambda _scene: {"PolicyName": GUARDRAIL},
    "kmstui:PutServiceControlPolicy": lambda _scene: {
        "PolicyName": "Everything",
        "Policy": full_access(),
    },
}
"""From each critical operation to a request that succeeds with a fresh code."""

CRITICAL = sorted(name for name, spec in operations().items() if spec.critical)


@pytest.fixture
def scene(make_bench: MakeBench) -> Scene:
    """Return a keystore whose administrator's last code is no longer fresh."""
    bench = make_bench(administrator=ADMIN, mfa_guardrail=True)
    phone = make_phone(bench)
    enable(phone, ADMIN)
    spare = make_phone(bench, "spare")
    key_id = bench.key("alias/doomed")
    key = bench.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["Arn"]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": aws(user_arn(ADMIN))}
    bench.call("iam:CreateRole", RoleName=SUPPORT, AssumeRolePolicyDocument=document(trust))
    everything = document(allow("*"))
    bench.call("iam:PutRolePolicy", RoleName=SUPPORT, PolicyName="all", PolicyDocument=everything)
    bench.clock.advance(MFA_SECONDS)
    role = bench.engine.assume_role(bench.session, role_arn(SUPPORT), "test")
    return Scene(bench, phone, spare, key, role)


def test_the_lists_of_critical_operations_agree() -> None:
    """What is marked in the registry, what the guardrail names, and what is tried here."""
    specs = operations()
    acted = {needs.action for name in CRITICAL for needs in specs[name].needs}
    assert set(REQUESTS) == set(CRITICAL)
    assert set(CRITICAL) == {name for name in GUARDED_ACTIONS if name in specs}
    assert acted == set(CRITICAL)


@pytest.mark.parametrize("who", ["user", "role"])
@pytest.mark.parametrize("operation", CRITICAL)
def test_each_is_refused_without_a_fresh_code_and_done_with_one(
    scene: Scene, operation: str, who: str
) -> None:
    """Refused only for want of a code, by the guardrail's statement; then the same call works."""
    request = REQUESTS[operation](scene)
    refusal = scene.refused(who, operation, request)
    assert refusal is not None
    assert refusal.mfa_would_help
    decision = refusal.decision
    assert (GUARDRAIL, "MFACriticalEvents") == (decision.policy, decision.sid)
    scene.prove()
    assert scene.refused(who, operation, request) is None


@pytest.mark.parametrize("operation", CRITICAL)
def test_each_is_refused_without_any_device(make_bench: MakeBench, operation: str) -> None:
    """Who has never given a code is refused in the same way."""
    bench = make_bench(administrator=ADMIN, mfa_guardrail=True)
    device = make_phone(bench)
    scene = Scene(bench, device, device, bench.key("alias/doomed"), bench.session)
    refusal = scene.refused("user", operation, REQUESTS[operation](scene))
    assert refusal is not None
    assert refusal.mfa_would_help


@pytest.mark.parametrize("action", GUARDED_ACTIONS)
def test_what_is_guarded_is_so_for_operations_to_come(scene: Scene, action: str) -> None:
    """Each action of the list is denied without, allowed at 299 s and denied at 300 s."""
    asked: dict[str, Any] = {"Actions": [action]}
    if action.startswith("kms:"):
        asked["KeyId"] = scene.key
    decisions = [
        scene.bench.call("kmstui:SimulateAccess", asked, **age)["Cells"][0]["Decision"]
        for age in ({}, {"MfaAge": MFA_SECONDS - 1}, {"MfaAge": MFA_SECONDS})
    ]
    assert ["ExplicitlyDenied", "Allowed", "ExplicitlyDenied"] == decisions


def test_the_guardrail_is_gone_once_it_is_removed(scene: Scene) -> None:
    """Removed under a code, it asks nobody any more; the trail has who removed it."""
    scene.prove()
    scene.bench.call("kmstui:DeleteServiceControlPolicy", PolicyName=GUARDRAIL)
    event = scene.bench.last_event()
    assert "true" == event["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"]
    scene.bench.clock.advance(MFA_SECONDS)
    scene.bench.call("ScheduleKeyDeletion", KeyId=scene.key)


class TestProgram:
    """``kmstui call``, as a process of its own; each signs in anew, so each needs a code."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> Vault:
        """Return a guarded keystore on disk."""
        tmp_path.chmod(0o700)
        return Vault.make(tmp_path, administrator=ADMIN, mfa_guardrail=True)

    @staticmethod
    def enrol(vault: Vault) -> bytes:
        """Give the administrator a device; return its secret."""
        engine = vault.open()
        session = engine.unlock(Secret.from_text(PASSPHRASE))
        made = engine.call(
            session, "iam:CreateVirtualMFADevice", {"VirtualMFADeviceName": "phone"}
        )["VirtualMFADevice"]
        seed: bytes = made["Base32StringSeed"]
        engine.call(
            session,
            "iam:EnableMFADevice",
            {
                "UserName": ADMIN,
                "SerialNumber": made["SerialNumber"],
                "AuthenticationCode1": code(seed, -2),
                "AuthenticationCode2": code(seed, -1),
            },
        )
        engine.close()
        return seed

    def test_critical_calls_take_a_code(self, vault: Vault) -> None:
        """Refused without, with a hint that names the option; carried out with it."""
        key_id = vault.key("alias/doomed")
        policy = default_key_policy(ACCOUNT)
        commands = [
            ("PutKeyPolicy", "--key-id", key_id, "--policy", policy),
            ("ScheduleKeyDeletion", "--key-id", key_id, "--pending-window-in-days", "7"),
        ]
        for command in commands:
            refused = program(vault, *command)
            assert 1 == refused.code
            assert "--mfa-code" in refused.err
        seed = self.enrol(vault)
        for offset, command in enumerate(commands):
            done = program(vault, *command, "--mfa-code", code(seed, offset))
            assert 0 == done.code, done.err
        assert (
            "PendingDeletion"
            == vault.call("DescribeKey", "--key-id", key_id)["KeyMetadata"]["KeyState"]
        )


def code(seed: bytes, offset: int) -> str:
    """Return the code of a secret some steps from now."""
    step = int(time.time()) // STEP_SECONDS + offset
    return hotp(MacKey(b32decode(seed), "SHA_1"), step).decode("ascii")


def program(vault: Vault, *command: str) -> Outcome:
    """Run ``kmstui call`` in a process of its own."""
    return spawn(*vault.options, "call", *command)
