"""The algorithm of a call: said where a key has one, picked where it has several."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from kmstui.engine.key_kinds import AlgorithmFacts
from kmstui.tui import text
from kmstui.tui.places.keys.detail.try_it.form import labelled
from kmstui.tui.widgets.pick import Pick, PickOption

_FAMILIES = {"RSASSA_PSS": "PSS", "RSASSA_PKCS1_V1_5": "PKCS #1 v1.5", "RSAES_OAEP": "OAEP"}
_PREFERRED = ("RSASSA_PSS_SHA_256", "RSAES_OAEP_SHA_256")


class AlgorithmField(Vertical):
    """Picks an algorithm: how it pads, and how it hashes.

    Args:
        algorithms: Those of the key.
    """

    DEFAULT_CSS = "AlgorithmField { height: auto; }"

    class Changed(Message):
        """Another algorithm was picked."""

    def __init__(self, algorithms: tuple[AlgorithmFacts, ...]) -> None:
        super().__init__()
        self._algorithms = algorithms

    def compose(self) -> ComposeResult:
        """Lay out the name, or what can be picked."""
        if len(self._algorithms) == 1:
            name = Static(text.literal(self._algorithms[0].name), classes="only")
            yield labelled("Algorithm", name)
            return
        preferred = next(
            (each for each in self._algorithms if each.name in _PREFERRED), self._algorithms[0]
        )
        families = list(dict.fromkeys(map(_family, self._algorithms)))
        if len(families) > 1:
            options = [PickOption(each, _FAMILIES.get(each, each)) for each in families]
            yield labelled("Padding", Pick(options, _family(preferred), id="family"))
        digests = dict.fromkeys(each.digest for each in self._algorithms)
        hashes = [PickOption(each, each.replace("_", "-")) for each in digests]
        label = "Hash" if len(families) > 1 else f"{_FAMILIES.get(families[0], '')} hash"
        yield labelled(label, Pick(hashes, preferred.digest, id="digest"))

    @property
    def algorithm(self) -> AlgorithmFacts:
        """The one that is picked."""
        if len(self._algorithms) == 1:
            return self._algorithms[0]
        picked = {pick.id: pick.value for pick in self.query(Pick)}
        return next(
            each
            for each in self._algorithms
            if picked.get("family", _family(each)) == _family(each)
            and picked["digest"] == each.digest
        )

    def copy_from(self, other: AlgorithmField) -> None:
        """Pick what another field of the same algorithms has picked."""
        for mine, theirs in zip(self.query(Pick), other.query(Pick), strict=True):
            mine.value = theirs.value

    def entry(self) -> Widget | None:
        """Return what can be picked first."""
        return next(iter(self.query(Pick)), None)

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())


def _family(algorithm: AlgorithmFacts) -> str:
    return algorithm.name.removesuffix(f"_{algorithm.digest}")
