"""Flow loss (R1f): consecutive samples with CAR+ below the cutoff, each with enough events to say so."""

from __future__ import annotations

from labmon.criteria.answer import Obstacle, cannot_say
from labmon.criteria.applicability import product_obstacle
from labmon.criteria.case import Case, Sample
from labmon.criteria.rule_kinds import FlowLossRule
from labmon.criteria.rules.loss import LossReading, LossSeries, Undecided, cautions, judge_series, read_loss
from labmon.criteria.sequence import Change
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Finding, Threshold
from labmon.domain.quantity import ValueState

_FRESH = "a fresh flow sample with enough CD3+ events"
_AGE_UNKNOWN = "the age of the specimen is not on record"


def read_flow(case: Case, rule: FlowLossRule) -> LossReading:
    samples = case.samples(Analyte.CAR_POS_PCT_OF_CD3, rule.specimen_type)
    return read_loss(
        ((sample, _is_below(rule, sample)) for sample in (each.beside(rule.cutoff.value) for each in samples)),
        case.protocol.confirmation_of(rule),
        peak_may_be_low=False,
    )


def _is_below(rule: FlowLossRule, sample: Sample) -> bool | Undecided:
    below = rule.cutoff.holds_for(sample.quantity)
    undecided = undecided_because(rule, sample, is_above=below is False)
    if undecided is None and below is None:
        undecided = Undecided(sample=sample, why=f"its LLOQ lies above {rule.cutoff.amount}", missing=_FRESH)
    if undecided is not None:
        return undecided
    return bool(below)


def undecided_because(rule: FlowLossRule, sample: Sample, *, is_above: bool) -> Undecided | None:
    """Why a sample decides nothing. Absence needs events to be absent from, in a fresh specimen; presence was seen."""

    def undecided(why: str, missing: str = _FRESH) -> Undecided:
        return Undecided(sample=sample, why=why, missing=missing)

    age = specimen_age_h(sample)
    if age is not None and not rule.specimen_age.holds(age):
        stated = wording.number_beside(age, rule.specimen_age.value)
        return undecided(f"the specimen was {stated} h old ({rule.specimen_age.text} asked)")
    if is_above:
        return None
    if rule.times_are_recorded and not _is_fresh(rule, sample):
        return undecided(_AGE_UNKNOWN, "age of the flow specimen (time of collection, time of acquisition)")
    events = sample.basis("cd3_events")
    if events is None:
        return undecided("the CD3+ events are not stated")
    is_absent = sample.quantity.state is ValueState.NOT_DETECTED
    needed = rule.cd3_events_to_exclude if is_absent else rule.cd3_events_to_quantify
    if not needed.holds(events):
        return undecided(f"{wording.count_beside(events, needed.value)} CD3+ events, {needed.words} asked")
    return None


def specimen_age_h(sample: Sample) -> float | None:
    """The age of the specimen at acquisition, as the assay stated it."""
    return sample.basis("specimen_age_h")


def _is_fresh(rule: FlowLossRule, sample: Sample) -> bool:
    """Whether the age is known to lie within the limit: to the hour, or at most so much where only a day is known."""
    exact, most = specimen_age_h(sample), sample.basis("specimen_age_at_most_h")
    known = exact if exact is not None else most
    return known is not None and rule.specimen_age.holds(known)


def judge(case: Case, rule: FlowLossRule) -> Finding:
    obstacle = product_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=_thresholds(case, rule))
    series = LossSeries(
        rule=rule,
        reading=read_flow(case, rule),
        what="CAR+",
        one_sample="One sample with CAR+",
        denominator=" of CD3+",
        said=_said,
        shown=_said,
        cutoff=lambda _: rule.cutoff,
        thresholds=lambda _: _thresholds(case, rule),
        cannot_show=lambda sample: f"Flow of {wording.day(sample.day)} decides nothing",
        review=lambda _: None,
        cautions=lambda change: _ageless(rule, change),
    )
    return judge_series(case, series, lambda: _never_seen(case, rule, series))


def _never_seen(case: Case, rule: FlowLossRule, series: LossSeries) -> Finding:
    where = rule.specimen_type.label
    obstacle = (
        Obstacle(sentence=f"CAR+ cells never reached {rule.cutoff.amount} of CD3+: expansion not established.")
        if series.reading.sample_count
        else Obstacle(
            sentence=f"CAR+ cells were not measured by flow in {where} since the infusion.",
            missing=(f"CAR+ flow in {where}",),
        )
    )
    return cannot_say(case, rule, obstacle, thresholds=_thresholds(case, rule), cautions=cautions(case, series))


def _said(sample: Sample) -> str:
    """The value with the events it rests on: "detected, < 0.1 %, 14 of 31 400 events"."""
    car, cd3 = sample.basis("car_pos_events"), sample.basis("cd3_events")
    if car is None or cd3 is None or not sample.is_worded:
        return sample.words
    return f"{sample.words}, {wording.limit(car)} of {wording.limit(cd3)} events"


def _thresholds(case: Case, rule: FlowLossRule) -> tuple[Threshold, ...]:
    if not case.is_worded:
        return ()
    return (
        rule.cutoff.threshold("cutoff"),
        rule.cd3_events_to_quantify.threshold("CD3+ events for a quantified call"),
        rule.cd3_events_to_exclude.threshold('CD3+ events for "not detected"'),
        rule.specimen_age.threshold("age of the specimen"),
    )


def _ageless(rule: FlowLossRule, change: Change) -> tuple[str, ...]:
    """Said where the laboratory records no times, so that an unknown age stops nothing."""
    used = [judged for judged in (change.first, change.confirmed_by) if judged is not None]
    is_unknown = not rule.times_are_recorded and any(not _is_fresh(rule, judged.sample) for judged in used)
    return ("the age of the flow specimen is not on record",) if is_unknown else ()
