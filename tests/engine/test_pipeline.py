"""The order of a call's stages: nothing touches key material before every pair is authorised."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from kmstui.authz.model import Decision, Layer, Outcome
from kmstui.core.errors import AccessDeniedException, KmsError
from kmstui.core.spec import OperationSpec
from kmstui.engine import access
from kmstui.keystore.records import KeyState
from kmstui.ops import load
from tests.helpers.engines import OTHER_ACCOUNT, Answer, Bench, arn_of
from tests.helpers.requests import make_things, valid
from tests.helpers.spy import watch

EVERY = sorted(load())
USING = {
    "kms:CreateKey",
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GenerateRandom",
    "kms:GetParametersForImport",
    "kms:GetPublicKey",
    "kms:ImportKeyMaterial",
    "kms:ReEncrypt",
    "kms:RotateKeyOnDemand",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
}
DENIED = Decision(Outcome.EXPLICITLY_DENIED, Layer.RESOURCE, "a test", 1)
ALLOWED = Decision(Outcome.ALLOWED, Layer.RESOURCE, "a test", 1)


def perform(bench: Bench, name: str, request: Answer) -> None:
    """Make a sound call, whether or not the keystore is one that accepts it."""
    missing = name in {
        "kms:CancelKeyDeletion",
        "kmstui:RestoreCheckpoint",
        "kmstui:ExportBackup",
        "kmstui:DeleteOperator",
        "sts:AssumeRole",
        "kmstui:ResetMfa",
    }
    with pytest.raises(KmsError) if missing else nullcontext():
        bench.call(name, request)


@pytest.mark.parametrize("name", EVERY)
def test_authorisation_comes_before_key_material(
    training: Bench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Every pair of the spec is judged first; only cryptographic calls use the HSM's keys."""
    sent = valid(name, make_things(training))
    noted = watch(training, monkeypatch)
    perform(training, name, sent)
    spec: OperationSpec = load()[name]
    pairs = [needs for needs in spec.needs if not needs.when or needs.when in sent]
    assert noted[: len(pairs)] == ["authorise"] * len(pairs)
    later = noted[len(pairs) :]
    # After work without the lock everything is judged once more.
    again = 0 if spec.apart is None else len(pairs)
    assert later.count("authorise") in {0, again}
    assert any(note != "authorise" for note in later) == (name in USING)


@pytest.mark.parametrize("name", [name for name in EVERY if load()[name].needs])
def test_a_denied_call_uses_no_key_material(
    training: Bench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """When the first pair is denied, nothing of the operation happens."""
    request = valid(name, make_things(training))
    generation = training.core.keystore.head.generation
    noted = watch(training, monkeypatch)
    monkeypatch.setattr(access, "evaluate", lambda *_: DENIED)
    training.core.access.forget()
    error = training.refusal(name, request)
    assert isinstance(error, AccessDeniedException)
    assert noted == ["authorise"]
    assert generation == training.core.keystore.head.generation
    event = training.last_event()
    assert event["errorCode"] == "AccessDenied"
    assert event["responseElements"] is None


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in EVERY
        if len(load()[name].needs) > 1 and not any(needs.when for needs in load()[name].needs)
    ],
)
def test_every_pair_can_deny(bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An operation that needs several permissions is refused for want of any of them."""
    spec, request = load()[name], valid(name, make_things(bench))
    for number, needs in enumerate(spec.needs):
        # The pair that is denied is looked at twice more: would a fresh code help?
        judged = iter([*range(number + 1), number])

        def judge(*_: object, at: int = number, turn: object = judged) -> Decision:
            here = next(turn)  # type: ignore[call-overload]  # an iterator of places
            return DENIED if here == at else ALLOWED

        monkeypatch.setattr(access, "evaluate", judge)
        bench.core.access.forget()
        error = bench.refusal(name, request)
        assert f"perform: {needs.action}" in error.message
        assert error.message.endswith("with an explicit deny in a resource-based policy")


def test_tags_of_a_new_key_need_their_own_permission(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CreateKey with tags needs kms:TagResource as well; without tags it does not."""
    noted = watch(bench, monkeypatch)
    bench.call("CreateKey")
    assert noted == ["authorise", "hsm generate"]
    noted.clear()
    bench.call("CreateKey", Tags=[{"TagKey": "a", "TagValue": ""}])
    assert noted == ["authorise", "authorise", "hsm generate"]


@pytest.mark.parametrize(
    "members",
    [
        {"KeyId": "nonsense"},
        {"Plaintext": b""},
        {"KeyId": arn_of("1234abcd-12ab-34cd-56ef-1234567890ab", account=OTHER_ACCOUNT)},
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
    ],
)
def test_a_refused_call_uses_no_key_material(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, members: dict[str, object]
) -> None:
    """Whatever stage refuses, the HSM's keys are not used."""
    things = make_things(bench)
    noted = watch(bench, monkeypatch)
    bench.refusal("Encrypt", valid("kms:Encrypt", things) | members)
    assert [note for note in noted if note != "authorise"] == []


def test_an_unusable_key_is_not_used(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """State and usage refuse before the HSM is asked."""
    things = make_things(bench)
    noted = watch(bench, monkeypatch)
    bench.force(things.key, state=KeyState.DISABLED)
    bench.refusal("Decrypt", valid("kms:Decrypt", things))
    bench.force(things.key, state=KeyState.ENABLED, key_usage="SIGN_VERIFY")
    bench.refusal("Decrypt", valid("kms:Decrypt", things))
    assert noted == ["authorise", "authorise"]


def test_an_operation_that_is_not_there_is_unknown(bench: Bench) -> None:
    """The names are exact, and nothing else is reached through them."""
    for name in ("kms:Nonsense", "kms:encrypt", "iam:Encrypt", "kms:", ""):
        with pytest.raises(KmsError) as refused:
            bench.engine.call(bench.session, name)
        assert refused.value.code == "UnknownOperationException"


def test_a_fault_of_ours_is_an_internal_failure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception inside an operation names no values, is recorded once and changes nothing."""

    def fail(*_: object) -> None:
        canary = "canary-of-a-fault"
        raise RuntimeError(canary)

    key = bench.key()
    generation = bench.core.keystore.head.generation
    before = bench.sequence()
    with monkeypatch.context() as patched:
        patched.setattr(bench.core.keystore, "begin", fail)
        error = bench.refusal("DisableKey", KeyId=key)
    assert (error.code, error.http_status) == ("KMSInternalException", 500)
    assert "canary" not in error.message + error.hint
    (event,) = bench.events(after=before)
    assert event["errorCode"] == "KMSInternalException"
    assert event["requestID"] in error.message
    assert generation == bench.core.keystore.head.generation
