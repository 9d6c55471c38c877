"""Non-compartmental parameters of one profile, by a plain loop over its samples.

The rules are those of the field's usual engine (linear up/log down, the terminal slope of the best adjusted R²), except
where that engine gives a number nobody measured: such parameters are withheld with a reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from labmon.domain.quantity import ValueState
from labmon.kinetics.withheld import Withheld

TAUS = (28, 84)
"""The days to which an area is reported."""

MIN_TERMINAL_POINTS = 3
ADJ_R_SQUARED_TOLERANCE = 1e-4

WHOLE_AREA = "auc_0_tlast"
"""Asks for a sample on day 0, as the field's usual engine does; an area to a day begins at (0, 0) without one."""
AREAS = (WHOLE_AREA, *(f"auc_0_{tau}" for tau in TAUS))
TERMINAL = ("lambda_z", "half_life", "lambda_z_points", "adj_r_squared", "span_ratio")
PARAMETERS = ("cmax", "tmax", "tfirst", "tlast", "clast", *AREAS, *TERMINAL)


class BlqTreatment(StrEnum):
    """What a value below LLOQ stands for in an area."""

    KEEP = "keep"
    """It counts as 0."""
    DROP = "drop"
    HALF_LLOQ = "half_lloq"


class AucRule(StrEnum):
    LIN_UP_LOG_DOWN = "lin_up_log_down"
    LINEAR = "linear"

    @property
    def label(self) -> str:
        return {"lin_up_log_down": "linear up/log down", "linear": "linear"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class NcaSettings:
    """How values below LLOQ count before, between and after the quantified ones, and how areas are taken."""

    blq_first: BlqTreatment = BlqTreatment.KEEP
    blq_middle: BlqTreatment = BlqTreatment.DROP
    blq_last: BlqTreatment = BlqTreatment.KEEP
    """Read only by an area that goes on to the first sample below LLOQ."""
    auc_rule: AucRule = AucRule.LIN_UP_LOG_DOWN
    auc_to_first_blq: bool = False
    """Add to AUC0–28 and AUC0–84 the triangle from Tlast to the first sample below LLOQ (AUCall). Off by default:
    after a long gap between samples the triangle is most of the area."""

    @property
    def words(self) -> str:
        blq = f"below LLOQ: first {self.blq_first}, middle {self.blq_middle}, last {self.blq_last}"
        tail = "; to the first sample below LLOQ" if self.auc_to_first_blq else ""
        return f"{self.auc_rule.label}; {blq.replace('_', ' ')}{tail}"


DEFAULT_SETTINGS = NcaSettings()


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a profile: decimal days since infusion, and what was found."""

    day: float
    value: float | None
    state: ValueState
    lloq: float | None = None
    uloq: float | None = None

    @property
    def is_quantified(self) -> bool:
        """A measured 0 has no logarithm and no LLOQ above it: it counts as below LLOQ."""
        return self.state is ValueState.QUANTIFIED and self.value is not None and self.value > 0

    @property
    def contradicts_its_limits(self) -> bool:
        """A quantified value cannot lie outside the limits of its own run."""
        if self.state is not ValueState.QUANTIFIED or self.value is None:
            return False
        return (self.lloq is not None and self.value < self.lloq) or (self.uloq is not None and self.value > self.uloq)

    @property
    def reaches_lloq(self) -> bool:
        return self.is_quantified or self.state is ValueState.ABOVE_ULOQ


@dataclass(frozen=True, slots=True, kw_only=True)
class Nca:
    """The parameters of one profile; each is a number, or None and named in `withheld` with its reason."""

    settings: NcaSettings
    n_samples: int = 0
    n_quantified: int = 0
    last_sample: float | None = None
    cmax: float | None = None
    tmax: float | None = None
    tfirst: float | None = None
    tlast: float | None = None
    clast: float | None = None
    auc_0_tlast: float | None = None
    auc_0_28: float | None = None
    auc_0_84: float | None = None
    lambda_z: float | None = None
    half_life: float | None = None
    lambda_z_points: int | None = None
    adj_r_squared: float | None = None
    span_ratio: float | None = None
    lambda_z_first: float | None = None
    lambda_z_last: float | None = None
    withheld: Mapping[str, Withheld] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """One of `PARAMETERS` by name."""
        found: float | None = getattr(self, name)
        return found


def evaluable_profile(samples: Sequence[Sample]) -> list[Sample]:
    """What an analysis reads: evaluable samples from day 0 on, in order of time."""
    return sorted((s for s in samples if s.state.is_evaluable and s.day >= 0), key=lambda s: s.day)


def refusal(profile: Sequence[Sample]) -> Withheld | None:
    """Why nothing at all can be said about an ordered profile, if so."""
    if not profile:
        return Withheld.NO_SAMPLES
    if any(earlier.day == later.day for earlier, later in pairwise(profile)):
        return Withheld.DUPLICATE_TIMES
    for s in profile:
        if s.contradicts_its_limits:
            return Withheld.CONTRADICTORY_LIMITS
    return None


def analyse(samples: Sequence[Sample], settings: NcaSettings = DEFAULT_SETTINGS) -> Nca:
    """The parameters of one profile. Samples without a result, and those before day 0, are not part of it."""
    profile = evaluable_profile(samples)
    quantified = [s for s in profile if s.is_quantified]
    found: dict[str, float | int | None] = {
        "n_samples": len(profile),
        "n_quantified": len(quantified),
        "last_sample": profile[-1].day if profile else None,
    }
    withheld: dict[str, Withheld] = {}
    reason = refusal(profile)
    if reason is not None:
        withheld = dict.fromkeys(PARAMETERS, reason)
    else:
        _points(profile, quantified, found, withheld)
        _areas(profile, settings, found, withheld)
        _terminal(quantified, found, withheld)
    return Nca(settings=settings, withheld=withheld, **found)  # type: ignore[arg-type] # names and types agree above


def _points(
    profile: Sequence[Sample],
    quantified: Sequence[Sample],
    found: dict[str, float | int | None],
    withheld: dict[str, Withheld],
) -> None:
    above_lloq = [s for s in profile if s.reaches_lloq]
    if not above_lloq:
        withheld.update(dict.fromkeys(("cmax", "tmax", "tfirst", "tlast", "clast"), Withheld.NEVER_QUANTIFIED))
        return
    if len(above_lloq) > len(quantified):
        withheld["cmax"] = withheld["tmax"] = Withheld.ABOVE_ULOQ_AT_PEAK
    else:
        peak = max(quantified, key=lambda s: s.value or 0)
        found["cmax"], found["tmax"] = peak.value, peak.day
    found["tfirst"], found["tlast"] = above_lloq[0].day, above_lloq[-1].day
    if above_lloq[-1].is_quantified:
        found["clast"] = above_lloq[-1].value
    else:
        withheld["clast"] = Withheld.ABOVE_ULOQ_AT_PEAK


def _areas(
    profile: Sequence[Sample],
    settings: NcaSettings,
    found: dict[str, float | int | None],
    withheld: dict[str, Withheld],
) -> None:
    reason: Withheld | None = None
    if not any(s.reaches_lloq for s in profile):
        reason = Withheld.NEVER_QUANTIFIED
    elif len(profile) == 1 and profile[0].day > 0:
        reason = Withheld.ONE_SAMPLE
    elif _needs_unknown_lloq(profile, settings):
        reason = Withheld.LLOQ_UNKNOWN
    if reason is not None:
        withheld.update(dict.fromkeys(AREAS, reason))
        return
    curve = concentrations(profile, settings)
    tlast = found["tlast"]
    assert tlast is not None  # something reaches LLOQ
    for name, end in zip(AREAS, (tlast, *TAUS), strict=True):
        value = area(curve, 0.0, end, settings.auc_rule)
        if name == WHOLE_AREA and profile[0].day > 0:
            withheld[name] = Withheld.NO_DAY_0_SAMPLE
        elif value is None:
            withheld[name] = Withheld.ABOVE_ULOQ_AT_PEAK
        elif profile[-1].day < end:
            withheld[name] = Withheld.LAST_SAMPLE_BEFORE_TAU
        else:
            found[name] = value


def _needs_unknown_lloq(profile: Sequence[Sample], settings: NcaSettings) -> bool:
    treatments = (settings.blq_first, settings.blq_middle, settings.blq_last)
    return BlqTreatment.HALF_LLOQ in treatments and any(s.lloq is None for s in profile if not s.reaches_lloq)


def concentrations(
    profile: Sequence[Sample], settings: NcaSettings = DEFAULT_SETTINGS
) -> list[tuple[float, float | None]]:
    """The (day, concentration) pairs areas are taken over, up to Tlast; None stands for a value above ULOQ.

    (0, 0) is put in front when no sample was drawn at 0. The profile needs at least one value above LLOQ.
    """
    reaching = [i for i, s in enumerate(profile) if s.reaches_lloq]
    first, last = reaching[0], reaching[-1]
    curve: list[tuple[float, float | None]] = []
    for i, s in enumerate(profile[: last + 1]):
        if s.reaches_lloq:
            curve.append((s.day, s.value if s.is_quantified else None))
        else:
            _append_blq(curve, s, settings.blq_first if i < first else settings.blq_middle)
    if settings.auc_to_first_blq and last + 1 < len(profile):
        _append_blq(curve, profile[last + 1], settings.blq_last)
    if curve[0][0] > 0:
        curve.insert(0, (0.0, 0.0))
    return curve


def _append_blq(curve: list[tuple[float, float | None]], sample: Sample, treatment: BlqTreatment) -> None:
    if treatment is BlqTreatment.KEEP:
        curve.append((sample.day, 0.0))
    elif treatment is BlqTreatment.HALF_LLOQ and sample.lloq is not None:
        curve.append((sample.day, sample.lloq / 2))


def area(
    curve: Sequence[tuple[float, float | None]],
    start: float,
    end: float,
    rule: AucRule = AucRule.LIN_UP_LOG_DOWN,
) -> float | None:
    """The area between two times. A time between two samples is interpolated by the rule of its own segment.

    None when a value above ULOQ borders a segment the area needs.
    """
    total = 0.0
    for (t1, c1), (t2, c2) in pairwise(curve):
        left, right = max(t1, start), min(t2, end)
        if right <= left:
            continue
        if c1 is None or c2 is None:
            return None
        is_log = rule is AucRule.LIN_UP_LOG_DOWN and 0 < c2 < c1
        c_left = c1 if left == t1 else _between(t1, c1, t2, c2, left, is_log)
        c_right = c2 if right == t2 else _between(t1, c1, t2, c2, right, is_log)
        if is_log and c_right < c_left:
            # log1p keeps its digits where the two values are all but equal
            total += (right - left) * (c_left - c_right) / math.log1p((c_left - c_right) / c_right)
        else:
            total += (right - left) * (c_left + c_right) / 2
    return total


def _between(t1: float, c1: float, t2: float, c2: float, t: float, is_log: bool) -> float:
    share = (t - t1) / (t2 - t1)
    if is_log:
        return c1 * math.exp(share * math.log(c2 / c1))
    return c1 + share * (c2 - c1)


@dataclass(frozen=True, slots=True)
class LogFit:
    """A straight line through ln(value) over days; R² is None when the values are all the same."""

    slope: float
    n: int
    r_squared: float | None
    slope_se: float | None = None
    """Standard error of the slope; two points have none."""

    @property
    def adj_r_squared(self) -> float | None:
        if self.r_squared is None or self.n < 3:
            return None
        return 1 - (1 - self.r_squared) * (self.n - 1) / (self.n - 2)


def log_fit(days: Sequence[float], values: Sequence[float]) -> LogFit:
    """Least squares of ln(value) on days; at least two different days."""
    n = len(days)
    last = math.log(values[-1])
    logs = [math.log(value) - last for value in values]  # equal values become exact zeros
    mean_day, mean_log = math.fsum(days) / n, math.fsum(logs) / n
    sxx = math.fsum((day - mean_day) ** 2 for day in days)
    sxy = math.fsum((day - mean_day) * (log - mean_log) for day, log in zip(days, logs, strict=True))
    syy = math.fsum((log - mean_log) ** 2 for log in logs)
    return LogFit(
        slope=sxy / sxx,
        n=n,
        r_squared=min(1.0, sxy * sxy / (sxx * syy)) if syy > 0 else None,
        slope_se=math.sqrt(max(0.0, syy - sxy * sxy / sxx) / (n - 2) / sxx) if n > 2 else None,
    )


def _terminal(
    quantified: Sequence[Sample], found: dict[str, float | int | None], withheld: dict[str, Withheld]
) -> None:
    tmax = found.get("tmax")
    if withheld.get("tmax") is Withheld.ABOVE_ULOQ_AT_PEAK:
        withheld.update(dict.fromkeys(TERMINAL, Withheld.ABOVE_ULOQ_AT_PEAK))
        return
    tail = [s for s in quantified if tmax is not None and s.day > tmax]
    if len(tail) < MIN_TERMINAL_POINTS:
        withheld.update(dict.fromkeys(TERMINAL, Withheld.TOO_FEW_POINTS))
        return
    days = [s.day for s in tail]
    values = [s.value for s in tail if s.value is not None]
    fits = [log_fit(days[-k:], values[-k:]) for k in range(MIN_TERMINAL_POINTS, len(tail) + 1)]
    qualities = [fit.adj_r_squared for fit in fits if fit.adj_r_squared is not None]
    # The best of all windows, rising ones too: a rising tail must not hide behind an earlier decline.
    floor = max(qualities, default=math.inf) - ADJ_R_SQUARED_TOLERANCE
    chosen = [fit for fit in fits if fit.slope < 0 and fit.adj_r_squared is not None and fit.adj_r_squared > floor]
    if not chosen:
        withheld.update(dict.fromkeys(TERMINAL, Withheld.RISING_TAIL))
        return
    fit = max(chosen, key=lambda fit: fit.n)
    half_life = math.log(2) / -fit.slope
    found.update(
        lambda_z=-fit.slope,
        half_life=half_life,
        lambda_z_points=fit.n,
        adj_r_squared=fit.adj_r_squared,
        lambda_z_first=days[-fit.n],
        lambda_z_last=days[-1],
        span_ratio=(days[-1] - days[-fit.n]) / half_life,
    )
