"""Dialogs: questions over the console. They bind to ids when they open, never to the cursor."""
