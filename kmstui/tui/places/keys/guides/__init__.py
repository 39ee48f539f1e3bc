"""Guides: rotating by hand, and moving encrypted data keys to another key or Region."""
