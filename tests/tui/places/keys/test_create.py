"""Creating a key: a name and enter, the wizard, and what is said when half of it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Button, TextArea

from kmstui.core.errors import LimitExceededException
from kmstui.tui.app import KmsApp
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.place import Route
from kmstui.tui.places.keys.create.creation import Draft
from kmstui.tui.places.keys.create.steps import review
from kmstui.tui.places.keys.create.view import CreateView
from kmstui.tui.places.keys.create.wizard import WizardView
from kmstui.tui.places.keys.importing.view import ImportView
from kmstui.tui.widgets.alias_field import alias_problem
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, hit, key_view, running, write
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE

ALIAS = "prod-orders-payments"


def refusing(
    app: KmsApp, monkeypatch: pytest.MonkeyPatch, operation: str
) -> Callable[[], list[str]]:
    """Have the engine refuse one operation until told otherwise; return what was called."""
    called: list[str] = []
    fetch = app.caller.fetch

    async def refuse(door: Any, session: Any, name: str, members: Any) -> dict[str, Any]:
        called.append(name)
        if name == operation:
            raise LimitExceededException("There are too many of them.")
        return await fetch(door, session, name, members)

    monkeypatch.setattr(app.caller, "fetch", refuse)
    return lambda: called


class TestOnePage:
    """The page with a name and nothing else."""

    async def test_a_name_and_enter(self, demo: Demo) -> None:
        """n, a name, enter: the key exists under that name and its page shows."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "n")
            await write(pilot, ALIAS)
            await hit(pilot, "enter")
            key = key_view(app).key
            assert key is not None
            assert ((f"alias/{ALIAS}",), "Enabled", "SYMMETRIC_DEFAULT") == (
                key.aliases,
                key.state,
                key.spec,
            )
            assert f"Created {ALIAS} · E try it" in screen_text(app)
            await hit(pilot, "escape")
            assert Route("keys") == app.main.stage.trail[-1].route

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """The page looks as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await hit(pilot, "n")
            await write(pilot, "orders")
            assert_golden(app, f"key-detail/create-{size[0]}x{size[1]}")

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("prod-orders-payments", "✓ free"),
            ("orders", "does not follow alias/<Environment>-<Function>-<Team>"),
            ("prod-ledger-payments", "That name is taken"),
            ("aws/x", "reserved for the keys that AWS manages"),
            ("a b", "Only letters, digits"),
        ],
    )
    async def test_checked_as_it_is_typed(self, demo: Demo, typed: str, said: str) -> None:
        """The line below the name says what is wrong with it, or unusual."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "n")
            await write(pilot, typed)
            assert said in screen_text(app)

    async def test_without_a_name(self, demo: Demo) -> None:
        """Enter without a name warns; a second one makes a key that has none."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "n", "enter")
            assert "No name yet" in screen_text(app)
            await hit(pilot, "enter")
            key = key_view(app).key
            assert key is not None
            assert key.aliases == ()

    async def test_the_alias_is_refused(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the key is made and its name is not, the page says so and tries the name only."""
        app = demo_console(demo)
        async with running(app) as pilot:
            with monkeypatch.context() as patch:
                refusing(app, patch, "CreateAlias")
                await hit(pilot, "n")
                await write(pilot, ALIAS)
                await hit(pilot, "enter")
                shown = screen_text(app)
                assert "LimitExceededException" in shown
                assert "The key exists and is enabled, but has no name" in shown
            called = refusing(app, monkeypatch, "nothing")
            await hit(pilot, "enter")
            assert "CreateKey" not in called()
            key = key_view(app).key
            assert key is not None
            assert key.aliases == (f"alias/{ALIAS}",)

    async def test_the_key_is_refused(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the key itself is refused, nothing exists and the page says so."""
        app = demo_console(demo)
        async with running(app) as pilot:
            refusing(app, monkeypatch, "CreateKey")
            await hit(pilot, "n")
            await write(pilot, ALIAS)
            await hit(pilot, "enter")
            assert isinstance(app.main.view, CreateView)
            assert "No key was made" in screen_text(app)

    async def test_a_name_taken_meanwhile(self, demo: Demo) -> None:
        """A name that somebody took since the page opened costs no key."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "n")
            await write(pilot, ALIAS)
            target = (await app.fetch("DescribeKey", KeyId="alias/prod-ledger-payments"))[
                "KeyMetadata"
            ]["KeyId"]
            await app.fetch("CreateAlias", AliasName=f"alias/{ALIAS}", TargetKeyId=target)
            before = (await app.fetch("kmstui:ListKeySummaries", Limit=1))["Total"]
            await hit(pilot, "enter")
            assert "That name is taken" in screen_text(app)
            assert before == (await app.fetch("kmstui:ListKeySummaries", Limit=1))["Total"]


class TestWizard:
    """More options."""

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_goldens(self, demo: Demo, size: tuple[int, int]) -> None:
        """Every step looks as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await app.go(Route("keys", "create-options", f"alias/{ALIAS}"))
            for step in range(1, 8):
                await settle(pilot)
                assert_golden(app, f"key-detail/wizard-{step}-{size[0]}x{size[1]}")
                await hit(pilot, "ctrl+n")

    async def test_all_options(self, demo: Demo) -> None:
        """What the steps ask for is what the key gets."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "n")
            await write(pilot, ALIAS)
            await hit(pilot, "escape", "tab", "enter")
            assert isinstance(app.main.view, WizardView)
            await hit(pilot, "enter", "enter", "enter", "enter")
            await write(pilot, "Orders")
            await hit(pilot, "enter")
            await write(pilot, "Owner")
            await hit(pilot, "enter")
            await write(pilot, "payments")
            await hit(pilot, "ctrl+n", "ctrl+n", "right", "ctrl+n")
            assert "aws kms create-key" in screen_text(app)
            await hit(pilot, "enter")
            key = key_view(app).key
            assert key is not None
            assert (True, "Orders", {"Owner": "payments"}, (f"alias/{ALIAS}",)) == (
                key.multi_region,
                key.description,
                dict(key.tags),
                key.aliases,
            )
            assert key.key_id.startswith("mrk-")

    async def test_a_policy_that_is_none(self, demo: Demo) -> None:
        """A malformed policy is named as it is pasted, and its step cannot be left."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, *("ctrl+n",) * 4, "right")
            area = app.main.query_one(TextArea)
            for wrong in ("{", '{"Statement": 1}', *HOSTILE):
                area.text = ""
                area.post_message(Paste(f"[{wrong}"))
                await settle(pilot)
                assert "MalformedPolicyDocumentException" in screen_text(app)
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None
            await hit(pilot, "ctrl+n")
            assert "5 Policy" in screen_text(app)

    async def test_back(self, demo: Demo) -> None:
        """ctrl+b goes back a step and keeps what was typed."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options", f"alias/{ALIAS}"))
            await hit(pilot, *("ctrl+n",) * 4, "ctrl+b")
            assert ALIAS in screen_text(app)
            assert app.main.query_one("#back", Button).disabled is False

    async def test_leaving_asks(self, demo: Demo) -> None:
        """Esc goes back a step; on the first, what was typed is dropped only after a question."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await settle(pilot)
            wizard = app.main.view
            assert isinstance(wizard, WizardView)
            await hit(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
            await write(pilot, "half-a-name")
            await hit(pilot, *("escape",) * 4)
            assert wizard.at == 0
            await hit(pilot, "escape")
            assert "Leave without creating a key?" in screen_text(app)
            await hit(pilot, "enter")
            assert app.main.view is wizard
            assert wizard.draft.alias == "alias/half-a-name"
            await hit(pilot, "escape")
            await hit(pilot, "down", "enter")
            assert app.main.view is not wizard

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_every_spec_is_offered(self, demo: Demo, size: tuple[int, int]) -> None:
        """The specs for signing stand in one list, those that are not made here with why."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, "down", "down", "enter", "down", "down", "down")
            assert_golden(app, f"key-detail/wizard-specs-{size[0]}x{size[1]}")

    @pytest.mark.parametrize(
        ("purpose", "spec", "usage"),
        [
            (2, "ECC_NIST_P256", "SIGN_VERIFY"),
            (3, "HMAC_256", "GENERATE_VERIFY_MAC"),
            (4, "ECC_NIST_P256", "KEY_AGREEMENT"),
            (5, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        ],
    )
    async def test_other_kinds(self, demo: Demo, purpose: int, spec: str, usage: str) -> None:
        """The spec suggested for a purpose is made with the usage that goes with it."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, *("down",) * purpose, *("ctrl+n",) * 6)
            assert f"--key-spec {spec} --key-usage {usage}" in screen_text(app)
            await hit(pilot, "enter")
            key = key_view(app).key
            assert key is not None
            assert (spec, usage, "AWS_KMS") == (key.spec, key.usage, key.origin)

    async def test_another_purpose_starts_anew(self, demo: Demo) -> None:
        """A spec chosen for one purpose does not stay when another is chosen."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            wizard = app.main.view
            assert isinstance(wizard, WizardView)
            await hit(pilot, "down", "down", "enter", "down", "ctrl+b", "down", "enter")
            assert ("HMAC_256", "GENERATE_VERIFY_MAC") == (wizard.draft.spec, wizard.draft.usage)

    async def test_imported_material(self, demo: Demo) -> None:
        """A key for imported material is made empty, and what comes next is said."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, "enter", "enter", "down", *("ctrl+n",) * 4)
            assert "--origin EXTERNAL" in screen_text(app)
            await hit(pilot, "enter")
            key = key_view(app).key
            assert key is not None
            assert ("EXTERNAL", "PendingImport") == (key.origin, key.state)
            assert "empty · I imports its material" in screen_text(app)
            await hit(pilot, "I")
            assert isinstance(app.main.view, ImportView)

    async def test_what_cannot_be_imported(self, demo: Demo) -> None:
        """The material of a post-quantum key is the HSM's own; the reason shows."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, "end", "enter", "enter")
            assert "ML_KEM_768 cannot be imported" in screen_text(app)
            await hit(pilot, "down")
            wizard = app.main.view
            assert isinstance(wizard, WizardView)
            assert "AWS_KMS" == wizard.draft.origin

    async def test_key_stores(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        """Connected key stores are offered; one outside asks for the key there."""
        answer = {
            "CustomKeyStores": [
                {
                    "CustomKeyStoreId": f"cks-{name}",
                    "CustomKeyStoreName": f"[/]{name}",
                    "CustomKeyStoreType": kind,
                    "ConnectionState": state,
                }
                for name, kind, state in (
                    ("a", "AWS_CLOUDHSM", "DISCONNECTED"),
                    ("b", "AWS_CLOUDHSM", "CONNECTED"),
                    ("c", "EXTERNAL_KEY_STORE", "CONNECTED"),
                )
            ]
        }
        app = demo_console(demo)
        async with running(app) as pilot:
            fetch = app.caller.fetch

            async def with_stores(door: Any, session: Any, name: str, members: Any) -> Any:
                if name == "DescribeCustomKeyStores":
                    return answer
                return await fetch(door, session, name, members)

            monkeypatch.setattr(app.caller, "fetch", with_stores)
            await app.go(Route("keys", "create-options"))
            await settle(pilot)
            wizard = app.main.view
            assert isinstance(wizard, WizardView)
            await hit(pilot, "enter", "enter")
            assert "disconnected: connect it first" in screen_text(app)
            await hit(pilot, "down", "down")
            assert ("AWS_CLOUDHSM", "cks-b") == (wizard.draft.origin, wizard.draft.store)
            await hit(pilot, "down", "enter")
            assert "Type the id of the key outside" in screen_text(app)
            await hit(pilot, "tab")
            await write(pilot, "k1")
            assert {
                "Origin": "EXTERNAL_KEY_STORE",
                "CustomKeyStoreId": "cks-c",
                "XksKeyId": "k1",
            } == wizard.draft.request()
            await hit(pilot, "enter", "ctrl+n", "ctrl+n")
            assert "keys in a custom key store are of one Region" in screen_text(app)

    async def test_waiting_can_be_left(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        """While an RSA key is made the page counts; esc leaves it, and the key is told of."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "create-options"))
            await hit(pilot, "down", *("ctrl+n",) * 6)
            made, fetch = asyncio.Event(), app.caller.fetch

            async def slow(door: Any, session: Any, name: str, members: Any) -> Any:
                if name == "CreateKey":
                    await made.wait()
                return await fetch(door, session, name, members)

            monkeypatch.setattr(app.caller, "fetch", slow)
            await pilot.press("enter")
            await pilot.pause()
            assert "Making RSA_2048, 0 s" in screen_text(app)
            await hit(pilot, "escape")
            assert Route("keys") == app.main.stage.trail[-1].route
            made.set()
            await app.workers.wait_for_complete(
                [worker for worker in app.workers if worker.group == COMMANDS_GROUP]
            )
            await settle(pilot)
            assert "✓ Created" in screen_text(app)
            assert Route("keys") == app.main.stage.trail[-1].route

    def test_hostile_labels(self) -> None:
        """Review shows any string without obeying it."""
        for string in HOSTILE:
            draft = Draft(f"alias/{string}", string, {string: string}, string)
            for fact in review(draft, "us-east-1"):
                assert FORBIDDEN.search(fact.value.plain.replace("\n", "")) is None


@pytest.mark.parametrize(
    ("alias", "fine"),
    [
        ("alias/a", True),
        ("alias/a/b_c-1", True),
        ("alias/", False),
        ("alias/aws/x", False),
        ("alias/" + "a" * 250, True),
        ("alias/" + "a" * 251, False),
        ("alias/ä", False),
        ("alias/[/]", False),
    ],
)
def test_alias_problem(alias: str, fine: bool) -> None:
    """An alias is judged as CreateAlias judges it."""
    assert fine is (alias_problem(alias) == "")


def test_draft() -> None:
    """A draft asks for what differs from the default, and nothing else."""
    assert {} == Draft("alias/a").request()
    full = Draft("alias/a", "d", {"k": "v"}, "{}", True, "RSA_2048", "SIGN_VERIFY").request()
    assert {
        "KeySpec": "RSA_2048",
        "KeyUsage": "SIGN_VERIFY",
        "Description": "d",
        "Tags": [{"TagKey": "k", "TagValue": "v"}],
        "Policy": "{}",
        "MultiRegion": True,
    } == full
