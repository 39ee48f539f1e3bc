"""Making the first keystore: place, passphrase, recovery code, in full-screen steps."""
