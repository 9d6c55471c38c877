"""The standard curve of a qPCR target: fitted to the standards, checked against what the file says."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labmon.assays.definition import CurveLimits
from labmon.domain.run import CurvePoint, StandardCurve

_FLAT = 0.1
"""Cycles per log10: a flatter line is no curve, and its efficiency overflows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCurve:
    """The curve constants as the file states them."""

    slope: float | None = None
    intercept: float | None = None
    r_squared: float | None = None
    efficiency_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A constant the file states, and what its own standards give."""

    what: str
    printed: float
    computed: float


def efficiency_pct(slope: float) -> float:
    """PCR efficiency in percent from the slope: 100 % is a doubling each cycle."""
    return (10 ** (-1 / slope) - 1) * 100


def fit(standards: Iterable[CurvePoint]) -> StandardCurve | None:
    """Ordinary least squares of Cq on log10 copies; None without two levels or for a flat curve."""
    points = tuple(sorted(standards, key=lambda p: (p.copies, p.cq)))
    usable = [(math.log10(p.copies), p.cq) for p in points if p.copies > 0]
    if len({x for x, _ in usable}) < 2:
        return None
    n = len(usable)
    mean_x = math.fsum(x for x, _ in usable) / n
    mean_y = math.fsum(y for _, y in usable) / n
    sxx = math.fsum((x - mean_x) ** 2 for x, _ in usable)
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in usable)
    syy = math.fsum((y - mean_y) ** 2 for _, y in usable)
    slope = sxy / sxx
    if abs(slope) < _FLAT:
        return None
    return StandardCurve(
        slope=slope,
        intercept=mean_y - slope * mean_x,
        r_squared=min(1.0, sxy * sxy / (sxx * syy)),
        efficiency_pct=efficiency_pct(slope),
        n_standards=n,
        points=points,
    )


def judged(fitted: StandardCurve | None, printed: PrintedCurve) -> StandardCurve | None:
    """The curve a run is judged by: the file's constants where it states them, else those of the standards."""
    said = printed.slope is not None and abs(printed.slope) >= _FLAT
    slope = printed.slope if said else (fitted.slope if fitted else None)
    intercept = printed.intercept if printed.intercept is not None else (fitted.intercept if fitted else None)
    r_squared = printed.r_squared if printed.r_squared is not None else (fitted.r_squared if fitted else None)
    if slope is None or intercept is None or r_squared is None:
        return None
    return StandardCurve(
        slope=slope,
        intercept=intercept,
        r_squared=r_squared,
        efficiency_pct=printed.efficiency_pct if printed.efficiency_pct is not None else efficiency_pct(slope),
        n_standards=fitted.n_standards if fitted else 0,
        points=fitted.points if fitted else (),
    )


def disagreements(fitted: StandardCurve | None, printed: PrintedCurve, limits: CurveLimits) -> tuple[Disagreement, ...]:
    """Which printed constants the file's own standards do not give."""
    if fitted is None:
        return ()
    pairs = (
        ("slope", printed.slope, fitted.slope, limits.slope_tolerance.value),
        ("intercept", printed.intercept, fitted.intercept, limits.intercept_tolerance.value),
        ("R²", printed.r_squared, fitted.r_squared, limits.r_squared_tolerance.value),
    )
    found = [
        Disagreement(what=what, printed=said, computed=computed)
        for what, said, computed, tolerance in pairs
        if said is not None and abs(said - computed) > tolerance
    ]
    if printed.slope is not None and abs(printed.slope) >= _FLAT and printed.efficiency_pct is not None:
        from_slope = efficiency_pct(printed.slope)
        if abs(printed.efficiency_pct - from_slope) > 1:  # one percent point: both are printed rounded
            found.append(Disagreement(what="efficiency", printed=printed.efficiency_pct, computed=from_slope))
    return tuple(found)


def copies_at(curve: StandardCurve, cq: float) -> float | None:
    """Copies per reaction a Cq stands for; None where the curve gives no finite number."""
    exponent = (cq - curve.intercept) / curve.slope
    return 10**exponent if abs(exponent) < 300 else None


def recoveries(curve: StandardCurve, standards: Sequence[CurvePoint]) -> dict[float, float]:
    """Mean back-calculated copies of each level in percent of its given copies."""
    levels: dict[float, list[float]] = defaultdict(list)
    for point in standards:
        copies = copies_at(curve, point.cq)
        if copies is not None and point.copies > 0:
            levels[point.copies].append(100 * copies / point.copies)
    return {level: math.fsum(found) / len(found) for level, found in sorted(levels.items())}
