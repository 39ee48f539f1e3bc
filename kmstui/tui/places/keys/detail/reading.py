"""Reading a key aloud: what its state allows, and what its policy says. Pure."""

from __future__ import annotations

from kmstui.authz.document import Principals, Statement, parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import Arn, is_account, root_arn
from kmstui.core.errors import KmsError
from kmstui.tui.keys_model import KeySummary

_ACTIONS_NAMED = 3

_ALLOWED = {
    "Enabled": (
        "Can be used: $uses.",
        ("t", "disables it, and t again enables it."),
    ),
    "Disabled": (
        "Every use is refused with DisabledException. Nothing is lost.",
        ("t", "enables it."),
    ),
    "PendingDeletion": (
        "Every use is refused with KMSInvalidStateException. Only looking at it works.",
        ("K", "keeps the key: it is disabled then, and t enables it."),
    ),
    "PendingImport": (
        "Key material is missing: every use is refused with KMSInvalidStateException.",
        ("I", "imports key material, step by step."),
    ),
    "PendingReplicaDeletion": (
        "Every use here is refused. It is to be deleted, and waits for its replicas to go.",
        ("K", "keeps the key. Its waiting period begins once the last replica is deleted."),
    ),
    "Updating": (
        "It can be used. Its primary Region is being changed, so nothing else can.",
        ("", "That takes moments: :refresh looks again."),
    ),
    "Unavailable": (
        "Its key store is not connected, so it can neither encrypt nor decrypt.",
        ("", ":keystores shows the key store, and connects it."),
    ),
}
_UNKNOWN = ("Cannot be used at the moment.", ("", "Look again in a while: :refresh."))


_USES = {
    "ENCRYPT_DECRYPT": "encrypt and decrypt",
    "SIGN_VERIFY": "sign and verify",
    "GENERATE_VERIFY_MAC": "make and verify MACs",
    "KEY_AGREEMENT": "derive shared secrets",
    "ENCAPSULATE_DECAPSULATE": "encapsulate and decapsulate secrets",
}


def state_words(key: KeySummary) -> tuple[str, tuple[str, str]]:
    """Say what a key's state allows, and what leads out of it: a key to press, and its effect."""
    allows, way_out = _ALLOWED.get(key.state, _UNKNOWN)
    uses = _USES.get(key.usage, "do what it is for")
    if key.spec == "SYMMETRIC_DEFAULT":
        uses = "encrypt, decrypt, make data keys"
    return allows.replace("$uses", uses), way_out


def policy_sentence(policy: str, account: str) -> str:
    """Say in one sentence who may do what by a key policy.

    Args:
        policy: The policy document.
        account: The account of the key, which the sentence calls "this account".
    """
    try:
        statements = parse_policy(policy, PolicyKind.KEY).statements
    except KmsError:
        return "This policy cannot be read, so nobody may use the key."
    clauses = [_clause(statement, account) for statement in statements]
    allows = [clause for clause, each in zip(clauses, statements, strict=True) if each.allow]
    denies = [clause for clause, each in zip(clauses, statements, strict=True) if not each.allow]
    if not allows:
        return "Nobody may use this key: no statement allows anything."
    sentence = "; ".join(allows)
    if denies:
        sentence += "; but " + ", and ".join(denies)
    return sentence[0].upper() + sentence[1:] + "."


def _clause(statement: Statement, account: str) -> str:
    who = _principals(statement, account)
    verb = "may" if statement.allow else "may never"
    under = ", under conditions" if statement.conditions else ""
    return f"{who} {verb} {_actions(statement)}{under}"


def _principals(statement: Statement, account: str) -> str:
    named = statement.principals or Principals()
    names = [_principal(each, account) for each in named.aws]
    names += [f"the service {service}" for service in named.services]
    said = _listed(names) if names else "nobody"
    return f"everyone except {said}" if statement.inverted_principal else said


def _principal(name: str, account: str) -> str:
    if name == "*":
        return "everyone"
    if not name.startswith("arn:") and not is_account(name):
        return f"the deleted principal {name}"
    arn = Arn.parse(root_arn(name) if is_account(name) else name)
    if arn.resource == "root":
        if arn.account == account:
            return "this account, and in it whoever IAM policies allow,"
        return f"account {arn.account}"
    where = "" if arn.account == account else f" of account {arn.account}"
    kind, _, rest = arn.resource.partition("/")
    return f"{kind} {rest}{where}"


def _actions(statement: Statement) -> str:
    actions = [each.removeprefix("kms:") for each in statement.actions]
    if statement.inverted_action:
        return f"do anything but {_listed(actions)}"
    if "*" in actions:
        return "do everything with the key"
    return _listed(actions)


def _listed(names: list[str]) -> str:
    shown, more = names[:_ACTIONS_NAMED], len(names) - _ACTIONS_NAMED
    if more > 0:
        return ", ".join(shown) + f" and {more} more"
    return " and ".join(([", ".join(shown[:-1])] if len(shown) > 1 else []) + shown[-1:])
