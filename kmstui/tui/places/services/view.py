"""What Services will hold."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class ComingView(Coming):
    """Says what will be here."""

    LEAD = "How AWS services use a key on your behalf."
    POINTS = (
        ("Service calls", "what S3, EBS or RDS would ask of a key, step by step"),
        ("ViaService", "conditions that tie a key to one service, tried out"),
        ("Envelope encryption", "data keys, where they lie and who opens them"),
    )
    MEANWHILE = "Until then a key's Try-it tab makes data keys by hand."
