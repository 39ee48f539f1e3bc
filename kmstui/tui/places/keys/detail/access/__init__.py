"""The Access tab of a key: its policy, who may do what, and its grants."""
