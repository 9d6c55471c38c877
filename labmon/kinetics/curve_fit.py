"""The model-assisted curve of one course: the published population model, drawn towards the patient's own samples.

Expansion to a peak, then two exponentials (Stein 2019), by maximum a posteriori: the priors are always in force, since
without them sparse samples put the late slope anywhere. A value below LLOQ counts as what it is, somewhere below. The
curve is a picture to think with; no rule of a protocol may read it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Costimulation, SpecimenType
from labmon.domain.quantity import ValueState
from labmon.kinetics.curve_priors import PARAMETERS, CurvePriors, load_priors
from labmon.kinetics.nca import Sample, evaluable_profile, refusal
from labmon.kinetics.parameters import in_course, samples_of
from labmon.kinetics.persistence import PersistenceState, persistence
from labmon.kinetics.timeline import Timeline, contradictory_limits, has_duplicate_times
from labmon.kinetics.withheld import Withheld

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LABEL = "model-assisted, population-informed"

SHOWN_PARAMETERS = ("tmax", "cmax", "alpha", "persisting_fraction", "beta")
"""The fold expansion is a nuisance: sparse samples say nothing about it."""

_STEPS = 60
_SETTLED = 1e-9
_DRAWS = 400
_SEED = 20190509
"""The same patient has the same band each time."""
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LossWindow:
    """When the curve goes below the LLOQ. An end of None lies beyond `horizon_days`."""

    lloq: float
    best_day: float | None
    earliest_day: float | None
    latest_day: float | None
    horizon_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCurve:
    """The curve with its pointwise interval, which is the curve's own: single results scatter further around it."""

    source: str
    interval: float
    days: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    estimates: Mapping[str, float]
    shrinkage: Mapping[str, float]
    """Posterior over prior variance by parameter: at 1 the samples said nothing and the number is the population's."""
    n_quantified: int
    n_below_lloq: int
    loss: LossWindow | None
    """None when the loss was already seen, or no LLOQ is known."""


def model_curve(timeline: Timeline, priors: CurvePriors | None = None) -> ModelCurve | Withheld:
    """The curve of the transgene per µg DNA in blood, or why there is none. The same samples are fitted once."""
    if priors is None:
        priors = load_priors()
    analyte = Analyte.TRANSGENE_COPIES_PER_UG_DNA
    points = in_course(timeline.evaluable(analyte, SpecimenType.PERIPHERAL_BLOOD), timeline.ended)
    if any(point.result.quantity.unit is not priors.unit for point in points):
        return Withheld.UNITS_MIXED
    if has_duplicate_times(points):
        return Withheld.DUPLICATE_TIMES
    if contradictory_limits(analyte, points):
        return Withheld.CONTRADICTORY_LIMITS
    return fit_curve(samples_of(points), timeline.infusion.car_costimulation, priors)


@lru_cache(maxsize=256)
def fit_curve(samples: tuple[Sample, ...], costimulation: Costimulation, priors: CurvePriors) -> ModelCurve | Withheld:
    """The curve of a profile in the unit of the priors. Samples of day 0 and before say nothing about expansion."""
    if costimulation not in priors.costimulation:
        return Withheld.NOT_OF_THE_MODELS_PRODUCTS
    reason = refusal(evaluable_profile(samples))
    if reason is not None:
        return reason
    profile = [sample for sample in evaluable_profile(samples) if sample.day > 0]
    quantified = [sample for sample in profile if sample.is_quantified]
    if len(quantified) < priors.minimum_quantified:
        return Withheld.TOO_FEW_POINTS if quantified else Withheld.NEVER_QUANTIFIED
    data = _Data.of(profile)
    best, covariance = _Posterior(data, priors).mode()
    return _curve(profile, data, best, covariance, priors)


def _curve(profile: Sequence[Sample], data: _Data, best: Floats, covariance: Floats, priors: CurvePriors) -> ModelCurve:
    import numpy as np

    draws = np.random.default_rng(_SEED).multivariate_normal(best, covariance, _DRAWS, method="cholesky")
    last = profile[-1].day
    days = np.unique(np.concatenate([np.linspace(0, 28, 57), np.linspace(28, max(last, 28.0), 73)]))
    values = np.exp(_log_curve(best[None, :], days)[0])
    tail = (1 - priors.interval) / 2
    low, high = np.exp(np.quantile(_log_curve(draws, days), (tail, 1 - tail), axis=0))
    natural = np.exp(best)
    natural[4] = natural[4] / (1 + natural[4])
    shares = np.diag(covariance) / np.array(priors.variances)
    return ModelCurve(
        source=priors.source,
        interval=priors.interval,
        days=tuple(days.tolist()),
        values=tuple(values.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        estimates=MappingProxyType({n: float(v) for n, v in zip(PARAMETERS, natural, strict=True)}),
        shrinkage=MappingProxyType({n: float(v) for n, v in zip(PARAMETERS, shares, strict=True)}),
        n_quantified=int(data.is_quantified.sum()),
        n_below_lloq=int(data.is_below.sum()),
        loss=_loss(profile, best, draws, priors),
    )


def _loss(profile: Sequence[Sample], best: Floats, draws: Floats, priors: CurvePriors) -> LossWindow | None:
    import numpy as np

    seen = persistence(profile).state
    lloq = next((sample.lloq for sample in reversed(profile) if sample.lloq), None)
    if lloq is None or seen not in (PersistenceState.ONGOING, PersistenceState.UNCONFIRMED):
        return None
    days = np.sort(_crossing(draws, math.log(lloq), priors.horizon_days))
    tail = (1 - priors.interval) / 2

    def known(day: float) -> float | None:
        return float(day) if math.isfinite(day) else None

    return LossWindow(
        lloq=lloq,
        best_day=known(_crossing(best[None, :], math.log(lloq), priors.horizon_days)[0]),
        earliest_day=known(days[math.floor(tail * len(days))]),
        latest_day=known(days[math.ceil((1 - tail) * len(days)) - 1]),
        horizon_days=priors.horizon_days,
    )


def _crossing(parameters: Floats, log_level: float, horizon: float) -> Floats:
    """The day after its peak on which each curve falls to a level; infinite beyond the horizon."""
    import numpy as np

    early = np.exp(parameters[:, 1])
    late = np.maximum(early, horizon)
    stays = _log_curve_each(parameters, late) > log_level
    for _ in range(_HALVINGS):
        middle = (early + late) / 2
        is_above = _log_curve_each(parameters, middle) > log_level
        early, late = np.where(is_above, middle, early), np.where(is_above, late, middle)
    days: Floats = np.where(stays, np.inf, late)
    return days


# --- the model, on transformed parameters -----------------------------------------------------------------------------


def _log_curve(parameters: Floats, days: Floats) -> Floats:
    """ln of the curve: one row a set of parameters, one column a day."""
    return _log_curve_each(parameters[:, None, :], days[None, :])


def _log_curve_each(parameters: Floats, days: Floats) -> Floats:
    import numpy as np

    log_fold, tmax, log_cmax = parameters[..., 0], np.exp(parameters[..., 1]), parameters[..., 2]
    since = np.maximum(days - tmax, 0.0)
    quick = -np.logaddexp(0, parameters[..., 4]) - np.exp(parameters[..., 3]) * since
    slow = -np.logaddexp(0, -parameters[..., 4]) - np.exp(parameters[..., 5]) * since
    rising = log_cmax - log_fold * (1 - days / tmax)
    falling = log_cmax + np.logaddexp(quick, slow)
    curve: Floats = np.where(days < tmax, rising, falling)
    return curve


def _derivatives(parameters: Floats, days: Floats) -> Floats:
    """The derivatives of `_log_curve` by each parameter, as a third axis."""
    import numpy as np

    p = parameters[:, None, :]
    t = days[None, :]
    tmax, alpha, beta = np.exp(p[..., 1]), np.exp(p[..., 3]), np.exp(p[..., 5])
    since = np.maximum(t - tmax, 0.0)
    log_stays = -np.logaddexp(0, -p[..., 4])
    quick = -np.logaddexp(0, p[..., 4]) - alpha * since
    slow = log_stays - beta * since
    share = np.exp(slow - np.logaddexp(quick, slow))
    is_rising = t < tmax
    zero = np.zeros_like(since)
    return np.stack(
        [
            np.where(is_rising, t / tmax - 1, 0.0),
            np.where(is_rising, -p[..., 0] * t / tmax, tmax * (alpha * (1 - share) + beta * share)),
            zero + 1,
            np.where(is_rising, 0.0, -alpha * since * (1 - share)),
            np.where(is_rising, 0.0, share - np.exp(log_stays)),
            np.where(is_rising, 0.0, -beta * since * share),
        ],
        axis=-1,
    )


# --- likelihood and its maximum ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """What was seen on each day: ln of the value, or of the limit it lies beyond."""

    days: Floats
    logs: Floats
    is_quantified: npt.NDArray[np.bool_]
    is_below: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, profile: Sequence[Sample]) -> _Data:
        import numpy as np

        seen = []
        for sample in profile:
            if sample.is_quantified:
                seen.append((sample.day, sample.value, True, False))
            elif sample.state is ValueState.ABOVE_ULOQ:
                seen.append((sample.day, sample.uloq, False, False))
            else:
                seen.append((sample.day, sample.lloq, False, True))
        known = [(day, math.log(level), *what) for day, level, *what in seen if level is not None and level > 0]
        days, logs, is_quantified, is_below = zip(*known, strict=True)
        return cls(
            days=np.array(days, dtype=np.float64),
            logs=np.array(logs),
            is_quantified=np.array(is_quantified, dtype=np.bool_),
            is_below=np.array(is_below, dtype=np.bool_),
        )


class _Posterior:
    """Minus the log posterior of a patient's parameters; every row of parameters is one starting point on its way."""

    def __init__(self, data: _Data, priors: CurvePriors) -> None:
        import numpy as np

        self.data = data
        self.means = np.array(priors.means)
        self.precision = 1 / np.array(priors.variances)
        self.sd = priors.residual_sd

    def mode(self) -> tuple[Floats, Floats]:
        """The most probable parameters and their covariance (Laplace), by damped Gauss-Newton from several peaks.

        The curve has an edge at its peak, so the posterior may have a maximum between each two samples.
        """
        import numpy as np

        at = self._starts()
        damping = np.full(len(at), 1e-2)
        cost, gradient, curvature = self._expand(at)
        for _ in range(_STEPS):
            diagonal = np.einsum("kii->ki", curvature)
            damped = curvature + (damping[:, None] * diagonal)[:, None, :] * np.eye(at.shape[1])
            step = np.linalg.solve(damped, -gradient[..., None])[..., 0]
            step = np.clip(step, -2, 2)
            tried = at + step
            its_cost, its_gradient, its_curvature = self._expand(tried)
            better = its_cost < cost
            gained = np.where(better, cost - its_cost, 0.0)
            at = np.where(better[:, None], tried, at)
            gradient = np.where(better[:, None], its_gradient, gradient)
            curvature = np.where(better[:, None, None], its_curvature, curvature)
            cost = np.where(better, its_cost, cost)
            damping = np.clip(np.where(better, damping / 5, damping * 4), 1e-9, 1e9)
            if np.all((gained < _SETTLED) & (better | (damping > 1e4))):
                break
        best = int(np.argmin(cost))
        covariance: Floats = np.linalg.inv(curvature[best])
        return at[best], (covariance + covariance.T) / 2

    def _starts(self) -> Floats:
        import numpy as np

        days, logs = self.data.days[self.data.is_quantified], self.data.logs[self.data.is_quantified]
        peak = float(days[np.argmax(logs)])
        before, after = days[days < peak], days[days > peak]
        peaks = {math.exp(self.means[1]), peak * 0.8, peak * 1.02}
        if len(before):
            peaks.add((float(before[-1]) + peak) / 2)
        if len(after):
            peaks.add((float(after[0]) + peak) / 2)
        starts = np.tile(self.means, (len(peaks), 1))
        starts[:, 1] = np.log(sorted(peaks))
        starts[:, 2] = max(float(logs.max()), 0.0)
        return starts

    def _expand(self, at: Floats) -> tuple[Floats, Floats, Floats]:
        """Minus the log posterior, its gradient and its Gauss-Newton curvature."""
        import numpy as np

        curve, slopes = _log_curve(at, self.data.days), _derivatives(at, self.data.days)
        off = (curve - self.data.logs) / self.sd
        costs = off * off / 2
        pulls = off.copy()
        weights = np.ones_like(off)
        for side, sign in ((self.data.is_below, 1.0), (~self.data.is_below & ~self.data.is_quantified, -1.0)):
            if side.any():
                log_area, hazard = _normal_tail(-sign * off[:, side])
                costs[:, side] = -log_area
                pulls[:, side] = sign * hazard
                weights[:, side] = hazard * (hazard - sign * off[:, side])
        away = at - self.means
        cost = costs.sum(axis=1) + (away * away * self.precision).sum(axis=1) / 2
        gradient = np.einsum("kn,knp->kp", pulls, slopes) / self.sd + away * self.precision
        curvature = np.einsum("kn,knp,knq->kpq", weights, slopes, slopes) / self.sd**2 + np.diag(self.precision)
        return cost, gradient, curvature


def _normal_tail(z: Floats) -> tuple[Floats, Floats]:
    """ln Φ(z) and φ(z) / Φ(z), also where Φ(z) is too small for a double."""
    import numpy as np

    flat = [_log_normal_area(x) for x in z.ravel().tolist()]
    log_area = np.array(flat).reshape(z.shape)
    return log_area, np.exp(-z * z / 2 - math.log(2 * math.pi) / 2 - log_area)


def _log_normal_area(z: float) -> float:
    if z > -25:
        return math.log(math.erfc(-z / math.sqrt(2)) / 2)
    return -z * z / 2 - math.log(-z) - math.log(2 * math.pi) / 2 + math.log1p(-1 / (z * z) + 3 / z**4)
