"""Making grants, listing them and ending them; their tokens."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from kmstui.hsm.base import Purpose
from kmstui.ops.kms import grants
from tests.helpers.engines import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_REGION,
    ROOT,
    START,
    UNKNOWN_KEY,
    Bench,
    arn_of,
)
from tests.helpers.requests import make_things, valid

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
PARTNER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/partner"
SERVICE = "rds.us-east-1.amazonaws.com"
DATABASE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:ledger"
SYMMETRIC = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
]
OTHERS = [
    "Sign",
    "Verify",
    "GetPublicKey",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
]
INVALID_TOKEN = "InvalidGrantTokenException"


@pytest.fixture
def key(bench: Bench) -> str:
    """Return an enabled key; the user alice exists."""
    bench.call("iam:CreateUser", UserName="alice")
    return bench.key()


def request(key: str, **members: Any) -> dict[str, Any]:
    """Return a request for a grant to alice; ``None`` leaves a member out."""
    given = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Decrypt"]} | members
    return {name: value for name, value in given.items() if value is not None}


def create(bench: Bench, key: str, **members: Any) -> dict[str, Any]:
    """Create a grant to alice."""
    return bench.call("CreateGrant", request(key, **members))


def refused(bench: Bench, key: str, **members: Any) -> str:
    """Return the code that a request for a grant is refused with."""
    return bench.refusal("CreateGrant", request(key, **members)).code


def listed(bench: Bench, key: str, **members: Any) -> list[dict[str, Any]]:
    """Return a key's grants from one page."""
    found: list[dict[str, Any]] = bench.call("ListGrants", KeyId=key, **members)["Grants"]
    return found


def test_a_grant_is_listed_as_it_was_made(bench: Bench, key: str) -> None:
    """Everything that was asked for is in ListGrants, under AWS's names, and nothing else."""
    made = create(
        bench,
        key,
        RetiringPrincipal=ROOT,
        Operations=["Encrypt", "Decrypt", "Encrypt"],
        Constraints={
            "EncryptionContextSubset": {"Department": "IT"},
            "EncryptionContextEquals": {"Department": "IT", "Purpose": "Test"},
            "SourceArn": DATABASE,
        },
        Name="use/it",
    )
    assert set(made) == {"GrantId", "GrantToken"}
    assert len(made["GrantId"]) == 64
    assert listed(bench, key) == [
        {
            "KeyId": arn_of(key),
            "GrantId": made["GrantId"],
            "Name": "use/it",
            "CreationDate": START,
            "GranteePrincipal": ALICE,
            "RetiringPrincipal": ROOT,
            "IssuingAccount": ROOT,
            "Operations": ["Encrypt", "Decrypt"],
            "Constraints": {
                "EncryptionContextSubset": {"Department": "IT"},
                "EncryptionContextEquals": {"Department": "IT", "Purpose": "Test"},
                "SourceArn": DATABASE,
            },
        }
    ]


def test_a_bare_grant_has_an_empty_name_and_no_constraints(bench: Bench, key: str) -> None:
    """What was not asked for is absent, but for the name, which AWS answers empty."""
    create(bench, key)
    (entry,) = listed(bench, key)
    assert entry["Name"] == ""
    assert not {"Constraints", "RetiringPrincipal", "GranteeServicePrincipal"} & set(entry)


def test_a_grant_to_a_service_names_it_as_one(bench: Bench, key: str) -> None:
    """GranteeServicePrincipal and RetiringServicePrincipal come back under their own names."""
    create(
        bench,
        key,
        GranteePrincipal=None,
        GranteeServicePrincipal=SERVICE,
        RetiringServicePrincipal=SERVICE,
        Constraints={"SourceArn": DATABASE},
    )
    (entry,) = listed(bench, key)
    assert (entry["GranteeServicePrincipal"], entry["RetiringServicePrincipal"]) == (
        SERVICE,
        SERVICE,
    )
    assert not {"GranteePrincipal", "RetiringPrincipal"} & set(entry)


@pytest.mark.parametrize(
    "members",
    [
        {"GranteePrincipal": None},
        {"GranteeServicePrincipal": SERVICE},
        {"RetiringPrincipal": ROOT, "RetiringServicePrincipal": SERVICE},
        {"Operations": []},
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": SERVICE,
            "RetiringPrincipal": ROOT,
        },
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": SERVICE,
            "Constraints": {"SourceArn": DATABASE},
        },
        {"Constraints": {"SourceArn": "arn:aws:rds:us-east-1:nobody:db:ledger"}},
        {"Constraints": {"EncryptionContextEquals": {str(n): "" for n in range(9)}}},
        {"Constraints": {"EncryptionContextSubset": {str(n): "" for n in range(9)}}},
        {"Constraints": {"EncryptionContextSubset": {"a": "b" * 385}}},
        *({"Operations": ["Decrypt", name]} for name in OTHERS),
    ],
)
def test_what_makes_no_grant_is_refused(bench: Bench, key: str, members: dict[str, Any]) -> None:
    """Members that exclude or need each other, bounds of constraints, the type of the key."""
    assert refused(bench, key, **members) == "ValidationException"
    assert listed(bench, key) == []


def test_constraints_may_be_as_large_as_aws_allows(bench: Bench, key: str) -> None:
    """Eight pairs of 384 characters are accepted."""
    pairs = {str(number): "b" * 384 for number in range(8)}
    create(bench, key, Constraints={"EncryptionContextEquals": pairs})
    assert listed(bench, key)[0]["Constraints"] == {"EncryptionContextEquals": pairs}


def test_every_operation_of_a_symmetric_key_can_be_granted(bench: Bench, key: str) -> None:
    """All of them in one grant, in the order that was given."""
    create(bench, key, Operations=SYMMETRIC)
    assert listed(bench, key)[0]["Operations"] == SYMMETRIC


@pytest.mark.parametrize(
    ("spec", "usage", "operations"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT", {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}),
        ("ECC_NIST_P256", "SIGN_VERIFY", {"Sign", "Verify"}),
        ("ECC_NIST_P256", "KEY_AGREEMENT", {"DeriveSharedSecret"}),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", {"Encapsulate", "Decapsulate"}),
        ("HMAC_256", "GENERATE_VERIFY_MAC", {"GenerateMac", "VerifyMac"}),
    ],
)
def test_other_key_types_have_their_own_operations(
    bench: Bench, key: str, spec: str, usage: str, operations: set[str]
) -> None:
    """A type's operations and those of every key are granted, no other, and no context."""
    bench.force(key, key_spec=spec, key_usage=usage)
    fitting = operations | {"CreateGrant", "RetireGrant", "DescribeKey"}
    if spec != "HMAC_256":
        fitting |= {"GetPublicKey"}
    for name in {*SYMMETRIC, *OTHERS}:
        members = request(key, Operations=[name], DryRun=True)
        code = "DryRunOperationException" if name in fitting else "ValidationException"
        assert bench.refusal("CreateGrant", members).code == code, name
    error = bench.refusal(
        "CreateGrant",
        request(key, Operations=["DescribeKey"], Constraints={"EncryptionContextEquals": {}}),
    )
    assert error.message == (
        "EncryptionContext is supported only when creating a grant for a symmetric encryption "
        "KMS key."
    )


@pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        ACCOUNT,
        SERVICE,
        f"arn:aws:iam::{ACCOUNT}:user/nobody",
        f"arn:aws:iam::{ACCOUNT}:user/ALICE",
        f"arn:aws:iam::{ACCOUNT}:user/path/alice",
        f"arn:aws:iam::{ACCOUNT}:role/nobody",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session",
        f"arn:aws:iam::{ACCOUNT}:group/keepers",
        f"arn:aws:iam::{ACCOUNT}:user/",
        f"arn:aws:sts::{ACCOUNT}:user/alice",
        f"arn:aws:iam::{ACCOUNT}:assumed-role/a/b",
        "arn:aws:iam::1234:root",
        "arn:aws-cn:iam::444455556666:root",
        "arn:aws:iam:us-east-1:444455556666:root",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{UNKNOWN_KEY}",
    ],
)
def test_who_does_not_exist_gets_no_grant(
    bench: Bench, key: str, member: str, principal: str
) -> None:
    """Principals of accounts held here must exist, and others must at least be principals."""
    error = bench.refusal("CreateGrant", request(key, **{member: principal}))
    assert error.code == "InvalidArnException"
    assert error.message == f"ARN does not refer to a valid principal: {principal}"


@pytest.mark.parametrize(
    "principal",
    [
        ROOT,
        ALICE,
        f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/division/team/bob",
        f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/partner/session",
        PARTNER,
    ],
)
def test_who_can_be_named(bench: Bench, key: str, principal: str) -> None:
    """Roots, users, roles, their sessions and federated users, here or in other accounts."""
    create(bench, key, GranteePrincipal=principal, RetiringPrincipal=principal)
    (entry,) = listed(bench, key)
    assert (entry["GranteePrincipal"], entry["RetiringPrincipal"]) == (principal, principal)


def test_the_same_request_under_a_name_makes_one_grant(bench: Bench, key: str) -> None:
    """The grant id is the first one's, the token is new, and both tokens name the grant."""
    first = create(bench, key, Name="n", Operations=["Decrypt", "Encrypt"])
    again = create(bench, key, Name="n", Operations=["Encrypt", "Decrypt"])
    assert first["GrantId"] == again["GrantId"]
    assert first["GrantToken"] != again["GrantToken"]
    assert len(listed(bench, key)) == 1
    bench.call("RetireGrant", GrantToken=again["GrantToken"])
    assert listed(bench, key) == []


@pytest.mark.parametrize(
    "other",
    [
        {"Name": "m"},
        {"GranteePrincipal": ROOT},
        {"RetiringPrincipal": ROOT},
        {"Operations": ["Decrypt", "Encrypt"]},
        {"Constraints": {"EncryptionContextEquals": {"a": "1"}}},
        {"Constraints": {"EncryptionContextSubset": {"a": "1"}}},
        {"Constraints": {"SourceArn": DATABASE}},
    ],
)
def test_another_request_under_a_name_makes_another_grant(
    bench: Bench, key: str, other: dict[str, Any]
) -> None:
    """A name alone identifies nothing."""
    create(bench, key, Name="n")
    create(bench, key, **{"Name": "n"} | other)
    assert len(listed(bench, key)) == 2


def test_requests_without_a_name_make_grant_after_grant(bench: Bench, key: str) -> None:
    """Identical requests are different grants."""
    assert create(bench, key)["GrantId"] != create(bench, key)["GrantId"]
    assert len(listed(bench, key)) == 2


def test_a_key_has_no_more_grants_than_its_quota(
    bench: Bench, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the quota no grant is made, but a request under its old name is answered."""
    monkeypatch.setattr(grants, "GRANTS_PER_KEY", 2)
    create(bench, key, Name="n")
    create(bench, key)
    assert refused(bench, key) == "LimitExceededException"
    create(bench, key, Name="n")
    other = bench.key()
    create(bench, other)
    bench.call("RevokeGrant", KeyId=key, GrantId=listed(bench, key)[0]["GrantId"])
    create(bench, key, Name="another")


def test_a_dry_run_makes_and_ends_nothing(bench: Bench, key: str) -> None:
    """Each of the three says that it would have succeeded, or what is wrong, and does nothing."""
    dry = "DryRunOperationException"
    assert refused(bench, key, DryRun=True) == dry
    assert refused(bench, key, DryRun=True, Operations=["Sign"]) == "ValidationException"
    assert listed(bench, key) == []
    grant = create(bench, key)
    for operation in ("RetireGrant", "RevokeGrant"):
        named = {"KeyId": key, "GrantId": grant["GrantId"], "DryRun": True}
        assert bench.refusal(operation, named).code == dry
        named["GrantId"] = "0" * 64
        assert bench.refusal(operation, named).code == "InvalidGrantIdException"
    assert len(listed(bench, key)) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_grants_page(bench: Bench, key: str, size: int) -> None:
    """Every page size lists each grant once, whatever the filter."""
    made = sorted(create(bench, key)["GrantId"] for _ in range(5))
    create(bench, bench.key())
    create(bench, key, GranteePrincipal=ROOT)
    for filters, count in (({}, 6), ({"GranteePrincipal": ALICE}, 5)):
        found: list[str] = []
        marker: dict[str, str] = {}
        while True:
            page = bench.call("ListGrants", filters | marker, KeyId=key, Limit=size)
            found += [entry["GrantId"] for entry in page["Grants"]]
            if not page["Truncated"]:
                break
            marker = {"Marker": page["NextMarker"]}
        assert count == len(found)
        assert found == sorted(found)
        assert set(made) <= set(found)


def test_a_marker_is_good_for_its_own_listing_only(bench: Bench, key: str) -> None:
    """Another key, filter or operation refuses it."""
    for _ in range(2):
        create(bench, key, RetiringPrincipal=ROOT)
    marker = bench.call("ListGrants", KeyId=key, Limit=1)["NextMarker"]
    for operation, members in (
        ("ListGrants", {"KeyId": bench.key()}),
        ("ListGrants", {"KeyId": key, "GranteePrincipal": ALICE}),
        ("ListRetirableGrants", {"RetiringPrincipal": ROOT}),
    ):
        error = bench.refusal(operation, members, Marker=marker)
        assert error.code == "InvalidMarkerException"


def test_grants_are_filtered(bench: Bench, key: str) -> None:
    """By id, by grantee, or both; an unknown id is an error, an unknown grantee has no grants."""
    mine = create(bench, key)["GrantId"]
    roots = create(bench, key, GranteePrincipal=ROOT)["GrantId"]
    assert [entry["GrantId"] for entry in listed(bench, key, GrantId=roots)] == [roots]
    assert [entry["GrantId"] for entry in listed(bench, key, GranteePrincipal=ALICE)] == [mine]
    assert listed(bench, key, GrantId=roots, GranteePrincipal=ALICE) == []
    assert listed(bench, key, GranteePrincipal=PARTNER) == []
    error = bench.refusal("ListGrants", KeyId=key, GrantId="0" * 64)
    assert error.code == "InvalidGrantIdException"
    error = bench.refusal(
        "ListGrants", KeyId=key, GranteePrincipal=ALICE, GranteeServicePrincipal=SERVICE
    )
    assert error.code == "ValidationException"


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("ListGrants", "GranteeServicePrincipal"),
        ("ListRetirableGrants", "RetiringServicePrincipal"),
    ],
)
def test_only_services_filter_by_service(
    bench: Bench, key: str, operation: str, member: str
) -> None:
    """Anybody else is refused."""
    keyed = {"KeyId": key} if operation == "ListGrants" else {}
    error = bench.refusal(operation, keyed, **{member: SERVICE})
    assert (error.code, member in error.message) == ("ValidationException", True)


def test_retirable_grants_are_those_of_every_key(bench: Bench, key: str) -> None:
    """All of the Region's grants with that retiring principal, in pages."""
    keys = [key, bench.key()]
    made = {create(bench, each, RetiringPrincipal=ALICE)["GrantId"] for each in keys * 2}
    create(bench, key, RetiringPrincipal=ROOT)
    create(bench, key)
    found: set[str] = set()
    marker: dict[str, str] = {}
    while True:
        page = bench.call("ListRetirableGrants", marker, RetiringPrincipal=ALICE, Limit=3)
        found |= {entry["GrantId"] for entry in page["Grants"]}
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert made == found
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    elsewhere = {"RetiringPrincipal": ALICE}
    assert bench.engine.call(there, "kms:ListRetirableGrants", elsewhere)["Grants"] == []


@pytest.mark.parametrize("principal", [PARTNER, "alice", f"arn:aws:iam::{ACCOUNT}:group/a"])
def test_retirable_grants_are_listed_for_the_own_account(bench: Bench, principal: str) -> None:
    """A principal of another account, and what is none, are refused."""
    error = bench.refusal("ListRetirableGrants", RetiringPrincipal=principal)
    assert error.code == "InvalidArnException"


def test_a_grant_ends_by_id_or_by_token(bench: Bench, key: str) -> None:
    """After any of the four ways the grant is gone, and a second time it is unknown."""
    for names in ("token", "id", "arn", "both"):
        grant = create(bench, key)
        by_id = {"KeyId": arn_of(key) if names == "arn" else key, "GrantId": grant["GrantId"]}
        by_token = {"GrantToken": grant["GrantToken"]}
        members = {"token": by_token, "both": by_id | by_token}.get(names, by_id)
        bench.call("RetireGrant", members)
        assert listed(bench, key) == []
        again = INVALID_TOKEN if "GrantToken" in members else "InvalidGrantIdException"
        assert bench.refusal("RetireGrant", members).code == again
    grant = create(bench, key)
    bench.call("RevokeGrant", KeyId=key, GrantId=grant["GrantId"])
    error = bench.refusal("RevokeGrant", KeyId=key, GrantId=grant["GrantId"])
    assert error.code == "InvalidGrantIdException"


@pytest.mark.parametrize("members", [{}, {"KeyId": UNKNOWN_KEY}, {"GrantId": "a"}])
def test_retiring_needs_a_token_or_key_and_id(bench: Bench, members: dict[str, str]) -> None:
    """Less than that names no grant."""
    error = bench.refusal("RetireGrant", members)
    assert error.message == "Grant token OR (grant ID, key ID) must be specified"


def test_a_token_and_an_id_must_agree(bench: Bench, key: str) -> None:
    """A token beside another grant's names is refused, and neither grant ends."""
    one, two = create(bench, key), create(bench, key)
    for wrong in ({"GrantId": two["GrantId"]}, {"KeyId": bench.key()}):
        error = bench.refusal("RetireGrant", wrong, GrantToken=one["GrantToken"])
        assert error.code == "ValidationException"
    assert len(listed(bench, key)) == 2


def test_a_grant_of_another_key_is_unknown(bench: Bench, key: str) -> None:
    """A grant id is looked for on the key that is named, nowhere else."""
    grant = create(bench, key)["GrantId"]
    other = bench.key()
    for operation in ("RetireGrant", "RevokeGrant"):
        error = bench.refusal(operation, KeyId=other, GrantId=grant)
        assert error.code == "InvalidGrantIdException"
    assert len(listed(bench, key)) == 1


def _flip(token: str, position: int) -> str:
    raw = bytearray(base64.b64decode(token))
    raw[position] ^= 1
    return base64.b64encode(raw).decode()


def test_a_token_that_is_changed_is_invalid(bench: Bench, key: str) -> None:
    """One bit anywhere, another spelling, less or more: nothing but the token itself passes."""
    token = create(bench, key)["GrantToken"]
    size = len(base64.b64decode(token))
    bad = [_flip(token, position) for position in range(size)]
    bad += [token[:-4], token + "AAAA", f" {token}", f"{token}\n", token.lower(), "AAAA", "é", "="]
    bad += [token.rstrip("=")] if token.endswith("=") else []
    for text in bad:
        error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=[token, text])
        assert error.code == INVALID_TOKEN
        assert bench.refusal("RetireGrant", GrantToken=text).code == INVALID_TOKEN
    bench.call("Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=[token])


def test_a_token_is_made_as_documented(bench: Bench, key: str) -> None:
    """Version, nonce, the four parts of the grant's place, and a MAC over all of that."""
    grant = create(bench, key)
    raw = base64.b64decode(grant["GrantToken"], validate=True)
    place = f"{ACCOUNT}\nus-east-1\n{key}\n{grant['GrantId']}".encode()
    assert (raw[:1], raw[17:-32]) == (b"\x01", place)
    assert bench.core.hsm.mac(Purpose.GRANT_TOKEN, raw[:-32]) == raw[-32:]


def test_what_is_sealed_for_another_purpose_is_no_token(bench: Bench, key: str) -> None:
    """A body under another purpose's key is refused, and so is a token of another Region."""
    token = create(bench, key)["GrantToken"]
    body = base64.b64decode(token)[:-32]
    tag = bench.core.hsm.mac(Purpose.PAGE_TOKEN, body)
    forged = base64.b64encode(body + tag).decode()
    assert bench.refusal("DescribeKey", KeyId=key, GrantTokens=[forged]).code == INVALID_TOKEN
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    bench.session = there
    other = bench.key()
    assert bench.refusal("DescribeKey", KeyId=other, GrantTokens=[token]).code == INVALID_TOKEN


def test_every_grantable_operation_takes_tokens(bench: Bench, key: str) -> None:
    """A token is accepted, also of a grant that has ended, and a text that is none is refused."""
    token = create(bench, key)["GrantToken"]
    bench.call("RetireGrant", GrantToken=token)
    things = make_things(bench)
    taking = [
        spec
        for spec in bench.engine.operations().values()
        if spec.member("GrantTokens") is not None
    ]
    assert len(taking) >= 17
    for operation, members in [(spec.name, valid(spec.full_name, things)) for spec in taking]:
        bench.call(operation, members, GrantTokens=[token] * 10)
        error = bench.refusal(operation, members, GrantTokens=["nonsense"])
        assert error.code == INVALID_TOKEN
        error = bench.refusal(operation, members, GrantTokens=[token] * 11)
        assert error.code == "ValidationException"


def test_the_trail_shows_grants_and_never_tokens(bench: Bench, key: str) -> None:
    """CloudTrail's shape of each operation; no line of the trail has the token."""
    grant = create(
        bench,
        key,
        Constraints={"EncryptionContextSubset": {"Department": "IT"}},
        RetiringPrincipal=ROOT,
    )
    token, grant_id = grant["GrantToken"], grant["GrantId"]
    event = bench.last_event()
    assert event["requestParameters"] == {
        "keyId": key,
        "granteePrincipal": ALICE,
        "retiringPrincipal": ROOT,
        "operations": ["Decrypt"],
        "constraints": {"encryptionContextSubset": {"Department": "IT"}},
    }
    assert event["responseElements"] == {"grantId": grant_id}
    assert event["readOnly"] is False
    bench.call("Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=[token])
    bench.refusal("Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=[f"{token}x"])
    bench.call("ListGrants", KeyId=key)
    assert (bench.last_event()["responseElements"], bench.last_event()["readOnly"]) == (None, True)
    bench.call("RetireGrant", GrantToken=token)
    event = bench.last_event()
    assert (event["requestParameters"], event["responseElements"]) == (None, None)
    assert event["additionalEventData"] == {"grantId": grant_id}
    assert [resource["ARN"] for resource in event["resources"]] == [arn_of(key)]
    bench.refusal("RetireGrant", GrantToken=token)
    other = create(bench, key)["GrantId"]
    bench.call("RevokeGrant", KeyId=key, GrantId=other)
    event = bench.last_event()
    assert event["requestParameters"] == {"keyId": key, "grantId": other}
    assert event["responseElements"] == {"keyId": arn_of(key)}
    lines = bench.core.require_trail().latest(1000)
    assert not any(token.encode() in line for line in lines)


def test_grants_survive_a_restart_and_end_with_their_key(training: Bench) -> None:
    """They are stored, and destroyed when the key is."""
    key = training.key()
    made = training.call("CreateGrant", request(key, GranteePrincipal=ROOT))
    training.reopen()
    training.call("Encrypt", KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    assert len(listed(training, key)) == 1
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert len(listed(training, key)) == 1
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert training.refusal("ListGrants", KeyId=key).code == "NotFoundException"
    assert training.refusal("RetireGrant", GrantToken=made["GrantToken"]).code == INVALID_TOKEN
    assert training.call("kmstui:ListAllGrants")["Grants"] == []


@pytest.mark.parametrize("size", [1, 2, 5, 2000])
def test_all_grants_are_listed_with_counts_and_orphans(bench: Bench, key: str, size: int) -> None:
    """Pages have each grant of the Region once; their counts add up; lost grantees are marked."""
    other = bench.key()
    for each in (key, key, other):
        create(bench, each)
    create(bench, other, GranteePrincipal=ROOT)
    bench.call("iam:DeleteUser", UserName="alice")
    keys: dict[str, int] = {}
    grantees: dict[str, int] = {}
    orphans: list[str] = []
    found: set[str] = set()
    marker: dict[str, str] = {}
    while True:
        page = bench.call("kmstui:ListAllGrants", marker, Limit=size)
        found |= {entry["GrantId"] for entry in page["Grants"]}
        orphans += [e["GranteePrincipal"] for e in page["Grants"] if e["Orphaned"]]
        for total, part in ((keys, "CountsByKey"), (grantees, "CountsByGrantee")):
            for name, count in page[part].items():
                total[name] = total.get(name, 0) + count
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert keys == {arn_of(key): 2, arn_of(other): 2}
    assert grantees == {ALICE: 3, ROOT: 1}
    assert orphans == [ALICE] * 3
    assert len(found) == 4


def test_another_account_under_the_same_name_makes_its_own_grant(bench: Bench, key: str) -> None:
    """Who issued a grant is part of what makes it the same."""
    create(bench, key, Name="n")
    keystore = bench.core.keystore
    (stored,) = keystore.grants_of_key(ACCOUNT, "us-east-1", key, limit=2)
    with keystore.begin() as changes:
        changes.put_grant(replace(stored, issuing_account=f"arn:aws:iam::{OTHER_ACCOUNT}:root"))
        changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    create(bench, key, Name="n")
    assert len(listed(bench, key)) == 2


class TestPerPrincipal:
    """The limit on grants to one principal."""

    def test_there_is_none_unless_it_is_set(self, bench: Bench) -> None:
        """AWS has only the one of the key nowadays."""
        key = bench.key()
        for _ in range(3):
            bench.call("CreateGrant", KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"])
        settings = bench.call("kmstui:GetSettings")["Settings"]
        assert settings["grants-per-principal"] == "0"

    def test_one_too_many_to_a_principal_is_refused(self, bench: Bench) -> None:
        """The same principal gets no third one on this key; on another key it does."""
        key, other = bench.key(), bench.key()
        bench.call("kmstui:PutSetting", Name="grants-per-principal", Value="2")
        for _ in range(2):
            bench.call("CreateGrant", KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"])
        error = bench.refusal(
            "CreateGrant", KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"]
        )
        assert error.code == "LimitExceededException"
        assert error.message == f"{arn_of(key)} already has 2 grants to {ROOT}."
        assert "grants-per-principal" in error.hint
        bench.call("CreateGrant", KeyId=other, GranteePrincipal=ROOT, Operations=["Decrypt"])

    def test_another_principal_is_not_affected(self, bench: Bench, key: str) -> None:
        """The limit is each principal's own."""
        bench.call("kmstui:PutSetting", Name="grants-per-principal", Value="1")
        bench.call("CreateGrant", KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"])
        bench.call("CreateGrant", KeyId=key, GranteePrincipal=ALICE, Operations=["Decrypt"])

    def test_the_same_grant_under_its_name_is_not_one_more(self, bench: Bench) -> None:
        """Asking again for a grant that is there is answered with it."""
        key = bench.key()
        bench.call("kmstui:PutSetting", Name="grants-per-principal", Value="1")
        first = bench.call(
            "CreateGrant", KeyId=key, Name="it", GranteePrincipal=ROOT, Operations=["Decrypt"]
        )
        again = bench.call(
            "CreateGrant", KeyId=key, Name="it", GranteePrincipal=ROOT, Operations=["Decrypt"]
        )
        assert first["GrantId"] == again["GrantId"]

    @pytest.mark.parametrize("value", ["-1", "50001", "1.5", "", "many"])
    def test_other_values_are_refused(self, bench: Bench, value: str) -> None:
        """The setting is a number up to the key's own limit."""
        error = bench.refusal("kmstui:PutSetting", Name="grants-per-principal", Value=value)
        assert error.code == "ValidationException"


def test_grants_are_counted_with_their_limits(bench: Bench, key: str) -> None:
    """The key's own count and the principal's, with the second limit once it is set."""
    for grantee in (ROOT, ROOT, ALICE):
        bench.call("CreateGrant", KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    counts = bench.call("kmstui:CountGrants", KeyId=key, Principal=ROOT)
    assert counts == {"Grants": 3, "GrantsMax": 50_000, "ToPrincipal": 2}
    bench.call("kmstui:PutSetting", Name="grants-per-principal", Value="500")
    counts = bench.call("kmstui:CountGrants", KeyId=key, Principal=ALICE)
    assert (counts["ToPrincipal"], counts["ToPrincipalMax"]) == (1, 500)
    assert bench.call("kmstui:CountGrants", KeyId=key) == {"Grants": 3, "GrantsMax": 50_000}
