from datetime import date

import pytest

from labmon.criteria.limit import SourceStatus
from labmon.criteria.window import Counting, Placement, WindowRule, add_months, place


def window(counting: Counting, length: int) -> WindowRule:
    return WindowRule(id="w", counting=counting, length=length, source="ours", status=SourceStatus.OWN_CHOICE)


@pytest.mark.parametrize(
    ("infused_on", "ends_on", "days"),
    [
        ("2023-08-31", "2024-02-29", 182),
        ("2024-08-31", "2025-02-28", 181),
        ("2023-08-30", "2024-02-29", 183),
        ("2024-03-01", "2024-09-01", 184),
    ],
)
def test_that_six_calendar_months_end_on_the_same_day_clamped_to_the_month(
    infused_on: str, ends_on: str, days: int
) -> None:
    origin = date.fromisoformat(infused_on)

    end = window(Counting.CALENDAR_MONTHS, 6).end(origin)

    assert date.fromisoformat(ends_on) == end
    assert days == (end - origin).days


@pytest.mark.parametrize("days", [180, 183])
def test_that_a_window_of_days_ends_so_many_days_later(days: int) -> None:
    assert (window(Counting.DAYS, days).end(date(2023, 8, 31)) - date(2023, 8, 31)).days == days


def test_that_months_run_over_the_end_of_a_year() -> None:
    assert date(2026, 1, 31) == add_months(date(2025, 10, 31), 3)
    assert date(2026, 12, 15) == add_months(date(2026, 9, 15), 3)


@pytest.mark.parametrize(
    ("last_good", "first", "placement"),
    [
        ("2024-08-01", "2024-09-01", Placement.INSIDE),
        ("2024-09-01", "2024-10-01", Placement.OUTSIDE),
        ("2024-08-31", "2024-09-02", Placement.STRADDLES),
        ("2024-07-01", "2024-07-20", Placement.INSIDE),
    ],
)
def test_that_a_bracket_around_the_end_of_the_window_proves_nothing(
    last_good: str, first: str, placement: Placement
) -> None:
    end = date(2024, 9, 1)

    assert placement is place(date.fromisoformat(last_good), date.fromisoformat(first), end)
