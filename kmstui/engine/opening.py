"""Making, opening and unlocking a keystore with its trail."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kmstui.core.arn import iam_arn, is_account, is_region, is_user_name, root_arn
from kmstui.core.clock import AccountClock
from kmstui.core.errors import (
    KmsError,
    ValidationException,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.engine.core import OWN_SOURCE, TRAIL_DIRECTORY, Core
from kmstui.engine.directory import default_scps
from kmstui.engine.host import Host
from kmstui.engine.session import Session
from kmstui.engine.sessions import SessionMaker
from kmstui.engine.status import EngineEvent
from kmstui.hsm import (
    PASSPHRASE_SLOT,
    RECOVERY_SLOT,
    KdfProfile,
    UnlockSlot,
    normalise_recovery_code,
    recovery_code,
)
from kmstui.hsm.base import Hsm
from kmstui.keystore import AccountRecord, Keystore, UserRecord
from kmstui.keystore.store import TRAIL_START
from kmstui.trail.event import EventKind, api_event
from kmstui.trail.log import Trail

ADMINISTRATOR_ACCESS: Final = "arn:aws:iam::aws:policy/AdministratorAccess"

HEAD_START: Final = 0.25
"""Seconds that the first screenful is given before rows are verified beside it."""


@dataclass(frozen=True, slots=True)
class NewKeystore:
    """What a keystore is created with.

    Attributes:
        account: Twelve digits.
        region: The Region it opens in.
        training: Whether account time can be moved and checkpoints restored.
        profile: Cost of a passphrase guess.
        test_profile: Whether the cheapest profile is accepted; for tests only.
        start_days_ago: How far in the past account time begins; training keystores only.
        administrator: Name of the user that the passphrase signs in; empty for the root user.
        mfa_guardrail: Whether critical actions need a fresh MFA code.
    """

    account: str
    region: str
    profile: KdfProfile
    training: bool = False
    test_profile: bool = False
    start_days_ago: int = 0
    administrator: str = ""
    mfa_guardrail: bool = True

    @property
    def operator(self) -> str:
        """ARN of the principal that the passphrase signs in."""
        if not self.administrator:
            return root_arn(self.account)
        return iam_arn(self.account, "user", "/", self.administrator)

    def check(self) -> None:
        """Refuse what no keystore can have.

        Raises:
            ValidationException: Account, Region or the administrator's name is not well formed.
        """
        if not is_account(self.account):
            raise ValidationException(f"{self.account} is not an account id: twelve digits.")
        if not is_region(self.region):
            raise ValidationException(f"{self.region} is not the name of a Region.")
        if self.administrator and not is_user_name(self.administrator):
            raise ValidationException(
                f"{self.administrator} is no user name: letters, digits and +=,.@_- only."
            )


def create_keystore(
    directory: Path, hsm: Hsm, host: Host, new: NewKeystore, passphrase: Secret
) -> tuple[Keystore, UnlockSlot, Secret]:
    """Create a keystore with a slot for its operator and the root user's recovery code.

    Returns:
        The keystore, unlocked; the operator's slot; the recovery code, to be shown once.

    Raises:
        KmsError: It exists already, the path is unsafe, or a value is not well formed.
    """
    new.check()
    hsm.self_test()
    store_id = host.ids.uuid()
    now = host.clock.wall()
    domain_keys = hsm.provision(store_id, test_profile=new.test_profile)
    code = recovery_code()
    slots = tuple(
        hsm.make_slot(
            slot_id=host.ids.uuid(),
            kind=kind,
            principal=principal,
            passphrase=secret,
            profile=new.profile,
            created=now,
        )
        for kind, principal, secret in (
            (PASSPHRASE_SLOT, new.operator, passphrase),
            (RECOVERY_SLOT, root_arn(new.account), code),
        )
    )
    keystore = Keystore.create(
        directory,
        hsm,
        store_id=store_id,
        account=new.account,
        region=new.region,
        training=new.training,
        test_profile=new.test_profile,
        slots=slots,
        domain_keys=domain_keys,
        clock_mark=_first_mark(host, new),
        anchor_dir=host.anchor_dir,
        holder=host.holder,
        disk=host.disk,
    )
    return keystore, slots[0], code


def found_account(core: Core, new: NewKeystore) -> None:
    """Store the account, its service control policies and its administrator, with the event."""
    head, now = core.keystore.head, core.now()
    details = {
        "StoreId": core.keystore.header.store_id,
        "Training": head.training,
        "MFAGuardrail": new.mfa_guardrail,
    }
    if new.administrator:
        details["Administrator"] = new.operator
    event = core.own_event("CreateKeystore", details)
    scps = default_scps(mfa_guardrail=new.mfa_guardrail)
    with core.keystore.begin() as changes:
        changes.put_account(AccountRecord(new.account, "", now, scps))
        if new.administrator:
            user_id = core.host.ids.iam_id("AIDA")
            changes.put_user(
                UserRecord(
                    new.account, new.administrator, user_id, now, attached=(ADMINISTRATOR_ACCESS,)
                )
            )
        core.commit(changes, event.event_id, event.event)


def _first_mark(host: Host, new: NewKeystore) -> datetime:
    """Return where account time begins; only a training keystore begins in the past."""
    days = new.start_days_ago if new.training else 0
    return host.clock.wall() - timedelta(days=days)


class Opener:
    """Unlocks a core: slot, trail, clock, verification."""

    def __init__(self, core: Core, sessions: SessionMaker) -> None:
        self._core = core
        self._sessions = sessions
        self._failed = 0

    def unlock(self, passphrase: Secret, principal: str | None) -> Session:
        """Open a slot with a passphrase or recovery code and return its session.

        Raises:
            WrongPassphraseError: No slot opens.
            KmsError: The keystore, its anchor or its trail refuse.
        """
        core = self._core
        ended: threading.Event | None = None
        # While the keys are loaded, calls go on beside the key derivation.
        slot = self._find_open(passphrase, principal) if core.hsm.unlocked else None
        with core.lock:
            if slot is None and core.hsm.unlocked:
                # Another thread was quicker: what it opened is not opened a second time.
                slot = self._find_open(passphrase, principal)
            if slot is None or not core.hsm.unlocked:
                slot = self._open_any(passphrase, principal)
                try:
                    self.start()
                    session = self.begin_session(slot)
                except BaseException:
                    core.keystore.lock()
                    raise
                core.verified, core.wanted = threading.Event(), threading.Event()
                ended = core.verified
            else:
                session = self.begin_session(slot)
        if ended is not None:
            self._verify(ended)
        return session

    def start(self) -> None:
        """Open the trail and the clock of a keystore that has just been unlocked."""
        core = self._core
        head = core.keystore.head
        core.clock = AccountClock(core.host.clock, head.clock_mark, training=head.training)
        core.apply_settings()
        opened = core.trail is None
        if core.trail is None:
            core.trail = self._open_trail()
        core.replay()
        if opened:
            self._record_recovery(core.trail)

    def _record_recovery(self, trail: Trail) -> None:
        """Put what opening the trail had to cut on the trail."""
        cut = trail.recovery
        if cut is None:
            return
        details = {
            "Segment": cut.segment,
            "Offset": cut.offset,
            "Length": cut.length,
            "Sha256": cut.digest,
        }
        trail.append(self._core.own_event("TrailRecovered", details).event)

    def _open_trail(self) -> Trail:
        core = self._core
        directory = core.directory / TRAIL_DIRECTORY
        store_id = core.keystore.header.store_id
        position = core.keystore.head.trail
        if position == TRAIL_START and not any(directory.glob("*.jsonl")):
            return Trail.create(
                directory, store_id=store_id, policy=core.host.sync, disk=core.host.disk
            )
        return Trail.open(
            directory,
            store_id=store_id,
            position=position,
            policy=core.host.sync,
            disk=core.host.disk,
        )

    def _candidates(self, typed: Secret, principal: str | None) -> list[tuple[UnlockSlot, Secret]]:
        """Return the slots to try, each with what to try: a recovery code is seen by its form."""
        slots = [
            slot
            for slot in self._core.keystore.header.slots
            if principal is None or slot.principal == principal
        ]
        try:
            code = normalise_recovery_code(typed)
        except WrongPassphraseError:
            return [(slot, typed) for slot in slots if slot.kind == PASSPHRASE_SLOT]
        return [(slot, code) for slot in slots if slot.kind == RECOVERY_SLOT]

    def _open_any(self, typed: Secret, principal: str | None) -> UnlockSlot:
        core = self._core
        core.hsm.self_test()
        for slot, secret in self._candidates(typed, principal):
            try:
                core.keystore.unlock(slot.slot_id, secret)
            except WrongPassphraseError:
                continue
            return slot
        raise self._wrong()

    def _find_open(self, typed: Secret, principal: str | None) -> UnlockSlot:
        """Return the slot that the secret opens while the keys are loaded already."""
        core = self._core
        header = core.keystore.header
        for slot, secret in self._candidates(typed, principal):
            if core.hsm.opens(header.store_id, slot, secret, test_profile=header.test_profile):
                return slot
        raise self._wrong()

    def _wrong(self) -> WrongPassphraseError:
        with self._core.lock:
            self._failed += 1
        return WrongPassphraseError("The passphrase does not open this keystore.")

    def begin_session(self, slot: UnlockSlot) -> Session:
        """Make the session of an opened slot and record that it began."""
        core = self._core
        session, standing = self._sessions.begin(slot)
        core.require_trail().append(
            api_event(
                standing.actor,
                EventKind("Unlock", read_only=True, source=OWN_SOURCE),
                event_id=core.host.ids.uuid(),
                request_id=core.host.ids.uuid(),
                when=core.now(),
                request={"SlotKind": slot.kind},
                additional={"FailedAttempts": self._failed} if self._failed else None,
            )
        )
        self._failed = 0
        return session

    def _verify(self, ended: threading.Event) -> None:
        if not self._core.host.background:
            self._run_verification(ended)
            return
        threading.Thread(
            target=self._verify_quietly, args=(ended,), name="kmstui-verify", daemon=True
        ).start()

    def _verify_quietly(self, ended: threading.Event) -> None:
        """Verify in a thread; the outcome is in the keystore and waits for the next call.

        It begins once a call waits for it, or when what shows the first keys has had its time:
        both want the interpreter for themselves.
        """
        self._core.wanted.wait(HEAD_START)
        if ended.is_set():
            return
        try:
            self._run_verification(ended)
        except KmsError as error:
            self._core.publish(EngineEvent("verification", "failed", error.code))

    def _run_verification(self, ended: threading.Event) -> None:
        core = self._core

        def note(done: int, total: int) -> None:
            core.progress = (done, total)
            core.publish(EngineEvent("verification", "progress"))

        try:
            core.keystore.verify(note)
        finally:
            ended.set()
        core.publish(EngineEvent("verification", "verified"))
