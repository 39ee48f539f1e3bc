"""Trying a key: from a typed text to a ciphertext and back, and every way it is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from kmstui.core.errors import UsageError
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import by_id
from kmstui.tui.dialogs.paths import Replace
from kmstui.tui.place import Route
from kmstui.tui.places.keys.detail.try_it import blobs
from kmstui.tui.places.keys.detail.try_it.outgoing import CopySecret
from kmstui.tui.places.keys.detail.try_it.pane import TryItPane
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.opaque_value import OpaqueValue
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import (
    Demo,
    demo_console,
    hit,
    key_view,
    open_key,
    running,
    write,
)
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE

LEDGER, ARCHIVE, OTHER = "prod-ledger-payments", "prod-archive-platform", "prod-logs-platform"
SECRET = "meet-me-at-noon"


def pane(app: object) -> TryItPane:
    """Return the Try-it tab that shows."""
    shown = key_view(app).pane  # type: ignore[arg-type]  # the console
    assert isinstance(shown, TryItPane)
    return shown


class TestEncrypt:
    """Encrypting."""

    async def test_four_keys_to_a_ciphertext(self, demo: Demo) -> None:
        """From the list: E, two letters, enter."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "E", "h", "i", "enter")
            assert "Ciphertext" in screen_text(app)
            assert pane(app).result.blob

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """The result looks as approved; the plaintext is gone from the screen."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, SECRET)
            await hit(pilot, "enter")
            assert SECRET not in screen_text(app)
            assert_golden(app, f"key-detail/encrypted-{size[0]}x{size[1]}")

    async def test_the_ciphertext_is_the_engines(self, demo: Demo) -> None:
        """What is shown decrypts to what was typed, under the context that was given."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, SECRET)
            await pane(app).query_one("#context", ContextEditor).set_context({"a": "b"})
            await hit(pilot, "enter")
            blob = base64.b64decode(pane(app).result.sealed.value_to_copy())
            answer = await app.fetch("Decrypt", CiphertextBlob=blob, EncryptionContext={"a": "b"})
            assert SECRET.encode() == answer["Plaintext"]

    async def test_nothing_secret_is_left(self, demo: Demo) -> None:
        """Neither result line, CLI echo nor an exported picture holds the plaintext."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, SECRET)
            assert key_view(app).revealed
            await hit(pilot, "enter")
            outcome = app.caller.last
            assert outcome is not None
            assert SECRET not in f"{outcome.command}{outcome}"
            assert "fileb://" in outcome.command
            assert SECRET not in app.export_screenshot()
            assert not key_view(app).revealed

    async def test_nothing_typed(self, demo: Demo) -> None:
        """An empty field is answered in place, without a call."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "enter")
            assert "There is nothing to encrypt" in screen_text(app)
            assert app.caller.last is None

    async def test_disabled(self, demo: Demo) -> None:
        """A disabled key is refused with AWS's code and the way out; the text stays."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, ARCHIVE, "try-it")
            await write(pilot, "again")
            await hit(pilot, "enter")
            shown = screen_text(app)
            assert "✗ KMSInvalidStateException" in shown
            assert "is pending deletion" in shown
            assert "again" in shown

    async def test_dry_run(self, demo: Demo) -> None:
        """A dry run checks everything, makes nothing and says that it would have worked."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "p", "c")
            await write(pilot, "x")
            await hit(pilot, "enter")
            shown = screen_text(app)
            assert "It would have worked" in shown
            assert "DryRunOperationException" in shown
            assert "would succeed (dry run)" in shown
            assert not pane(app).result.blob

    async def test_file(self, demo: Demo, tmp_path: Path) -> None:
        """A file's bytes are encrypted as they are, whatever they are."""
        path = tmp_path / "key.bin"
        path.write_bytes(b"\x00\xff\x1b[2J")
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await pane(app).do_use_file(str(path))
            await hit(pilot, "enter")
            answer = await app.fetch("Decrypt", CiphertextBlob=pane(app).result.blob)
            assert answer["Plaintext"] == b"\x00\xff\x1b[2J"

    async def test_save(self, demo: Demo, tmp_path: Path) -> None:
        """The ciphertext is written to a file of its owner's alone; over one only if asked."""
        path = tmp_path / "out.bin"
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, "x")
            await hit(pilot, "enter")
            await pane(app).do_save_result(str(path))
            assert (pane(app).result.blob, 0o600) == (
                path.read_bytes(),
                path.stat().st_mode & 0o777,
            )
            path.write_bytes(b"mine")
            for keys, left in (("enter",), b"mine"), (("right", "enter"), pane(app).result.blob):
                app.perform(by_id(COMMANDS, "save-result"), str(path))
                await settle(pilot)
                assert isinstance(app.screen, Replace)
                await hit(pilot, *keys)
                assert left == path.read_bytes()

    async def test_esc_goes_back_by_layers(self, demo: Demo) -> None:
        """From a result esc leads to the form, then out of the field, then to the list."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, "x")
            await hit(pilot, "enter", "escape")
            assert pane(app).entry().has_focus
            await hit(pilot, "escape")
            assert pane(app).rest().has_focus
            await hit(pilot, "escape")
            assert Route("keys") == app.main.stage.trail[-1].route


class TestDecrypt:
    """Decrypting."""

    async def encrypted(self, app: object, pilot: object) -> None:
        """Encrypt something and go to Decrypt with it."""
        await open_key(pilot, LEDGER, "try-it")  # type: ignore[arg-type]  # the pilot
        await write(pilot, SECRET)  # type: ignore[arg-type]  # the pilot
        await hit(pilot, "enter", "d")  # type: ignore[arg-type]  # the pilot
        assert pane(app).mode == "decrypt"

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_last_ciphertext(self, demo: Demo, size: tuple[int, int]) -> None:
        """D and enter decrypt it; the plaintext is masked until enter shows it, for a while."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await self.encrypted(app, pilot)
            await hit(pilot, "enter")
            assert SECRET not in screen_text(app)
            assert_golden(app, f"key-detail/decrypted-{size[0]}x{size[1]}")
            await hit(pilot, "enter")
            assert SECRET in screen_text(app)
            assert key_view(app).revealed
            await hit(pilot, "tab")
            assert SECRET not in screen_text(app)

    async def test_pasted(self, demo: Demo) -> None:
        """Base64 in several lines is taken whole."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            blob = pane(app).result.blob or pane(app)._last
            wrapped = base64.encodebytes(blob).decode()
            assert "\n" in wrapped.strip()
            field = pane(app).form.entry()
            assert isinstance(field, Input)
            field.post_message(Paste(wrapped))
            await settle(pilot)
            await hit(pilot, "enter", "enter")
            assert SECRET in screen_text(app)

    async def test_wrong_context(self, demo: Demo) -> None:
        """Another context is refused, and the screen says why no reason is given."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            await pane(app).query_one("#context", ContextEditor).set_context({"a": "wrong"})
            await hit(pilot, "enter")
            shown = screen_text(app)
            assert "✗ InvalidCiphertextException" in shown
            assert "The context is authenticated" in shown

    async def test_another_key(self, demo: Demo) -> None:
        """A ciphertext of another key is refused by name."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            await open_key(pilot, OTHER, "try-it")
            await hit(pilot, "escape", "d", "enter")
            assert "✗ IncorrectKeyException" in screen_text(app)

    async def test_no_base64(self, demo: Demo) -> None:
        """What is no Base64 is answered in place, without a call."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "d")
            await write(pilot, "x x")
            await hit(pilot, "enter")
            assert "That is not Base64" in screen_text(app)
            assert app.caller.last is None

    async def test_locking_hides_and_drops_the_plaintext(self, demo: Demo) -> None:
        """Locked during a reveal, nothing of it is on the screen or comes back."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            await hit(pilot, "enter", "enter")
            value = pane(app).result.secret
            assert value.revealed
            await hit(pilot, "ctrl+l")
            assert SECRET not in screen_text(app)
            assert (False, False) == (value.has_value, value.revealed)

    async def test_copying_asks(self, demo: Demo) -> None:
        """A plaintext goes to the clipboard only after a question."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            await hit(pilot, "enter", "y")
            assert isinstance(app.screen, CopySecret)
            assert app.clipboard == ""
            await hit(pilot, "right", "enter")
            assert app.clipboard == SECRET

    async def test_mask_hides_a_reveal(self, demo: Demo) -> None:
        """The privacy mask hides a plaintext that shows."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await self.encrypted(app, pilot)
            await hit(pilot, "enter", "enter", "f12")
            assert SECRET not in screen_text(app)

    async def test_hostile_plaintext(self, demo: Demo) -> None:
        """No plaintext, once revealed, acts on the terminal."""
        app = demo_console(demo)
        async with running(app, (80, 24)) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            arn = key_view(app).route.argument
            for string in HOSTILE:
                if not string or "\ud800" in string:
                    continue
                answer = await app.fetch("Encrypt", KeyId=arn, Plaintext=string.encode())
                pane(app)._last = answer["CiphertextBlob"]
                await pane(app).do_decrypt("")
                await hit(pilot, "enter", "enter")
                assert pane(app).result.secret.revealed
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None


class TestDataKey:
    """Data keys, re-encryption and random bytes."""

    async def test_both_forms(self, demo: Demo) -> None:
        """A data key comes encrypted and in clear; the clear one is masked until revealed."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "g", "enter")
            assert_golden(app, "key-detail/data-key-120x40")
            secret = pane(app).result.secret
            assert 32 == len(base64.b64decode(secret.value_to_copy()))
            assert not secret.readable
            await hit(pilot, "v")
            assert secret.readable

    async def test_encrypted_only(self, demo: Demo) -> None:
        """Without the clear form there is no secret on the screen."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "g", "tab", "right", "enter")
            assert pane(app).result.blob
            assert not pane(app).result.secret.has_value

    async def test_length(self, demo: Demo) -> None:
        """`:data-key 48` makes one of 48 bytes."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await pane(app).do_data_key("48")
            await settle(pilot)
            assert 48 == len(base64.b64decode(pane(app).result.secret.value_to_copy()))

    async def test_re_encrypt(self, demo: Demo) -> None:
        """A ciphertext moves to another key without its plaintext showing."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await write(pilot, SECRET)
            await hit(pilot, "enter", "r", "tab")
            await write(pilot, f"alias/{OTHER}")
            await hit(pilot, "enter")
            answer = await app.fetch(
                "Decrypt", KeyId=f"alias/{OTHER}", CiphertextBlob=pane(app).result.blob
            )
            assert SECRET.encode() == answer["Plaintext"]
            assert SECRET not in screen_text(app)

    async def test_random(self, demo: Demo) -> None:
        """Random bytes come masked; a number that is none is answered in place."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "b", "enter")
            assert 32 == len(base64.b64decode(pane(app).result.secret.value_to_copy()))
            assert not pane(app).result.secret.readable
            await hit(pilot, "escape", "end", "0", "0", "enter")
            assert "a number from 1 to 1,024" in screen_text(app)

    async def test_another_key_starts_empty(self, demo: Demo) -> None:
        """Stepping to another key drops what was made under this one."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER, "try-it")
            await hit(pilot, "escape", "g", "enter", "N")
            assert not any(value.has_value for value in pane(app).result.query(OpaqueValue))


class TestBlobs:
    """Bytes in and out."""

    def test_base64(self) -> None:
        """Base64 is read however it is broken; what is none is refused."""
        assert blobs.from_base64(" aGk\n= ") == b"hi"
        for wrong in ("", "a", "a[/]", "äö"):
            with pytest.raises(UsageError):
                blobs.from_base64(wrong)

    def test_readable(self) -> None:
        """Text is shown as text, other bytes as Base64."""
        assert blobs.readable(b"hi\nthere") == "hi\nthere"
        assert blobs.readable(b"\xff\x00") == "/wA="


async def test_hostile_context(demo: Demo) -> None:
    """A context with markup works; one with characters that cannot be shown is refused."""
    app = demo_console(demo)
    async with running(app, (80, 24)) as pilot:
        await open_key(pilot, LEDGER, "try-it")
        editor = pane(app).query_one("#context", ContextEditor)
        for string in HOSTILE:
            await editor.set_context({string or "k": string})
            await settle(pilot)
            assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None


async def test_locked_by_time_while_typing(demo: Demo) -> None:
    """What was typed and not sent is gone after a lock."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await open_key(pilot, LEDGER, "try-it")
        await write(pilot, SECRET)
        field = pane(app).form.entry()
        await app.lock("You were away.")
        assert isinstance(field, Input)
        assert field.value == ""
        assert Route("keys", "key") != app.main.stage.trail[-1].route
