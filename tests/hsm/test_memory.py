"""Memory hygiene."""

from __future__ import annotations

import copy
import os
import pickle
import sys

import pytest

from kmstui.hsm import memory
from kmstui.hsm.memory import ProtectedPage


def test_hardening_is_read_back() -> None:
    """After hardening core files are off and, on Linux, the process is not dumpable."""
    memory.harden_process()
    not_dumpable, no_core_files = memory.process_protection()
    assert no_core_files
    assert not_dumpable == (sys.platform == "linux")


def test_page_holds_and_forgets() -> None:
    """A wiped page reads as zeros, through views made before too."""
    page = ProtectedPage()
    view = page.view(32)
    view[:] = b"k" * 32
    assert page.view(32) == b"k" * 32
    page.wipe()
    assert view == bytes(32)


def test_page_is_neither_copied_nor_pickled() -> None:
    """The root key's page cannot leave by copy or pickle."""
    page = ProtectedPage()
    for leak in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            leak(page)


def test_refused_protection_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system refuses to lock memory, the page works and says that it is not locked."""
    monkeypatch.setattr(memory, "_libc_call", lambda *_: False)
    page = ProtectedPage()
    page.view(4)[:] = b"data"
    assert (page.locked, page.excluded_from_dumps, page.wiped_on_fork) == (False, False, False)


@pytest.mark.skipif(sys.platform != "linux", reason="MADV_WIPEONFORK is Linux's")
def test_forked_child_reads_zeros() -> None:
    """A child does not inherit the page's content."""
    page = ProtectedPage()
    if not page.wiped_on_fork:
        pytest.skip("this kernel refuses MADV_WIPEONFORK")
    page.view(32)[:] = b"k" * 32
    child = os.fork()
    if child == 0:
        os._exit(0 if bytes(page.view(32)) == bytes(32) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert page.view(32) == b"k" * 32
