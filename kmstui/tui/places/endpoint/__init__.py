"""Endpoint. The AWS KMS protocol on this machine, for boto3 and the CLI."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="endpoint",
    views={"": ViewSpec("kmstui.tui.places.endpoint.view:ComingView")},
    short="Wire",
)
