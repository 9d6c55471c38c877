"""The day axis and its ticks."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labmon_ui.plotting.scales import DayScale, day_ticks

DAYS = st.floats(min_value=-400, max_value=4000, allow_nan=False)


@given(days=st.lists(DAYS, min_size=1, max_size=50))
def test_that_inverse_undoes_forward_for_every_day(days: list[float]) -> None:
    scale = DayScale()

    back = scale.inverse(scale.forward(days))

    np.testing.assert_allclose(back, days, rtol=1e-12, atol=1e-9)


@given(day=DAYS)
def test_that_one_day_and_an_array_of_days_are_placed_alike(day: float) -> None:
    scale = DayScale(break_day=28, compression=5)

    assert float(scale.forward(day)) == scale.unit(day)
    assert float(scale.inverse(day)) == scale.day(day)


@given(first=DAYS, second=DAYS)
def test_that_later_days_stand_further_right(first: float, second: float) -> None:
    scale = DayScale()

    assert (first < second) == (scale.unit(first) < scale.unit(second)) or abs(first - second) < 1e-9


def test_that_a_day_after_the_break_takes_a_fifth_of_a_day_before_it() -> None:
    scale = DayScale(break_day=28, compression=5)

    assert scale.unit(28) - scale.unit(27) == 1
    assert abs((scale.unit(29) - scale.unit(28)) - 0.2) < 1e-12


def test_that_ticks_never_come_closer_than_their_gap() -> None:
    for low, high in ((-7, 190), (-28, 800), (0, 3000), (20, 40), (0, 5), (60, 64)):
        scale = DayScale()
        pixels = 708 / (scale.unit(high) - scale.unit(low))
        places = [(scale.unit(day) - scale.unit(low)) * pixels for day in _ticks(low, high)]

        assert all(b - a >= 20 + 12 for a, b in pairwise(places)), (low, high)
        assert len(places) >= 3, (low, high)


def test_that_the_whole_figure_names_the_days_of_the_visits() -> None:
    ticks = _ticks(-7, 190)

    assert {-7, 0, 7, 14, 21, 28, 60, 90, 180} <= set(ticks)


def test_that_zooming_in_names_every_day() -> None:
    assert tuple(range(5, 13)) == _ticks(5, 12)


def test_that_a_view_between_two_days_has_no_tick() -> None:
    assert day_ticks(5.2, 5.8, lambda day: day * 100, lambda _: 10.0, 12) == ()


def _ticks(low: float, high: float) -> tuple[int, ...]:
    scale = DayScale()
    pixels = 708 / (scale.unit(high) - scale.unit(low))
    return day_ticks(low, high, lambda day: (scale.unit(day) - scale.unit(low)) * pixels, lambda _: 20.0, 12)
