"""Principals: root, users, groups and roles, what each has, and what can be done to it."""
