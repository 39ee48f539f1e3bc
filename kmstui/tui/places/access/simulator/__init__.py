"""The simulator: a call decided without being made, step by step."""
