"""What Endpoint will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "Point boto3 or the AWS CLI at this console and watch."
    POINTS = (
        ("Serve", "the AWS KMS protocol on the loopback address, off until you start it"),
        ("Credentials", "access keys for local programs, made and taken back here"),
        ("Live calls", "each request, its decision, and the statement that decided"),
    )
    MEANWHILE = "Until then `kmstui call` makes any call from a shell."
