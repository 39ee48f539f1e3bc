"""Key derivation: passphrase profiles with their bounds, and the labels of derived keys.

Every cost parameter comes from a file that an attacker may have written, so it is checked both
ways before any work: too low would make guessing cheap, too high would hang or exhaust us.
"""

from __future__ import annotations

from kmstui.core.errors import KdfParametersError
from kmstui.hsm.base import KdfProfile

DEFAULT = KdfProfile("default", memory_kib=64 * 1024, iterations=3, lanes=4)
"""RFC 9106, section 4, second recommended option: 64 MiB, for memory-constrained places."""

STRONG = KdfProfile("strong", memory_kib=256 * 1024, iterations=4, lanes=4)
"""Between RFC 9106's two options: four times the memory of the second."""

CHEAPEST = KdfProfile("cheapest", memory_kib=8, iterations=1, lanes=1)
"""The least that RFC 9106, section 3.1, allows. Only for testing!"""

PROFILES: tuple[KdfProfile, ...] = (DEFAULT, STRONG)
"""The profiles that a person may choose."""

MEMORY_KIB = range(64 * 1024, 1024 * 1024 + 1)
"""Accepted memory: 64 MiB to 1 GiB."""

ITERATIONS = range(3, 20 + 1)
"""Accepted passes."""

LANES = range(1, 16 + 1)
"""Accepted parallelism."""

SALT_BYTES = 16
"""Salt of a slot (RFC 9106, section 3.1, recommends 16 bytes)."""

LABEL_PREFIX = "kmstui/v1/"
"""Start of every label; a change of the hierarchy changes the version in it."""

DOMAIN_KEY_LABEL = LABEL_PREFIX + "domain-key"
"""Key that wraps a domain key."""

TOKEN_LABEL = LABEL_PREFIX + "ekt"
"""Key of one exported key token."""

CHECK_SEAL_LABEL = LABEL_PREFIX + "check/seal"
"""Key that seals the sameness checks of key material."""

CHECK_MAC_LABEL = LABEL_PREFIX + "check/mac"
"""Key of the sameness checks of key material."""

ENCRYPT_LABEL = LABEL_PREFIX + "encrypt"
"""Key and commitment of one ciphertext."""


def seal_label(purpose: str) -> str:
    """Return the label of the key that seals for a purpose."""
    return f"{LABEL_PREFIX}{purpose}/seal"


def mac_label(purpose: str) -> str:
    """Return the label of the key that authenticates for a purpose."""
    return f"{LABEL_PREFIX}{purpose}/mac"


def fixed_data(label: str, context: bytes, length: int) -> bytes:
    """Return KBKDF's fixed input: ``label || 0x00 || context || u32 length in bits``.

    NIST SP 800-108r1, section 4. A label is ASCII and has no zero byte, so it cannot run into its
    context.
    """
    return b"".join((label.encode("ascii"), b"\0", context, (length * 8).to_bytes(4)))


def check_profile(profile: KdfProfile, *, test_profile: bool) -> None:
    """Refuse a profile whose parameters are out of bounds, without doing any work.

    Args:
        profile: What a slot asks for.
        test_profile: Whether the keystore was made for tests, where :data:`CHEAPEST` is allowed.

    Raises:
        KdfParametersError: A parameter is not a whole number within its bounds.
    """
    costs = (profile.memory_kib, profile.iterations, profile.lanes)
    cheapest = (CHEAPEST.memory_kib, CHEAPEST.iterations, CHEAPEST.lanes)
    if test_profile and costs == cheapest:
        return
    for name, value, bounds in (
        ("memory (KiB)", profile.memory_kib, MEMORY_KIB),
        ("iterations", profile.iterations, ITERATIONS),
        ("lanes", profile.lanes, LANES),
    ):
        if type(value) is not int or value not in bounds:
            message = f"Argon2id {name} must be from {bounds.start} to {bounds.stop - 1}"
            raise KdfParametersError(message)
