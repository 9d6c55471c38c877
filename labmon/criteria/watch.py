"""How long nobody looked: old samples and missing ones are unknown, never "not lost"."""

from __future__ import annotations

from datetime import date

from labmon.criteria.answer import Obstacle
from labmon.criteria.case import Case
from labmon.criteria.closing import closing_of
from labmon.domain import wording
from labmon.domain.clinical import InfusionKind, SpecimenType

UNDECIDED = "decides nothing"
"""The role of a sample that was measured and cannot be evaluated."""


def lapse(case: Case, what: str, last_on: date, specimen_type: SpecimenType) -> Obstacle | None:
    """Why a last good sample on `last_on` does not deny a loss inside the window: it is too old.

    While the window is open a sample may be as old as a surveillance gap; once it has closed, the last sample must lie
    that near to its end, or after it. Where the course ended or study cells came first, they take the place of its end.
    """
    gap = case.protocol.surveillance.gap
    last = case.timeline.day_of(last_on)
    since = f"{what} last measured on {wording.day(last)}"
    closed = closing_of(case, last_on)
    if closed is not None and closed.on <= case.window_end:
        days = (closed.on - last_on).days
        if not gap.holds(days):
            return None
        return Obstacle(sentence=f"{since}, {days} days before {closed.words}: what happened in between is not known.")
    if case.until > case.window_end:
        return closed_unwatched(case, since, last)
    days = (case.until - last_on).days
    if not gap.holds(days):
        return None
    return Obstacle(
        sentence=f"{since}, {days} days ago; a sample is due.", missing=(_sample_due(case, last, specimen_type),)
    )


def closed_unwatched(case: Case, since: str, last: int) -> Obstacle | None:
    """Why "not lost" by day `last` does not hold up to the end of a window that has closed."""
    end = case.window_end_day
    if case.until <= case.window_end or last >= end or not case.protocol.surveillance.gap.holds(end - last):
        return None
    return Obstacle(
        sentence=f"{since}; the window ended on {wording.day(end)}, so what happened in between is not known.",
        missing=(f"a sample between {wording.day(last + 1)} and {wording.day(end)}",),
    )


def leaves_open(case: Case, undecided_on: date, last_on: date) -> bool:
    """Whether an undecided sample leaves a loss inside the window possible: it follows the last good one, inside."""
    is_inside = case.until <= case.window_end or undecided_on <= case.window_end
    return undecided_on > last_on and is_inside


def _sample_due(case: Case, last: int, specimen_type: SpecimenType) -> str:
    """The sample that is due, with the planned visit it can be drawn at."""
    today = case.timeline.day_of(case.until)
    groups = case.protocol.visits.groups if case.protocol.visits is not None else ()
    visits = sorted(
        day
        for group in groups
        if group.anchor is InfusionKind.CAR_T
        for day in group.days
        if day > last and day + group.days_after >= today
    )
    visit = f" (visit of {wording.day(visits[0])})" if visits else ""
    due = last + case.protocol.surveillance.gap.days
    return f"one {specimen_type.label} sample, due since {wording.day(due)}{visit}"
