"""Trying keys of every kind: what is made is right, what is checked is told, secrets hide."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from textual.events import Paste
from textual.pilot import Pilot

from kmstui.core.errors import UsageError
from kmstui.core.public_keys import to_pem
from kmstui.tui.app import KmsApp
from kmstui.tui.places.keys.detail.try_it.pane import TryItPane
from kmstui.tui.places.keys.detail.try_it.signing import SignForm
from kmstui.tui.places.keys.detail.view import key_route
from kmstui.tui.widgets.opaque_value import OpaqueKind
from kmstui.tui.widgets.pick import Pick
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, hit, key_view, open_key, running, write
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE

MESSAGE = "the moon is made of basalt"
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def pane(app: KmsApp) -> TryItPane:
    """Return the Try-it tab that shows."""
    shown = key_view(app).pane
    assert isinstance(shown, TryItPane)
    return shown


async def open_new(pilot: Pilot[None], spec: str, usage: str, alias: str = "it") -> str:
    """Make a key with an alias, show its Try-it tab and return its ARN."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    answer = await app.fetch("CreateKey", KeySpec=spec, KeyUsage=usage)
    arn: str = answer["KeyMetadata"]["Arn"]
    await app.fetch("CreateAlias", AliasName=f"alias/{alias}", TargetKeyId=arn)
    await app.go(key_route(arn, "try-it"))
    await settle(pilot)
    return arn


class TestSigning:
    """Signing and verifying."""

    @SIZES
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """A signature and its verification look as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter")
            assert_golden(app, f"key-detail/signed-{size[0]}x{size[1]}")
            await hit(pilot, "d", "enter")
            assert_golden(app, f"key-detail/verified-{size[0]}x{size[1]}")

    @SIZES
    async def test_rsa_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """Padding, hash and message type are picked, and what is sent is said."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "RSA_2048", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            await hit(pilot, "tab", "right", "tab", "right", "tab", "right")
            assert_golden(app, f"key-detail/sign-rsa-{size[0]}x{size[1]}")
            await hit(pilot, "enter", "d", "enter")
            shown = screen_text(app)
            assert "The signature is valid" in shown
            assert "RSASSA_PKCS1_V1_5_SHA_384" in shown

    async def test_anybody_can_verify(self, demo: Demo) -> None:
        """The signature verifies with the public key, outside of the keystore."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await open_new(pilot, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter")
            public = load_der_public_key((await app.fetch("GetPublicKey", KeyId=arn))["PublicKey"])
            assert isinstance(public, ed25519.Ed25519PublicKey)
            public.verify(pane(app).result.blob, MESSAGE.encode())
            outcome = app.caller.last
            assert outcome is not None
            assert "aws kms sign" in outcome.command
            assert MESSAGE not in outcome.command

    async def test_another_message(self, demo: Demo) -> None:
        """A signature of another message is refused, and the screen says what that means."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter", "d", "end")
            await write(pilot, "x")
            await hit(pilot, "enter")
            shown = screen_text(app)
            assert "✗ KMSInvalidSignatureException" in shown
            assert "It does not verify" in shown

    @pytest.mark.parametrize(
        ("spec", "sent"), [("ECC_NIST_P384", "DIGEST"), ("ML_DSA_44", "EXTERNAL_MU")]
    )
    async def test_long_file(self, demo: Demo, tmp_path: Path, spec: str, sent: str) -> None:
        """A file longer than a message is hashed here; signed and verified, it is the file's."""
        path = tmp_path / "release.iso"
        path.write_bytes(b"\x1b" * 100_000)
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, spec, "SIGN_VERIFY")
            await pane(app).do_use_file(str(path))
            await settle(pilot)
            assert sent == pane(app).form.query_one("#sent", Pick).value
            assert "release.iso, 100,000 bytes" in screen_text(app)
            await hit(pilot, "enter", "d", "enter")
            assert "The signature is valid" in screen_text(app)
            path.write_bytes(b"\x1b" * 100_001)
            await hit(pilot, "escape", "enter")
            assert "✗ KMSInvalidSignatureException" in screen_text(app)

    async def test_digest_or_not_is_the_same_signature(self, demo: Demo) -> None:
        """What is signed by its digest verifies as the message itself."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            form = pane(app).form
            form.query_one("#sent", Pick).value = "DIGEST"
            await hit(pilot, "enter", "d")
            pane(app).form.query_one("#sent", Pick).value = "RAW"
            await hit(pilot, "enter")
            assert "The signature is valid" in screen_text(app)

    async def test_no_long_file_for_ed25519(self, demo: Demo, tmp_path: Path) -> None:
        """Pure Ed25519 has no digest to send, so a long file is refused."""
        path = tmp_path / "long"
        path.write_bytes(b"x" * 4_097)
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
            with pytest.raises(UsageError, match="longer than 4,096 bytes"):
                await pane(app).do_use_file(str(path))

    async def test_stopping(self, demo: Demo, tmp_path: Path) -> None:
        """Esc stops the hashing of a file, and nothing is sent."""
        path = tmp_path / "long"
        path.write_bytes(b"x" * 5_000)
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY")
            form = pane(app).form
            assert isinstance(form, SignForm)
            await form.take_file(str(path))
            await settle(pilot)
            run = app.caller.run

            async def slow(work: object, *arguments: object) -> object:
                assert pane(app).step_back()
                return await run(work, *arguments)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(app.caller, "run", slow)
                with pytest.raises(UsageError, match="Stopped"):
                    await form.request("it")
            assert app.caller.last is None


class TestMac:
    """MACs."""

    @SIZES
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """A MAC and what comes of verifying it look as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "HMAC_256", "GENERATE_VERIFY_MAC")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter", "d")
            assert_golden(app, f"key-detail/verify-mac-{size[0]}x{size[1]}")
            await hit(pilot, "enter")
            assert "The MAC is valid" in screen_text(app)
            await hit(pilot, "escape", "end", "backspace", "enter")
            assert "✗ KMSInvalidMacException" in screen_text(app)
            assert "It does not verify" in screen_text(app)

    async def test_pasted(self, demo: Demo) -> None:
        """A MAC that came from elsewhere is verified too."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await open_new(pilot, "HMAC_256", "GENERATE_VERIFY_MAC")
            answer = await app.fetch(
                "GenerateMac", KeyId=arn, Message=MESSAGE.encode(), MacAlgorithm="HMAC_SHA_256"
            )
            await hit(pilot, "escape", "d")
            await write(pilot, MESSAGE)
            await hit(pilot, "tab", "tab")
            focused = app.screen.focused
            assert focused is not None
            focused.post_message(Paste(base64.encodebytes(answer["Mac"]).decode()))
            await settle(pilot)
            await hit(pilot, "enter")
            assert "The MAC is valid" in screen_text(app)


class TestAgreement:
    """Agreeing on a secret, and encapsulating one."""

    @SIZES
    async def test_both_sides(self, demo: Demo, size: tuple[int, int]) -> None:
        """Another key of the keystore is the other side: both derive, and are compared."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "KEY_AGREEMENT", "other")
            await open_new(pilot, "ECC_NIST_P256", "KEY_AGREEMENT")
            await write(pilot, "alias/other")
            await hit(pilot, "enter")
            assert_golden(app, f"key-detail/derived-{size[0]}x{size[1]}")
            commands = [outcome.command for outcome in app.caller.outcomes]
            assert 2 == sum("derive-shared-secret" in command for command in commands)

    @pytest.mark.parametrize("way", ["pem", "base64", "file"])
    async def test_other_side_outside(self, demo: Demo, tmp_path: Path, way: str) -> None:
        """A public key in PEM, Base64 or a file is the other side; its secret is compared."""
        theirs = ec.generate_private_key(ec.SECP256R1())
        public = theirs.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await open_new(pilot, "ECC_NIST_P256", "KEY_AGREEMENT")
            mine = load_der_public_key((await app.fetch("GetPublicKey", KeyId=arn))["PublicKey"])
            assert isinstance(mine, ec.EllipticCurvePublicKey)
            secret = theirs.exchange(ec.ECDH(), mine)
            field = pane(app).entry()
            if way == "file":
                (tmp_path / "key.der").write_bytes(public)
                await pane(app).do_use_file(str(tmp_path / "key.der"))
            else:
                written = to_pem(public) if way == "pem" else base64.b64encode(public).decode()
                field.post_message(Paste(written))
            await settle(pilot)
            await hit(pilot, "tab")
            compare = app.screen.focused
            assert compare is not None
            compare.post_message(Paste(base64.b64encode(secret).decode()))
            await settle(pilot)
            await hit(pilot, "enter")
            assert "Both sides have the same secret" in screen_text(app)
            value = pane(app).result.secret
            assert (OpaqueKind.SHARED_SECRET, False) == (value.kind, value.readable)
            assert base64.b64encode(secret).decode() == value.value_to_copy()
            await hit(pilot, "escape", "tab", "end", *("backspace",) * 4, "enter")
            assert "The other side has another secret" in screen_text(app)

    async def test_what_is_no_public_key(self, demo: Demo) -> None:
        """A private key and nonsense are refused in place, without a call; so are payloads."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "KEY_AGREEMENT")
            private = "-----BEGIN PRIVATE KEY-----\naGk=\n-----END PRIVATE KEY-----"
            for typed, said in ((private, "That is a private key"), ("[/]", "not a public key")):
                pane(app).form.wipe()
                pane(app).entry().post_message(Paste(typed))
                await settle(pilot)
                await hit(pilot, "enter")
                assert said in screen_text(app)
            assert app.caller.last is None
            for string in HOSTILE:
                pane(app).entry().post_message(Paste(string))
                await settle(pilot)
                await hit(pilot, "enter")
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None

    @SIZES
    async def test_encapsulate(self, demo: Demo, size: tuple[int, int]) -> None:
        """A secret is encapsulated, taken out again, and found to be the same."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
            await hit(pilot, "enter")
            assert_golden(app, f"key-detail/encapsulated-{size[0]}x{size[1]}")
            assert 1_088 == len(pane(app).result.blob)
            secret = pane(app).result.secret.value_to_copy()
            await hit(pilot, "d", "enter")
            assert "Both sides have the same secret" in screen_text(app)
            assert secret == pane(app).result.secret.value_to_copy()
            assert secret not in screen_text(app)

    async def test_a_wrong_capsule_is_told(self, demo: Demo) -> None:
        """A wrong ciphertext gives another secret without an error, and the screen says so."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
            await hit(pilot, "enter")
            pane(app)._last = bytes(1_088)
            await hit(pilot, "d", "enter")
            assert "Not the secret that was encapsulated last" in screen_text(app)


class TestPairs:
    """Data key pairs."""

    @SIZES
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """A pair shows three values, the private key hidden."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_key(pilot, "prod-ledger-payments", "try-it")
            await hit(pilot, "escape", "m", "enter")
            assert_golden(app, f"key-detail/key-pair-{size[0]}x{size[1]}")

    async def test_it_is_a_pair(self, demo: Demo) -> None:
        """The public key is that of the private one, which decrypts to the same."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, "prod-ledger-payments", "try-it")
            await hit(pilot, "escape", "m", "enter")
            values = {held.part.kind: held.data for held in pane(app).result.held}
            private = load_der_private_key(values[OpaqueKind.PRIVATE_KEY], None)
            public = private.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            )
            assert public == values[OpaqueKind.PUBLIC_KEY]
            await hit(pilot, "d", "enter")
            found = {held.part.kind: held.data for held in pane(app).result.held}
            assert values[OpaqueKind.PRIVATE_KEY] == found[OpaqueKind.PLAINTEXT]

    async def test_saving_asks_which(self, demo: Demo, tmp_path: Path) -> None:
        """Of several values one is chosen; a secret's file is its owner's alone."""
        path = tmp_path / "private.der"
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, "prod-ledger-payments", "try-it")
            await hit(pilot, "escape", "m", "enter")
            private = pane(app).result.held[0]
            assert OpaqueKind.PRIVATE_KEY is private.part.kind
            await hit(pilot, "s")
            assert "a secret, in clear" in screen_text(app)
            await hit(pilot, "home", "enter", "end", "ctrl+u")
            await write(pilot, str(path))
            await hit(pilot, "enter")
            assert (private.data, 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)


class TestRsa:
    """Encrypting with RSA keys."""

    @SIZES
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """The algorithm is picked, and the limit is that of the algorithm."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_new(pilot, "RSA_2048", "ENCRYPT_DECRYPT")
            await write(pilot, "abc")
            assert "3 of 190 bytes" in screen_text(app)
            await hit(pilot, "tab", "left")
            assert_golden(app, f"key-detail/encrypt-rsa-{size[0]}x{size[1]}")
            assert "3 of 214 bytes" in screen_text(app)

    async def test_there_and_back(self, demo: Demo) -> None:
        """What is encrypted decrypts, and moves to a symmetric key and back."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await open_new(pilot, "RSA_2048", "ENCRYPT_DECRYPT")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter", "d", "enter", "enter")
            assert MESSAGE in screen_text(app)
            await hit(pilot, "r", "tab", "tab")
            await write(pilot, "alias/prod-ledger-payments")
            await hit(pilot, "enter")
            answer = await app.fetch("Decrypt", CiphertextBlob=pane(app).result.blob)
            assert MESSAGE.encode() == answer["Plaintext"]
            assert arn != answer["KeyId"]

    async def test_too_long(self, demo: Demo) -> None:
        """More than fits is refused in place, with what to do instead."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "RSA_2048", "ENCRYPT_DECRYPT")
            pane(app).entry().post_message(Paste("x" * 191))
            await settle(pilot)
            await hit(pilot, "enter")
            assert "191 bytes: at most 190" in screen_text(app)
            assert app.caller.last is None


class TestEveryKind:
    """What holds for all of them."""

    async def test_stepping_between_kinds(self, demo: Demo) -> None:
        """From key to key the tab becomes what each is for, whichever tab shows meanwhile."""
        app = demo_console(demo)
        async with running(app) as pilot:
            sign = await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY", "sign")
            assert "sign" == pane(app).mode
            await open_key(pilot, "prod-ledger-payments")
            assert "encrypt" == pane(app).mode
            await key_view(app).do_tab("overview")
            await app.go(key_route(sign))
            await settle(pilot)
            await key_view(app).do_try_it("")
            await settle(pilot)
            assert "sign" == pane(app).mode
            assert pane(app).entry().has_focus

    async def test_secrets_go_with_the_tab(self, demo: Demo) -> None:
        """A shared secret is dropped when another tab shows, and on locking."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
            await hit(pilot, "enter")
            value = pane(app).result.secret
            assert value.has_value
            await key_view(app).do_tab("overview")
            assert not value.has_value
            assert OpaqueKind.SHARED_SECRET not in {
                held.part.kind for held in key_view(app)._panes["try-it"].result.held
            }

    async def test_dry_run(self, demo: Demo) -> None:
        """A dry run of signing makes no signature."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY")
            await hit(pilot, "escape", "p", "c")
            await write(pilot, MESSAGE)
            await hit(pilot, "enter")
            assert "It would have worked" in screen_text(app)
            assert not pane(app).result.blob

    async def test_the_message_is_hashed_as_the_hsm_does(self, demo: Demo) -> None:
        """What DIGEST sends is the SHA-256 of the message."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_new(pilot, "ECC_NIST_P256", "SIGN_VERIFY")
            await write(pilot, MESSAGE)
            form = pane(app).form
            form.query_one("#sent", Pick).value = "DIGEST"
            await settle(pilot)
            _, members = await form.request("it")
            assert hashlib.sha256(MESSAGE.encode()).digest() == members["Message"]
