"""A run over every mutating operation, step by step, for a child that is killed on its way."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from kmstui.core.clock import FakeClock
from kmstui.core.ids import SeededIds
from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host
from kmstui.engine.wrapping import wrap_material
from kmstui.hsm import selftest_pairs
from kmstui.trail.log import SyncPolicy
from tests.faults.identities import IDENTITY_STEPS
from tests.faults.stores import STORE_STEPS
from tests.helpers.engines import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_REGION,
    PASSPHRASE,
    REGION,
    ROOT,
    START,
    Bench,
)
from tests.helpers.nursery import Watch

CODE = "recovery-code"
NEW_PASSPHRASE = "another horse, another battery"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"all","Effect":"Allow","Principal":'
    f'{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}]}}'
)

SCP = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


Step = Callable[[Bench, dict[str, str]], Any]


def _create(bench: Bench, keys: dict[str, str]) -> None:
    keys["b"] = bench.key(Description="second", Tags=[{"TagKey": "t", "TagValue": "1"}])


def _external(bench: Bench, keys: dict[str, str]) -> None:
    keys["e"] = bench.key(Origin="EXTERNAL")


def _import(bench: Bench, keys: dict[str, str]) -> None:
    parameters = bench.call(
        "GetParametersForImport",
        KeyId=keys["e"],
        WrappingAlgorithm="RSAES_OAEP_SHA_256",
        WrappingKeySpec="RSA_2048",
    )
    wrapped = wrap_material(parameters["PublicKey"], "RSAES_OAEP_SHA_256", bytes(range(32)))
    bench.call(
        "ImportKeyMaterial",
        KeyId=keys["e"],
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapped,
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )


def _create_primary(bench: Bench, keys: dict[str, str]) -> None:
    keys["m"] = bench.key(MultiRegion=True)


def _of(operation: str, key: str, **members: Any) -> Step:
    return lambda bench, keys: bench.call(operation, KeyId=keys[key], **members)


def _alias(operation: str, name: str, target: str = "") -> Step:
    def step(bench: Bench, keys: dict[str, str]) -> None:
        members = {"AliasName": name} | ({"TargetKeyId": keys[target]} if target else {})
        bench.call(operation, members)

    return step


def _grant(bench: Bench, keys: dict[str, str]) -> None:
    made = bench.call(
        "CreateGrant", KeyId=keys["a"], GranteePrincipal=ROOT, Operations=["Decrypt"]
    )
    keys["grant"] = made["GrantId"]


def _end(operation: str) -> Step:
    return lambda bench, keys: bench.call(operation, KeyId=keys["a"], GrantId=keys["grant"])


def _use(bench: Bench, keys: dict[str, str]) -> None:
    """Not a mutation, but its usage goes along with the next commit."""
    bench.call("Encrypt", KeyId=keys["a"], Plaintext=b"x")


def _passphrase(bench: Bench, _keys: dict[str, str]) -> None:
    bench.engine.change_passphrase(
        bench.session, Secret.from_text(PASSPHRASE), Secret.from_text(NEW_PASSPHRASE)
    )


def _mfa(operation: str, **members: Any) -> Step:
    """A step on the one MFA device; a code that is named is the one shown under its name."""

    def step(bench: Bench, _keys: dict[str, str]) -> None:
        bench.clock.advance(60)
        shown = bench.call("kmstui:ShowDemoCode", SerialNumber=DEVICE)
        bench.call(operation, {name: shown.get(value, value) for name, value in members.items()})

    return step


def _pair(operation: str) -> Step:
    return _mfa(
        operation,
        UserName="root",
        SerialNumber=DEVICE,
        AuthenticationCode1="PreviousCode",
        AuthenticationCode2="Code",
    )


def _wrong_code(bench: Bench, _keys: dict[str, str]) -> None:
    """A refusal that changes something: the wrong code is counted."""
    bench.refusal("kmstui:AuthenticateMfa", TokenCode="wrong")


def _reset(bench: Bench, _keys: dict[str, str]) -> None:
    operator, bench.session = bench.session, bench.engine.unlock(bench.code)
    bench.call("kmstui:ResetMfa")
    bench.session = operator


def _iam(operation: str, **members: Any) -> Step:
    return lambda bench, _keys: bench.call(f"iam:{operation}", members)


def _own(operation: str, **members: Any) -> Step:
    return lambda bench, _keys: bench.call(f"kmstui:{operation}", members)


def _refused(operation: str, **members: Any) -> Step:
    return lambda bench, _keys: bench.refusal(operation, members)


def _backup(bench: Bench, _keys: dict[str, str]) -> None:
    target = str(bench.directory.parent / "backup")
    bench.call("kmstui:ExportBackup", Destination=target)


def _operator(bench: Bench, _keys: dict[str, str]) -> None:
    bench.engine.add_operator(bench.session, "eve", Secret.from_text(NEW_PASSPHRASE))


def _wait(bench: Bench, _keys: dict[str, str]) -> None:
    """Let a waiting period end: maintenance destroys the key."""
    bench.clock.advance(timedelta(days=8))
    bench.engine.maintain()


def _rotate(bench: Bench, _keys: dict[str, str]) -> None:
    """Let a rotation period end: maintenance rotates the key."""
    bench.clock.advance(timedelta(days=90))
    bench.engine.maintain()


def _close(bench: Bench, _keys: dict[str, str]) -> None:
    bench.engine.close()


KEY_STEPS: tuple[tuple[str, Step], ...] = (
    ("CreateKey", _create),
    ("CreateAlias", _alias("CreateAlias", "alias/one", "a")),
    ("Encrypt", _use),
    ("UpdateAlias", _alias("UpdateAlias", "alias/one", "b")),
    ("TagResource", _of("TagResource", "a", Tags=[{"TagKey": "k", "TagValue": "v"}])),
    ("UntagResource", _of("UntagResource", "b", TagKeys=["t"])),
    ("UpdateKeyDescription", _of("UpdateKeyDescription", "a", Description="changed")),
    ("PutKeyPolicy", _of("PutKeyPolicy", "a", Policy=POLICY)),
    ("CreateGrant", _grant),
    ("RetireGrant", _end("RetireGrant")),
    ("CreateGrant again", _grant),
    ("RevokeGrant", _end("RevokeGrant")),
    ("DisableKey", _of("DisableKey", "a")),
    ("EnableKey", _of("EnableKey", "a")),
    ("CreateKey again", _external),
    ("ImportKeyMaterial", _import),
    ("DeleteImportedKeyMaterial", _of("DeleteImportedKeyMaterial", "e")),
    ("CreateKey again", _create_primary),
    ("ReplicateKey", _of("ReplicateKey", "m", ReplicaRegion=OTHER_REGION)),
    ("UpdatePrimaryRegion", _of("UpdatePrimaryRegion", "m", PrimaryRegion=OTHER_REGION)),
    ("CreateAccount", _own("CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")),
    ("PutServiceControlPolicy", _own("PutServiceControlPolicy", PolicyName="p", Policy=SCP)),
    ("DeleteServiceControlPolicy", _own("DeleteServiceControlPolicy", PolicyName="p")),
    ("GetSessionToken", lambda bench, _keys: bench.call("sts:GetSessionToken")),
    ("AssumeRole", _refused("sts:AssumeRole", RoleArn=f"{ROOT[:-4]}role/x", RoleSessionName="me")),
    ("PutSetting", _own("PutSetting", Name="alias-pattern", Value="alias/<Team>")),
    ("CreateCheckpoint", _own("CreateCheckpoint", Name="mid")),
    ("DeleteAlias", _alias("DeleteAlias", "alias/one")),
    ("ScheduleKeyDeletion", _of("ScheduleKeyDeletion", "a", PendingWindowInDays=7)),
    ("CancelKeyDeletion", _of("CancelKeyDeletion", "a")),
    ("EnableKey again", _of("EnableKey", "a")),
    ("EnableKeyRotation", _of("EnableKeyRotation", "a", RotationPeriodInDays=90)),
    ("RotateKeyOnDemand", _of("RotateKeyOnDemand", "a")),
    ("ScheduleKeyDeletion again", _of("ScheduleKeyDeletion", "b", PendingWindowInDays=7)),
    ("CreateVirtualMFADevice", _iam("CreateVirtualMFADevice", VirtualMFADeviceName="phone")),
    ("EnableMFADevice", _pair("iam:EnableMFADevice")),
    ("CreateMfaRecoveryCodes", _own("CreateMfaRecoveryCodes")),
    ("AuthenticateMfa", _mfa("kmstui:AuthenticateMfa", TokenCode="Code")),
    ("AuthenticateMfa again", _wrong_code),
    ("ResyncMFADevice", _pair("iam:ResyncMFADevice")),
    ("DeactivateMFADevice", _iam("DeactivateMFADevice", UserName="root", SerialNumber=DEVICE)),
    ("EnableMFADevice again", _pair("iam:EnableMFADevice")),
    ("ResetMfa", _reset),
    ("CreateVirtualMFADevice again", _iam("CreateVirtualMFADevice", VirtualMFADeviceName="phone")),
    ("DeleteVirtualMFADevice", _iam("DeleteVirtualMFADevice", SerialNumber=DEVICE)),
    ("ExportBackup", _backup),
    ("DeleteKey", _wait),
    ("RotateKey", _rotate),
    ("DisableKeyRotation", _of("DisableKeyRotation", "a")),
    ("RestoreCheckpoint", _own("RestoreCheckpoint", Name="mid")),
    ("AdvanceClock", _own("AdvanceClock", Seconds=3600)),
    ("close", _close),
)
PEOPLE_STEPS: tuple[tuple[str, Step], ...] = (
    *IDENTITY_STEPS,
    *STORE_STEPS,
    ("CreateUser again", _iam("CreateUser", UserName="eve")),
    ("CreateOperator", _operator),
    ("DeleteOperator", _own("DeleteOperator", UserName="eve")),
    ("ChangePassphrase", _passphrase),
    ("close", _close),
)
PARTS = {"keys": KEY_STEPS, "people": PEOPLE_STEPS}
"""The story's parts, each of which begins with the same keystore."""


def child_host(base: Path, sync: SyncPolicy) -> Host:
    """Return the machine of every run: the same identifiers and times each time."""
    return Host(
        anchor_dir=base / "anchors",
        clock=FakeClock(START),
        ids=SeededIds(7),
        holder="child",
        user_agent="tests/1.0",
        sync=sync,
        background=False,
    )


def prepare(base: Path) -> str:
    """Make the keystore that every run begins with and return its key's id."""
    bench = Bench.make(base, training=True)
    key_id = bench.key(Description="first")
    (base / CODE).write_bytes(bench.code.reveal())
    bench.close()
    return key_id


def begin(base: Path, sync: SyncPolicy) -> tuple[Bench, dict[str, str]]:
    """Open the keystore of a run and sign in."""
    host = child_host(base, sync)
    engine = Engine.open(base / "keystore", host=host)
    session = engine.unlock(Secret.from_text(PASSPHRASE))
    clock = host.clock
    assert isinstance(clock, FakeClock)
    code = Secret((base / CODE).read_bytes())
    bench = Bench(base / "keystore", host, clock, engine, session, code)
    key_id = bench.core.keystore.keys(ACCOUNT, REGION, limit=1)[0].key_id
    return bench, {"a": key_id}


def child(watch: Watch, base: str, part: str, first: str) -> None:
    """Open the keystore in ``base`` and run a part, acknowledging each step once it has returned.

    Args:
        watch: Called before the step of number ``first``.
        base: Where the keystore is.
        part: Which part.
        first: The number of the step that is the first to be watched.
    """
    # What is killed here is no key pair; trying them would take as long as some steps.
    selftest_pairs.TESTS = ()
    bench, keys = begin(Path(base), SyncPolicy.NONE)
    for number, (_, step) in enumerate(PARTS[part]):
        if number == int(first):
            watch()
        step(bench, keys)
        os.write(1, b"%d\n" % number)
