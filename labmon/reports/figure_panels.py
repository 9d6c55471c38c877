"""The panels of a timeline figure: which analytes are drawn, on which axis, with which limits and cutoffs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from labmon.criteria.protocol import Protocol
from labmon.criteria.rule_kinds import BCellRecoveryRule, FlowLossRule, MrdRule, TransgeneLossRule
from labmon.domain import wording
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import SpecimenType
from labmon.domain.finding import Finding
from labmon.domain.quantity import Unit
from labmon.kinetics.curve_fit import LABEL, LossWindow, ModelCurve
from labmon.kinetics.parameters import SeriesParameters
from labmon.kinetics.persistence import PersistenceState
from labmon.kinetics.timeline import Point, Timeline
from labmon.reports.figure_marks import MarkMaker
from labmon.reports.figures import (
    Callout,
    Limit,
    LimitStep,
    LineStyle,
    ModelLine,
    Panel,
    PanelKey,
    Series,
    SeriesKey,
    Shade,
    Side,
    Symbol,
    Threshold,
    linear_axis,
    log_axis,
)

_SMALL_PANEL_HEADROOM = 2.0
_MOST_LABELLED_LIMITS = 3


class Detail(StrEnum):
    """How much of what was measured is drawn."""

    CLINICAL = "clinical"
    """One panel for each question."""
    ALL = "all"
    """Every analyte in every unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How one analyte is drawn."""

    panel: PanelKey
    title: str
    unit: str
    key: SeriesKey
    symbol: Symbol
    line: LineStyle
    analyte: Analyte


_TRANSGENE = _Plan(
    panel=PanelKey.TRANSGENE,
    title="Transgene",
    unit="copies/µg DNA",
    key=SeriesKey.TRANSGENE,
    symbol=Symbol.CIRCLE,
    line=LineStyle.SOLID,
    analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
)
_TRANSGENE_PER_UL = _Plan(
    panel=PanelKey.TRANSGENE_PER_UL,
    title="Transgene",
    unit="copies/µL",
    key=SeriesKey.TRANSGENE,
    symbol=Symbol.CIRCLE,
    line=LineStyle.SOLID,
    analyte=Analyte.TRANSGENE_COPIES_PER_UL_BLOOD,
)
_CAR_CELLS = _Plan(
    panel=PanelKey.CAR_CELLS,
    title="CAR+ T cells",
    unit="cells/µL",
    key=SeriesKey.CAR_CELLS,
    symbol=Symbol.SQUARE,
    line=LineStyle.SOLID,
    analyte=Analyte.CAR_POS_CELLS_PER_UL,
)
_CAR_PERCENT = _Plan(
    panel=PanelKey.CAR_PERCENT,
    title="CAR+ T cells",
    unit="% of CD3+",
    key=SeriesKey.CAR_PERCENT,
    symbol=Symbol.TRIANGLE,
    line=LineStyle.DASH,
    analyte=Analyte.CAR_POS_PCT_OF_CD3,
)


def _b_cells(analyte: Analyte, unit: str) -> _Plan:
    return _Plan(
        panel=PanelKey.B_CELLS,
        title="B cells",
        unit=unit,
        key=SeriesKey.B_CELLS,
        symbol=Symbol.DIAMOND,
        line=LineStyle.DASH_DOT,
        analyte=analyte,
    )


_B_CELLS = (
    _b_cells(Analyte.CD19_PCT_OF_LYMPHOCYTES, "CD19+, % of lymphocytes"),
    _b_cells(Analyte.CD19_PCT_OF_WBC, "CD19+, % of WBC"),
    _b_cells(Analyte.CD19_CELLS_PER_UL, "CD19+, cells/µL"),
)
"""In the order of preference; the rule's own evidence comes before it."""

_EXHAUSTION: tuple[tuple[Analyte, Symbol, LineStyle], ...] = (
    (Analyte.PD1_PCT_OF_CAR_POS, Symbol.CIRCLE, LineStyle.SOLID),
    (Analyte.TIM3_PCT_OF_CAR_POS, Symbol.TRIANGLE, LineStyle.DASH),
    (Analyte.LAG3_PCT_OF_CAR_POS, Symbol.PLUS, LineStyle.DOT),
    (Analyte.TIGIT_PCT_OF_CAR_POS, Symbol.SQUARE, LineStyle.DASH_DOT),
    (Analyte.CD39_PCT_OF_CAR_POS, Symbol.DIAMOND, LineStyle.DASH),
)

_MRD: tuple[tuple[MrdMethod, SeriesKey, Symbol, str], ...] = (
    (MrdMethod.FLOW, SeriesKey.MRD_FLOW, Symbol.SQUARE, "flow"),
    (MrdMethod.NGS, SeriesKey.MRD_NGS, Symbol.DIAMOND, "NGS"),
    (MrdMethod.RQ_PCR, SeriesKey.MRD_PCR, Symbol.CIRCLE, "RQ-PCR"),
)

_METHOD = {
    PanelKey.TRANSGENE: "qPCR",
    PanelKey.TRANSGENE_PER_UL: "qPCR",
    PanelKey.CAR_CELLS: "flow",
    PanelKey.CAR_PERCENT: "flow",
    PanelKey.B_CELLS: "flow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelBuilder:
    """Makes the panels of one course, each only when it has data."""

    timeline: Timeline
    parameters: tuple[SeriesParameters, ...]
    findings: tuple[Finding, ...]
    protocol: Protocol
    marks: MarkMaker
    detail: Detail
    curve: ModelCurve | None = None

    def build(self) -> list[Panel]:
        b_cells = self._b_cell_plans()
        plans = [_TRANSGENE, _TRANSGENE_PER_UL, _CAR_CELLS, _CAR_PERCENT, *b_cells]
        if self.detail is Detail.CLINICAL:
            plans.remove(_TRANSGENE_PER_UL)
        panels = [self._panel(plan) for plan in plans if self._keys(plan.analyte)]
        return [*panels, *self._mrd_panel(), *self._exhaustion_panel()]

    def _keys(self, analyte: Analyte) -> list[SpecimenType]:
        """The specimen types an analyte was measured in, blood first."""
        types = {key.specimen_type for key, points in self.timeline.series.items() if key.analyte is analyte and points}
        return sorted(types, key=list(SpecimenType).index)

    def _b_cell_plans(self) -> list[_Plan]:
        """One denominator for the clinician: the one the recovery rests on, else the preferred one measured."""
        measured = [plan for plan in _B_CELLS if self._keys(plan.analyte)]
        if self.detail is Detail.ALL or len(measured) <= 1:
            return measured
        read = {evidence.result_id for finding in self.findings for evidence in finding.evidence}
        for plan in measured:
            points = self.timeline.points(plan.analyte, self._keys(plan.analyte)[0])
            if any(point.result.result_id in read for point in points):
                return [plan]
        return measured[:1]

    def _panel(self, plan: _Plan) -> Panel:
        series = []
        specimen_types = self._keys(plan.analyte)
        for i, specimen_type in enumerate(specimen_types):
            points = self.timeline.points(plan.analyte, specimen_type)
            series.append(
                Series(
                    key=plan.key,
                    name=f"{plan.analyte.label}, {specimen_type.label}",
                    symbol=plan.symbol if i == 0 else Symbol.DIAMOND if i == 1 else Symbol.PLUS,
                    line=plan.line if i == 0 else LineStyle.NONE,
                    marks=tuple(self.marks.mark(point) for point in points),
                    end_label=specimen_type.label if len(specimen_types) > 1 else "",
                )
            )
        limits, thresholds = self._lines(plan, specimen_types[0])
        heights = [mark.height for each in series for mark in each.marks if mark.height is not None]
        heights += [step.value for limit in limits for step in limit.steps]
        heights += [threshold.value for threshold in thresholds]
        headroom = 3.4 if plan.panel is PanelKey.TRANSGENE else _SMALL_PANEL_HEADROOM
        where = " and ".join(specimen_type.label for specimen_type in specimen_types)
        return Panel(
            key=plan.panel,
            title=plan.title,
            unit=f"{plan.unit} · {where}, {_METHOD[plan.panel]}",
            axis=log_axis([height for height in heights if height > 0] or [1.0], headroom=headroom),
            series=tuple(series),
            limits=limits,
            thresholds=thresholds,
            shades=self._shades(plan),
            callouts=self._callouts(plan),
            model=self._model(plan),
        )

    def _lines(self, plan: _Plan, specimen_type: SpecimenType) -> tuple[tuple[Limit, ...], tuple[Threshold, ...]]:
        """The LLOQ steps of a panel and the cutoffs of its rules; where both coincide they share one line."""
        steps = _limit_steps(self.timeline.points(plan.analyte, specimen_type))
        thresholds = []
        for value, short, text, side in self._cutoffs(plan):
            same = [i for i, step in enumerate(steps) if math.isclose(step.value, value)]
            if same and side is Side.NEITHER:
                step = steps[same[-1]]
                steps[same[-1]] = LimitStep(day=step.day, value=step.value, text=f"{step.text or 'LLOQ'} · {short}")
            else:
                key = plan.key if side is not Side.NEITHER else None
                thresholds.append(Threshold(value=value, text=text, key=key, tinted=side))
        return ((_limit_of(plan.key, steps),) if steps else ()), tuple(thresholds)

    def _cutoffs(self, plan: _Plan) -> Iterable[tuple[float, str, str, Side]]:
        for rule in self.protocol.rules:
            if isinstance(rule, TransgeneLossRule) and plan is _TRANSGENE:
                short = f"{rule.id} {wording.limit(rule.cutoff.value)}"
                yield rule.cutoff.value, short, f"{short} {plan.analyte.unit.symbol}", Side.NEITHER
            elif isinstance(rule, FlowLossRule) and plan is _CAR_PERCENT:
                short = f"{rule.id} {wording.limit_amount(rule.cutoff.value, Unit.PERCENT)}"
                yield rule.cutoff.value, rule.id, short, Side.NEITHER
            elif isinstance(rule, BCellRecoveryRule):
                limit, what = {
                    Analyte.CD19_PCT_OF_LYMPHOCYTES: (rule.pct_of_lymphocytes, "% of lymphocytes"),
                    Analyte.CD19_PCT_OF_WBC: (rule.pct_of_wbc, "% of WBC"),
                    Analyte.CD19_CELLS_PER_UL: (rule.cells_per_ul, "cells/µL"),
                }.get(plan.analyte, (None, ""))
                if limit is not None:
                    amount = f"{limit.comparison.symbol} {wording.limit(limit.value)}{wording.NO_BREAK_SPACE}{what}"
                    yield limit.value, rule.id, f"{rule.id} recovery {amount}", Side.ABOVE

    def _series_parameters(self, plan: _Plan) -> SeriesParameters | None:
        return next(
            (
                each
                for each in self.parameters
                if each.key.analyte is plan.analyte and each.key.specimen_type is SpecimenType.PERIPHERAL_BLOOD
            ),
            None,
        )

    def _shades(self, plan: _Plan) -> tuple[Shade, ...]:
        """The days in which the transgene was lost, or in which a first sample says so."""
        found = self._series_parameters(plan)
        if plan is not _TRANSGENE or found is None:
            return ()
        stay = found.persistence
        left, right = stay.left_day, stay.right_day
        words: tuple[str, ...] = ()
        if stay.state is PersistenceState.UNCONFIRMED:
            right, words = stay.unconfirmed_day, ("unconfirmed", "loss")
        elif stay.state in (PersistenceState.LOST, PersistenceState.CONFLICT) and left is not None:
            words = ("lost in", _whole_days(left, right))
        if left is None or right is None or not words:
            return ()
        return (Shade(left_day=left, right_day=right, key=plan.key, lines=words),)

    def _callouts(self, plan: _Plan) -> tuple[Callout, ...]:
        found = self._series_parameters(plan)
        if plan is not _TRANSGENE or found is None:
            return ()
        cmax, tmax = found.get("cmax").value, found.get("tmax").value
        if cmax is None or tmax is None:
            return ()
        text = f"{wording.number(cmax)} · {wording.day(tmax)}"
        return (Callout(day=tmax, value=cmax, key=plan.key, name="C", subscript="max", text=text),)

    def _model(self, plan: _Plan) -> ModelLine | None:
        curve = self.curve
        if plan is not _TRANSGENE or curve is None:
            return None
        return ModelLine(
            key=plan.key,
            days=curve.days,
            values=curve.values,
            low=curve.low,
            high=curve.high,
            text=f"{LABEL}{_predicted_loss(curve.loss, curve.interval)}",
        )

    def _mrd_panel(self) -> list[Panel]:
        rule = next((rule for rule in self.protocol.rules if isinstance(rule, MrdRule)), None)
        series = []
        where: list[str] = []
        for method, key, symbol, name in _MRD:
            for specimen_type in self._keys(Analyte.MRD_FRACTION):
                points = self.timeline.points(Analyte.MRD_FRACTION, specimen_type, method)
                if not points:
                    continue
                if specimen_type.label not in where:
                    where.append(specimen_type.label)
                suffix = "" if specimen_type is SpecimenType.BONE_MARROW else f" {specimen_type.label}"
                series.append(
                    Series(
                        key=key,
                        name=f"MRD {name}, {specimen_type.label}",
                        symbol=symbol,
                        line=LineStyle.NONE,
                        marks=tuple(self.marks.mrd_mark(point, method, name, suffix, rule) for point in points),
                    )
                )
        if not series:
            return []
        claim = () if rule is None else (rule.sensitivity.value,)
        heights = [mark.height for each in series for mark in each.marks if mark.height]
        thresholds = tuple(Threshold(value=value, text=f"claim line {wording.fraction(value)}") for value in claim)
        # Room below the lowest mark for the triangle that hangs from its bar.
        lowest = min([*heights, *claim, 1e-4]) / 6
        return [
            Panel(
                key=PanelKey.MRD,
                title="MRD",
                unit=f"fraction, by method · {' and '.join(where)}",
                axis=log_axis([lowest, *heights, *claim, 1e-2], powers=True, headroom=4),
                series=tuple(series),
                thresholds=thresholds,
            )
        ]

    def _exhaustion_panel(self) -> list[Panel]:
        series = []
        where: list[str] = []
        for analyte, symbol, line in _EXHAUSTION:
            name = analyte.label.partition("+")[0]
            for specimen_type in self._keys(analyte):
                points = self.timeline.points(analyte, specimen_type)
                is_blood = specimen_type is SpecimenType.PERIPHERAL_BLOOD
                where += [] if specimen_type.label in where else [specimen_type.label]
                series.append(
                    Series(
                        key=SeriesKey.EXHAUSTION,
                        name=f"{analyte.label}, {specimen_type.label}",
                        symbol=symbol,
                        line=line if is_blood else LineStyle.NONE,
                        marks=tuple(self.marks.mark(point, lead=f"{name} ") for point in points),
                        end_label=name if is_blood else f"{name} {specimen_type.label}",
                    )
                )
        if not series:
            return []
        heights = [mark.height for each in series for mark in each.marks if mark.height is not None]
        return [
            Panel(
                key=PanelKey.EXHAUSTION,
                title="Exhaustion markers",
                unit=f"% of CAR+ T cells · {' and '.join(where)}",
                remark="supporting, not a trigger",
                axis=linear_axis(heights or [60.0], step=30 if max(heights, default=0) <= 60 else 50),
                series=tuple(series),
            )
        ]


def _predicted_loss(loss: LossWindow | None, interval: float) -> str:
    if loss is None:
        return ""
    limit = wording.limit_amount(loss.lloq, Analyte.TRANSGENE_COPIES_PER_UG_DNA.unit)
    horizon = f"beyond {wording.day(loss.horizon_days)}"
    if loss.earliest_day is None:
        return f"; below {limit} {horizon}"
    best = f"from {wording.day(loss.best_day)}" if loss.best_day is not None else horizon
    latest = wording.day(loss.latest_day) if loss.latest_day is not None else horizon
    sure = f"{interval:.0%}".replace("%", f"{wording.NO_BREAK_SPACE}%")
    return f"; below {limit} {best}, {sure} interval {wording.day(loss.earliest_day)} to {latest}"


def _whole_days(left: float, right: float | None) -> str:
    """An interval in the whole study days the rest of the figure speaks in."""
    return wording.interval(math.floor(left), math.floor(right) if right is not None else None)


def _limit_steps(points: Sequence[Point]) -> list[LimitStep]:
    """The LLOQ run by run, changing half-way between two samples."""
    steps: list[LimitStep] = []
    previous: Point | None = None
    for point in points:
        lloq = point.result.quantity.lloq
        if lloq is None or lloq <= 0 or point.result.is_excluded:
            continue
        if not steps or not math.isclose(steps[-1].value, lloq, rel_tol=1e-6):
            day = (previous.day + point.day) / 2 if previous is not None else point.day
            steps.append(LimitStep(day=day, value=lloq, text=f"LLOQ {_limit(point, lloq)}"))
        previous = point
    return steps


def _limit_of(key: SeriesKey, steps: list[LimitStep]) -> Limit:
    """The steps, each with its words while they are few; many, as of flow limits by events, as one range."""
    named = [
        step if i == 0 or step.text != steps[i - 1].text else LimitStep(day=step.day, value=step.value, text="")
        for i, step in enumerate(steps)
    ]
    if sum(bool(step.text) for step in named) <= _MOST_LABELLED_LIMITS:
        return Limit(key=key, steps=tuple(named))
    values = [step.value for step in steps]
    low, high = _two_digits(min(values)), _two_digits(max(values))
    rules = [step.text.partition(" · ")[2] for step in steps if " · " in step.text]
    text = " · ".join([f"LLOQ {low}–{high}", *rules])
    unnamed = tuple(LimitStep(day=step.day, value=step.value, text="") for step in steps)
    return Limit(key=key, steps=unnamed, text=text)


def _two_digits(value: float) -> str:
    return wording.limit(float(f"{value:.2g}"))


def _limit(point: Point, lloq: float) -> str:
    """A limit beside its line; those made of event counts are not written to their last digit."""
    is_percent = point.result.quantity.unit is Unit.PERCENT
    return f"{_two_digits(lloq)}{wording.NO_BREAK_SPACE}%" if is_percent else wording.limit(float(f"{lloq:.3g}"))
