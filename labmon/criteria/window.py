"""How long after the infusion "within six months" lasts, and where a loss between two samples falls."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from labmon.criteria.limit import SourceStatus


class Counting(StrEnum):
    """How a window is counted; both ends belong to it."""

    CALENDAR_MONTHS = "calendar_months"
    DAYS = "days"


class Placement(StrEnum):
    """Where the bracket (last good sample, first qualifying sample] lies against the end of a window."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    STRADDLES = "straddles"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """A window from day 0 on, as the protocol counts it."""

    id: str
    counting: Counting
    length: int
    source: str
    status: SourceStatus

    def end(self, origin: date) -> date:
        """The last day that still belongs to the window."""
        if self.counting is Counting.DAYS:
            return origin + timedelta(days=self.length)
        return add_months(origin, self.length)

    @property
    def words(self) -> str:
        unit = "calendar months" if self.counting is Counting.CALENDAR_MONTHS else "days"
        return f"{self.length} {unit}"


def add_months(start: date, months: int) -> date:
    """The same day of a later month, clamped to that month's end: 31 August + 6 is 28 or 29 February."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def place(last_good: date, first: date, end: date) -> Placement:
    """A loss between two samples is inside only if the first qualifying sample is, outside only if the last good is."""
    if first <= end:
        return Placement.INSIDE
    if last_good >= end:
        return Placement.OUTSIDE
    return Placement.STRADDLES
