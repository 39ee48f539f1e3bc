"""Tags of KMS keys."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import TagException
from kmstui.core.limits import LIST_TAGS_DEFAULT, LIST_TAGS_MAX, TAGS_PER_KEY
from kmstui.core.spec import LIVING_STATES, Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.kms.guard import check_tag_keys, check_tags, tag_pairs
from kmstui.ops.paging import page_limit, paged, read_marker

_ERRORS = (
    "KMSInternalException",
    "NotFoundException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "TagException",
)


@operation(
    "kms",
    "TagResource",
    doc="Add tags to a key, or overwrite their values.",
    members=(m.key_id(), m.tags(required=True)),
    needs=(Needs("kms:TagResource"),),
    states=LIVING_STATES,
    mutates=True,
    check=check_tags,
    logged=("KeyId", "Tags"),
    errors=(*_ERRORS, "LimitExceededException"),
)
def tag_resource(call: Call) -> Answer:
    """Merge the given tags into the key's."""
    merged = dict(call.key.tags) | dict(tag_pairs(call))
    if len(merged) > TAGS_PER_KEY:
        raise TagException("Too many tags")
    call.writer.put_key(replace(call.key, tags=tuple(merged.items())))
    return {}


def _check_untag(call: Call) -> None:
    check_tag_keys(call.items("TagKeys"))


@operation(
    "kms",
    "UntagResource",
    doc="Remove tags from a key; absent ones are ignored.",
    members=(
        m.key_id(),
        Member(
            "TagKeys",
            Kind.LIST,
            required=True,
            item=Member("TagKey", Kind.TEXT, minimum=1, maximum=128),
        ),
    ),
    needs=(Needs("kms:UntagResource"),),
    states=LIVING_STATES,
    mutates=True,
    check=_check_untag,
    logged=("KeyId", "TagKeys"),
    errors=_ERRORS,
)
def untag_resource(call: Call) -> Answer:
    """Drop the given tag keys."""
    gone = frozenset(call.items("TagKeys"))
    kept = tuple(pair for pair in call.key.tags if pair[0] not in gone)
    call.writer.put_key(replace(call.key, tags=kept))
    return {}


@operation(
    "kms",
    "ListResourceTags",
    doc="List a key's tags.",
    members=(m.key_id(), m.LIMIT, m.MARKER),
    answer=(answers.tag_list("Tags"), m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListResourceTags"),),
    while_verifying=True,
    logged=("KeyId", "Limit", "Marker"),
    errors=(
        "KMSInternalException",
        "NotFoundException",
        "InvalidArnException",
        "InvalidMarkerException",
    ),
)
def list_resource_tags(call: Call) -> Answer:
    """Return a page of tags, sorted by key."""
    limit = page_limit(call, LIST_TAGS_DEFAULT, LIST_TAGS_MAX)
    after = read_marker(call, call.key.arn)
    found = [pair for pair in sorted(call.key.tags) if after is None or pair[0] > after]
    return paged(
        call,
        "Tags",
        found[: limit + 1],
        limit,
        place=lambda pair: pair[0],
        show=lambda pair: {"TagKey": pair[0], "TagValue": pair[1]},
        scope=call.key.arn,
    )
