"""``kmstui call``."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from kmstui.cli.call import parse_members, parse_value
from kmstui.cli.operations import find_operation
from kmstui.core.errors import KmsError, UsageError
from kmstui.core.spec import Kind, Member
from tests.helpers.program import Vault, run

BLOB = Member("Plaintext", Kind.BLOB)
TEXT = Member("Description", Kind.TEXT)
NUMBER = Member("Limit", Kind.INTEGER)
PAIRS = Member("EncryptionContext", Kind.TEXT_MAP)
WORDS = Member("TagKeys", Kind.LIST, item=Member("TagKey", Kind.TEXT))
TAGS = Member(
    "Tags",
    Kind.LIST,
    item=Member(
        "Tag",
        Kind.STRUCTURE,
        members=(Member("TagKey", Kind.TEXT), Member("TagValue", Kind.TEXT)),
    ),
)


@pytest.mark.parametrize(
    ("member", "text", "expected"),
    [
        (BLOB, "aGVsbG8=", b"hello"),
        (BLOB, "text:hello", b"hello"),
        (BLOB, "text:", b""),
        (BLOB, "text:text:x", b"text:x"),
        (BLOB, "text:żółw", "żółw".encode()),
        (TEXT, "", ""),
        (TEXT, "a=b,c", "a=b,c"),
        (NUMBER, "7", 7),
        (NUMBER, "-7", -7),
        (PAIRS, "a=b,c=d", {"a": "b", "c": "d"}),
        (PAIRS, "a=b=c", {"a": "b=c"}),
        (PAIRS, "a=", {"a": ""}),
        (PAIRS, '{"a":"b,c=d"}', {"a": "b,c=d"}),
        (PAIRS, "{}", {}),
        (WORDS, "a,b", ["a", "b"]),
        (WORDS, '["a,b"]', ["a,b"]),
        (TAGS, "TagKey=a,TagValue=b", [{"TagKey": "a", "TagValue": "b"}]),
        (TAGS, '[{"TagKey":"a","TagValue":"b"}]', [{"TagKey": "a", "TagValue": "b"}]),
    ],
)
def test_value_forms(member: Member, text: str, expected: object) -> None:
    """Every form a value may have on the command line means what the help says."""
    assert expected == parse_value(member, text)


@pytest.mark.parametrize(
    ("member", "text"),
    [
        (BLOB, "!!!"),
        (BLOB, "aGVsbG8"),
        (BLOB, "fileb:///nowhere"),
        (TEXT, "file:///nowhere"),
        (NUMBER, "ten"),
        (NUMBER, ""),
        (NUMBER, "1.5"),
        (NUMBER, "\uff11"),
        (NUMBER, "--1"),
        (PAIRS, "a"),
        (PAIRS, "=b"),
        (PAIRS, "a=b,a=c"),
        (PAIRS, '{"a":"b","a":"c"}'),
        (PAIRS, '{"a":'),
    ],
)
def test_senseless_values_are_refused(member: Member, text: str) -> None:
    """A value that makes no sense for its member is refused, never guessed at."""
    with pytest.raises(KmsError):
        parse_value(member, text)


def test_file_forms(tmp_path: Path) -> None:
    """``fileb://`` reads bytes as they are, ``file://`` reads text."""
    file = tmp_path / "value"
    file.write_bytes(b"\x00\xff\n")
    assert parse_value(BLOB, f"fileb://{file}") == b"\x00\xff\n"
    with pytest.raises(UsageError, match="not UTF-8"):
        parse_value(TEXT, f"file://{file}")
    file.write_text('{"Version":"2012-10-17"}')
    assert parse_value(TEXT, f"file://{file}") == '{"Version":"2012-10-17"}'


def test_file_too_long_is_refused_not_cut(tmp_path: Path) -> None:
    """A file over a mebibyte is refused instead of being read in part."""
    file = tmp_path / "value"
    file.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(UsageError, match="longer than"):
        parse_value(BLOB, f"fileb://{file}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {}),
        (["--key-id", "alias/a"], {"KeyId": "alias/a"}),
        (["--KeyId", "alias/a"], {"KeyId": "alias/a"}),
        (["--key-id=alias/a"], {"KeyId": "alias/a"}),
        (["--key-id", "--dry-run"], {"KeyId": "--dry-run"}),
        (["--dry-run"], {"DryRun": True}),
        (["--no-dry-run"], {"DryRun": False}),
        (["--dry-run=false"], {"DryRun": False}),
        (["--no-dry-run=false"], {"DryRun": True}),
        (["--grant-tokens", "a,b", "--grant-tokens", "c"], {"GrantTokens": ["a", "b", "c"]}),
        (["--plaintext=text:a=b"], {"Plaintext": b"a=b"}),
    ],
)
def test_options_become_members(arguments: list[str], expected: dict[str, Any]) -> None:
    """Options are the request's members, in kebab case or as AWS spells them."""
    assert expected == parse_members(find_operation("Encrypt"), arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--key"], "has no option --key."),
        (["alias/a"], "has no option alias/a."),
        (["-k", "alias/a"], "has no option -k."),
        (["--no-key-id", "alias/a"], "has no option --no-key-id."),
        (["--key-id"], "--key-id needs a value."),
        (["--key-id", "a", "--KeyId", "b"], "--KeyId is given twice."),
        (["--dry-run", "--no-dry-run"], "--no-dry-run is given twice."),
        (["--dry-run=maybe"], "--dry-run is true or false, not maybe."),
        (["--plaintext", "!"], "--plaintext: Plaintext is not base64"),
    ],
)
def test_senseless_options_are_refused(arguments: list[str], message: str) -> None:
    """An option that is unknown, doubled or without its value is named in the refusal."""
    with pytest.raises(UsageError) as refusal:
        parse_members(find_operation("Encrypt"), arguments)
    assert refusal.value.message.endswith(message)


def test_encrypt_and_decrypt(vault: Vault) -> None:
    """What one command encrypts, another decrypts, with the context and not without."""
    vault.key("alias/app")
    sealed = vault.call(
        *("Encrypt", "--key-id", "alias/app", "--plaintext", "text:hello"),
        *("--encryption-context", "tenant=7,stage=test"),
    )
    blob = sealed["CiphertextBlob"]
    opened = vault.call(
        "decrypt", "--ciphertext-blob", blob, "--encryption-context", "stage=test,tenant=7"
    )
    assert base64.b64decode(opened["Plaintext"]) == b"hello"
    refused = vault.run("call", "Decrypt", "--ciphertext-blob", blob)
    assert (refused.code, refused.out) == (1, "")
    assert "InvalidCiphertextException\nhint: " in refused.err


def test_answer_is_json_with_iso_times(vault: Vault) -> None:
    """An answer is one JSON document in ASCII with times in ISO 8601."""
    outcome = vault.run("call", "kms:CreateKey", "--description", "naïve \u202e")
    assert outcome.out.isascii()
    metadata = outcome.json["KeyMetadata"]
    assert metadata["Description"] == "naïve \u202e"
    assert metadata["CreationDate"].endswith("+00:00")


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_request_from_json(vault: Vault, tmp_path: Path, source: str) -> None:
    """A request can be a JSON document in a file or on standard input."""
    body = json.dumps({"Tags": [{"TagKey": "owner", "TagValue": "ops"}], "Description": None})
    file = tmp_path / "request.json"
    file.write_text(body)
    name = "-" if source == "stdin" else str(file)
    made = vault.run("call", "CreateKey", "--json", name, stdin=body.encode())
    key_id = made.json["KeyMetadata"]["KeyId"]
    tags = vault.call("ListResourceTags", "--key-id", key_id)["Tags"]
    assert tags == [{"TagKey": "owner", "TagValue": "ops"}]


def test_options_win_over_json(vault: Vault) -> None:
    """An option replaces the member of the JSON request."""
    made = vault.run(
        *("call", "CreateKey", "--json", "-", "--description", "option"),
        stdin=b'{"Description":"json"}',
    )
    assert made.json["KeyMetadata"]["Description"] == "option"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"Limit":1,"Limit":2}', "duplicate key 'Limit'"),
        (b'{"Lmit":1}', "ListKeys has no member Lmit."),
        (b'{"Limit":NaN}', "NaN is not JSON"),
        (b"\xff", "not UTF-8"),
        (b" " * ((1 << 20) + 1), "longer than"),
    ],
)
def test_senseless_json_is_a_usage_error(body: bytes, message: str) -> None:
    """JSON that is no request is refused before a keystore is looked for."""
    outcome = run("call", "ListKeys", "--json", "-", stdin=body)
    assert outcome.code == 2
    assert message in outcome.err


def test_json_file_that_is_not_there() -> None:
    """A JSON file that cannot be read is named."""
    outcome = run("call", "ListKeys", "--json", "/nowhere/x.json")
    assert (outcome.code, outcome.out) == (2, "")
    assert "/nowhere/x.json cannot be read: No such file" in outcome.err


def test_dry_run_changes_nothing(vault: Vault) -> None:
    """A dry run ends with AWS's own error, exit code 1."""
    vault.key("alias/app")
    outcome = vault.run(
        *("call", "Encrypt", "--key-id", "alias/app", "--plaintext", "text:x", "--dry-run")
    )
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("DryRunOperationException")


def test_validation_uses_the_services_text(vault: Vault) -> None:
    """What the service would refuse is refused by it, in its words."""
    outcome = vault.run("call", "ListKeys", "--limit", "0")
    assert outcome.code == 1
    assert "ValidationException" in outcome.err
    assert "Member must have value greater than or equal to 1" in outcome.err


def test_unknown_operation_needs_no_keystore() -> None:
    """An operation that does not exist is refused before anything is opened."""
    outcome = run("call", "Encript")
    assert outcome.code == 2
    assert "There is no operation Encript." in outcome.err


def test_hostile_identifier_is_shown_harmlessly(vault: Vault) -> None:
    """Escapes, line ends and direction marks of an argument never reach the terminal."""
    outcome = vault.run("call", "DescribeKey", "--key-id", "x\nhint: ok\x1b]52;c;eA==\x07\u202e")
    lines = outcome.err.splitlines()
    assert outcome.code == 1
    assert not any(line.startswith("hint: ok") for line in lines)
    assert all(character.isprintable() or character == "\n" for character in outcome.err)


def test_every_call_is_in_the_trail(vault: Vault) -> None:
    """Calls from the command line are recorded, refused ones too."""
    vault.run("call", "DescribeKey", "--key-id", "alias/none")
    events = vault.call("ReadTrail", "--limit", "20")["Events"]
    described = next(event for event in events if event["eventName"] == "DescribeKey")
    assert described["errorCode"] == "NotFoundException"
    assert described["userAgent"].startswith("kmstui/")
