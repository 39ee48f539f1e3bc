"""The demo keystore: a believable account, made by real calls over a past year."""

from __future__ import annotations

from kmstui.engine.demo.build import (
    DEMO_PASSPHRASE,
    START,
    build_demo,
    demo_passphrase,
    ensure_demo,
)

__all__ = [
    "DEMO_PASSPHRASE",
    "START",
    "build_demo",
    "demo_passphrase",
    "ensure_demo",
]
