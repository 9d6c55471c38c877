import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.quantity import Quantity, Unit, ValueState

COPIES = Unit.COPIES_PER_UG_DNA


@pytest.mark.parametrize(
    ("measured", "state"),
    [
        (17.9, ValueState.NOT_DETECTED),
        (18.0, ValueState.DETECTED_BELOW_LLOQ),
        (49.9, ValueState.DETECTED_BELOW_LLOQ),
        (50.0, ValueState.QUANTIFIED),
        (1e6, ValueState.QUANTIFIED),
        (1e6 + 1, ValueState.ABOVE_ULOQ),
    ],
)
def test_that_a_limit_itself_belongs_to_the_range_above_it(measured: float, state: ValueState) -> None:
    quantity = Quantity.from_measurement(measured, COPIES, lod=18, lloq=50, uloq=1e6)

    assert state is quantity.state


@given(st.floats(min_value=0, max_value=1e12), st.floats(min_value=0.1, max_value=1e6))
def test_that_a_number_is_kept_exactly_when_it_is_quantified(measured: float, lloq: float) -> None:
    quantity = Quantity.from_measurement(measured, COPIES, lloq=lloq)

    assert (quantity.state is ValueState.QUANTIFIED) == (quantity.value is not None)


@pytest.mark.parametrize("state", [state for state in ValueState if state is not ValueState.QUANTIFIED])
def test_that_a_state_without_a_number_refuses_one(state: ValueState) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        Quantity(value=0.0, unit=COPIES, state=state)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_that_a_quantity_is_a_finite_number_of_at_least_zero(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Quantity(value=value, unit=COPIES, state=ValueState.QUANTIFIED)


def test_that_quantified_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        Quantity(value=None, unit=COPIES, state=ValueState.QUANTIFIED)
