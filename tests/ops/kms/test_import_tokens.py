"""Import tokens: for one day, one key and one public key, and only as they were given out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.engines import Bench
from tests.helpers.imports import Importer

DAY = timedelta(days=1)
OLD = bytes(range(32))


@pytest.fixture
def importer(bench: Bench) -> Importer:
    """Return something that imports into keys of a keystore."""
    return Importer(bench)


def test_a_token_ends_after_24_hours(importer: Importer) -> None:
    """At its last second it works, as often as one likes; then it has expired."""
    bench, key = importer.bench, importer.key()
    importer.parameters(key)
    bench.clock.advance(DAY - timedelta(seconds=1))
    importer.put(key, OLD)
    importer.put(key, OLD)
    bench.clock.advance(1)
    assert importer.refused(key, OLD).code == "ExpiredImportTokenException"


def test_a_token_is_for_one_key_and_one_public_key(importer: Importer) -> None:
    """Another key's token is invalid; material wrapped with another public key is unreadable."""
    first, second = importer.key(), importer.key()
    request = importer.request(first, OLD)
    foreign = {**request, "ImportToken": importer.parameters(second)["ImportToken"]}
    assert importer.bench.refusal("ImportKeyMaterial", foreign).code == (
        "InvalidImportTokenException"
    )
    importer.forget(first)
    mixed = {
        **importer.request(first, OLD),
        "EncryptedKeyMaterial": request["EncryptedKeyMaterial"],
    }
    error = importer.bench.refusal("ImportKeyMaterial", mixed)
    assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_a_token_survives_a_restart_and_no_other_keystore(
    importer: Importer, training: Bench
) -> None:
    """Nothing of an import is kept in memory; another keystore's token is none."""
    bench, key = importer.bench, importer.key()
    request = importer.request(key, OLD)
    bench.reopen()
    bench.call("ImportKeyMaterial", request)
    other = training.key(Origin="EXTERNAL")
    error = training.refusal("ImportKeyMaterial", {**request, "KeyId": other})
    assert error.code == "InvalidImportTokenException"


def test_an_altered_token_is_invalid(importer: Importer) -> None:
    """Whichever bit is changed, whatever is cut off or added, nothing is imported."""
    bench, key = importer.bench, importer.key()
    request = importer.request(key, OLD)
    token: bytes = request["ImportToken"]

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        st.one_of(
            st.tuples(st.integers(min_value=0, max_value=len(token) * 8 - 1), st.just(len(token))),
            st.tuples(st.none(), st.integers(min_value=1, max_value=len(token) + 40)),
        )
    )
    def altered(change: tuple[int | None, int]) -> None:
        bit, size = change
        changed = bytearray(token.ljust(size, b"\0")[:size])
        if bit is not None:
            changed[bit // 8] ^= 1 << bit % 8
        if changed == token:
            return
        error = bench.refusal("ImportKeyMaterial", {**request, "ImportToken": bytes(changed)})
        assert error.code == "InvalidImportTokenException"

    altered()
    assert bench.record(key).materials == ()
