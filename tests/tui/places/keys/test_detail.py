"""The page of a key: its tabs, what they say, and what is done from there."""

from __future__ import annotations

import pytest

from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.place import Route
from kmstui.tui.places.keys.detail.tab_strip import NAMES
from kmstui.tui.places.keys.detail.view import KeyView
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

LEDGER, ARCHIVE, TWO = "prod-ledger-payments", "prod-archive-platform", "prod-cardvault-payments"
SIZES = ((80, 24), (120, 40))


class TestGoldens:
    """Every tab at both sizes."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    @pytest.mark.parametrize("tab", NAMES)
    async def test_tab(self, demo: Demo, tab: str, size: tuple[int, int]) -> None:
        """A tab of an enabled key looks as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_key(pilot, TWO, tab)
            assert_golden(app, f"key-detail/{tab}-{size[0]}x{size[1]}")

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_pending_deletion(self, demo: Demo, size: tuple[int, int]) -> None:
        """A key in its waiting period counts down and says the way out."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_key(pilot, ARCHIVE)
            assert_golden(app, f"key-detail/pending-{size[0]}x{size[1]}")

    async def test_smallest(self, demo: Demo) -> None:
        """At 60x16 every tab still paints."""
        app = demo_console(demo)
        async with running(app, (60, 16)) as pilot:
            for tab in NAMES:
                await open_key(pilot, TWO, tab)
                assert "Overview" in screen_text(app)


class TestTabs:
    """Moving between tabs and keys."""

    async def test_brackets(self, demo: Demo) -> None:
        """`]` goes on, `[` back, both around the end."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            await hit(pilot, "right_square_bracket")
            assert view.tab == "access"
            await hit(pilot, "left_square_bracket", "left_square_bracket")
            assert view.tab == "try-it"

    async def test_verb(self, demo: Demo) -> None:
        """`:tab` takes the beginning of a name; another word is refused."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            await view.do_tab("mat")
            assert view.tab == "material"
            with pytest.raises(Exception, match="no such tab"):
                await view.do_tab("nothing")

    async def test_neighbours_stay_on_the_tab(self, demo: Demo) -> None:
        """The next and previous keys of the list show on the same tab, in the list's order."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await hit(pilot, "enter")
            view = key_view(app)
            first = view.route.argument
            await hit(pilot, "right_square_bracket", "N")
            assert (view.route.argument != first, view.tab) == (True, "access")
            assert "2 of" in view.note.plain
            await hit(pilot, "P")
            assert view.route.argument == first
            await hit(pilot, "P")
            assert "first key" in screen_text(app)

    async def test_one_page_for_one_key(self, demo: Demo) -> None:
        """Opening another key, or another tab, does not pile up pages."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER)
            await open_key(pilot, TWO, "access")
            assert (2, "access") == (len(app.main.stage.trail), key_view(app).tab)
            await hit(pilot, "escape")
            assert not isinstance(app.main.view, KeyView)


class TestArn:
    """Opening by ARN."""

    async def test_another_region(self, demo: Demo) -> None:
        """A key of another Region opens, the session goes there and says so."""
        app = demo_console(demo)
        async with running(app) as pilot:
            assert app.session is not None
            await app.switch_region("eu-west-1")
            rows = (await app.fetch("kmstui:ListKeySummaries", Limit=10))["Keys"]
            await app.switch_region("us-east-1")
            await app.shell.do_arn(rows[0]["Arn"])
            await settle(pilot)
            assert ("eu-west-1", rows[0]["Arn"]) == (
                app.session.region,
                key_view(app).route.argument,
            )
            assert "Now in eu-west-1" in screen_text(app)

    async def test_region_left_behind(self, demo: Demo) -> None:
        """Working in another Region, the page says where its key is, and F5 goes back there."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER)
            await app.shell.do_region("eu-west-1")
            await settle(pilot)
            assert "It is in us-east-1, and you work in eu-west-1 now" in screen_text(app)
            await hit(pilot, "f5")
            assert app.session is not None
            assert app.session.region == "us-east-1"
            assert "alias/prod-ledger-payments" in screen_text(app)

    @pytest.mark.parametrize(
        ("arn", "said"),
        [
            ("arn:aws:kms:us-east-1:444455556666:key/{id}", "belongs to account 444455556666"),
            ("arn:aws:kms:eu-west-1:444455556666:key/{id}", "belongs to account 444455556666"),
            ("arn:aws:kms:us-east-1:111122223333:key/{id}", "no such key in us-east-1"),
            ("arn:aws:kms:eu-west-1:111122223333:key/{id}", "you still work in us-east-1"),
            ("arn:aws:s3:::bucket", "not the ARN of a KMS key"),
            ("arn:[@click=app.quit]x[/]:\x1b[2J", "not the ARN of a KMS key"),
        ],
    )
    async def test_unknown(self, demo: Demo, arn: str, said: str) -> None:
        """What cannot be opened is explained; the session and the list stay as they were."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.shell.do_arn(arn.replace("{id}", "1234abcd-12ab-34cd-56ef-1234567890ab"))
            await settle(pilot)
            shown = " ".join(screen_text(app).split())
            assert said in shown
            assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None
            assert app.session is not None
            assert app.session.region == "us-east-1"
            await hit(pilot, "escape")
            assert Route("keys") == app.main.stage.trail[-1].route


class TestActivity:
    """The trail of one key."""

    async def test_refusals_are_marked_and_records_open(self, demo: Demo) -> None:
        """A refused call carries its code; enter shows the whole record."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, ARCHIVE, "activity")
            shown = screen_text(app)
            assert "✗ KMSInvalidStateException" in shown
            assert "3 refused" in shown
            await hit(pilot, "enter")
            assert isinstance(app.screen, JsonDialog)
            assert '"eventVersion"' in screen_text(app)

    async def test_lookups(self, demo: Demo) -> None:
        """Calls that only looked at the key are hidden until asked for."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, ARCHIVE, "activity")
            assert "DescribeKey" not in screen_text(app)
            await hit(pilot, "L")
            assert "DescribeKey" in screen_text(app)

    async def test_more_pages(self, demo: Demo) -> None:
        """Going to the end reads older events."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, TWO, "activity")
            await hit(pilot, "G", "G", "G")
            assert "CreateKey" in screen_text(app)


class TestState:
    """Changes of state from the page."""

    async def test_disable_shows_at_once(self, demo: Demo) -> None:
        """After disabling, the page says what that means."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            await hit(pilot, "t", "enter")
            assert view.key is not None
            assert view.key.state == "Disabled"
            assert "Every use is refused with DisabledException" in screen_text(app)

    async def test_countdown(self, demo: Demo) -> None:
        """Each second counts."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, ARCHIVE)
            before = screen_text(app)
            app.launch.clock.advance(5)  # type: ignore[attr-defined]  # the tests' clock
            await app.tick()
            await settle(pilot)
            assert before != screen_text(app)


class TestMask:
    """The privacy mask."""

    @pytest.mark.parametrize("tab", NAMES)
    async def test_nothing_identifies(self, demo: Demo, tab: str) -> None:
        """With the mask on, no tab shows id, alias, ARN, description or tag values."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, TWO, tab)
            assert view.key is not None
            await hit(pilot, "f12")
            shown = screen_text(app)
            for secret in (view.key.key_id, "cardvault", "111122223333", "CC-4100", "Card num"):
                assert secret not in shown


class TestHostile:
    """Strings of other people on every tab."""

    async def test_every_tab(self, demo: Demo) -> None:
        """No description, tag or policy acts on the terminal or ends the program."""
        app = demo_console(demo)
        async with running(app, (80, 24)) as pilot:
            tags = [
                {"TagKey": f"{index}{string}"[:128], "TagValue": string[:256]}
                for index, string in enumerate(HOSTILE)
                if "\ud800" not in string
            ][:50]
            description = " ".join(string for string in HOSTILE if "\ud800" not in string)
            answer = await app.fetch("CreateKey", Description=description, Tags=tags)
            arn = answer["KeyMetadata"]["Arn"]
            for tab in NAMES:
                await app.go(Route("keys", "key", f"{arn}#{tab}"))
                await settle(pilot)
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None

    async def test_labels(self, demo: Demo) -> None:
        """The dialogs for description and tags show such strings without obeying them."""
        app = demo_console(demo)
        async with running(app, (80, 24)) as pilot:
            tags = [{"TagKey": "[/]", "TagValue": "\x1b[2J"}, {"TagKey": "a", "TagValue": "[b]"}]
            answer = await app.fetch("CreateKey", Description="[/foo]\x1b[31m", Tags=tags)
            await app.go(Route("keys", "key", answer["KeyMetadata"]["Arn"]))
            await settle(pilot)
            for key in ("T", "e"):
                await hit(pilot, key)
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None
                await hit(pilot, "escape")


class TestLabels:
    """Aliases, description and tags."""

    async def test_description(self, demo: Demo) -> None:
        """A new description shows at once, and `u` puts the old one back."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            assert view.key is not None
            before = view.key.description
            await hit(pilot, "e", "end")
            await write(pilot, " 2")
            await hit(pilot, "enter")
            assert view.key.description == f"{before} 2"
            await hit(pilot, "u", "f5")
            assert view.key.description == before

    async def test_add_move_and_remove_an_alias(self, demo: Demo) -> None:
        """A name can be added, pointed at another key and taken away."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            await hit(pilot, "A")
            await write(pilot, "prod-second-payments")
            await hit(pilot, "enter")
            assert view.key is not None
            assert "alias/prod-second-payments" in view.key.aliases
            await hit(pilot, "M", "down", "enter")
            await write(pilot, "cardvault")
            await hit(pilot, "enter")
            assert ("alias/prod-ledger-payments",) == view.key.aliases
            await open_key(pilot, TWO)
            await hit(pilot, "D", "down", "enter")
            await write(pilot, "prod-second-payments")
            await hit(pilot, "enter", "enter")
            assert ("alias/prod-cardvault-payments",) == view.key.aliases
            await hit(pilot, "u", "f5")
            assert "alias/prod-second-payments" in view.key.aliases

    async def test_a_taken_name_is_not_offered(self, demo: Demo) -> None:
        """The dialog says that a name is taken and does not close."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, LEDGER)
            await hit(pilot, "A")
            await write(pilot, "prod-cardvault-payments")
            await hit(pilot, "enter")
            assert "That name is taken" in screen_text(app)

    async def test_tags(self, demo: Demo) -> None:
        """A tag is added in the editor; a reserved one is refused there."""
        app = demo_console(demo)
        async with running(app) as pilot:
            view = await open_key(pilot, LEDGER)
            assert view.key is not None
            count = len(view.key.tags)
            await hit(pilot, "T", *["down"] * count)
            await write(pilot, "awsx")
            await hit(pilot, "enter")
            await write(pilot, "1")
            await hit(pilot, "enter", "enter", "enter")
            assert view.key.tags["awsx"] == "1"
