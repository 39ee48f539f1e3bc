"""Tags of users and roles. Source: IAM User Guide, *Rules for tagging in IAM and AWS STS*."""

from __future__ import annotations

from kmstui.core.errors import IamLimitExceededException, InvalidInputException
from kmstui.core.limits import TAGS_PER_ENTITY
from kmstui.keystore.principals import Tags
from kmstui.ops.call import Call


def given_tags(call: Call) -> Tags:
    """Return the tags of the request."""
    return tuple((tag["Key"], tag["Value"]) for tag in call.items("Tags"))


def check_tags(call: Call) -> None:
    """Refuse tags that nothing may carry.

    Raises:
        InvalidInputException: A reserved prefix, or a key that is given twice, whatever the case.
    """
    keys = [key.lower() for key, _ in given_tags(call)]
    if any(key.startswith("aws:") for key in keys):
        raise InvalidInputException("Tags that begin with aws: are reserved for AWS use.")
    if len(set(keys)) != len(keys):
        raise InvalidInputException(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )


def merged(old: Tags, new: Tags) -> Tags:
    """Return tags with new ones added or put in the place of those with their key.

    Raises:
        IamLimitExceededException: They are more than 50.
    """
    given = {key.lower() for key, _ in new}
    kept = tuple(pair for pair in old if pair[0].lower() not in given)
    if len(kept) + len(new) > TAGS_PER_ENTITY:
        raise IamLimitExceededException(
            f"The number of tags has reached the maximum limit of {TAGS_PER_ENTITY}."
        )
    return kept + new


def without(call: Call, tags: Tags) -> Tags:
    """Return tags but for those whose keys the request names."""
    gone = {key.lower() for key in call.items("TagKeys")}
    return tuple(pair for pair in tags if pair[0].lower() not in gone)
