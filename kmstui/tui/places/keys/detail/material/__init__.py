"""The Material tab: every version of the key material, and what can be done with it."""
