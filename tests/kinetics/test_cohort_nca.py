import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.quantity import ValueState
from labmon.kinetics.cohort_nca import CohortSamples, analyse_cohort
from labmon.kinetics.nca import DEFAULT_SETTINGS, PARAMETERS, AucRule, BlqTreatment, NcaSettings, Sample, analyse
from labmon.kinetics.withheld import Withheld

NOT_DETECTED = ValueState.NOT_DETECTED


def assert_equal_to_the_loop(profiles: Sequence[Sequence[Sample]], settings: NcaSettings = DEFAULT_SETTINGS) -> int:
    """Compares every parameter and reason with the plain loop's; the number of values compared."""
    cohort = analyse_cohort(CohortSamples.of(profiles), settings)
    compared = 0
    for row, samples in enumerate(profiles):
        plain = analyse(samples, settings)
        for name in PARAMETERS:
            expected, found = plain.value(name), cohort.value(name, row)
            assert plain.withheld.get(name) == cohort.withheld(name, row), (row, name)
            if expected is None:
                assert found is None, (row, name)
            else:
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), (row, name)
                compared += 1
    return compared


EVERY_SETTING = [
    NcaSettings(blq_first=first, blq_middle=middle, auc_rule=rule, auc_to_first_blq=to_first)
    for first in BlqTreatment
    for middle in BlqTreatment
    for rule in AucRule
    for to_first in (False, True)
]


@pytest.mark.parametrize("settings", EVERY_SETTING, ids=lambda settings: settings.words)
def test_that_the_reference_profiles_give_the_loops_numbers_and_reasons(
    reference: list[dict[str, Any]], settings: NcaSettings
) -> None:
    profiles = [
        [
            Sample(day, None if blq or missing else value, state, 50)
            for day, value, blq, missing in zip(
                one["time"], one["conc_measured"], one["blq"], one["missing"], strict=True
            )
            for state in (ValueState.NO_RESULT if missing else NOT_DETECTED if blq else ValueState.QUANTIFIED,)
        ]
        for one in reference
    ]

    assert assert_equal_to_the_loop(profiles, settings) > 1200


# Three digits and half days, as laboratories report: differences of the last bit of a double decide nothing there.
VALUES = st.builds(lambda digits, power: digits * 10.0**power, st.integers(100, 999), st.integers(-1, 4))


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    state = draw(st.sampled_from([ValueState.QUANTIFIED] * 5 + list(ValueState)))
    value = draw(VALUES) if state is ValueState.QUANTIFIED else None
    lloq = draw(st.sampled_from([None, 1.0, 1.0, 1.0, 1.0, 50.0]))
    return Sample(draw(st.integers(-4, 250)) / 2, value, state, lloq, draw(st.sampled_from([None, None, 5e6, 900])))


SETTINGS = st.builds(
    NcaSettings,
    blq_first=st.sampled_from(BlqTreatment),
    blq_middle=st.sampled_from(BlqTreatment),
    blq_last=st.sampled_from(BlqTreatment),
    auc_rule=st.sampled_from(AucRule),
    auc_to_first_blq=st.booleans(),
)


def in_range(sample: Sample) -> Sample:
    """The same sample without limits, so that few profiles are refused for them."""
    return replace(sample, lloq=1.0, uloq=None)


@given(st.lists(st.lists(samples(), max_size=14), max_size=6), SETTINGS)
def test_that_any_profile_gives_the_loops_numbers_and_reasons(
    profiles: list[list[Sample]], settings: NcaSettings
) -> None:
    assert_equal_to_the_loop(profiles, settings)


@given(
    st.lists(st.lists(samples(), min_size=3, max_size=14, unique_by=lambda sample: sample.day), min_size=1, max_size=6),
    SETTINGS,
)
def test_that_profiles_nobody_refuses_give_the_loops_numbers(
    profiles: list[list[Sample]], settings: NcaSettings
) -> None:
    assert_equal_to_the_loop([[in_range(sample) for sample in profile] for profile in profiles], settings)


def test_that_the_order_and_the_length_of_other_profiles_change_nothing() -> None:
    short = [Sample(10.0, 1000.0, ValueState.QUANTIFIED, 50), Sample(0.0, None, NOT_DETECTED, 50)]
    long = [Sample(float(day), 5000.0 / (day + 1), ValueState.QUANTIFIED, 50) for day in range(40)]
    alone = analyse_cohort(CohortSamples.of([short]))
    together = analyse_cohort(CohortSamples.of([long, short]))

    for name in PARAMETERS:
        assert alone.value(name, 0) == together.value(name, 1)
        assert alone.withheld(name, 0) == together.withheld(name, 1)
    assert 5000 == alone.value("auc_0_tlast", 0)


@pytest.mark.parametrize("profiles", [[], [[]], [[], []]])
def test_that_a_cohort_without_samples_has_no_parameters(profiles: list[list[Sample]]) -> None:
    cohort = analyse_cohort(CohortSamples.of(profiles))

    for row in range(len(profiles)):
        assert {Withheld.NO_SAMPLES} == {cohort.withheld(name, row) for name in PARAMETERS}
        assert {None} == {cohort.value(name, row) for name in PARAMETERS}


def test_that_equal_values_have_no_terminal_slope_in_either_way() -> None:
    flat = [Sample(float(day), value, ValueState.QUANTIFIED) for day, value in enumerate((900, 70, 70, 70, 70))]

    assert Withheld.RISING_TAIL == analyse_cohort(CohortSamples.of([flat])).withheld("lambda_z", 0)
    assert Withheld.RISING_TAIL == analyse(flat).withheld["lambda_z"]


def test_that_samples_may_be_handed_over_as_arrays() -> None:
    shape = (3, 4)
    days = np.broadcast_to(np.array([0.0, 10.0, 21.0, 35.0]), shape)
    values = np.broadcast_to(np.array([np.nan, 1000.0, 100.0, np.nan]), shape)
    not_detected, quantified = (list(ValueState).index(s) for s in (NOT_DETECTED, ValueState.QUANTIFIED))
    states = np.broadcast_to(np.array([not_detected, quantified, quantified, not_detected], dtype=np.int8), shape)
    nowhere = np.full(shape, np.nan)
    found = analyse_cohort(CohortSamples(days=days, values=values, states=states, lloq=nowhere, uloq=nowhere))

    assert [9299.515] * 3 == pytest.approx(list(found.parameters["auc_0_28"]), abs=5e-4)
    assert math.isnan(found.parameters["auc_0_84"][0])
