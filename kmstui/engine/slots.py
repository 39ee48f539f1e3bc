"""Changing unlock slots."""

from __future__ import annotations

from kmstui.core.errors import KMSInternalException, SessionError, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.engine.core import OWN_SOURCE, Core
from kmstui.engine.session import Session
from kmstui.hsm import PASSPHRASE_SLOT
from kmstui.trail.event import api_event


def change_passphrase(core: Core, session: Session, old: Secret, new: Secret) -> None:
    """Replace the principal's passphrase slot; see :meth:`kmstui.engine.Engine`."""
    actor = core.actors.get(session)
    if actor is None:
        raise SessionError("The session has ended.")
    core.wait_verified()
    header = core.keystore.header
    slot = next(
        (
            slot
            for slot in header.slots
            if slot.kind == PASSPHRASE_SLOT and slot.principal == session.principal
        ),
        None,
    )
    test = header.test_profile
    if slot is None or not core.hsm.opens(header.store_id, slot, old, test_profile=test):
        raise WrongPassphraseError("The present passphrase is not right.")
    made = core.hsm.make_slot(
        slot_id=core.host.ids.uuid(),
        kind=PASSPHRASE_SLOT,
        principal=slot.principal,
        passphrase=new,
        profile=slot.profile,
        created=core.host.clock.wall(),
    )
    if not core.hsm.opens(header.store_id, made, new, test_profile=test):
        raise KMSInternalException("The new slot does not open; the old one was kept.")
    event_id = core.host.ids.uuid()
    event = api_event(
        actor,
        event_id=event_id,
        request_id=core.host.ids.uuid(),
        when=core.now(),
        name="ChangePassphrase",
        region=session.region,
        account=session.account,
        read_only=False,
        request={"SlotKind": slot.kind},
        source=OWN_SOURCE,
    )
    with core.lock:
        if session not in core.actors:
            raise SessionError("The session has ended.")
        present = core.keystore.header.slots
        if slot not in present:
            raise WrongPassphraseError("The passphrase was changed by somebody else meanwhile.")
        with core.keystore.begin() as changes:
            changes.replace_slots(tuple(made if other == slot else other for other in present))
            core.commit(changes, event_id, event)
        core.keystore.checkpoint_wal()
