"""The tables of the record, for queries; they are created by `migrations/` and a test holds both together.

Results and clinical facts are append-only: a change is a new row that names the row it supersedes, so every earlier
state of the record can be replayed by `recorded_at`. Triggers refuse UPDATE and DELETE on all of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact, fact_fields

metadata = MetaData()

study = Table(
    "study",
    metadata,
    Column("study_id", Integer, primary_key=True),
    Column("study_code", String, nullable=False),
    Column("title", String, nullable=False),
    Column("site", String, nullable=False),
    Column("protocol_id", String, nullable=False),
    Column("as_of", String),
    Column("created_at", String, nullable=False),
)

source_file = Table(
    "source_file",
    metadata,
    Column("file_sha256", String(64), primary_key=True),
    Column("file_name", String, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("format_id", String, nullable=False),
    Column("format_title", String, nullable=False),
    Column("reader_version", Integer, nullable=False),
    Column("instrument", String),
    Column("software", String),
    Column("run_started_at", String),
    Column("readings_count", Integer, nullable=False),
    Column("issues", Text, nullable=False),
    Column("unread", Text, nullable=False),
    Column("headings", Text),
    Column("imported_at", String, nullable=False),
    Column("imported_by", String, nullable=False),
)

source_content = Table(
    "source_content",
    metadata,
    Column("file_sha256", String(64), ForeignKey("source_file.file_sha256"), primary_key=True),
    Column("zlib_content", LargeBinary, nullable=False),
)

file_import = Table(
    "file_import",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("file_sha256", String(64), ForeignKey("source_file.file_sha256"), nullable=False),
    Column("results_count", Integer, nullable=False),
    Column("facts_count", Integer, nullable=False),
    Column("rejected", Text, nullable=False),
    Column("imported_at", String, nullable=False),
    Column("imported_by", String, nullable=False),
    Index("ix_file_import_file", "file_sha256"),
)

run = Table(
    "run",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("run_code", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("file_sha256", String(64), ForeignKey("source_file.file_sha256"), nullable=False),
    Column("assay_id", String, nullable=False),
    Column("assay_version", String, nullable=False),
    Column("acceptance", String, nullable=False),
    Column("checks", Text, nullable=False),
    Column("curve", Text),
    Column("instrument", String),
    Column("run_started_at", String),
    Column("accepted_reason", Text),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    UniqueConstraint("run_code", "version", name="uq_run_code_version"),
)

result = Table(
    "result",
    metadata,
    Column("result_id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("supersedes", Integer, ForeignKey("result.result_id"), unique=True),
    Column("patient_code", String, nullable=False),
    Column("specimen_code", String, nullable=False),
    Column("analyte", String, nullable=False),
    Column("method", String),
    Column("value", Float),
    Column("unit", String, nullable=False),
    Column("value_state", String, nullable=False),
    Column("lod", Float),
    Column("lloq", Float),
    Column("uloq", Float),
    Column("sensitivity_fraction", Float),
    Column("run_code", String, nullable=False),
    Column("basis", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("issues", Text, nullable=False),
    Column("held_reason", Text),
    Column("excluded_reason", Text),
    Column("excluded_by", String),
    Column("recorded_at", String, nullable=False),
    Column("released_at", String),
    Column("released_by", String),
    Index("ix_result_patient", "patient_code", "analyte"),
    Index("ix_result_specimen", "specimen_code", "analyte"),
    Index("ix_result_run", "run_code"),
)

mapping_rule = Table(
    "mapping_rule",
    metadata,
    Column("rule_id", Integer, primary_key=True),
    Column("supersedes", Integer, ForeignKey("mapping_rule.rule_id"), unique=True),
    Column("is_void", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
)

issue_muting = Table(
    "issue_muting",
    metadata,
    Column("mute_id", Integer, primary_key=True),
    Column("supersedes", Integer, ForeignKey("issue_muting.mute_id"), unique=True),
    Column("is_void", Integer, nullable=False),
    Column("code", String, nullable=False),
    Column("format_id", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
)

protocol_confirmation = Table(
    "protocol_confirmation",
    metadata,
    Column("confirmation_id", Integer, primary_key=True),
    Column("protocol_id", String, nullable=False),
    Column("protocol_version", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("statement", Text, nullable=False),
    Column("is_withdrawn", Integer, nullable=False),
    Column("confirmed_on", Date, nullable=False),
    Column("confirmed_by", String, nullable=False),
    Column("recorded_at", String, nullable=False),
)

protocol_use = Table(
    "protocol_use",
    metadata,
    Column("use_id", Integer, primary_key=True),
    Column("protocol_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("origin", String, nullable=False),
    Column("reason", Text),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
)

eligibility_decision = Table(
    "eligibility_decision",
    metadata,
    Column("decision_id", Integer, primary_key=True),
    Column("supersedes", Integer, ForeignKey("eligibility_decision.decision_id"), unique=True),
    Column("patient_code", String, nullable=False),
    Column("protocol_id", String, nullable=False),
    Column("protocol_version", String, nullable=False),
    Column("meaning", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("snapshot_sha256", String(64), nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Index("ix_eligibility_decision_patient", "patient_code", "protocol_id"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("at_utc", String, nullable=False),
    Column("utc_offset_min", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("workstation", String, nullable=False),
    Column("act", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("entity_id", String, nullable=False),
    Column("old_value", Text),
    Column("new_value", Text),
    Column("reason", Text),
    Column("source_file_sha256", String(64)),
    Column("labmon_version", String, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("entry_hash", String(64), nullable=False),
    Index("ix_audit_entity", "entity", "entity_id"),
)


def _column_type(kind: type) -> TypeEngine[Any]:
    if issubclass(kind, float):
        return Float()
    if issubclass(kind, datetime):
        return String()
    if issubclass(kind, date):
        return Date()
    return String()


def _fact_table(fact: type[ClinicalFact]) -> Table:
    columns = [Column(field.name, _column_type(field.type), nullable=field.may_be_empty) for field in fact_fields(fact)]
    return Table(
        fact.fact,
        metadata,
        Column("fact_id", Integer, primary_key=True),
        Column("supersedes", Integer, ForeignKey(f"{fact.fact}.fact_id"), unique=True),
        Column("is_void", Integer, nullable=False),
        *columns,
        Column("source_file_sha256", String(64)),
        Column("source_place", String),
        Column("recorded_at", String, nullable=False),
        Column("recorded_by", String, nullable=False),
        Index(f"ix_{fact.fact}_key", *fact.key),
    )


fact_tables: dict[type[ClinicalFact], Table] = {fact: _fact_table(fact) for fact in CLINICAL_FACTS}

APPEND_ONLY: tuple[str, ...] = (
    "study",
    "source_file",
    "source_content",
    "file_import",
    "run",
    "result",
    "mapping_rule",
    "issue_muting",
    "protocol_confirmation",
    "protocol_use",
    "eligibility_decision",
    "audit_entry",
    *(table.name for table in fact_tables.values()),
)
