"""Custom key stores: the six operations, and what keys in them need."""
