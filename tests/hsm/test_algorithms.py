"""The algorithm table."""

from __future__ import annotations

from kmstui.core import limits
from kmstui.hsm import algorithms


def test_no_two_rows_share_a_code() -> None:
    """The byte in a blob names one algorithm name for ever."""
    names = {row.code: row.name for row in algorithms.ALGORITHMS}
    assert len({row.name for row in algorithms.ALGORITHMS}) == len(names)
    assert all(0 < code < 256 for code in names)


def test_rows_are_found_by_key_and_by_code() -> None:
    """Every row is reached by what a key says and by what a blob says."""
    for row in algorithms.ALGORITHMS:
        assert row in algorithms.rows(row.key_spec, row.key_usage)
        assert algorithms.find(row.key_spec, row.key_usage, row.name) == row
        assert algorithms.by_code(row.code) == row
        assert row.key_spec in algorithms.key_specs()
        assert row.key_usage in algorithms.key_usages(row.key_spec)


def test_symmetric_default_encrypts_what_aws_encrypts() -> None:
    """One call takes AWS's 4,096 bytes, and the blob stays under AWS's limit."""
    from kmstui.hsm import blob

    row = algorithms.find("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
    assert row is not None
    assert row.max_plaintext_bytes == limits.PLAINTEXT_BYTES
    assert row.max_plaintext_bytes + blob.OVERHEAD_BYTES <= limits.CIPHERTEXT_BYTES


def test_unknown_combinations_have_no_row() -> None:
    """What is not in the table is not supported, by any of the ways in."""
    assert algorithms.rows("SYMMETRIC_DEFAULT", "SIGN_VERIFY") == ()
    assert algorithms.find("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_256") is None
    assert algorithms.by_code(0) is None
    assert algorithms.key_usages("SM2") == ()
