"""What cannot be right in a patient's course: relapse before remission, facts after death, no infusion before.

Entering refuses most of it; a course becomes wrong all the same when a death is entered late, a fact is taken back, or
a workbook tells half of it. Each issue names the record; `read_up_to` is the last day that a response is read from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime

from labmon.criteria.limit import Limit
from labmon.domain.clinical import (
    Attestation,
    ClinicalEvent,
    ClinicalFact,
    DiseaseAssessment,
    EventKind,
    Infusion,
    InfusionKind,
    PatientRecord,
    ResponseCategory,
)
from labmon.domain.issue import Issue

REMISSIONS = (
    ResponseCategory.CR,
    ResponseCategory.CRH,
    ResponseCategory.CRI,
    ResponseCategory.MLFS,
    ResponseCategory.APLASTIC_MARROW,
)


def course_issues(record: PatientRecord, *, remission_marrow: Limit, as_of: date, today: date) -> tuple[Issue, ...]:
    """Every contradiction of the record; what is dated after `as_of` is only asked whether it lies after `today`.

    `remission_marrow` is the protocol's limit of blasts: a marrow within it counts as a remission seen.
    """
    return (
        *_in_the_future(record, today),
        *_after_death(record, as_of),
        *_without_infusion(record, as_of),
        *_relapse_before_remission(record, remission_marrow, as_of),
    )


def death_of(record: PatientRecord, as_of: date) -> date | None:
    """The day of death, the earliest on record."""
    days = [each.occurred_on for each in record.events if each.event_kind is EventKind.DEATH]
    return min((day for day in days if day <= as_of), default=None)


def read_up_to(record: PatientRecord, as_of: date) -> date:
    """The last day whose facts are read: what is dated after a death is held."""
    died_on = death_of(record, as_of)
    return as_of if died_on is None else min(as_of, died_on)


def _dated(record: PatientRecord) -> Iterator[tuple[ClinicalFact, str, date]]:
    """Every dated field of every fact, by its name."""
    for field in dataclasses.fields(record):
        facts = getattr(record, field.name)
        for fact in facts if isinstance(facts, tuple) else (facts,):
            for column in dataclasses.fields(fact):
                value = getattr(fact, column.name)
                if isinstance(value, date) and not isinstance(value, datetime):
                    yield fact, column.name, value


def named(fact: ClinicalFact, when: date) -> str:
    """The record by name: "P-001: relapse of 2026-03-02"."""
    match fact:
        case ClinicalEvent():
            kind = fact.event_kind.value.replace("_", " ")
        case DiseaseAssessment() if fact.response_category is ResponseCategory.RELAPSE:
            kind = "relapse, as reported,"
        case Infusion():
            kind = f"infusion ({fact.infusion_kind.value.replace('_', ' ')})"
        case _:
            kind = type(fact).fact.replace("_", " ")
    return f"{fact.patient_code}: {kind} of {when.isoformat()}"


def _in_the_future(record: PatientRecord, today: date) -> Iterator[Issue]:
    for fact, field, when in _dated(record):
        if when > today:
            yield Issue(code="T653", parameters={"what": f"{named(fact, when)} ({field})"})


def _after_death(record: PatientRecord, as_of: date) -> Iterator[Issue]:
    died_on = death_of(record, as_of)
    if died_on is None:
        return
    for fact, field, when in _dated(record):
        # A drug may be closed and a criterion attested afterwards.
        if died_on < when <= as_of and field != "ended_on" and not isinstance(fact, Attestation):
            yield Issue(code="T652", parameters={"what": named(fact, when), "death": died_on.isoformat()})


def _without_infusion(record: PatientRecord, as_of: date) -> Iterator[Issue]:
    """Study cells and judged responses follow a CAR-T infusion."""
    first = min(
        (i.infused_on for i in record.infusions if i.infusion_kind is InfusionKind.CAR_T and i.infused_on <= as_of),
        default=None,
    )
    followers: list[tuple[ClinicalFact, date]] = [
        (each, each.infused_on) for each in record.infusions if each.infusion_kind is InfusionKind.STUDY_CELLS
    ]
    if first is None:  # before a first infusion, responses are those of earlier treatment
        followers += [
            (each, each.assessed_on) for each in record.disease_assessments if each.response_category in REMISSIONS
        ]
    for fact, when in sorted(followers, key=lambda follower: follower[1]):
        if when <= as_of and (first is None or when < first):
            yield Issue(code="T654", parameters={"what": named(fact, when)})


def _relapse_before_remission(record: PatientRecord, remission_marrow: Limit, as_of: date) -> Iterator[Issue]:
    """After the infusion, a relapse needs a remission to fall from; one before the infusion is why it was given."""
    infused_on = min(
        (i.infused_on for i in record.infusions if i.infusion_kind is InfusionKind.CAR_T and i.infused_on <= as_of),
        default=None,
    )
    if infused_on is None:
        return
    relapses: list[tuple[date, ClinicalFact]] = [
        (each.occurred_on, each) for each in record.events if each.event_kind is EventKind.RELAPSE
    ]
    relapses += [
        (each.assessed_on, each)
        for each in record.disease_assessments
        if each.response_category is ResponseCategory.RELAPSE
    ]
    remissions = [
        each.assessed_on
        for each in record.disease_assessments
        if each.response_category in REMISSIONS
        or (each.marrow_blasts_pct is not None and remission_marrow.holds(each.marrow_blasts_pct))
    ]
    for when, fact in sorted(relapses, key=lambda relapse: relapse[0]):
        if infused_on <= when <= as_of and not any(remission < when for remission in remissions):
            yield Issue(code="T651", parameters={"what": named(fact, when)})
