"""What is typed faster than the command line opens."""

from __future__ import annotations

import pytest
from textual.events import Key

from kmstui.tui.typeahead import Typeahead
from tests.helpers.console import console, probe, probes, settle

NAMES = {":": "colon", " ": "space"}
"""What Textual calls the keys that are not called by their character."""


def test_keys_are_held_in_order_and_given_back_once() -> None:
    """From the beginning until they are taken; before and after, nothing is held."""
    ahead = Typeahead()
    assert not ahead.hold(Key("a", "a"))
    ahead.begin()
    assert ahead.hold(Key("b", "b"))
    assert ahead.hold(Key("c", "c"))
    assert ["b", "c"] == [event.key for event in ahead.take()]
    assert not ahead.hold(Key("d", "d"))
    assert [] == ahead.take()


async def test_a_burst_after_the_colon_is_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb and enter that arrive with the colon reach the command line, not the view."""
    probes(monkeypatch)
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for character in ":describe A b":
            app.post_message(Key(NAMES.get(character, character), character))
        app.post_message(Key("enter", "\r"))
        await settle(pilot)
        await settle(pilot)
        assert [("edit-description", "A b")] == probe(app).done
