"""Importing key material in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kmstui.core.errors import KmsError
from kmstui.engine.wrapping import wrap_material, wrapping_choices
from tests.helpers.engines import REGION, Answer, Bench

FOR_EVER: Final[Mapping[str, Any]] = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
"""What an import without an end says."""

USAGES: Final = {"HMAC": "GENERATE_VERIFY_MAC", "ECC": "SIGN_VERIFY", "RSA": "SIGN_VERIFY"}


@dataclass(slots=True)
class Importer:
    """Imports into keys of a keystore; one wrapping key for each is asked for and kept.

    Attributes:
        bench: The keystore.
        region: Where the keys are.
        given: The parameters of each key.
    """

    bench: Bench
    region: str = REGION
    given: dict[str, Answer] = field(default_factory=dict)

    def key(self, spec: str = "SYMMETRIC_DEFAULT", **members: Any) -> str:
        """Create a key that waits for its import; return its id."""
        usage = USAGES.get(spec.split("_", 1)[0], "ENCRYPT_DECRYPT")
        return self.bench.key(
            **{"KeySpec": spec, "KeyUsage": usage, "Origin": "EXTERNAL", **members}
        )

    def parameters(self, key: str) -> Answer:
        """Return the parameters of a key's import, with the smallest wrapping key."""
        if key not in self.given:
            found = self.bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["KeySpec"]
            choices = wrapping_choices(found)
            algorithm = choices[0][0]
            size = min(size for name, size in choices if name == algorithm)
            answer = self.bench.call(
                "GetParametersForImport",
                KeyId=key,
                WrappingAlgorithm=algorithm,
                WrappingKeySpec=size,
            )
            self.given[key] = {**answer, "WrappingAlgorithm": algorithm}
        return self.given[key]

    def forget(self, key: str) -> None:
        """Ask for new parameters the next time."""
        del self.given[key]

    def request(
        self, key: str, material: bytes, expires: datetime | None = None, **members: Any
    ) -> Answer:
        """Return the request that imports material."""
        given = self.parameters(key)
        wrapped = wrap_material(given["PublicKey"], given["WrappingAlgorithm"], material)
        ending = FOR_EVER if expires is None else {"ValidTo": expires}
        return {
            "KeyId": key,
            "ImportToken": given["ImportToken"],
            "EncryptedKeyMaterial": wrapped,
            **ending,
            **members,
        }

    def put(self, key: str, material: bytes, **members: Any) -> Answer:
        """Import material; return the answer."""
        return self.bench.call("ImportKeyMaterial", self.request(key, material, **members))

    def refused(self, key: str, material: bytes, **members: Any) -> KmsError:
        """Return what the import of material ends with."""
        return self.bench.refusal("ImportKeyMaterial", self.request(key, material, **members))

    @contextmanager
    def elsewhere(self, region: str) -> Iterator[Importer]:
        """Sign in to another Region for a while."""
        home = self.bench.session
        self.bench.session = self.bench.engine.switch_region(home, region)
        try:
            yield Importer(self.bench, region)
        finally:
            self.bench.session = home
