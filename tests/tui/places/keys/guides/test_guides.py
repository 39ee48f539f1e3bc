"""The guides: a successor by hand, and re-wrapping data keys."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.elsewhere import fetch_in
from kmstui.tui.place import Route
from kmstui.tui.places.keys.guides.rewrap import RewrapView
from kmstui.tui.places.keys.guides.successor import SuccessorDialog
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.safe_input import SafeInput
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, hit, open_key, running, write
from tests.helpers.goldens import assert_golden
from tests.helpers.material_console import new_key

THERE = "eu-west-1"
SIZES = ((80, 24), (120, 40))


async def data_keys(app: KmsApp, folder: Path, arn: str, count: int = 3) -> dict[str, bytes]:
    """Put encrypted data keys into a folder and return their plaintexts by file name."""
    _make(folder)
    plain = {}
    for number in range(count):
        made = await app.fetch("GenerateDataKey", KeyId=arn, KeySpec="AES_256")
        name = f"{number}.key"
        (folder / name).write_bytes(made["CiphertextBlob"])
        plain[name] = made["Plaintext"]
    return plain


def _make(folder: Path) -> None:
    folder.mkdir()


async def open_rewrap(pilot: Pilot[None], arn: str, **values: str) -> RewrapView:
    """Open the page and fill its fields."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    view = await app.go(Route("keys", "rewrap", arn))
    await settle(pilot)
    assert isinstance(view, RewrapView)
    for field, value in values.items():
        view.query_one(f"#{field}", SafeInput).value = value
        await settle(pilot)
    return view


async def carried_out(pilot: Pilot[None], view: RewrapView) -> None:
    """Begin, and wait for the end."""
    view.do_wizard_next("")
    for _ in range(400):
        await settle(pilot)
        if not view.busy:
            return


class TestSuccessor:
    """Rotating by hand."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """The question says what is made, what moves and what stays."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            view = await open_key(pilot, "prod-cardvault-payments")
            app.run_worker(view.do_successor(""))
            await settle(pilot)
            assert_golden(app, f"guides/successor-{size[0]}x{size[1]}")

    async def test_alias_moves(self, demo: Demo) -> None:
        """The successor is like the old key, has its alias, and the old one goes on."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old = await new_key(app, "own", Description="words", KeySpec="HMAC_256",
                                KeyUsage="GENERATE_VERIFY_MAC")  # fmt: skip
            await open_key(pilot, "own")
            await hit(pilot, "colon")
            await write(pilot, "successor")
            await hit(pilot, "enter")
            assert isinstance(app.screen, SuccessorDialog)
            assert "verify under the old key only" in screen_text(app)
            await hit(pilot, "enter")
            assert "leads to it now" in screen_text(app)
            await hit(pilot, "enter")
            new = (await app.fetch("DescribeKey", KeyId="alias/own"))["KeyMetadata"]
            assert old != new["Arn"]
            assert ("HMAC_256", "words") == (new["KeySpec"], new["Description"])
            state = (await app.fetch("DescribeKey", KeyId=old))["KeyMetadata"]["KeyState"]
            assert state == "Enabled"
            assert app.undo_label == "UpdateAlias"

    async def test_imported(self, demo: Demo) -> None:
        """A successor that needs material keeps the alias where it is, and leads to the import."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old = await new_key(app, "own", Origin="EXTERNAL")
            view = await open_key(pilot, "own")
            app.run_worker(view.do_successor(""))
            await settle(pilot)
            assert "import it first" in screen_text(app)
            await hit(pilot, "enter", "enter")
            assert app.main.view is not None
            assert app.main.view.route.view == "import"
            assert old == (await app.fetch("DescribeKey", KeyId="alias/own"))["KeyMetadata"]["Arn"]


class TestRewrap:
    """Moving data keys."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """The form says what happens to data, data keys and files."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            arn = await new_key(app, "old")
            await open_rewrap(pilot, arn, files="/keys", target="alias/new", region=THERE)
            assert_golden(app, f"guides/rewrap-{size[0]}x{size[1]}")

    async def test_within_a_region(self, demo: Demo, tmp_path: Path) -> None:
        """Each data key decrypts under the new key; originals are kept, new files private."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old, new = await new_key(app, "old"), await new_key(app, "new")
            plain = await data_keys(app, tmp_path / "keys", old)
            view = await open_rewrap(pilot, old, files=str(tmp_path / "keys"), target="alias/new")
            await carried_out(pilot, view)
            assert "3 of 3" in screen_text(app)
            for name, data_key in plain.items():
                path = tmp_path / "keys.rewrapped" / name
                answer = await app.fetch("Decrypt", CiphertextBlob=path.read_bytes())
                assert (data_key, new) == (answer["Plaintext"], answer["KeyId"])
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                assert (tmp_path / "keys" / name).exists()
            operations = [each.operation for each in app.caller.outcomes]
            assert ["ReEncrypt"] * 3 == operations

    async def test_to_another_region(self, demo: Demo, tmp_path: Path) -> None:
        """Decrypted here and encrypted there, under the context that it had."""
        app = demo_console(demo)
        context = {"app": "vault"}
        async with running(app) as pilot:
            old = await new_key(app, "old")
            new = (await fetch_in(app, THERE, "CreateKey"))["KeyMetadata"]["Arn"]
            blob = await app.fetch(
                "Encrypt", KeyId=old, Plaintext=b"0" * 32, EncryptionContext=context
            )
            (tmp_path / "one.key").write_bytes(blob["CiphertextBlob"])
            view = await open_rewrap(
                pilot, old, files=str(tmp_path / "one.key"), target=new,
                folder=str(tmp_path / "out"),
            )  # fmt: skip
            assert THERE == view.query_one("#region", SafeInput).value
            assert "in memory only" in screen_text(app)
            await view.query_one(ContextEditor).set_context(context)
            await carried_out(pilot, view)
            moved = (tmp_path / "out" / "one.key").read_bytes()
            answer = await fetch_in(
                app, THERE, "Decrypt", CiphertextBlob=moved, EncryptionContext=context
            )
            assert (b"0" * 32, new) == (answer["Plaintext"], answer["KeyId"])
            lines = [each.command for each in app.caller.outcomes]
            assert ["decrypt", "encrypt"] == [line.split()[2] for line in lines]
            assert f"--region {THERE}" in lines[1]
            assert not [line for line in lines if "000000" in line]

    async def test_results_for_each_file(self, demo: Demo, tmp_path: Path) -> None:
        """A file that is no ciphertext, or of another key, is refused; the others go on."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old, other = await new_key(app, "old"), await new_key(app, "new")
            await data_keys(app, tmp_path / "keys", old, 1)
            (tmp_path / "keys" / "9.key").write_bytes(b"nonsense")
            made = await app.fetch("GenerateDataKey", KeyId=other, KeySpec="AES_256")
            (tmp_path / "keys" / "8.key").write_bytes(made["CiphertextBlob"])
            view = await open_rewrap(pilot, old, files=str(tmp_path / "keys"), target="alias/new")
            await carried_out(pilot, view)
            assert view.work is not None
            codes = [each.error.code if each.error else "" for each in view.work.results]
            assert ["", "IncorrectKeyException", "InvalidCiphertextException"] == codes
            assert "2 refused" in screen_text(app)
            assert 1 == len(list((tmp_path / "keys.rewrapped").iterdir()))

    async def test_never_overwrites(self, demo: Demo, tmp_path: Path) -> None:
        """A file that is there already stays as it is."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old = await new_key(app, "old")
            await new_key(app, "new")
            await data_keys(app, tmp_path / "keys", old, 1)
            before = (tmp_path / "keys" / "0.key").read_bytes()
            view = await open_rewrap(
                pilot, old, files=str(tmp_path / "keys"), target="alias/new",
                folder=str(tmp_path / "keys"),
            )  # fmt: skip
            await carried_out(pilot, view)
            assert view.work is not None
            assert view.work.results[0].error is not None
            assert before == (tmp_path / "keys" / "0.key").read_bytes()

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"files": ""}, "Name a folder"),
            ({"files": "/nowhere/x", "target": ""}, "Name the key"),
            ({"files": "/nowhere/x", "target": "alias/old"}, "That is the same key"),
            ({"files": "/nowhere/x", "target": "alias/none"}, "is not found"),
            ({"files": "/nowhere/x", "target": "alias/new", "region": "mars"}, "named like"),
            ({"files": "/nowhere/x", "target": "alias/new", "folder": ""}, "originals are kept"),
        ],
    )
    async def test_refusals(self, demo: Demo, values: dict[str, str], said: str) -> None:
        """What cannot begin says why; no file is touched."""
        app = demo_console(demo)
        async with running(app) as pilot:
            old = await new_key(app, "old")
            await new_key(app, "new")
            view = await open_rewrap(pilot, old, **values)
            await carried_out(pilot, view)
            assert said in screen_text(app)
            assert view.work is None
