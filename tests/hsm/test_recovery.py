"""Recovery codes."""

from __future__ import annotations

import pytest

from kmstui.core.errors import WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.hsm import normalise_recovery_code, recovery_code
from kmstui.hsm.recovery import ALPHABET


def _new() -> str:
    return recovery_code().reveal().decode("ascii")


def test_code_is_seven_groups_of_five() -> None:
    """A code is printed in groups that a person can read back."""
    groups = _new().split("-")
    assert [len(group) for group in groups] == [5] * 7
    assert set("".join(groups)) <= set(ALPHABET)


def test_code_has_at_least_160_random_bits() -> None:
    """Without its two check characters a code still has 165 bits."""
    assert (7 * 5 - 2) * 5 >= 160
    assert len({_new() for _ in range(200)}) == 200


@pytest.mark.parametrize("seed", range(20))
def test_printed_form_is_the_normal_form(seed: int) -> None:
    """What is shown is what the slot is made from."""
    assert seed >= 0
    code = recovery_code()
    assert normalise_recovery_code(code) == code


def test_separators_case_and_lookalikes_do_not_matter() -> None:
    """A code is typed as a person reads it."""
    code = _new()
    for typed in (
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " "),
        f"  {code}\n",
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
    ):
        assert normalise_recovery_code(typed) == Secret(code.encode())


def test_every_wrong_character_is_noticed() -> None:
    """Each single substitution anywhere in a code fails its check."""
    code = _new()
    for place, right in enumerate(code):
        for wrong in ALPHABET.replace(right, "") if right != "-" else "":
            with pytest.raises(WrongPassphraseError):
                normalise_recovery_code(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_neighbours_is_noticed() -> None:
    """Each swap of two different neighbours fails its check, across groups too."""
    code = _new().replace("-", "")
    for place in range(len(code) - 1):
        left, right = code[place], code[place + 1]
        if left != right:
            with pytest.raises(WrongPassphraseError):
                normalise_recovery_code(code[:place] + right + left + code[place + 2 :])


@pytest.mark.parametrize(
    "typed",
    ["", "-", "0", "U" * 35, "0" * 34, "0" * 36, "\u0661" * 35, "\uff11" * 35, "\x00" * 35],
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    """Another length or another alphabet is refused before any derivation."""
    with pytest.raises(WrongPassphraseError):
        normalise_recovery_code(typed)


def test_bytes_that_are_no_text_are_refused() -> None:
    """A secret that is not UTF-8 is no code, and no crash."""
    with pytest.raises(WrongPassphraseError):
        normalise_recovery_code(Secret(b"\xff" * 35))
