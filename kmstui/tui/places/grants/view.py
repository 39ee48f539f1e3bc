"""What Grants will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "Permission for a while, given to one principal for one key."
    POINTS = (
        ("All grants", "by key, by grantee, by age; orphans stand out"),
        ("Constraints", "the encryption context a grant insists on"),
        ("Retire, revoke", "with what stops working, before it stops"),
    )
    MEANWHILE = "Until then access is decided by key policies alone."
