"""The record: SQLite today, append-only versions, an audit entry in the transaction of every change. The only room with SQLAlchemy."""
