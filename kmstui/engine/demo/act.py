"""What one event of the demo's year is."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.engine.demo.setting import ADMINISTRATOR, REGION


@dataclass(frozen=True, slots=True)
class DemoAct:
    """One call in the story.

    Attributes:
        day: When.
        operation: The operation.
        alias: The key it is about.
        members: Further request members.
        refused: Whether the story wants a refusal.
        by: Name of the user or role that calls.
        via: The service that calls on its behalf; empty for a direct call.
        region: Where the key is.
        keeps: What the answer is remembered as; empty for nothing.
        needs: What an earlier answer was remembered as, whose ciphertext or grant is used;
            empty for the last ciphertext under the key.
        proven: Whether a code is given first, if the call is a critical one.
    """

    day: int
    operation: str
    alias: str
    members: tuple[tuple[str, object], ...] = ()
    refused: bool = False
    by: str = ADMINISTRATOR
    via: str = ""
    region: str = REGION
    keeps: str = ""
    needs: str = ""
    proven: bool = True
