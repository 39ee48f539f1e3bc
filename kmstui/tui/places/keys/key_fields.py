"""What the key list shows of a key, sorts by and lets the filter ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import KeySummary, short_alias
from kmstui.tui.widgets.state_chip import KEY_STATES

OWNER_TAGS = ("Owner", "owner", "Team", "team")
"""Tags that say whose a key is, the first that is there counts."""

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_FAR = datetime(9999, 12, 31, tzinfo=UTC)
_STATE_ORDER = {state: place for place, state in enumerate(KEY_STATES)}


def owner(key: KeySummary) -> str:
    """Return whose a key is, by its tags; empty if they do not say."""
    return next((key.tags[tag] for tag in OWNER_TAGS if tag in key.tags), "")


def _tags(key: KeySummary) -> Mapping[str, str]:
    return key.tags


KEY_FIELDS: tuple[Field[KeySummary], ...] = (
    Field(
        "alias",
        Kind.TEXT,
        lambda key: [short_alias(alias) for alias in key.aliases],
        "an alias, without alias/",
        free=True,
    ),
    Field("id", Kind.TEXT, lambda key: key.key_id, "the key id", free=True),
    Field("description", Kind.TEXT, lambda key: key.description, "the description", free=True),
    Field("tag", Kind.TAGS, _tags, "a tag: tag:env=prod", free=True),
    Field("state", Kind.CHOICE, lambda key: key.state, "the state", choices=KEY_STATES),
    Field("spec", Kind.TEXT, lambda key: key.spec, "the key spec"),
    Field("usage", Kind.TEXT, lambda key: key.usage, "the key usage"),
    Field("origin", Kind.TEXT, lambda key: key.origin, "the origin of the material"),
    Field("manager", Kind.CHOICE, lambda key: key.manager, "who manages it"),
    Field("aliases", Kind.NUMBER, lambda key: len(key.aliases), "how many aliases"),
    Field("tags", Kind.NUMBER, lambda key: len(key.tags), "how many tags"),
    Field("lastuse", Kind.AGE, lambda key: key.last_used, "when it was last used"),
    Field("created", Kind.AGE, lambda key: key.created, "when it was created"),
    Field("deletion", Kind.LEFT, lambda key: key.deletion_date, "when it will be deleted"),
)
"""What the filter of the key list can ask."""

KEY_SORTS: Mapping[str, Callable[[KeySummary], Any]] = {
    "alias": lambda key: (not key.aliases, key.alias.casefold(), key.key_id),
    "state": lambda key: (_STATE_ORDER.get(key.state, 99), key.deletion_date or _FAR),
    "used": lambda key: key.last_used or _LONG_AGO,
    "spec": lambda key: key.spec,
    "owner": lambda key: owner(key).casefold(),
    "created": lambda key: key.created,
    "id": lambda key: key.key_id,
    "aliases": lambda key: len(key.aliases),
    "usage": lambda key: key.usage,
    "about": lambda key: key.description.casefold(),
    "tags": lambda key: sorted(key.tags.items()),
}
"""What each column sorts by."""
