"""What Alerts & posture will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "What is wrong, what is due, and how to put it right."
    POINTS = (
        ("Posture", "checks over keys, policies and grants, each with its evidence"),
        ("Due soon", "deletions, rotations and expiries on one line of time"),
        ("Reports", "what an auditor asks for, to a file"),
    )
    MEANWHILE = "Until then `:deletions` lists what is waiting to be deleted."
