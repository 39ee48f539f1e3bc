"""Rotation: what rotates when, and rotating it."""
