"""The algorithm table."""

from __future__ import annotations

import pytest

from kmstui.core import limits
from kmstui.hsm import algorithms


def test_no_two_rows_share_a_code() -> None:
    """The byte in a blob names one algorithm name for ever."""
    coded = [row for row in algorithms.EVERY_ALGORITHM if row.code]
    names = {row.code: row.name for row in coded}
    assert len({row.name for row in coded}) == len(names)
    assert all(0 < code < 256 for code in names)


def test_rows_are_found_by_key_and_by_code() -> None:
    """Every row is reached by what a key says and by what a blob says."""
    for row in algorithms.ALGORITHMS:
        assert row in algorithms.rows(row.key_spec, row.key_usage)
        assert algorithms.find(row.key_spec, row.key_usage, row.name) == row
        assert algorithms.by_code(row.code) == (row if row.code else None)
        assert row.key_spec in algorithms.key_specs()
        assert row.key_usage in algorithms.key_usages(row.key_spec)


def test_table_has_what_the_service_model_has() -> None:
    """Every key spec, usage and algorithm of AWS's model stands in the table, and no others."""
    from botocore.loaders import Loader

    model = Loader().load_service_model("kms", "service-2")["shapes"]
    specs = {spec.name for spec in algorithms.KEY_SPECS}
    assert set(model["KeySpec"]["enum"]) == specs
    pairs = {spec.name for spec in algorithms.KEY_SPECS if spec.data_key_pair}
    assert set(model["DataKeyPairSpec"]["enum"]) == pairs
    names = {
        name
        for shape in (
            "EncryptionAlgorithmSpec",
            "SigningAlgorithmSpec",
            "MacAlgorithmSpec",
            "KeyAgreementAlgorithmSpec",
        )
        for name in model[shape]["enum"]
    }
    # The model names no algorithm for ML-KEM keys, which have only one.
    assert names == {row.name for row in algorithms.EVERY_ALGORITHM} - {"ML_KEM"}
    assert set(model["KeyUsageType"]["enum"]) == {
        row.key_usage for row in algorithms.EVERY_ALGORITHM
    }
    assert set(model["MessageType"]["enum"]) == {
        message_type for row in algorithms.EVERY_ALGORITHM for message_type in row.message_types
    }


def test_table_says_what_is_not_supported() -> None:
    """What the cryptography package lacks is in the table and cannot be asked for."""
    missing = {(row.key_spec, row.name) for row in algorithms.EVERY_ALGORITHM if not row.supported}
    assert missing == {
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512"),
        ("ML_KEM_512", "ML_KEM"),
        ("SM2", "SM2PKE"),
        ("SM2", "SM2DSA"),
        ("SM2", "ECDH"),
    }
    for key_spec, name in missing:
        for usage in algorithms.key_usages(key_spec):
            assert name not in {row.name for row in algorithms.rows(key_spec, usage)}
    assert not {"SM2", "ML_KEM_512"} & set(algorithms.key_specs())


def test_algorithms_stand_in_the_order_aws_lists_them() -> None:
    """DescribeKey's list is the table's."""
    names = [row.name for row in algorithms.rows("RSA_2048", "SIGN_VERIFY")]
    assert names[:2] == ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384"]
    assert names[-1] == "RSASSA_PSS_SHA_512"
    assert len(names) == 6


@pytest.mark.parametrize(
    ("key_spec", "name", "size"),
    [
        ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
        ("RSA_2048", "RSAES_OAEP_SHA_256", 190),
        ("RSA_3072", "RSAES_OAEP_SHA_256", 318),
        ("RSA_4096", "RSAES_OAEP_SHA_1", 470),
        ("RSA_4096", "RSAES_OAEP_SHA_256", 446),
    ],
)
def test_rsa_encrypts_what_aws_encrypts(key_spec: str, name: str, size: int) -> None:
    """The longest plaintexts are those that AWS documents."""
    row = algorithms.find(key_spec, "ENCRYPT_DECRYPT", name)
    assert row is not None
    assert size == row.max_plaintext_bytes


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
