"""A standard curve as plain data: standards, samples, the fitted line and the LLOQ, with the axes they need."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labmon.domain.run import CurvePoint, StandardCurve
from labmon.domain.wording import NO_BREAK_SPACE, limit, number
from labmon.reports.figures import AxisKind, Tick, ValueAxis, decade

_CYCLES_A_TICK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSpec:
    """Cq over log10 copies per reaction. The line ends where the standards end; beyond them nothing was measured."""

    copies: ValueAxis
    cycles: ValueAxis
    standards: tuple[CurvePoint, ...]
    samples: tuple[CurvePoint, ...]
    line: tuple[tuple[float, float], tuple[float, float]]
    """(copies, Cq) at both ends."""
    lloq: Tick | None
    summary: str
    """The figure in one sentence, for people who do not see it."""


def curve_spec(curve: StandardCurve, lloq_copies: float | None = None) -> CurveSpec | None:
    """The picture of a curve; None when it holds no standard."""
    standards = tuple(point for point in curve.points if point.is_standard and point.copies > 0)
    samples = tuple(point for point in curve.points if not point.is_standard and point.copies > 0)
    if not standards:
        return None
    low, high = min(p.copies for p in standards), max(p.copies for p in standards)
    shown = [*standards, *samples]
    copies = [p.copies for p in shown] + ([lloq_copies] if lloq_copies else [])
    cycles = [p.cq for p in shown]
    return CurveSpec(
        copies=_copies_axis(min(copies), max(copies)),
        cycles=_cycles_axis(min(cycles), max(cycles)),
        standards=standards,
        samples=samples,
        line=((low, _cq(curve, low)), (high, _cq(curve, high))),
        lloq=Tick(value=lloq_copies, text=f"LLOQ {limit(lloq_copies)}{NO_BREAK_SPACE}copies") if lloq_copies else None,
        summary=(
            f"Standard curve of {len(standards)} wells from {number(low)} to {number(high)} copies per reaction, "
            f"slope {number(curve.slope)}; {len(samples)} sample wells."
        ),
    )


def _cq(curve: StandardCurve, copies: float) -> float:
    return curve.intercept + curve.slope * math.log10(copies)


def _copies_axis(low: float, high: float) -> ValueAxis:
    """Whole decades around the values, with a little air at both ends."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(Tick(value=10.0**k, text=decade(k)) for k in range(first, last + 1))
    return ValueAxis(kind=AxisKind.LOG10, low=10.0**first / 1.7, high=10.0**last * 1.7, ticks=ticks)


def _cycles_axis(low: float, high: float) -> ValueAxis:
    first = math.floor((low - 1) / _CYCLES_A_TICK) * _CYCLES_A_TICK
    last = math.ceil((high + 1) / _CYCLES_A_TICK) * _CYCLES_A_TICK
    ticks = tuple(Tick(value=float(k), text=str(k)) for k in range(first, last + 1, _CYCLES_A_TICK))
    return ValueAxis(kind=AxisKind.LINEAR, low=low - 1.5, high=high + 1.5, ticks=ticks)
