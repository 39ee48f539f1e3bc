"""The kinds of keys that screens offer are those that CreateKey makes."""

from __future__ import annotations

from kmstui.engine.key_kinds import data_key_pair_specs, key_kind, key_kinds


def test_every_kind_is_there_once() -> None:
    """Each spec stands beside each of its usages, supported or not."""
    pairs = [(each.spec, each.usage) for each in key_kinds()]
    assert len(set(pairs)) == len(pairs)
    assert 20 == len({spec for spec, _ in pairs})
    unsupported = {each.spec for each in key_kinds() if not each.supported}
    assert {"SM2", "ML_KEM_512"} == unsupported


def test_limits() -> None:
    """OAEP's limits are those that AWS documents for RSA_2048."""
    kind = key_kind("RSA_2048", "ENCRYPT_DECRYPT")
    assert kind is not None
    assert [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)] == [
        (each.name, each.plaintext_bytes) for each in kind.algorithms
    ]
    assert (True, True) == (kind.asymmetric, kind.importable)


def test_what_is_not_supported_has_no_algorithm() -> None:
    """An Ed25519 key offers pure Ed25519 alone, and SM2 nothing."""
    kind = key_kind("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    assert kind is not None
    assert ["ED25519_SHA_512"] == [each.name for each in kind.algorithms]
    assert ("RAW",) == kind.algorithms[0].message_types
    other = key_kind("SM2", "SIGN_VERIFY")
    assert other is not None
    assert () == other.algorithms
    assert key_kind("RSA_2048", "KEY_AGREEMENT") is None


def test_data_key_pairs() -> None:
    """Key pairs under a key are of the supported specs that GenerateDataKeyPair takes."""
    specs = data_key_pair_specs()
    assert "RSA_2048" in specs
    assert set() == {"ML_KEM_512", "SM2", "ML_DSA_44", "HMAC_256"} & set(specs)
