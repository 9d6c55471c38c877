"""Flow loss (R1f): consecutive samples with CAR+ below the cutoff, each with enough events to say so."""

from __future__ import annotations

from dataclasses import dataclass

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import product_obstacle, said_of_end
from labmon.criteria.case import Case, Sample
from labmon.criteria.rule_kinds import FlowLossRule
from labmon.criteria.sequence import Change, Judged, by_date, find_change, repeat_dates, surveillance_gaps
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReading:
    """What the CAR+ series says, from its first value above the cutoff on."""

    dates: tuple[Judged, ...]
    change: Change
    skipped: tuple[tuple[Sample, str], ...]
    sample_count: int


def read_flow(case: Case, rule: FlowLossRule) -> FlowReading:
    samples = case.samples(Analyte.CAR_POS_PCT_OF_CD3, rule.specimen_type)
    verdicts: list[tuple[Sample, bool]] = []
    skipped: list[tuple[Sample, str]] = []
    for sample in samples:
        below = rule.cutoff.holds_for(sample.quantity)
        reason = skipped_because(rule, sample, is_above=below is False)
        if reason is not None:
            skipped.append((sample, reason))
        elif below is None:
            skipped.append((sample, f"its LLOQ lies above {rule.cutoff.amount}"))
        else:
            verdicts.append((sample, below))
    dates = by_date(verdicts, one_is_enough=False)
    start = next((index for index, judged in enumerate(dates) if not judged.qualifies), len(dates))
    since = dates[start:]
    return FlowReading(
        dates=since,
        change=find_change(since, case.protocol.confirmation_of(rule)),
        skipped=tuple(skipped),
        sample_count=len(samples),
    )


def skipped_because(rule: FlowLossRule, sample: Sample, *, is_above: bool) -> str | None:
    """Why a sample decides nothing. Absence needs events to be absent from; presence was seen."""
    age = specimen_age_h(sample)
    if age is not None and not rule.specimen_age.holds(age):
        return f"the specimen was {wording.number(age)} h old ({rule.specimen_age.text} asked)"
    if is_above:
        return None
    events = sample.basis("cd3_events")
    if events is None:
        return "the CD3+ events are not stated"
    is_absent = sample.quantity.state is ValueState.NOT_DETECTED
    needed = rule.cd3_events_to_exclude if is_absent else rule.cd3_events_to_quantify
    if not needed.holds(events):
        counted = wording.limit(events)
        return f"{counted} CD3+ events, {needed.words} asked"
    return None


def specimen_age_h(sample: Sample) -> float | None:
    """The age of the specimen at acquisition, as the assay stated it."""
    return sample.basis("specimen_age_h")


def judge(case: Case, rule: FlowLossRule) -> Finding:
    obstacle = product_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=_thresholds(rule))
    reading = read_flow(case, rule)
    if not reading.dates:
        return cannot_say(
            case, rule, _not_established(rule, reading), thresholds=_thresholds(rule), cautions=_cautions(case, reading)
        )
    change = reading.change
    if change.first is None:
        return _not_lost(case, rule, reading)
    first = change.first
    if change.reversed_by is not None:
        assert change.confirmed_by is not None  # nothing is reversed before it was confirmed
        again = change.reversed_by
        return answer(
            case,
            rule,
            FlagState.CONFLICT,
            f"CAR+ {_said(again.sample)} on {wording.day(again.day)} after the loss confirmed on "
            f"{wording.day(change.confirmed_by.day)}: re-expansion or artefact, a person decides.",
            evidence=(*_evidence(change), again.sample.evidence("re-detected", _said(again.sample))),
            thresholds=_thresholds(rule),
            missing=("a person's decision: re-expansion or artefact",),
            would_change=((FlagState.MET, f"{wording.day(again.day)} excluded as an artefact, with a reason"),),
            cautions=_cautions(case, reading),
            bracket=_bracket(change),
            confirmed_day=change.confirmed_by.day,
            has_window=True,
        )
    if change.confirmed_by is not None:
        again_on = f" and again on {wording.day(change.confirmed_by.day)}" if change.confirmed_by is not first else ""
        good = change.last_against
        before = f"; last good {_said(good.sample)} on {wording.day(good.day)}" if good else ""
        return answer(
            case,
            rule,
            FlagState.MET,
            f"CAR+ {rule.cutoff.words} of CD3+ on {wording.day(first.day)} ({_said(first.sample)}){again_on}{before}.",
            evidence=_evidence(change),
            thresholds=_thresholds(rule),
            would_change=((FlagState.CONFLICT, f"a later sample {rule.cutoff.amount} or more"),),
            cautions=_cautions(case, reading),
            bracket=_bracket(change),
            confirmed_day=change.confirmed_by.day,
            has_window=True,
        )
    if case.course_end is not None:
        ended = Obstacle(
            sentence=f"Below {rule.cutoff.amount} once, on {wording.day(first.day)}; {said_of_end(case.course_end)} "
            "ended the course before a second sample."
        )
        return cannot_say(case, rule, ended, evidence=_evidence(change), thresholds=_thresholds(rule))
    repeat = repeat_dates(case, first, case.protocol.confirmation_of(rule))
    return answer(
        case,
        rule,
        FlagState.UNCONFIRMED,
        f"One sample with CAR+ {rule.cutoff.words} of CD3+, on {wording.day(first.day)} ({_said(first.sample)}); "
        "a second one is needed to call the loss.",
        evidence=_evidence(change),
        thresholds=_thresholds(rule),
        missing=(f"one {rule.specimen_type.label} sample from {wording.day(case.timeline.day_of(repeat[0]))} on",),
        would_change=(
            (FlagState.MET, f"next sample {rule.cutoff.text} of CD3+ or not detected"),
            (FlagState.NOT_MET, f"next sample {rule.cutoff.amount} or more: {wording.day(first.day)} is overridden"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(change),
        has_window=True,
        repeat=repeat,
    )


def _not_established(rule: FlowLossRule, reading: FlowReading) -> Obstacle:
    if reading.sample_count == 0:
        where = rule.specimen_type.label
        return Obstacle(
            sentence=f"CAR+ cells were not measured by flow in {where} since the infusion.",
            missing=(f"CAR+ flow in {where}",),
        )
    if len(reading.skipped) == reading.sample_count:
        sample, reason = reading.skipped[-1]
        return Obstacle(
            sentence=f"Flow of {wording.day(sample.day)} decides nothing: {reason}.",
            missing=("a fresh flow sample with enough CD3+ events",),
        )
    return Obstacle(sentence=f"CAR+ cells never reached {rule.cutoff.amount} of CD3+: expansion not established.")


def _not_lost(case: Case, rule: FlowLossRule, reading: FlowReading) -> Finding:
    latest = reading.dates[-1]
    later = [(sample, why) for sample, why in reading.skipped if sample.collected_on > latest.collected_on]
    if later:
        sample, why = later[-1]
        obstacle = Obstacle(
            sentence=f"Flow of {wording.day(sample.day)} decides nothing: {why}.",
            missing=("a fresh flow sample with enough CD3+ events",),
        )
        return cannot_say(
            case,
            rule,
            obstacle,
            evidence=(latest.sample.evidence("last good", _said(latest.sample)),),
            thresholds=_thresholds(rule),
            cautions=_cautions(case, reading),
        )
    transient = reading.change.transient
    once = f"; the lone value below it on {wording.day(transient[-1].day)} is overridden" if transient else ""
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"CAR+ {_said(latest.sample)} on {wording.day(latest.day)}, not {rule.cutoff.words} of CD3+{once}.",
        evidence=(
            *(judged.sample.evidence("overridden", _said(judged.sample)) for judged in transient),
            latest.sample.evidence("last good", _said(latest.sample)),
        ),
        thresholds=_thresholds(rule),
        would_change=((FlagState.UNCONFIRMED, f"next sample {rule.cutoff.text} of CD3+"),),
        cautions=_cautions(case, reading),
        has_window=True,
    )


def _said(sample: Sample) -> str:
    """The value with the events it rests on: "detected, < 0.1 %, 14 of 31 400 events"."""
    car, cd3 = sample.basis("car_pos_events"), sample.basis("cd3_events")
    if car is None or cd3 is None:
        return sample.words
    return f"{sample.words}, {wording.limit(car)} of {wording.limit(cd3)} events"


def _evidence(change: Change) -> tuple[Evidence, ...]:
    roles = ((change.last_against, "last good"), (change.first, "first below"), (change.confirmed_by, "confirms"))
    return tuple(
        judged.sample.evidence(role, _said(judged.sample))
        for judged, role in roles
        if judged is not None and not (role == "confirms" and judged is change.first)
    )


def _bracket(change: Change) -> tuple[int, int]:
    assert change.last_against is not None  # a series begins with a value above the cutoff
    assert change.first is not None
    return change.last_against.day, change.first.day


def _thresholds(rule: FlowLossRule) -> tuple[Threshold, ...]:
    return (
        rule.cutoff.threshold("cutoff"),
        rule.cd3_events_to_quantify.threshold("CD3+ events for a quantified call"),
        rule.cd3_events_to_exclude.threshold('CD3+ events for "not detected"'),
        rule.specimen_age.threshold("age of the specimen"),
    )


def _cautions(case: Case, reading: FlowReading) -> tuple[str, ...]:
    change = reading.change
    skipped = tuple(f"{wording.day(sample.day)} is passed over: {why}" for sample, why in reading.skipped)
    used = [judged for judged in (change.first, change.confirmed_by) if judged is not None]
    ageless = any(specimen_age_h(judged.sample) is None for judged in used)
    unknown_age = ("the age of the flow specimen is not on record",) if ageless else ()
    return (*surveillance_gaps(case, reading.dates, reading.change), *skipped, *unknown_age)
