"""The AWS CLI echo: a line that a shell takes apart into what was called."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.tui.echo import aws_command, kebab


class TestNames:
    """AWS names as the CLI writes them."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("KeyId", "key-id"),
            ("GenerateDataKeyWithoutPlaintext", "generate-data-key-without-plaintext"),
            ("ReEncrypt", "re-encrypt"),
            ("CiphertextBlob", "ciphertext-blob"),
            ("PendingWindowInDays", "pending-window-in-days"),
            ("XksKeyId", "xks-key-id"),
        ],
    )
    def test_kebab(self, name: str, expected: str) -> None:
        """Words are split where the CLI splits them."""
        assert expected == kebab(name)


class TestCommands:
    """Whole lines."""

    def test_plain(self) -> None:
        """A simple call is one verb and its options."""
        expected = "aws kms disable-key --key-id alias/payments --region eu-west-1"
        assert expected == aws_command(
            "DisableKey", {"KeyId": "alias/payments"}, region="eu-west-1"
        )

    def test_numbers_flags_and_none(self) -> None:
        """Numbers stand as they are, booleans are flags, None is left out."""
        line = aws_command(
            "X", {"PendingWindowInDays": 7, "DryRun": True, "MultiRegion": False, "Limit": None}
        )
        assert line == "aws kms x --pending-window-in-days 7 --dry-run --no-multi-region"

    def test_blobs_are_files(self) -> None:
        """Neither plaintext nor ciphertext is in the line."""
        line = aws_command("Encrypt", {"KeyId": "k", "Plaintext": b"canary"})
        assert "canary" not in line
        assert "--plaintext fileb://plaintext.bin" in line
        assert line.endswith("--output text | base64 --decode > ciphertext.bin")

    def test_unknown_bytes_are_files(self) -> None:
        """Bytes in a member nobody listed are not written out either."""
        assert "fileb://odd.bin" in aws_command("X", {"Odd": b"canary"})

    def test_bearer_tokens_are_elided(self) -> None:
        """A grant token or a code is not written out."""
        line = aws_command("X", {"GrantTokens": ["canary"], "TokenCode": "492039"})
        assert shlex.split(line) == [
            *("aws", "kms", "x", "--grant-tokens", "<elided>", "--token-code", "<elided>")
        ]

    def test_maps_and_lists(self) -> None:
        """Plain maps are shorthand, lists are several words."""
        line = aws_command(
            "X",
            {
                "EncryptionContext": {"app": "web", "stage": "prod"},
                "Tags": [{"TagKey": "env", "TagValue": "prod"}],
                "TagKeys": ["a", "b"],
            },
        )
        assert line == (
            "aws kms x --encryption-context app=web,stage=prod"
            " --tags TagKey=env,TagValue=prod --tag-keys a b"
        )

    def test_maps_that_shorthand_cannot_say(self) -> None:
        """A map with a comma or an equals sign is JSON in single quotes."""
        words = shlex.split(aws_command("X", {"EncryptionContext": {"a,b": "c=d"}}))
        assert words[-1] == '{"a,b":"c=d"}'

    def test_empty_collections(self) -> None:
        """An empty list and an empty map are written, not lost."""
        words = shlex.split(aws_command("X", {"Tags": [], "EncryptionContext": {}}))
        assert words[3:] == ["--tags", "[]", "--encryption-context", "{}"]

    def test_time(self) -> None:
        """A time is ISO 8601 in UTC."""
        line = aws_command("X", {"ValidTo": datetime(2026, 1, 15, 9, tzinfo=UTC)})
        assert line.endswith("--valid-to 2026-01-15T09:00:00Z")

    def test_leading_dash(self) -> None:
        """A value that looks like an option is tied to its own."""
        assert aws_command("X", {"Description": "-rf"}) == "aws kms x --description=-rf"

    @pytest.mark.parametrize("value", ["file:///etc/passwd", "fileb://id_rsa"])
    def test_a_value_never_makes_the_cli_read_a_file(self, value: str) -> None:
        """Text that the CLI would take for a file name travels where it reads none."""
        words = shlex.split(aws_command("X", {"Description": value}))
        assert words[3:] == ["--cli-input-json", f'{{"Description":"{value}"}}']

    def test_own_operations(self) -> None:
        """What AWS does not have is a kmstui command, without a Region."""
        line = aws_command("kmstui:AdvanceClock", {"Seconds": 691200}, region="eu-west-1")
        assert line == "kmstui call AdvanceClock --seconds 691200"

    @pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "\u202egnp.exe", "\x9b31m", "\x00"])
    def test_no_control_character_is_in_a_line(self, text: str) -> None:
        """What a terminal would obey is written in the shell's escapes."""
        assert aws_command("X", {"Description": text}).isprintable()

    @given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ")))
    def test_shell_gets_the_value_back(self, value: str) -> None:
        """A POSIX shell takes the line apart into exactly the value given."""
        words = shlex.split(aws_command("X", {"Description": value}))
        if not value.startswith(("-", "file")):
            assert [*("aws", "kms", "x", "--description"), value] == words
