"""What Labs will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "Learn by doing, with nothing at stake."
    POINTS = (
        ("Lessons", "least privilege, encryption context, rotation, a deletion caught in time"),
        ("A sandbox", "its own keystore, whose clock you move"),
        ("Checks", "each step is verified by what the engine says, not by a quiz"),
    )
    MEANWHILE = "Until then `kmstui demo` is a keystore to practise on."
