"""Quotas and sizes, each with its source.

``[quotas]`` is the AWS KMS Developer Guide's *Quotas* page, ``[api]`` the operation's page in the
AWS KMS API Reference; ``[iam quotas]`` the IAM User Guide's *IAM and AWS STS quotas* and
``[iam api]`` the IAM API Reference; ``[kmstui]`` is a bound of our own where AWS documents none.
"""

from __future__ import annotations

KEYS_PER_REGION = 100_000
"""Customer managed keys in an account and Region, in every state [quotas]."""

REPLICAS_PER_KEY = 64
"""Replicas of a multi-Region key [kmstui]; here any well-formed name is that of a Region.

What related keys share is written to each of them in one commit.
"""

KEY_STORES_PER_REGION = 10
"""Custom key stores in an account and Region, of both types and in every state [quotas]."""

LIST_KEY_STORES_DEFAULT, LIST_KEY_STORES_MAX = 100, 1_000
"""Page of DescribeCustomKeyStores; AWS documents no default [api: DescribeCustomKeyStores]."""

ALIASES_PER_KEY = 50
"""Aliases of one key [quotas]."""

TAGS_PER_KEY = 50
"""User tags of one key [api: TagResource]."""

POLICY_BYTES = 32_768
"""UTF-8 bytes of a key policy [quotas]."""

POLICY_CHARACTERS = 131_072
"""Characters of the Policy member [api: PutKeyPolicy]."""

PLAINTEXT_BYTES = 4_096
"""Plaintext of Encrypt [api: Encrypt]."""

MESSAGE_BYTES = 4_096
"""Message of Sign, Verify, GenerateMac and VerifyMac [api: Sign]."""

CIPHERTEXT_BYTES = 6_144
"""Ciphertext blob [api: Decrypt]."""

RANDOM_BYTES = 1_024
"""NumberOfBytes of GenerateRandom and GenerateDataKey [api]."""

CONTEXT_BYTES = 4_096
"""UTF-8 bytes of an encryption context, keys and values together [kmstui]."""

PENDING_WINDOW_MIN_DAYS = 7
"""Shortest waiting period [api: ScheduleKeyDeletion]."""

PENDING_WINDOW_MAX_DAYS = 30
"""Longest waiting period, and the default [api: ScheduleKeyDeletion]."""

IMPORT_PARAMETERS_HOURS = 24
"""For how long a wrapping key and its import token may be used [api: GetParametersForImport]."""

VALID_TO_MAX_DAYS = 365
"""How far ahead the expiry of imported key material may be [api: ImportKeyMaterial]."""

ROTATION_PERIOD_MIN_DAYS, ROTATION_PERIOD_MAX_DAYS = 90, 2_560
"""Days between automatic rotations [api: EnableKeyRotation]."""

ROTATION_PERIOD_DEFAULT_DAYS = 365
"""Days between automatic rotations where none are named [api: EnableKeyRotation]."""

ON_DEMAND_ROTATIONS = 25
"""Rotations on demand of one key, for its whole life [quotas]."""

LIST_KEYS_DEFAULT, LIST_KEYS_MAX = 100, 1_000
"""Page of ListKeys [api: ListKeys]."""

LIST_ALIASES_DEFAULT, LIST_ALIASES_MAX = 50, 100
"""Page of ListAliases [api: ListAliases]."""

LIST_TAGS_DEFAULT, LIST_TAGS_MAX = 50, 50
"""Page of ListResourceTags [api: ListResourceTags]."""

GRANTS_PER_KEY = 50_000
"""Grants on one key [quotas]."""

QUOTA_SCALE_MAX = 1_000
"""Greatest factor on AWS's request quotas [kmstui]."""

GRANT_CONSTRAINT_PAIRS = 8
"""Encryption context pairs of one grant constraint [api: CreateGrant]."""

GRANT_CONSTRAINT_CHARACTERS = 384
"""Characters of a value in a grant constraint [api: CreateGrant]."""

LIST_GRANTS_DEFAULT, LIST_GRANTS_MAX = 50, 100
"""Page of ListGrants and of ListRetirableGrants [api]."""

LIST_POLICIES_DEFAULT, LIST_POLICIES_MAX = 100, 1_000
"""Page of ListKeyPolicies [api: ListKeyPolicies]."""

MFA_DEVICES_PER_USER = 8
"""Enabled MFA devices of one user [iam quotas]."""

MFA_DEVICES_PER_ACCOUNT = 5_000
"""Virtual MFA devices of an account, assigned or not: as many as users [iam quotas]."""

ROTATION_PERIOD_MIN_DAYS, ROTATION_PERIOD_MAX_DAYS = 90, 2_560
"""Days between automatic rotations [api: EnableKeyRotation]."""

ROTATION_PERIOD_DAYS = 365
"""Days between automatic rotations where none are named, and for AWS managed keys [api]."""

ROTATIONS_ON_DEMAND = 25
"""On-demand rotations of one key, for its whole life [quotas]."""

ROTATION_CONFLICT_MINUTES = 20
"""How long before an automatic rotation none can be asked for [api: RotateKeyOnDemand]."""

LIST_ROTATIONS_DEFAULT, LIST_ROTATIONS_MAX = 100, 1_000
"""Page of ListKeyRotations [api: ListKeyRotations]."""

DESTRUCTION_SECOND_LOOK_SECONDS = 3_600.0
"""Boot time between seeing a key due and destroying it, in production keystores [kmstui]."""

PASSPHRASE_MIN_CHARACTERS = 12
"""Shortest passphrase accepted for a new slot [kmstui]."""

USERS_PER_ACCOUNT = 5_000
"""IAM users of an account [iam quotas]."""

ROLES_PER_ACCOUNT = 1_000
"""IAM roles of an account [iam quotas]."""

GROUPS_PER_ACCOUNT = 300
"""Groups of an account [iam quotas]."""

POLICIES_PER_ACCOUNT = 1_500
"""Customer managed policies of an account [iam quotas]."""

GROUPS_PER_USER = 10
"""Groups that a user can be in [iam quotas]."""

ATTACHED_POLICIES = 10
"""Managed policies attached to one user, group or role [iam quotas]."""

ACCESS_KEYS_PER_USER = 2
"""Access keys of one user, in every status [iam quotas]."""

VERSIONS_PER_POLICY = 5
"""Versions of one managed policy [iam quotas]."""

TAGS_PER_ENTITY = 50
"""Tags of one user, role or policy [iam quotas]."""

USER_POLICY_CHARACTERS = 2_048
"""Characters of all embedded policies of a user, white space not counted [iam quotas]."""

GROUP_POLICY_CHARACTERS = 5_120
"""Characters of all embedded policies of a group, white space not counted [iam quotas]."""

ROLE_POLICY_CHARACTERS = 10_240
"""Characters of all embedded policies of a role, white space not counted [iam quotas]."""

MANAGED_POLICY_CHARACTERS = 6_144
"""Characters of a managed policy, white space not counted [iam quotas]."""

TRUST_POLICY_CHARACTERS = 2_048
"""Characters of a role's trust policy, white space not counted [iam quotas]."""

IAM_PAGE = 100
"""Entries of a page of IAM when MaxItems is absent [iam api]."""
