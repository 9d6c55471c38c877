"""The vocabulary of the window: small widgets every page is built from."""
