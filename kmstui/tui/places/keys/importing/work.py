"""The import itself: parameters, wrapping, import, verifying, one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.engine.wrapping import wrap_material
from kmstui.tui import timefmt
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.importing.plan import NEW, Terms

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class Mark(Enum):
    """How far a stage is."""

    WAITS = ("·", "$muted")
    RUNS = ("◌", "$info")
    DONE = ("✓", "$ok")
    FAILED = ("✗", "$danger")
    STOPPED = ("▲", "$warn")

    def __init__(self, glyph: str, style: str) -> None:
        self.glyph = glyph
        self.style = style


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the import.

    Attributes:
        title: What it is.
        mark: How far it is.
        said: What came of it.
    """

    title: str
    mark: Mark = Mark.WAITS
    said: str = ""


TITLES = ("Parameters", "Wrap", "Import", "Verify")


class Import:
    """Carries an import out and tells how far it is.

    Args:
        console: The application.
        key: The key.
        material: What is imported; wiped once it is wrapped.
        terms: How.
        told: Called whenever a stage changes.
    """

    def __init__(
        self,
        console: KmsApp,
        key: KeySummary,
        material: Secret,
        terms: Terms,
        told: Callable[[], None],
    ) -> None:
        self._console = console
        self._key = key
        self._material = material
        self._terms = terms
        self._told = told
        self._stopping = False
        self.stages = [Stage(title) for title in TITLES]
        self.error: KmsError | None = None
        self.running = False
        self.imported = False
        """Whether the key has the material."""

    @property
    def done(self) -> bool:
        """Whether all of it was done."""
        return all(stage.mark is Mark.DONE for stage in self.stages)

    @property
    def stopping(self) -> bool:
        """Whether it ends before its next stage."""
        return self._stopping

    def stop(self) -> None:
        """End before the next stage; what runs is not interrupted."""
        self._stopping = True
        self._told()

    async def run(self) -> None:
        """Do one stage after the other until one fails or it is stopped."""
        self.running = True
        try:
            await self._run()
        finally:
            self._material.wipe()
            self.running = False
            self._told()

    async def _run(self) -> None:
        parameters = await self._stage(0, self._parameters)
        if parameters is None:
            return
        wrapped = await self._stage(1, lambda: self._wrap(parameters))
        if wrapped is None:
            return
        imported = await self._stage(2, lambda: self._import(parameters, wrapped["Wrapped"]))
        if imported is None:
            return
        self.imported = True
        # What is imported is imported: to look at it is no reason to stop.
        self._stopping = False
        await self._stage(3, self._verify)

    async def _stage(
        self, index: int, work: Callable[[], Awaitable[tuple[Mapping[str, Any], str]]]
    ) -> Mapping[str, Any] | None:
        if self._stopping or self._console.session is None:
            self._set(index, Mark.STOPPED, "stopped before this; nothing was imported")
            return None
        self._set(index, Mark.RUNS)
        try:
            answer, said = await work()
        except KmsError as error:
            self.error = error
            self._set(index, Mark.FAILED, error.code)
            return None
        self._set(index, Mark.DONE, said)
        return answer

    def _set(self, index: int, mark: Mark, said: str = "") -> None:
        self.stages[index] = replace(self.stages[index], mark=mark, said=said)
        self._told()

    async def _call(self, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        outcome, answer = await self._console.attempt(operation, request, about=self._key.label)
        if outcome.error is not None:
            raise outcome.error
        return answer or {}

    async def _parameters(self) -> tuple[Mapping[str, Any], str]:
        answer = await self._call("GetParametersForImport", self._terms.parameters(self._key))
        until = timefmt.stamp(answer["ParametersValidTo"])
        return answer, f"{self._terms.wrapping_key} key; token good until {until}"

    async def _wrap(self, parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        public, algorithm = parameters["PublicKey"], self._terms.algorithm
        size = len(self._material)
        wrapped: bytes = await self._console.caller.run(
            wrap_material, public, algorithm, self._material.reveal()
        )
        self._material.wipe()
        said = f"{size:,} bytes into {len(wrapped):,} with {algorithm}"
        return {"Wrapped": wrapped}, said

    async def _import(
        self, parameters: Mapping[str, Any], wrapped: bytes
    ) -> tuple[Mapping[str, Any], str]:
        request = self._terms.request(self._key, parameters["ImportToken"], wrapped)
        answer = await self._call("ImportKeyMaterial", request)
        ends = self._terms.expires
        said = "does not expire" if ends is None else f"expires {timefmt.stamp(ends)}"
        return answer, said

    async def _verify(self) -> tuple[Mapping[str, Any], str]:
        answer = await self._console.fetch("DescribeKey", KeyId=self._key.arn)
        state = str(answer["KeyMetadata"]["KeyState"])
        if state == "PendingImport":
            return answer, "it is in, and other material of the key is still missing"
        if self._terms.kind == NEW:
            return answer, f"the key is {state}; the new material waits until O rotates to it"
        return answer, f"the key is {state}"
