"""Secrets, identifiers, naming, passphrases and the error tree."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

from kmstui.core import errors
from kmstui.core.caller import Caller, root_caller
from kmstui.core.errors import KmsError, KmstuiError, WeakPassphraseError
from kmstui.core.ids import IdSource, SeededIds, SystemIds
from kmstui.core.naming import deviation, follows
from kmstui.core.passphrase import judge, require_strong
from kmstui.core.secret import Secret

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_secret_does_not_show() -> None:
    """Neither repr nor str nor formatting holds the bytes; nor does an exception about it."""
    secret = Secret(b"canary")
    for text in (repr(secret), str(secret), f"{secret}", f"{[secret]!r}"):
        assert "canary" not in text
    assert len(secret) == 6


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy, hash])
def test_a_secret_is_not_copied(act: object) -> None:
    """Pickling, copying and hashing are refused."""
    assert callable(act)
    with pytest.raises(TypeError):
        act(Secret(b"canary"))


def test_secrets_are_compared_with_secrets() -> None:
    """Equal bytes are equal; bytes that are no secret are not."""
    assert Secret(b"a") == Secret(bytearray(b"a"))
    assert Secret(b"a") != Secret(b"b")
    assert (Secret(b"a") == b"a") is False


def test_a_wiped_secret_is_empty() -> None:
    """Wiping overwrites the buffer and forgets the length."""
    secret = Secret(b"canary")
    buffer = secret._data
    secret.wipe()
    assert (len(secret), secret.reveal(), bytes(buffer)) == (0, b"", b"")


def test_typed_secrets_are_normalised() -> None:
    """The same passphrase typed on two keyboards is the same secret; no text is refused."""
    assert Secret.from_text("\u00e9\ufb01") == Secret.from_text("e\u0301fi")
    assert Secret.from_text("\ud800").reveal()


@pytest.mark.parametrize("ids", [SystemIds(), SeededIds(1)], ids=["system", "seeded"])
def test_identifiers_have_their_forms(ids: IdSource) -> None:
    """UUIDs of version 4, mrk- ids and 64 hex digits; no two alike."""
    assert UUID.fullmatch(ids.uuid())
    assert UUID.fullmatch(ids.key_id(multi_region=False))
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", ids.key_id(multi_region=True))
    assert re.fullmatch(r"[0-9a-f]{64}", ids.material_id())
    assert len({ids.uuid() for _ in range(100)}) == 100


@pytest.mark.parametrize("ids", [SystemIds(), SeededIds(1)], ids=["system", "seeded"])
def test_ids_of_iam_have_their_prefix_and_length(ids: IdSource) -> None:
    """They are 21 capitals and digits, those of access keys 20, and no two are the same."""
    user, other, key = ids.iam_id("AIDA"), ids.iam_id("AIDA"), ids.iam_id("AKIA", 20)
    assert re.fullmatch("AIDA[A-Z2-7]{17}", user)
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key)
    assert user != other


def test_seeded_identifiers_repeat() -> None:
    """The same seed gives the same sequence, also from its middle."""
    one, two = SeededIds(7), SeededIds(7)
    first = [one.uuid() for _ in range(3)]
    assert first == [two.uuid() for _ in range(3)]
    assert one.uuid() == SeededIds(7, taken=3).uuid()
    assert SeededIds(8).uuid() not in first


@pytest.mark.parametrize(
    ("pattern", "alias", "expected"),
    [
        ("alias/<Environment>-<Function>-<Team>", "alias/prod-payments-core", True),
        ("alias/<Environment>-<Function>-<Team>", "alias/prod-payments", False),
        ("alias/<Environment>-<Function>-<Team>", "alias/prod-pay-ments-core", False),
        ("alias/<Environment>-<Function>-<Team>", "alias/prod--core", False),
        ("alias/<A>", "alias/é", False),
        ("alias/<A>.x", "alias/abx", False),
        ("alias/fixed", "alias/fixed", True),
        ("", "anything", True),
    ],
)
def test_aliases_follow_a_naming_rule(pattern: str, alias: str, expected: bool) -> None:
    """Parts stand for letters and digits; the rest is literal; deviation says so in words."""
    assert follows(pattern, alias) is expected
    assert (deviation(pattern, alias) == "") is expected
    if not expected:
        assert deviation(pattern, alias) == f"{alias} does not follow {pattern}"


def test_short_passphrases_are_not_accepted() -> None:
    """What is missing is said, in singular and plural."""
    assert judge("a" * 11).advice.startswith("1 more character;")
    assert judge("").advice.startswith("12 more characters;")
    assert not judge("").accepted


@pytest.mark.parametrize("text", ["passwordpassword", "aaaaaaaaaaaaaaaa", "qwertyuiop12"])
def test_guessable_passphrases_are_not_accepted(text: str) -> None:
    """Length alone is not strength; the refusal does not repeat the passphrase."""
    with pytest.raises(WeakPassphraseError) as refused:
        require_strong(text)
    assert text not in refused.value.message + refused.value.hint
    assert refused.value.hint


def test_good_passphrases_are_accepted() -> None:
    """Several words are strong; very long ones are judged in good time."""
    require_strong("gravel-lantern-mosaic-thirteen")
    assert judge("gravel lantern mosaic " * 1000).accepted


def test_the_root_user_of_an_account() -> None:
    """Its ARN, kind and name; nobody else is root."""
    root = root_caller("111122223333", "us-east-1")
    assert (root.arn, root.name, root.is_root) == (
        "arn:aws:iam::111122223333:root",
        "root",
        True,
    )
    alice = Caller("arn:aws:iam::111122223333:user/a/alice", "IAMUser", "AIDA", "111122223333", "")
    assert (alice.name, alice.is_root) == ("alice", False)


def test_errors_stand_in_one_tree() -> None:
    """Every error is in the docstring's tree, has a code of its own name and a sane status."""
    classes = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, KmsError)
    ]
    tree = errors.__doc__ or ""
    for each in classes:
        assert each.__name__ in tree
        assert each.http_status in {400, 403, 404, 409, 500, 503}
        if each not in {KmsError, KmstuiError}:
            name = each.__name__
            assert each.code in {name, name.removeprefix("Iam").removesuffix("Exception")}
    error = errors.DisabledException("text", hint="what to do")
    assert (error.message, error.hint, str(error)) == ("text", "what to do", "text")
    assert errors.DisabledException().hint == errors.DisabledException.default_hint


def test_only_the_errors_of_aws_stand_outside_our_branch() -> None:
    """An error that AWS has no name for is a KmstuiError."""
    import botocore.session

    session = botocore.session.get_session()
    known = {
        shape
        for model in map(session.get_service_model, ("kms", "iam", "sts"))
        for shape in model.shape_names
        if model.shape_for(shape).type_name == "structure"
    }
    common = {
        "ValidationException",
        "SerializationException",
        "UnknownOperationException",
        "AccessDeniedException",
        "ThrottlingException",
        "ExpiredTokenException",
        "InvalidClientTokenId",
    }
    names = {each.__name__ for each in KmsError.__subclasses__()} - {"KmstuiError"}
    ours = {name.removeprefix("Iam") for name in names}
    assert ours <= known | common
    assert Path(errors.__file__).name == "errors.py"
