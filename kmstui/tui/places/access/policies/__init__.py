"""Policies: their statements in one list, and the page of one document."""
