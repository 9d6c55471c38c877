"""A person decides whether a patient is eligible; what that rests on is frozen, and its later changes are reported."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

from labmon import __version__
from labmon.domain import wording
from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import ClinicalFact, Patient, PatientRecord
from labmon.domain.decision import DecisionMeaning, NewDecision, StoredDecision
from labmon.domain.errors import UserError
from labmon.domain.protocol_confirmation import standing
from labmon.domain.result import Result
from labmon.records.codec import canonical
from labmon.records.reader import Reader
from labmon.records.study import Study
from labmon.records.writer import plain_fact
from labmon.reports.findings_json import plain_criterion, plain_finding
from labmon.trial.eligibility import DecisionState
from labmon.workflow.assess import Assess, Assessment
from labmon.workflow.reason import stated


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDraft:
    """What a person looks at before deciding; nothing is written yet."""

    patient_code: str
    protocol_id: str
    protocol_version: str
    state: DecisionState
    text: str
    """The criteria together, in a few words: "ready to sign", "A4 needs a person"."""
    snapshot: str
    earlier: StoredDecision | None
    """The decision that stands and whose place a new one takes."""

    @property
    def snapshot_sha256(self) -> str:
        return _sha256(self.snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStanding:
    """A decision on record, and what changed since in what it rests on."""

    decision: StoredDecision
    changes: tuple[str, ...]
    """In words; empty while every input is as it was."""
    is_intact: bool
    """The snapshot still has the hash it was recorded with."""

    @property
    def is_touched(self) -> bool:
        return bool(self.changes) or not self.is_intact

    @property
    def text(self) -> str:
        """ "eligible, decided by A. B. on 2026-03-02; 1 change since"."""
        decided = self.decision
        on = decided.recorded_at.astimezone().date().isoformat()
        since = f"{len(self.changes)} {'change' if len(self.changes) == 1 else 'changes'} since"
        if not self.is_intact:
            since = "the snapshot does not have the hash it was recorded with"
        elif not self.changes:
            since = "stands"
        return f"{decided.meaning.label}, decided by {decided.recorded_by} on {on}; {since}"


class Decide:
    """Decisions under one person and one protocol. A signature with the person's password wraps `record`."""

    def __init__(self, study: Study, assess: Assess, actor: Actor) -> None:
        self._study = study
        self._assess = assess
        self._actor = actor

    def standing(self) -> tuple[DecisionStanding, ...]:
        """The decisions that stand under this protocol, with what changed since."""
        return standing_decisions(self._study, self._assess.protocol.id)

    def draft(self, patient_code: str) -> DecisionDraft:
        """Freeze what is known about a patient today. Raises R807."""
        assessment = self._assess.patient(patient_code)
        protocol = self._assess.protocol
        with self._study.reading() as record:
            inputs = _inputs_of(record, protocol.id, assessment.as_of, (patient_code,))[patient_code]
            earlier = _standing_of(record, patient_code, protocol.id)
        return DecisionDraft(
            patient_code=patient_code,
            protocol_id=protocol.id,
            protocol_version=protocol.version,
            state=assessment.decision.state,
            text=assessment.decision.text,
            snapshot=canonical(_snapshot(assessment, inputs, self._assess.study_code)),
            earlier=earlier,
        )

    def record(self, draft: DecisionDraft, meaning: DecisionMeaning, reason: str) -> ChangeSet:
        """Keep the decision with its snapshot and an audit entry, in one transaction.

        Raises R808 without a reason, for "eligible" while a criterion is open or failed, when a decision was taken
        meanwhile, and when anything the snapshot rests on changed since the draft was made.
        """
        reason = stated(reason)
        if meaning is DecisionMeaning.ELIGIBLE and draft.state is not DecisionState.READY_TO_SIGN:
            raise UserError(
                "R808",
                detail=f"{draft.patient_code} is not eligible as things stand: {draft.text}.",
                help="Eligible needs every criterion met.",
            )
        frozen = json.loads(draft.snapshot)
        with self._study.writing(self._actor) as record:
            now = _inputs_of(record, draft.protocol_id, date.fromisoformat(frozen["as_of"]), (draft.patient_code,))[
                draft.patient_code
            ]
            if canonical(now) != canonical(frozen["inputs"]):
                raise UserError(
                    "R808",
                    detail="The record changed since you looked.",
                    help="Look again and decide then; nothing was written.",
                )
            record.record_decision(
                NewDecision(
                    patient_code=draft.patient_code,
                    protocol_id=draft.protocol_id,
                    protocol_version=draft.protocol_version,
                    meaning=meaning,
                    reason=reason,
                    snapshot=draft.snapshot,
                    snapshot_sha256=draft.snapshot_sha256,
                    supersedes=draft.earlier.decision_id if draft.earlier is not None else None,
                )
            )
        return ChangeSet(parts=frozenset({ChangedPart.DECISIONS}), patient_codes=frozenset({draft.patient_code}))


def standing_decisions(study: Study, protocol_id: str | None = None) -> tuple[DecisionStanding, ...]:
    """Every decision that stands, of one protocol or of all, with what changed since in its inputs."""
    with study.reading() as record:
        decisions = [each for each in record.decisions() if protocol_id in (None, each.protocol_id)]
        by_look: dict[tuple[str, date], list[StoredDecision]] = defaultdict(list)
        for each in decisions:
            by_look[each.protocol_id, _as_of(each)].append(each)
        present: dict[int, Mapping[str, Any]] = {}
        for (protocol, as_of), taken in by_look.items():
            inputs = _inputs_of(record, protocol, as_of, [each.patient_code for each in taken])
            present |= {each.decision_id: inputs[each.patient_code] for each in taken if each.patient_code in inputs}
    return tuple(_standing(each, present.get(each.decision_id)) for each in decisions)


def decisions_touched(study: Study) -> tuple[DecisionStanding, ...]:
    """The decisions whose inputs changed since they were taken."""
    return tuple(each for each in standing_decisions(study) if each.is_touched)


def _standing_of(record: Reader, patient_code: str, protocol_id: str) -> StoredDecision | None:
    return next((each for each in record.decisions((patient_code,)) if each.protocol_id == protocol_id), None)


def _standing(decision: StoredDecision, now: Mapping[str, Any] | None) -> DecisionStanding:
    then = json.loads(decision.snapshot)["inputs"]
    changes = ("The patient is no longer on record.",) if now is None else tuple(_differences(then, now))
    is_intact = _sha256(decision.snapshot) == decision.snapshot_sha256
    return DecisionStanding(decision=decision, changes=changes, is_intact=is_intact)


def _as_of(decision: StoredDecision) -> date:
    return date.fromisoformat(json.loads(decision.snapshot)["as_of"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What a decision rests on


def _snapshot(assessment: Assessment, inputs: Mapping[str, Any], study_code: str) -> dict[str, Any]:
    timeline = assessment.timeline
    return {
        "labmon_version": __version__,
        "study": study_code,
        "patient_code": assessment.patient_code,
        "as_of": assessment.as_of.isoformat(),
        "known_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "decision": {"state": assessment.decision.state.value, "text": assessment.decision.text},
        "criteria": [plain_criterion(answer, timeline) for answer in assessment.criteria],
        "findings": [plain_finding(finding, timeline) for finding in assessment.findings] if timeline else [],
        "inputs": inputs,
    }


def _inputs_of(
    record: Reader, protocol_id: str, as_of: date, patient_codes: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By patient: the results and facts dated up to a day, the protocol version and the confirmed readings."""
    codes = sorted(set(patient_codes))
    used = [use for use in record.protocol_uses() if use.protocol_id == protocol_id][-1:]
    confirmed = standing(
        record.protocol_confirmations(protocol_id),
        protocol_id=protocol_id,
        protocol_version=used[0].version if used else "",
        as_of=as_of,
    )
    shared = {
        "protocol": [{"version": use.version, "content_sha256": use.content_sha256} for use in used],
        "confirmations": {subject: each.statement for subject, each in confirmed.items()},
    }
    results: dict[str, list[Result]] = defaultdict(list)
    for result in record.results(codes):
        results[result.patient_code].append(result)
    return {
        patient.patient_code: shared
        | {
            "results": _plain_results(patient, results[patient.patient_code], as_of),
            "facts": _plain_facts(patient, as_of),
        }
        for patient in record.patient_records(codes)
    }


def _plain_results(patient: PatientRecord, results: Iterable[Result], as_of: date) -> dict[str, Any]:
    collected = {specimen.specimen_code: specimen.collected_on for specimen in patient.specimens}
    return {
        f"{result.analyte.label}{f' by {result.method.value}' if result.method else ''} of {result.specimen_code}": {
            "result_id": result.result_id,
            "version": result.version,
            "value": wording.quantity(result.quantity),
            "held": result.draft.held_reason,
            "excluded": result.draft.excluded_reason,
            "is_released": result.released_at is not None,
        }
        for result in results
        if collected.get(result.specimen_code, as_of) <= as_of
    }


def _plain_facts(patient: PatientRecord, as_of: date) -> dict[str, Any]:
    kept = (getattr(patient, field.name) for field in fields(PatientRecord))
    facts = [fact for each in kept for fact in (each if isinstance(each, tuple) else (each,))]
    return {_name(fact): plain_fact(fact) for fact in facts if _dated(fact, as_of) <= as_of}


def _name(fact: ClinicalFact) -> str:
    """ "attestation A4 2026-03-01": the fact by what makes it this one, without the patient it is about."""
    parts = [str(getattr(fact, name)) for name in type(fact).key if name != "patient_code"]
    return " ".join([type(fact).fact.replace("_", " "), *parts])


def _dated(fact: ClinicalFact, otherwise: date) -> date:
    """The day a fact is about; a patient's own data are about every day."""
    if isinstance(fact, Patient):
        return otherwise
    days = (getattr(fact, field.name) for field in fields(fact))
    return next((day for day in days if isinstance(day, date) and not isinstance(day, datetime)), otherwise)


# What changed since, in words


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for old, new in zip(then["protocol"], now["protocol"], strict=False):
        if old != new:
            yield f"Protocol version {old['version']} was followed by {new['version']}."
    for name, old, new in _pairs(then["confirmations"], now["confirmations"]):
        what = "taken back" if new is None else "given" if old is None else "given anew"
        yield f"The confirmed reading of {name} was {what}."
    for name, old, new in _pairs(then["results"], now["results"]):
        yield f"{name[0].upper()}{name[1:]} {_result_became(old, new)}."
    for name, old, new in _pairs(then["facts"], now["facts"]):
        yield f"{name[0].upper()}{name[1:]} {_fact_became(old, new)}."


def _pairs(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield name, then.get(name), now.get(name)


def _result_became(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None:
        return f"({new['value'] if new else ''}) was entered since, though its sample is from before the decision"
    if new is None:
        return f"({old['value']}) is no longer on record for this patient"
    if new["excluded"] and not old["excluded"]:
        return f"({old['value']}) was excluded: {new['excluded']}"
    if new["held"] and not old["held"]:
        return f"({old['value']}) is held: {new['held']}"
    if old["value"] != new["value"]:
        return f"was {old['value']} and is {new['value']} now"
    if old["excluded"] and not new["excluded"]:
        return f"({new['value']}), excluded then, counts again"
    if old["held"] and not new["held"]:
        return f"({new['value']}), held then, was accepted"
    return f"({new['value']}) has a newer version"


def _fact_became(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None:
        return "was entered since, though it is dated before the decision"
    if new is None:
        return "was withdrawn"
    changed = [
        f"{name.replace('_', ' ')} was {_said(before)} and is {_said(new.get(name))} now"
        for name, before in old.items()
        if before != new.get(name)
    ]
    return f"was amended: {', '.join(changed)}"


def _said(cell: object) -> str:
    return "empty" if cell is None else str(cell)
