"""What can be asked of the record; rows become the domain's frozen values here and nowhere else."""

from __future__ import annotations

import dataclasses
import functools
import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, Table, and_, func, select

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.audit import AuditEntry
from labmon.domain.clinical import (
    Attestation,
    BCellBaseline,
    CardiacStatus,
    ClinicalEvent,
    ClinicalFact,
    Consent,
    CsfAssessment,
    DiseaseAssessment,
    Infusion,
    LabValue,
    Medication,
    Patient,
    PatientRecord,
    PerformanceStatus,
    Serology,
    Specimen,
    TargetExpression,
    Transfusion,
    fact_from_cells,
)
from labmon.domain.decision import DecisionMeaning, StoredDecision
from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.muting import Muting
from labmon.domain.protocol_confirmation import ProtocolConfirmation
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.result import Result, ResultDraft
from labmon.domain.run import Acceptance, Run
from labmon.records import audit, codec, schema


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that was imported, without its bytes."""

    file_sha256: str
    file_name: str
    size_bytes: int
    format_id: str
    format_title: str
    reader_version: int
    instrument: str | None
    software: str | None
    run_started_at: str | None
    readings_count: int
    issues: tuple[Issue, ...]
    unread: tuple[str, ...]
    headings: tuple[str, ...]
    """Empty for a file without columns, and for one accepted before headings were kept."""
    rejected: tuple[Issue, ...]
    """Why rows were left out, when the file was last accepted; a mapping made since may have cured some."""
    imported_at: datetime
    imported_by: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """A clinical fact on record, with the version it is."""

    fact_id: int
    fact: ClinicalFact
    recorded_at: datetime
    recorded_by: str
    source_file_sha256: str | None
    source_place: str | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """A mapping rule on record, as the plain values the assays room understands."""

    rule_id: int
    rule: Mapping[str, Any]
    recorded_by: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredProtocol:
    """A version of a protocol the study was judged by, with its text, from `recorded_at` on."""

    protocol_id: str
    version: str
    content_sha256: str
    """Over the canonical content: comments and layout do not count."""
    content: str
    origin: str
    """The file's name, or the id of a shipped protocol."""
    reason: str | None
    recorded_at: datetime
    recorded_by: str


class Reader:
    """Questions to one consistent view of the record. `known_on` replays the record as it was at that instant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Patients and clinical facts

    def patient_codes(self) -> tuple[str, ...]:
        table = schema.fact_tables[Patient]
        rows = self._connection.execute(
            select(table.c.patient_code).where(_is_current(table), table.c.is_void == 0).order_by(table.c.patient_code)
        )
        return tuple(row.patient_code for row in rows)

    def patient_record(self, patient_code: str, *, known_on: datetime | None = None) -> PatientRecord:
        """All clinical facts of one patient. Raises R807 when the code is not on record."""
        records = self.patient_records((patient_code,), known_on=known_on)
        if not records:
            raise UserError("R807", what="Patient", code=patient_code)
        return records[0]

    def patient_records(
        self, patient_codes: Sequence[str] | None = None, *, known_on: datetime | None = None
    ) -> tuple[PatientRecord, ...]:
        """Records of these patients (default: all), in order of their codes."""
        facts: dict[type[ClinicalFact], dict[str, list[Any]]] = {}
        for kind, table in schema.fact_tables.items():
            by_patient: dict[str, list[Any]] = defaultdict(list)
            for stored in self._facts(kind, table, patient_codes, known_on):
                by_patient[stored.fact.patient_code].append(stored.fact)
            facts[kind] = by_patient
        records = []
        for code, (patient, *_) in sorted(facts[Patient].items()):
            records.append(
                PatientRecord(
                    patient=patient,
                    infusions=_by_date(facts[Infusion][code], "infused_on"),
                    specimens=_by_date(facts[Specimen][code], "collected_on"),
                    b_cell_baselines=_by_date(facts[BCellBaseline][code], "measured_on"),
                    disease_assessments=_by_date(facts[DiseaseAssessment][code], "assessed_on"),
                    medications=_by_date(facts[Medication][code], "started_on"),
                    events=_by_date(facts[ClinicalEvent][code], "occurred_on"),
                    consents=_by_date(facts[Consent][code], "consented_on"),
                    attestations=_by_date(facts[Attestation][code], "attested_on"),
                    lab_values=_by_date(facts[LabValue][code], "measured_on"),
                    transfusions=_by_date(facts[Transfusion][code], "given_on"),
                    performance_statuses=_by_date(facts[PerformanceStatus][code], "assessed_on"),
                    cardiac_statuses=_by_date(facts[CardiacStatus][code], "assessed_on"),
                    target_expressions=_by_date(facts[TargetExpression][code], "measured_on"),
                    serologies=_by_date(facts[Serology][code], "tested_on"),
                    csf_assessments=_by_date(facts[CsfAssessment][code], "assessed_on"),
                )
            )
        return tuple(records)

    def facts(self, kind: type[ClinicalFact], patient_code: str | None = None) -> tuple[StoredFact, ...]:
        """The current facts of a kind, with their ids."""
        return self._facts(kind, schema.fact_tables[kind], None if patient_code is None else (patient_code,), None)

    def fact(self, kind: type[ClinicalFact], fact_id: int) -> StoredFact:
        """One version of a fact. Raises R807."""
        table = schema.fact_tables[kind]
        row = self._connection.execute(select(table).where(table.c.fact_id == fact_id)).mappings().first()
        if row is None:
            raise UserError("R807", what=kind.fact, code=fact_id)
        return _stored_fact(kind, row)

    def fact_places(self, file_sha256: str) -> frozenset[tuple[str, str]]:
        """The facts a file ever brought, by their name and their place in it, whatever became of them since."""
        return frozenset(
            (kind.fact, row.source_place)
            for kind, table in schema.fact_tables.items()
            for row in self._connection.execute(
                select(table.c.source_place).where(table.c.source_file_sha256 == file_sha256)
            )
        )

    def specimens(self) -> dict[str, Specimen]:
        """Every current specimen by its code."""
        return {
            stored.fact.specimen_code: stored.fact
            for stored in self.facts(Specimen)
            if isinstance(stored.fact, Specimen)
        }

    def _facts(
        self, kind: type[ClinicalFact], table: Table, patient_codes: Sequence[str] | None, known_on: datetime | None
    ) -> tuple[StoredFact, ...]:
        query = select(table).where(_is_current(table, known_on), table.c.is_void == 0).order_by(table.c.fact_id)
        if patient_codes is not None:
            query = query.where(table.c.patient_code.in_(patient_codes))
        return tuple(_stored_fact(kind, row) for row in self._connection.execute(query).mappings())

    # Results and runs

    def results(
        self,
        patient_codes: Sequence[str] | None = None,
        *,
        specimen_codes: Sequence[str] | None = None,
        run_code: str | None = None,
        analyte: Analyte | None = None,
        known_on: datetime | None = None,
        every_version: bool = False,
    ) -> tuple[Result, ...]:
        """Current results (not superseded), or every version of them, in order of their ids."""
        table = schema.result
        query = select(table).order_by(table.c.result_id)
        if not every_version:
            query = query.where(_is_current(table, known_on))
        if patient_codes is not None:
            query = query.where(table.c.patient_code.in_(patient_codes))
        if specimen_codes is not None:
            query = query.where(table.c.specimen_code.in_(specimen_codes))
        if run_code is not None:
            query = query.where(table.c.run_code == run_code)
        if analyte is not None:
            query = query.where(table.c.analyte == analyte.value)
        rows = self._connection.execute(query).mappings().all()
        superseded = {row["supersedes"] for row in rows} if every_version else frozenset[int]()
        return tuple(_result(row, is_superseded=row["result_id"] in superseded) for row in rows)

    def result(self, result_id: int) -> Result:
        """One version of a result. Raises R807."""
        table = schema.result
        row = self._connection.execute(select(table).where(table.c.result_id == result_id)).mappings().first()
        if row is None:
            raise UserError("R807", what="Result", code=result_id)
        later = self._connection.execute(select(table.c.result_id).where(table.c.supersedes == result_id)).first()
        return _result(row, is_superseded=later is not None)

    def result_versions(self, result_id: int) -> tuple[Result, ...]:
        """All versions of the result this one belongs to, the newest first."""
        newest = self.result(result_id)
        table = schema.result
        while newest.is_superseded:
            newest = self.result(
                self._connection.execute(
                    select(table.c.result_id).where(table.c.supersedes == newest.result_id)
                ).scalar_one()
            )
        versions = [newest]
        while versions[-1].supersedes is not None:
            versions.append(self.result(versions[-1].supersedes))
        return tuple(versions)

    def runs(self) -> tuple[Run, ...]:
        """The current version of every run, in order of their first import."""
        return tuple(self._runs().values())

    def run(self, run_code: str) -> Run:
        """Raises R807 when there is no such run."""
        runs = self._runs(run_code)
        if run_code not in runs:
            raise UserError("R807", what="Run", code=run_code)
        return runs[run_code]

    def run_version(self, run_code: str) -> int:
        """The current version of a run; 0 when there is none."""
        table = schema.run
        newest = self._connection.execute(
            select(func.max(table.c.version)).where(table.c.run_code == run_code)
        ).scalar()
        return int(newest or 0)

    def _runs(self, run_code: str | None = None) -> dict[str, Run]:
        table = schema.run
        query = select(table).order_by(table.c.run_id)
        if run_code is not None:
            query = query.where(table.c.run_code == run_code)
        return {row["run_code"]: _run(row) for row in self._connection.execute(query).mappings()}

    # Files

    def files(self) -> tuple[StoredFile, ...]:
        """Every imported file, in order of its first import."""
        return self._files(None)

    def file(self, file_sha256: str) -> StoredFile | None:
        return next(iter(self._files(file_sha256)), None)

    def last_file_like(self, format_id: str, instrument: str | None) -> StoredFile | None:
        """The file of this format and instrument that was accepted last; None when there is none."""
        files = schema.source_file
        newest = (
            select(files.c.file_sha256)
            .where(files.c.format_id == format_id, files.c.instrument.is_not_distinct_from(instrument))
            .order_by(files.c.imported_at.desc())
            .limit(1)
        )
        sha256 = self._connection.execute(newest).scalar()
        return None if sha256 is None else self.file(sha256)

    def _files(self, file_sha256: str | None) -> tuple[StoredFile, ...]:
        files, imports = schema.source_file, schema.file_import
        newest = select(func.max(imports.c.import_id)).group_by(imports.c.file_sha256)
        query = (
            select(files, imports.c.rejected)
            .join(imports, and_(imports.c.file_sha256 == files.c.file_sha256, imports.c.import_id.in_(newest)))
            .order_by(files.c.imported_at)
        )
        if file_sha256 is not None:
            query = query.where(files.c.file_sha256 == file_sha256)
        return tuple(_stored_file(row) for row in self._connection.execute(query).mappings())

    def file_content(self, file_sha256: str) -> bytes:
        """The original bytes. Raises R807."""
        table = schema.source_content
        content = self._connection.execute(
            select(table.c.zlib_content).where(table.c.file_sha256 == file_sha256)
        ).scalar()
        if content is None:
            raise UserError("R807", what="File", code=file_sha256)
        return zlib.decompress(content)

    # Protocols, mappings and audit

    def protocol_uses(self) -> tuple[StoredProtocol, ...]:
        """Every version the study was judged by, in order of their first use; the last is the one in use."""
        table = schema.protocol_use
        rows = self._connection.execute(select(table).order_by(table.c.use_id)).mappings()
        return tuple(
            StoredProtocol(
                protocol_id=row["protocol_id"],
                version=row["version"],
                content_sha256=row["content_sha256"],
                content=row["content"],
                origin=row["origin"],
                reason=row["reason"],
                recorded_at=datetime.fromisoformat(row["recorded_at"]),
                recorded_by=row["recorded_by"],
            )
            for row in rows
        )

    def protocol_confirmations(
        self, protocol_id: str | None = None, *, known_on: datetime | None = None
    ) -> tuple[ProtocolConfirmation, ...]:
        """The readings of a protocol that a person stands for, in the order they were confirmed."""
        table = schema.protocol_confirmation
        query = select(table).order_by(table.c.confirmation_id)
        if protocol_id is not None:
            query = query.where(table.c.protocol_id == protocol_id)
        if known_on is not None:
            query = query.where(table.c.recorded_at <= known_on.isoformat(timespec="microseconds"))
        return tuple(
            ProtocolConfirmation(
                protocol_id=row["protocol_id"],
                protocol_version=row["protocol_version"],
                subject=row["subject"],
                statement=row["statement"],
                is_withdrawn=bool(row["is_withdrawn"]),
                confirmed_on=row["confirmed_on"],
                confirmed_by=row["confirmed_by"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def decisions(self, patient_codes: Sequence[str] | None = None) -> tuple[StoredDecision, ...]:
        """The eligibility decisions that stand: the last one of each patient and protocol."""
        table = schema.eligibility_decision
        query = select(table).where(_is_current(table)).order_by(table.c.decision_id)
        if patient_codes is not None:
            query = query.where(table.c.patient_code.in_(patient_codes))
        return tuple(
            StoredDecision(
                **dict(row)
                | {
                    "meaning": DecisionMeaning(row["meaning"]),
                    "recorded_at": datetime.fromisoformat(row["recorded_at"]),
                }
            )
            for row in self._connection.execute(query).mappings()
        )

    def mapping_rules(self) -> tuple[StoredRule, ...]:
        table = schema.mapping_rule
        rows = self._connection.execute(
            select(table).where(_is_current(table), table.c.is_void == 0).order_by(table.c.rule_id)
        ).mappings()
        return tuple(
            StoredRule(rule_id=row["rule_id"], rule=json.loads(row["rule"]), recorded_by=row["recorded_by"])
            for row in rows
        )

    def mutings(self) -> tuple[Muting, ...]:
        """The warnings muted now."""
        table = schema.issue_muting
        rows = self._connection.execute(
            select(table).where(_is_current(table), table.c.is_void == 0).order_by(table.c.mute_id)
        ).mappings()
        return tuple(
            Muting(
                mute_id=row["mute_id"],
                code=row["code"],
                format_id=row["format_id"],
                reason=row["reason"],
                muted_by=row["recorded_by"],
            )
            for row in rows
        )

    def audit_entries(self, *, entity: str | None = None, entity_id: str | None = None) -> tuple[AuditEntry, ...]:
        table = schema.audit_entry
        query = select(table).order_by(table.c.audit_id)
        if entity is not None:
            query = query.where(table.c.entity == entity)
        if entity_id is not None:
            query = query.where(table.c.entity_id == entity_id)
        return tuple(audit.entry_from_row(row) for row in self._connection.execute(query).mappings())

    def first_broken_audit_entry(self) -> int | None:
        """None when the chain is unbroken."""
        return audit.first_broken_link(self._connection)


@functools.cache
def _later(table: Table) -> FromClause:
    """The table once more, to look for later versions in; made once, for it costs more than the question."""
    return table.alias()


def _is_current(table: Table, known_on: datetime | None = None) -> ColumnElement[bool]:
    """No later version stands in the record (at that instant)."""
    later = _later(table)
    (key,) = table.primary_key
    superseded = later.c.supersedes == key
    if known_on is None:
        return ~select(later.c.supersedes).where(superseded).exists()
    instant = known_on.isoformat(timespec="microseconds")
    return and_(
        table.c.recorded_at <= instant,
        ~select(later.c.supersedes).where(superseded, later.c.recorded_at <= instant).exists(),
    )


def _by_date(facts: list[Any], field: str) -> tuple[Any, ...]:
    return tuple(sorted(facts, key=lambda fact: getattr(fact, field)))


def _stored_fact(kind: type[ClinicalFact], row: RowMapping) -> StoredFact:
    return StoredFact(
        fact_id=row["fact_id"],
        fact=fact_from_cells(kind, dict(row)),
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        recorded_by=row["recorded_by"],
        source_file_sha256=row["source_file_sha256"],
        source_place=row["source_place"],
    )


def _result(row: RowMapping, *, is_superseded: bool) -> Result:
    draft = ResultDraft(
        specimen_code=row["specimen_code"],
        analyte=Analyte(row["analyte"]),
        quantity=Quantity(
            value=row["value"],
            unit=Unit(row["unit"]),
            state=ValueState(row["value_state"]),
            lod=row["lod"],
            lloq=row["lloq"],
            uloq=row["uloq"],
        ),
        run_code=row["run_code"],
        method=MrdMethod(row["method"]) if row["method"] else None,
        sensitivity_fraction=row["sensitivity_fraction"],
        basis=json.loads(row["basis"]),
        provenance=codec.provenance_from_json(row["provenance"]),
        issues=codec.issues_from_json(row["issues"]),
        held_reason=row["held_reason"],
        excluded_reason=row["excluded_reason"],
    )
    return Result(
        result_id=row["result_id"],
        version=row["version"],
        patient_code=row["patient_code"],
        draft=draft,
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        released_at=datetime.fromisoformat(row["released_at"]) if row["released_at"] else None,
        released_by=row["released_by"],
        supersedes=row["supersedes"],
        is_superseded=is_superseded,
        excluded_by=row["excluded_by"],
    )


def _run(row: RowMapping) -> Run:
    return Run(
        run_code=row["run_code"],
        file_sha256=row["file_sha256"],
        assay_id=row["assay_id"],
        assay_version=row["assay_version"],
        acceptance=Acceptance(row["acceptance"]),
        checks=codec.checks_from_json(row["checks"]),
        curve=codec.curve_from_json(row["curve"]),
        instrument=row["instrument"],
        run_started_at=row["run_started_at"],
    )


def _stored_file(row: RowMapping) -> StoredFile:
    plain = dict(row)
    return StoredFile(
        **plain
        | {
            "issues": codec.issues_from_json(plain["issues"]),
            "rejected": codec.issues_from_json(plain["rejected"]),
            "unread": tuple(json.loads(plain["unread"])),
            "headings": tuple(json.loads(plain["headings"] or "[]")),
            "imported_at": datetime.fromisoformat(plain["imported_at"]),
        }
    )
