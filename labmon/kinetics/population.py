"""How long the cells of a group of courses persisted: one survival curve of interval-censored times.

Two estimators, and the one that was used is always named. Turnbull's uses each interval as it is and claims nothing
between the places where the data put mass. The product-limit estimate (Kaplan and Meier) puts each loss at the middle
of its interval, which is easier to read and has a confidence interval; it is labelled so. On exact and right-censored
times the two are the same curve.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING

from labmon.kinetics.persistence import Persistence

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
_STEPS = 5_000
_ACCURACY = 1e-12
"""Of the conditions of the maximum: what a moved unit of mass could still gain in log likelihood, per course."""
_FADING = 1e-5
_SLACK = 1e-9
_TIE = 1e-9
"""Survival that rounding alone keeps from one half is one half, as in R's survival."""


class Estimator(StrEnum):
    TURNBULL = "turnbull"
    MIDPOINT = "midpoint"

    @property
    def label(self) -> str:
        return {
            "turnbull": "Turnbull, from the intervals as they are",
            "midpoint": "Kaplan-Meier, each loss at the middle of its interval",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Duration:
    """One course: lost in (left, right]; right is None when it was not, and equal to left when the day is exact."""

    left: float
    right: float | None

    def __post_init__(self) -> None:
        if self.left < 0 or (self.right is not None and self.right < self.left):
            raise ValueError(f"a loss in ({self.left}, {self.right}] is no interval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The curve falls to `survival` by day `day`; where the fall lies since `from_day` nothing is known."""

    from_day: float
    day: float
    survival: float
    low: float | None = None
    high: float | None = None
    """Pointwise 95 % confidence limits (Greenwood, log-log); Turnbull's curve has none."""
    at_risk: int | None = None
    losses: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistenceSummary:
    """A group's persistence. Courses that never reached the LLOQ are counted and are no part of the curve."""

    estimator: Estimator
    courses: int
    losses: int
    censored: int
    not_established: int
    steps: tuple[Step, ...]
    median: tuple[float, float] | None
    """The median lies in this interval of days, both ends equal where it is a day; None when not reached."""
    median_confidence: tuple[float | None, float | None] | None = None
    followed_to: float | None = None
    """The last day anybody looked; the curve ends there."""

    def survival(self, day: float) -> tuple[float, float] | None:
        """The lowest and highest survival the curve allows on a day; None beyond the last observation."""
        if self.followed_to is None or day > self.followed_to:
            return None
        low = high = 1.0
        for step in self.steps:
            if step.day <= day:
                high = step.survival
            if step.from_day < day or step.day <= day:
                low = step.survival
        return low, high


def durations(stays: Sequence[Persistence]) -> tuple[tuple[Duration, ...], int]:
    """The courses as durations, and how many had none; an unconfirmed loss is censored before it."""
    established = [stay for stay in stays if stay.left_day is not None]
    found = tuple(Duration(stay.left_day, stay.right_day) for stay in established if stay.left_day is not None)
    return found, len(stays) - len(established)


def summarise(stays: Sequence[Persistence], estimator: Estimator = Estimator.TURNBULL) -> PersistenceSummary:
    """The persistence of a group of courses."""
    found, without = durations(stays)
    return curve_of(found, estimator, not_established=without)


def curve_of(
    courses: Sequence[Duration], estimator: Estimator = Estimator.TURNBULL, *, not_established: int = 0
) -> PersistenceSummary:
    """The curve of durations by the estimator named."""
    losses = sum(course.right is not None for course in courses)
    ends = [course.left if course.right is None else course.right for course in courses]
    if estimator is Estimator.TURNBULL:
        steps = _turnbull(courses)
        confidence = None
    else:
        steps = _kaplan_meier(courses)
        confidence = (_first_at_half([(s.day, s.low) for s in steps]), _first_at_half([(s.day, s.high) for s in steps]))
    return PersistenceSummary(
        estimator=estimator,
        courses=len(courses),
        losses=losses,
        censored=len(courses) - losses,
        not_established=not_established,
        steps=steps,
        median=_median(steps),
        median_confidence=confidence,
        followed_to=max(ends, default=None),
    )


# --- Kaplan-Meier -----------------------------------------------------------------------------------------------------


def _kaplan_meier(courses: Sequence[Duration]) -> tuple[Step, ...]:
    timed = [
        (course.left, False) if course.right is None else ((course.left + course.right) / 2, True) for course in courses
    ]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    survival, greenwood = 1.0, 0.0
    steps = []
    for day in sorted({day for day, is_loss in timed if is_loss}):
        at_risk = sum(other >= day for other, _ in timed)
        losses = sum(is_loss and other == day for other, is_loss in timed)
        survival *= 1 - losses / at_risk
        if losses < at_risk:
            greenwood += losses / (at_risk * (at_risk - losses))
            spread = z * math.sqrt(greenwood) / math.log(survival)
            low, high = survival ** math.exp(-spread), survival ** math.exp(spread)
        else:
            survival, low, high = 0.0, None, None
        steps.append(Step(from_day=day, day=day, survival=survival, low=low, high=high, at_risk=at_risk, losses=losses))
    return tuple(steps)


def _first_at_half(limits: Sequence[tuple[float, float | None]]) -> float | None:
    return next((day for day, limit in limits if limit is not None and limit <= 0.5 + _TIE), None)


def _median(steps: Sequence[Step]) -> tuple[float, float] | None:
    """Where the curve crosses one half; where it lies flat on it, the middle of the flat piece, as R reports it."""
    for i, step in enumerate(steps):
        if step.survival < 0.5 - _TIE:
            return step.from_day, step.day
        if step.survival <= 0.5 + _TIE:
            if i + 1 == len(steps):
                return step.from_day, step.day
            after = steps[i + 1]
            return (step.from_day + after.from_day) / 2, (step.day + after.day) / 2
    return None


# --- Turnbull ---------------------------------------------------------------------------------------------------------


def _turnbull(courses: Sequence[Duration]) -> tuple[Step, ...]:
    """The maximum-likelihood masses on the innermost intervals, by Turnbull's self-consistency equations."""
    import numpy as np

    if not any(course.right is not None for course in courses):
        return ()
    cells = _innermost(courses)
    rows: dict[tuple[bool, ...], int] = {}
    for course in courses:
        covers = tuple(_covers(course, cell) for cell in cells)
        rows[covers] = rows.get(covers, 0) + 1
    patterns = sorted(rows)  # rounding must not depend on the order of the courses
    holds = np.array(patterns, dtype=np.float64)
    weights = np.array([rows[pattern] for pattern in patterns], dtype=np.float64)
    masses = _most_likely(holds, weights / weights.sum())
    survival = np.clip(1 - np.cumsum(masses), 0, 1)
    steps = []
    for (left, right), mass, after in zip(cells, masses, survival, strict=True):
        if right is not None and mass > _ACCURACY:
            rest = 0.0 if after < _ACCURACY else float(after)
            steps.append(Step(from_day=left, day=right, survival=rest))
    return tuple(steps)


def _innermost(courses: Sequence[Duration]) -> list[tuple[float, float | None]]:
    """The only places where the likelihood wants mass: a left end followed by a right end with no end between.

    An exact day is the closed interval [day, day], so its left end stands before every open left end of that day; a
    right end stands before an open left end of its day, since (60, 88] and (88, 120] share no day.
    """
    ends: set[tuple[float, int]] = set()
    before, closes, after = 0, 1, 2
    for course in courses:
        is_exact = course.right == course.left
        ends.add((course.left, before if is_exact else after))
        ends.add((math.inf if course.right is None else course.right, closes))
    ordered = sorted(ends)
    return [
        (left, None if math.isinf(right) else right)
        for (left, kind), (right, next_kind) in pairwise(ordered)
        if kind != closes and next_kind == closes
    ]


def _covers(course: Duration, cell: tuple[float, float | None]) -> bool:
    """Whether all of a cell lies in the course's interval; a cell never lies across an end of one."""
    left, right = cell
    if course.right == course.left:
        return left == right == course.left
    if left == right:  # an exact day lies in (60, 88] unless it is the open end
        begins = course.left < left
    else:
        begins = course.left <= left
    return begins and (course.right is None or (right is not None and right <= course.right))


def _most_likely(holds: Floats, weights: Floats) -> Floats:
    """The masses of the maximum. What fades towards zero without end is set to zero where the conditions allow it."""
    import numpy as np

    masses = _self_consistent(holds, weights, np.full(holds.shape[1], 1 / holds.shape[1]))
    without = np.where(masses < _FADING, 0.0, masses)
    if np.array_equal(without, masses) or not (holds @ without > 0).all():
        return masses
    without = _self_consistent(holds, weights, without / without.sum())
    gains = holds.T @ (weights / (holds @ without))
    return without if float(gains.max()) - 1 < _SLACK else masses


def _self_consistent(holds: Floats, weights: Floats, masses: Floats) -> Floats:
    """Masses that are the average of what each course believes, given them; stops at the conditions of the maximum.

    Every third step is lengthened (SQUAREM): the plain iteration creeps where two cells compete for the same courses.
    """
    import numpy as np

    def gain(p: Floats) -> Floats:
        return np.asarray(holds.T @ (weights / (holds @ p)), dtype=np.float64)

    def likelihood(p: Floats) -> float:
        inside = holds @ p
        return float(weights @ np.log(inside)) if (inside > 0).all() else -math.inf

    for _ in range(_STEPS):
        slope = gain(masses)
        if slope[masses > 0].max() - 1 < _ACCURACY and np.all(masses * np.abs(slope - 1) < _ACCURACY):
            break
        once = masses * slope
        twice = once * gain(once)
        first, second = once - masses, twice - once - (once - masses)
        norm = float(np.sqrt(second @ second))
        longer = twice
        if norm > 0:
            length = max(1.0, float(np.sqrt(first @ first)) / norm)
            tried = np.maximum(masses + 2 * length * first + length * length * second, 0)
            tried /= tried.sum()
            tried = tried * gain(tried) if likelihood(tried) > likelihood(twice) else twice
            longer = tried
        masses = longer / longer.sum()
    return masses
