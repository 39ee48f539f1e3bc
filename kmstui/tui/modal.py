"""The base of everything that opens over the console."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from kmstui.tui.command_table import COMMANDS

T = TypeVar("T")

OVER: list[BindingType] = [
    Binding(key, f"app.press('{key}')", show=False, priority=True)
    for command in COMMANDS
    if command.over
    for key in command.keys
]
"""Keys that work wherever the focus is, dialogs included: lock, mask, quit."""


class Modal(ModalScreen[T], Generic[T]):
    """A screen over the console, under which locking and leaving still work."""

    BINDINGS: ClassVar[list[BindingType]] = OVER
