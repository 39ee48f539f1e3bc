"""The life of keys with rotation, imported material and replicas, against a small model.

A short run each time; ``KMSTUI_LIVES=5000`` in the environment makes so many.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from kmstui.core.errors import KmsError
from kmstui.engine.wrapping import wrap_material
from kmstui.hsm import rsa as hsm_rsa
from tests.helpers.engines import ACCOUNT, Answer, Bench
from tests.helpers.key_model import (
    AWAY,
    DISABLED,
    ENABLED,
    HOME,
    PENDING_IMPORT,
    PENDING_REPLICA,
    REGIONS,
    STATE,
    UNSUPPORTED,
    Copy,
    Key,
)

LIVES = int(os.environ.get("KMSTUI_LIVES", "80"))
PICK = st.integers(min_value=0, max_value=9)
REGION = st.sampled_from([HOME, AWAY])
MOST_KEYS = 3
OAEP = "RSAES_OAEP_SHA_256"
WRAPPING: list[rsa.RSAPrivateKey] = []


def _wrapping_key(_spec: object) -> rsa.RSAPrivateKey:
    """Return one wrapping key for all: what is tried here is not how it is made."""
    if not WRAPPING:
        WRAPPING.append(rsa.generate_private_key(65537, 2048))
    return WRAPPING[0]


class KeyLife(RuleBasedStateMachine):
    """Calls on a training keystore, each with the outcome that the model foretells."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        base = Path(self.directory.name)
        base.chmod(0o700)
        self.patch = mock.patch.object(hsm_rsa, "generate", _wrapping_key)
        self.patch.start()
        self.bench = Bench.make(base, training=True)
        self.keys: dict[str, Key] = {}
        self.ids: dict[tuple[str, int], str] = {}
        self.gone: list[tuple[str, bytes]] = []
        self._sign_in()

    def _sign_in(self) -> None:
        home = self.bench.session
        away = self.bench.engine.switch_region(home, AWAY)
        self.sessions = {HOME: home, AWAY: away}

    def teardown(self) -> None:
        """Give the keystore up."""
        self.bench.close()
        self.patch.stop()
        self.directory.cleanup()

    @property
    def now(self) -> datetime:
        """Account time."""
        return self.bench.core.now()

    def pick(self, number: int, region: str) -> tuple[str, Key, str]:
        """Return one of the keys, and a Region that it is in."""
        key = sorted(self.keys)[number % len(self.keys)]
        model = self.keys[key]
        return key, model, region if region in model.copies else next(iter(model.copies))

    def call(self, expected: str, region: str, operation: str, **members: Any) -> Answer:
        """Make a call that must end with that code; empty for success."""
        found, answer, text = "", {}, ""
        try:
            answer = self.bench.engine.call(self.sessions[region], operation, members)
        except KmsError as error:
            found, text = error.code, error.message
        assert expected == found, (operation, region, members, text)
        return answer

    @property
    def resting(self) -> bool:
        """Whether no key is on its way out; then one may be sent on it."""
        copies = [copy for model in self.keys.values() for copy in model.copies.values()]
        return bool(copies) and not any(copy.leaving for copy in copies)

    def metadata(self, key: str, region: str) -> dict[str, Any]:
        """Return a key's metadata."""
        found: dict[str, Any] = self.call("", region, "kms:DescribeKey", KeyId=key)["KeyMetadata"]
        return found

    @initialize(imported=st.booleans(), replica=st.booleans())
    def begin(self, imported: bool, replica: bool) -> None:
        """Have a multi-Region key that can be used, sometimes with a replica of it."""
        self.create(imported=imported, multi=True)
        if imported:
            self.bring(number=0, region=HOME, which=0, new=None, days=0)
        if replica:
            self.replicate(number=0)
        if imported and replica:
            self.bring(number=0, region=AWAY, which=0, new=None, days=0)

    @precondition(lambda self: len(self.keys) < MOST_KEYS)
    @rule(imported=st.booleans(), multi=st.booleans())
    def create(self, imported: bool, multi: bool) -> None:
        """Create a key."""
        origin = "EXTERNAL" if imported else "AWS_KMS"
        answer = self.call("", HOME, "kms:CreateKey", Origin=origin, MultiRegion=multi)
        found = answer["KeyMetadata"]
        state = PENDING_IMPORT if imported else ENABLED
        materials = [] if imported else [found["CurrentKeyMaterialId"]]
        self.keys[found["KeyId"]] = Key(imported, multi, {HOME: Copy(state)}, materials)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION, enable=st.booleans())
    def toggle(self, number: int, region: str, enable: bool) -> None:
        """Enable or disable a key."""
        key, model, region = self.pick(number, region)
        expected = model.toggle(region)
        self.call(expected, region, f"kms:{'Enable' if enable else 'Disable'}Key", KeyId=key)
        if not expected:
            model.copies[region].state = ENABLED if enable else DISABLED
            self._rotated(key, model)

    @precondition(lambda self: self.resting)
    @rule(number=PICK, region=REGION, days=st.sampled_from([7, 9]))
    def schedule(self, number: int, region: str, days: int) -> None:
        """Schedule a deletion."""
        key, model, region = self.pick(number, region)
        expected = STATE if model.copies[region].leaving else ""
        members = {"KeyId": key, "PendingWindowInDays": days}
        self.call(expected, region, "kms:ScheduleKeyDeletion", **members)
        if not expected:
            model.schedule(region, days, self.now)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION)
    def cancel(self, number: int, region: str) -> None:
        """Cancel a deletion, of a key that leaves if there is one."""
        key, model, region = self.pick(number, region)
        for other, each in self.keys.items():
            for place, copy in each.copies.items():
                if copy.leaving and number % 3:
                    key, model, region = other, each, place
        leaving = model.copies[region].leaving
        self.call("" if leaving else STATE, region, "kms:CancelKeyDeletion", KeyId=key)
        if leaving:
            model.cancel(region)

    @precondition(lambda self: self.keys and not self.resting)
    @rule()
    def schedule_more(self) -> None:
        """Schedule the deletion of what leaves already, and of the replicas it waits for."""
        for key, model in self.keys.items():
            waiting = any(copy.state == PENDING_REPLICA for copy in model.copies.values())
            for region, copy in model.copies.items():
                if copy.leaving:
                    self.call(STATE, region, "kms:ScheduleKeyDeletion", KeyId=key)
                elif waiting:
                    members = {"KeyId": key, "PendingWindowInDays": 7}
                    self.call("", region, "kms:ScheduleKeyDeletion", **members)
                    model.schedule(region, 7, self.now)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION, plaintext=st.binary(min_size=1, max_size=8))
    def encrypt(self, number: int, region: str, plaintext: bytes) -> None:
        """Encrypt with a key, in any of its Regions."""
        key, model, region = self.pick(number, region)
        members = {"KeyId": key, "Plaintext": plaintext}
        answer = self.call(model.use(region), region, "kms:Encrypt", **members)
        if answer:
            model.blobs.append((answer["CiphertextBlob"], plaintext, model.materials[-1]))

    @precondition(lambda self: any(model.blobs for model in self.keys.values()))
    @rule(region=REGION)
    def decrypt_everything(self, region: str) -> None:
        """Every ciphertext that a key ever made opens with it wherever it is enabled."""
        for model in self.keys.values():
            for blob, plaintext, material in model.blobs:
                expected = model.use(region) if region in model.copies else "AccessDeniedException"
                answer = self.call(expected, region, "kms:Decrypt", CiphertextBlob=blob)
                if answer:
                    assert plaintext == answer["Plaintext"]
                    assert material == answer["KeyMaterialId"]

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION)
    def rotate(self, number: int, region: str) -> None:
        """Rotate on demand."""
        key, model, region = self.pick(number, region)
        expected = model.rotation(region, self.now)
        self.call(expected, region, "kms:RotateKeyOnDemand", KeyId=key)
        if not expected:
            model.on_demand += 1
            self._take_new(key, model)

    def _take_new(self, key: str, model: Key) -> None:
        found = self.metadata(key, HOME)["CurrentKeyMaterialId"]
        assert found not in model.materials
        if model.imported:
            assert found == model.pending
            model.pending = ""
        model.materials.append(found)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION, days=st.sampled_from([0, 90, 120]))
    def reschedule(self, number: int, region: str, days: int) -> None:
        """Turn automatic rotation on, with a period, or off."""
        key, model, region = self.pick(number, region)
        expected = model.scheduling(region)
        if days:
            members = {"KeyId": key, "RotationPeriodInDays": days}
            self.call(expected, region, "kms:EnableKeyRotation", **members)
        else:
            self.call(expected, region, "kms:DisableKeyRotation", KeyId=key)
        if not expected:
            model.period = days
            model.rotates = self.now + timedelta(days=days) if days else None

    @precondition(lambda self: self.keys)
    @rule(
        number=PICK,
        region=REGION,
        which=st.sampled_from([0, 0, 1, 1, 2]),
        new=st.sampled_from([None, True, True, False]),
        days=st.sampled_from([0, 0, 2, 40]),
    )
    def bring(self, number: int, region: str, which: int, new: bool | None, days: int) -> None:
        """Import one of a few materials."""
        key, model, region = self.pick(number, region)
        expected = model.import_parameters(region)
        asked = {"KeyId": key, "WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048"}
        answer = self.call(expected, region, "kms:GetParametersForImport", **asked)
        if not answer:
            return
        known = self.ids.get((key, which), "")
        had = known if known in {*model.materials, model.pending} else ""
        expected = model.importing(region, had, new=new)
        expires = self.now + timedelta(days=days) if days else None
        members: dict[str, Any] = {
            "KeyId": key,
            "ImportToken": answer["ImportToken"],
            "EncryptedKeyMaterial": wrap_material(answer["PublicKey"], OAEP, bytes([which]) * 32),
            "ExpirationModel": f"KEY_MATERIAL_{'EXPIRES' if days else 'DOES_NOT_EXPIRE'}",
        }
        if expires is not None:
            members["ValidTo"] = expires
        if new is not None:
            members["ImportType"] = "NEW_KEY_MATERIAL" if new else "EXISTING_KEY_MATERIAL"
        answer = self.call(expected, region, "kms:ImportKeyMaterial", **members)
        if not expected:
            found = answer["KeyMaterialId"]
            assert known in {"", found}
            self.ids[key, which] = found
            model.place(region, found, expires)

    @precondition(lambda self: any(model.imported for model in self.keys.values()))
    @rule(which=st.sampled_from([1, 2]), far=st.booleans(), days=st.sampled_from([0, 2]))
    def prepare(self, which: int, far: bool, days: int) -> None:
        """Import what is to be rotated to: into the primary, and maybe into the replica."""
        for number, key in enumerate(sorted(self.keys)):
            model = self.keys[key]
            if model.imported and HOME in model.copies:
                self.bring(number, HOME, which, True, days)
                if far and AWAY in model.copies:
                    self.bring(number, AWAY, which, False, 0)

    @precondition(lambda self: self.resting)
    @rule(number=PICK, days=st.sampled_from([7, 8]))
    def end(self, number: int, days: int) -> None:
        """Schedule the deletion of a key in all its Regions, and wait for some of them."""
        self.schedule(number, HOME, 7)
        self.schedule_more()
        self.wait(days)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, region=REGION, pending=st.booleans())
    def take_away(self, number: int, region: str, pending: bool) -> None:
        """Delete imported material: the current, or what waits for rotation."""
        key, model, region = self.pick(number, region)
        members = {"KeyId": key}
        material = model.materials[-1] if model.materials else ""
        if pending and model.pending:
            members["KeyMaterialId"] = material = model.pending
        expected = "" if model.imported else UNSUPPORTED
        self.call(expected, region, "kms:DeleteImportedKeyMaterial", **members)
        if not expected and material in model.copies[region].have:
            model.remove(region, material)

    @precondition(lambda self: any(HOME in model.copies for model in self.keys.values()))
    @rule(number=PICK)
    def replicate(self, number: int) -> None:
        """Replicate a key."""
        key, model, _ = self.pick(number, HOME)
        if HOME not in model.copies:
            return
        expected = model.use(HOME)
        if not expected and not model.multi:
            expected = UNSUPPORTED
        if not expected and AWAY in model.copies:
            expected = "AlreadyExistsException"
        self.call(expected, HOME, "kms:ReplicateKey", KeyId=key, ReplicaRegion=AWAY)
        if not expected:
            model.copies[AWAY] = Copy(PENDING_IMPORT if model.imported else ENABLED)

    @rule(days=st.sampled_from([1, 3, 3, 8, 45, 100]))
    def wait(self, days: int) -> None:
        """Move account time; what is due is done."""
        self.call("", HOME, "kmstui:AdvanceClock", Seconds=days * 86400)
        self._maintained()

    def _rotated(self, key: str, model: Key) -> None:
        """Expect the rotation of a key that is enabled and overdue."""
        now = self.now
        if model.rotates_at(now):
            self._take_new(key, model)
            model.rotates = now + timedelta(days=model.period)

    def _maintained(self) -> None:
        now = self.now
        for key, model in list(self.keys.items()):
            self._rotated(key, model)
            model.maintain(now)
            if not model.copies:
                blob = model.blobs[0][0] if model.blobs else b""
                self.gone.append((key, blob))
                del self.keys[key]

    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        """Close the engine, or lose it, and open the keystore again."""
        if crash:
            self.bench.crash()
            self.bench.restart()
        else:
            self.bench.reopen()
        self._sign_in()
        self._maintained()

    @precondition(lambda self: self.gone)
    @rule(number=PICK, region=REGION)
    def haunt(self, number: int, region: str) -> None:
        """A key that was destroyed everywhere is not found, and its ciphertext is nobody's."""
        key, blob = self.gone[number % len(self.gone)]
        self.call("NotFoundException", region, "kms:DescribeKey", KeyId=key)
        if blob:
            self.call("AccessDeniedException", region, "kms:Decrypt", CiphertextBlob=blob)

    @invariant()
    def keys_are_as_the_model_says(self) -> None:
        """State, dates and current material of each key in each Region agree with the model."""
        for key, model in self.keys.items():
            assert set(model.copies) == {
                region for region in REGIONS if self.bench.core.keystore.key(*_place(region, key))
            }
            for region, copy in model.copies.items():
                found = self.metadata(key, region)
                assert copy.state == found["KeyState"]
                assert copy.due == found.get("DeletionDate")
                current = model.materials[-1] if model.materials else None
                assert current == found.get("CurrentKeyMaterialId")

    @invariant()
    def materials_are_as_the_model_says(self) -> None:
        """Every material that belongs to a key, or waits, is listed with what is known of it."""
        for key, model in self.keys.items():
            for region, copy in model.copies.items():
                members = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
                listed = self.call("", region, "kms:ListKeyRotations", **members)["Rotations"]
                expected = [*model.materials, *([model.pending] if model.pending else [])]
                assert expected == [entry["KeyMaterialId"] for entry in listed]
                assert model.states == [entry["KeyMaterialState"] for entry in listed]
                if model.imported:
                    here = {
                        entry["KeyMaterialId"]: entry.get("ValidTo")
                        for entry in listed
                        if entry["ImportState"] == "IMPORTED"
                    }
                    assert here == copy.have


def _place(region: str, key: str) -> tuple[str, str, str]:
    return ACCOUNT, region, key


TestKeyLife: Callable[..., Any] = KeyLife.TestCase
TestKeyLife.settings = settings(  # type: ignore[attr-defined]
    max_examples=LIVES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=LIVES == 80,
)
