import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import (
    PARAMETERS,
    AucRule,
    BlqTreatment,
    Nca,
    NcaSettings,
    Sample,
    analyse,
    area,
    concentrations,
    evaluable_profile,
)
from labmon.kinetics.withheld import Withheld

LINEAR = NcaSettings(auc_rule=AucRule.LINEAR)
NOT_DETECTED = ValueState.NOT_DETECTED


def profile(days: Sequence[float], values: Sequence[float | ValueState], lloq: float | None = 50) -> list[Sample]:
    """Samples by day; 0 stands for "not detected"."""
    samples = []
    for day, value in zip(days, values, strict=True):
        if isinstance(value, ValueState):
            samples.append(Sample(day, None, value, lloq))
        elif value == 0:
            samples.append(Sample(day, None, NOT_DETECTED, lloq))
        else:
            samples.append(Sample(day, value, ValueState.QUANTIFIED, lloq))
    return samples


HALF = BlqTreatment.HALF_LLOQ
KEEP = BlqTreatment.KEEP
FIVE = ((0, 7, 14, 21, 28), (0, 100, 0, 50, 20))


@pytest.mark.parametrize(
    ("days", "values", "settings", "linear", "log_down"),
    [
        ((0, 10, 21, 35), (0, 1000, 100, 0), NcaSettings(), 11050, 9299.515),
        ((0, 10, 21, 35), (0, 1000, 100, 10), NcaSettings(), 11592.5, 9715.257),
        (*FIVE, NcaSettings(), 1645, 1589.071),
        (*FIVE, NcaSettings(blq_middle=KEEP), 1120, 1104.185),
        (*FIVE, NcaSettings(blq_middle=HALF), 1295, 1220.392),
        (*FIVE, NcaSettings(blq_first=HALF, blq_middle=HALF), 1382.5, 1307.892),
        ((0, 10, 21, 35), (0, 1000, 100, 0), NcaSettings(auc_to_first_blq=True), 11575, 9824.515),
    ],
)
def test_that_the_area_to_day_28_equals_the_one_computed_by_hand(
    days: tuple[int, ...], values: tuple[int, ...], settings: NcaSettings, linear: float, log_down: float
) -> None:
    # 10 and 20 are quantified there although the LLOQ that a dropped value is halved from is 50: no limit on those.
    samples = [replace(s, lloq=None) if s.is_quantified else s for s in profile(days, values)]

    assert linear == pytest.approx(analyse(samples, replace(settings, auc_rule=AucRule.LINEAR)).auc_0_28, abs=5e-4)
    assert log_down == pytest.approx(analyse(samples, settings).auc_0_28, abs=5e-4)


# --- the reference engine ---------------------------------------------------------------------------------------------

SAME = {
    "cmax": "cmax",
    "tmax": "tmax",
    "tfirst": "tfirst",
    "tlast": "tlast",
    "clast": "clast.obs",
    "auc_0_tlast": "auclast",
    "auc_0_28": "auc_last_0_28_clean",
    "auc_0_84": "auc_last_0_84_clean",
    "lambda_z": "lambda.z",
    "half_life": "half.life",
    "lambda_z_points": "lambda.z.n.points",
    "adj_r_squared": "adj.r.squared",
    "span_ratio": "span.ratio",
}


def samples_of(reference: dict[str, Any]) -> list[Sample]:
    values = [
        ValueState.NO_RESULT if missing else NOT_DETECTED if blq else value
        for value, blq, missing in zip(reference["conc_measured"], reference["blq"], reference["missing"], strict=True)
    ]
    return profile(reference["time"], values)


def test_that_every_parameter_equals_the_reference_or_is_withheld_for_a_stated_reason(
    reference: list[dict[str, Any]],
) -> None:
    outcomes: Counter[str] = Counter()
    different = []
    for one in reference:
        ours = analyse(samples_of(one))
        for name, theirs_name in SAME.items():
            theirs, value = one["expected"][theirs_name], ours.value(name)
            if value is None and theirs is not None:
                outcomes[f"refused: {ours.withheld[name]}"] += 1
            elif value is None and theirs is None:
                outcomes["neither"] += 1
            elif theirs is not None and value == pytest.approx(theirs, rel=1e-8):
                outcomes["equal"] += 1
            else:
                different.append((one["id"], name, value, theirs))

    assert not different
    assert {
        "equal": 1317,
        "neither": 208,
        "refused: last_sample_before_tau": 18,
        "refused: never_quantified": 15,
        "refused: one_sample": 2,
    } == dict(outcomes)


def test_that_the_tail_is_called_rising_exactly_where_the_reference_finds_no_declining_window(
    reference: list[dict[str, Any]],
) -> None:
    ours = {one["id"]: analyse(samples_of(one)).withheld.get("lambda_z") for one in reference}

    for one in reference:
        said = "; ".join(one["exclude"])
        expected = None
        if "No valid terminal phase" in said:
            expected = Withheld.RISING_TAIL
        elif "Too few points" in said:
            expected = Withheld.TOO_FEW_POINTS
        assert expected == ours[one["id"]], one["id"]


def test_that_the_area_to_the_first_sample_below_lloq_equals_the_reference(reference: list[dict[str, Any]]) -> None:
    compared = 0
    for one in reference:
        ours = analyse(samples_of(one), NcaSettings(auc_to_first_blq=True))
        for tau in (28, 84):
            value = ours.value(f"auc_0_{tau}")
            if value is not None:
                compared += 1
                assert one["expected"][f"auc_all_0_{tau}_clean"] == pytest.approx(value, rel=1e-8), one["id"]

    assert compared > 200


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_that_a_series_never_above_lloq_has_no_area_of_zero() -> None:
    nca = analyse(profile((0, 7, 14, 28), (0, 0, 0, 0)))

    assert [None] * len(PARAMETERS) == [nca.value(name) for name in PARAMETERS]
    assert Withheld.NEVER_QUANTIFIED == nca.withheld["auc_0_28"] == nca.withheld["cmax"] == nca.withheld["tlast"]
    assert Withheld.TOO_FEW_POINTS == nca.withheld["lambda_z"]


def test_that_one_sample_makes_no_area_but_has_a_peak() -> None:
    nca = analyse(profile((28,), (8664.84,)))

    assert (8664.84, 28) == (nca.cmax, nca.tmax)
    assert {Withheld.ONE_SAMPLE} == {nca.withheld[name] for name in ("auc_0_tlast", "auc_0_28", "auc_0_84")}


def test_that_a_day_0_sample_makes_a_second_point() -> None:
    assert 28 * 1000 / 2 == analyse(profile((0, 28), (0, 1000))).auc_0_28


def test_that_an_area_to_the_last_value_needs_a_sample_on_day_0_and_one_to_day_28_begins_at_nothing() -> None:
    nca = analyse(profile((7, 28), (700, 70)))

    assert Withheld.NO_DAY_0_SAMPLE == nca.withheld["auc_0_tlast"]
    assert nca.auc_0_28 == pytest.approx(7 * 700 / 2 + 21 * 630 / math.log(10))


def test_that_an_area_is_not_labelled_28_days_when_the_last_sample_was_drawn_on_day_26() -> None:
    nca = analyse(profile((0, 10, 26), (0, 1000, 100)))

    assert Withheld.LAST_SAMPLE_BEFORE_TAU == nca.withheld["auc_0_28"]
    assert nca.auc_0_tlast is not None


def test_that_the_area_is_complete_when_the_value_was_gone_before_day_28_and_somebody_looked_after() -> None:
    nca = analyse(profile((0, 10, 21, 35), (0, 1000, 100, 0)))

    assert nca.auc_0_tlast == nca.auc_0_28
    assert Withheld.LAST_SAMPLE_BEFORE_TAU == nca.withheld["auc_0_84"]


def test_that_a_value_above_uloq_withholds_the_peak_and_every_area_over_it() -> None:
    nca = analyse(profile((0, 7, 10, 14, 21, 28, 90), (0, 500, ValueState.ABOVE_ULOQ, 4000, 900, 100, 60)))

    refused = {name for name, reason in nca.withheld.items() if reason is Withheld.ABOVE_ULOQ_AT_PEAK}
    assert {"cmax", "tmax", "auc_0_tlast", "auc_0_28", "auc_0_84", "lambda_z"} <= refused
    assert (7, 90, 60) == (nca.tfirst, nca.tlast, nca.clast)


def test_that_a_value_above_uloq_after_day_28_leaves_the_area_before_it() -> None:
    nca = analyse(profile((0, 10, 28, 60), (0, 1000, 100, ValueState.ABOVE_ULOQ)))

    assert nca.auc_0_28 is not None
    assert Withheld.ABOVE_ULOQ_AT_PEAK == nca.withheld["cmax"] == nca.withheld["clast"]


def test_that_two_samples_at_one_time_withhold_everything() -> None:
    nca = analyse(profile((0, 7, 7, 28), (0, 500, 600, 100)))

    assert dict.fromkeys(PARAMETERS, Withheld.DUPLICATE_TIMES) == nca.withheld


def test_that_a_failed_sample_beside_a_good_one_is_no_duplicate() -> None:
    good = profile((0, 7, 14, 28), (0, 500, 900, 100))

    assert analyse(good) == analyse([*good, Sample(7, None, ValueState.NO_RESULT)])


def test_that_a_quantified_value_below_its_own_lloq_is_a_contradiction() -> None:
    assert Withheld.CONTRADICTORY_LIMITS == analyse(profile((0, 7, 28), (0, 49.9, 60))).withheld["cmax"]
    assert 50 == analyse(profile((0, 7, 28), (0, 50, 0))).cmax


def test_that_half_the_lloq_is_not_invented_where_the_run_has_none() -> None:
    nca = analyse(profile((0, 7, 14, 28), (0, 500, 0, 100), lloq=None), NcaSettings(blq_middle=HALF))

    assert Withheld.LLOQ_UNKNOWN == nca.withheld["auc_0_28"]
    assert 500 == nca.cmax


def test_that_samples_before_the_infusion_are_no_part_of_the_profile() -> None:
    after = profile((0, 7, 14, 28), (0, 500, 900, 100))

    assert analyse(after) == analyse([*profile((-7,), (800,)), *after])


def test_that_a_measured_zero_counts_as_below_lloq() -> None:
    zero = [Sample(0, 0.0, ValueState.QUANTIFIED), Sample(28, 0.0, ValueState.QUANTIFIED)]

    assert Withheld.NEVER_QUANTIFIED == analyse(zero).withheld["cmax"]


# --- the terminal slope -----------------------------------------------------------------------------------------------


def test_that_the_half_life_of_a_pure_decay_is_found_from_all_points_after_the_peak() -> None:
    days = (0, 10, 20, 30, 40, 50)
    nca = analyse(profile(days, (0, *(80_000 * 2 ** (-(day - 10) / 5) for day in days[1:]))))

    assert nca.half_life == pytest.approx(5)
    assert 4 == nca.lambda_z_points
    assert nca.adj_r_squared == pytest.approx(1)
    assert nca.span_ratio == pytest.approx(30 / 5)
    assert (20, 50) == (nca.lambda_z_first, nca.lambda_z_last)


def test_that_the_peak_itself_is_not_on_the_terminal_slope() -> None:
    assert Withheld.TOO_FEW_POINTS == analyse(profile((0, 10, 20, 30), (0, 8000, 800, 80))).withheld["half_life"]


def test_that_a_rising_tail_is_told_from_too_few_points() -> None:
    rising = profile((0, 10, 20, 30, 40, 50), (0, 8000, 800, 100, 200, 400))

    assert Withheld.RISING_TAIL == analyse(rising).withheld["lambda_z"]


def test_that_a_flat_tail_is_no_half_life() -> None:
    assert Withheld.RISING_TAIL == analyse(profile((0, 10, 20, 30, 40), (0, 8000, 100, 100, 100))).withheld["lambda_z"]


# --- laws -------------------------------------------------------------------------------------------------------------

values = st.one_of(st.just(0.0), st.floats(50, 1e6))


@st.composite
def profiles(draw: st.DrawFn) -> list[Sample]:
    """Profiles from day 0 with followed-up quarter days and values at or above 50, or none."""
    quarters = draw(st.lists(st.integers(1, 400 * 4), min_size=2, max_size=12, unique=True))
    days = [0.0, *sorted(quarter / 4 for quarter in quarters)]
    return profile(days, draw(st.lists(values, min_size=len(days), max_size=len(days))))


@given(profiles(), st.floats(0, 400), st.sampled_from(AucRule))
def test_that_areas_of_two_neighbouring_intervals_add_up(samples: list[Sample], cut: float, rule: AucRule) -> None:
    if not any(s.reaches_lloq for s in samples):
        return
    curve = concentrations(evaluable_profile(samples))
    whole, left, right = (area(curve, a, b, rule) for a, b in ((0, 400), (0, cut), (cut, 400)))

    assert whole is not None
    assert left is not None
    assert right is not None
    assert whole == pytest.approx(left + right, rel=1e-9, abs=1e-6)


@given(profiles(), st.floats(0.01, 1000))
def test_that_ten_times_the_value_is_ten_times_the_area_and_the_same_half_life(
    samples: list[Sample], factor: float
) -> None:
    scaled = [
        Sample(
            s.day, None if s.value is None else s.value * factor, s.state, None if s.lloq is None else s.lloq * factor
        )
        for s in samples
    ]
    before, after = analyse([replace(s, lloq=None) for s in samples]), analyse([replace(s, lloq=None) for s in scaled])

    assert before.tmax == after.tmax
    for name in ("cmax", "clast", "auc_0_tlast", "auc_0_28", "auc_0_84"):
        assert_scaled(before, after, name, factor)


@given(profiles(), st.sampled_from((0.5, 2.0, 24.0)))
def test_that_counting_in_other_units_of_time_scales_the_area(samples: list[Sample], factor: float) -> None:
    before = analyse(samples)
    after = analyse([replace(s, day=s.day * factor) for s in samples])

    assert before.cmax == after.cmax
    for name in ("tmax", "tfirst", "tlast", "auc_0_tlast"):
        assert_scaled(before, after, name, factor)


def assert_scaled(before: Nca, after: Nca, name: str, factor: float) -> None:
    old, new = before.value(name), after.value(name)
    assert (old is None) == (new is None)
    if old is not None:
        assert new == pytest.approx(old * factor, rel=1e-9)


@given(profiles())
def test_that_the_logarithmic_rule_never_gives_more_than_the_linear_one(samples: list[Sample]) -> None:
    log_down, linear = analyse(samples).auc_0_tlast, analyse(samples, LINEAR).auc_0_tlast

    if log_down is not None and linear is not None:
        assert log_down <= linear * (1 + 1e-12)


@given(profiles(), st.randoms(use_true_random=False))
def test_that_the_order_in_which_samples_arrive_changes_nothing(samples: list[Sample], random: Any) -> None:
    shuffled = list(samples)
    random.shuffle(shuffled)

    assert analyse(samples) == analyse(shuffled)


@given(profiles())
def test_that_the_area_equals_many_small_steps_along_the_interpolated_curve(samples: list[Sample]) -> None:
    nca = analyse(samples)
    if nca.auc_0_tlast is None:
        return
    total = 0.0
    steps = 200
    for (t1, c1), (t2, c2) in pairwise(concentrations(evaluable_profile(samples))):
        assert c1 is not None
        assert c2 is not None
        for k in range(steps):
            share = (k + 0.5) / steps
            height = c1 * math.exp(share * math.log(c2 / c1)) if 0 < c2 < c1 else c1 + share * (c2 - c1)
            total += height * (t2 - t1) / steps

    assert nca.auc_0_tlast == pytest.approx(total, rel=2e-3)


@given(profiles(), st.data())
def test_that_losing_a_value_to_the_lloq_never_lengthens_the_time_it_was_seen(
    samples: list[Sample], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(samples) - 1))
    worse = [*samples]
    worse[index] = Sample(samples[index].day, None, ValueState.DETECTED_BELOW_LLOQ, 50)
    before, after = analyse(samples), analyse(worse)

    assert (after.tlast or 0) <= (before.tlast or 0)
    assert (after.cmax or 0) <= (before.cmax or 0)
