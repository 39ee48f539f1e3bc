"""Names: ARNs, key ids, alias names, and how a request names a key."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core.arn import (
    Arn,
    IdentifierKind,
    KeyIdentifier,
    alias_arn,
    check_alias_name,
    is_account,
    is_key_id,
    is_multi_region_id,
    is_region,
    is_user_name,
    key_arn,
    root_arn,
)
from kmstui.core.errors import NotFoundException, ValidationException

ACCOUNT, REGION = "111122223333", "us-east-1"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI = "mrk-1234abcd12ab34cd56ef1234567890ab"


def test_arns_are_split_at_five_colons() -> None:
    """The resource keeps every further colon, and the text comes back."""
    text = "arn:aws:iam::111122223333:user/a:b:c"
    arn = Arn.parse(text)
    assert (arn.service, arn.region, arn.account, arn.resource) == (
        "iam",
        "",
        ACCOUNT,
        "user/a:b:c",
    )
    assert text == str(arn)


@pytest.mark.parametrize("text", ["", "arn", "arn:aws:kms:us-east-1:111122223333", "x:a:b:c:d:e"])
def test_what_has_not_six_parts_is_no_arn(text: str) -> None:
    """Too few parts, or another beginning, are refused."""
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.parse(text)


@given(st.lists(st.text(alphabet="ab-/*", max_size=5), min_size=5, max_size=5))
def test_every_arn_comes_back(parts: list[str]) -> None:
    """Printing and parsing are inverse."""
    arn = Arn(*parts)
    assert arn == Arn.parse(str(arn))


def test_arns_of_things() -> None:
    """Keys, aliases and accounts have AWS's forms."""
    assert key_arn(ACCOUNT, REGION, KEY) == f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"
    assert alias_arn(ACCOUNT, REGION, "alias/a") == "arn:aws:kms:us-east-1:111122223333:alias/a"
    assert root_arn(ACCOUNT) == "arn:aws:iam::111122223333:root"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, True),
        (MULTI, True),
        (KEY.upper(), False),
        (f"{KEY}\n", False),
        (f" {KEY}", False),
        (KEY.replace("-", ""), False),
        (MULTI[:-1], False),
        (f"{MULTI}0", False),
        ("mrk-", False),
        ("", False),
        (KEY.replace("1", "\u0661"), False),
    ],
)
def test_key_ids_have_their_form(text: str, expected: bool) -> None:
    """A lower-case UUID, or mrk- and 32 lower-case hex digits; nothing around it."""
    assert is_key_id(text) is expected


def test_multi_region_ids_are_told_apart() -> None:
    """Only mrk- ids are those of multi-Region keys."""
    assert (is_multi_region_id(MULTI), is_multi_region_id(KEY)) == (True, False)


@pytest.mark.parametrize(
    "text", ["", "11112222333", "1111222233334", "11112222333a", "\u0661" * 12]
)
def test_accounts_are_twelve_ascii_digits(text: str) -> None:
    """Anything else is no account id."""
    assert is_account(ACCOUNT)
    assert not is_account(text)


@pytest.mark.parametrize("text", ["us-east-1", "us-gov-west-1", "ap-southeast-22", "eu-central-1"])
def test_regions_have_their_form(text: str) -> None:
    """Two or three words and a number."""
    assert is_region(text)


@pytest.mark.parametrize(
    "text", ["", "us-1", "useast1", "US-EAST-1", "us-east-1 ", "a-b-c-d-1", f"us-{'a' * 40}-1"]
)
def test_other_texts_are_no_regions(text: str) -> None:
    """Case, length and number of words count."""
    assert not is_region(text)


@pytest.mark.parametrize(
    "name", ["alias/a", "alias/A/b_c-1", "alias/aws/s3", f"alias/{'a' * 250}"]
)
def test_alias_names_are_accepted(name: str) -> None:
    """Letters, digits, slash, underscore, hyphen."""
    check_alias_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a", "alias", "alias/", "ALIAS/a", "alias/a b", "alias/a:b", "alias/é", "alias/a\n"],
)
def test_other_alias_names_are_refused(name: str) -> None:
    """Prefix, characters and an empty name."""
    with pytest.raises(ValidationException):
        check_alias_name(name)


@pytest.mark.parametrize(
    ("text", "kind", "account", "name"),
    [
        (KEY, IdentifierKind.KEY_ID, ACCOUNT, KEY),
        (MULTI, IdentifierKind.KEY_ID, ACCOUNT, MULTI),
        ("alias/a:b c", IdentifierKind.ALIAS_NAME, ACCOUNT, "alias/a:b c"),
        (key_arn(ACCOUNT, REGION, KEY), IdentifierKind.KEY_ARN, ACCOUNT, KEY),
        (key_arn("444455556666", REGION, MULTI), IdentifierKind.KEY_ARN, "444455556666", MULTI),
        (alias_arn(ACCOUNT, REGION, "alias/x"), IdentifierKind.ALIAS_ARN, ACCOUNT, "alias/x"),
    ],
)
def test_a_request_names_a_key_in_four_ways(
    text: str, kind: IdentifierKind, account: str, name: str
) -> None:
    """Kind, account and name of each form; its ARN names the same thing."""
    found = KeyIdentifier.parse(text, ACCOUNT, REGION)
    assert (kind, account, REGION, name) == (found.kind, found.account, found.region, found.name)
    assert found.is_alias == name.startswith("alias/")
    assert name == KeyIdentifier.parse(found.arn, ACCOUNT, REGION).name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "arn:",
        f"arn:aws:s3:{REGION}:{ACCOUNT}:key/{KEY}",
        f"arn:aws-cn:kms:{REGION}:{ACCOUNT}:key/{KEY}",
        f"arn:aws:kms:{REGION}:1:key/{KEY}",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/nonsense",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:{KEY}",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:grant/{KEY}",
    ],
)
def test_other_identifiers_are_invalid(text: str) -> None:
    """The recorded text names what was given."""
    with pytest.raises(NotFoundException) as refused:
        KeyIdentifier.parse(text, ACCOUNT, REGION)
    assert refused.value.message == f"Invalid keyId '{text}'"


def test_arns_of_another_region_are_invalid() -> None:
    """The recorded text names the ARN's Region."""
    with pytest.raises(NotFoundException) as refused:
        KeyIdentifier.parse(key_arn(ACCOUNT, "eu-west-1", KEY), ACCOUNT, REGION)
    assert refused.value.message == "Invalid arn eu-west-1"


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    """Any text is an identifier or a refusal."""
    with suppress(NotFoundException):
        assert KeyIdentifier.parse(text, ACCOUNT, REGION).name


@pytest.mark.parametrize("text", ["admin", "a", "A.b+c=d,e@f_g-h", "x" * 64])
def test_user_names(text: str) -> None:
    """IAM's user names."""
    assert is_user_name(text)


@pytest.mark.parametrize("text", ["", "two words", "x" * 65, "ümlaut", "a/b", "a\n"])
def test_not_user_names(text: str) -> None:
    """What IAM does not accept as a user name."""
    assert not is_user_name(text)
