"""The Alembic chain: each step is a file that imports nothing of labmon."""
