"""The console: a Textual application over the engine's facade."""

from __future__ import annotations

import os

FRAMES_PER_SECOND = 120
"""How often a change may be painted; nothing is painted while nothing changes.

Textual's 60 let what a key in a filter brings wait for two periods of 17 ms, because the
frame of the key itself comes first and the next turn of the timer is missed.
"""

# Textual reads it when it is first imported.
os.environ.setdefault("TEXTUAL_FPS", str(FRAMES_PER_SECOND))
