"""Changing unlock slots."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import (
    AlreadyExistsException,
    KeystoreBusyError,
    KmsError,
    KMSInternalException,
    NoSuchEntityException,
    SessionError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.engine.core import OWN_SOURCE, Core
from kmstui.engine.session import Session
from kmstui.hsm import (
    PASSPHRASE_SLOT,
    RECOVERY_SLOT,
    UnlockSlot,
    normalise_recovery_code,
)
from kmstui.keystore import UserRecord
from kmstui.trail.event import Actor, EventKind, api_event


def change_passphrase(core: Core, session: Session, old: Secret, new: Secret) -> None:
    """Replace the slot of who signed in; see :meth:`kmstui.engine.Engine`."""
    standing = core.standings.get(session)
    if standing is None:
        raise SessionError("The session has ended.")
    actor = standing.actor
    core.wait_verified()
    try:
        slot = _own_slot(core, standing.origin, old)
        made = _proven_slot(core, slot, new)
    except KmsError as error:
        core.require_trail().append(_event(core, actor, core.host.ids.uuid(), error))
        raise
    with core.lock:
        if session not in core.standings:
            raise SessionError("The session has ended.")
        present = core.keystore.header.slots
        if slot not in present:
            raise WrongPassphraseError("The passphrase was changed by somebody else meanwhile.")
        event_id = core.host.ids.uuid()
        with core.keystore.begin() as changes:
            changes.replace_slots(tuple(made if other == slot else other for other in present))
            core.commit(changes, event_id, _event(core, actor, event_id))
        try:
            core.scrub()
        except KeystoreBusyError:
            # The passphrase is changed all the same; maintenance empties the log.
            return


def add_operator(core: Core, session: Session, user_name: str, passphrase: Secret) -> None:
    """Give a user a passphrase that opens the keystore; see :meth:`kmstui.engine.Engine`.

    Raises:
        SessionError: The session has ended.
        AlreadyExistsException: The user has one already.
        NoSuchEntityException: The user was deleted or renamed meanwhile.
    """
    with core.lock:
        user = _without_passphrase(core, session, user_name)
        like = next(s for s in core.keystore.header.slots if s.kind == PASSPHRASE_SLOT)
    made = _proven_slot(core, replace(like, principal=user.arn), passphrase)
    with core.lock:
        present = _without_passphrase(core, session, user_name)
        if (present.arn, present.unique_id) != (user.arn, user.unique_id):
            raise NoSuchEntityException(f"{user.arn} was deleted or renamed meanwhile.")
        event = core.own_event("OperatorAdded", {"Principal": user.arn})
        with core.keystore.begin() as changes:
            changes.replace_slots((*core.keystore.header.slots, made))
            core.commit(changes, event.event_id, event.event)


def _without_passphrase(core: Core, session: Session, user_name: str) -> UserRecord:
    """Return a user of the session's account who cannot open the keystore."""
    standing = core.standings.get(session)
    if standing is None:
        raise SessionError("The session has ended.")
    user = core.keystore.user(standing.caller.account, user_name)
    if user is None:
        raise NoSuchEntityException(f"There is no user {user_name} any more.")
    if any(slot.principal == user.arn for slot in core.keystore.header.slots):
        raise AlreadyExistsException(f"{user.arn} has a passphrase already.")
    return user


def prove_passphrase(core: Core, session: Session, passphrase: Secret) -> None:
    """Note that a session's person knows the passphrase; see :class:`kmstui.engine.Engine`."""
    standing = core.standings.get(session)
    if standing is None:
        raise SessionError("The session has ended.")
    try:
        _own_slot(core, standing.origin, passphrase)
    except KmsError as error:
        event = _event(core, standing.actor, core.host.ids.uuid(), error, name="ProvePassphrase")
        core.require_trail().append(event)
        raise
    with core.lock:
        if session not in core.standings:
            raise SessionError("The session has ended.")
        event = _event(core, standing.actor, core.host.ids.uuid(), name="ProvePassphrase")
        core.require_trail().append(event)
        standing.freshness.passphrase_at = core.host.clock.wall()


def _own_slot(core: Core, principal: str, proof: Secret) -> UnlockSlot:
    """Return the principal's passphrase slot, if the passphrase or the recovery code is right.

    The recovery code counts as well: who has forgotten the passphrase sets a new one with it.
    """
    header = core.keystore.header
    own = [slot for slot in header.slots if slot.principal == principal]
    try:
        proofs = [slot for slot in header.slots if slot.kind == RECOVERY_SLOT]
        typed = normalise_recovery_code(proof)
        # The code is the root user's, who has no passphrase where an administrator has one.
        candidates = [*own, *header.slots]
    except WrongPassphraseError:
        proofs = [slot for slot in own if slot.kind == PASSPHRASE_SLOT]
        typed, candidates = proof, own
    proven = any(
        core.hsm.opens(header.store_id, slot, typed, test_profile=header.test_profile)
        for slot in proofs
    )
    replaced = next((slot for slot in candidates if slot.kind == PASSPHRASE_SLOT), None)
    if not proven or replaced is None:
        raise WrongPassphraseError("The present passphrase is not right.")
    return replaced


def _proven_slot(core: Core, slot: UnlockSlot, passphrase: Secret) -> UnlockSlot:
    """Return a slot to take another's place, after it has been seen to open."""
    header = core.keystore.header
    made = core.hsm.make_slot(
        slot_id=core.host.ids.uuid(),
        kind=PASSPHRASE_SLOT,
        principal=slot.principal,
        passphrase=passphrase,
        profile=slot.profile,
        created=core.host.clock.wall(),
    )
    if not core.hsm.opens(header.store_id, made, passphrase, test_profile=header.test_profile):
        raise KMSInternalException("The new slot does not open; the old one was kept.")
    return made


def _event(
    core: Core,
    actor: Actor,
    event_id: str,
    error: KmsError | None = None,
    *,
    name: str = "ChangePassphrase",
) -> bytes:
    return api_event(
        actor,
        EventKind(name, read_only=False, source=OWN_SOURCE),
        event_id=event_id,
        request_id=core.host.ids.uuid(),
        when=core.now(),
        request={"SlotKind": PASSPHRASE_SLOT},
        error=error,
    )
