"""Expansion, contraction and persistence phases of one profile, as slopes of its quantified samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labmon.kinetics.nca import LogFit, Nca, Sample, evaluable_profile, log_fit
from labmon.kinetics.student_t import t_quantile
from labmon.kinetics.withheld import Withheld

PERSISTENCE_FROM_DAY = 28
"""Contraction ends and persistence begins on this day, by definition of the two slopes."""

MIN_DOUBLING_POINTS = 2
MIN_SLOPE_POINTS = 3

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseValue:
    """One number of a phase with the count of samples it rests on, or why it is withheld."""

    value: float | None = None
    confidence: tuple[float, float | None] | None = None
    """The 95 % confidence interval of the regression; no right end is unbounded. Two points have none."""
    n: int = 0
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    doubling_time_apparent: PhaseValue
    """Days, from the quantified samples up to the peak."""
    doubling_time_bound: PhaseValue
    """Days: the doubling was at least this quick, from the last sample below LLOQ to the first quantified one."""
    lag: tuple[float, float] | None
    """The first quantifiable level was reached in this interval, open to the left; there is no point estimate."""
    lag_starts_at_blq: bool
    """The interval begins at a sample below LLOQ; otherwise at the infusion."""
    contraction_slope: PhaseValue
    """ln per day, from the peak to day 28."""
    persistence_slope: PhaseValue
    """ln per day, from day 28 on."""


def phases(samples: Sequence[Sample], nca: Nca) -> Phases:
    """The phases of a profile around the peak that `nca` found in it."""
    reason = nca.withheld.get("tmax")
    if reason is not None:
        none = PhaseValue(withheld=reason)
        return Phases(
            doubling_time_apparent=none,
            doubling_time_bound=none,
            lag=None,
            lag_starts_at_blq=False,
            contraction_slope=none,
            persistence_slope=none,
        )
    assert nca.tmax is not None  # held by the reason above
    assert nca.tfirst is not None
    tmax, tfirst = nca.tmax, nca.tfirst
    profile = evaluable_profile(samples)
    quantified = [s for s in profile if s.is_quantified]
    before = next((s for s in reversed(profile) if s.day < tfirst), None)
    # A visit on day 28 belongs to both slopes, whatever its hour.
    contraction = [s for s in quantified if s.day >= tmax and math.floor(s.day) <= PERSISTENCE_FROM_DAY]
    tail = [s for s in quantified if s.day >= max(tmax, PERSISTENCE_FROM_DAY)]
    return Phases(
        doubling_time_apparent=_doubling([s for s in quantified if s.day <= tmax]),
        doubling_time_bound=_doubling_bound(before, quantified[0]),
        lag=(before.day if before is not None else 0.0, tfirst),
        lag_starts_at_blq=before is not None,
        contraction_slope=_slope(contraction),
        persistence_slope=_slope(tail),
    )


def _doubling(rise: Sequence[Sample]) -> PhaseValue:
    if len(rise) < MIN_DOUBLING_POINTS:
        return PhaseValue(n=len(rise), withheld=Withheld.TOO_FEW_POINTS)
    fit = _fit(rise)
    if fit.slope <= 0:
        return PhaseValue(n=len(rise), withheld=Withheld.NOT_RISING)
    confidence: tuple[float, float | None] | None = None
    slopes = _confidence(fit)
    if slopes is not None:
        slowest, quickest = slopes
        confidence = math.log(2) / quickest, math.log(2) / slowest if slowest > 0 else None
    return PhaseValue(value=math.log(2) / fit.slope, confidence=confidence, n=len(rise))


def _doubling_bound(before: Sample | None, first: Sample) -> PhaseValue:
    if before is None:
        return PhaseValue(n=1, withheld=Withheld.NO_BLQ_BEFORE)
    if before.lloq is None:
        return PhaseValue(n=2, withheld=Withheld.LLOQ_UNKNOWN)
    assert first.value is not None  # quantified
    if first.value <= before.lloq:
        return PhaseValue(n=2, withheld=Withheld.NOT_RISING)
    return PhaseValue(value=math.log(2) * (first.day - before.day) / math.log(first.value / before.lloq), n=2)


def _slope(samples: Sequence[Sample]) -> PhaseValue:
    if len(samples) < MIN_SLOPE_POINTS:
        return PhaseValue(n=len(samples), withheld=Withheld.TOO_FEW_POINTS)
    fit = _fit(samples)
    return PhaseValue(value=fit.slope, confidence=_confidence(fit), n=len(samples))


def _confidence(fit: LogFit) -> tuple[float, float] | None:
    if fit.slope_se is None:
        return None
    margin = t_quantile(CONFIDENCE, fit.n - 2) * fit.slope_se
    return fit.slope - margin, fit.slope + margin


def _fit(samples: Sequence[Sample]) -> LogFit:
    return log_fit([s.day for s in samples], [s.value for s in samples if s.value is not None])
