"""When a command is legal: predicates that return why not, with the next step, or None."""

from __future__ import annotations

from kmstui.tui.commands import Context, Legality

_PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
_SWITCHABLE = frozenset({"Enabled", "Disabled", "Unavailable"})
_KEEP_FIRST = "it is waiting to be deleted; K keeps the key first"


def a_key(context: Context) -> str | None:
    """Ask for a key."""
    subject = context.subject
    if subject is None or subject.kind != "key":
        return "no key is selected"
    return None


def unless_barred(identity: str, legal: Legality) -> Legality:
    """Ask also what the key itself has against a command.

    Args:
        identity: The command's id.
        legal: What is asked first.
    """

    def predicate(context: Context) -> str | None:
        if (reason := legal(context)) is not None:
            return reason
        barred = context.subject.barred if context.subject is not None else ()
        return next((reason for each, reason in barred if each == identity), None)

    return predicate


def own_key(context: Context) -> str | None:
    """Ask for a customer-managed key and a session that may write."""
    if (reason := a_key(context)) is not None:
        return reason
    if context.read_only:
        return "this session may only read"
    if context.subject is not None and context.subject.aws_managed:
        return "AWS manages this key; only keys you created can be changed"
    return None


def _states(context: Context) -> frozenset[str]:
    return frozenset(context.subject.states) if context.subject is not None else frozenset()


def can_switch(context: Context) -> str | None:
    """Ask for a key that can be enabled or disabled."""
    if (reason := own_key(context)) is not None:
        return reason
    if _states(context) & _SWITCHABLE:
        return None
    return _KEEP_FIRST if _states(context) <= _PENDING else "it has no key material yet"


def can_schedule(context: Context) -> str | None:
    """Ask for a key that is not waiting to be deleted."""
    if (reason := own_key(context)) is not None:
        return reason
    return "it is already waiting to be deleted; K keeps it" if _all_pending(context) else None


def can_keep(context: Context) -> str | None:
    """Ask for a key that is waiting to be deleted."""
    if (reason := own_key(context)) is not None:
        return reason
    return None if _states(context) & _PENDING else "no deletion is scheduled"


def can_change(context: Context) -> str | None:
    """Ask for a key whose description, tags and aliases can change."""
    if (reason := own_key(context)) is not None:
        return reason
    return _KEEP_FIRST if _all_pending(context) else None


def _all_pending(context: Context) -> bool:
    return bool(_states(context)) and _states(context) <= _PENDING


def something(context: Context) -> str | None:
    """Ask for a selection."""
    return "nothing is selected" if context.subject is None else None


def may_write(context: Context) -> str | None:
    """Ask for a session that may write."""
    return "this session may only read" if context.read_only else None


def in_training(context: Context) -> str | None:
    """Ask for a training keystore."""
    if context.training:
        return None
    return "only a training keystore can do this; `kmstui demo` opens one"


def can_undo(context: Context) -> str | None:
    """Ask for something to take back."""
    return None if context.undo else "there is nothing to undo"


def has_result(context: Context) -> str | None:
    """Ask for a call to look at: the last one made, or one of the trail."""
    event = context.subject is not None and context.subject.kind == "event"
    return None if context.result or event else "nothing has been called yet"


def concealed(context: Context) -> str | None:
    """Ask that no plaintext is on the screen."""
    return "plaintext is on the screen; hide it first" if context.revealed else None


def has_earlier(context: Context) -> str | None:
    """Ask for an earlier view."""
    return None if context.history[0] else "this is the first view"


def has_later(context: Context) -> str | None:
    """Ask for a later view."""
    return None if context.history[1] else "this is the latest view"


def in_a_field(context: Context) -> str | None:
    """Ask for the focus in a field."""
    return None if context.typing else "the focus is not in a field"
