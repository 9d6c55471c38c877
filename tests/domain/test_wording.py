import pytest

from labmon.domain import wording
from labmon.domain.quantity import Quantity, Unit, ValueState

COPIES = Unit.COPIES_PER_UG_DNA


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.1234, "8.12"),
        (376_123, "376\u2009000"),
        (9999, "10\u2009000"),
        (9990, "9990"),
        (0.031249, "0.0312"),
        (-3.384, "\u22123.38"),
        (0, "0"),
        (100, "100"),
    ],
)
def test_that_numbers_have_three_significant_digits_and_thin_spaces(value: float, text: str) -> None:
    assert text == wording.number(value)


@pytest.mark.parametrize(
    ("value", "text"), [(50, "50"), (0.1, "0.1"), (1000, "1000"), (24.5, "24.5"), (1e6, "1\u2009000\u2009000")]
)
def test_that_limits_have_no_trailing_zeros(value: float, text: str) -> None:
    assert text == wording.limit(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-4, "10⁻⁴"), (3.1e-5, "3.1·10⁻⁵"), (0.12, "12\u00a0%"), (0.01, "1\u00a0%"), (0.0099, "9.9·10⁻³")],
)
def test_that_small_fractions_are_powers_of_ten_and_large_ones_percent(value: float, text: str) -> None:
    assert text == wording.fraction(value)


@pytest.mark.parametrize("state", list(ValueState))
def test_that_no_state_is_ever_written_as_zero_or_left_blank(state: ValueState) -> None:
    value = 120.0 if state is ValueState.QUANTIFIED else None
    text = wording.quantity(Quantity(value=value, unit=COPIES, state=state, lod=18, lloq=50, uloq=1e6))

    assert text
    assert "0" != text
    assert "neg" not in text.lower()


def test_that_a_value_below_the_limit_is_written_with_the_limit_and_that_it_was_seen() -> None:
    quantity = Quantity.without_value(ValueState.DETECTED_BELOW_LLOQ, COPIES, lloq=50)

    assert "<\u00a050\u00a0copies/µg (detected)" == wording.quantity(quantity)


@pytest.mark.parametrize(("left", "right", "text"), [(60, 88, "(60, 88]"), (116, None, ">\u00a0116")])
def test_that_an_interval_is_half_open_and_censoring_is_said(left: float, right: float | None, text: str) -> None:
    assert text == wording.interval(left, right)


def test_that_a_day_before_the_infusion_has_a_true_minus() -> None:
    assert "day \u22127" == wording.day(-7)


def test_that_the_afternoon_of_a_day_is_still_that_day() -> None:
    assert "day 88" == wording.day(88.9)
    assert "day \u22127" == wording.day(-6.4)


def test_that_an_interval_keeps_the_hour_to_a_tenth_of_a_day() -> None:
    assert "(60.4, 88]" == wording.interval(60.3541, 88.0)
    assert ">\u00a060" == wording.interval(60.0, None)
    assert "\u22120.2" == wording.decimal_day(-0.2)
    assert "0" == wording.decimal_day(-0.01)


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        (49.999, 50, "49.999"),
        (49.96, 50, "49.96"),
        (50.0, 50, "50.0"),
        (50.04, 50, "50.04"),
        (214, 50, "214"),
        (2.996, 3, "2.996"),
        (3 - 1e-12, 3, "3.00"),
        (0.09996, 0.1, "0.09996"),
    ],
)
def test_that_a_value_is_never_rounded_onto_the_limit_it_stands_beside(value: float, limit: float, text: str) -> None:
    assert text == wording.number_beside(value, limit)


def test_that_a_count_beside_its_limit_is_written_out() -> None:
    assert "21\u2009999" == wording.count_beside(21999, 22000)
    assert "9400" == wording.count_beside(9400, 22000)


def test_that_a_fraction_keeps_clear_of_its_limit_and_of_ten_times_a_power() -> None:
    assert "9.97·10⁻⁵" == wording.amount(9.97e-5, Unit.FRACTION, (1e-4,))
    assert "10⁻⁴" == wording.amount(9.97e-5, Unit.FRACTION)
    assert "100\u00a0%" == wording.fraction(1.0)
    assert "27\u00a0%" == wording.fraction(0.27)
