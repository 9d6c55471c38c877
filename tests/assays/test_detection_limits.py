import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.assays.detection_limits import (
    copies_per_ug,
    limit_per_ug,
    mrd_sensitivity_fraction,
    percent_of,
    quantity_by_events,
)
from labmon.domain.quantity import Quantity, Unit, ValueState


def car_of(events: int, cd3_events: int) -> Quantity:
    return quantity_by_events(
        events,
        value=percent_of(events, cd3_events),
        unit=Unit.PERCENT,
        per_event=percent_of(1, cd3_events),
        lod_events=13,
        lloq_events=22,
        lloq_floor=0.05,
    )


@pytest.mark.parametrize(
    ("events", "cd3_events", "state"),
    [
        (22, 22_000, ValueState.QUANTIFIED),
        (21, 22_000, ValueState.DETECTED_BELOW_LLOQ),
        (13, 22_000, ValueState.DETECTED_BELOW_LLOQ),
        (12, 22_000, ValueState.NOT_DETECTED),
        (0, 22_000, ValueState.NOT_DETECTED),
        (22, 44_000, ValueState.QUANTIFIED),  # exactly 0.05 %
        (22, 44_001, ValueState.DETECTED_BELOW_LLOQ),
        (40, 100_000, ValueState.DETECTED_BELOW_LLOQ),  # enough events, below 0.05 % of T cells
        (50, 100_000, ValueState.QUANTIFIED),
    ],
)
def test_that_22_events_quantify_and_13_detect(events: int, cd3_events: int, state: ValueState):
    assert car_of(events, cd3_events).state is state


def test_that_the_flow_lloq_is_the_larger_of_22_events_and_the_assays_percentage():
    assert car_of(100, 22_000).lloq == pytest.approx(0.1)
    assert car_of(100, 22_000).lod == pytest.approx(100 * 13 / 22_000)
    assert car_of(100, 1_000_000).lloq == 0.05


def test_that_22_of_22000_are_exactly_a_tenth_of_a_percent():
    assert car_of(22, 22_000).value == 0.1


def test_that_the_lloq_per_ug_grows_when_less_dna_went_in():
    assert limit_per_ug(50, 10, 200) == 50
    assert limit_per_ug(50, 10, 400) == 50
    assert limit_per_ug(50, 10, 100) == 100
    assert copies_per_ug(10, 200) == 50


@given(copies=st.floats(0.1, 1e6), ng=st.floats(1, 1000), factor=st.floats(0.1, 10))
def test_that_copies_per_ug_scale_with_copies_and_against_mass(copies: float, ng: float, factor: float):
    assert copies_per_ug(copies * factor, ng * factor) == pytest.approx(copies_per_ug(copies, ng))


@pytest.mark.parametrize(
    ("cells", "lod", "lloq"),
    [
        (200_000, 1.0e-4, 2.5e-4),
        (500_000, 4.0e-5, 1.0e-4),
        (1_000_000, 2.0e-5, 5.0e-5),
        (2_000_000, 1.0e-5, 2.5e-5),
        (4_000_000, 5.0e-6, 1.25e-5),
        (10_000_000, 2.0e-6, 5.0e-6),
    ],
)
def test_that_the_sensitivity_follows_from_the_cells(cells: int, lod: float, lloq: float):
    assert mrd_sensitivity_fraction(total_cells=cells, k_events=20) == pytest.approx(lod)
    assert mrd_sensitivity_fraction(total_cells=cells, k_events=50) == pytest.approx(lloq)


def test_that_no_sample_earns_more_than_the_validated_limit():
    assert mrd_sensitivity_fraction(total_cells=10_000_000, k_events=50, validated=(1e-5,)) == 1e-5


def test_that_nothing_is_claimed_of_nothing():
    assert mrd_sensitivity_fraction(total_cells=None, k_events=50) is None
    assert mrd_sensitivity_fraction(total_cells=0, k_events=50) is None
