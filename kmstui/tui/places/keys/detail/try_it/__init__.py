"""Trying a key: encrypt, decrypt, data keys, re-encryption, random bytes."""
