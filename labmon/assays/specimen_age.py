"""How old a specimen was when it was measured, as far as the two times on record can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from labmon.domain.clinical import Specimen
from labmon.domain.issue import Issue

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenAge:
    """The age at the start of the run lies between these; they are equal when both times of day are known."""

    least_h: float
    most_h: float

    @property
    def exact_h(self) -> float | None:
        return self.least_h if self.least_h == self.most_h else None

    def __str__(self) -> str:
        return f"{self.least_h:.1f}" if self.exact_h is not None else f"at least {max(0.0, self.least_h):.0f}"


def specimen_age(specimen: Specimen, run_started_at: str | None) -> SpecimenAge | None:
    """The age of a specimen in a run; None when the run's start is not known.

    A date without a time of day stands for the whole day. Times are compared by their offsets where both have one, else
    as the clocks of the one site.
    """
    if run_started_at is None:
        return None
    started = _span(run_started_at)
    at = specimen.collected_at
    collected = (at, at) if at is not None else _day(specimen.collected_on)
    return SpecimenAge(least_h=_hours(collected[1], started[0]), most_h=_hours(collected[0], started[1]))


def impossible_age(specimen: Specimen, run_started_at: str | None) -> tuple[Issue, ...]:
    """C504 when a run was started before the specimen it measured was collected, whatever the times of day."""
    age = specimen_age(specimen, run_started_at)
    if age is None or age.most_h >= 0:
        return ()
    detail = f"The run was started on {run_started_at}, the specimen was collected on {specimen.sampled_at}"
    return (Issue(code="C504", parameters={"detail": detail}),)


def _span(text: str) -> tuple[datetime, datetime]:
    if len(text) <= len("2026-01-31"):
        return _day(date.fromisoformat(text))
    instant = datetime.fromisoformat(text)
    return instant, instant


def _day(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time())
    return start, start + timedelta(days=1)


def _hours(earlier: datetime, later: datetime) -> float:
    if earlier.tzinfo is None or later.tzinfo is None:
        earlier, later = earlier.replace(tzinfo=None), later.replace(tzinfo=None)
    return (later - earlier) / _HOUR
