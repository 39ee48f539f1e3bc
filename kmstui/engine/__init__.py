"""The engine: sessions, the call pipeline, maintenance; its facade is the one door for edges."""

from __future__ import annotations

from kmstui.engine.facade import Engine
from kmstui.engine.host import Host
from kmstui.engine.session import Session
from kmstui.engine.status import EngineEvent, EngineStatus

__all__ = ["Engine", "EngineEvent", "EngineStatus", "Host", "Session"]
