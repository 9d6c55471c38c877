"""Loss in a series (R1, R1f): what was there, then consecutive samples below the cutoff; one skeleton for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import said_of_end
from labmon.criteria.case import Case, Sample
from labmon.criteria.closing import closing_of, nothing_more_comes, surveillance_only
from labmon.criteria.limit import Limit
from labmon.criteria.rule_kinds import Confirmation, FlowLossRule, TransgeneLossRule
from labmon.criteria.sequence import Change, Judged, by_date, find_change, repeat_dates, surveillance_gaps
from labmon.criteria.watch import UNDECIDED, lapse, leaves_open
from labmon.domain import wording
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A sample that was measured and decides nothing, with the reason and the datum that would let it."""

    sample: Sample
    why: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReading:
    """What a series says from its last rise above the cutoff on, and what had to be passed over."""

    dates: tuple[Judged, ...]
    change: Change
    undecided: tuple[Undecided, ...]
    sample_count: int
    is_peak_below_cutoff: bool = False
    """Expansion was quantified and never reached the cutoff; the series begins at its peak."""

    @property
    def is_established(self) -> bool:
        return bool(self.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person has to look at before a confirmed loss is called one."""

    sentence: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSeries:
    """One series under its rule, with what differs between the methods that can show a loss."""

    rule: TransgeneLossRule | FlowLossRule
    reading: LossReading
    what: str
    """ "Transgene"."""
    one_sample: str
    """ "One sample", "One sample with CAR+"."""
    denominator: str
    """ " of CD3+", or nothing."""
    said: Callable[[Sample], str]
    """The value inside a sentence."""
    shown: Callable[[Sample], str]
    """The value as evidence."""
    cutoff: Callable[[Sample], Limit]
    thresholds: Callable[[Judged | None], tuple[Threshold, ...]]
    cannot_show: Callable[[Sample], str]
    """ "Day 88 cannot show loss"."""
    review: Callable[[Change], Review | None]
    cautions: Callable[[Change], tuple[str, ...]]


def read_loss(
    samples: Iterable[tuple[Sample, bool | Undecided]], confirmation: Confirmation, *, peak_may_be_low: bool
) -> LossReading:
    """The reading of a series; each sample comes with whether it lies below its cutoff, or why that is undecided."""
    pairs = list(samples)
    dates = by_date([(sample, below) for sample, below in pairs if isinstance(below, bool)], one_is_enough=False)
    start = next((index for index, judged in enumerate(dates) if not judged.qualifies), len(dates))
    since = dates[start:]
    is_low = peak_may_be_low and not since and bool(since := _from_peak(dates))
    return LossReading(
        dates=since,
        change=find_change(since, confirmation),
        undecided=tuple(below for _, below in pairs if isinstance(below, Undecided)),
        sample_count=len(pairs),
        is_peak_below_cutoff=is_low,
    )


def _from_peak(dates: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """The dates from the highest quantified value on, which stands for what was there; without one nothing was."""
    quantified = [
        (index, sample)
        for index, judged in enumerate(dates)
        for sample in judged.samples
        if sample.quantity.state is ValueState.QUANTIFIED
    ]
    if not quantified:
        return ()
    index, peak = max(quantified, key=lambda pair: (pair[1].quantity.value or 0.0, -pair[0]))
    return (dates[index]._replace(qualifies=False, samples=(peak,)), *dates[index + 1 :])


def judge_series(case: Case, series: LossSeries, never: Callable[[], Finding]) -> Finding:
    """The finding about a series; `never` makes the one about a series in which nothing was ever there."""
    reading = series.reading
    if reading.sample_count and len(reading.undecided) == reading.sample_count:
        return _undecided(case, series, reading.undecided, None)
    if not reading.is_established:
        return never()
    if reading.change.first is None:
        return _not_lost(case, series)
    if reading.change.reversed_by is not None:
        return _redetected(case, series)
    return _lost(case, series)


def _undecided(case: Case, series: LossSeries, undecided: Sequence[Undecided], latest: Judged | None) -> Finding:
    decisive = undecided[-1]
    good = (_good(series, latest),) if latest is not None else ()
    return cannot_say(
        case,
        series.rule,
        Obstacle(sentence=f"{series.cannot_show(decisive.sample)}: {decisive.why}.", missing=(decisive.missing,)),
        evidence=(*good, *(each.sample.evidence(UNDECIDED, series.shown(each.sample)) for each in undecided)),
        thresholds=series.thresholds(latest),
        cautions=cautions(case, series),
    )


def _not_lost(case: Case, series: LossSeries) -> Finding:
    reading = series.reading
    latest = reading.dates[-1]
    undecided = [u for u in reading.undecided if leaves_open(case, u.sample.collected_on, latest.collected_on)]
    if undecided:
        return _undecided(case, series, undecided, latest)
    cutoff = series.cutoff(latest.sample)
    below = f"next sample {cutoff.text}{series.denominator} or not detected"
    obstacle = lapse(case, series.what, latest.collected_on, series.rule.specimen_type)
    if obstacle is None and reading.is_peak_below_cutoff:
        obstacle = Obstacle(
            sentence=f"The peak of {wording.day(latest.day)} ({series.said(latest.sample)}) is itself {cutoff.words}, "
            "and nothing was measured since.",
            missing=() if nothing_more_comes(case) else (f"a {series.rule.specimen_type.label} sample after the peak",),
        )
    if obstacle is not None:
        return cannot_say(
            case,
            series.rule,
            obstacle,
            evidence=(_good(series, latest),),
            thresholds=series.thresholds(latest),
            would_change=((FlagState.UNCONFIRMED, below), (FlagState.NOT_MET, f"next sample {cutoff.amount} or more"))
            if obstacle.missing
            else (),
            cautions=cautions(case, series),
        )
    transient = reading.change.transient
    once = f"; the lone value below it on {wording.day(transient[-1].day)} is overridden" if transient else ""
    return answer(
        case,
        series.rule,
        FlagState.NOT_MET,
        f"{series.what} {series.said(latest.sample)} on {wording.day(latest.day)}, not {cutoff.words}"
        f"{series.denominator}{once}.",
        evidence=(
            *(judged.sample.evidence("overridden", series.shown(judged.sample)) for judged in transient),
            _good(series, latest),
        ),
        thresholds=series.thresholds(latest),
        would_change=() if nothing_more_comes(case) else ((FlagState.UNCONFIRMED, below),),
        cautions=cautions(case, series),
        has_window=True,
    )


def _redetected(case: Case, series: LossSeries) -> Finding:
    change = series.reading.change
    first, confirmed, again = change.first, change.confirmed_by, change.reversed_by
    assert first is not None  # the caller looked
    assert confirmed is not None  # nothing is reversed before it was confirmed
    assert again is not None
    return answer(
        case,
        series.rule,
        FlagState.CONFLICT,
        f"{series.what} found again on {wording.day(again.day)} ({series.said(again.sample)}) after the loss confirmed "
        f"on {wording.day(confirmed.day)}: re-expansion or artefact, a person decides.",
        evidence=(*_evidence(series), again.sample.evidence("re-detected", series.shown(again.sample))),
        thresholds=series.thresholds(first),
        missing=("a person's decision: re-expansion or artefact",),
        would_change=(
            (FlagState.MET, f"{wording.day(again.day)} excluded as an artefact, with a reason"),
            (FlagState.NOT_MET, "re-expansion: the earlier samples excluded, with a reason"),
        ),
        cautions=cautions(case, series),
        bracket=_bracket(change),
        confirmed_day=confirmed.day,
        has_window=True,
    )


def _lost(case: Case, series: LossSeries) -> Finding:
    change = series.reading.change
    first, confirmed = change.first, change.confirmed_by
    assert first is not None  # the caller looked
    cutoff = series.cutoff(first.sample)
    is_raised = cutoff is not series.rule.cutoff
    below = f"{cutoff.words}{series.denominator}" + (f" (the {cutoff.source})" if is_raised else "")
    on_first = f"{wording.day(first.day)} ({series.said(first.sample)})"
    review = series.review(change)
    if confirmed is not None and review is None:
        again = "" if confirmed is first else f" and again on {wording.day(confirmed.day)} ({_said(series, confirmed)})"
        good = change.last_against
        assert good is not None  # a series begins with what was there
        before = f"{'peak' if _is_peak(series, good) else 'last good'} {_said(series, good)} on {wording.day(good.day)}"
        return answer(
            case,
            series.rule,
            FlagState.MET,
            f"{series.what} {below} on {on_first}{again}; {before}.",
            evidence=_evidence(series),
            thresholds=series.thresholds(first),
            would_change=()
            if nothing_more_comes(case)
            else ((FlagState.CONFLICT, f"a later sample {cutoff.amount} or more"),),
            cautions=(*cautions(case, series), *_confirmed_later(case, change)),
            bracket=_bracket(change),
            confirmed_day=confirmed.day,
            has_window=True,
        )
    closed = closing_of(case, first.collected_on)
    if confirmed is None and closed is not None:
        return cannot_say(
            case,
            series.rule,
            Obstacle(
                sentence=f"Below {cutoff.amount} once, on {wording.day(first.day)}; {closed.said} before a second "
                "sample."
            ),
            evidence=_evidence(series),
            thresholds=series.thresholds(first),
            cautions=cautions(case, series),
        )
    confirmation = case.protocol.confirmation_of(series.rule)
    needed = "a second one is" if confirmation.samples == 2 else f"{confirmation.samples} are"
    sentence = f"{series.one_sample} {below}, on {on_first}; {needed} needed to call the loss."
    missing: tuple[str, ...] = ()
    repeat = None
    if confirmed is None:
        repeat = repeat_dates(case, first, confirmation)
        from_day = wording.day(case.timeline.day_of(repeat[0]))
        missing = (f"one {series.rule.specimen_type.label} sample from {from_day} on",)
    if review is not None:
        sentence = review.sentence
        missing = (*missing, review.missing)
    return answer(
        case,
        series.rule,
        FlagState.UNCONFIRMED,
        sentence,
        evidence=_evidence(series),
        thresholds=series.thresholds(first),
        missing=missing,
        would_change=(
            (FlagState.MET, f"next sample {cutoff.text}{series.denominator} or not detected"),
            (FlagState.NOT_MET, f"next sample {cutoff.amount} or more: {wording.day(first.day)} is overridden"),
        ),
        cautions=cautions(case, series),
        bracket=_bracket(change),
        has_window=True,
        repeat=repeat,
    )


def _said(series: LossSeries, judged: Judged) -> str:
    return series.said(judged.sample)


def _is_peak(series: LossSeries, judged: Judged) -> bool:
    return series.reading.is_peak_below_cutoff and judged is series.reading.dates[0]


def _good(series: LossSeries, judged: Judged) -> Evidence:
    return judged.sample.evidence("peak" if _is_peak(series, judged) else "last good", series.shown(judged.sample))


def _evidence(series: LossSeries) -> tuple[Evidence, ...]:
    change = series.reading.change
    good = (_good(series, change.last_against),) if change.last_against is not None else ()
    roles = ((change.first, "first below"), (change.confirmed_by, "confirms"))
    return (
        *good,
        *(
            judged.sample.evidence(role, series.shown(judged.sample))
            for judged, role in roles
            if judged is not None and not (role == "confirms" and judged is change.first)
        ),
    )


def _bracket(change: Change) -> tuple[int, int]:
    assert change.last_against is not None  # a series begins with what was there
    assert change.first is not None
    return change.last_against.day, change.first.day


def _confirmed_later(case: Case, change: Change) -> tuple[str, ...]:
    assert change.first is not None  # the caller looked
    assert change.confirmed_by is not None
    if change.first.collected_on <= case.window_end < change.confirmed_by.collected_on:
        return (f"confirmed later, on {wording.day(change.confirmed_by.day)}, after the window",)
    return ()


def cautions(case: Case, series: LossSeries) -> tuple[str, ...]:
    """What a reader of the finding must know beside it."""
    reading = series.reading
    passed_over = tuple(f"{wording.day(each.sample.day)} is passed over: {each.why}" for each in reading.undecided)
    end = case.course_end
    ended = (f"{said_of_end(end)} ended the course; later samples are not read",) if end is not None else ()
    low: tuple[str, ...] = ()
    if reading.is_peak_below_cutoff:
        peak = reading.dates[0].sample
        cutoff = series.cutoff(peak)
        low = (f"the peak itself lies below the cutoff ({series.said(peak)}, {cutoff.text}): poor expansion",)
    return (
        *surveillance_gaps(case, reading.dates, reading.change),
        *passed_over,
        *low,
        *series.cautions(reading.change),
        *ended,
        *surveillance_only(case),
    )
