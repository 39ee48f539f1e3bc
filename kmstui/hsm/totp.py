"""One-time codes: TOTP (RFC 6238) over HOTP (RFC 4226), and codes for when the device is lost.

A device's secret is key material: 20 random bytes in an exported key token that is bound to the
device's serial number, and verified here. A code is accepted by its time step, so that the caller
can refuse the same step a second time.
"""

from __future__ import annotations

import os
from base64 import b32encode
from collections.abc import Iterable, Sequence

from kmstui.core import canonical
from kmstui.core.errors import KeystoreTamperedError, UnsupportedOperationException
from kmstui.hsm import envelope, primitives
from kmstui.hsm.base import MaterialBinding, NewTotp, TotpBinding
from kmstui.hsm.keyring import Keyring
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.recovery import ALPHABET

SECRET_BYTES = 20
"""Size of a secret: that of HMAC-SHA-1, as RFC 4226, section 4, recommends."""

DIGITS = 6
"""Digits of a code; what every authenticator app supports."""

STEP_SECONDS = 30
"""Length of a time step, from the Unix epoch (RFC 6238, section 5.2)."""

WINDOW = 1
"""Steps of drift that are accepted to either side (RFC 6238, section 6)."""

LOST_CODES = 10
"""Recovery codes of one set."""

LOST_CODE_CHARACTERS = 16
"""Characters of a recovery code, of five bits each: 80 bits."""

_GROUP = 4
_ASCII_DIGITS = frozenset("0123456789")
_LOOKALIKES = str.maketrans("OIL", "011", "- \t\r\n\u00a0\u2010\u2011\u2013")
_NO_CODE = b"\0" * DIGITS
"""Compared instead of a malformed code, so that it takes as long; no code has such bytes."""


def hotp(key: MacKey, counter: int, digits: int = DIGITS) -> bytes:
    """Return the one-time code of a counter as ASCII digits (RFC 4226, section 5.3)."""
    code = key.mac(counter.to_bytes(8))
    offset = code[-1] & 0x0F
    number = int.from_bytes(code[offset : offset + 4]) & 0x7FFF_FFFF
    return b"%0*d" % (digits, number % 10**digits)


def enrol(ring: Keyring, binding: TotpBinding) -> NewTotp:
    """Return a new secret: its token, and once, to be shown, its base 32."""
    material = os.urandom(SECRET_BYTES)
    domain = ring.domain_keys[ring.term]
    token = envelope.seal_token(domain, ring.term, ring.store_id, _material(binding), material)
    return NewTotp(token, b32encode(material))


def verify(
    ring: Keyring,
    token: bytes,
    binding: TotpBinding,
    code: str,
    *,
    step_now: int,
    last_step: int,
) -> int | None:
    """Return the step that a code is for, if it is one of this device's that may be used now."""
    key = _key(ring, token, binding)
    steps = range(step_now - WINDOW, step_now + WINDOW + 1)
    return _match(key, (code,), steps, last_step)


def verify_pair(
    ring: Keyring,
    token: bytes,
    binding: TotpBinding,
    codes: tuple[str, str],
    *,
    step_now: int,
    last_step: int,
    window: int,
) -> int | None:
    """Return the step of the second of two consecutive codes, if they are this device's."""
    key = _key(ring, token, binding)
    return _match(key, codes, range(step_now - window, step_now + window + 1), last_step)


def demo_code(ring: Keyring, token: bytes, binding: TotpBinding, step: int) -> str:
    """Return a demo device's code of a step.

    Raises:
        UnsupportedOperationException: The device is not one for demonstrations.
    """
    if not binding.demo:
        raise UnsupportedOperationException("Only a demo device's codes can be shown.")
    return hotp(_key(ring, token, binding), step).decode("ascii")


def lost_codes(key: MacKey, principal: str) -> tuple[tuple[str, bytes], ...]:
    """Return a set of recovery codes as they are printed, each with the hash to keep of it."""
    codes = [_lost_code() for _ in range(LOST_CODES)]
    return tuple((code, key.mac(canonical.encode(principal, code))) for code in codes)


def find_lost_code(key: MacKey, principal: str, typed: str, hashes: Sequence[bytes]) -> int | None:
    """Return which hash is that of a typed recovery code, if any is.

    Case and separators do not matter, O counts as zero, I and L as one.
    """
    code = _normalised(typed)
    hashed = key.mac(canonical.encode(principal, code))
    same = [primitives.same_bytes(hashed, known) for known in hashes]
    return same.index(True) if code and any(same) else None


def _normalised(typed: str) -> str:
    """Return a recovery code in the form it was printed in, or nothing if it is none."""
    characters = typed.upper().translate(_LOOKALIKES)
    if len(characters) != LOST_CODE_CHARACTERS or not set(characters) <= set(ALPHABET):
        return ""
    return _grouped(characters)


def _lost_code() -> str:
    number = int.from_bytes(os.urandom(LOST_CODE_CHARACTERS * 5 // 8))
    shifts = range((LOST_CODE_CHARACTERS - 1) * 5, -1, -5)
    return _grouped("".join(ALPHABET[number >> shift & 31] for shift in shifts))


def _grouped(characters: str) -> str:
    starts = range(0, LOST_CODE_CHARACTERS, _GROUP)
    return "-".join(characters[start : start + _GROUP] for start in starts)


def _match(
    key: MacKey, codes: tuple[str, ...], steps: Iterable[int], last_step: int
) -> int | None:
    """Return the last code's step, of those in ``steps`` above ``last_step``.

    Every step is computed and compared whatever the others gave: the time taken tells nothing.
    """
    typed = [_digits(code) for code in codes]
    found: int | None = None
    for step in steps:
        first = step - len(typed) + 1
        if first < 0:
            continue
        expected = b"".join(hotp(key, first + place) for place in range(len(typed)))
        same = primitives.same_bytes(expected, b"".join(typed))
        if same and first > last_step:
            found = step
    return found


def _digits(code: str) -> bytes:
    """Return a code of exactly six ASCII digits, or bytes that are never equal to one."""
    if len(code) != DIGITS or not set(code) <= _ASCII_DIGITS:
        return _NO_CODE
    return code.encode("ascii")


def _key(ring: Keyring, token: bytes, binding: TotpBinding) -> MacKey:
    domain = ring.domain_key(token)
    material = envelope.open_token(domain, ring.store_id, _material(binding), token)
    if len(material) != SECRET_BYTES:
        raise KeystoreTamperedError("a device's secret is of the wrong size")
    key = MacKey(material, "SHA_1")
    material[:] = bytes(len(material))
    return key


def _material(binding: TotpBinding) -> MaterialBinding:
    """A device is bound as key material is; no key has such a spec, id or usage."""
    return MaterialBinding(
        account=binding.account,
        key_id=binding.serial,
        material_id="",
        version=1,
        key_spec="TOTP_SHA_1",
        key_usage="DEMO_MFA" if binding.demo else "MFA",
        origin="AWS_KMS",
        multi_region=False,
    )
