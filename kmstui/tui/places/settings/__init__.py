"""Settings. The keystore, its passphrases, the clock and the looks."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="settings",
    views={
        "": ViewSpec("kmstui.tui.places.settings.view:SettingsView"),
        "doctor": ViewSpec("kmstui.tui.places.settings.doctor:DoctorView"),
    },
    short="Setup",
)
