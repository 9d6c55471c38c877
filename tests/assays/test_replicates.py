import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.assays.replicates import Replicate, WellOutcome, combine, cv_pct, exceeds
from labmon.domain.quantity import ValueState

LIMITS = {"lod": 3.6, "lloq": 10.0, "uloq": 1e6}


def well(copies: float | None, **changes) -> Replicate:
    outcome = WellOutcome.NO_CQ if copies is None else WellOutcome.CQ
    return Replicate(**{"outcome": outcome, "cq": None if copies is None else 30.0, "copies": copies, **changes})


@pytest.mark.parametrize(
    ("copies", "state", "value"),
    [
        ((100, 110, 120), ValueState.QUANTIFIED, 110),
        ((10, 10, 10), ValueState.QUANTIFIED, 10),
        ((9, 10, 10.5), ValueState.DETECTED_BELOW_LLOQ, None),
        ((3.6, 3.6), ValueState.DETECTED_BELOW_LLOQ, None),
        ((3, 3.5), ValueState.NOT_DETECTED, None),
        ((1e6,), ValueState.QUANTIFIED, 1e6),
        ((2e6,), ValueState.ABOVE_ULOQ, None),
        ((1000, 1000, None), ValueState.DETECTED_BELOW_LLOQ, None),
        ((None, None, None), ValueState.NOT_DETECTED, None),
    ],
)
def test_that_replicates_combine_by_the_stated_rule(copies, state: ValueState, value: float | None):
    combined = combine([well(each) for each in copies], **LIMITS)

    assert combined.quantity.state is state
    assert combined.quantity.value == value


def test_that_an_uncalled_well_is_no_evidence_of_absence():
    called = [well(None), well(None)]
    uncalled = Replicate(outcome=WellOutcome.NO_CALL)

    assert combine([*called, uncalled], **LIMITS).quantity.state is ValueState.NO_RESULT


def test_that_an_omitted_well_is_not_averaged():
    combined = combine([well(100), well(120), well(9000, is_omitted=True)], **LIMITS)

    assert combined.quantity.value == 110
    assert (combined.replicates_total, combined.replicates_omitted) == (2, 1)


def test_that_the_value_of_a_specimen_whose_wells_are_all_omitted_is_kept():
    combined = combine([well(100, is_omitted=True), well(120, is_omitted=True)], **LIMITS)

    assert combined.quantity.value == 110
    assert combined.replicates_omitted == 2


def test_that_replicates_with_a_cq_but_no_copies_have_no_result():
    assert combine([well(100), Replicate(outcome=WellOutcome.CQ, cq=30)], **LIMITS).quantity.state is (
        ValueState.NO_RESULT
    )


@given(
    detected=st.lists(st.floats(0.1, 1e5), max_size=4),
    silent=st.integers(1, 3),
)
def test_that_a_well_without_a_cq_never_enters_a_mean(detected: list[float], silent: int):
    combined = combine([*(well(each) for each in detected), *(well(None) for _ in range(silent))], **LIMITS)

    assert combined.quantity.value is None
    assert combined.quantity.state is (ValueState.DETECTED_BELOW_LLOQ if detected else ValueState.NOT_DETECTED)


@given(copies=st.lists(st.floats(10, 1e4), min_size=1, max_size=6), factor=st.floats(1.0, 90.0))
def test_that_scaling_the_wells_scales_the_value(copies: list[float], factor: float):
    plain = combine([well(each) for each in copies], lloq=10.0).quantity.value
    scaled = combine([well(each * factor) for each in copies], lloq=10.0).quantity.value

    assert plain is not None
    assert scaled == pytest.approx(plain * factor)


@given(st.permutations([12.0, 500.0, None, 90.0]))
def test_that_the_order_of_wells_does_not_matter(copies):
    assert combine([well(each) for each in copies], **LIMITS) == combine(
        [well(12.0), well(500.0), well(None), well(90.0)], **LIMITS
    )


def test_that_a_cv_of_exactly_the_limit_does_not_exceed_it():
    assert cv_pct([75, 100, 125]) == 25
    assert not exceeds(25.000000000000004, 25)
    assert exceeds(25.001, 25)
    assert cv_pct([100]) is None
