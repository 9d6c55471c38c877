"""Non-compartmental parameters of a whole cohort at once, on arrays of one row a profile.

The rules are those of `nca`, which analyses one profile in a plain loop without numpy; the two are held equal by tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import (
    ADJ_R_SQUARED_TOLERANCE,
    AREAS,
    DEFAULT_SETTINGS,
    MIN_TERMINAL_POINTS,
    PARAMETERS,
    TAUS,
    TERMINAL,
    WHOLE_AREA,
    AucRule,
    BlqTreatment,
    NcaSettings,
    Sample,
)
from labmon.kinetics.withheld import Withheld

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int8]
    Indices = npt.NDArray[np.intp]
    Mask = npt.NDArray[np.bool_]

STATES = tuple(ValueState)
"""A state in an array is its place here."""

_REASONS = tuple(Withheld)
_REPORTED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSamples:
    """Samples of many profiles, all arrays profiles × samples; a row with fewer samples is filled up with no_result.

    `values`, `lloq` and `uloq` are NaN where there is no number. The samples of a row need no order.
    """

    days: Floats
    values: Floats
    states: Ints
    lloq: Floats
    uloq: Floats

    @classmethod
    def of(cls, profiles: Sequence[Sequence[Sample]]) -> CohortSamples:
        import numpy as np

        shape = (len(profiles), max(map(len, profiles), default=0))
        days, values, lloq, uloq = (np.full(shape, np.nan) for _ in range(4))
        states = np.full(shape, STATES.index(ValueState.NO_RESULT), dtype=np.int8)
        code = {state: i for i, state in enumerate(STATES)}
        for row, samples in enumerate(profiles):
            for column, sample in enumerate(samples):
                days[row, column] = sample.day
                states[row, column] = code[sample.state]
                values[row, column] = np.nan if sample.value is None else sample.value
                lloq[row, column] = np.nan if sample.lloq is None else sample.lloq
                uloq[row, column] = np.nan if sample.uloq is None else sample.uloq
        return cls(days=days, values=values, states=states, lloq=lloq, uloq=uloq)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortNca:
    """One array a parameter, with NaN where it is withheld; `codes` says why, as a place in `Withheld` or -1."""

    settings: NcaSettings
    parameters: Mapping[str, Floats]
    codes: Mapping[str, Ints]

    def value(self, name: str, profile: int) -> float | None:
        """A parameter of one profile; None when it is withheld."""
        number = float(self.parameters[name][profile])
        return None if math.isnan(number) else number

    def withheld(self, name: str, profile: int) -> Withheld | None:
        """Why a parameter of one profile is withheld; None when it is not."""
        code = int(self.codes[name][profile])
        return None if code == _REPORTED else _REASONS[code]


def analyse_cohort(samples: CohortSamples, settings: NcaSettings = DEFAULT_SETTINGS) -> CohortNca:
    """The parameters of every profile. Samples without a result, and those before day 0, are no part of a profile."""
    return _Cohort(samples, settings).analyse()


class _Cohort:
    """The arrays of one analysis: samples in order of time, those that count first."""

    def __init__(self, samples: CohortSamples, settings: NcaSettings) -> None:
        import numpy as np

        self.settings = settings
        skipped = [STATES.index(state) for state in STATES if not state.is_evaluable]
        with np.errstate(invalid="ignore"):
            counts = (samples.days >= 0) & ~np.isin(samples.states, skipped)
        keys = np.where(counts, samples.days, np.inf)
        order = np.argsort(keys, axis=1, kind="stable")

        def in_order(array: Floats) -> Floats:
            return np.take_along_axis(array, order, axis=1)

        self.counts: Mask = np.isfinite(in_order(keys))
        self.days = np.where(self.counts, in_order(keys), 0.0)
        self.n = self.counts.sum(axis=1)
        self.rows = np.arange(len(self.days))
        self.columns = np.arange(self.days.shape[1])
        states = np.take_along_axis(samples.states, order, axis=1)
        values, self.lloq, uloq = in_order(samples.values), in_order(samples.lloq), in_order(samples.uloq)
        is_measured = self.counts & (states == STATES.index(ValueState.QUANTIFIED))
        with np.errstate(invalid="ignore"):
            self.quantified: Mask = is_measured & (values > 0)
            contradicts = is_measured & ((values < self.lloq) | (values > uloq))
        self.above: Mask = self.counts & (states == STATES.index(ValueState.ABOVE_ULOQ))
        self.reaching = self.quantified | self.above
        self.values = np.where(self.quantified, values, np.nan)

        self.parameters = {name: np.full(len(self.days), np.nan) for name in PARAMETERS}
        self.codes = {name: np.full(len(self.days), _REPORTED, dtype=np.int8) for name in PARAMETERS}
        self.refused: Mask = np.zeros(len(self.days), dtype=np.bool_)
        is_twice = (self.days[:, 1:] == self.days[:, :-1]) & self.counts[:, 1:]
        # The first reason found stands, as in the loop.
        for reason, where in (
            (Withheld.NO_SAMPLES, self.n == 0),
            (Withheld.DUPLICATE_TIMES, is_twice.any(axis=1)),
            (Withheld.CONTRADICTORY_LIMITS, contradicts.any(axis=1)),
        ):
            self._withhold(PARAMETERS, where & ~self.refused, reason)
            self.refused |= where

    def analyse(self) -> CohortNca:
        if self.days.size:
            self._points()
            self._areas()
            self._terminal()
        return CohortNca(settings=self.settings, parameters=self.parameters, codes=self.codes)

    def _withhold(self, names: Sequence[str], where: Mask, reason: Withheld) -> None:
        for name in names:
            self.codes[name][where] = _REASONS.index(reason)

    def _report(self, name: str, where: Mask, values: Floats) -> None:
        self.parameters[name][where] = values[where]

    def _points(self) -> None:
        import numpy as np

        has_any = self.reaching.any(axis=1)
        never = ~has_any & ~self.refused
        self._withhold(("cmax", "tmax", "tfirst", "tlast", "clast"), never, Withheld.NEVER_QUANTIFIED)
        self.known: Mask = has_any & ~self.refused
        self.saturated: Mask = self.known & self.above.any(axis=1)
        self._withhold(("cmax", "tmax"), self.saturated, Withheld.ABOVE_ULOQ_AT_PEAK)
        peak = np.argmax(np.where(self.quantified, self.values, -np.inf), axis=1)
        self.has_peak: Mask = self.known & ~self.saturated
        self.tmax = self.days[self.rows, peak]
        self._report("cmax", self.has_peak, self.values[self.rows, peak])
        self._report("tmax", self.has_peak, self.tmax)
        self.first: Indices = np.argmax(self.reaching, axis=1)
        self.last: Indices = self.days.shape[1] - 1 - np.argmax(self.reaching[:, ::-1], axis=1)
        self._report("tfirst", self.known, self.days[self.rows, self.first])
        self._report("tlast", self.known, self.days[self.rows, self.last])
        ends_quantified = self.quantified[self.rows, self.last]
        self._report("clast", self.known & ends_quantified, self.values[self.rows, self.last])
        self._withhold(("clast",), self.known & ~ends_quantified, Withheld.ABOVE_ULOQ_AT_PEAK)

    def _areas(self) -> None:
        import numpy as np

        first_day, last_day = self.days[:, 0], self.days[self.rows, np.maximum(self.n - 1, 0)]
        lone = self.known & (self.n == 1) & (last_day > 0)
        treatments = (self.settings.blq_first, self.settings.blq_middle, self.settings.blq_last)
        unknown = np.zeros_like(lone)
        if BlqTreatment.HALF_LLOQ in treatments:
            unknown = (self.counts & ~self.reaching & np.isnan(self.lloq)).any(axis=1) & self.known & ~lone
        self._withhold(AREAS, ~self.known & ~self.refused, Withheld.NEVER_QUANTIFIED)
        self._withhold(AREAS, lone, Withheld.ONE_SAMPLE)
        self._withhold(AREAS, unknown, Withheld.LLOQ_UNKNOWN)
        open_ = self.known & ~lone & ~unknown
        segments = self._segments()
        tlast = self.days[self.rows, self.last]
        ends = [tlast, *(np.full(len(self.days), float(tau)) for tau in TAUS)]
        for name, end in zip(AREAS, ends, strict=True):
            total, is_unknown = segments.area_to(end)
            begun_late = (first_day > 0) & open_ if name == WHOLE_AREA else np.zeros_like(open_)
            self._withhold((name,), begun_late, Withheld.NO_DAY_0_SAMPLE)
            asked = open_ & ~begun_late
            early = last_day < end
            self._withhold((name,), asked & is_unknown, Withheld.ABOVE_ULOQ_AT_PEAK)
            self._withhold((name,), asked & ~is_unknown & early, Withheld.LAST_SAMPLE_BEFORE_TAU)
            self._report(name, asked & ~is_unknown & ~early, total)

    def _segments(self) -> _Segments:
        """Each sample of the curve with the one before it; the first is reached from (0, 0)."""
        import numpy as np

        first, last = self.first[:, None], self.last[:, None]
        is_blq = self.counts & ~self.reaching
        on_curve = self.reaching.copy()
        heights = self.values.copy()
        stretches = [
            (is_blq & (self.columns < first), self.settings.blq_first),
            (is_blq & (self.columns > first) & (self.columns < last), self.settings.blq_middle),
        ]
        if self.settings.auc_to_first_blq:
            stretches.append((is_blq & (self.columns == last + 1), self.settings.blq_last))
        for where, treatment in stretches:
            if treatment is not BlqTreatment.DROP:
                on_curve |= where
                level = self.lloq / 2 if treatment is BlqTreatment.HALF_LLOQ else 0.0
                heights = np.where(where, level, heights)
        here = np.where(on_curve, self.columns, -1)
        before = np.full_like(here, -1)
        before[:, 1:] = np.maximum.accumulate(here, axis=1)[:, :-1]
        begins = before < 0
        rows = self.rows[:, None]
        return _Segments(
            on_curve=on_curve,
            t1=np.where(begins, 0.0, self.days[rows, before]),
            c1=np.where(begins, 0.0, heights[rows, before]),
            t2=np.where(on_curve, self.days, 0.0),
            c2=heights,
            rule=self.settings.auc_rule,
        )

    def _terminal(self) -> None:
        import numpy as np

        self._withhold(TERMINAL, self.saturated, Withheld.ABOVE_ULOQ_AT_PEAK)
        judged = ~self.refused & ~self.saturated
        tail = self.quantified & (self.days > self.tmax[:, None]) & self.has_peak[:, None]
        few = tail.sum(axis=1) < MIN_TERMINAL_POINTS
        self._withhold(TERMINAL, judged & few, Withheld.TOO_FEW_POINTS)
        # Every window ends at the last quantified sample: distances from it keep the sums free of cancellation.
        last_day = self.days[self.rows, self.last][:, None]
        last_value = self.values[self.rows, self.last][:, None]
        x = np.where(tail, self.days - last_day, 0.0)
        y = np.where(tail, np.log(np.where(tail, self.values, 1.0)) - np.log(np.where(tail, last_value, 1.0)), 0.0)

        def from_the_end(terms: Floats) -> Floats:
            return np.cumsum(terms[:, ::-1], axis=1)[:, ::-1]

        n = from_the_end(tail.astype(np.float64))
        sx, sy = from_the_end(x), from_the_end(y)
        with np.errstate(invalid="ignore", divide="ignore"):
            sxx = from_the_end(x * x) - sx * sx / n
            sxy = from_the_end(x * y) - sx * sy / n
            syy = from_the_end(y * y) - sy * sy / n
            r_squared = np.minimum(1.0, sxy * sxy / (sxx * syy))
            quality = 1 - (1 - r_squared) * (n - 1) / (n - 2)
            slope = sxy / sxx
        is_window = tail & (n >= MIN_TERMINAL_POINTS) & (syy > 0)
        quality = np.where(is_window, quality, -np.inf)
        floor = quality.max(axis=1) - ADJ_R_SQUARED_TOLERANCE
        with np.errstate(invalid="ignore"):
            passes = is_window & (slope < 0) & (quality > floor[:, None])
        found = passes.any(axis=1) & judged & ~few
        self._withhold(TERMINAL, judged & ~few & ~found, Withheld.RISING_TAIL)
        longest = np.argmax(passes, axis=1)
        lambda_z = np.where(found, -slope[self.rows, longest], np.nan)
        half_life = math.log(2) / lambda_z
        span = last_day[:, 0] - self.days[self.rows, longest]
        self._report("lambda_z", found, lambda_z)
        self._report("half_life", found, half_life)
        self._report("lambda_z_points", found, n[self.rows, longest])
        self._report("adj_r_squared", found, quality[self.rows, longest])
        self._report("span_ratio", found, np.where(found, span, 0.0) / half_life)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segments:
    """The stretches between neighbouring samples of the curves; a height of NaN is unknown, above ULOQ."""

    on_curve: Mask
    t1: Floats
    c1: Floats
    t2: Floats
    c2: Floats
    rule: AucRule

    def area_to(self, end: Floats) -> tuple[Floats, Mask]:
        """The area of each row to its own end, and whether it needs a height nobody knows."""
        import numpy as np

        right = np.minimum(self.t2, end[:, None])
        needed = self.on_curve & (right > self.t1)
        unknown = needed & (np.isnan(self.c1) | np.isnan(self.c2))
        known = needed & ~unknown
        # Only the stretches that count are computed, one after the other in one long array.
        t1, c1, t2, c2, right = self.t1[known], self.c1[known], self.t2[known], self.c2[known], right[known]
        width = right - t1
        share = width / (t2 - t1)
        falls = (c2 < c1) & (c2 > 0) if self.rule is AucRule.LIN_UP_LOG_DOWN else np.zeros(len(c1), dtype=np.bool_)
        end_height = np.where(right == t2, c2, c1 + share * (c2 - c1))
        cut = falls & (right < t2)
        end_height[cut] = c1[cut] * np.exp(share[cut] * np.log(c2[cut] / c1[cut]))
        areas = width * (c1 + end_height) / 2
        falls &= end_height < c1
        drop = c1[falls] - end_height[falls]
        areas[falls] = width[falls] * drop / np.log1p(drop / end_height[falls])
        spread = np.zeros(self.t1.shape)
        spread[known] = areas
        totals: Floats = spread.sum(axis=1)
        is_unknown: Mask = np.any(unknown, axis=1)
        return totals, is_unknown
