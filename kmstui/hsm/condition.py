"""How an HSM and the memory of its process are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryProtection:
    """How this process guards its memory, as the operating system reports it.

    Attributes:
        not_dumpable: Neither core dumps nor other processes of the user may read the process.
        no_core_files: The limit on core files is zero.
        locked: The root key's page is not swapped out.
        excluded_from_dumps: The root key's page is left out of dumps.
        wiped_on_fork: The root key's page reads as zeros in a forked child.
    """

    not_dumpable: bool
    no_core_files: bool
    locked: bool
    excluded_from_dumps: bool
    wiped_on_fork: bool

    @property
    def complete(self) -> bool:
        """Whether every protection is in force."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not in force, in words."""
        facts = (
            (self.not_dumpable, "process not dumpable"),
            (self.no_core_files, "core files off"),
            (self.locked, "root key locked in RAM"),
            (self.excluded_from_dumps, "root key left out of dumps"),
            (self.wiped_on_fork, "root key wiped on fork"),
        )
        return tuple(text for holds, text in facts if not holds)

    @property
    def line(self) -> str:
        """One line for a status page; says what is not protected as plainly as what is."""
        limits = "derived keys are in ordinary memory of this process until lock"
        if self.complete:
            return f"memory protection: root key guarded; {limits}"
        return f"memory protection: reduced, without {', '.join(self.missing)}; {limits}"


@dataclass(frozen=True, slots=True)
class HsmStatus:
    """The HSM's condition, for ``doctor`` and the Settings page.

    Attributes:
        unlocked: Whether keys are loaded.
        self_tested: Whether the power-on self-tests have passed in this process.
        memory: Memory protection as it truly is.
        cached_materials: Unwrapped key materials held now.
        cache_capacity: The most that are held.
    """

    unlocked: bool
    self_tested: bool
    memory: MemoryProtection
    cached_materials: int
    cache_capacity: int
