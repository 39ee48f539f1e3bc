"""Commands about who one is, and about key stores: MFA devices, roles, acting as another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from kmstui.core.errors import AccessDeniedException, KeystoreLockedError, UsageError
from kmstui.tui import text
from kmstui.tui.chrome.standing import Role
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.roles import HOME, KnownRole, may_assume, role_of
from kmstui.tui.upkeep import Upkeep

if TYPE_CHECKING:
    from kmstui.tui.launch import Session
    from kmstui.tui.places.settings.view import SettingsView

_PAGE = 1000


class Identity(Upkeep):
    """Carries these commands out.

    Args:
        app: The application.
    """

    recent: tuple[str, ...] = ()
    """ARNs of the roles assumed in this session, the latest first."""

    async def do_mfa(self, _argument: str) -> None:
        """Show the MFA devices."""
        from kmstui.tui.place import Route  # noqa: PLC0415 - the views are not loaded at start

        view = cast("SettingsView", await self._app.go(Route("settings")))
        view.show_section("mfa")
        view.action_enter_section()

    async def do_keystores(self, argument: str) -> None:
        """Show the custom key stores, and what can be done with the one that is named."""
        from kmstui.tui.place import Route  # noqa: PLC0415 - the views are not loaded at start

        view = cast("SettingsView", await self._app.go(Route("settings")))
        view.show_section("stores")
        await view.refresh_data()
        view.action_enter_section()
        if argument.strip():
            from kmstui.tui.places.settings.stores.deeds import open_store  # noqa: PLC0415

            await open_store(self._app, argument.strip())
            await view.refresh_data()

    async def do_connect_store(self, argument: str) -> None:
        """Connect the custom key store that is named."""
        from kmstui.tui.places.settings.stores import deeds  # noqa: PLC0415 - rarely needed

        await deeds.connect(self._app, await deeds.find_store(self._app, argument.strip()))
        await self._look_again()

    async def do_disconnect_store(self, argument: str) -> None:
        """Disconnect the custom key store that is named."""
        from kmstui.tui.places.settings.stores import deeds  # noqa: PLC0415 - rarely needed

        await deeds.disconnect(self._app, await deeds.find_store(self._app, argument.strip()))
        await self._look_again()

    async def _look_again(self) -> None:
        view = self._app.main.view
        if view is not None:
            await view.refresh_data()

    async def do_authenticator(self, _argument: str) -> None:
        """Show the demo authenticator."""
        from kmstui.tui.mfa.deeds import show_authenticator  # noqa: PLC0415 - rarely needed

        await show_authenticator(self._app)

    async def do_switch_role(self, argument: str) -> None:
        """Assume a role that is chosen or named, or go back to who signed in."""
        known = await self.known_roles()
        if argument.strip():
            arn = _named(known, argument.strip())
        else:
            chosen: str | None = await self._app.ask(self._role_choice(known))
            arn = chosen or ""
        if arn == HOME:
            await self.go_home()
        elif arn == _ANOTHER:
            await self.do_act_as("")
        elif arn == _TYPED:
            await self._assume_typed()
        elif arn:
            await self.assume(arn)

    def _role_choice(self, known: Sequence[KnownRole]) -> Choose[str]:
        app = self._app
        person = app.home.principal if app.home is not None else ""
        recent = [role for arn in self.recent for role in known if role.arn == arn]
        rest = [role for role in known if role not in recent]
        choices = []
        if app.role is not None:
            who = text.template("[b]back to $name[/]", name=app.standing.identity)
            choices.append(Choice(HOME, who, "◂ leave the role"))
        for role in (*recent, *rest):
            reason = "" if may_assume(role, person) else "its trust policy does not name you"
            note = "recently" if role in recent else role.description
            choices.append(Choice(role.arn, text.literal(role.name), note, reason))
        if app.standing.training:
            choices.append(Choice(_ANOTHER, text.literal("act as another…"), "training only"))
        choices.append(Choice(_TYPED, text.literal("by its ARN…"), "of this or another account"))
        return Choose(
            text.literal("Switch role"),
            choices,
            message=text.literal(
                "You then may what the role may, and only that. Codes you gave still count.",
                "$muted",
            ),
        )

    async def known_roles(self) -> list[KnownRole]:
        """Read the roles of the account of whoever signed in; none if they may not be listed.

        Raises:
            KmsError: The engine refused for another reason, or the console is locked.
        """
        app = self._app
        if app.home is None:
            raise KeystoreLockedError
        door = await app.door()
        try:
            answer = await app.caller.fetch(door, app.home, "iam:ListRoles", {"MaxItems": _PAGE})
        except AccessDeniedException:
            return []
        return [role_of(each) for each in answer["Roles"]]

    async def assume(self, arn: str) -> None:
        """Assume a role.

        Raises:
            KmsError: Its trust policy or the person's own policies do not allow it.
        """
        app = self._app
        if app.home is None:
            raise KeystoreLockedError
        door = await app.door()
        session = await app.caller.run(door.assume_role, app.home, arn, app.home.user_name)
        name = arn.rpartition("/")[2]
        self.recent = (arn, *(each for each in self.recent if each != arn))
        await self._become(session, Role(name, arn))

    async def _assume_typed(self) -> None:
        typed = await self._asked(
            "Switch role",
            "ARN of the role",
            "Assume it",
            check=_role_problem,
            about="Its trust policy has to name you or your account.",
        )
        if typed:
            await self.assume(typed.strip())

    async def go_home(self, announced: str = "[b]$name[/] again.") -> None:
        """Be again who signed in.

        Args:
            announced: What to say then: markup of our own with a place for the name.
        """
        app = self._app
        if app.home is None or app.role is None or app.session is None:
            return
        region = app.session.region
        if app.home.region != region:
            door = await app.door()
            app.home = await app.caller.run(door.switch_region, app.home, region)
        await self._become(app.home, None, announced)

    async def do_act_as(self, argument: str) -> None:
        """Go on as any principal or service; training keystores only."""
        who = argument.strip() or await self._asked(
            "Act as another",
            "ARN of a user or role, or a service",
            "Act as it",
            check=_who_problem,
            value="",
            about="A user, a role, or a service such as ec2.amazonaws.com. Only a training "
            "keystore does this; the trail says who it was.",
        )
        if who:
            await self.act_as(who)

    async def act_as(self, who: str) -> None:
        """Go on as a principal or service.

        Raises:
            KmsError: There is none such, or the keystore is none for training.
        """
        app = self._app
        if app.home is None:
            raise KeystoreLockedError
        kind = "principal" if who.startswith("arn:") else "service"
        door = await app.door()
        work: Callable[[], Any] = partial(door.act_as, app.home, **{kind: who})
        session = await app.caller.run(work)
        await self._become(session, Role(who.rpartition("/")[2], who, acting=True))

    async def _become(
        self,
        session: Session,
        role: Role | None,
        announced: str = "You are [b]$name[/] now. R goes back.",
    ) -> None:
        app = self._app
        app.session, app.role = session, role
        await app.read_standing()
        name = app.standing.identity if role is None else role.name
        app.main.say(text.template(announced, name=name))
        await app.refresh_views()


_ANOTHER, _TYPED = "another", "typed"


def _who_problem(typed: str) -> str | None:
    announced = typed.strip()
    if announced.startswith("arn:") or announced.endswith(".amazonaws.com"):
        return None
    return "An ARN, or a service such as ec2.amazonaws.com."


def _role_problem(typed: str) -> str | None:
    announced = typed.strip()
    if announced.startswith("arn:aws:iam::") and ":role/" in announced:
        return None
    return "It is written arn:aws:iam::ACCOUNT:role/NAME."


def _named(known: Sequence[KnownRole], typed: str) -> str:
    """Return the ARN of a role named on the command line."""
    if typed.startswith("arn:") or typed == HOME:
        return typed
    for role in known:
        if role.name.lower() == typed.lower():
            return role.arn
    raise UsageError(f"There is no role {typed}.", hint="R lists them.")
