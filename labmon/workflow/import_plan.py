"""What accepting a file would do to the record: new, identical, conflicting, rejected; nothing is written here."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.assays.made_results import MadeResults, RejectedReadings
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import (
    ClinicalEvent,
    ClinicalFact,
    EventKind,
    Patient,
    PatientRecord,
)
from labmon.domain.issue import Issue, Place, Severity
from labmon.domain.muting import Muting
from labmon.domain.quantity import Quantity
from labmon.domain.reading import FileReading
from labmon.domain.result import Result, ResultDraft
from labmon.domain.run import Run
from labmon.domain.wording import quantity as quantity_text
from labmon.records.reader import StoredFact, StoredFile
from labmon.workflow.derive_results import DERIVED


class PlanState(StrEnum):
    NEW = "new"
    IDENTICAL = "identical"
    CONFLICTING = "conflicting"
    REJECTED = "rejected"


class Decision(StrEnum):
    """What a person may decide about a conflict; the value is what the button says."""

    KEEP_AS_REPEAT = "keep both, as a repeat"
    REPLACE = "replace the one on record"
    REJECT = "reject this row"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """One result, one clinical fact, or a group of readings that becomes neither."""

    key: str
    """Stable within the file; decisions refer to it."""
    state: PlanState
    title: str
    """Whose it is: specimen and analyte, or the fact in words."""
    offered: str
    derived: tuple[str, ...] = ()
    """What follows from it with what is on record: copies per µg, copies per µL."""
    recorded: str | None = None
    note: str | None = None
    """Why it is identical, what it completes or repeats."""
    place: Place | None = None
    draft: ResultDraft | None = None
    fact: ClinicalFact | None = None
    superseded_result: Result | None = None
    superseded_fact_id: int | None = None
    issue: Issue | None = None
    reading_indices: tuple[int, ...] = ()
    sample: str | None = None
    """Of rejected readings: the sample or target nobody has mapped yet."""
    target: str | None = None
    decision: Decision | None = None

    @property
    def is_open(self) -> bool:
        """A conflict nobody has decided yet."""
        return self.state is PlanState.CONFLICTING and self.decision is None

    @property
    def is_written(self) -> bool:
        """Accepting the file writes this entry."""
        return self.state is PlanState.NEW or self.decision in (Decision.KEEP_AS_REPEAT, Decision.REPLACE)

    @property
    def is_left_out(self) -> bool:
        """Rejected by what it says, or by the person."""
        return self.state is PlanState.REJECTED or self.decision is Decision.REJECT

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What may be decided: two facts with one key cannot both stand."""
        if self.state is not PlanState.CONFLICTING:
            return ()
        return tuple(Decision) if self.draft is not None else (Decision.REPLACE, Decision.REJECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """Everything a person needs to see before accepting a file."""

    reading: FileReading
    runs: tuple[Run, ...]
    entries: tuple[PlanEntry, ...]
    issues: tuple[Issue, ...]
    imported_before: StoredFile | None = None
    muted: tuple[Muting, ...] = ()
    """The warnings somebody muted for files of this format: still shown, no longer counted."""

    def count(self, state: PlanState) -> int:
        return sum(entry.state is state for entry in self.entries)

    @property
    def open_conflicts(self) -> int:
        return sum(entry.is_open for entry in self.entries)

    @property
    def blocking(self) -> Issue | None:
        """The issue that keeps the whole file out, if any."""
        return next((issue for issue in self.issues if issue.severity is Severity.BLOCKS), None)

    @property
    def adds(self) -> int:
        """How many entries accepting would write."""
        return sum(entry.is_written for entry in self.entries)

    @property
    def is_ready(self) -> bool:
        return self.blocking is None and self.open_conflicts == 0


def plan_results(
    made: MadeResults,
    recorded: Sequence[Result],
    recorded_runs: Mapping[str, Run],
    decisions: Mapping[str, Decision],
    rejected_before: Sequence[Issue] = (),
) -> tuple[PlanEntry, ...]:
    """Compare drafts with what is on record for the same specimen, analyte and method.

    `recorded` holds every version: a measurement that was superseded since is on record all the same.
    `rejected_before` are the conflicts decided against these very bytes; they are not asked again.
    """
    by_key: dict[tuple[str, str, str], list[Result]] = {}
    for result in recorded:
        by_key.setdefault(result.draft.key, []).append(result)
    started = {run.run_code: run.run_started_at for run in (*recorded_runs.values(), *made.runs)}
    derived: dict[tuple[str, str], list[str]] = {}
    for draft in made.drafts:
        if draft.analyte in DERIVED:
            derived.setdefault((draft.specimen_code, draft.run_code), []).append(quantity_text(draft.quantity))
    entries = []
    for draft in made.drafts:
        if draft.analyte in DERIVED:
            continue  # it follows from its reaction and is written after it
        entry = PlanEntry(
            key="/".join(part for part in draft.key if part),
            state=PlanState.NEW,
            title=f"{draft.specimen_code} · {draft.analyte.label}"
            + (f" ({draft.method.value})" if draft.method else ""),
            offered=quantity_text(draft.quantity),
            place=draft.provenance[0].place if draft.provenance else None,
            draft=draft,
            derived=tuple(derived.get((draft.specimen_code, draft.run_code), ()))
            if draft.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION
            else (),
            reading_indices=made.readings_of.get(draft.key, ()),
        )
        entry = _compare_result(entry, draft, by_key.get(draft.key, []), started, decisions.get(entry.key))
        entries.append(_as_decided_before(entry, rejected_before))
    return (*entries, *(_rejected(rejected) for rejected in made.rejected))


def _rejected(rejected: RejectedReadings) -> PlanEntry:
    named = (reading.sample or reading.target for reading in rejected.readings)
    subject = rejected.sample or rejected.target or next((name for name in named if name), "a row")
    return PlanEntry(
        key=f"rejected:{rejected.issue.code}:{rejected.issue.place}:{subject}",
        state=PlanState.REJECTED,
        title=subject,
        offered=rejected.issue.message,
        place=rejected.issue.place,
        issue=rejected.issue,
        reading_indices=rejected.indices,
        sample=rejected.sample,
        target=rejected.target,
    )


def _compare_result(
    entry: PlanEntry,
    draft: ResultDraft,
    recorded: Sequence[Result],
    started: Mapping[str, str | None],
    decision: Decision | None,
) -> PlanEntry:
    same = [result for result in recorded if _is_same(draft, result, started)]
    if same:
        is_current = any(not result.is_superseded for result in same)
        note = f"on record from {same[-1].draft.run_code}" + ("" if is_current else ", superseded since")
        return dataclasses.replace(entry, state=PlanState.IDENTICAL, recorded=entry.offered, note=note)
    current = [result for result in recorded if not (result.is_superseded or result.is_excluded)]
    standing = next((r for r in current if r.counts and r.quantity.state.is_evaluable), None)
    waiting = next((r for r in recorded if not r.is_superseded and _waits(r)), None)
    if standing is None and waiting is not None and draft.held_reason is None:
        note = f"repeats {waiting.draft.run_code}: {waiting.draft.held_reason or quantity_text(waiting.quantity)}"
        return dataclasses.replace(entry, note=note, superseded_result=waiting)
    if standing is None and not current:
        return entry
    standing = standing or current[0]
    on_record = f"{quantity_text(standing.quantity)} ({standing.draft.run_code})"
    assert entry.draft is not None
    return dataclasses.replace(
        entry,
        state=PlanState.CONFLICTING,
        recorded=on_record,
        superseded_result=standing if decision is Decision.REPLACE else None,
        decision=decision,
        issue=Issue(
            code="I204",
            place=entry.place,
            parameters={
                "specimen": draft.specimen_code,
                "analyte": draft.analyte.label,
                "recorded": on_record,
                "offered": entry.offered,
            },
        ),
    )


def _waits(result: Result) -> bool:
    """A repeat that is good takes its place without a question."""
    return result.is_held or not result.quantity.state.is_evaluable


def _as_decided_before(entry: PlanEntry, rejected_before: Sequence[Issue]) -> PlanEntry:
    """A conflict that was decided against when the same file was accepted stays decided while nothing else changed."""
    if entry.is_open and entry.issue in rejected_before:
        return dataclasses.replace(entry, decision=Decision.REJECT)
    return entry


def _is_same(draft: ResultDraft, result: Result, started: Mapping[str, str | None]) -> bool:
    """The same measurement again: same quantity, same raw texts, same start of the run."""
    return (
        _same_quantity(draft.quantity, result.quantity)
        and Counter(p.raw for p in draft.provenance) == Counter(p.raw for p in result.draft.provenance)
        and started.get(draft.run_code) == started.get(result.draft.run_code)
    )


def _same_quantity(a: Quantity, b: Quantity) -> bool:
    if a.state is not b.state or a.unit is not b.unit:
        return False
    return a.value == b.value or (
        a.value is not None and b.value is not None and math.isclose(a.value, b.value, rel_tol=1e-9)
    )


def plan_facts(
    offered: Iterable[tuple[ClinicalFact, Place]],
    records: Mapping[str, PatientRecord],
    stored: Mapping[type[ClinicalFact], Sequence[StoredFact]],
    today: date,
    decisions: Mapping[str, Decision],
    *,
    written_before: Collection[tuple[str, str]] = (),
    rejected_before: Sequence[Issue] = (),
) -> tuple[PlanEntry, ...]:
    """Compare the facts of a clinical workbook with those on record.

    `written_before` names facts and places of these very bytes that were written once: whatever a person made of them
    since, the same file does not bring them again. `rejected_before` are its conflicts decided then.
    """
    offered = tuple(offered)
    patients = set(records) | {fact.patient_code for fact, _ in offered if isinstance(fact, Patient)}
    deaths = {code: died for code, record in records.items() if (died := death_day(record)) is not None}
    deaths |= {
        fact.patient_code: fact.occurred_on
        for fact, _ in offered
        if isinstance(fact, ClinicalEvent) and fact.event_kind is EventKind.DEATH
    }
    on_record = {(kind, fact_key(s.fact)): s for kind, facts in stored.items() for s in facts}
    rows: dict[tuple[type, tuple[object, ...]], list[tuple[ClinicalFact, Place]]] = {}
    for fact, place in offered:
        rows.setdefault((type(fact), fact_key(fact)), []).append((fact, place))
    entries = []
    for fact, place in offered:
        identity = (type(fact), fact_key(fact))
        issue = contradiction(fact, place, patients=patients, death_on=deaths.get(fact.patient_code), today=today)
        if issue is None:
            issue = _repeats(fact, place, rows[identity])
        entry = PlanEntry(
            key=f"{fact.fact}:{'/'.join(map(str, fact_key(fact)))}:{place}",
            state=PlanState.REJECTED if issue else PlanState.NEW,
            title=fact_title(fact),
            offered=issue.message if issue else fact_words(fact),
            place=place,
            fact=fact,
            issue=issue,
        )
        recorded = on_record.get(identity)
        if issue is None and recorded is not None:
            entry = _compare_fact(entry, fact, recorded, decisions.get(entry.key))
        if entry.state is not PlanState.IDENTICAL and (fact.fact, str(place)) in written_before:
            entry = _as_known(entry, fact, recorded)
        entries.append(_as_decided_before(entry, rejected_before))
    return tuple(entries)


def _repeats(fact: ClinicalFact, place: Place, rows: Sequence[tuple[ClinicalFact, Place]]) -> Issue | None:
    """C508 for each of several rows that differ, which one is right nobody knows; C506 for a row said before."""
    for other, elsewhere in rows:
        differing = [field.name for field in dataclasses.fields(fact) if _differ(fact, other, field.name)]
        if differing:
            said, offered = fact_words(other, differing), fact_words(fact, differing)
            parameters = {"row": elsewhere.row, "other": said, "offered": offered}
            return Issue(code="C508", place=place, parameters=parameters)
    first = rows[0][1]
    return Issue(code="C506", place=place, parameters={"row": first.row}) if first != place else None


def _differ(one: ClinicalFact, other: ClinicalFact, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def spoiled_rows(reading: FileReading) -> tuple[PlanEntry, ...]:
    """Rows of our own workbooks that a wrong cell kept from being read: rejected, the cell is the reason."""
    places = [*(each.place for each in reading.readings), *(each.place for each in reading.clinical_rows)]
    read = {(place.sheet, place.row) for place in places}
    spoiled: dict[tuple[str | None, int | None], Issue] = {}
    for issue in reading.issues:
        if issue.place is None or issue.place.row is None or issue.severity is not Severity.HOLDS:
            continue
        row = (issue.place.sheet, issue.place.row)
        if row not in read:
            spoiled.setdefault(row, issue)
    return tuple(
        PlanEntry(
            key=f"rejected:{issue.code}:{issue.place}",
            state=PlanState.REJECTED,
            title=f"{sheet}, row {row}",
            offered=issue.message,
            place=issue.place,
            issue=issue,
        )
        for (sheet, row), issue in spoiled.items()
    )


def _compare_fact(entry: PlanEntry, fact: ClinicalFact, stored: StoredFact, decision: Decision | None) -> PlanEntry:
    differing = [
        field.name
        for field in dataclasses.fields(fact)
        if getattr(fact, field.name) != getattr(stored.fact, field.name) and not _is_blank(fact, field)
    ]
    if not differing:
        return dataclasses.replace(entry, state=PlanState.IDENTICAL, recorded=entry.offered)
    merged = dataclasses.replace(stored.fact, **{name: getattr(fact, name) for name in differing})
    if all(_is_blank(stored.fact, field) for field in dataclasses.fields(fact) if field.name in differing):
        return dataclasses.replace(
            entry, fact=merged, superseded_fact_id=stored.fact_id, note=f"completes {', '.join(differing)}"
        )
    recorded, offered = fact_words(stored.fact, differing), fact_words(fact, differing)
    return dataclasses.replace(
        entry,
        state=PlanState.CONFLICTING,
        fact=merged,
        offered=offered,
        recorded=recorded,
        superseded_fact_id=stored.fact_id,
        decision=decision,
        issue=Issue(code="C505", place=entry.place, parameters={"recorded": recorded, "offered": offered}),
    )


def _as_known(entry: PlanEntry, fact: ClinicalFact, recorded: StoredFact | None) -> PlanEntry:
    """What this file brought before and a person amended or voided since."""
    return PlanEntry(
        key=entry.key,
        state=PlanState.IDENTICAL,
        title=entry.title,
        offered=fact_words(fact),
        recorded=fact_words(recorded.fact) if recorded is not None else None,
        note=f"came from this file before, {'amended' if recorded is not None else 'voided'} since",
        place=entry.place,
        fact=fact,
    )


def contradiction(
    fact: ClinicalFact, place: Place | None, *, patients: set[str], death_on: date | None, today: date
) -> Issue | None:
    """Why this fact cannot stand: an unknown patient, a future date, something after death, an end before its start."""
    if fact.patient_code not in patients:
        return Issue(code="C503", place=place, parameters={"what": "Patient", "code": fact.patient_code})
    dated = {
        field.name: value
        for field in dataclasses.fields(fact)
        if isinstance(value := getattr(fact, field.name), date) and field.name != "collected_at"
    }
    for name, value in dated.items():
        if value > today:
            return Issue(code="C507", place=place, parameters={"field": name, "value": value.isoformat()})
        if death_on is not None and value > death_on and name not in ("attested_on", "ended_on"):
            detail = f"{name} {value.isoformat()} lies after the death on {death_on.isoformat()}."
            return Issue(code="C504", place=place, parameters={"detail": detail})
    started, ended = dated.get("started_on"), dated.get("ended_on")
    if started is not None and ended is not None and ended < started:
        detail = f"ended_on {ended.isoformat()} lies before started_on {started.isoformat()}."
        return Issue(code="C504", place=place, parameters={"detail": detail})
    return None


def death_day(record: PatientRecord) -> date | None:
    """The day a patient died, if so."""
    return next((event.occurred_on for event in record.events if event.event_kind is EventKind.DEATH), None)


def fact_key(fact: ClinicalFact) -> tuple[object, ...]:
    return tuple(getattr(fact, name) for name in type(fact).key)


def fact_title(fact: ClinicalFact) -> str:
    """ "DEMO-014 · infusion 2026-02-03"."""
    rest = [_words(getattr(fact, name)) for name in type(fact).key if name != "patient_code"]
    return " · ".join([fact.patient_code, " ".join([fact.fact.replace("_", " "), *rest])])


def fact_words(fact: ClinicalFact, names: Sequence[str] | None = None) -> str:
    """The filled fields in words, without the key unless asked for."""
    chosen = names if names is not None else [f.name for f in dataclasses.fields(fact) if f.name not in type(fact).key]
    parts = [f"{name} {_words(getattr(fact, name))}" for name in chosen if getattr(fact, name) is not None]
    return ", ".join(parts) or ("on record" if names is None else "nothing")


def _words(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_blank(fact: ClinicalFact, field: dataclasses.Field[object]) -> bool:
    """Empty, or left at the word that says nothing is known."""
    value = getattr(fact, field.name)
    return value is None or (field.default is not dataclasses.MISSING and value == field.default)
