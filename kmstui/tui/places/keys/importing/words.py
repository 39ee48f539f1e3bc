"""What an import can be refused for, and what to do then."""

from __future__ import annotations

from kmstui.core.errors import KmsError

_CAUSES: dict[str, tuple[str, str]] = {
    "IncorrectKeyMaterialException": (
        "It is not the same material that this key had, or has another form than it takes.",
        "Import the very bytes it had. A symmetric key can take other ones as new material.",
    ),
    "ExpiredImportTokenException": (
        "The import token was good for 24 hours, and they are over.",
        "Import once more: every try gets a new token.",
    ),
    "InvalidImportTokenException": (
        "The token does not belong to this key and this wrapping key.",
        "Import once more: every try gets a new token.",
    ),
    "InvalidCiphertextException": (
        "What was sent could not be unwrapped.",
        "Choose another wrapping algorithm and import once more.",
    ),
    "KMSInvalidStateException": (
        "The key is in a state, or has other new material waiting, that forbids it.",
        "O rotates to material that waits; the Material tab deletes it. K ends a deletion.",
    ),
    "AccessDeniedException": (
        "A policy does not allow it.",
        "w says which one decided and what would change it.",
    ),
    "UnsupportedOperationException": (
        "This key does not import material that way.",
        "Only keys of origin EXTERNAL import; new material goes to the primary first.",
    ),
}


def explained(error: KmsError) -> tuple[str, str]:
    """Return why an import was refused, and what to do next."""
    why, then = _CAUSES.get(error.code, (error.message or error.code, ""))
    return why, then or error.hint or "Nothing was changed. Go back a step, and try again."
