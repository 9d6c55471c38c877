"""Which version of which protocol the study was judged by, from when on, with its text."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protocol_use",
        sa.Column("use_id", sa.Integer, primary_key=True),
        sa.Column("protocol_id", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER protocol_use_refuses_{act.lower()} BEFORE {act} ON protocol_use "
            "BEGIN SELECT RAISE(ABORT, 'protocol_use is append-only'); END"
        )
