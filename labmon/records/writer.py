"""What can be done to the record; every act writes its audit entry in the same transaction."""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from labmon.domain.actor import Actor, Moment
from labmon.domain.audit import Act
from labmon.domain.clinical import ClinicalFact
from labmon.domain.decision import NewDecision
from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.protocol_confirmation import ProtocolConfirmation
from labmon.domain.reading import FileReading
from labmon.domain.result import Result, ResultDraft
from labmon.domain.run import Run
from labmon.records import audit, codec, schema
from labmon.records.reader import Reader, StoredProtocol


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A draft to be written: whose it is, and which version on record it supersedes."""

    draft: ResultDraft
    patient_code: str
    supersedes: Result | None = None
    excluded_by: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """A clinical fact to be written, the version it supersedes and where it stood in a file."""

    fact: ClinicalFact
    supersedes: int | None = None
    source_place: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewProtocol:
    """A version of a protocol to judge by: its text, the hash of its canonical content, and where it came from."""

    protocol_id: str
    version: str
    content_sha256: str
    content: str
    origin: str


class Writer(Reader):
    """Acts in one immediate transaction, under one person, at one moment."""

    def __init__(self, connection: Connection, actor: Actor, moment: Moment) -> None:
        super().__init__(connection)
        self._actor = actor
        self._moment = moment
        self._now = moment.at_utc.isoformat(timespec="microseconds")

    def import_file(
        self,
        reading: FileReading,
        content: bytes,
        *,
        issues: Sequence[Issue] = (),
        runs: Sequence[Run] = (),
        results: Sequence[NewResult] = (),
        facts: Sequence[NewFact] = (),
        rejected: Sequence[Issue] = (),
    ) -> None:
        """Write a file whole: its bytes, runs, results and facts, and one audit entry for the batch.

        Results that are not held are released under the acting person. A file that was imported before may bring what
        was rejected then; its bytes are on record already.
        """
        if self.file(reading.sha256) is None:
            self._write_file(reading, content, issues)
        for run in runs:
            if self.run_version(run.run_code) == 0:
                self._write_run(run, reason=None)
        result_rows = self._write_results(results)
        fact_rows = self._write_facts(facts, reading.sha256)
        self._insert(
            schema.file_import,
            {
                "file_sha256": reading.sha256,
                "results_count": len(result_rows),
                "facts_count": len(facts),
                "rejected": codec.issues_to_json(rejected),
                "imported_at": self._now,
                "imported_by": self._actor.person,
            },
        )
        batch = {"results": result_rows, "facts": fact_rows}
        self._audit(
            Act.IMPORT_FILE,
            "source_file",
            reading.sha256,
            new_value=codec.canonical(
                {
                    "file_name": reading.file_name,
                    "format_id": reading.format_id,
                    "reader_version": reading.reader_version,
                    "runs": [run.run_code for run in runs],
                    "results": len(result_rows),
                    "facts": len(facts),
                    "rejected": len(rejected),
                    "batch_sha256": _batch_hash(batch),
                }
            ),
            source_file_sha256=reading.sha256,
        )

    def derive_results(self, results: Sequence[NewResult], reason: str) -> None:
        """Write results made anew from what is on record now, such as copies per µg once the DNA mass is known."""
        rows = self._write_results(results)
        self._audit(
            Act.DERIVE_RESULTS,
            "result",
            ", ".join(sorted({new.draft.specimen_code for new in results})),
            new_value=codec.canonical({"results": len(rows), "batch_sha256": _batch_hash(rows)}),
            reason=reason,
        )

    def amend_result(self, act: Act, new: NewResult, reason: str) -> None:
        """Write a new version of a result; the old one stays. Raises R808 when it was superseded meanwhile."""
        assert new.supersedes is not None
        if self.result(new.supersedes.result_id).is_superseded:
            raise UserError(
                "R808", detail="The result was changed meanwhile.", help="Look at the newer version and decide again."
            )
        self._write_results((new,))
        self._audit_result(act, new, reason)

    def accept_run(self, run: Run, results: Sequence[NewResult], reason: str) -> None:
        """Write the accepted version of a held run and release its results."""
        self._write_run(run, reason=reason)
        self._write_results(results)
        self._audit(
            Act.ACCEPT_RUN,
            "run",
            run.run_code,
            old_value="held",
            new_value=codec.canonical({"acceptance": run.acceptance.value, "released_results": len(results)}),
            reason=reason,
        )

    def put_fact(self, new: NewFact, reason: str | None = None) -> None:
        """Add a clinical fact, or amend the one it supersedes."""
        old = self.fact(type(new.fact), new.supersedes).fact if new.supersedes is not None else None
        if new.supersedes is not None:
            self._refuse_superseded(schema.fact_tables[type(new.fact)], new.supersedes)
        self._write_facts((new,), None)
        self._audit(
            Act.ADD_FACT if old is None else Act.AMEND_FACT,
            type(new.fact).fact,
            _fact_key(new.fact),
            old_value=None if old is None else codec.canonical(plain_fact(old)),
            new_value=codec.canonical(plain_fact(new.fact)),
            reason=reason,
        )

    def void_fact(self, kind: type[ClinicalFact], fact_id: int, reason: str) -> None:
        """Take a fact back; it stays in the record, marked void."""
        old = self.fact(kind, fact_id)
        self._refuse_superseded(schema.fact_tables[kind], fact_id)
        row = self._fact_row(NewFact(fact=old.fact, supersedes=fact_id), None) | {"is_void": 1}
        self._insert(schema.fact_tables[kind], row)
        self._audit(
            Act.VOID_FACT,
            kind.fact,
            _fact_key(old.fact),
            old_value=codec.canonical(plain_fact(old.fact)),
            reason=reason,
        )

    def put_mapping_rule(self, rule: Mapping[str, Any]) -> None:
        self._insert(
            schema.mapping_rule,
            {
                "is_void": 0,
                "rule": codec.canonical(dict(rule)),
                "recorded_at": self._now,
                "recorded_by": self._actor.person,
            },
        )
        self._audit(Act.ADD_MAPPING, "mapping_rule", str(rule.get("text", "")), new_value=codec.canonical(dict(rule)))

    def void_mapping_rule(self, rule_id: int, reason: str) -> None:
        table = schema.mapping_rule
        self._refuse_superseded(table, rule_id)
        rule = self._connection.execute(select(table.c.rule).where(table.c.rule_id == rule_id)).scalar_one()
        self._insert(
            table,
            {
                "supersedes": rule_id,
                "is_void": 1,
                "rule": rule,
                "recorded_at": self._now,
                "recorded_by": self._actor.person,
            },
        )
        self._audit(Act.VOID_MAPPING, "mapping_rule", str(rule_id), old_value=rule, reason=reason)

    def mute(self, code: str, format_id: str, reason: str) -> None:
        """Stop counting a warning in files of one format."""
        self._write_muting({"is_void": 0, "code": code, "format_id": format_id, "reason": reason})
        self._audit(Act.MUTE_ISSUE, "issue_muting", f"{code} in {format_id}", reason=reason)

    def unmute(self, mute_id: int, reason: str) -> None:
        """Count it again. Raises R808 when somebody did that meanwhile."""
        self._refuse_superseded(schema.issue_muting, mute_id)
        muted = next((each for each in self.mutings() if each.mute_id == mute_id), None)
        if muted is None:
            raise UserError("R807", what="Muted warning", code=str(mute_id))
        row = {"is_void": 1, "code": muted.code, "format_id": muted.format_id, "reason": reason}
        self._write_muting(row | {"supersedes": mute_id})
        self._audit(
            Act.UNMUTE_ISSUE,
            "issue_muting",
            f"{muted.code} in {muted.format_id}",
            old_value=muted.reason,
            reason=reason,
        )

    def use_protocol(self, new: NewProtocol, *, reason: str | None = None, changes: Sequence[str] = ()) -> bool:
        """Judge by this version from now on; False when it is the one in use. With a reason it is an adoption.

        Raises P704 when this version was used here with other content: a version never changes once used.
        """
        uses = [use for use in self.protocol_uses() if use.protocol_id == new.protocol_id]
        for use in uses:
            if use.version == new.version and use.content_sha256 != new.content_sha256:
                raise UserError("P704", protocol=new.protocol_id, version=new.version, origin=new.origin)
        current = uses[-1] if uses else None
        if current is not None and current.version == new.version:
            return False
        row = dataclasses.asdict(new) | {"reason": reason}
        self._insert(schema.protocol_use, row | {"recorded_at": self._now, "recorded_by": self._actor.person})
        self._audit(
            Act.USE_PROTOCOL if reason is None else Act.ADOPT_PROTOCOL,
            "protocol",
            new.protocol_id,
            old_value=None if current is None else _plain_use(current),
            new_value=codec.canonical(
                {
                    "version": new.version,
                    "content_sha256": new.content_sha256,
                    "origin": new.origin,
                    "changes": list(changes),
                }
            ),
            reason=reason,
        )
        return True

    def confirm_protocol(self, confirmation: ProtocolConfirmation, reason: str | None = None) -> None:
        """Put on record that a person stands for a reading of the protocol, or no longer does."""
        row = dataclasses.asdict(confirmation) | {
            "is_withdrawn": int(confirmation.is_withdrawn),
            "confirmed_by": self._actor.person,
        }
        self._insert(schema.protocol_confirmation, row | {"recorded_at": self._now})
        self._audit(
            Act.WITHDRAW_CONFIRMATION if confirmation.is_withdrawn else Act.CONFIRM_PROTOCOL,
            "protocol_confirmation",
            f"{confirmation.protocol_id} {confirmation.protocol_version} {confirmation.subject}",
            new_value=confirmation.statement,
            reason=reason,
        )

    def record_decision(self, decision: NewDecision) -> None:
        """Keep an eligibility decision with its snapshot. Raises R808 when somebody decided meanwhile."""
        standing = {
            (each.protocol_id, each.patient_code): each.decision_id for each in self.decisions((decision.patient_code,))
        }
        if standing.get((decision.protocol_id, decision.patient_code)) != decision.supersedes:
            raise UserError(
                "R808", detail="Somebody decided about this patient meanwhile.", help="Look at that decision first."
            )
        row = dataclasses.asdict(decision) | {"meaning": decision.meaning.value}
        self._insert(schema.eligibility_decision, row | {"recorded_at": self._now, "recorded_by": self._actor.person})
        self._audit(
            Act.RECORD_DECISION,
            "eligibility_decision",
            f"{decision.patient_code} {decision.protocol_id} {decision.protocol_version}",
            old_value=None if decision.supersedes is None else str(decision.supersedes),
            new_value=codec.canonical({"meaning": decision.meaning.value, "snapshot_sha256": decision.snapshot_sha256}),
            reason=decision.reason,
        )

    def note_export(self, what: str, path_name: str) -> None:
        """An export is an act too."""
        self._audit(Act.EXPORT, "export", what, new_value=path_name)

    # How it is written

    def _write_file(self, reading: FileReading, content: bytes, issues: Sequence[Issue]) -> None:
        self._insert(
            schema.source_file,
            {
                "file_sha256": reading.sha256,
                "file_name": reading.file_name,
                "size_bytes": reading.size_bytes,
                "format_id": reading.format_id,
                "format_title": reading.format_title,
                "reader_version": reading.reader_version,
                "instrument": reading.instrument,
                "software": reading.software,
                "run_started_at": reading.run_started_at,
                "readings_count": len(reading.readings) + len(reading.clinical_rows),
                "issues": codec.issues_to_json((*reading.issues, *issues)),
                "unread": codec.canonical(list(reading.unread)),
                "headings": codec.canonical(list(reading.headings)),
                "imported_at": self._now,
                "imported_by": self._actor.person,
            },
        )
        self._insert(schema.source_content, {"file_sha256": reading.sha256, "zlib_content": zlib.compress(content, 6)})

    def _write_muting(self, row: Mapping[str, Any]) -> None:
        recorded = {"recorded_at": self._now, "recorded_by": self._actor.person}
        self._insert(schema.issue_muting, dict(row) | recorded)

    def _write_run(self, run: Run, *, reason: str | None) -> None:
        self._insert(
            schema.run,
            {
                "run_code": run.run_code,
                "version": self.run_version(run.run_code) + 1,
                "file_sha256": run.file_sha256,
                "assay_id": run.assay_id,
                "assay_version": run.assay_version,
                "acceptance": run.acceptance.value,
                "checks": codec.checks_to_json(run.checks),
                "curve": codec.curve_to_json(run.curve),
                "instrument": run.instrument,
                "run_started_at": run.run_started_at,
                "accepted_reason": reason,
                "recorded_at": self._now,
                "recorded_by": self._actor.person,
            },
        )

    def _write_results(self, results: Sequence[NewResult]) -> list[list[Any]]:
        """Insert in one statement; the canonical rows come back for the batch hash."""
        if not results:
            return []
        table = schema.result
        first_id = int(self._connection.execute(select(func.coalesce(func.max(table.c.result_id), 0))).scalar_one()) + 1
        rows = [self._result_row(first_id + index, new) for index, new in enumerate(results)]
        self._connection.execute(insert(table), rows)
        return [list(row.values()) for row in rows]

    def _result_row(self, result_id: int, new: NewResult) -> dict[str, Any]:
        draft = new.draft
        is_released = draft.held_reason is None
        return {
            "result_id": result_id,
            "version": new.supersedes.version + 1 if new.supersedes else 1,
            "supersedes": new.supersedes.result_id if new.supersedes else None,
            "patient_code": new.patient_code,
            "specimen_code": draft.specimen_code,
            "analyte": draft.analyte.value,
            "method": draft.method.value if draft.method else None,
            "value": draft.quantity.value,
            "unit": draft.quantity.unit.value,
            "value_state": draft.quantity.state.value,
            "lod": draft.quantity.lod,
            "lloq": draft.quantity.lloq,
            "uloq": draft.quantity.uloq,
            "sensitivity_fraction": draft.sensitivity_fraction,
            "run_code": draft.run_code,
            "basis": codec.canonical(dict(draft.basis)),
            "provenance": codec.provenance_to_json(draft.provenance),
            "issues": codec.issues_to_json(draft.issues),
            "held_reason": draft.held_reason,
            "excluded_reason": draft.excluded_reason,
            "excluded_by": new.excluded_by,
            "recorded_at": self._now,
            "released_at": self._now if is_released else None,
            "released_by": self._actor.person if is_released else None,
        }

    def _write_facts(self, facts: Sequence[NewFact], file_sha256: str | None) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {}
        for new in facts:
            rows.setdefault(type(new.fact).fact, []).append(self._fact_row(new, file_sha256))
        for kind, table in schema.fact_tables.items():
            if kind.fact in rows:
                self._connection.execute(insert(table), rows[kind.fact])
        return {
            name: [{key: _plain(cell) for key, cell in row.items()} for row in kind_rows]
            for name, kind_rows in rows.items()
        }

    def _fact_row(self, new: NewFact, file_sha256: str | None) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        for field in dataclasses.fields(new.fact):
            cell = getattr(new.fact, field.name)
            cells[field.name] = cell.value if isinstance(cell, Enum) else _instant(cell)
        return cells | {
            "supersedes": new.supersedes,
            "is_void": 0,
            "source_file_sha256": file_sha256,
            "source_place": new.source_place,
            "recorded_at": self._now,
            "recorded_by": self._actor.person,
        }

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        self._connection.execute(insert(table), dict(row))

    def _refuse_superseded(self, table: Table, row_id: int) -> None:
        if self._connection.execute(select(table.c.supersedes).where(table.c.supersedes == row_id)).first():
            raise UserError(
                "R808", detail="The entry was changed meanwhile.", help="Look at the newer version and decide again."
            )

    def _audit_result(self, act: Act, new: NewResult, reason: str) -> None:
        old = new.supersedes.draft if new.supersedes else None
        self._audit(
            act,
            "result",
            "/".join(part for part in new.draft.key if part),
            old_value=None if old is None else codec.canonical(_plain_draft(old)),
            new_value=codec.canonical(_plain_draft(new.draft)),
            reason=reason,
        )

    def _audit(
        self,
        act: Act,
        entity: str,
        entity_id: str,
        *,
        old_value: str | None = None,
        new_value: str | None = None,
        reason: str | None = None,
        source_file_sha256: str | None = None,
    ) -> None:
        audit.append(
            self._connection,
            moment=self._moment,
            actor=self._actor,
            act=act,
            entity=entity,
            entity_id=entity_id,
            old_value=old_value,
            new_value=new_value,
            reason=reason,
            source_file_sha256=source_file_sha256,
        )


def _plain_use(use: StoredProtocol) -> str:
    return codec.canonical({"version": use.version, "content_sha256": use.content_sha256})


def _batch_hash(batch: object) -> str:
    """SHA-256 over the canonical spelling of what was written together."""
    return hashlib.sha256(codec.canonical(batch).encode()).hexdigest()


def plain_fact(fact: ClinicalFact) -> dict[str, Any]:
    """A fact as the plain values an audit entry and a batch hash can hold."""
    return {field.name: _plain(getattr(fact, field.name)) for field in dataclasses.fields(fact)}


def _fact_key(fact: ClinicalFact) -> str:
    return "/".join(str(_plain(getattr(fact, name))) for name in type(fact).key)


def _plain_draft(draft: ResultDraft) -> dict[str, Any]:
    return {
        "value": draft.quantity.value,
        "unit": draft.quantity.unit.value,
        "value_state": draft.quantity.state.value,
        "held_reason": draft.held_reason,
        "excluded_reason": draft.excluded_reason,
    }


def _plain(cell: Any) -> Any:
    if isinstance(cell, Enum):
        return cell.value
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return cell


def _instant(cell: Any) -> Any:
    """A datetime is kept as its ISO text with the offset it was entered in; SQLite has no type for it."""
    return cell.isoformat() if isinstance(cell, datetime) else cell
