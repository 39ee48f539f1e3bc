"""Importing key material: from the file, or fresh, to the key, step by step."""
