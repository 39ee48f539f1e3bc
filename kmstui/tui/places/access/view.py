"""What Access will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "Who can do what with a key, and why."
    POINTS = (
        ("Policies", "key policies and IAM policies, edited with checks before they are saved"),
        ("Principals", "users and roles of the account, and what each can reach"),
        ("Simulator", "one request, every statement it meets, and the one that decides"),
    )
    MEANWHILE = "Until then a key's Access tab shows its policy."
