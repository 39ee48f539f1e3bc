"""Editing policies that belong to users, groups, roles and the account."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from kmstui.tui.places.access.policies.editing import SKELETON, EditView
from kmstui.tui.places.access.policies.model import PolicyRef
from kmstui.tui.policy_editor.review import ReviewDialog
from tests._textual_private import screen_text
from tests.helpers.access_account import (
    ADA,
    ADMINISTRATOR,
    APP,
    USE,
    AccessAccount,
    allow,
    document,
)
from tests.helpers.demo_console import hit, running, write
from tests.helpers.links import until_ready

GROUPS = ("access", "first-page", "keys", "command", "go", "lint", "editor")
IDENTITY = "identity-based policy"
BOB = ADA.replace("ada", "bob")
NEW = document(allow("Look", "kms:DescribeKey"))
TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
)


async def editor(pilot: Pilot[None], ref: PolicyRef) -> EditView:
    """Open the editor on a policy and wait until it was read."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    await app.go(Route("access", "edit", ref.argument()))
    await until_ready(pilot, *GROUPS)
    view = app.main.view
    assert isinstance(view, EditView)
    return view


async def save(pilot: Pilot[None], view: EditView, source: str) -> None:
    """Put another text in and save it, through the review where there is one."""
    view.area.put(source)
    await until_ready(pilot, *GROUPS)
    await hit(pilot, "ctrl+s")
    await until_ready(pilot, "lint")
    if isinstance(pilot.app.screen, ReviewDialog):
        await hit(pilot, "tab", "tab", "enter")
    await until_ready(pilot, *GROUPS)


def text_of(account: AccessAccount, ref: PolicyRef) -> str:
    """Return the document as it is stored."""
    call = account.bench.call
    if ref.where == "role trust policy":
        role = call("iam:GetRole", RoleName="payments-app")["Role"]
        return str(role["AssumeRolePolicyDocument"])
    if ref.where == "service control policy":
        policies = call("kmstui:ListServiceControlPolicies")["Policies"]
        return next(str(each["Policy"]) for each in policies if each["PolicyName"] == ref.name)
    if ref.inline:
        members = {"UserName": "bob", "PolicyName": ref.inline}
        return str(call("iam:GetUserPolicy", members)["PolicyDocument"])
    version = call("iam:GetPolicy", PolicyArn=ref.name)["Policy"]["DefaultVersionId"]
    found = call("iam:GetPolicyVersion", PolicyArn=ref.name, VersionId=version)
    return str(found["PolicyVersion"]["Document"])


@pytest.mark.parametrize(
    ("ref", "source"),
    [
        (PolicyRef(IDENTITY, f"{BOB} Everything"), NEW),
        (PolicyRef(IDENTITY, USE), NEW),
        (PolicyRef("role trust policy", APP), TRUST),
        (PolicyRef("service control policy", "FullAWSAccess"), document(allow("All", "*"))),
    ],
    ids=lambda each: each.word if isinstance(each, PolicyRef) else "",
)
async def test_each_kind_is_saved_by_its_own_call(
    account: AccessAccount, ref: PolicyRef, source: str
) -> None:
    """What is written is what the policy says afterwards."""
    app = account.console()
    async with running(app) as pilot:
        view = await editor(pilot, ref)
        await save(pilot, view, source)
        assert source == text_of(account, ref)


async def test_the_review_tells_what_changes(account: AccessAccount) -> None:
    """Before saving the differing statement is shown, with what it gives or takes."""
    app = account.console()
    async with running(app) as pilot:
        view = await editor(pilot, PolicyRef(IDENTITY, f"{BOB} Everything"))
        view.area.put(NEW)
        await until_ready(pilot, *GROUPS)
        await hit(pilot, "ctrl+s")
        assert isinstance(app.screen, ReviewDialog)
        assert "TooMuch" in screen_text(app)
        await hit(pilot, "escape")


async def test_an_inline_policy_is_made_by_its_name(account: AccessAccount) -> None:
    """I on a user asks for a name; the skeleton is there to be changed and saved."""
    app = account.console()
    async with running(app) as pilot:
        await app.go(Route("access", "principal", BOB))
        await until_ready(pilot, *GROUPS)
        await hit(pilot, "I")
        await write(pilot, "Fresh")
        await hit(pilot, "enter")
        await until_ready(pilot, *GROUPS)
        view = app.main.view
        assert isinstance(view, EditView)
        assert SKELETON == view.source
        await save(pilot, view, NEW)
        assert NEW == text_of(account, PolicyRef(IDENTITY, f"{BOB} Fresh"))


async def test_what_aws_manages_is_not_edited(account: AccessAccount) -> None:
    """The editor of an AWS managed policy says so and saves nothing."""
    app = account.console()
    async with running(app) as pilot:
        view = await editor(pilot, PolicyRef(IDENTITY, ADMINISTRATOR))
        assert "AWS manages this policy" in screen_text(app)
        assert "" == view.source


async def test_a_text_that_is_no_policy_is_not_saved(account: AccessAccount) -> None:
    """What does not parse is refused before anything is called."""
    ref = PolicyRef(IDENTITY, f"{BOB} Everything")
    before = text_of(account, ref)
    app = account.console()
    async with running(app) as pilot:
        view = await editor(pilot, ref)
        await save(pilot, view, "{")
        assert app.main.view is view
        assert before == text_of(account, ref)
