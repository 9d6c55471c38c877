import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from labmon.domain.clinical import Costimulation, EventKind
from labmon.domain.errors import UserError
from labmon.domain.quantity import ValueState
from labmon.kinetics import curve_priors
from labmon.kinetics.curve_fit import SHOWN_PARAMETERS, LossWindow, ModelCurve, fit_curve, model_curve
from labmon.kinetics.curve_priors import PARAMETERS, CurvePriors, load_priors
from labmon.kinetics.nca import Sample
from labmon.kinetics.timeline import build_timeline
from labmon.kinetics.withheld import Withheld

TRUTH = {
    "fold_expansion": 3000.0,
    "tmax": 11.0,
    "cmax": 40_000.0,
    "alpha": 0.2,
    "persisting_fraction": 0.01,
    "beta": 0.008,
}
RICH = (2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 17, 21, 25, 28, 35, 42, 60, 75, 90, 120, 150, 180, 240, 300, 360)
NOT_DETECTED = ValueState.NOT_DETECTED


def level(day: float, truth: dict[str, float] = TRUTH) -> float:
    since = day - truth["tmax"]
    if since < 0:
        return truth["cmax"] * truth["fold_expansion"] ** (since / truth["tmax"])
    stays = truth["persisting_fraction"]
    return truth["cmax"] * ((1 - stays) * math.exp(-truth["alpha"] * since) + stays * math.exp(-truth["beta"] * since))


def profile(
    days: Sequence[float], *, noise: float = 0.0, seed: int = 0, lloq: float = 1, truth: dict[str, float] = TRUTH
) -> tuple[Sample, ...]:
    rng = np.random.default_rng(seed)
    samples = []
    for day in days:
        value = level(day, truth) * math.exp(noise * float(rng.standard_normal()))
        is_seen = value >= lloq
        state = ValueState.QUANTIFIED if is_seen else NOT_DETECTED
        samples.append(Sample(float(day), value if is_seen else None, state, lloq))
    return tuple(samples)


@pytest.fixture(scope="module")
def priors() -> CurvePriors:
    return load_priors()


def fitted(samples: Sequence[Sample], priors: CurvePriors) -> ModelCurve:
    found = fit_curve(tuple(samples), Costimulation.FOUR_1BB, priors)
    assert isinstance(found, ModelCurve)
    return found


def value_on(curve: ModelCurve, day: float) -> float:
    return float(np.exp(np.interp(day, curve.days, np.log(curve.values))))


def test_that_many_exact_samples_recover_the_truth(priors: CurvePriors) -> None:
    found = fitted(profile(RICH), replace(priors, residual_sd=0.05))

    for name in PARAMETERS:
        assert found.estimates[name] == pytest.approx(TRUTH[name], rel=0.05), name
        assert found.shrinkage[name] < 0.1, name


def test_that_samples_as_noisy_as_published_recover_the_truth_within_a_factor_of_two(priors: CurvePriors) -> None:
    for seed in range(20):
        found = fitted(profile(RICH, noise=0.56, seed=seed), priors)
        for name in ("tmax", "cmax", "alpha", "beta"):
            assert 0.5 < found.estimates[name] / TRUTH[name] < 2, (seed, name)


def test_that_the_interval_holds_the_truth_about_as_often_as_it_says(priors: CurvePriors) -> None:
    rng = np.random.default_rng(7)
    held = []
    for seed in range(40):
        drawn = np.array(priors.means) + rng.standard_normal(6) * np.sqrt(priors.variances)
        truth = dict(zip(PARAMETERS, np.exp(drawn).tolist(), strict=True))
        truth["persisting_fraction"] /= 1 + truth["persisting_fraction"]
        samples = profile((4, 7, 10, 14, 21, 28, 60, 90, 180), noise=0.56, seed=seed, lloq=50, truth=truth)
        if sum(sample.is_quantified for sample in samples) < priors.minimum_quantified:
            continue
        found = fitted(samples, priors)
        for day in (7, 14, 28, 60, 120):
            low, high = np.interp(day, found.days, found.low), np.interp(day, found.days, found.high)
            held.append(low <= level(day, truth) <= high)

    assert len(held) > 150
    assert sum(held) / len(held) > 0.88


def test_that_two_samples_leave_what_they_say_nothing_about_at_the_population(priors: CurvePriors) -> None:
    found = fitted(profile((10, 14)), priors)

    assert found.shrinkage["beta"] > 0.95
    assert found.estimates["beta"] == pytest.approx(math.exp(priors.means[-1]), rel=0.02)
    assert found.shrinkage["cmax"] < 0.7
    assert all(0 < share <= 1 + 1e-9 for share in found.shrinkage.values())


def test_that_a_value_below_lloq_pulls_the_curve_down_and_only_towards_its_limit(priors: CurvePriors) -> None:
    early = profile((7, 10, 14, 21, 28))
    without = value_on(fitted([*early, Sample(180, level(180), ValueState.QUANTIFIED, 1)], priors), 180)
    below_50 = value_on(fitted([*early, Sample(180, None, NOT_DETECTED, 50)], priors), 180)
    below_5 = value_on(fitted([*early, Sample(180, None, NOT_DETECTED, 5)], priors), 180)
    below_a_million = fitted([*early, Sample(180, None, NOT_DETECTED, 1e9)], priors)

    assert below_5 < below_50 < without
    # A limit far above the curve says nothing: the population's slope stays.
    assert below_a_million.estimates["beta"] == pytest.approx(fitted(early, priors).estimates["beta"], rel=1e-3)


def test_that_a_value_above_uloq_pulls_the_curve_up(priors: CurvePriors) -> None:
    samples = profile((5, 14, 21, 28))
    saturated = [*samples, Sample(11, None, ValueState.ABOVE_ULOQ, 1, 400_000)]

    assert value_on(fitted(saturated, priors), 11) > 2 * value_on(fitted(samples, priors), 11)


def minus_log_posterior(at: Sequence[float], samples: Sequence[Sample], priors: CurvePriors) -> float:
    """The same posterior, written out plainly."""
    truth = dict(zip(PARAMETERS, [math.exp(each) for each in at], strict=True))
    truth["persisting_fraction"] /= 1 + truth["persisting_fraction"]
    cost = sum((a - m) ** 2 / v / 2 for a, m, v in zip(at, priors.means, priors.variances, strict=True))
    for sample in samples:
        curve = math.log(level(sample.day, truth))
        if sample.value is not None:
            cost += ((math.log(sample.value) - curve) / priors.residual_sd) ** 2 / 2
        else:
            assert sample.lloq is not None
            z = (math.log(sample.lloq) - curve) / priors.residual_sd
            cost -= math.log(math.erfc(-z / math.sqrt(2)) / 2)
    return cost


@pytest.mark.parametrize("seed", range(6))
def test_that_no_parameters_nearby_or_elsewhere_are_more_probable(priors: CurvePriors, seed: int) -> None:
    samples = profile((4, 7, 10, 14, 21, 28, 60, 90, 180), noise=0.56, seed=seed, lloq=50)
    found = fitted(samples, priors)
    odds = found.estimates["persisting_fraction"] / (1 - found.estimates["persisting_fraction"])
    best = [math.log(odds if name == "persisting_fraction" else found.estimates[name]) for name in PARAMETERS]
    cost = minus_log_posterior(best, samples, priors)

    rng = np.random.default_rng(seed)
    for spread in (1e-3, 0.03, 0.3, 1.0):
        for _ in range(200):
            other = (np.array(best) + spread * rng.standard_normal(6)).tolist()
            assert minus_log_posterior(other, samples, priors) > cost - 1e-3


def test_that_a_loss_is_predicted_with_its_uncertainty(priors: CurvePriors) -> None:
    found = fitted(profile((4, 7, 10, 12, 14, 21, 28, 60, 90, 120), lloq=50), priors)
    loss = found.loss
    assert loss is not None
    assert loss.best_day is not None
    assert loss.earliest_day is not None

    assert 50 == loss.lloq
    assert 120 < loss.best_day < 600
    assert loss.earliest_day < loss.best_day
    assert loss.latest_day is None or loss.best_day < loss.latest_day <= loss.horizon_days


def test_that_the_predicted_day_is_the_true_one_when_samples_are_many_and_exact(priors: CurvePriors) -> None:
    loss = fitted(profile([day for day in RICH if day <= 240], lloq=50), replace(priors, residual_sd=0.05)).loss
    assert loss is not None
    assert loss.best_day is not None

    # 400 copies/µg at the beginning of the slow phase fall to 50 in ln(8) / 0.008 days.
    assert loss.best_day == pytest.approx(TRUTH["tmax"] + math.log(8) / TRUTH["beta"], rel=0.05)
    assert loss.earliest_day is not None
    assert loss.latest_day is not None
    assert 200 < loss.earliest_day < loss.best_day < loss.latest_day < 400


def test_that_more_samples_narrow_the_window_of_loss(priors: CurvePriors) -> None:
    def width(days: Sequence[float]) -> float:
        loss = fitted(profile(days, lloq=50), replace(priors, residual_sd=0.2)).loss
        assert isinstance(loss, LossWindow)
        assert loss.earliest_day is not None
        return (loss.latest_day or loss.horizon_days) - loss.earliest_day

    few = (7, 10, 14)
    assert width((*few, 21, 28, 45, 60, 75, 90, 105, 120, 135, 150)) < width(few) / 1.5


def test_that_a_loss_that_was_seen_is_not_predicted(priors: CurvePriors) -> None:
    samples = [*profile((7, 10, 14, 21, 28)), Sample(60, None, NOT_DETECTED, 50), Sample(90, None, NOT_DETECTED, 50)]

    assert fitted(samples, priors).loss is None


def test_that_the_same_patient_has_the_same_band_each_time(priors: CurvePriors) -> None:
    samples = profile((7, 10, 14, 21, 28))
    first = fitted(samples, priors)
    fit_curve.cache_clear()

    assert (first.low, first.high) == (fitted(samples, priors).low, fitted(samples, priors).high)


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        ((), Withheld.NO_SAMPLES),
        ((Sample(10, 900, ValueState.QUANTIFIED, 50),), Withheld.TOO_FEW_POINTS),
        ((Sample(10, None, NOT_DETECTED, 50), Sample(28, None, NOT_DETECTED, 50)), Withheld.NEVER_QUANTIFIED),
        ((Sample(0, 900, ValueState.QUANTIFIED, 50), Sample(9, 90, ValueState.QUANTIFIED)), Withheld.TOO_FEW_POINTS),
        ((Sample(9, 900, ValueState.QUANTIFIED), Sample(9, 90, ValueState.QUANTIFIED)), Withheld.DUPLICATE_TIMES),
        (
            (Sample(9, 9, ValueState.QUANTIFIED, 50), Sample(28, 90, ValueState.QUANTIFIED)),
            Withheld.CONTRADICTORY_LIMITS,
        ),
    ],
)
def test_that_a_curve_is_refused_where_it_would_be_the_population_alone(
    priors: CurvePriors, samples: tuple[Sample, ...], reason: Withheld
) -> None:
    assert reason == fit_curve(samples, Costimulation.FOUR_1BB, priors)


@pytest.mark.parametrize("costimulation", [Costimulation.CD28, Costimulation.OTHER, Costimulation.UNKNOWN])
def test_that_only_products_of_the_published_model_have_a_curve(
    priors: CurvePriors, costimulation: Costimulation
) -> None:
    assert Withheld.NOT_OF_THE_MODELS_PRODUCTS == fit_curve(profile((7, 10, 14)), costimulation, priors)


def test_that_the_fold_expansion_is_not_shown() -> None:
    assert {*PARAMETERS} - {*SHOWN_PARAMETERS} == {"fold_expansion"}


def test_that_a_course_is_fitted_to_its_own_samples_until_it_ended(study, as_of: Callable[[int], date]) -> None:
    infusion = replace(study.record.infusions[0], car_costimulation=Costimulation.FOUR_1BB)
    study.record = replace(study.record, infusions=(infusion,))
    study.measure(-7, NOT_DETECTED)
    study.measure_all([(7, 4000), (10, 41_300), (28, 800)])
    study.measure(14, 9e6, held_reason="slope")
    before = build_timeline(study.record, study.results, as_of=as_of(400))
    study.happen(EventKind.HSCT, 60)
    study.measure_all([(90, 70_000)])
    after = build_timeline(study.record, study.results, as_of=as_of(400))
    assert before is not None
    assert after is not None

    assert isinstance(model_curve(before), ModelCurve)
    assert model_curve(before) is model_curve(after), "the same samples are fitted once"
    study.measure(10, 50_000)
    twice = build_timeline(study.record, study.results, as_of=as_of(400))
    assert twice is not None
    assert Withheld.DUPLICATE_TIMES == model_curve(twice)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("id = ", "Invalid value"),
        ("id = 'x'", "states no parameters"),
        ("[parameters.fold_expansion]\ntypical = 0\nvariance = 1\n[fit]", "above 0"),
    ],
)
def test_that_priors_that_cannot_be_used_are_refused(monkeypatch: pytest.MonkeyPatch, text: str, detail: str) -> None:
    monkeypatch.setattr(curve_priors, "read_text", lambda *_parts: text)

    with pytest.raises(UserError, match=f"K608.*{detail}"):
        load_priors("broken-" + detail)


def test_that_missing_priors_are_refused() -> None:
    with pytest.raises(UserError, match=r"K608 absent\.toml is missing"):
        load_priors("absent")
