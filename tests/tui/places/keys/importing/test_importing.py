"""Importing key material in the console, from the file to the key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kmstui.core.secret import Secret
from kmstui.tui.places.keys.detail.facts import read_facts
from kmstui.tui.places.keys.importing.plan import Terms
from kmstui.tui.places.keys.importing.work import Import, Mark
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, key_view, running
from tests.helpers.goldens import assert_golden
from tests.helpers.material_console import (
    MATERIAL,
    fill,
    import_bytes,
    imported_key,
    new_key,
    onward,
    open_import,
)

SIZES = ((80, 24), (120, 40))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of material."""
    path = tmp_path / "material.bin"
    path.write_bytes(MATERIAL)
    return path


class TestGoldens:
    """Every step at both sizes."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_steps(self, demo: Demo, file: Path, size: tuple[int, int]) -> None:
        """Material, terms and the finished import look as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            view = await open_import(pilot, await new_key(app, "own", Origin="EXTERNAL"))
            assert_golden(app, f"importing/material-{size[0]}x{size[1]}")
            await fill(pilot, view, path=str(file))
            await onward(pilot, view)
            await fill(pilot, view, expires="after", moment="90", description="ceremony 1")
            assert_golden(app, f"importing/terms-{size[0]}x{size[1]}")
            await onward(pilot, view)
            assert_golden(app, f"importing/imported-{size[0]}x{size[1]}")


class TestImport:
    """The import itself."""

    async def test_from_a_file(self, demo: Demo, file: Path) -> None:
        """A file's material is in the key afterwards, and its page shows it."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await new_key(app, "own", Origin="EXTERNAL")
            view = await open_import(pilot, arn)
            await fill(pilot, view, path=str(file))
            await onward(pilot, view)
            await onward(pilot, view)
            assert view.work is not None
            assert [Mark.DONE] * 4 == [stage.mark for stage in view.work.stages]
            metadata = (await app.fetch("DescribeKey", KeyId=arn))["KeyMetadata"]
            assert metadata["KeyState"] == "Enabled"
            await onward(pilot, view)
            await settle(pilot)
            assert (arn, "material") == (key_view(app).route.argument, key_view(app).tab)

    @pytest.mark.parametrize(
        ("form", "written"),
        [("hex", MATERIAL.hex()), ("base64", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")],
    )
    async def test_forms(self, demo: Demo, tmp_path: Path, form: str, written: str) -> None:
        """Hex and Base64 are read as the bytes that they stand for."""
        path = tmp_path / "material.txt"
        path.write_text(written + "\n")
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await imported_key(app, "own")
            await app.fetch("DeleteImportedKeyMaterial", KeyId=arn)
            view = await open_import(pilot, arn)
            await fill(pilot, view, path=str(path), form=form)
            await onward(pilot, view)
            await onward(pilot, view)
            assert view.work is not None
            assert view.work.done

    async def test_fresh(self, demo: Demo, tmp_path: Path) -> None:
        """Fresh material leaves a copy that only its owner can read, and imports again."""
        path = tmp_path / "copy.material"
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await new_key(app, "own", Origin="EXTERNAL")
            view = await open_import(pilot, arn)
            await fill(pilot, view, source="fresh", path=str(path))
            await onward(pilot, view)
            assert not path.exists()
            await onward(pilot, view)
            assert "Move it somewhere safe" in screen_text(app)
            assert (0o600, 32) == (stat.S_IMODE(path.stat().st_mode), path.stat().st_size)
            await import_bytes(app, arn, path.read_bytes(), ImportType="EXISTING_KEY_MATERIAL")

    async def test_fresh_never_overwrites(self, demo: Demo, file: Path) -> None:
        """A copy goes to a new file only: another name has to be given."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_import(pilot, await new_key(app, "own", Origin="EXTERNAL"))
            await fill(pilot, view, source="fresh", path=str(file))
            await onward(pilot, view)
            assert "There is such a file already" in screen_text(app)
            assert view.at == 0

    async def test_pairs(self, demo: Demo, tmp_path: Path) -> None:
        """A private key is wrapped with AES and RSA, and nothing of symmetric keys is asked."""
        app = demo_console(demo)
        members = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"}
        async with running(app) as pilot:
            view = await open_import(pilot, await new_key(app, "own", **members))
            assert not view.query("#form, #kind, #description")
            await fill(pilot, view, source="fresh", path=str(tmp_path / "private.der"))
            await onward(pilot, view)
            await fill(pilot, view, algorithm="RSA_AES_KEY_WRAP_SHA_256")
            await onward(pilot, view)
            assert view.work is not None
            assert view.work.done


class TestRefusals:
    """What goes wrong says why and what next."""

    async def test_other_material(self, demo: Demo, tmp_path: Path) -> None:
        """Other bytes than before are refused in words, and nothing is changed."""
        path = tmp_path / "other.bin"
        path.write_bytes(MATERIAL[::-1])
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await imported_key(app, "own")
            await app.fetch("DeleteImportedKeyMaterial", KeyId=arn)
            view = await open_import(pilot, arn)
            await fill(pilot, view, path=str(path))
            await onward(pilot, view)
            await onward(pilot, view)
            assert "not the same material" in screen_text(app)
            assert "very bytes it had" in screen_text(app)
            assert "Try once more" in screen_text(app)
            await onward(pilot, view)
            assert view.at == 0

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b"x" * 31, "32 bytes"),
            (b"x" * 20_000, "is longer than 16,384 bytes"),
        ],
        ids=["empty", "short", "long"],
    )
    async def test_files(self, demo: Demo, tmp_path: Path, content: bytes, said: str) -> None:
        """A file that is no material is refused before anything is called."""
        path = tmp_path / "odd.bin"
        path.write_bytes(content)
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_import(pilot, await new_key(app, "own", Origin="EXTERNAL"))
            await fill(pilot, view, path=str(path))
            await onward(pilot, view)
            assert said in " ".join(screen_text(app).split())
            assert view.at == 0
            assert not [each for each in app.caller.outcomes if "Import" in each.operation]

    async def test_made_in_the_hsm(self, demo: Demo) -> None:
        """A key whose material was made here imports nothing, and says when that is decided."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_import(pilot, await new_key(app, "own"))
            assert "decided when a key is created" in screen_text(app)

    async def test_stopped(self, demo: Demo) -> None:
        """Stopped before a stage, the import makes no further call and wipes the material."""
        app = demo_console(demo)
        async with running(app):
            arn = await new_key(app, "own", Origin="EXTERNAL")
            key, material = (await read_facts(app, arn)).key, Secret(MATERIAL)
            terms = Terms("RSAES_OAEP_SHA_256", "RSA_2048")
            work = Import(app, key, material, terms, lambda: None)
            work.stop()
            await work.run()
            assert [Mark.STOPPED, *[Mark.WAITS] * 3] == [stage.mark for stage in work.stages]
            assert (False, 0) == (work.imported, len(material))


class TestSecrets:
    """The bytes stay where they belong."""

    async def test_nothing_remembers_the_material(self, demo: Demo, file: Path) -> None:
        """Neither echo nor screen nor views hold the bytes once they are imported."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_import(pilot, await new_key(app, "own", Origin="EXTERNAL"))
            await fill(pilot, view, path=str(file))
            await onward(pilot, view)
            assert MATERIAL.hex() not in repr(vars(view))
            await onward(pilot, view)
            held = repr([vars(view), vars(view.work), app.caller.outcomes])
            assert repr(MATERIAL)[2:-1] not in held
            assert "fileb://material.bin" in held

    async def test_lock_wipes(self, demo: Demo, file: Path) -> None:
        """Locking drops material that was read and not sent."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_import(pilot, await new_key(app, "own", Origin="EXTERNAL"))
            await fill(pilot, view, path=str(file))
            await onward(pilot, view)
            assert view.holds_material
            await app.lock("Locked.")
            assert not view.holds_material
