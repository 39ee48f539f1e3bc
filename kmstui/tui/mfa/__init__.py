"""The second factor: asking for codes, enrolling devices, the demo authenticator."""
