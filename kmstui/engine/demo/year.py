"""The demo's year, lived through on an engine by real calls."""

from __future__ import annotations

import hashlib
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kmstui.authz.guardrail import MFA_SECONDS
from kmstui.core.arn import root_arn
from kmstui.core.clock import FakeClock
from kmstui.core.errors import KmsError
from kmstui.engine.demo import policies
from kmstui.engine.demo.act import DemoAct
from kmstui.engine.demo.keys import KEYS, DemoKey
from kmstui.engine.demo.people import (
    PARTNER_DAY,
    ROLES,
    TEAM_USE,
    USERS,
    DemoRole,
    DemoUser,
)
from kmstui.engine.demo.setting import (
    ACCOUNT,
    ADMINISTRATOR,
    PARTNER,
    REGION,
    YEAR_DAYS,
    role_arn,
    user_arn,
)
from kmstui.engine.demo.stores import open_store
from kmstui.engine.demo.story import ACTS
from kmstui.engine.demo.uses import opening, sealing
from kmstui.engine.facade import Engine
from kmstui.engine.session import Session
from kmstui.engine.wrapping import generate_material, wrap_material
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.totp import STEP_SECONDS, hotp

_FIRST_HOUR = timedelta(hours=8)
_DEVICE: Final = "demo-authenticator"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_OWN: Final = "AWS_KMS"
_FRESH: Final = MFA_SECONDS - STEP_SECONDS
"""Age from which the story gives another code, seconds."""


@dataclass(frozen=True, slots=True)
class _Moment:
    when: datetime
    order: int
    act: DemoAct | DemoKey | DemoRole | DemoUser | str
    again: bool = False


class Year:
    """The story, played on an engine.

    Args:
        engine: A keystore that has just been made.
        session: Its administrator's session.
        clock: The engine's clock, which stands at the beginning.
        today: The end of the year.
        seed: Varies hours.
    """

    def __init__(
        self, engine: Engine, session: Session, clock: FakeClock, today: datetime, seed: int
    ) -> None:
        self._engine = engine
        self._home = session
        self._clock = clock
        self._begin = today - timedelta(days=YEAR_DAYS)
        self._today = today
        self._seed = seed
        self._sessions: dict[tuple[str, str, str], Session] = {}
        self._regions = {REGION: session}
        self._ids: dict[tuple[str, str], str] = {}
        self._kept: dict[tuple[str, str], dict[str, Any]] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._stores: dict[str, str] = {}
        self._accounts = {role.name: role.account for role in ROLES}
        self._users = {user.name for user in USERS}

    def live(self) -> None:
        """Play every moment in order, with maintenance as it would have run."""
        self._device = self._enrol()
        self._create_team_use()
        for moment in sorted(self._moments(), key=lambda item: (item.when, item.order)):
            step = moment.when - self._clock.wall()
            if step > timedelta(0):
                self._clock.advance(step)
                self._engine.maintain()
            self._play(moment)
        self._clock.advance(self._today - self._clock.wall())
        self._engine.maintain()

    def _moments(self) -> Iterator[_Moment]:
        for number, key in enumerate(KEYS):
            yield _Moment(self._hour(key.day, f"create {number}"), number, key)
            if key.every:
                first, last = key.since or key.day + 1, min(key.until, YEAR_DAYS - 1)
                for day in range(first, last + 1, key.every):
                    when = self._hour(day, f"use {number} {day}")
                    yield _Moment(when, 1000 + number, key, again=True)
        for number, act in enumerate(ACTS):
            yield _Moment(self._hour(act.day, f"act {number}"), 2000 + number, act)
        yield _Moment(self._hour(PARTNER_DAY, "partner"), 0, PARTNER)
        for number, role in enumerate(ROLES):
            yield _Moment(self._hour(role.day, f"role {number}"), number, role)
            if role.until:
                when = self._hour(role.until, f"delete role {number}")
                yield _Moment(when, 3000 + number, role, again=True)
        for number, user in enumerate(USERS):
            yield _Moment(self._hour(user.day, f"user {number}"), number, user)

    def _pick(self, label: str, choices: int) -> int:
        digest = hashlib.sha256(f"{self._seed} {label}".encode()).digest()
        return int.from_bytes(digest[:4]) % choices

    def _hour(self, day: int, label: str) -> datetime:
        """Return a moment of a day in working hours; of day 0 the very beginning."""
        if day == 0:
            return self._begin
        seconds = self._pick(label, 10 * 3600)
        return self._begin + timedelta(days=day - 1) + _FIRST_HOUR + timedelta(seconds=seconds)

    def _play(self, moment: _Moment) -> None:
        match moment.act:
            case DemoAct() as act:
                self._act(act)
            case DemoKey() as key if moment.again:
                self._use(key, moment.when)
            case DemoKey() as key:
                self._create(key)
            case DemoRole() as role if moment.again:
                self._call("iam:DeleteRole", RoleName=role.name)
            case DemoRole() as role:
                self._create_role(role)
            case DemoUser() as user:
                self._create_user(user)
            case str() as account:
                self._call("kmstui:CreateAccount", AccountId=account, Name="Partner")

    def _in(self, region: str) -> Session:
        """Return the administrator's session in a Region."""
        if region not in self._regions:
            self._regions[region] = self._engine.switch_region(self._home, region)
        return self._regions[region]

    def _program(self, name: str, region: str = REGION, via: str = "") -> Session:
        """Return the session of a program, a service or a user: each has one all year."""
        place = name, region, via
        if place not in self._sessions:
            home = self._in(region)
            if "." in name:
                self._sessions[place] = self._engine.act_as(home, service=name)
            else:
                arn = user_arn(name) if name in self._users else self._role(name)
                self._sessions[place] = self._engine.act_as(home, principal=arn, service=via)
        return self._sessions[place]

    def _role(self, name: str) -> str:
        return role_arn(name, self._accounts[name])

    def _caller(self, act: DemoAct) -> Session:
        """Return who calls; roles for people are assumed anew each time, as they expire."""
        if act.by == ADMINISTRATOR:
            return self._in(act.region)
        if act.by in {"KeyAdministrator", "Auditor"}:
            return self._engine.assume_role(
                self._in(act.region), self._role(act.by), ADMINISTRATOR
            )
        return self._program(act.by, act.region, act.via)

    def _call(self, operation: str, **members: Any) -> dict[str, Any]:
        return self._engine.call(self._home, operation, members)

    def _enrol(self) -> tuple[str, bytes]:
        """Give the administrator the demo's authenticator; return serial number and secret."""
        made = self._call("iam:CreateVirtualMFADevice", VirtualMFADeviceName=_DEVICE)
        device = made["VirtualMFADevice"]
        serial, seed = device["SerialNumber"], b32decode(device["Base32StringSeed"])
        step = int(self._clock.wall().timestamp()) // STEP_SECONDS
        self._call(
            "iam:EnableMFADevice",
            UserName=ADMINISTRATOR,
            SerialNumber=serial,
            AuthenticationCode1=_code(seed, step - 1),
            AuthenticationCode2=_code(seed, step),
        )
        return serial, seed

    def _prove(self) -> None:
        """Give a code, as whoever is about to make a critical call."""
        age = self._engine.mfa_age(self._home)
        if age is not None and age < _FRESH:
            return
        serial, seed = self._device
        step = int(self._clock.wall().timestamp()) // STEP_SECONDS
        self._call("kmstui:AuthenticateMfa", SerialNumber=serial, TokenCode=_code(seed, step))

    def _create_team_use(self) -> None:
        self._call(
            "iam:CreatePolicy",
            PolicyName=TEAM_USE,
            PolicyDocument=policies.team_use(),
            Description="Use of the keys that a team owns",
        )

    def _create_role(self, role: DemoRole) -> None:
        session = self._home
        if role.account != ACCOUNT:
            session = self._engine.act_as(self._home, principal=root_arn(role.account))
        members: dict[str, Any] = {
            "RoleName": role.name,
            "Description": role.description,
            "AssumeRolePolicyDocument": policies.trust(*role.services),
        }
        if role.team:
            members["Tags"] = [{"Key": "Team", "Value": role.team}]
        self._engine.call(session, "iam:CreateRole", members)
        name, text = role.inline
        if name:
            put = {"RoleName": role.name, "PolicyName": name, "PolicyDocument": text}
            self._engine.call(session, "iam:PutRolePolicy", put)
        if role.attached:
            attach = {"RoleName": role.name, "PolicyArn": role.attached}
            self._engine.call(session, "iam:AttachRolePolicy", attach)

    def _create_user(self, user: DemoUser) -> None:
        self._call("iam:CreateUser", UserName=user.name)
        name, text = user.inline
        if name:
            self._call(
                "iam:PutUserPolicy", UserName=user.name, PolicyName=name, PolicyDocument=text
            )
        if user.access_key:
            self._call("iam:CreateAccessKey", UserName=user.name)

    def _create(self, key: DemoKey) -> None:
        tags = {
            "DataClassification": key.classification,
            "Owner": key.owner,
            "CostCenter": key.cost_center,
        }
        members: dict[str, Any] = {
            "Description": key.description,
            "Tags": [{"TagKey": name, "TagValue": value} for name, value in tags.items()],
        }
        if key.spec != _SYMMETRIC:
            members |= {"KeySpec": key.spec, "KeyUsage": key.usage}
        if key.origin != _OWN:
            members["Origin"] = key.origin
        if key.store:
            members["CustomKeyStoreId"] = self._stores[key.store]
        if key.external:
            members["XksKeyId"] = key.external
        if key.multi_region:
            members["MultiRegion"] = True
        if key.policy:
            members["Policy"] = key.policy
        session = self._in(key.region)
        made = self._engine.call(session, "kms:CreateKey", members)
        key_id = made["KeyMetadata"]["KeyId"]
        self._ids[key.region, key.alias] = key_id
        named = {"AliasName": f"alias/{key.alias}", "TargetKeyId": key_id}
        self._engine.call(session, "kms:CreateAlias", named)

    def _use(self, key: DemoKey, when: datetime) -> None:
        """Seal something new, and open what the last use sealed."""
        place = key.region, key.alias
        kept = self._kept.get(place)
        if kept is not None:
            reader = self._program(key.reader or key.role, key.region)
            self._engine.call(reader, *opening(key, kept))
        writer = self._program(key.writer or key.role, key.region)
        operation, members = sealing(key, when)
        answer = self._engine.call(writer, operation, members)
        self._kept[place] = members | answer

    def _act(self, act: DemoAct) -> None:
        if self._engine.operations()[act.operation].critical and act.proven:
            self._prove()
        session = self._caller(act)
        try:
            answer = self._done(act, session)
        except KmsError:
            if not act.refused:
                raise
            return
        if act.refused:
            raise AssertionError(act)
        if act.keeps:
            self._answers[act.keeps] = answer

    def _done(self, act: DemoAct, session: Session) -> dict[str, Any]:
        """Do what an act says, with the calls that have to come before it."""
        if act.operation == "kms:CreateCustomKeyStore":
            self._stores[act.alias] = open_store(self._call, act.alias, dict(act.members))
            return {}
        if act.operation == "kms:DisconnectCustomKeyStore":
            return self._call(act.operation, CustomKeyStoreId=self._stores[act.alias])
        if act.operation == "kms:ImportKeyMaterial":
            return self._import(session, self._members(act))
        return self._engine.call(session, act.operation, self._members(act))

    def _import(self, session: Session, members: dict[str, Any]) -> dict[str, Any]:
        """Import fresh material for some days."""
        wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
        key = {"KeyId": members["KeyId"]}
        given = self._engine.call(session, "kms:GetParametersForImport", key | wrapping)
        material = generate_material(_SYMMETRIC)
        wrapped = wrap_material(given["PublicKey"], wrapping["WrappingAlgorithm"], material)
        kept_for = timedelta(days=members.pop("ImportDays"))
        members |= {
            "ImportToken": given["ImportToken"],
            "EncryptedKeyMaterial": wrapped,
            "ValidTo": self._clock.wall() + kept_for,
        }
        return self._engine.call(session, "kms:ImportKeyMaterial", members)

    def _members(self, act: DemoAct) -> dict[str, Any]:
        """Return an act's request; a key is named so that other accounts find it too."""
        key_id = self._ids.get((act.region, act.alias))
        named = f"alias/{act.alias}" if key_id is None else _arn(act.region, key_id)
        members: dict[str, Any] = {"KeyId": named, **dict(act.members)}
        earlier = self._answers.get(act.needs, {})
        if act.operation == "kms:Encrypt":
            members["Plaintext"] = b"late entry"
        if act.operation == "kms:Decrypt":
            kept = earlier.get("CiphertextBlob")
            members["CiphertextBlob"] = kept or self._kept[act.region, act.alias]["CiphertextBlob"]
        if "GrantId" in earlier:
            members["GrantId"] = earlier["GrantId"]
        return members


def _arn(region: str, key_id: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"


def _code(seed: bytes, step: int) -> str:
    return hotp(MacKey(seed, "SHA_1"), step).decode("ascii")
