"""Transgene loss (R1): after a quantified value, consecutive samples below the cutoff or the run's LLOQ."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import product_obstacle, said_of_end
from labmon.criteria.case import Case, Sample
from labmon.criteria.limit import Limit, SourceStatus
from labmon.criteria.rule_kinds import DiscordanceRule, TransgeneLossRule
from labmon.criteria.rules.divergence import Divergence, divergence_between
from labmon.criteria.sequence import Change, Judged, by_date, find_change, repeat_dates, surveillance_gaps
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class TransgeneReading:
    """What the transgene series says from its first value above the cutoff on, and what had to be skipped."""

    dates: tuple[Judged, ...]
    change: Change
    skipped: tuple[tuple[Sample, str], ...]
    """Samples that can decide nothing, each with its reason."""
    sample_count: int

    @property
    def is_established(self) -> bool:
        return bool(self.dates)


def cutoff_for(rule: TransgeneLossRule, sample: Sample) -> Limit:
    """The rule's cutoff, or the LLOQ of the sample's run where that is higher."""
    lloq = sample.quantity.lloq
    if lloq is None or lloq <= rule.cutoff.value:
        return rule.cutoff
    return replace(rule.cutoff, value=lloq, source=f"LLOQ of run {sample.run_code}", status=SourceStatus.MEASURED)


def read_transgene(case: Case, rule: TransgeneLossRule) -> TransgeneReading:
    return case.read_once(f"transgene by {rule.id}", lambda: _read_transgene(case, rule))


def _read_transgene(case: Case, rule: TransgeneLossRule) -> TransgeneReading:
    samples = case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, rule.specimen_type)
    verdicts: list[tuple[Sample, bool]] = []
    skipped: list[tuple[Sample, str]] = []
    for sample in samples:
        reason = _skipped_because(rule, sample)
        below = None if reason else cutoff_for(rule, sample).holds_for(sample.quantity)
        if below is None:
            skipped.append((sample, reason or f"the limits of run {sample.run_code} are not on record"))
        else:
            verdicts.append((sample, below))
    dates = by_date(verdicts, one_is_enough=False)
    start = next((index for index, judged in enumerate(dates) if not judged.qualifies), len(dates))
    since = dates[start:]
    return TransgeneReading(
        dates=since,
        change=find_change(since, case.protocol.confirmation_of(rule)),
        skipped=tuple(skipped),
        sample_count=len(samples),
    )


def _skipped_because(rule: TransgeneLossRule, sample: Sample) -> str | None:
    """A run that cannot see down to the limit cannot show that something is gone."""
    lod = sample.quantity.lod
    if sample.quantity.state.is_blq and lod is not None and not rule.lod.holds(lod):
        unit = sample.quantity.unit
        return f"the LOD of run {sample.run_code} is {wording.limit_amount(lod, unit)}, not {rule.lod.words}"
    return None


def judge(case: Case, rule: TransgeneLossRule) -> Finding:
    obstacle = product_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=_thresholds(rule))
    reading = read_transgene(case, rule)
    if not reading.is_established:
        return _not_established(case, rule, reading)
    change = reading.change
    if change.first is None:
        return _not_lost(case, rule, reading)
    if change.reversed_by is not None:
        return _redetected(case, rule, reading)
    return _lost(case, rule, reading)


def _not_established(case: Case, rule: TransgeneLossRule, reading: TransgeneReading) -> Finding:
    per_ul = case.samples(Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, rule.specimen_type)
    where = rule.specimen_type.label
    change: tuple[tuple[FlagState, str], ...] = ()
    if reading.sample_count == 0 and per_ul:
        obstacle = Obstacle(
            sentence="Only copies per µL were measured; copies per µg DNA are needed and are not made from them.",
            missing=("copies per µg DNA",),
        )
    elif reading.sample_count == 0 and case.samples(Analyte.TRANSGENE_COPIES_PER_REACTION, rule.specimen_type):
        obstacle = Obstacle(
            sentence="Copies per reaction were measured, but without the DNA mass they are no copies per µg.",
            missing=("DNA concentration of the specimen",),
        )
    elif reading.sample_count == 0:
        obstacle = Obstacle(
            sentence=f"There is no evaluable transgene result in {where} since the infusion.",
            missing=(f"transgene in {where}",),
        )
    elif len(reading.skipped) == reading.sample_count:
        sample, reason = reading.skipped[-1]
        obstacle = Obstacle(
            sentence=f"Loss cannot be shown on {wording.day(sample.day)}: {reason}.",
            missing=("a sample from a run with lower limits",),
        )
    else:
        obstacle = Obstacle(
            sentence=f"Never quantified at or above {rule.cutoff.amount} in {reading.sample_count} "
            f"{'sample' if reading.sample_count == 1 else 'samples'}: expansion not established."
        )
        change = ((FlagState.NOT_MET, f"a sample of {rule.cutoff.amount} or more"),)
    return cannot_say(
        case,
        rule,
        obstacle,
        thresholds=_thresholds(rule),
        cautions=_cautions(case, reading),
        would_change=change,
    )


def _not_lost(case: Case, rule: TransgeneLossRule, reading: TransgeneReading) -> Finding:
    latest = reading.dates[-1]
    later = [(sample, reason) for sample, reason in reading.skipped if sample.collected_on > latest.collected_on]
    if later:
        sample, reason = later[-1]
        obstacle = Obstacle(
            sentence=f"{wording.day(sample.day).capitalize()} cannot show loss: {reason}.",
            missing=("a sample from a run with lower limits",),
        )
        return cannot_say(
            case,
            rule,
            obstacle,
            evidence=(latest.sample.evidence("last good"),),
            thresholds=_thresholds(rule, latest),
            cautions=_cautions(case, reading),
        )
    cutoff = cutoff_for(rule, latest.sample)
    transient = reading.change.transient
    once = f"; {wording.day(transient[-1].day)} was below once and not borne out" if transient else ""
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"Transgene {latest.sample.text} on {wording.day(latest.day)}, not {cutoff.words}{once}.",
        evidence=(
            *(judged.sample.evidence("transient") for judged in transient),
            latest.sample.evidence("last good"),
        ),
        thresholds=_thresholds(rule, latest),
        would_change=((FlagState.UNCONFIRMED, f"next sample {cutoff.text} or not detected"),),
        cautions=_cautions(case, reading),
        has_window=True,
    )


def _redetected(case: Case, rule: TransgeneLossRule, reading: TransgeneReading) -> Finding:
    change = reading.change
    assert change.first is not None  # the caller looked
    assert change.confirmed_by is not None
    assert change.reversed_by is not None
    again = change.reversed_by
    return answer(
        case,
        rule,
        FlagState.CONFLICT,
        f"Transgene found again on {wording.day(again.day)} ({again.sample.words}) after the loss confirmed on "
        f"{wording.day(change.confirmed_by.day)}: re-expansion or artefact, a person decides.",
        evidence=(*_evidence(change), again.sample.evidence("re-detected")),
        thresholds=_thresholds(rule, change.first),
        missing=("a person's decision: re-expansion or artefact",),
        would_change=(
            (FlagState.MET, f"{wording.day(again.day)} excluded as an artefact, with a reason"),
            (FlagState.NOT_MET, "re-expansion: the earlier samples excluded, with a reason"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(change),
        confirmed_day=change.confirmed_by.day,
        has_window=True,
    )


def _lost(case: Case, rule: TransgeneLossRule, reading: TransgeneReading) -> Finding:
    change = reading.change
    first = change.first
    assert first is not None  # the caller looked
    confirmation = case.protocol.confirmation_of(rule)
    cutoff = cutoff_for(rule, first.sample)
    applied = f" (the LLOQ of run {first.sample.run_code})" if cutoff is not rule.cutoff else ""
    shift = _denominator_shift(case, rule, change)
    confirmed = change.confirmed_by
    if confirmed is not None and shift is None:
        good = change.last_against
        before = f"; last good {good.sample.text} on {wording.day(good.day)}" if good else ""
        again = "" if confirmed is first else f" and again on {wording.day(confirmed.day)} ({confirmed.sample.words})"
        return answer(
            case,
            rule,
            FlagState.MET,
            f"Transgene {cutoff.words}{applied} on {wording.day(first.day)} ({first.sample.words}){again}{before}.",
            evidence=_evidence(change),
            thresholds=_thresholds(rule, first),
            would_change=((FlagState.CONFLICT, f"a later sample {cutoff.amount} or more"),),
            cautions=(*_cautions(case, reading), *_late_confirmation(case, change)),
            bracket=_bracket(change),
            confirmed_day=confirmed.day,
            has_window=True,
        )
    if confirmed is None and case.course_end is not None:
        obstacle = Obstacle(
            sentence=f"Below {cutoff.amount} once, on {wording.day(first.day)}; {said_of_end(case.course_end)} ended "
            "the course before a second sample."
        )
        return cannot_say(case, rule, obstacle, evidence=_evidence(change), thresholds=_thresholds(rule, first))
    needed = confirmation.samples
    sentence = (
        f"One sample {cutoff.words}{applied}, on {wording.day(first.day)} ({first.sample.words}); "
        f"{'a second one is' if needed == 2 else f'{needed} are'} needed to call the loss."
    )
    missing: tuple[str, ...] = ()
    repeat = None
    if confirmed is None:
        repeat = repeat_dates(case, first, confirmation)
        missing = (f"one {rule.specimen_type.label} sample from {wording.day(case.timeline.day_of(repeat[0]))} on",)
    if shift is not None:
        sentence = (
            f"Copies/µg fell below {cutoff.amount} on {wording.day(first.day)} but copies/µL did not "
            f"({shift.per_ul_before} to {shift.per_ul_after}): a person reviews the denominator before it is a loss."
        )
        missing = (*missing, "a person's review of copies/µg against copies/µL")
    return answer(
        case,
        rule,
        FlagState.UNCONFIRMED,
        sentence,
        evidence=_evidence(change),
        thresholds=_thresholds(rule, first),
        missing=missing,
        would_change=(
            (FlagState.MET, f"next sample {cutoff.text} or not detected"),
            (FlagState.NOT_MET, f"next sample {cutoff.amount} or more: {wording.day(first.day)} was transient"),
        ),
        cautions=_cautions(case, reading),
        bracket=_bracket(change),
        has_window=True,
        repeat=repeat,
    )


def _denominator_shift(case: Case, rule: TransgeneLossRule, change: Change) -> Divergence | None:
    """A fall in copies/µg alone, between the two ends of the bracket, where a discordance rule watches this one."""
    if change.last_against is None or change.first is None:
        return None
    watching = next(
        (each for each in case.protocol.rules if isinstance(each, DiscordanceRule) and each.transgene == rule.id), None
    )
    if watching is None:
        return None
    found = divergence_between(
        case, watching, rule.specimen_type, change.last_against.collected_on, change.first.collected_on
    )
    return found if found is not None and found.per_ug_fell else None


def _evidence(change: Change) -> tuple[Evidence, ...]:
    roles = ((change.last_against, "last good"), (change.first, "first below"), (change.confirmed_by, "confirms"))
    shown: list[Evidence] = []
    for judged, role in roles:
        if judged is not None and not (role == "confirms" and judged is change.first):
            shown.append(judged.sample.evidence(role))
    return tuple(shown)


def _bracket(change: Change) -> tuple[int, int]:
    assert change.last_against is not None  # a series begins with a value above the cutoff
    assert change.first is not None
    return change.last_against.day, change.first.day


def _thresholds(rule: TransgeneLossRule, judged: Judged | None = None) -> tuple[Threshold, ...]:
    stated = (rule.cutoff.threshold("cutoff"), rule.lod.threshold("LOD"))
    applied = cutoff_for(rule, judged.sample) if judged is not None else rule.cutoff
    return stated if applied is rule.cutoff else (applied.threshold("cutoff applied"), *stated)


def _late_confirmation(case: Case, change: Change) -> tuple[str, ...]:
    assert change.first is not None  # the caller looked
    assert change.confirmed_by is not None
    if change.first.collected_on <= case.window_end < change.confirmed_by.collected_on:
        return (f"confirmed later, on {wording.day(change.confirmed_by.day)}, after the window",)
    return ()


def _cautions(case: Case, reading: TransgeneReading) -> tuple[str, ...]:
    skipped = tuple(f"{wording.day(sample.day)} is passed over: {reason}" for sample, reason in reading.skipped)
    end = case.course_end
    ended = (f"{said_of_end(end)} ended the course; later samples are not read",) if end is not None else ()
    return (*surveillance_gaps(case, reading.dates, reading.change), *skipped, *ended)
