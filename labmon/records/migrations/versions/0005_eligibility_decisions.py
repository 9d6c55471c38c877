"""Eligibility decisions, each with the frozen snapshot it rests on and the snapshot's SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "eligibility_decision",
        sa.Column("decision_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("eligibility_decision.decision_id"), unique=True),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("protocol_id", sa.String, nullable=False),
        sa.Column("protocol_version", sa.String, nullable=False),
        sa.Column("meaning", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("snapshot_sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_eligibility_decision_patient", "eligibility_decision", ["patient_code", "protocol_id"])
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER eligibility_decision_refuses_{act.lower()} BEFORE {act} ON eligibility_decision "
            "BEGIN SELECT RAISE(ABORT, 'eligibility_decision is append-only'); END"
        )
