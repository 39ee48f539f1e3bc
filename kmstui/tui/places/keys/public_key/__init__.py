"""The public half of an asymmetric key."""
