"""Multi-Region keys in the console: where their copies are, and what is done with them."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.core.errors import UsageError
from kmstui.tui.app import KmsApp
from kmstui.tui.dialogs.choice import Choose
from kmstui.tui.elsewhere import fetch_in, session_in
from kmstui.tui.places.keys.detail.facts import read_facts
from kmstui.tui.places.keys.regions import deeds
from kmstui.tui.places.keys.regions.dialogs import ReplicateDialog
from kmstui.tui.places.keys.regions.model import read_regions, regions_of, replica_problem
from kmstui.tui.widgets.pick import Pick
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
from tests.helpers.material_console import new_key

HERE, THERE, THIRD = "us-east-1", "eu-west-1", "eu-central-1"
SIZES = ((80, 24), (120, 40))


async def replicated(app: KmsApp, **members: Any) -> str:
    """Create a multi-Region key with a replica and return the primary's ARN."""
    arn = await new_key(app, "global", MultiRegion=True, **members)
    await app.fetch("ReplicateKey", KeyId=arn, ReplicaRegion=THERE)
    return arn


class TestOverview:
    """What the Overview says of Regions."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_golden(self, demo: Demo, size: tuple[int, int]) -> None:
        """A primary names its replicas with their state, and what is each Region's own."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await replicated(app)
            await open_key(pilot, "global")
            if size[0] < 120:
                await hit(pilot, "end")
            assert_golden(app, f"key-detail/regions-{size[0]}x{size[1]}")

    async def test_what_a_policy_hides(self, demo: Demo) -> None:
        """A replica that the caller may not see is named, with what refused it."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await replicated(app)
            there = arn.replace(HERE, THERE)
            policy = (await fetch_in(app, THERE, "GetKeyPolicy", KeyId=there))["Policy"]
            hidden = policy.replace('"kms:*"', '["kms:Put*","kms:Get*"]')
            assert hidden != policy
            await fetch_in(app, THERE, "PutKeyPolicy", KeyId=there, Policy=hidden)
            await open_key(pilot, "global")
            assert "AccessDenied" in screen_text(app)

    async def test_pending_replica_deletion(self, demo: Demo) -> None:
        """A primary that waits for its replicas says so."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await replicated(app)
            await app.fetch("ScheduleKeyDeletion", KeyId=arn, PendingWindowInDays=7)
            await open_key(pilot, "global")
            assert "waits for its replicas to go" in screen_text(app)


class TestGoing:
    """From one copy to the other."""

    async def test_the_other_copy(self, demo: Demo) -> None:
        """`:regions` lists the copies; enter goes to one, and the session with it."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await replicated(app)
            view = await open_key(pilot, "global")
            await hit(pilot, "colon")
            await write(pilot, "regions")
            await hit(pilot, "enter")
            assert isinstance(app.screen, Choose)
            assert "Aliases are a Region's own" in screen_text(app)
            await hit(pilot, "down", "enter")
            assert app.session is not None
            assert (THERE, arn.replace(HERE, THERE)) == (
                app.session.region,
                key_view(app).route.argument,
            )
            assert f"a replica of {HERE}" in screen_text(app)
            assert view.console.standing.region == THERE

    async def test_decrypts_there(self, demo: Demo) -> None:
        """What one copy encrypted decrypts in the other Region's Try-it."""
        app = demo_console(demo)
        async with running(app):
            arn = await replicated(app)
            blob = (await app.fetch("Encrypt", KeyId=arn, Plaintext=b"x"))["CiphertextBlob"]
            await app.switch_region(THERE)
            there = arn.replace(HERE, THERE)
            answer = await app.fetch("Decrypt", KeyId=there, CiphertextBlob=blob)
            assert (b"x", there) == (answer["Plaintext"], answer["KeyId"])


class TestReplicating:
    """Making a copy in another Region."""

    async def test_with_labels_and_name(self, demo: Demo) -> None:
        """Description, tags and the name go along if they are asked for."""
        app = demo_console(demo)
        tags = [{"TagKey": "env", "TagValue": "prod"}]
        async with running(app) as pilot:
            arn = await new_key(app, "global", MultiRegion=True, Description="words", Tags=tags)
            await open_key(pilot, "global")
            await hit(pilot, "colon")
            await write(pilot, "replicate")
            await hit(pilot, "enter")
            assert isinstance(app.screen, ReplicateDialog)
            await write(pilot, THERE)
            app.screen.query_one("#with", Pick).value = "labels"
            await hit(pilot, "enter")
            assert f"What is it called in {THERE}?" in screen_text(app)
            await hit(pilot, "enter")
            there = arn.replace(HERE, THERE)
            metadata = await fetch_in(app, THERE, "DescribeKey", KeyId="alias/global")
            assert (there, "words") == (
                metadata["KeyMetadata"]["Arn"],
                metadata["KeyMetadata"]["Description"],
            )
            assert tags == (await fetch_in(app, THERE, "ListResourceTags", KeyId=there))["Tags"]
            assert f"--region {THERE}" in app.caller.outcomes[-1].command

    async def test_wrong_region(self, demo: Demo) -> None:
        """A Region that has it already, or is none, is not taken."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await replicated(app)
            view = await open_key(pilot, "global")
            for typed, said in ((THERE, "has it already"), ("mars", "named like")):
                with pytest.raises(UsageError, match=said):
                    await view.do_replicate(typed)

    async def test_single_region(self, demo: Demo) -> None:
        """A single-Region key says that it stays one, and what moves data instead."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, "prod-cardvault-payments")
            await hit(pilot, "colon")
            await write(pilot, "replicate")
            await hit(pilot, "enter")
            assert "single-Region key" in screen_text(app)


class TestPrimary:
    """Changing which copy leads."""

    @pytest.mark.parametrize("region", [HERE, THERE])
    async def test_from_either_region(self, demo: Demo, region: str) -> None:
        """From the primary or the replica, the question says what changes; then it leads."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await replicated(app)
            key = (await read_facts(app, arn)).key
            if region == THERE:
                await app.switch_region(THERE)
                key = (await read_facts(app, arn.replace(HERE, THERE))).key
            work = app.run_worker(deeds.promote(app, key, THERE))
            await settle(pilot)
            assert "rotates and replicates the key" in screen_text(app)
            await hit(pilot, "enter")
            assert await work.wait()
            moved = (await read_facts(app, key.arn)).key
            assert THERE == moved.primary_region

    async def test_unknown_region(self, demo: Demo) -> None:
        """A Region without a replica is refused with those that have one."""
        app = demo_console(demo)
        async with running(app):
            key = (await read_facts(app, await replicated(app))).key
            with pytest.raises(UsageError, match="no replica"):
                await deeds.promote(app, key, THIRD)


class TestDeleting:
    """Deleting a replica from its primary."""

    async def test_scheduled_there(self, demo: Demo) -> None:
        """The replica's deletion is scheduled in its Region; nothing is lost by it."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await replicated(app)
            key = (await read_facts(app, arn)).key
            work = app.run_worker(deeds.delete_replica(app, key))
            await settle(pilot)
            await hit(pilot, "enter")
            assert "nothing while the primary" in screen_text(app)
            await write(pilot, arn[-8:])
            await hit(pilot, "enter", "enter")
            assert await work.wait()
            copies = {copy.region: copy.state for copy in await read_regions(app, key)}
            assert {HERE: "Enabled", THERE: "PendingDeletion"} == copies
            with pytest.raises(UsageError, match="already"):
                await deeds.delete_replica(app, key, THERE)

    async def test_primary_waits(self, demo: Demo) -> None:
        """Deleting a primary says that its replicas go first."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await replicated(app)
            await open_key(pilot, "global")
            await hit(pilot, "X")
            assert "period begins once the replicas are deleted" in screen_text(app)


class TestSessions:
    """Calls in another Region."""

    async def test_one_session_each(self, demo: Demo) -> None:
        """A Region's session is made once, and dropped when somebody else works here."""
        app = demo_console(demo)
        async with running(app):
            assert app.session is await session_in(app, HERE)
            there = await session_in(app, THERE)
            assert there is await session_in(app, THERE)
            await app.switch_region(THIRD)
            assert there is not await session_in(app, THERE)


async def test_regions_of(demo: Demo) -> None:
    """The primary's Region comes first; a name that is none is refused in words."""
    app = demo_console(demo)
    async with running(app):
        key = (await read_facts(app, await replicated(app))).key
        assert (HERE, THERE) == regions_of(key)
        assert replica_problem(key, THIRD) is None
        assert replica_problem(key, f" {THERE} ") == f"{THERE} has it already."
