"""Session handles: only the engine makes them, and only those it made are accepted."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.core.caller import Caller


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A signed-in principal. Equal only to itself, so that a copy is worth nothing.

    Attributes:
        caller: The principal, its account and the Region that its calls go to.
        slot_id: The unlock slot that was opened.
        recovery: Whether it was opened with the recovery code.
    """

    caller: Caller
    slot_id: str
    recovery: bool

    @property
    def principal(self) -> str:
        """The principal's ARN."""
        return self.caller.arn

    @property
    def account(self) -> str:
        """The principal's account."""
        return self.caller.account

    @property
    def region(self) -> str:
        """The Region that calls go to."""
        return self.caller.region

    @property
    def user_name(self) -> str:
        """The principal's short name."""
        return self.caller.name
