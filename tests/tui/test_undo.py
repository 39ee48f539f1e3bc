"""`u`: what takes a call back, when it is refused, and what cannot be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from textual.pilot import Pilot

from kmstui.tui.dialogs.refusal import explanation
from kmstui.tui.mfa.prompt import CodeDialog
from kmstui.tui.undo import WAYS_ON, changes, inverse
from tests._textual_private import screen_text
from tests.conftest import MakeBench
from tests.helpers.console import settle
from tests.helpers.demo_console import running
from tests.helpers.engines import Bench, arn_of
from tests.helpers.mfa import enable, make_phone
from tests.helpers.mfa_console import console_of, console_on, fill, until


@pytest.fixture
def key_id(bench: Bench) -> str:
    """Return the id of a key with an alias, a description and a tag."""
    return bench.key(
        "alias/payments",
        Description="first",
        Tags=[{"TagKey": "env", "TagValue": "dev"}],
    )


def policy(bench: Bench, key_id: str, *, account: str = "") -> str:
    """Return a key's policy, or one that adds a statement for another account."""
    text: str = bench.call("GetKeyPolicy", KeyId=key_id)["Policy"]
    if not account:
        return text
    document = json.loads(text)
    document["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "kms:DescribeKey",
            "Resource": "*",
        }
    )
    return json.dumps(document)


def metadata(bench: Bench, key: str) -> Mapping[str, Any]:
    """Return what DescribeKey says."""
    found: Mapping[str, Any] = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    return found


async def undo(pilot: Pilot[None]) -> str:
    """Press `u` and return what the screen shows then."""
    await pilot.press("u")
    await settle(pilot)
    return screen_text(pilot.app)


CASES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("DisableKey", {}, {}),
    ("UpdateKeyDescription", {"Description": "second"}, {"Description": "first"}),
    (
        "TagResource",
        {"Tags": [{"TagKey": "env", "TagValue": "prod"}]},
        {"Tags": {"env": "dev"}},
    ),
    (
        "TagResource",
        {"Tags": [{"TagKey": "team", "TagValue": "pay"}]},
        {"Tags": {"env": "dev"}},
    ),
    ("UntagResource", {"TagKeys": ["env"]}, {"Tags": {"env": "dev"}}),
]


def shape(bench: Bench, key_id: str) -> tuple[object, ...]:
    """Return everything that the cases change."""
    found = metadata(bench, key_id)
    tags = bench.call("ListResourceTags", KeyId=key_id)["Tags"]
    return found["KeyState"], found["Description"], tags, policy(bench, key_id)


class TestTakingBack:
    """Each call that has an inverse."""

    @pytest.mark.parametrize(("operation", "members", "before"), CASES)
    async def test_there_and_back_and_there_again(
        self,
        bench: Bench,
        key_id: str,
        operation: str,
        members: dict[str, object],
        before: dict[str, object],
    ) -> None:
        """`u` puts back what was; `u` again does it anew."""
        was = shape(bench, key_id)
        async with running(console_on(bench)) as pilot:
            app = console_of(pilot)
            await app.call(operation, {"KeyId": key_id, **members}, before=before)
            done = shape(bench, key_id)
            assert was != done
            await undo(pilot)
            assert was == shape(bench, key_id)
            await undo(pilot)
            assert done == shape(bench, key_id)

    async def test_aliases(self, bench: Bench, key_id: str) -> None:
        """Moved back, made anew, deleted again."""
        other = bench.key()
        arn = arn_of(key_id)
        request = {"AliasName": "alias/payments"}
        async with running(console_on(bench)) as pilot:
            app = console_of(pilot)
            before = {"TargetKeyId": arn}
            await app.call("UpdateAlias", {**request, "TargetKeyId": other}, before=before)
            await undo(pilot)
            assert arn == metadata(bench, "alias/payments")["Arn"]
            await app.call("DeleteAlias", request, before=before)
            await undo(pilot)
            assert arn == metadata(bench, "alias/payments")["Arn"]
            await app.call("CreateAlias", AliasName="alias/new", TargetKeyId=other)
            await undo(pilot)
            assert "NotFoundException" == bench.refusal("DescribeKey", KeyId="alias/new").code

    async def test_the_previous_policy(self, bench: Bench, key_id: str) -> None:
        """A key policy goes back to the text that was there."""
        old, new = policy(bench, key_id), policy(bench, key_id, account="444455556666")
        async with running(console_on(bench)) as pilot:
            app = console_of(pilot)
            await app.call("PutKeyPolicy", KeyId=key_id, Policy=new, before={"Policy": old})
            assert json.loads(new) == json.loads(policy(bench, key_id))
            await undo(pilot)
            assert json.loads(old) == json.loads(policy(bench, key_id))

    async def test_calls_that_change_nothing_are_passed_over(
        self, bench: Bench, key_id: str
    ) -> None:
        """After an Encrypt `u` takes back the change before it; after a CreateKey nothing."""
        async with running(console_on(bench)) as pilot:
            app = console_of(pilot)
            await app.call(
                "UpdateKeyDescription",
                KeyId=key_id,
                Description="x",
                before={"Description": "first"},
            )
            await app.call("Encrypt", KeyId=key_id, Plaintext=b"x")
            assert "UpdateKeyDescription" == app.undo_label
            await app.call("CreateKey")
            assert "" == app.undo_label


class TestRefusing:
    """When it is not taken back."""

    @pytest.mark.parametrize(("operation", "members", "before"), CASES)
    async def test_what_was_changed_since_stays(
        self,
        bench: Bench,
        key_id: str,
        operation: str,
        members: dict[str, object],
        before: dict[str, object],
    ) -> None:
        """If the object no longer is as the call left it, `u` says so and does nothing."""
        async with running(console_on(bench), (160, 30)) as pilot:
            app = console_of(pilot)
            await app.call(operation, {"KeyId": key_id, **members}, before=before)
            bench.call("EnableKey", KeyId=key_id)
            bench.call("UpdateKeyDescription", KeyId=key_id, Description="third")
            tags = [{"TagKey": tag, "TagValue": "other"} for tag in ("env", "team")]
            bench.call("TagResource", KeyId=key_id, Tags=tags)
            now = shape(bench, key_id)
            assert "changed since" in await undo(pilot)
            assert now == shape(bench, key_id)

    async def test_in_another_region_it_is_not_looked_for(self, bench: Bench) -> None:
        """An alias of the same name may stand for something else there."""
        key_id = bench.key()
        async with running(console_on(bench), (160, 30)) as pilot:
            app = console_of(pilot)
            await app.call("CreateAlias", AliasName="alias/x", TargetKeyId=key_id)
            await app.switch_region("eu-west-1")
            assert "was done in us-east-1" in await undo(pilot)
            assert "CreateAlias" == app.undo_label

    async def test_it_is_authorised_gated_and_recorded(self, make_bench: MakeBench) -> None:
        """Taking an alias back deletes it, which wants a code as any deletion does."""
        bench = make_bench(administrator="admin", mfa_guardrail=True)
        phone = make_phone(bench)
        enable(phone, "admin")
        bench.clock.advance(400)
        key_id = bench.key()
        async with running(console_on(bench), (120, 30)) as pilot:
            app = console_of(pilot)
            await app.call("CreateAlias", AliasName="alias/x", TargetKeyId=key_id)
            await pilot.press("u")
            await until(pilot, CodeDialog)
            assert "DeleteAlias" in screen_text(app)
            await fill(pilot, "#code", phone.code())
            await pilot.press("enter")
            await settle(pilot)
            names = [event["eventName"] for event in bench.events()]
            assert 2 == names.count("DeleteAlias")
            assert "NotFoundException" == bench.refusal("DescribeKey", KeyId="alias/x").code


class TestSaying:
    """What cannot be taken back is said."""

    @pytest.mark.parametrize("operation", sorted(WAYS_ON))
    def test_there_is_no_inverse_and_the_way_on_is_named(self, operation: str) -> None:
        """`w` after such a call says what remains."""
        from kmstui.tui.calls import Outcome

        assert inverse(operation, {"KeyId": "1"}) is None
        said = dict(explanation(Outcome(operation, "payments", "")))
        assert WAYS_ON[operation] == said["Undo"].plain

    @pytest.mark.parametrize("operation", ["Encrypt", "kms:Decrypt", "DescribeKey", "ListKeys"])
    def test_what_changes_nothing(self, operation: str) -> None:
        """Uses and looks are no changes."""
        assert not changes(operation)
        assert changes("DisableKey")
