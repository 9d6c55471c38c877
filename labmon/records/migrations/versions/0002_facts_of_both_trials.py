"""Facts both trials ask for beyond cells, and what a person confirmed of a protocol."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "cardiac_status",
    "csf_assessment",
    "lab_value",
    "performance_status",
    "protocol_confirmation",
    "serology",
    "target_expression",
    "transfusion",
)


def upgrade() -> None:
    op.create_table(
        "cardiac_status",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("cardiac_status.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("lvef_fraction", sa.Float),
        sa.Column("nyha_class", sa.String),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_cardiac_status_key", "cardiac_status", ["patient_code", "assessed_on"])
    op.create_table(
        "csf_assessment",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("csf_assessment.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("csf_blasts", sa.String, nullable=False),
        sa.Column("csf_wbc_per_ul", sa.Float),
        sa.Column("csf_rbc_per_ul", sa.Float),
        sa.Column("blood_wbc_per_ul", sa.Float),
        sa.Column("blood_rbc_per_ul", sa.Float),
        sa.Column("cns_signs", sa.String, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_csf_assessment_key", "csf_assessment", ["patient_code", "assessed_on"])
    op.create_table(
        "lab_value",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("lab_value.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("lab_analyte", sa.String, nullable=False),
        sa.Column("measured_on", sa.Date, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("lab_unit", sa.String, nullable=False),
        sa.Column("lower_limit", sa.Float),
        sa.Column("upper_limit", sa.Float),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_lab_value_key", "lab_value", ["patient_code", "lab_analyte", "measured_on"])
    op.create_table(
        "performance_status",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("performance_status.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("ecog_score", sa.String, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_performance_status_key", "performance_status", ["patient_code", "assessed_on"])
    op.create_table(
        "protocol_confirmation",
        sa.Column("confirmation_id", sa.Integer, primary_key=True),
        sa.Column("protocol_id", sa.String, nullable=False),
        sa.Column("protocol_version", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("is_withdrawn", sa.Integer, nullable=False),
        sa.Column("confirmed_on", sa.Date, nullable=False),
        sa.Column("confirmed_by", sa.String, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
    )
    op.create_table(
        "serology",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("serology.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("virus", sa.String, nullable=False),
        sa.Column("tested_on", sa.Date, nullable=False),
        sa.Column("infection_state", sa.String, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_serology_key", "serology", ["patient_code", "virus", "tested_on"])
    op.create_table(
        "target_expression",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("target_expression.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("antigen", sa.String, nullable=False),
        sa.Column("measured_on", sa.Date, nullable=False),
        sa.Column("target_pct_of_blasts", sa.Float, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_target_expression_key", "target_expression", ["patient_code", "antigen", "measured_on"])
    op.create_table(
        "transfusion",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("transfusion.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("blood_product", sa.String, nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_transfusion_key", "transfusion", ["patient_code", "blood_product", "given_on"])
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
