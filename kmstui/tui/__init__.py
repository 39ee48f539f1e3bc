"""The console: a Textual application over the engine's facade."""
