"""The record: append-only versions, each change audited in its own transaction; the only room with SQLAlchemy."""
