"""The policy language: pure functions over plain data."""
