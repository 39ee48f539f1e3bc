"""Quotas and sizes, each with its source.

``[quotas]`` is the AWS KMS Developer Guide's *Quotas* page, ``[api]`` the operation's page in the
AWS KMS API Reference; ``[kmstui]`` is a bound of our own where AWS documents none.
"""

from __future__ import annotations

KEYS_PER_REGION = 100_000
"""Customer managed keys in an account and Region, in every state [quotas]."""

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

LIST_KEYS_DEFAULT, LIST_KEYS_MAX = 100, 1_000
"""Page of ListKeys [api: ListKeys]."""

LIST_ALIASES_DEFAULT, LIST_ALIASES_MAX = 50, 100
"""Page of ListAliases [api: ListAliases]."""

LIST_TAGS_DEFAULT, LIST_TAGS_MAX = 50, 50
"""Page of ListResourceTags [api: ListResourceTags]."""

GRANTS_PER_KEY = 50_000
"""Grants on one key [quotas]."""

GRANT_CONSTRAINT_PAIRS = 8
"""Encryption context pairs of one grant constraint [api: CreateGrant]."""

GRANT_CONSTRAINT_CHARACTERS = 384
"""Characters of a value in a grant constraint [api: CreateGrant]."""

LIST_GRANTS_DEFAULT, LIST_GRANTS_MAX = 50, 100
"""Page of ListGrants and of ListRetirableGrants [api]."""

LIST_POLICIES_DEFAULT, LIST_POLICIES_MAX = 100, 1_000
"""Page of ListKeyPolicies [api: ListKeyPolicies]."""

DESTRUCTION_SECOND_LOOK_SECONDS = 3_600.0
"""Boot time between seeing a key due and destroying it, in production keystores [kmstui]."""

PASSPHRASE_MIN_CHARACTERS = 12
"""Shortest passphrase accepted for a new slot [kmstui]."""
