import math
from typing import Any

import pytest

from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import Sample, analyse
from labmon.kinetics.phases import Phases, phases
from labmon.kinetics.withheld import Withheld

NONE = ValueState.NOT_DETECTED


def of(*pairs: tuple[float, float | None], lloq: float | None = 50) -> Phases:
    """Phases of a profile; None stands for "not detected"."""
    samples = [Sample(day, value, NONE if value is None else ValueState.QUANTIFIED, lloq) for day, value in pairs]
    return phases(samples, analyse(samples))


def test_that_values_doubling_every_other_day_have_a_doubling_time_of_two_days() -> None:
    found = of((0, None), (4, 100), (6, 200), (8, 400), (20, 60))

    assert found.doubling_time_apparent.value == pytest.approx(2)
    assert 3 == found.doubling_time_apparent.n


def test_that_one_point_up_to_the_peak_has_no_doubling_time_but_a_bound() -> None:
    found = of((3, None), (9, 3200), (28, 60))

    assert Withheld.TOO_FEW_POINTS == found.doubling_time_apparent.withheld
    assert found.doubling_time_bound.value == pytest.approx(math.log(2) * 6 / math.log(3200 / 50))
    assert found.doubling_time_bound.value == pytest.approx(1.0)


def test_that_no_bound_is_given_without_a_sample_below_lloq_before() -> None:
    assert Withheld.NO_BLQ_BEFORE == of((9, 3200), (28, 60)).doubling_time_bound.withheld
    assert Withheld.NOT_RISING == of((0, None), (9, 50), (28, None)).doubling_time_bound.withheld
    assert Withheld.LLOQ_UNKNOWN == of((0, None), (9, 90), (28, 80), lloq=None).doubling_time_bound.withheld


def test_that_the_lag_is_an_interval_from_the_last_sample_below_lloq() -> None:
    assert (3, 7) == of((0, None), (3, None), (7, 100), (10, 5000)).lag
    assert (0, 7) == of((7, 100), (10, 5000)).lag


def test_that_contraction_runs_from_the_peak_to_day_28_and_persistence_from_there() -> None:
    found = of((0, None), (10, 80_000), (19, 80_000 / 2**3), (28.4, 80_000 / 2**6), (90, 900), (180, 800))

    assert (3, 3) == (found.contraction_slope.n, found.persistence_slope.n)
    assert found.contraction_slope.value == pytest.approx(-math.log(2) * 6 / 18.4, rel=0.01)
    assert found.persistence_slope.value is not None
    assert -0.01 < found.persistence_slope.value < 0


def test_that_two_points_make_no_slope() -> None:
    found = of((0, None), (10, 80_000), (28, 100))

    assert Withheld.TOO_FEW_POINTS == found.contraction_slope.withheld == found.persistence_slope.withheld
    assert 2 == found.contraction_slope.n


def test_that_a_slope_of_three_points_has_a_confidence_interval_by_students_t() -> None:
    # ln falls by 1.0, then by 0.4 in ten days each: slope -0.07, residuals 0.1 and 0.2, error sqrt(.06 / 200).
    found = of((0, 1000 * math.e), (10, 1000), (20, 1000 * math.exp(-0.4)), lloq=1).contraction_slope

    assert found.value == pytest.approx(-0.07)
    margin = 12.7062047362 * math.sqrt(0.06 / 200)
    assert found.confidence == pytest.approx((-0.07 - margin, -0.07 + margin))


def test_that_a_doubling_time_whose_slope_may_be_zero_has_no_upper_limit() -> None:
    sure = of((0, None), (4, 100), (6, 210), (8, 390)).doubling_time_apparent
    unsure = of((0, None), (4, 100), (6, 90), (8, 800)).doubling_time_apparent
    two = of((0, None), (4, 100), (6, 200)).doubling_time_apparent

    assert sure.value is not None
    assert sure.confidence is not None
    low, high = sure.confidence
    assert high is not None
    assert 0 < low < sure.value < high
    assert unsure.confidence is not None
    assert unsure.confidence[1] is None
    assert two.value == pytest.approx(2)
    assert two.confidence is None


def test_that_a_series_never_quantified_has_no_phases() -> None:
    found = of((0, None), (10, None))

    assert found.lag is None
    assert Withheld.NEVER_QUANTIFIED == found.doubling_time_apparent.withheld == found.contraction_slope.withheld


def test_that_the_bound_holds_for_nearly_every_simulated_profile(reference: list[dict[str, Any]]) -> None:
    bounds = []
    for one in reference:
        samples = [
            Sample(day, None if blq else value, NONE if blq else ValueState.QUANTIFIED, 50)
            for day, value, blq, missing in zip(
                one["time"], one["conc_measured"], one["blq"], one["missing"], strict=True
            )
            if not missing
        ]
        bound = phases(samples, analyse(samples)).doubling_time_bound.value
        if bound is not None:
            bounds.append(bound >= math.log(2) / one["truth"]["rho"])

    assert len(bounds) > 100
    assert sum(bounds) / len(bounds) > 0.9
