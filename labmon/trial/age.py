"""Age in completed years."""

from __future__ import annotations

from datetime import date


def completed_years(birth_date: date, when: date) -> int:
    """Birthdays passed by `when`; who was born on 29 February turns on 1 March in other years."""
    return when.year - birth_date.year - ((when.month, when.day) < (birth_date.month, birth_date.day))
