"""The rollback anchor: how far the keystore had come, kept outside its directory.

Whoever puts back an old copy of the whole keystore has to find and put back this file too. It is
replaced after every commit without waiting for the disk: losing the last ones to a power cut
makes it older than the keystore, which is no alarm.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kmstui.core.canonical import encode
from kmstui.core.errors import KmstuiError
from kmstui.core.files import Directory, Disk
from kmstui.core.strictjson import dumps, loads
from kmstui.hsm.base import Hsm, Purpose

ANCHOR_BYTES = 1024
"""Longest anchor file that is read."""


@dataclass(slots=True)
class Anchor:
    """The anchor file of one keystore.

    Attributes:
        directory: Where anchors are kept; None keeps none.
        store_id: The keystore.
        disk: The system calls.
        keystore: Where the keystore is. A backup that is restored elsewhere, to try it, has an
            anchor of its own and does not make the original look old.
    """

    directory: Path | None
    store_id: str
    disk: Disk
    keystore: Path | None = None

    @property
    def name(self) -> str:
        """The file's name: the keystore's id and a digest of its place."""
        place = os.fsencode(self.keystore.resolve()) if self.keystore is not None else b""
        return f"{self.store_id}-{sha256(place).hexdigest()[:16]}.json"

    def read(self, hsm: Hsm) -> int | None:
        """Return the generation that was last anchored.

        None if there is no anchor, or none that was made with this keystore's keys: whoever can
        write a false one could as well remove it, so both mean that there is no protection.
        """
        if self.directory is None:
            return None
        try:
            with Directory.open(self.directory, disk=self.disk) as directory:
                data = directory.read(self.name, ANCHOR_BYTES)
            value = loads(data)
        except (OSError, KmstuiError):
            return None
        generation = value.get("generation") if isinstance(value, dict) else None
        if type(generation) is not int or not 0 <= generation < 1 << 63:
            return None
        # A file has one text: written anew it must be the same bytes, MAC and all.
        return generation if hmac.compare_digest(data, self._encode(hsm, generation)) else None

    def write(self, hsm: Hsm, generation: int) -> bool:
        """Anchor a generation; return whether that could be done.

        The commit it follows is durable already, so a failure is reported, not raised.
        """
        if self.directory is None:
            return False
        data = self._encode(hsm, generation)
        try:
            with Directory.create(self.directory, disk=self.disk) as directory:
                directory.replace(self.name, data, durable=False)
        except (OSError, KmstuiError):
            return False
        return True

    def _encode(self, hsm: Hsm, generation: int) -> bytes:
        mac = hsm.mac(Purpose.ANCHOR, encode("anchor", self.store_id, generation)).hex()
        return dumps(
            {"format": 1, "generation": generation, "mac": mac, "store_id": self.store_id}
        )
