"""What a timeline figure says, before anything is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.quantity import ValueState
from labmon.reports.figures import (
    AxisKind,
    EventLane,
    EventMark,
    FigureSpec,
    Glyph,
    KeyEntry,
    LineStyle,
    Mark,
    MarkPlace,
    Panel,
    PanelKey,
    Series,
    SeriesKey,
    Symbol,
    linear_axis,
    log_axis,
)

Q, B, N = ValueState.QUANTIFIED, ValueState.DETECTED_BELOW_LLOQ, ValueState.NOT_DETECTED


def value(day: float, number: float, *, is_held: bool = False, is_excluded: bool = False, note: str = "") -> Mark:
    return Mark(
        ref=f"v{day:g}",
        day=day,
        state=Q,
        value=number,
        text=f"{number:g} copies/µg",
        is_held=is_held,
        is_excluded=is_excluded,
        note=note,
    )


def below(day: float, lloq: float | None = 50) -> Mark:
    return Mark(ref=f"b{day:g}", day=day, state=B, limit=lloq, text="< 50 copies/µg (detected)")


def nothing(day: float) -> Mark:
    return Mark(ref=f"n{day:g}", day=day, state=N, text="not detected")


def series(*marks: Mark, line: LineStyle = LineStyle.SOLID) -> Series:
    return Series(key=SeriesKey.TRANSGENE, name="Transgene", symbol=Symbol.CIRCLE, line=line, marks=marks)


def panel(*all_series: Series) -> Panel:
    return Panel(
        key=PanelKey.TRANSGENE, title="Transgene", unit="copies/µg", axis=log_axis([50, 5000]), series=all_series
    )


def figure(*marks: Mark) -> FigureSpec:
    return FigureSpec(title="DEMO-014", first_day=-7, last_day=190, panels=(panel(series(*marks)),))


def joined(*marks: Mark) -> list[tuple[float, float, bool]]:
    return [(s.start.day, s.end.day, s.is_tentative) for s in series(*marks).segments()]


def test_that_a_value_below_the_limit_stands_at_its_limit_and_the_line_to_it_is_tentative() -> None:
    marks = (value(3, 5000), value(7, 800), below(14))

    assert below(14).height == 50
    assert joined(*marks) == [(3, 7, False), (7, 14, True)]


def test_that_not_detected_has_a_strip_of_its_own_and_ends_the_line() -> None:
    marks = (value(3, 5000), nothing(7), value(14, 60))

    assert nothing(7).place is MarkPlace.RUG
    assert nothing(7).height is None
    assert joined(*marks) == []


def test_that_a_held_or_excluded_value_is_passed_over_by_the_line() -> None:
    for passed in (value(7, 800, is_held=True), value(7, 800, is_excluded=True)):
        assert joined(value(3, 5000), passed, value(14, 60)) == [(3, 14, False)]


def test_that_a_result_that_says_nothing_does_not_break_the_line() -> None:
    silent = Mark(ref="x", day=7, state=ValueState.NO_RESULT, text="no result")

    assert silent.place is MarkPlace.READOUT_ONLY
    assert joined(value(3, 5000), silent, value(14, 60)) == [(3, 14, False)]


def test_that_a_detected_value_without_known_limit_is_not_shown_as_not_detected() -> None:
    assert below(14, lloq=None).place is MarkPlace.READOUT_ONLY


def test_that_a_negative_with_a_sensitivity_stands_on_the_axis() -> None:
    negative = Mark(ref="m", day=28, state=N, limit=2.5e-5, text="not detected: F 2.5·10⁻⁵")

    assert negative.place is MarkPlace.AXIS
    assert negative.height == 2.5e-5


def test_that_only_a_quantified_mark_may_carry_a_number() -> None:
    with pytest.raises(ValueError, match="not_detected"):
        Mark(ref="m", day=1, state=N, value=0.0, text="not detected")
    with pytest.raises(ValueError, match="quantified"):
        Mark(ref="m", day=1, state=Q, text="?")


def test_that_points_of_methods_without_a_line_are_never_joined() -> None:
    assert series(value(3, 1), value(7, 2), line=LineStyle.NONE).segments() == ()


@given(values=st.lists(st.floats(min_value=1e-7, max_value=1e7), min_size=1, max_size=20))
def test_that_a_log_axis_holds_every_value_and_begins_half_below_the_lowest(values: list[float]) -> None:
    axis = log_axis(values)

    assert axis.kind is AxisKind.LOG10
    assert axis.low <= min(values) / 2 * (1 + 1e-9)
    assert axis.high > max(values)
    assert all(axis.low <= tick.value * (1 + 1e-9) and tick.value <= axis.high * (1 + 1e-9) for tick in axis.ticks)
    assert len(axis.ticks) >= 2


def test_that_decades_are_written_out() -> None:
    assert [tick.text for tick in log_axis([50, 41300]).ticks] == ["100", "1000", "10\u2009000", "100\u2009000"]
    assert [tick.text for tick in log_axis([0.1, 30]).ticks] == ["0.1", "1", "10", "100"]


def test_that_fractions_are_powers_of_ten_and_every_second_when_many() -> None:
    assert [tick.text for tick in log_axis([1e-6, 0.1], powers=True).ticks] == ["10⁻⁶", "10⁻⁴", "10⁻²"]


def test_that_a_value_beyond_the_axis_stands_at_its_end() -> None:
    axis = log_axis([50, 5000])

    assert axis.position(0.0) == axis.span[0]
    assert axis.position(1e9) == axis.span[1]


def test_that_a_log_axis_of_nothing_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        log_axis([0.0])


def test_that_a_linear_axis_reaches_the_next_tick_above_the_values() -> None:
    axis = linear_axis([58], step=30)

    assert [tick.text for tick in axis.ticks] == ["0", "30", "60"]
    assert axis.high > 60


def test_that_a_readout_joins_what_the_marks_of_a_day_share() -> None:
    flow = Mark(
        ref="f", day=88, state=N, limit=3e-5, lead="not detected", short="F 3·10⁻⁵", text="not detected: F 3·10⁻⁵"
    )
    ngs = Mark(ref="n", day=88, state=N, limit=1e-5, lead="not detected", short="N 10⁻⁵", text="not detected: N 10⁻⁵")
    both = panel(series(flow), series(ngs)).readout(88)

    assert both is not None
    assert both.text == "not detected: F 3·10⁻⁵, N 10⁻⁵"
    assert both.mark is flow


def test_that_samples_of_one_day_share_a_readout_whatever_their_hour() -> None:
    morning, evening = value(88.3, 60), Mark(ref="e", day=88.8, state=Q, value=70, text="70 copies/µg")
    readout = panel(series(morning, evening)).readout(88)

    assert readout is not None
    assert readout.text == "60 copies/µg; 70 copies/µg"


def test_that_a_day_without_a_sample_has_no_readout() -> None:
    assert panel(series(value(3, 60))).readout(4) is None


def test_that_the_key_explains_exactly_the_signs_of_the_figure() -> None:
    spec = figure(value(3, 5000), below(14), nothing(28), value(35, 70, is_held=True))

    assert spec.key_entries == (
        KeyEntry.QUANTIFIED,
        KeyEntry.BELOW_LLOQ,
        KeyEntry.NOT_DETECTED,
        KeyEntry.HELD,
    )


def test_that_the_table_has_a_row_for_every_mark_and_event_and_never_a_zero() -> None:
    event = EventMark(ref="e", lane=EventLane.DRUGS, glyph=Glyph.BAR, day=5, end_day=8, label="dexamethasone")
    absent = EventMark(ref="a", lane=EventLane.CELLS, glyph=Glyph.NONE, day=42, label="HSCT: none recorded")
    marks = (value(7, 800), value(3, 5000, is_excluded=True, note="excluded: wrong tube"), nothing(28))
    spec = FigureSpec(
        title="DEMO-014", first_day=-7, last_day=60, panels=(panel(series(*marks)),), events=(event, absent)
    )

    rows = spec.table()

    assert [(row.ref, row.day, row.value_text, row.state) for row in rows] == [
        ("v3", 3, "5000 copies/µg", "quantified, excluded"),
        ("v7", 7, "800 copies/µg", "quantified"),
        ("n28", 28, "not detected", "not detected"),
        ("e", 5, "dexamethasone", ""),
    ]
    assert rows[0].note == "excluded: wrong tube"
    assert rows[3].note == "to day 8"


def test_that_a_figure_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="no width"):
        FigureSpec(title="x", first_day=5, last_day=5)
