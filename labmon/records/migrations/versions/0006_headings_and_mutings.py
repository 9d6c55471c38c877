"""The headings of an accepted file, to compare the next one with, and the warnings a person muted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_file", sa.Column("headings", sa.Text))
    op.create_table(
        "issue_muting",
        sa.Column("mute_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("issue_muting.mute_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("format_id", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER issue_muting_refuses_{act.lower()} BEFORE {act} ON issue_muting "
            "BEGIN SELECT RAISE(ABORT, 'issue_muting is append-only'); END"
        )
