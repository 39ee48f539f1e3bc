"""Memory hygiene: what an ordinary process can do, done and read back.

What is here guards the root key's page and the process as a whole. Keys derived from the root key
are held by the cryptography library in ordinary memory, and Python's own copies of bytes cannot
be overwritten; nothing here promises otherwise.
"""

from __future__ import annotations

import ctypes
import mmap
import resource
import sys
from typing import NoReturn

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_MADV_DONTDUMP = 16
_MADV_WIPEONFORK = 18


class Unshareable:
    """A handle that refuses to be pickled or copied, because it leads to keys."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        message = f"a {type(self).__name__} is neither pickled nor copied"
        raise TypeError(message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(elided)"


class ProtectedPage(Unshareable):
    """One private page of memory, guarded as far as the operating system allows.

    Attributes:
        locked: ``mlock`` holds: the page is not swapped out.
        excluded_from_dumps: ``MADV_DONTDUMP`` holds.
        wiped_on_fork: ``MADV_WIPEONFORK`` holds: a child reads zeros.
    """

    __slots__ = ("_map", "excluded_from_dumps", "locked", "wiped_on_fork")

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        anchor = ctypes.c_char.from_buffer(self._map)
        address = ctypes.c_void_p(ctypes.addressof(anchor))
        size = ctypes.c_size_t(mmap.PAGESIZE)
        self.locked = _libc_call("mlock", address, size)
        self.excluded_from_dumps = _linux_call("madvise", address, size, _MADV_DONTDUMP)
        self.wiped_on_fork = _linux_call("madvise", address, size, _MADV_WIPEONFORK)

    def view(self, length: int) -> memoryview:
        """Return a writable view of the first bytes of the page."""
        return memoryview(self._map)[:length]

    def wipe(self) -> None:
        """Overwrite the page with zeros."""
        self._map[:] = bytes(mmap.PAGESIZE)


def harden_process() -> None:
    """Turn off core files and, on Linux, make the process unreadable to its user's others.

    Asks and does not insist: :func:`process_protection` says what holds.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    _linux_call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)


def process_protection() -> tuple[bool, bool]:
    """Return whether the process is not dumpable and whether core files are off, read back."""
    not_dumpable = _linux_call("prctl", _PR_GET_DUMPABLE, 0, 0, 0, 0)
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    return not_dumpable, soft == 0


def _libc_call(name: str, *arguments: object) -> bool:
    """Return whether a C library function exists and answers 0."""
    function = getattr(ctypes.CDLL(None), name, None)
    return function is not None and function(*arguments) == 0


def _linux_call(name: str, *arguments: object) -> bool:
    """As ``_libc_call``, and False off Linux, where the numbers mean something else."""
    return sys.platform == "linux" and _libc_call(name, *arguments)
