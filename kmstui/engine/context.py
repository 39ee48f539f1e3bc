"""The condition keys of a call, computed by the engine and never taken from the caller.

A key is looked up only when a policy asks for it. Source: Service Authorization Reference,
*Actions, resources, and condition keys for AWS Key Management Service*; IAM User Guide, *AWS
global condition context keys*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from kmstui.authz.model import ContextValue
from kmstui.core.arn import ALIAS_PREFIX
from kmstui.core.limits import ROTATION_PERIOD_DAYS
from kmstui.core.spec import Needs
from kmstui.engine.call_facts import CALL_FACTS, Fact, flag, iso
from kmstui.engine.targets import bound_of, owner_of, request_tags, target_tags
from kmstui.keystore.principals import GrantRecord
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call

_Provider = Callable[["CallContext"], "ContextValue | None"]

DEFAULT_WINDOW_DAYS: Final = 30


class CallContext:
    """The condition keys of one call on one of its resources; see ``authz.model.Context``.

    Args:
        call: The call, resolved.
        needs: The pair that is decided on.
        key: The KMS key of that pair; ``None`` where there is none.

    Attributes:
        asked: Whether any key was looked up.
    """

    __slots__ = ("asked", "call", "key", "needs")

    def __init__(self, call: Call, needs: Needs, key: KeyRecord | None) -> None:
        self.call = call
        self.needs = needs
        self.key = key
        self.asked = False

    def get(self, key: str, /) -> ContextValue | None:
        """Return a condition key's value, by its name in lower case."""
        self.asked = True
        provider = _PROVIDERS.get(key)
        if provider is not None:
            return provider(self)
        for prefix, tail_provider in _TAILS.items():
            if key.startswith(prefix):
                return tail_provider(self, key[len(prefix) :])
        return None

    def pairs(self) -> Mapping[str, str] | None:
        """Return the encryption context of the pair; ``None`` for operations without one."""
        if self.needs.action == "kms:CreateGrant":
            return constraint_pairs(self.call)
        grant = self.call.grants.get(self.needs.role)
        if grant is not None:
            return dict(grant.equals or grant.subset or ())
        member = self.needs.context
        if self.call.spec.member(member) is None:
            return None
        return self.call.pairs(member)


def constraint_pairs(call: Call) -> Mapping[str, str]:
    """Return the encryption context that a CreateGrant request constrains its grant to."""
    constraints: Mapping[str, Any] = call.request.get("Constraints") or {}
    pairs: Mapping[str, str] = (
        constraints.get("EncryptionContextEquals")
        or constraints.get("EncryptionContextSubset")
        or {}
    )
    return pairs


def _many(values: Iterable[str]) -> ContextValue | None:
    return tuple(values) or None


def _resource_account(context: CallContext) -> ContextValue | None:
    if context.key is not None:
        return context.key.account
    return owner_of(context.call, context.needs)


def _context_keys(context: CallContext) -> ContextValue | None:
    return _many(context.pairs() or ())


def _algorithm(context: CallContext) -> ContextValue | None:
    prefix = context.needs.context.removesuffix("EncryptionContext")
    member = f"{prefix}EncryptionAlgorithm"
    if context.call.spec.member(member) is not None:
        return context.call.text(member, "SYMMETRIC_DEFAULT")
    if context.needs.action in {"kms:CreateGrant", "kms:RetireGrant"}:
        return None
    return None if context.pairs() is None else "SYMMETRIC_DEFAULT"


def _shown_key(context: CallContext) -> KeyRecord | None:
    """Return the key of a pair, or the one that a replica is made of: what it is, it will be."""
    if context.key is None and context.call.spec.name == "ReplicateKey":
        return context.call.keys.get("key")
    return context.key


def _key_fact(attribute: str, member: str, default: str) -> _Provider:
    """A fact of the key, or for CreateKey what is asked for."""

    def provide(context: CallContext) -> ContextValue | None:
        key = _shown_key(context)
        if key is not None:
            return str(getattr(key, attribute))
        if context.call.spec.name != "CreateKey":
            return None
        return context.call.text(member, default)

    return provide


def _multi_region(context: CallContext) -> ContextValue | None:
    key = _shown_key(context)
    if key is not None:
        return flag(key.multi_region)
    if context.call.spec.name == "CreateKey":
        return flag(context.call.flag("MultiRegion"))
    return None


def _multi_region_type(context: CallContext) -> ContextValue | None:
    if _multi_region(context) != "true":
        return None
    if context.key is None:
        return "REPLICA" if context.call.spec.name == "ReplicateKey" else "PRIMARY"
    return "REPLICA" if context.key.is_replica else "PRIMARY"


def _requested_region(context: CallContext) -> ContextValue | None:
    named = context.call.text(context.needs.region) if context.needs.region else ""
    return named or context.call.caller.region


def _request_alias(context: CallContext) -> ContextValue | None:
    named = context.call.request.get(context.needs.member)
    if context.key is None or not context.needs.aliases or not isinstance(named, str):
        return None
    if named.startswith("arn:"):
        named = named.split(":", 5)[-1]
    return named if named.startswith(ALIAS_PREFIX) else None


def _resource_aliases(context: CallContext) -> ContextValue | None:
    return None if context.key is None else _many(context.key.aliases)


def _caller_account(context: CallContext) -> ContextValue | None:
    return None if context.key is None else context.call.caller.account


def _for_aws_resource(context: CallContext) -> ContextValue | None:
    if context.call.spec.name not in {"CreateGrant", "ListGrants", "RevokeGrant"}:
        return None
    return flag(context.call.standing.acting is not None)


def _constraint_type(context: CallContext) -> ContextValue | None:
    grant = context.call.grants.get(context.needs.role)
    if grant is not None:
        return _kept_constraint(grant)
    constraints: Mapping[str, Any] = context.call.request.get("Constraints") or {}
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        if constraints.get(name):
            return name
    return None


def _kept_constraint(grant: GrantRecord) -> ContextValue | None:
    if grant.equals:
        return "EncryptionContextEquals"
    return "EncryptionContextSubset" if grant.subset else None


def _constraint_source(context: CallContext) -> ContextValue | None:
    constraints: Mapping[str, Any] = context.call.request.get("Constraints") or {}
    source: str | None = constraints.get("SourceArn")
    return source


def _grant_operations(context: CallContext) -> ContextValue | None:
    if context.call.spec.name != "CreateGrant":
        return None
    return _many(context.call.items("Operations"))


def _same_key(context: CallContext) -> ContextValue | None:
    source = context.call.keys.get("source")
    destination = context.call.keys.get("key")
    if source is None or destination is None:
        return None
    return flag(source.arn == destination.arn)


def _unused_days(context: CallContext) -> ContextValue | None:
    if context.key is None or context.call.spec.name not in {"ScheduleKeyDeletion", "DisableKey"}:
        return None
    usage = context.call.services.last_usage(context.key)
    return None if usage is None else str((context.call.now - usage.timestamp).days)


def _member(name: str, *operations: str, default: str = "") -> _Provider:
    """A request member as it was sent, or its default, for some operations only."""

    def provide(context: CallContext) -> ContextValue | None:
        call = context.call
        if call.spec.name not in operations:
            return None
        value = call.request.get(name)
        if value is None:
            return default or None
        if isinstance(value, bool):
            return flag(value)
        return iso(value) if isinstance(value, datetime) else str(value)

    return provide


def _encryption_context(context: CallContext, tail: str) -> ContextValue | None:
    return _tag((context.pairs() or {}).items(), tail)


def _tag(pairs: Iterable[tuple[str, str]], tail: str) -> ContextValue | None:
    """Return what goes by a name in any case: of several, one does not hide the others."""
    found = tuple(value for name, value in pairs if name.lower() == tail)
    return found[0] if len(found) == 1 else found or None


def _resource_tag(context: CallContext, tail: str) -> ContextValue | None:
    if context.key is not None:
        return _tag(context.key.tags, tail)
    return _tag(target_tags(context.call, context.needs), tail)


def _request_tag(context: CallContext, tail: str) -> ContextValue | None:
    return _tag(request_tags(context.call), tail)


def _tag_keys(context: CallContext) -> ContextValue | None:
    keys: list[str] = [name for name, _ in request_tags(context.call)]
    return _many(keys or context.call.items("TagKeys"))


def _principal_tag(context: CallContext, tail: str) -> ContextValue | None:
    return _tag(context.call.services.access.principal_tags(context.call.standing), tail)


def _enrolled(context: CallContext) -> ContextValue | None:
    return flag(context.call.services.access.has_mfa_device(context.call.standing))


def _of_call(fact: Fact) -> _Provider:
    return lambda context: fact(context.call)


_PROVIDERS: Final[Mapping[str, _Provider]] = {
    **{name: _of_call(fact) for name, fact in CALL_FACTS.items()},
    "aws:requestedregion": _requested_region,
    "aws:resourceaccount": _resource_account,
    "aws:tagkeys": _tag_keys,
    "kms:calleraccount": _caller_account,
    "kms:encryptioncontextkeys": _context_keys,
    "kms:encryptionalgorithm": _algorithm,
    "kms:keyspec": _key_fact("key_spec", "KeySpec", "SYMMETRIC_DEFAULT"),
    "kms:customermasterkeyspec": _key_fact("key_spec", "KeySpec", "SYMMETRIC_DEFAULT"),
    "kms:keyusage": _key_fact("key_usage", "KeyUsage", "ENCRYPT_DECRYPT"),
    "kms:customermasterkeyusage": _key_fact("key_usage", "KeyUsage", "ENCRYPT_DECRYPT"),
    "kms:keyorigin": _key_fact("origin", "Origin", "AWS_KMS"),
    "kms:multiregion": _multi_region,
    "kms:multiregionkeytype": _multi_region_type,
    "kms:requestalias": _request_alias,
    "kms:resourcealiases": _resource_aliases,
    "kms:grantisforawsresource": _for_aws_resource,
    "kms:grantoperations": _grant_operations,
    "kms:grantconstrainttype": _constraint_type,
    "kms:grantconstraintsourcearn": _constraint_source,
    "kms:granteeprincipal": _member("GranteePrincipal", "CreateGrant"),
    "kms:granteeserviceprincipal": _member("GranteeServicePrincipal", "CreateGrant"),
    "kms:retiringprincipal": _member("RetiringPrincipal", "CreateGrant"),
    "kms:retiringserviceprincipal": _member("RetiringServicePrincipal", "CreateGrant"),
    "kms:reencryptonsamekey": _same_key,
    "kms:schedulekeydeletionpendingwindowindays": _member(
        "PendingWindowInDays", "ScheduleKeyDeletion", default=str(DEFAULT_WINDOW_DAYS)
    ),
    "kms:trailingdayswithoutkeyusage": _unused_days,
    "kms:bypasspolicylockoutsafetycheck": _member(
        "BypassPolicyLockoutSafetyCheck", "CreateKey", "PutKeyPolicy", "ReplicateKey"
    ),
    "kms:policyname": _member("PolicyName", "GetKeyPolicy", "PutKeyPolicy", default="default"),
    "kms:rotationperiodindays": _member(
        "RotationPeriodInDays", "EnableKeyRotation", default=str(ROTATION_PERIOD_DAYS)
    ),
    "kms:validto": _member("ValidTo", "ImportKeyMaterial"),
    "kms:expirationmodel": _member("ExpirationModel", "ImportKeyMaterial"),
    "kms:wrappingalgorithm": _member("WrappingAlgorithm", "GetParametersForImport"),
    "kms:wrappingkeyspec": _member("WrappingKeySpec", "GetParametersForImport"),
    "kms:replicaregion": _member("ReplicaRegion", "ReplicateKey"),
    "kms:primaryregion": _member("PrimaryRegion", "UpdatePrimaryRegion"),
    "kms:signingalgorithm": _member("SigningAlgorithm", "Sign", "Verify"),
    "kms:messagetype": _member("MessageType", "Sign", "Verify", default="RAW"),
    "kms:macalgorithm": _member("MacAlgorithm", "GenerateMac", "VerifyMac"),
    "kms:datakeypairspec": _member(
        "KeyPairSpec", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"
    ),
    "kms:keyagreementalgorithm": _member("KeyAgreementAlgorithm", "DeriveSharedSecret"),
    "iam:policyarn": lambda context: context.call.text("PolicyArn") or None,
    "iam:permissionsboundary": lambda context: bound_of(context.call, context.needs),
    "sts:rolesessionname": _member("RoleSessionName", "AssumeRole"),
    "sts:externalid": _member("ExternalId", "AssumeRole"),
    "kmstui:mfaenrolled": _enrolled,
}
"""From a condition key's name in lower case to what computes it."""

_IMAGE: Final = "imagesha384"


def _attested(context: CallContext, tail: str) -> ContextValue | None:
    """Return a measurement of the attested environment: an enclave's image is its register 0."""
    attested = context.call.attested
    if attested is None:
        return None
    kind, _, number = tail.rpartition("pcr")
    if tail == _IMAGE:
        kind, number = "", "0"
    if kind != ("nitrotpm" if attested.tpm else "") or not number.isdecimal():
        return None
    return next((value for at, value in attested.measurements if str(at) == number), None)


_TAILS: Final[Mapping[str, Callable[[CallContext, str], ContextValue | None]]] = {
    "kms:encryptioncontext:": _encryption_context,
    "kms:recipientattestation:": _attested,
    "aws:resourcetag/": _resource_tag,
    "iam:resourcetag/": _resource_tag,
    "aws:requesttag/": _request_tag,
    "aws:principaltag/": _principal_tag,
}
"""From the beginning of a condition key that goes on with a name of the account's own."""


_NO_ORGANISATION: Final = "no account here is in an organisation"
_NO_NETWORK: Final = "calls come over no network that has it"

ABSENT: Final[Mapping[str, str]] = {
    "aws:PrincipalOrgID": _NO_ORGANISATION,
    "aws:PrincipalOrgPaths": _NO_ORGANISATION,
    "aws:ResourceOrgID": _NO_ORGANISATION,
    "aws:ResourceOrgPaths": _NO_ORGANISATION,
    "aws:SourceOrgID": _NO_ORGANISATION,
    "aws:SourceOrgPaths": _NO_ORGANISATION,
    "aws:Referer": _NO_NETWORK,
    "aws:SourceVpc": _NO_NETWORK,
    "aws:SourceVpce": _NO_NETWORK,
    "aws:VpcSourceIp": _NO_NETWORK,
    "aws:SourceIdentity": "sessions do not carry one",
}
"""Condition keys that policies may use and that no call has, with the reason."""


def known_keys() -> frozenset[str]:
    """Return every condition key that can be computed, in lower case.

    Those that go on with a name of the account's own end in ``:`` or ``/``.
    """
    return frozenset(_PROVIDERS) | frozenset(_TAILS)
