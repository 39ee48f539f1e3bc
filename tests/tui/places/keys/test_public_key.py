"""The page of a public key: what it says, copies and saves."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from textual.pilot import Pilot

from kmstui.core.errors import UsageError
from kmstui.core.public_keys import fingerprint
from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from kmstui.tui.places.keys.public_key.forms import FORMS, PublicKey, file_name, reason_against
from kmstui.tui.places.keys.public_key.view import PublicKeyView
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, hit, open_key, running
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import HOSTILE

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


async def opened(
    pilot: Pilot[None], spec: str, usage: str = "SIGN_VERIFY"
) -> tuple[PublicKeyView, bytes]:
    """Make a key, open the page of its public key, and return it with what the engine answers."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    made = await app.fetch("CreateKey", KeySpec=spec, KeyUsage=usage)
    arn = made["KeyMetadata"]["Arn"]
    await app.fetch("CreateAlias", AliasName="alias/prod/signer", TargetKeyId=arn)
    await app.go(Route("keys", "key", arn))
    await settle(pilot)
    await hit(pilot, "B")
    view = app.main.view
    assert isinstance(view, PublicKeyView)
    return view, (await app.fetch("GetPublicKey", KeyId=arn))["PublicKey"]


@SIZES
async def test_golden(demo: Demo, size: tuple[int, int]) -> None:
    """The page looks as approved, and its calls are in the echo."""
    app = demo_console(demo)
    async with running(app, size) as pilot:
        await opened(pilot, "ECC_NIST_P256")
        assert_golden(app, f"key-detail/public-key-{size[0]}x{size[1]}")
        await hit(pilot, "exclamation_mark")
        assert "aws kms get-public-key" in screen_text(app)


@SIZES
async def test_overview(demo: Demo, size: tuple[int, int]) -> None:
    """The overview of an asymmetric key names its algorithms and leads to the public key."""
    app = demo_console(demo)
    async with running(app, size) as pilot:
        await opened(pilot, "ECC_NIST_P256")
        await hit(pilot, "escape")
        shown = screen_text(app)
        assert "Can be used: sign and verify." in shown
        assert "ECDSA_SHA_256" in shown
        assert "B shows it" in shown


async def test_copying(demo: Demo) -> None:
    """Each form is copied as it shows, the fingerprint too; no secret, so nothing asks."""
    app = demo_console(demo)
    async with running(app) as pilot:
        _, der = await opened(pilot, "ECC_NIST_P256")
        key = load_der_public_key(der)
        await hit(pilot, "y")
        assert key == load_pem_public_key(app.clipboard.encode())
        await hit(pilot, "right", "y")
        assert der == base64.b64decode(app.clipboard)
        await hit(pilot, "right", "y")
        assert ("EC", "sig") == (
            json.loads(app.clipboard)["kty"],
            json.loads(app.clipboard)["use"],
        )
        await hit(pilot, "shift+tab", "y")
        assert fingerprint(der) == app.clipboard.replace(" ", "")


async def test_saving(demo: Demo, tmp_path: Path) -> None:
    """Each form is written to a file as other programs read it."""
    app = demo_console(demo)
    async with running(app) as pilot:
        view, der = await opened(pilot, "RSA_2048", "ENCRYPT_DECRYPT")
        key = load_der_public_key(der)
        for index, each in enumerate(FORMS):
            if index:
                await hit(pilot, "right")
            await view.do_save_public_key(str(tmp_path / each.id))
        assert key == load_pem_public_key((tmp_path / "PEM").read_bytes())
        assert der == (tmp_path / "DER").read_bytes()
        assert "enc" == json.loads((tmp_path / "JWK").read_bytes())["use"]
        await hit(pilot, "s")
        assert "prod-signer.jwk.json" in screen_text(app)


async def test_no_jwk(demo: Demo) -> None:
    """A post-quantum key has no settled JWK form: it cannot be picked, and the page says why."""
    app = demo_console(demo)
    async with running(app) as pilot:
        view, _ = await opened(pilot, "ML_DSA_44")
        assert "no settled JWK form for ML-DSA keys" in screen_text(app)
        await hit(pilot, "right", "right")
        assert "PEM" == view._form.id


async def test_symmetric_keys_have_none(demo: Demo) -> None:
    """On a symmetric key the command says why it cannot be."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await open_key(pilot, "prod-ledger-payments")
        await hit(pilot, "B")
        assert "symmetric and HMAC keys are secret as a whole" in screen_text(app)


async def test_another_key_takes_its_place(demo: Demo) -> None:
    """From one public key to the next the page stays one, and says whose it shows."""
    app = demo_console(demo)
    async with running(app) as pilot:
        view, der = await opened(pilot, "ECC_NIST_P256")
        made = await app.fetch("CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        await app.go(Route("keys", "public-key", made["KeyMetadata"]["Arn"]))
        await settle(pilot)
        assert app.main.view is view
        assert view.public is not None
        assert der != view.public.der
        assert made["KeyMetadata"]["KeyId"][:8] in screen_text(app)


async def test_the_mask_hides_whose_it_is(demo: Demo) -> None:
    """Under the privacy mask the key's name is hidden; its public half is no secret."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await opened(pilot, "ECC_NIST_P256")
        assert "prod/signer" in screen_text(app)
        await hit(pilot, "f12")
        assert "prod/signer" not in screen_text(app)


async def test_refused(demo: Demo) -> None:
    """What AWS refuses is shown with its code, and nothing can be copied."""
    app = demo_console(demo)
    async with running(app) as pilot:
        described = await app.fetch("DescribeKey", KeyId="alias/prod-ledger-payments")
        view = await app.go(Route("keys", "public-key", described["KeyMetadata"]["Arn"]))
        await settle(pilot)
        assert isinstance(view, PublicKeyView)
        assert "✗ UnsupportedOperationException" in screen_text(app)
        with pytest.raises(UsageError, match="no public key"):
            view.do_copy("")


def test_file_names() -> None:
    """A file's name is made of what every file system takes, whatever the key is called."""
    for label in (*HOSTILE, "prod/signer", "..", ""):
        name = file_name(label, FORMS[0])
        assert name.endswith(".pem")
        assert not set("/\\\0\x1b[]") & set(name)
        assert not name.startswith(".")


def test_reasons() -> None:
    """A form that fits has nothing against it."""
    der = (
        ed25519.Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    key = PublicKey(der, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", ("ED25519_SHA_512",))
    assert ["", "", ""] == [reason_against(each, key) for each in FORMS]
