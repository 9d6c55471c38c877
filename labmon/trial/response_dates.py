"""The dates endpoints begin and end with: remission, relapse, treatment failure, and the duration of response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.domain.clinical import EventKind, PatientRecord, ResponseCategory
from labmon.trial.course_issues import read_up_to
from labmon.trial.mrd_status import MrdClaim, mrd_status
from labmon.trial.observations import Observations
from labmon.trial.response import ResponseCall
from labmon.trial.response_rules import MrdDefinitions, ResponseRuleSet


class DorOrigin(StrEnum):
    """The registry's duration of response may begin before the study cells; the protocol says which is meant."""

    FIRST_AFTER_INFUSION = "first_after_infusion"
    EVER = "ever"


class DurationEnd(StrEnum):
    RELAPSE = "relapse"
    DEATH = "death"
    CENSORED = "censored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A duration of response; without an origin nobody's clock runs, and `missing` says what that would take."""

    origin: DorOrigin
    began_on: date | None = None
    ended_on: date | None = None
    end: DurationEnd | None = None
    missing: tuple[str, ...] = ()

    @property
    def days(self) -> int | None:
        if self.began_on is None or self.ended_on is None:
            return None
        return (self.ended_on - self.began_on).days

    @property
    def is_event(self) -> bool | None:
        return None if self.end is None else self.end is not DurationEnd.CENSORED


def remission_on(calls: Sequence[ResponseCall], rules: ResponseRuleSet) -> date | None:
    """The first day a remission of the set was called."""
    return min((call.on for call in calls if call.category in rules.remissions), default=None)


def best_response(calls: Sequence[ResponseCall], rules: ResponseRuleSet) -> ResponseCategory:
    """The best category called before any relapse; not evaluable when nothing could be called."""
    ranked = [rule.category for rule in rules.categories]
    ranked += [ResponseCategory.NO_RESPONSE, ResponseCategory.PROGRESSION, ResponseCategory.NOT_EVALUABLE]
    called: list[ResponseCategory] = []
    for call in calls:
        if call.category is ResponseCategory.RELAPSE:
            break
        called.append(call.category)
    return min(called, key=ranked.index, default=ResponseCategory.NOT_EVALUABLE)


def treatment_failure_on(
    calls: Sequence[ResponseCall], rules: ResponseRuleSet, observations: Observations
) -> date | None:
    """Primary refractory: the assessment that establishes it, when no response was called up to it.

    An assessment before the set's `failure_from` day is too early to say so.
    """
    for call in sorted(calls, key=lambda each: each.on):
        if call.category in rules.responses:
            return None
        is_late_enough = rules.failure_from.holds((call.on - observations.infused_on).days)
        if is_late_enough and call.category in (ResponseCategory.NO_RESPONSE, ResponseCategory.PROGRESSION):
            return call.on
    return None


def reported_relapse_on(record: PatientRecord, *, after: date, as_of: date) -> date | None:
    """The first relapse a person recorded after a day, as an event or as a reported response."""
    until = read_up_to(record, as_of)
    days = [each.occurred_on for each in record.events if each.event_kind is EventKind.RELAPSE]
    days += [
        each.assessed_on for each in record.disease_assessments if each.response_category is ResponseCategory.RELAPSE
    ]
    return min((day for day in days if after < day <= until), default=None)


def duration_of_response(
    calls: Sequence[ResponseCall],
    rules: ResponseRuleSet,
    observations: Observations,
    record: PatientRecord,
    *,
    origin: DorOrigin,
    origin_on: date,
    definitions: MrdDefinitions,
    as_of: date,
) -> Duration:
    """From the earliest qualifying response with a negative MRD of the same day, to relapse or death of any cause.

    `origin_on` is the infusion the switch counts from. Category and MRD come from one dated assessment, and negative
    is a word the sample must have earned.
    """
    negative = {mrd.on for mrd in observations.mrd if mrd_status(mrd, definitions).claim is MrdClaim.NEGATIVE}
    qualifying = [call for call in calls if call.category in rules.responses]
    counted = [call for call in qualifying if origin is DorOrigin.EVER or call.on > origin_on]
    began_on = min((call.on for call in counted if call.on in negative), default=None)
    if began_on is None:
        lacking = "an MRD-negative result of the day of a response" if counted else "a qualifying response"
        return Duration(origin=origin, missing=(lacking,))
    ends = [
        (call.on, DurationEnd.RELAPSE)
        for call in calls
        if call.category is ResponseCategory.RELAPSE and call.on > began_on
    ]
    if (reported := reported_relapse_on(record, after=began_on, as_of=as_of)) is not None:
        ends.append((reported, DurationEnd.RELAPSE))
    ends += [
        (event.occurred_on, DurationEnd.DEATH)
        for event in record.events
        if event.event_kind is EventKind.DEATH and began_on <= event.occurred_on <= as_of
    ]
    if ends:
        ended_on, end = min(ends, key=lambda each: each[0])
    else:
        ended_on, end = max(call.on for call in calls), DurationEnd.CENSORED
    return Duration(origin=origin, began_on=began_on, ended_on=ended_on, end=end)
