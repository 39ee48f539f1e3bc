"""Locking before the terminal is lost (SIGHUP) or given to a shell (SIGTSTP)."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

HUNG_UP = 128 + signal.SIGHUP
"""Exit status after the terminal went away, as a shell reports it."""


def watch(app: KmsApp) -> None:
    """Lock on SIGHUP and SIGTSTP, if this process has a terminal to lose."""
    if app.is_headless or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    suspend = signal.getsignal(signal.SIGTSTP)
    loop.add_signal_handler(signal.SIGHUP, lambda: app.run_worker(hang_up(app)))
    loop.add_signal_handler(signal.SIGTSTP, lambda: app.run_worker(stop(app, suspend)))


async def hang_up(app: KmsApp) -> None:
    """Lock, close the keystore and leave: there is nobody to show anything to."""
    await app.lock("The terminal went away.")
    await app.close_engine()
    app.exit(return_code=HUNG_UP)


async def stop(app: KmsApp, suspend: Callable[..., Any] | int | None) -> None:
    """Lock, then let Textual give the terminal back and stop the process."""
    await app.lock("The program was stopped.")
    if callable(suspend):
        suspend(signal.SIGTSTP, None)
