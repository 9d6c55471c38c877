"""Consecutive samples on different dates: what qualifies first, what confirms it, what takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from operator import lt
from typing import NamedTuple

from labmon.criteria.case import Case, Sample
from labmon.criteria.closing import course_over
from labmon.criteria.rule_kinds import Confirmation
from labmon.domain import wording


class Judged(NamedTuple):
    """What one date says: the samples that decided it, and whether they qualify as a change."""

    collected_on: date
    day: int
    qualifies: bool
    samples: tuple[Sample, ...]

    @property
    def sample(self) -> Sample:
        return self.samples[0]


def by_date(verdicts: Iterable[tuple[Sample, bool]], *, one_is_enough: bool) -> tuple[Judged, ...]:
    """One verdict a date, in order of date. `one_is_enough`: one qualifying sample decides; else one other does."""
    verdicts = list(verdicts)
    ordered = [sample.collected_on for sample, _ in verdicts]
    if all(map(lt, ordered, ordered[1:])):  # one sample a date, nearly always
        return tuple([Judged(sample.collected_on, sample.day, qualifies, (sample,)) for sample, qualifies in verdicts])
    dates: dict[date, list[tuple[Sample, bool]]] = {}
    for verdict in verdicts:
        dates.setdefault(verdict[0].collected_on, []).append(verdict)
    judged = []
    for when in sorted(dates):
        day = dates[when]
        qualifies = any(q for _, q in day) if one_is_enough else all(q for _, q in day)
        deciding = sorted((s for s, q in day if q is qualifies), key=lambda sample: sample.result.result_id)
        judged.append(Judged(when, deciding[0].day, qualifies, tuple(deciding)))
    return tuple(judged)


class Change(NamedTuple):
    """The change a series shows, as far as it is certain."""

    last_against: Judged | None = None
    """The last date before the change."""
    first: Judged | None = None
    """The first qualifying date of the change that stands, confirmed or not."""
    confirmed_by: Judged | None = None
    reversed_by: Judged | None = None
    """The first date after the confirmation that no longer qualifies."""
    transient: tuple[Judged, ...] = ()
    """Lone qualifying dates a later sample did not bear out."""
    latest: Judged | None = None


def find_change(dates: Sequence[Judged], confirmation: Confirmation) -> Change:
    """The first confirmed change of a series, else the one its last dates begin.

    A qualifying date too near to the one before neither confirms nor breaks; any other verdict in between breaks.
    """
    least = confirmation.min_days_apart
    last_against: Judged | None = None
    first: Judged | None = None
    counted: list[Judged] = []
    confirmed: Judged | None = None
    reversed_by: Judged | None = None
    transient: list[Judged] = []
    for judged in dates:
        if judged.qualifies:
            first = first or judged
            if not counted or least.holds((judged.collected_on - counted[-1].collected_on).days):
                counted.append(judged)
            if confirmed is None and len(counted) >= confirmation.samples:
                confirmed = judged
        elif confirmed is not None:
            reversed_by = judged
            break
        else:
            if first is not None:
                transient.append(first)
            last_against, first, counted = judged, None, []
    return Change(
        last_against=last_against,
        first=first,
        confirmed_by=confirmed,
        reversed_by=reversed_by,
        transient=tuple(transient),
        latest=dates[-1] if dates else None,
    )


def repeat_dates(case: Case, first: Judged, confirmation: Confirmation) -> tuple[date, date]:
    """From when on a repeat counts, and until when it leaves no surveillance gap."""
    from_days = confirmation.min_days_apart.days
    by_days = max(from_days, case.protocol.surveillance.gap.days)
    return first.collected_on + timedelta(days=from_days), first.collected_on + timedelta(days=by_days)


def surveillance_gaps(case: Case, dates: Sequence[Judged], change: Change) -> tuple[str, ...]:
    """A caution for every time the patient was not looked at, inside the window and around the change.

    After the confirmation nothing is waited for; before it, the time since the last sample counts too, up to the end of
    the course.
    """
    if not case.is_worded:
        return ()
    limit = case.protocol.surveillance.gap
    last = change.confirmed_by
    days = [judged.day for judged in dates if last is None or judged.day <= last.day]
    if last is None and days:
        over = course_over(case)
        days.append(case.timeline.day_of(over.on if over is not None else case.until))
    changed_on, end = (change.first.day if change.first is not None else None), case.window_end_day
    return tuple(
        f"surveillance gap: no sample for {right - left} days ({wording.day(left)} to {wording.day(right)}, "
        f"limit {limit.amount})"
        for left, right in pairwise(days)
        if limit.holds((right if changed_on is not None and right >= changed_on else min(right, end)) - left)
    )
