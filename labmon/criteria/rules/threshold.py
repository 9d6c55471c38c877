"""A threshold of the site's own: an analyte beyond a limit, inside a window, confirmed, with its exclusions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import baseline, drug_effects, product_obstacle, said_of_end, target_obstacle
from labmon.criteria.case import Case, Sample
from labmon.criteria.closing import closing_of
from labmon.criteria.limit import Limit
from labmon.criteria.rule_kinds import Baseline, EventWindow, Exclusion, ThresholdRule, WindowEvent
from labmon.criteria.sequence import Change, Judged, by_date, find_change, repeat_dates, surveillance_gaps
from labmon.domain import wording
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState
from labmon.kinetics.timeline import CourseEndKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """The dates a first qualifying sample may have; without `last`, any from `first` on."""

    first: date
    last: date | None

    def has_closed(self, when: date) -> bool:
        """Whether the last day lies before `when`."""
        return self.last is not None and self.last < when


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    dates: tuple[Judged, ...]
    change: Change
    skipped: tuple[tuple[Sample, str], ...]
    known: tuple[Evidence, ...]
    """The baseline, where one is asked for."""


def judge(case: Case, rule: ThresholdRule) -> Finding:
    thresholds = _thresholds(rule)
    obstacle = _excluded(case, rule)
    before = _baseline(case, rule)
    span = _span(case, rule.window)
    for found in (obstacle, before, span):
        if isinstance(found, Obstacle):
            return cannot_say(case, rule, found, thresholds=thresholds)
    assert isinstance(span, _Span)  # an obstacle returned above
    reading = _read(case, rule, span, (before,) if isinstance(before, Evidence) else ())
    first = reading.change.first
    if first is None:
        return _not_seen(case, rule, reading, span)
    if span.has_closed(first.collected_on):
        return _too_late(case, rule, reading, span)
    return _seen(case, rule, reading, span, first)


def _excluded(case: Case, rule: ThresholdRule) -> Obstacle | None:
    if Exclusion.PRODUCT in rule.exclusions and (obstacle := product_obstacle(case)):
        return obstacle
    if Exclusion.TARGET in rule.exclusions and (obstacle := target_obstacle(case)):
        return obstacle
    end = case.course_end
    if Exclusion.HSCT in rule.exclusions and end is not None and end.kind is CourseEndKind.HSCT:
        return Obstacle(sentence=f"Not asked after {said_of_end(end)}: the rule excludes transplanted patients.")
    return None


def _baseline(case: Case, rule: ThresholdRule) -> Evidence | Obstacle | None:
    if rule.baseline is Baseline.B_CELLS_PRESENT:
        return baseline(case)
    if rule.baseline is Baseline.MEASURED:
        found = case.baseline_samples(rule.analyte, rule.specimen_type, rule.method)
        if found:
            return found[-1].evidence("baseline")
        return Obstacle(
            sentence=f"{rule.analyte.label} was not measured before the infusion, and this rule asks for it.",
            missing=(f"{rule.analyte.label} before the infusion",),
        )
    return None


def _span(case: Case, window: EventWindow | None) -> _Span | Obstacle:
    if window is None:
        return _Span(first=case.infused_on, last=None)
    origin = {
        WindowEvent.INFUSION: case.infused_on,
        WindowEvent.STUDY_CELLS: case.study_cells_on,
        WindowEvent.RELAPSE: min(case.relapses, default=None),
    }[window.event]
    if origin is None:
        return Obstacle(
            sentence=f"The window is counted from {window.event.words}, which is not on record.",
            missing=(f"the date of {window.event.words}",),
        )
    last = origin + timedelta(days=window.to_day) if window.to_day is not None else None
    return _Span(first=origin + timedelta(days=window.from_day), last=last)


def _read(case: Case, rule: ThresholdRule, span: _Span, known: tuple[Evidence, ...]) -> _Reading:
    drugs = drug_effects(case) if Exclusion.B_CELL_DEPLETING_DRUG in rule.exclusions else ()
    verdicts: list[tuple[Sample, bool]] = []
    skipped: list[tuple[Sample, str]] = []
    for measured in case.samples(rule.analyte, rule.specimen_type, rule.method):
        sample = measured.beside(rule.limit.value)
        qualifies = _qualifies(rule.limit, sample)
        if drug := next((each for each in drugs if each.covers(sample.collected_on)), None):
            skipped.append((sample, f"under {drug.drug} or its washout"))
        elif qualifies is None:
            skipped.append((sample, f"{sample.words} cannot be told from {rule.limit.amount}"))
        else:
            verdicts.append((sample, qualifies))
    dates = by_date(verdicts, one_is_enough=False)
    if rule.baseline is Baseline.QUANTIFIED_BEFORE:
        start = next((index for index, judged in enumerate(dates) if not judged.qualifies), len(dates))
        dates = dates[start:]
    dates = tuple(judged for judged in dates if judged.collected_on >= span.first)
    return _Reading(
        dates=dates,
        change=find_change(dates, case.protocol.confirmation_of(rule)),
        skipped=tuple(pair for pair in skipped if pair[0].collected_on >= span.first),
        known=known,
    )


def _qualifies(limit: Limit, sample: Sample) -> bool | None:
    """An MRD sample without a signal lies below the sensitivity it earned, and nothing less is known of it."""
    earned = sample.result.draft.sensitivity_fraction
    if sample.quantity.state is ValueState.NOT_DETECTED and sample.result.method is not None:
        return limit.holds_up_to(earned) if earned is not None else None
    return limit.holds_for(sample.quantity)


def _seen(case: Case, rule: ThresholdRule, reading: _Reading, span: _Span, first: Judged) -> Finding:
    confirmed = reading.change.confirmed_by
    is_inside = rule.window is not None and rule.window.confirmation_inside
    if confirmed is not None and not (is_inside and span.has_closed(confirmed.collected_on)):
        return _met(case, rule, reading, span, first, confirmed)
    start = f"{rule.analyte.label} {first.sample.words} on {wording.day(first.day)}"
    repeat_from, repeat_by = repeat_dates(case, first, case.protocol.confirmation_of(rule))
    obstacle = None
    closed = closing_of(case, first.collected_on)
    if closed is not None:
        obstacle = Obstacle(sentence=f"{start} once; {closed.said} before a second.")
    elif is_inside and (span.has_closed(repeat_from) or span.has_closed(case.until)):
        assert span.last is not None  # it has closed
        last = wording.day(case.timeline.day_of(span.last))
        obstacle = Obstacle(
            sentence=f"{start} once; no second sample confirms it inside the window, which ended on {last}."
        )
    if obstacle is not None:
        return cannot_say(
            case,
            rule,
            obstacle,
            evidence=_evidence(reading),
            thresholds=_thresholds(rule),
            cautions=_cautions(case, reading),
        )
    if is_inside and span.last is not None:
        repeat_by = min(repeat_by, span.last)
    return answer(
        case,
        rule,
        FlagState.UNCONFIRMED,
        f"{start}, {rule.limit.words}, in one sample; a second one is needed.",
        evidence=_evidence(reading),
        thresholds=_thresholds(rule),
        missing=(f"one {rule.specimen_type.label} sample from {wording.day(case.timeline.day_of(repeat_from))} on",),
        would_change=(
            (FlagState.MET, f"next sample {rule.limit.text}"),
            (FlagState.NOT_MET, f"next sample not {rule.limit.words}: {wording.day(first.day)} was transient"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(case, reading, span),
        repeat=(repeat_from, repeat_by),
    )


def _met(case: Case, rule: ThresholdRule, reading: _Reading, span: _Span, first: Judged, confirmed: Judged) -> Finding:
    again = f" and again on {wording.day(confirmed.day)} ({confirmed.sample.words})" if confirmed is not first else ""
    gone = reading.change.reversed_by
    cautions = _cautions(case, reading)
    if gone is not None:
        cautions = (*cautions, f"no longer so on {wording.day(gone.day)} ({gone.sample.words})")
    if span.has_closed(confirmed.collected_on):
        cautions = (*cautions, f"confirmed later, on {wording.day(confirmed.day)}, after the window")
    return answer(
        case,
        rule,
        FlagState.MET,
        f"{rule.analyte.label} {first.sample.words} on {wording.day(first.day)}{again}, {rule.limit.words}.",
        evidence=_evidence(reading),
        thresholds=_thresholds(rule),
        would_change=((FlagState.NOT_MET, f"the sample of {wording.day(first.day)} excluded, with a reason"),),
        cautions=cautions,
        bracket=_bracket(case, reading, span),
        confirmed_day=confirmed.day,
    )


def _too_late(case: Case, rule: ThresholdRule, reading: _Reading, span: _Span) -> Finding:
    """The first qualifying sample lies after the window: only a sample at its end can say it was not yet so."""
    first, before = reading.change.first, reading.change.last_against
    assert first is not None  # the caller looked
    assert span.last is not None  # it has closed
    closed = case.timeline.day_of(span.last)
    said = f"{rule.analyte.label} {rule.limit.words} first on {wording.day(first.day)}"
    if before is not None and before.collected_on >= span.last:
        sentence = f"{said}, after the window, which ended on {wording.day(closed)}."
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            sentence,
            evidence=_evidence(reading),
            thresholds=_thresholds(rule),
            cautions=_cautions(case, reading),
        )
    left = before.day if before is not None else case.timeline.day_of(span.first)
    obstacle = Obstacle(
        sentence=f"{said}, last not so on {wording.day(left)}, and the window ended on {wording.day(closed)}: it may "
        "have begun inside; not shown by it."
        if before is not None
        else f"{said}; nothing was measured inside the window, which ended on {wording.day(closed)}.",
        missing=(f"a sample between {wording.day(left + 1)} and {wording.day(closed)}",),
    )
    return cannot_say(
        case,
        rule,
        obstacle,
        evidence=_evidence(reading),
        thresholds=_thresholds(rule),
        cautions=_cautions(case, reading),
    )


def _not_seen(case: Case, rule: ThresholdRule, reading: _Reading, span: _Span) -> Finding:
    latest = reading.dates[-1] if reading.dates else None
    obstacle = _unknown(case, rule, reading, span, latest)
    evidence = (*reading.known, *((latest.sample.evidence("not so"),) if latest else ()))
    if obstacle is not None or latest is None:
        assert obstacle is not None  # without a sample something is missing
        return cannot_say(
            case, rule, obstacle, evidence=evidence, thresholds=_thresholds(rule), cautions=_cautions(case, reading)
        )
    transient = reading.change.transient
    once = f"; {wording.day(transient[-1].day)} was so once and not borne out" if transient else ""
    can_come = not span.has_closed(case.until)
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"{rule.analyte.label} {latest.sample.words} on {wording.day(latest.day)}, not {rule.limit.words}{once}.",
        evidence=evidence,
        thresholds=_thresholds(rule),
        would_change=((FlagState.UNCONFIRMED, f"next sample {rule.limit.text}"),) if can_come else (),
        cautions=_cautions(case, reading),
    )


def _unknown(case: Case, rule: ThresholdRule, reading: _Reading, span: _Span, latest: Judged | None) -> Obstacle | None:
    """Why "not so" cannot be said: nothing readable, the course cut short, or nobody looked up to the end."""
    where = f"{rule.analyte.label} in {rule.specimen_type.label}"
    later = [pair for pair in reading.skipped if latest is None or pair[0].collected_on > latest.collected_on]
    if later and not (latest is not None and span.has_closed(later[0][0].collected_on)):
        sample, why = later[-1]
        return Obstacle(
            sentence=f"{wording.day(sample.day).capitalize()} decides nothing: {why}.",
            missing=(f"{where} that can be read",),
        )
    if latest is None:
        never = "" if rule.baseline is not Baseline.QUANTIFIED_BEFORE else ", or never one that does not qualify"
        return Obstacle(sentence=f"There is no evaluable result of {where} in the window{never}.", missing=(where,))
    end = case.course_end
    if end is not None and not span.has_closed(end.on):
        return Obstacle(sentence=f"{said_of_end(end).capitalize()} ended the course before the window closed.")
    if span.last is not None and span.has_closed(case.until) and latest.collected_on < span.last:
        closed = case.timeline.day_of(span.last)
        if case.protocol.surveillance.gap.holds(closed - latest.day):
            return Obstacle(
                sentence=f"Last measured on {wording.day(latest.day)}; the window ended on {wording.day(closed)}, so "
                "what happened in between is not known.",
                missing=(f"a sample between {wording.day(latest.day + 1)} and {wording.day(closed)}",),
            )
    return None


def _evidence(reading: _Reading) -> tuple[Evidence, ...]:
    change = reading.change
    roles = ((change.last_against, "last not so"), (change.first, "first so"), (change.confirmed_by, "confirms"))
    return (
        *reading.known,
        *(
            judged.sample.evidence(role)
            for judged, role in roles
            if judged is not None and not (role == "confirms" and judged is change.first)
        ),
    )


def _bracket(case: Case, reading: _Reading, span: _Span) -> tuple[int, int]:
    change = reading.change
    assert change.first is not None  # asked only when something began
    left = change.last_against.day if change.last_against is not None else case.timeline.day_of(span.first)
    return min(left, change.first.day), change.first.day


def _cautions(case: Case, reading: _Reading) -> tuple[str, ...]:
    skipped = tuple(f"{wording.day(sample.day)} is passed over: {why}" for sample, why in reading.skipped)
    return (*surveillance_gaps(case, reading.dates, reading.change), *skipped)


def _thresholds(rule: ThresholdRule) -> tuple[Threshold, ...]:
    limit = rule.limit.threshold(rule.analyte.value)
    window = rule.window
    if window is None or window.to_day is None:
        return (limit,)
    source = f"{window.source} ({window.status.label})"
    return (limit, Threshold(name=f"days after {window.event.words}", value=window.to_day, unit="d", source=source))
