"""A key's page: what it is, who may use it, its material, what it did, and trying it."""
