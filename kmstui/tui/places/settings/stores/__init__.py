"""Custom key stores in Settings: what they are, what can be done with them, and how."""
