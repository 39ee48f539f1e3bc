"""`w` why?: what decided a refused call, what nearly did, and what would change it."""
