"""Bring a file into the record: read, plan, commit. Nothing is written before commit; commit writes all or nothing."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labmon.assays.definition import AssayDefinition, load_definitions
from labmon.assays.make_results import make_results
from labmon.assays.mapping import MappingRule, NameMapping
from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact, Specimen, fact_from_cells
from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading
from labmon.domain.run import Run
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.original import OriginalPart
from labmon.instruments.source import LARGEST_FILE
from labmon.records.reader import Reader, StoredRule
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from labmon.workflow.derive_results import derive_for, dna_on_record
from labmon.workflow.format_sentinel import heading_issue
from labmon.workflow.import_plan import Decision, ImportPlan, PlanEntry, plan_facts, plan_results, spoiled_rows
from labmon.workflow.mute_issue import mute, unmute
from labmon.workflow.reason import stated

_FACTS: Mapping[str, type[ClinicalFact]] = {kind.fact: kind for kind in CLINICAL_FACTS}
CLINICAL_TEMPLATE, MRD_TEMPLATE = "clinical_template", "mrd_template"
NO_DECISIONS: Mapping[str, Decision] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What accepting a file did."""

    file_name: str
    written: int
    changes: ChangeSet


class ImportFiles:
    """The three steps for one study, under one person; only the last one writes."""

    def __init__(self, study: Study, actor: Actor, reader: IsolatedReader) -> None:
        self._study = study
        self._actor = actor
        self._reader = reader
        self._definitions: tuple[AssayDefinition, ...] | None = None

    @property
    def definitions(self) -> tuple[AssayDefinition, ...]:
        """The assay definitions that judge runs; raises UserError P702 when one cannot be used."""
        if self._definitions is None:
            self._definitions = load_definitions()
        return self._definitions

    def read(
        self, path: Path, options: ReadOptions | None = None, *, is_cancelled: Callable[[], bool] | None = None
    ) -> FileReading:
        """Read a file in the guarded child process. Raises UserError for what cannot or must not be read; Cancelled."""
        return self._reader.read(path, options or ReadOptions(), is_cancelled=is_cancelled)

    def original(self, path: Path, place: Place | None) -> OriginalPart:
        """The original rows around a place, opened in the guarded child process. Raises UserError as `read`."""
        return self._reader.original(path, place)

    def plan(self, reading: FileReading, decisions: Mapping[str, Decision] = NO_DECISIONS) -> ImportPlan:
        """What accepting the file would do to the record as it is now."""
        with self._study.reading() as record:
            return self._plan(record, reading, decisions)

    def commit(self, path: Path, plan: ImportPlan) -> ImportReport:
        """Write the file whole, exactly as the plan showed it.

        Raises UserError: R808 when the plan is not ready or the record changed since it was made, I011 when the file's
        bytes are no longer those that were read; nothing is written then.
        """
        if not plan.is_ready:
            raise UserError("R808", detail="The file is not ready.", help="Decide its conflicts first.")
        content = _same_bytes(path, plan.reading)
        decisions = {entry.key: entry.decision for entry in plan.entries if entry.decision is not None}
        with self._study.writing(self._actor) as record:
            now = self._plan(record, plan.reading, decisions)
            if now.entries != plan.entries:
                raise UserError(
                    "R808",
                    detail="The record changed since this plan was made.",
                    help="Look at the new plan; nothing was written.",
                )
            written = tuple(entry for entry in plan.entries if entry.is_written)
            rejected = tuple(entry.issue for entry in plan.entries if entry.is_left_out and entry.issue is not None)
            if not written and plan.imported_before is not None and rejected == plan.imported_before.rejected:
                return ImportReport(file_name=plan.reading.file_name, written=0, changes=ChangeSet())
            specimens = record.specimens()
            record.import_file(
                plan.reading,
                content,
                issues=plan.issues,
                runs=[run for run in plan.runs if any(e.draft and e.draft.run_code == run.run_code for e in written)],
                results=[
                    NewResult(
                        draft=entry.draft,
                        patient_code=specimens[entry.draft.specimen_code].patient_code,
                        supersedes=entry.superseded_result,
                    )
                    for entry in written
                    if entry.draft is not None
                ],
                facts=[
                    NewFact(fact=entry.fact, supersedes=entry.superseded_fact_id, source_place=str(entry.place))
                    for entry in written
                    if entry.fact is not None
                ],
                rejected=rejected,
            )
            touched = {entry.draft.specimen_code for entry in written if entry.draft is not None}
            touched |= {
                e.fact.specimen_code for e in written if e.fact is not None and hasattr(e.fact, "specimen_code")
            }
            derived = derive_for(record, touched, f"{plan.reading.file_name} was imported")
        return ImportReport(
            file_name=plan.reading.file_name, written=len(written), changes=_changes(written, specimens) | derived
        )

    def not_on_record(self, files: Sequence[tuple[Path, str]]) -> tuple[Path, ...]:
        """Of these files and their SHA-256, those whose bytes nobody has imported."""
        with self._study.reading() as record:
            return tuple(path for path, sha256 in files if record.file(sha256) is None)

    def mapping_rules(self) -> tuple[StoredRule, ...]:
        """The remembered mappings, oldest first."""
        with self._study.reading() as record:
            return record.mapping_rules()

    def remember(self, rule: MappingRule) -> ChangeSet:
        """Remember what a target stands for or which specimen a sample means; earlier plans must be made anew."""
        with self._study.writing(self._actor) as record:
            record.put_mapping_rule(rule.to_plain())
        return ChangeSet(parts=frozenset({ChangedPart.MAPPINGS}))

    def forget(self, rule_id: int, reason: str) -> ChangeSet:
        """Take a mapping back; results made with it stay as they are. Raises UserError R808 without a reason."""
        reason = stated(reason)
        with self._study.writing(self._actor) as record:
            record.void_mapping_rule(rule_id, reason)
        return ChangeSet(parts=frozenset({ChangedPart.MAPPINGS}))

    def mute(self, code: str, format_id: str, reason: str) -> ChangeSet:
        """Mute a warning in files of one format. Raises UserError R808 as `mute_issue.mute`."""
        return mute(self._study, self._actor, code=code, format_id=format_id, reason=reason)

    def unmute(self, mute_id: int, reason: str) -> ChangeSet:
        """Be warned again. Raises UserError R808."""
        return unmute(self._study, self._actor, mute_id, reason)

    def _plan(self, record: Reader, reading: FileReading, decisions: Mapping[str, Decision]) -> ImportPlan:
        before = record.file(reading.sha256)
        issues: tuple[Issue, ...] = ()
        if before is not None:
            issues = (Issue(code="I005", parameters={"imported_at": f"{before.imported_at:%Y-%m-%d %H:%M} UTC"}),)
        elif reading.headings:
            last = record.last_file_like(reading.format_id, reading.instrument)
            changed = heading_issue(last, reading.headings)
            issues = (changed,) if changed is not None else ()
        muted = tuple(each for each in record.mutings() if each.format_id == reading.format_id)
        if reading.format_id == CLINICAL_TEMPLATE:
            entries = self._plan_facts(record, reading, decisions, before.rejected if before is not None else ())
            return ImportPlan(
                reading=reading,
                runs=(),
                entries=(*entries, *spoiled_rows(reading)),
                issues=issues,
                imported_before=before,
                muted=muted,
            )
        specimens = record.specimens()
        runs = {run.run_code: run for run in record.runs()}
        made = make_results(
            reading,
            definitions=self.definitions,
            mapping=NameMapping(
                rules=tuple(MappingRule.from_plain(stored.rule) for stored in record.mapping_rules()),
                specimens=frozenset(specimens),
            ),
            specimens=specimens,
            dna=dna_on_record(record),
            run_code=_run_code(reading, runs),
            today=self._study.as_of,
        )
        codes = sorted({draft.specimen_code for draft in made.drafts})
        recorded = record.results(specimen_codes=codes, every_version=True) if codes else ()
        return ImportPlan(
            reading=reading,
            runs=made.runs,
            entries=(
                *plan_results(made, recorded, runs, decisions, before.rejected if before is not None else ()),
                *(spoiled_rows(reading) if reading.format_id == MRD_TEMPLATE else ()),
            ),
            issues=(*issues, *made.issues),
            imported_before=before,
            muted=muted,
        )

    def _plan_facts(
        self, record: Reader, reading: FileReading, decisions: Mapping[str, Decision], rejected_before: Sequence[Issue]
    ) -> tuple[PlanEntry, ...]:
        offered = tuple((fact_from_cells(_FACTS[row.fact], row.cells), row.place) for row in reading.clinical_rows)
        kinds = {type(fact) for fact, _ in offered}
        return plan_facts(
            offered,
            {patient.patient_code: patient for patient in record.patient_records()},
            {kind: record.facts(kind) for kind in kinds},
            self._study.as_of,
            decisions,
            written_before=record.fact_places(reading.sha256),
            rejected_before=rejected_before,
        )


def _run_code(reading: FileReading, runs: Mapping[str, Run]) -> str:
    """The file's run name, else its stem; another file of that name gets a number, the same file keeps its own."""
    wanted = (reading.run_name or Path(reading.file_name).stem).strip() or reading.sha256[:8]
    taken = {code.partition("/")[0] for code, run in runs.items() if run.file_sha256 != reading.sha256}
    numbered = (f"{wanted}-{n}" for n in itertools.count(2))
    return next(code for code in itertools.chain([wanted], numbered) if code not in taken)


def _same_bytes(path: Path, reading: FileReading) -> bytes:
    """The bytes that were read; the file may have vanished or changed since. Only event files come as large as the
    record does not keep them; they make no results."""
    if reading.size_bytes > LARGEST_FILE:
        detail = (
            f"The file has {reading.size_bytes >> 20} MiB; the record keeps originals up to {LARGEST_FILE >> 20} MiB"
        )
        raise UserError("I012", detail=detail)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError("I011", detail=(error.strerror or type(error).__name__).lower()) from error
    if hashlib.sha256(content).hexdigest() != reading.sha256:
        raise UserError("I011", detail="it was changed after it was read; read it again")
    return content


def _changes(written: Sequence[PlanEntry], specimens: Mapping[str, Specimen]) -> ChangeSet:
    parts = {ChangedPart.FILES}
    patients = set()
    for entry in written:
        if entry.draft is not None:
            parts |= {ChangedPart.RESULTS, ChangedPart.RUNS}
            patients.add(specimens[entry.draft.specimen_code].patient_code)
        if entry.fact is not None:
            parts.add(ChangedPart.CLINICAL)
            patients.add(entry.fact.patient_code)
    return ChangeSet(parts=frozenset(parts), patient_codes=frozenset(patients))
