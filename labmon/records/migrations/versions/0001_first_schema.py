"""The first schema: files, runs, results, clinical facts, mappings and the audit trail, all append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "study",
    "source_file",
    "source_content",
    "file_import",
    "run",
    "result",
    "mapping_rule",
    "audit_entry",
    "patient",
    "infusion",
    "specimen",
    "b_cell_baseline",
    "disease_assessment",
    "medication",
    "clinical_event",
    "consent",
    "attestation",
)


def upgrade() -> None:
    op.create_table(
        "attestation",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("attestation.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("criterion_id", sa.String, nullable=False),
        sa.Column("attested_on", sa.Date, nullable=False),
        sa.Column("attested_state", sa.String, nullable=False),
        sa.Column("attested_by", sa.String, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_attestation_key", "attestation", ["patient_code", "criterion_id", "attested_on"])
    op.create_table(
        "audit_entry",
        sa.Column("audit_id", sa.Integer, primary_key=True),
        sa.Column("at_utc", sa.String, nullable=False),
        sa.Column("utc_offset_min", sa.Integer, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("workstation", sa.String, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("entity", sa.String, nullable=False),
        sa.Column("entity_id", sa.String, nullable=False),
        sa.Column("old_value", sa.Text),
        sa.Column("new_value", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("labmon_version", sa.String, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_entity", "audit_entry", ["entity", "entity_id"])
    op.create_table(
        "b_cell_baseline",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("b_cell_baseline.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("measured_on", sa.Date, nullable=False),
        sa.Column("baseline_state", sa.String, nullable=False),
        sa.Column("cd19_pct_of_lymphocytes", sa.Float),
        sa.Column("cd19_cells_per_ul", sa.Float),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_b_cell_baseline_key", "b_cell_baseline", ["patient_code", "measured_on"])
    op.create_table(
        "clinical_event",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("clinical_event.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("event_kind", sa.String, nullable=False),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_clinical_event_key", "clinical_event", ["patient_code", "event_kind", "occurred_on"])
    op.create_table(
        "consent",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("consent.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("consent_kind", sa.String, nullable=False),
        sa.Column("consented_on", sa.Date, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_consent_key", "consent", ["patient_code", "consent_kind", "consented_on"])
    op.create_table(
        "disease_assessment",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("disease_assessment.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("marrow_blasts_pct", sa.Float),
        sa.Column("emd_state", sa.String, nullable=False),
        sa.Column("hematogones_state", sa.String, nullable=False),
        sa.Column("response_category", sa.String, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_disease_assessment_key", "disease_assessment", ["patient_code", "assessed_on"])
    op.create_table(
        "infusion",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("infusion.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("infused_on", sa.Date, nullable=False),
        sa.Column("infusion_kind", sa.String, nullable=False),
        sa.Column("product", sa.String),
        sa.Column("car_target", sa.String),
        sa.Column("car_costimulation", sa.String, nullable=False),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_infusion_key", "infusion", ["patient_code", "infused_on", "infusion_kind"])
    op.create_table(
        "mapping_rule",
        sa.Column("rule_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("mapping_rule.rule_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_table(
        "medication",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("medication.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("drug", sa.String, nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("drug_class", sa.String, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_medication_key", "medication", ["patient_code", "drug", "started_on"])
    op.create_table(
        "patient",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("patient.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("sex", sa.String, nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_patient_key", "patient", ["patient_code"])
    op.create_table(
        "result",
        sa.Column("result_id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("result.result_id"), unique=True),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("specimen_code", sa.String, nullable=False),
        sa.Column("analyte", sa.String, nullable=False),
        sa.Column("method", sa.String),
        sa.Column("value", sa.Float),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("value_state", sa.String, nullable=False),
        sa.Column("lod", sa.Float),
        sa.Column("lloq", sa.Float),
        sa.Column("uloq", sa.Float),
        sa.Column("sensitivity_fraction", sa.Float),
        sa.Column("run_code", sa.String, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("provenance", sa.Text, nullable=False),
        sa.Column("issues", sa.Text, nullable=False),
        sa.Column("held_reason", sa.Text),
        sa.Column("excluded_reason", sa.Text),
        sa.Column("excluded_by", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("released_at", sa.String),
        sa.Column("released_by", sa.String),
    )
    op.create_index("ix_result_patient", "result", ["patient_code", "analyte"])
    op.create_index("ix_result_run", "result", ["run_code"])
    op.create_index("ix_result_specimen", "result", ["specimen_code", "analyte"])
    op.create_table(
        "source_file",
        sa.Column("file_sha256", sa.String(64), primary_key=True),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("format_id", sa.String, nullable=False),
        sa.Column("format_title", sa.String, nullable=False),
        sa.Column("reader_version", sa.Integer, nullable=False),
        sa.Column("instrument", sa.String),
        sa.Column("software", sa.String),
        sa.Column("run_started_at", sa.String),
        sa.Column("readings_count", sa.Integer, nullable=False),
        sa.Column("issues", sa.Text, nullable=False),
        sa.Column("unread", sa.Text, nullable=False),
        sa.Column("imported_at", sa.String, nullable=False),
        sa.Column("imported_by", sa.String, nullable=False),
    )
    op.create_table(
        "specimen",
        sa.Column("fact_id", sa.Integer, primary_key=True),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("specimen.fact_id"), unique=True),
        sa.Column("is_void", sa.Integer, nullable=False),
        sa.Column("specimen_code", sa.String, nullable=False),
        sa.Column("patient_code", sa.String, nullable=False),
        sa.Column("specimen_type", sa.String, nullable=False),
        sa.Column("collected_on", sa.Date, nullable=False),
        sa.Column("collected_at", sa.String),
        sa.Column("blood_volume_ul", sa.Float),
        sa.Column("elution_volume_ul", sa.Float),
        sa.Column("source_file_sha256", sa.String(64)),
        sa.Column("source_place", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_specimen_key", "specimen", ["specimen_code"])
    op.create_table(
        "study",
        sa.Column("study_id", sa.Integer, primary_key=True),
        sa.Column("study_code", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("protocol_id", sa.String, nullable=False),
        sa.Column("as_of", sa.String),
        sa.Column("created_at", sa.String, nullable=False),
    )
    op.create_table(
        "file_import",
        sa.Column("import_id", sa.Integer, primary_key=True),
        sa.Column("file_sha256", sa.String(64), sa.ForeignKey("source_file.file_sha256"), nullable=False),
        sa.Column("results_count", sa.Integer, nullable=False),
        sa.Column("facts_count", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Text, nullable=False),
        sa.Column("imported_at", sa.String, nullable=False),
        sa.Column("imported_by", sa.String, nullable=False),
    )
    op.create_index("ix_file_import_file", "file_import", ["file_sha256"])
    op.create_table(
        "run",
        sa.Column("run_id", sa.Integer, primary_key=True),
        sa.Column("run_code", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("file_sha256", sa.String(64), sa.ForeignKey("source_file.file_sha256"), nullable=False),
        sa.Column("assay_id", sa.String, nullable=False),
        sa.Column("assay_version", sa.String, nullable=False),
        sa.Column("acceptance", sa.String, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.Column("curve", sa.Text),
        sa.Column("instrument", sa.String),
        sa.Column("run_started_at", sa.String),
        sa.Column("accepted_reason", sa.Text),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.UniqueConstraint("run_code", "version", name="uq_run_code_version"),
    )
    op.create_table(
        "source_content",
        sa.Column("file_sha256", sa.String(64), sa.ForeignKey("source_file.file_sha256"), primary_key=True),
        sa.Column("zlib_content", sa.LargeBinary, nullable=False),
    )
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
