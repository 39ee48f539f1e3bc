"""The dialogs of keys. They know the keys they were opened for, never the cursor."""
