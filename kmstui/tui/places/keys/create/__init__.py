"""Creating a key: one page for the usual one, a wizard for the rest."""
