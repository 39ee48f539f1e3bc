"""An account in which every untrusted field holds hostile strings, planted by real calls.

Each string stands behind a mark, so that a test can tell what the screen shows of it, and every
field takes as many of them as the engine accepts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kmstui.core.errors import KmsError
from kmstui.engine.wrapping import wrap_material
from tests.helpers.hostile import HOSTILE

Call = Callable[[str, Mapping[str, object]], dict[str, Any]]

PAYLOADS = HOSTILE
_SURROGATES = re.compile("[\ud800-\udfff]")
FULL_ALIAS = "alias/full"
"""The key that has as much of everything as fits."""

MOST_TAGS = 50
LONGEST_DESCRIPTION = 8192
LONGEST_CONTEXT = 4096
KINDS = {
    "SIGN_VERIFY": "ECC_NIST_P256",
    "GENERATE_VERIFY_MAC": "HMAC_256",
    "KEY_AGREEMENT": "ECC_NIST_P256",
    "ENCAPSULATE_DECAPSULATE": "ML_KEM_768",
}
"""A key of each usage besides encrypting."""


def mark(number: int) -> str:
    """Return what stands before the hostile string of a number."""
    return f"Mk{number:02}="


def marked(number: int) -> str:
    """Return a hostile string behind its mark."""
    return mark(number) + PAYLOADS[number]


@dataclass(slots=True)
class HostileAccount:
    """What was planted.

    Attributes:
        keys: ARNs of the keys, one for each string.
        full: ARN of the key that has all of them.
        kinds: ARN of a key of each other usage, with a string on it.
        imported: ARN of a multi-Region key with imported material, and a string on it.
        user: ARN of the user whose tags they are.
        inline: The route's argument of the inline policy that has them.
        accepted: Field to how many strings it took.
    """

    keys: list[str] = field(default_factory=list)
    full: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    imported: str = ""
    user: str = ""
    inline: str = ""
    accepted: Counter[str] = field(default_factory=Counter)

    @classmethod
    def plant(cls, call: Call) -> HostileAccount:
        """Put the strings wherever the operations let them in.

        Args:
            call: Makes a call by operation and members; raises KmsError.
        """
        account = cls()
        for number in range(len(PAYLOADS)):
            account._one(call, number)
        account._all(call)
        for number, (usage, spec) in enumerate(KINDS.items()):
            text = marked(number)
            kind = {"KeySpec": spec, "KeyUsage": usage, "Description": text}
            account.kinds[usage] = call("CreateKey", kind)["KeyMetadata"]["Arn"]
        account._imported(call)
        account._user(call)
        return account

    def _try(self, what: str, call: Call, operation: str, **members: object) -> None:
        try:
            call(operation, members)
        except KmsError:
            self.accepted[f"refused {what}"] += 1
        else:
            self.accepted[what] += 1

    def _one(self, call: Call, number: int) -> None:
        text = marked(number)
        arn: str = call("CreateKey", {})["KeyMetadata"]["Arn"]
        self.keys.append(arn)
        call("CreateAlias", {"AliasName": f"alias/k{number:02}", "TargetKeyId": arn})
        self._try("description", call, "UpdateKeyDescription", KeyId=arn, Description=text)
        for key, value in (("Owner", text), (text, "x"), ("Note", text)):
            tags = [{"TagKey": key, "TagValue": value}]
            self._try("tag", call, "TagResource", KeyId=arn, Tags=tags)
        for context in ({"app": text}, {text: "app"}):
            sealed = {"KeyId": arn, "Plaintext": b"x", "EncryptionContext": context}
            self._try("context", call, "Encrypt", **sealed)
        self._try("policy", call, "PutKeyPolicy", KeyId=arn, Policy=policy(arn, [text]))
        self._grant(call, arn, {text: text} if number % 2 else {"app": text})
        self._try("alias", call, "CreateAlias", AliasName=f"alias/{text}", TargetKeyId=arn)
        self._try("key id", call, "DescribeKey", KeyId=text)

    def _imported(self, call: Call) -> None:
        members = {"Origin": "EXTERNAL", "MultiRegion": True, "Description": marked(0)}
        self.imported = arn = call("CreateKey", members)["KeyMetadata"]["Arn"]
        wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
        parameters = call("GetParametersForImport", {"KeyId": arn, **wrapping})
        for number, kind in enumerate(({}, {"ImportType": "NEW_KEY_MATERIAL"})):
            material = bytes([number]) * 32
            wrapped = wrap_material(parameters["PublicKey"], "RSAES_OAEP_SHA_256", material)
            request = {
                "KeyId": arn,
                "ImportToken": parameters["ImportToken"],
                "EncryptedKeyMaterial": wrapped,
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }
            call("ImportKeyMaterial", request | kind)
        call("ReplicateKey", {"KeyId": arn, "ReplicaRegion": "eu-west-1"})

    def _grant(self, call: Call, arn: str, pairs: Mapping[str, str]) -> None:
        self._try(
            "grant",
            call,
            "CreateGrant",
            KeyId=arn,
            GranteePrincipal=f"arn:aws:iam::{arn.split(':')[4]}:root",
            Operations=["Decrypt"],
            Constraints={"EncryptionContextSubset": pairs},
        )

    def _all(self, call: Call) -> None:
        texts = [marked(number) for number in range(len(PAYLOADS))]
        self.full = call("CreateKey", {})["KeyMetadata"]["Arn"]
        call("CreateAlias", {"AliasName": FULL_ALIAS, "TargetKeyId": self.full})
        # A lone surrogate is no Unicode, and fits in nothing that is stored.
        short = [text for text in texts if len(text) <= 100 and not _SURROGATES.search(text)]
        description = " ".join(short)[:LONGEST_DESCRIPTION]
        call("UpdateKeyDescription", {"KeyId": self.full, "Description": description})
        for text in short[:MOST_TAGS]:
            tags = [{"TagKey": text, "TagValue": text}]
            self._try("many tags", call, "TagResource", KeyId=self.full, Tags=tags)
        call("PutKeyPolicy", {"KeyId": self.full, "Policy": policy(self.full, short)})
        for text in short:
            self._grant(call, self.full, {text: text})
        for start in range(0, len(short), 20):
            context = {text: text for text in short[start : start + 20]}
            self._try(
                "long context",
                call,
                "Encrypt",
                KeyId=self.full,
                Plaintext=b"x",
                EncryptionContext=context,
            )

    def _user(self, call: Call) -> None:
        """Plant the strings in what a user has: its tags, and a policy of its own."""
        self.user = call("iam:CreateUser", {"UserName": "hostile"})["User"]["Arn"]
        texts = [marked(number) for number in range(len(PAYLOADS))]
        for text in texts:
            tags = [{"Key": text, "Value": text}]
            self._try("user tag", call, "iam:TagUser", UserName="hostile", Tags=tags)
        short = [text for text in texts if len(text) <= 60 and not _SURROGATES.search(text)]
        statements = [
            {
                "Effect": "Deny",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:EncryptionContext:app": short[:8]}},
            }
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        members = {"UserName": "hostile", "PolicyName": "Strings", "PolicyDocument": document}
        call("iam:PutUserPolicy", members)
        self.inline = f"1|identity-based policy|{self.user} Strings"


def policy(arn: str, sids: Sequence[str]) -> str:
    """Write a key policy that lets the account in, with one statement for each Sid."""
    account = arn.split(":")[4]
    statements = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"kms:EncryptionContext:app": sid}},
        }
        for sid in ("", *sids)
    ]
    del statements[0]["Condition"]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
