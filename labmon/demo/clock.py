"""Times of day and months as instruments print them in English, whatever language the machine speaks."""

from __future__ import annotations

from datetime import date, datetime

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def twelve_hours(moment: datetime, *, pads_hour: bool) -> str:
    """The time of day with AM or PM: "03:42:10 PM", or "3:42:10 PM"."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{hour:02d}:{moment:%M:%S} {half}" if pads_hour else f"{hour}:{moment:%M:%S} {half}"


def fcs_date(day: date) -> str:
    """A date as the FCS keyword $DATE holds it: "04-MAR-2026"."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"
