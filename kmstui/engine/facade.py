"""The engine's facade: the one door through which edges reach the KMS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kmstui.core.errors import KmsError, SessionError
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.core.spec import Answer, OperationSpec
from kmstui.engine.calls import Dispatcher
from kmstui.engine.control import EngineControl, engine_status
from kmstui.engine.core import Core, Listener
from kmstui.engine.host import Host
from kmstui.engine.key_stores import reopen_clusters
from kmstui.engine.maintenance import maintain, note_clock
from kmstui.engine.opening import NewKeystore, Opener, create_keystore, found_account
from kmstui.engine.session import Session
from kmstui.engine.sessions import SessionMaker
from kmstui.engine.status import EngineEvent, EngineStatus
from kmstui.hsm.devices import Devices
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore import Keystore
from kmstui.ops.call import Services

if TYPE_CHECKING:
    from kmstui.engine.device_check import DeviceFinding
    from kmstui.engine.doctor import Finding

MAINTENANCE_SECONDS = 60.0
"""Pause between two runs of maintenance while unlocked."""


class Engine:
    """A keystore with its HSM, trail and operations. Thread-safe.

    Use :meth:`create` or :meth:`open`; always :meth:`close`.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._control = EngineControl(core)
        self._sessions = SessionMaker(core)
        self._opener = Opener(core, self._sessions)
        self._dispatcher: Dispatcher | None = None
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    @classmethod
    def create(
        cls, directory: Path, *, host: Host, new: NewKeystore, passphrase: Secret
    ) -> tuple[Self, Session, Secret]:
        """Create a keystore and sign its operator in: the named administrator, or root.

        Runs Argon2id twice; call it in a thread.

        Returns:
            The engine, unlocked; the operator's session; the root user's recovery code, shown
            once.

        Raises:
            KmsError: There is a keystore already, the path is unsafe, or a value is malformed.
        """
        hsm = SoftwareHsm()
        keystore, slot, code = create_keystore(directory, hsm, host, new, passphrase)
        engine = cls(Core(host, hsm, keystore, directory, Devices(directory, hsm, host.disk)))
        try:
            engine._opener.start()
            engine._core.verified.set()
            found_account(engine._core, new)
            session = engine._opener.begin_session(slot)
            engine._begin_work()
        except BaseException:
            engine.close()
            raise
        return engine, session, code

    @classmethod
    def open(cls, directory: Path, *, host: Host) -> Self:
        """Open a keystore, locked.

        Raises:
            KmsError: There is none, another process owns it, or it is unsafe or damaged.
        """
        hsm = SoftwareHsm()
        keystore = Keystore.open(
            directory, hsm, anchor_dir=host.anchor_dir, holder=host.holder, disk=host.disk
        )
        return cls(Core(host, hsm, keystore, directory, Devices(directory, hsm, host.disk)))

    def unlock(self, passphrase: Secret, *, principal: str | None = None) -> Session:
        """Open a slot with a passphrase or the recovery code; signing in is opening one.

        Runs Argon2id; call it in a thread. Verification of all rows goes on behind: until it is
        done, calls that change anything or use key material wait.

        Raises:
            WrongPassphraseError: No slot opens.
            KmsError: The keystore, its anchor or its trail refuse.
        """
        session = self._opener.unlock(passphrase, principal)
        note_clock(self._core)
        self._begin_work()
        return session

    def _begin_work(self) -> None:
        core = self._core
        if self._dispatcher is None:
            services = Services(
                core.hsm,
                core.keystore,
                core.host.ids,
                core.require_trail(),
                self._control,
                core.access,
                self._sessions,
                core.host.clock.wall,
                core.last_usage,
                core.last_usages,
                core.devices,
            )
            self._dispatcher = Dispatcher(core, services)
        if not core.host.background:
            maintain(core)
            return
        with core.lock:
            if self._worker is None:
                self._stop = threading.Event()
                self._worker = threading.Thread(
                    target=self._work,
                    args=(core.verified, self._stop),
                    name="kmstui-maintenance",
                    daemon=True,
                )
                self._worker.start()

    def _work(self, verified: threading.Event, stop: threading.Event) -> None:
        verified.wait()
        reopen_clusters(self._core)
        while not stop.is_set():
            try:
                maintain(self._core)
            except KmsError as error:
                self._core.publish(EngineEvent("service", "maintenance", error.code))
            stop.wait(MAINTENANCE_SECONDS)

    def record(self, name: str, details: Mapping[str, Any]) -> None:
        """Put something that was done to the keystore as a whole on the trail, durably."""
        with self._core.lock:
            self._core.record(name, details)

    def operations(self) -> Mapping[str, OperationSpec]:
        """Return every operation's spec, by its full name such as ``kms:Encrypt``."""
        return self._core.specs

    def call(
        self, session: Session, operation: str, request: Mapping[str, Any] | None = None
    ) -> Answer:
        """Perform an operation and return its answer.

        Args:
            session: A handle that this engine made and that has not ended.
            operation: Such as ``kms:Encrypt``.
            request: Members under AWS's names: ``bytes`` for blobs, aware datetimes.

        Raises:
            KmsError: The refusal, with AWS's code and text and a hint. It is in the trail.
        """
        if self._dispatcher is None:
            raise SessionError("The session has ended.")
        return self._dispatcher.call(session, operation, request or {})

    def switch_region(self, session: Session, region: str) -> Session:
        """Return a session whose calls go to another Region; the old one goes on.

        Raises:
            KmsError: The name is not that of a Region, or the caller may not.
        """
        self.call(session, "kmstui:SwitchRegion", {"Region": region})
        with self._core.lock:
            return self._sessions.switch_region(session, region)

    def change_passphrase(self, session: Session, old: Secret, new: Secret) -> None:
        """Replace the passphrase of whoever signed in, also from a role; one slot is rewritten.

        The new slot is proven to open before the old one is dropped. Runs Argon2id; call it in a
        thread.

        Raises:
            WrongPassphraseError: ``old`` is not the principal's passphrase.
            KmsError: The session has ended, or the keystore cannot be written.
        """
        from kmstui.engine.slots import change_passphrase  # noqa: PLC0415

        change_passphrase(self._core, session, old, new)

    def add_operator(self, session: Session, user_name: str, passphrase: Secret) -> None:
        """Give a user of the session's account a passphrase that opens this keystore.

        Runs Argon2id; call it in a thread.

        Raises:
            KmsError: The caller may not, there is no such user, or it has a passphrase.
        """
        from kmstui.engine.slots import add_operator  # noqa: PLC0415

        self.call(session, "kmstui:CreateOperator", {"UserName": user_name})
        add_operator(self._core, session, user_name, passphrase)

    def assume_role(self, session: Session, role_arn: str, session_name: str) -> Session:
        """Return a session of a role; the old one goes on.

        A code that was given in one of the two counts in the other.

        Raises:
            KmsError: The role's trust policy or the caller's own do not allow it.
        """
        answer = self.call(
            session,
            "sts:AssumeRole",
            {"RoleArn": role_arn, "RoleSessionName": session_name},
        )
        token = answer["Credentials"]["SessionToken"]
        with self._core.lock:
            return self._sessions.from_token(token, session.region, like=session)

    def act_as(
        self, session: Session, *, principal: str = "", service: str = "", source_arn: str = ""
    ) -> Session:
        """Return a session in another's place; training keystores only.

        Args:
            session: Whose person acts.
            principal: ARN of a principal; empty for a service that calls for itself.
            service: Such as ``ec2.amazonaws.com``: it calls for itself, or for the principal.
            source_arn: ``aws:SourceArn`` of the service's calls.

        Raises:
            KmsError: The keystore is none for training, the caller may not, or there is no such
                principal.
        """
        request = {"Principal": principal, "Service": service, "SourceArn": source_arn}
        self.call(
            session, "kmstui:ActAs", {name: value for name, value in request.items() if value}
        )
        with self._core.lock:
            return self._sessions.act_as(session, principal, service, source_arn)

    def prove_passphrase(self, session: Session, passphrase: Secret) -> None:
        """Note that the person at a session has just typed its passphrase or recovery code.

        A first MFA device is enabled only within five minutes of host time after that, or after
        signing in. Runs Argon2id; call it in a thread.

        Raises:
            WrongPassphraseError: It is not the passphrase of whoever signed in.
            KmsError: The session has ended, or the trail cannot be written.
        """
        from kmstui.engine.slots import prove_passphrase  # noqa: PLC0415

        prove_passphrase(self._core, session, passphrase)

    def mfa_age(self, session: Session) -> float | None:
        """Return the seconds since a session's last accepted code; ``None`` without one.

        Account time; nothing is recorded. A session that has ended has none.
        """
        with self._core.lock:
            standing = self._core.standings.get(session)
            return None if standing is None else standing.mfa_age(self._core.now())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every event, from any thread; the answer ends that."""
        return self._core.subscribe(listener)

    def maintain(self) -> list[str]:
        """Do now what maintenance does each minute; return the ARNs of destroyed keys."""
        return maintain(self._core)

    def wait_verified(self) -> None:
        """Wait until every row has been verified.

        Raises:
            KeystoreTamperedError: Verification failed; the keystore is sealed.
        """
        self._core.wait_verified()

    def check(self, progress: Callable[[str, int, int], None]) -> list[Finding]:
        """Verify every row and every line of the trail now, beside other calls.

        Takes a while; call it in a thread.

        Args:
            progress: Called with what is being checked, how much is done, and of how much.

        Raises:
            KeystoreLockedError: The keystore is locked, or was meanwhile.
        """
        from kmstui.engine.doctor import check_open  # noqa: PLC0415 - it imports this module

        return list(check_open(self._core, progress))

    def examine_devices(self) -> list[DeviceFinding]:
        """Look at every cluster and external key manager; no password is used.

        Raises:
            KeystoreLockedError: The keystore is locked.
        """
        from kmstui.engine.device_check import examine_devices  # noqa: PLC0415 - rarely needed

        return examine_devices(self._core)

    def trail_mark(self) -> TrailPosition:
        """Return the place in the trail that the keystore vouches for."""
        with self._core.lock:
            return self._core.keystore.head.trail

    def status(self) -> EngineStatus:
        """Return the engine's condition; works locked and unlocked."""
        with self._core.lock:
            return engine_status(self._core)

    def sign_out(self, session: Session) -> None:
        """End one session; the keys stay loaded."""
        with self._core.lock:
            self._core.standings.pop(session, None)

    def lock(self) -> None:
        """Drop every key and end every session; what was pending is stored first.

        Works when the trail or the disk do not: then what is pending is left for the next unlock.
        """
        core = self._core
        worker, self._worker = self._worker, None
        self._stop.set()
        with core.lock:
            core.standings.clear()
            try:
                if core.hsm.unlocked:
                    self._store_pending()
            finally:
                core.keystore.lock()
                core.devices.lock()
                core.usage.clear()
                # Whoever waits for verification goes on, and finds that the session has ended.
                core.verified.set()
                core.progress = (0, 0)
        if worker is not None and worker is not threading.current_thread():
            worker.join()
        core.publish(EngineEvent("locked", "Lock"))

    def _store_pending(self) -> None:
        core = self._core
        if not core.verified.is_set() or core.trail is None or core.trail.broken:
            return
        try:
            core.trail.sync()
            core.store_position()
        except KmsError as error:
            core.publish(EngineEvent("service", "lock", error.code))

    def close(self) -> None:
        """Lock, and give the keystore up; a second call does nothing."""
        self.lock()
        core = self._core
        with core.lock:
            try:
                if core.trail is not None:
                    core.trail.close()
            finally:
                core.keystore.close()
