"""One function per operation, each beside its spec; importing a module registers them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from kmstui.core.spec import OperationSpec, registry

__all__ = ["load"]


def load() -> Mapping[str, OperationSpec]:
    """Import every operation module below this package and return the registry."""
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    return registry()
