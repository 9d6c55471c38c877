"""B-cell recovery (R2): CD19+ cells back at a stated share of a stated denominator, confirmed on a later sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import (
    DrugEffect,
    baseline,
    drug_effects,
    product_obstacle,
    said_of_end,
    target_obstacle,
)
from labmon.criteria.case import Case, Sample
from labmon.criteria.closing import closing_of, nothing_more_comes, surveillance_only
from labmon.criteria.limit import Limit
from labmon.criteria.rule_kinds import BCellRecoveryRule
from labmon.criteria.rules.mrd import positive_spans
from labmon.criteria.sequence import Change, Judged, by_date, find_change, repeat_dates, surveillance_gaps
from labmon.criteria.watch import lapse, leaves_open
from labmon.criteria.window import add_months
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellReading:
    """What the B-cell series say, with and without the samples whose CD19+ events may be blasts."""

    dates: tuple[Judged, ...]
    change: Change
    suspect: Change
    """The change as it would be if suspect samples counted."""
    suspect_of: tuple[str, ...]
    skipped: tuple[tuple[Sample, str], ...]
    sample_count: int


_DENOMINATORS = {Analyte.CD19_PCT_OF_WBC: "WBC", Analyte.CD19_PCT_OF_LYMPHOCYTES: "lymphocytes"}


def limits(rule: BCellRecoveryRule) -> tuple[tuple[Analyte, Limit], ...]:
    """Every threshold of the rule with the analyte whose denominator it is about."""
    pairs = (
        (Analyte.CD19_PCT_OF_WBC, rule.pct_of_wbc),
        (Analyte.CD19_PCT_OF_LYMPHOCYTES, rule.pct_of_lymphocytes),
        (Analyte.CD19_CELLS_PER_UL, rule.cells_per_ul),
    )
    return tuple([(analyte, limit) for analyte, limit in pairs if limit is not None])


def read_b_cells(case: Case, rule: BCellRecoveryRule) -> BCellReading:
    drugs = drug_effects(case)
    blasts = _blasts(case)
    verdicts: list[tuple[Sample, bool]] = []
    suspect: list[tuple[Sample, str]] = []
    skipped: list[tuple[Sample, str]] = []
    count = 0
    for analyte, limit in limits(rule):
        for measured in case.samples(analyte, rule.specimen_type):
            sample = measured.beside(limit.value)
            count += 1
            recovered = limit.holds_for(sample.quantity)
            if drug := next((each for each in drugs if each.covers(sample.collected_on)), None):
                skipped.append((sample, _said_of_drug(case, drug)))
            elif recovered is None:
                skipped.append((sample, f"its LLOQ lies above {limit.amount}"))
            elif recovered and (seen := next((each for each in blasts if each.covers(sample.collected_on)), None)):
                suspect.append((sample, seen.what))
            else:
                verdicts.append((sample, recovered))
    confirmation = case.protocol.confirmation_of(rule)
    dates = by_date(verdicts, one_is_enough=True)
    all_dates = by_date([*verdicts, *((sample, True) for sample, _ in suspect)], one_is_enough=True)
    return BCellReading(
        dates=dates,
        change=find_change(dates, confirmation),
        suspect=find_change(all_dates, confirmation),
        suspect_of=tuple(dict.fromkeys(why for _, why in suspect)),
        skipped=tuple(skipped),
        sample_count=count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blasts:
    """A span in which CD19+ events may be blasts; a relapse has no end, MRD is positive until a sample is negative."""

    first: date
    until: date | None
    what: str

    def covers(self, when: date) -> bool:
        return self.first <= when and (self.until is None or when < self.until)


def _blasts(case: Case) -> tuple[_Blasts, ...]:
    before = timedelta(days=case.protocol.b_cell_evidence.blasts_within.days)

    def on_day(what: str, when: date) -> str:
        return f"{what} on {wording.day(case.timeline.day_of(when))}"

    relapses = (_Blasts(first=when - before, until=None, what=on_day("a relapse", when)) for when in case.relapses)
    mrd = (
        _Blasts(first=first - before, until=until, what=on_day("MRD positive", first))
        for first, until in positive_spans(case)
    )
    return (*relapses, *mrd)


def _said_of_drug(case: Case, drug: DrugEffect) -> str:
    begun = wording.day(case.timeline.day_of(drug.first))
    until = (
        f"counts again from {wording.day(case.timeline.day_of(drug.last) + 1)}"
        if drug.last is not None
        else "no end of it is on record"
    )
    return f"{drug.drug} since {begun} depletes B cells; {until}"


def judge(case: Case, rule: BCellRecoveryRule) -> Finding:
    thresholds = tuple(limit.threshold(analyte.value) for analyte, limit in limits(rule))
    obstacle = product_obstacle(case) or target_obstacle(case)
    before = baseline(case) if case.protocol.b_cell_evidence.baseline_required else None
    if obstacle is None and isinstance(before, Obstacle):
        obstacle = before
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=thresholds)
    known = (before,) if isinstance(before, Evidence) else ()
    reading = read_b_cells(case, rule)
    change = reading.change
    if change.confirmed_by is not None:
        return _recovered(case, rule, reading, known, thresholds)
    if reading.suspect.first is not None and reading.suspect_of:
        return _maybe_blasts(case, rule, reading, known, thresholds)
    if case.course_end is not None:
        ended = f"{said_of_end(case.course_end)} ended the course before B cells were seen to recover"
        sentence = f"{ended[0].upper()}{ended[1:]}; later B cells are not the product's."
        return cannot_say(
            case, rule, Obstacle(sentence=sentence), evidence=_evidence(change, known), thresholds=thresholds
        )
    if change.first is not None:
        return _first_only(case, rule, reading, known, thresholds)
    latest = reading.dates[-1] if reading.dates else None
    later = [
        pair
        for pair in reading.skipped
        if latest is None or leaves_open(case, pair[0].collected_on, latest.collected_on)
    ]
    obstacle = _unreadable(case, rule, later) if later or latest is None else None
    if obstacle is None and latest is not None:
        obstacle = lapse(case, "B cells", latest.collected_on, rule.specimen_type)
    if obstacle is not None or latest is None:
        assert obstacle is not None  # without a sample something is missing
        evidence = (*known, *((latest.sample.evidence("aplasia", said(latest.sample)),) if latest else ()))
        return cannot_say(
            case, rule, obstacle, evidence=evidence, thresholds=thresholds, cautions=_cautions(case, reading)
        )
    transient = change.transient
    once = f"; {wording.day(transient[-1].day)} was above once and not borne out" if transient else ""
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"B cells {' and '.join(said(s) for s in latest.samples)} on {wording.day(latest.day)}; "
        f"recovery is {_asked(rule)}{once}.",
        evidence=(*known, *(s.evidence("aplasia", said(s)) for s in latest.samples)),
        thresholds=thresholds,
        would_change=() if nothing_more_comes(case) else ((FlagState.UNCONFIRMED, f"next sample {_asked(rule)}"),),
        cautions=_cautions(case, reading),
        has_window=True,
    )


def _unreadable(case: Case, rule: BCellRecoveryRule, later: list[tuple[Sample, str]]) -> Obstacle:
    if later:
        sample, why = later[-1]
        return Obstacle(
            sentence=f"B cells of {wording.day(sample.day)} cannot be read: {why}.",
            missing=("a B-cell sample that can be read",),
        )
    read = {analyte for analyte, _ in limits(rule)}
    if case.samples(Analyte.CD19_CELLS_PER_UL, rule.specimen_type) and Analyte.CD19_CELLS_PER_UL not in read:
        return Obstacle(
            sentence="B cells were measured per µL only; a share of WBC or lymphocytes is needed.",
            missing=("denominator of the B cells (WBC or lymphocytes)",),
        )
    unread = [analyte for analyte in _DENOMINATORS if analyte not in read and case.samples(analyte, rule.specimen_type)]
    if unread:
        measured, asked = (f"a share of {_DENOMINATORS[unread[0]]}", _asked(rule))
        return Obstacle(
            sentence=f"B cells were measured as {measured} only; this rule asks for {asked}.",
            missing=("B cells in the unit this rule asks for",),
        )
    return Obstacle(
        sentence="There is no evaluable B-cell result since the infusion.",
        missing=(f"B cells in {rule.specimen_type.label}",),
    )


def _recovered(
    case: Case,
    rule: BCellRecoveryRule,
    reading: BCellReading,
    known: tuple[Evidence, ...],
    thresholds: tuple[Threshold, ...],
) -> Finding:
    change = reading.change
    first, confirmed = change.first, change.confirmed_by
    assert first is not None  # nothing is confirmed that did not begin
    assert confirmed is not None
    again = "" if confirmed is first else f" and again on {wording.day(confirmed.day)} ({said(confirmed.sample)})"
    gone = change.reversed_by
    back = (f"below the threshold again on {wording.day(gone.day)} ({said(gone.sample)})",) if gone else ()
    never = () if change.last_against else ("aplasia was never seen in this course",)
    return answer(
        case,
        rule,
        FlagState.MET,
        f"B cells back on {wording.day(first.day)} ({said(first.sample)}){again}; "
        f"stratum: {stratum(case, rule, first)}.",
        evidence=_evidence(change, known),
        thresholds=thresholds,
        would_change=((FlagState.CONFLICT, "MRD found positive, or a relapse, at the time: the cells may be blasts"),),
        cautions=(*back, *never, *_cautions(case, reading)),
        bracket=_bracket(change),
        confirmed_day=confirmed.day,
        has_window=True,
    )


def _maybe_blasts(
    case: Case,
    rule: BCellRecoveryRule,
    reading: BCellReading,
    known: tuple[Evidence, ...],
    thresholds: tuple[Threshold, ...],
) -> Finding:
    change = reading.suspect
    first = change.first
    assert first is not None  # the caller looked
    return answer(
        case,
        rule,
        FlagState.CONFLICT,
        f"CD19+ {said(first.sample)} on {wording.day(first.day)} with {' and '.join(reading.suspect_of)}: "
        "these may be blasts, not recovery; a person decides.",
        evidence=_evidence(change, known),
        thresholds=thresholds,
        missing=("the laboratory's word on the phenotype: mature, or blasts",),
        would_change=(
            (FlagState.MET, f"two samples {_asked(rule)} after MRD is negative"),
            (FlagState.NOT_MET, "the samples excluded as blasts, with a reason"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(change),
        has_window=True,
    )


def _first_only(
    case: Case,
    rule: BCellRecoveryRule,
    reading: BCellReading,
    known: tuple[Evidence, ...],
    thresholds: tuple[Threshold, ...],
) -> Finding:
    first = reading.change.first
    assert first is not None  # the caller looked
    closed = closing_of(case, first.collected_on)
    if closed is not None:
        once = f"B cells back once, on {wording.day(first.day)} ({said(first.sample)})"
        sentence = f"{once}; {closed.said} before a second sample."
        return cannot_say(
            case,
            rule,
            Obstacle(sentence=sentence),
            evidence=_evidence(reading.change, known),
            thresholds=thresholds,
            cautions=_cautions(case, reading),
        )
    repeat_from, repeat_by = repeat_dates(case, first, case.protocol.confirmation_of(rule))
    for drug in drug_effects(case):
        if drug.last is not None and drug.covers(repeat_from):  # a repeat counts only after the washout
            repeat_from = drug.last + timedelta(days=1)
            repeat_by = max(repeat_by, repeat_from)
    return answer(
        case,
        rule,
        FlagState.UNCONFIRMED,
        f"One sample with B cells back, on {wording.day(first.day)} ({said(first.sample)}); a second one is needed to "
        "call it recovery.",
        evidence=_evidence(reading.change, known),
        thresholds=thresholds,
        missing=(f"one {rule.specimen_type.label} sample from {wording.day(case.timeline.day_of(repeat_from))} on",),
        would_change=(
            (FlagState.MET, f"next sample {_asked(rule)}"),
            (FlagState.NOT_MET, f"next sample less: {wording.day(first.day)} was transient"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(reading.change),
        has_window=True,
        repeat=(repeat_from, repeat_by),
    )


def stratum(case: Case, rule: BCellRecoveryRule, first: Judged) -> str:
    """The name of the recovery by when it began."""
    for each in rule.strata:
        if each.within_months is None or first.collected_on <= add_months(case.infused_on, each.within_months):
            return each.name
    raise AssertionError("the last stratum has no end; loading made sure of it")


def said(sample: Sample) -> str:
    """The value with its denominator: "3.4 % of lymphocytes", "not detected among WBC"."""
    denominator = _DENOMINATORS.get(sample.result.analyte)
    if denominator is None or not sample.is_worded:
        return sample.words
    joined = "among" if sample.quantity.state is ValueState.NOT_DETECTED else "of"
    return f"{sample.words} {joined} {denominator}"


def _asked(rule: BCellRecoveryRule) -> str:
    parts = [(limit.text, _DENOMINATORS.get(analyte)) for analyte, limit in limits(rule)]
    return " or ".join(f"{text} of {denominator}" if denominator else text for text, denominator in parts)


def _evidence(change: Change, known: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    roles = ((change.last_against, "last aplasia"), (change.first, "first back"), (change.confirmed_by, "confirms"))
    shown = tuple(
        sample.evidence(role, said(sample))
        for judged, role in roles
        if judged is not None and not (role == "confirms" and judged is change.first)
        for sample in judged.samples
    )
    return (*known, *shown)


def _bracket(change: Change) -> tuple[int, int]:
    assert change.first is not None  # asked only when something began
    return (change.last_against.day if change.last_against else 0), change.first.day


def _cautions(case: Case, reading: BCellReading) -> tuple[str, ...]:
    skipped = tuple(
        dict.fromkeys(f"{wording.day(sample.day)} is passed over: {why}" for sample, why in reading.skipped)
    )
    return (*surveillance_gaps(case, reading.dates, reading.change), *skipped, *surveillance_only(case))
