"""Request validation: AWS's words for every constraint, all of them in one answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmstui.core.errors import KmsError, SerializationException, ValidationException
from kmstui.core.spec import Kind, Member
from kmstui.core.validation import compile_validator, lower_camel

NAME = Member("KeyName", Kind.TEXT, required=True, minimum=2, maximum=4, pattern="^[a-z]+$")
COUNT = Member("Count", Kind.INTEGER, minimum=1, maximum=10)
COLOUR = Member("Colour", Kind.TEXT, enum=("RED", "GREEN"))
DATA = Member("Data", Kind.BLOB, minimum=1, maximum=4)
HIDDEN = Member("Hidden", Kind.TEXT, maximum=3, sensitive=True)
WHEN = Member("When", Kind.TIMESTAMP)
FLAG = Member("Flag", Kind.BOOLEAN)
PAIRS = Member("Pairs", Kind.TEXT_MAP)
ENTRY = Member(
    "Entry",
    Kind.STRUCTURE,
    members=(Member("EntryKey", Kind.TEXT, required=True, minimum=1, maximum=2),),
)
ENTRIES = Member("Entries", Kind.LIST, minimum=1, maximum=2, item=ENTRY)
INNER = Member("Inner", Kind.STRUCTURE, members=(COUNT,))
MEMBERS = (NAME, COUNT, COLOUR, DATA, HIDDEN, WHEN, FLAG, PAIRS, ENTRIES, INNER)
VALIDATE = compile_validator(MEMBERS)
SOUND: dict[str, Any] = {
    "KeyName": "abc",
    "Count": 10,
    "Colour": "RED",
    "Data": b"1234",
    "Hidden": "abc",
    "When": datetime(2026, 1, 1, tzinfo=UTC),
    "Flag": False,
    "Pairs": {"a": "b", "": ""},
    "Entries": [{"EntryKey": "ab"}, {"EntryKey": "c", "Unknown": object()}],
    "Inner": {"Count": 1},
}


def test_a_sound_request_passes() -> None:
    """Bounds are inclusive, unknown members are ignored, None is absent."""
    VALIDATE(SOUND)
    VALIDATE({"KeyName": "ab", "Nonsense": object(), "Count": None})


CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"KeyName": None},
        "Value null at 'keyName' failed to satisfy constraint: Member must not be null",
    ),
    (
        {"KeyName": "a"},
        (
            "Value 'a' at 'keyName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 2"
        ),
    ),
    (
        {"KeyName": "abcde"},
        (
            "Value 'abcde' at 'keyName' failed to satisfy constraint: "
            "Member must have length less than or equal to 4"
        ),
    ),
    (
        {"KeyName": "AB"},
        (
            "Value 'AB' at 'keyName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[a-z]+$"
        ),
    ),
    (
        {"KeyName": "ab\n"},
        (
            "Value 'ab\n' at 'keyName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[a-z]+$"
        ),
    ),
    (
        {"Count": 0},
        (
            "Value '0' at 'count' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        ),
    ),
    (
        {"Count": 11},
        (
            "Value '11' at 'count' failed to satisfy constraint: "
            "Member must have value less than or equal to 10"
        ),
    ),
    (
        {"Colour": "red"},
        (
            "Value 'red' at 'colour' failed to satisfy constraint: "
            "Member must satisfy enum value set: [RED, GREEN]"
        ),
    ),
    (
        {"Data": b""},
        (
            "Value at 'data' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        ),
    ),
    (
        {"Hidden": "canary"},
        (
            "Value at 'hidden' failed to satisfy constraint: "
            "Member must have length less than or equal to 3"
        ),
    ),
    (
        {"Entries": []},
        (
            "Value '[]' at 'entries' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        ),
    ),
    (
        {"Entries": [{"EntryKey": "a"}, {"EntryKey": "abc"}]},
        (
            "Value 'abc' at 'entries.2.member.entryKey' failed to satisfy constraint: "
            "Member must have length less than or equal to 2"
        ),
    ),
    (
        {"Entries": [{}]},
        (
            "Value null at 'entries.1.member.entryKey' failed to satisfy constraint: "
            "Member must not be null"
        ),
    ),
    (
        {"Inner": {"Count": 99}},
        (
            "Value '99' at 'inner.count' failed to satisfy constraint: "
            "Member must have value less than or equal to 10"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "text"), CASES, ids=range(len(CASES)))
def test_each_constraint_has_its_words(changes: dict[str, Any], text: str) -> None:
    """One problem, AWS's text, and no value of what is sensitive or a blob."""
    with pytest.raises(ValidationException) as refused:
        VALIDATE(SOUND | changes)
    assert refused.value.message == f"1 validation error detected: {text}"
    assert "canary" not in refused.value.message


def test_a_list_that_is_too_long_is_not_looked_into() -> None:
    """A hundred thousand bad entries are one problem, found without looking at any."""
    with pytest.raises(ValidationException) as refused:
        VALIDATE(SOUND | {"Entries": [{"EntryKey": "abc"}] * 100_000})
    assert refused.value.message.startswith("1 validation error detected: ")
    assert "length less than or equal to 2" in refused.value.message


def test_all_problems_are_named_together() -> None:
    """Several problems are counted and joined."""
    with pytest.raises(ValidationException) as refused:
        VALIDATE({"Count": 0, "Colour": "x"})
    message = refused.value.message
    assert message.startswith("3 validation errors detected: Value null at 'keyName'")
    assert message.count("; ") == 2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Count": True}, "Count must be an integer, not bool"),
        ({"Count": 1.0}, "Count must be an integer, not float"),
        ({"Flag": 1}, "Flag must be a boolean, not int"),
        ({"KeyName": b"ab"}, "KeyName must be a string, not bytes"),
        ({"Data": "ab"}, "Data must be a blob, not str"),
        ({"When": "2026"}, "When must be a timestamp, not str"),
        ({"When": datetime(2026, 1, 1)}, "When must carry a time zone"),  # noqa: DTZ001 - naive
        ({"Pairs": {"a": 1}}, "Pairs must map strings to strings"),
        ({"Pairs": {1: "a"}}, "Pairs must map strings to strings"),
        ({"Pairs": {"\ud800": "a"}}, "Pairs is not valid Unicode"),
        ({"Pairs": {"a": "\ud800"}}, "Pairs is not valid Unicode"),
        ({"Hidden": "\ud800"}, "Hidden is not valid Unicode"),
        ({"Entries": [5]}, "Entry must be a structure, not int"),
        ({"Entries": ({"EntryKey": "a"},)}, "Entries must be a list, not tuple"),
        ({"Inner": []}, "Inner must be a structure, not list"),
    ],
)
def test_other_types_are_not_serialised(changes: dict[str, Any], text: str) -> None:
    """A value of another type than its member is refused without being shown."""
    with pytest.raises(SerializationException) as refused:
        VALIDATE(SOUND | changes)
    assert text == refused.value.message


def test_a_subclass_of_a_type_is_that_type() -> None:
    """An enum member that is a string passes as a string."""
    from kmstui.keystore.records import KeyState

    compile_validator((Member("State", Kind.TEXT, enum=("Enabled",)),))(
        {"State": KeyState.ENABLED}
    )


def test_names_are_lower_camel_case() -> None:
    """Only the first letter changes, as in AWS's texts."""
    assert [lower_camel(name) for name in ("KeyId", "aWS", "", "AWSAccountId")] == [
        "keyId",
        "aWS",
        "",
        "aWSAccountId",
    ]
    assert issubclass(SerializationException, KmsError)
