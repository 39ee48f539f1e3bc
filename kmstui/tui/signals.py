"""Locking before the terminal is lost or given to a shell (SIGTSTP), and leaving in order.

A program that is told to end gives the terminal back first: one killed outright leaves it raw, on
the alternate screen, with what was there.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_ENDING = {
    signal.SIGHUP: "The terminal went away.",
    signal.SIGINT: "The program was interrupted.",
    signal.SIGTERM: "The program was told to end.",
}


def watch(app: KmsApp) -> None:
    """Leave on SIGHUP, SIGINT and SIGTERM, lock on SIGTSTP, if there is a terminal to lose."""
    if app.is_headless or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    suspend = signal.getsignal(signal.SIGTSTP)
    for number in _ENDING:
        loop.add_signal_handler(number, _leave, app, number)
    loop.add_signal_handler(signal.SIGTSTP, lambda: app.run_worker(stop(app, suspend)))


def _leave(app: KmsApp, number: signal.Signals) -> None:
    app.run_worker(leave(app, number))


async def leave(app: KmsApp, number: signal.Signals) -> None:
    """Lock, close the keystore and leave with the status a shell reports for the signal."""
    await app.lock(_ENDING[number])
    await app.close_engine()
    app.exit(return_code=128 + number)


async def stop(app: KmsApp, suspend: Callable[..., Any] | int | None) -> None:
    """Lock, then let Textual give the terminal back and stop the process."""
    await app.lock("The program was stopped.")
    if callable(suspend):
        suspend(signal.SIGTSTP, None)
