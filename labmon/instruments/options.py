"""What a person answered about a file that cannot answer for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DecimalMark(StrEnum):
    """The sign before the decimals."""

    POINT = "."
    COMMA = ","

    @property
    def grouping(self) -> str:
        """The sign that groups thousands where this one marks the decimals."""
        return "," if self is DecimalMark.POINT else "."

    @property
    def word(self) -> str:
        return "decimal point" if self is DecimalMark.POINT else "decimal comma"


class DateOrder(StrEnum):
    """The order of day, month and year in a date written with numbers."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"

    @property
    def word(self) -> str:
        return {"d": "day", "m": "month", "y": "year"}[self.value[0]] + " first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Answers given before reading; None leaves the question to the file."""

    decimal_mark: DecimalMark | None = None
    date_order: DateOrder | None = None
    run_started_on: date | None = None
    """The day of the run, for a file that does not say it; what a file says itself stands."""
    format_id: str | None = None
    """Read as this format, when several claim the file."""
