"""Builds a patient's timeline figure from the timeline, its parameters, its findings and the protocol's limits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labmon.criteria.protocol import Protocol
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import SpecimenType
from labmon.domain.finding import Finding
from labmon.domain.quantity import ValueState
from labmon.kinetics.curve_fit import ModelCurve
from labmon.kinetics.parameters import SeriesParameters
from labmon.kinetics.timeline import Timeline
from labmon.reports.figure_lanes import EventBuilder, RibbonBuilder
from labmon.reports.figure_marks import MarkMaker, day_phrase, height, waiting_results
from labmon.reports.figure_panels import Detail, PanelBuilder
from labmon.reports.figures import DayMarker, FigureSpec, Panel

_EARLIEST_DAY = -28.0
"""Samples before the four weeks of lymphodepletion and baseline would squeeze the course."""
_FEWEST_DAYS = 34.0
_INTERMEDIATE = (Analyte.TRANSGENE_COPIES_PER_REACTION, Analyte.GDNA_CONC_NG_PER_UL)
"""Steps on the way to a result, not courses of their own."""


def timeline_figure(
    timeline: Timeline,
    parameters: Sequence[SeriesParameters],
    findings: Sequence[Finding],
    protocol: Protocol,
    *,
    detail: Detail = Detail.CLINICAL,
    with_dates: bool = False,
    curve: ModelCurve | None = None,
) -> FigureSpec:
    """The figure of one course. Calendar dates only for a role that may see them; a model's curve only when given."""
    panels = PanelBuilder(
        timeline=timeline,
        parameters=tuple(parameters),
        findings=tuple(findings),
        protocol=protocol,
        marks=MarkMaker(waiting=waiting_results(timeline, findings), with_dates=with_dates),
        detail=detail,
        curve=curve,
    ).build()
    events = EventBuilder(timeline=timeline, earliest_day=_EARLIEST_DAY, with_dates=with_dates).build()
    ribbons = RibbonBuilder(timeline=timeline, findings=tuple(findings))
    window_end = ribbons.window_end()
    as_of_day = float(timeline.day_of(timeline.as_of))
    days = [mark.day for panel in panels for _, mark in panel.marks()]
    last = max([*days, *(event.end_day or event.day for event in events), _FEWEST_DAYS])
    if window_end is not None:
        last = max(last, window_end.day)
    # A record nobody has added to for long would otherwise be mostly empty paper.
    today = DayMarker(day=as_of_day, text=f"as of {day_phrase(as_of_day)}") if as_of_day <= last * 1.5 + 60 else None
    if today is not None:
        last = max(last, as_of_day)
    earliest = min([*(math.floor(day) for day in days), *(event.day for event in events)], default=0.0)
    first = -7.0 if earliest >= -7 else max(earliest - 1, _EARLIEST_DAY)
    return FigureSpec(
        title=timeline.record.patient_code,
        first_day=first,
        last_day=last + 6,
        panels=tuple(panels),
        ribbons=ribbons.build(),
        events=events,
        today=today,
        window_end=window_end,
        omissions=_omissions(timeline, panels, first, days),
    )


def sparkline_points(timeline: Timeline) -> tuple[tuple[float, float | None, ValueState], ...]:
    """The transgene in blood for a list row: day, log10 of the value or of the limit it lies beyond, state."""
    points = []
    for point in timeline.evaluable(Analyte.TRANSGENE_COPIES_PER_UG_DNA, SpecimenType.PERIPHERAL_BLOOD):
        stands_at = height(point.result.quantity)
        log10 = math.log10(stands_at) if stands_at is not None and stands_at > 0 else None
        points.append((point.day, log10, point.result.quantity.state))
    return tuple(points)


def _omissions(timeline: Timeline, panels: Sequence[Panel], first: float, days: Sequence[float]) -> tuple[str, ...]:
    """What the figure does not draw, so that nobody takes it for all there is."""
    said = []
    drawn = {mark.ref for panel in panels for _, mark in panel.marks()}
    others = sorted(
        {
            key.analyte.label
            for key, points in timeline.series.items()
            if key.analyte not in _INTERMEDIATE and any(str(point.result.result_id) not in drawn for point in points)
        }
    )
    if others:
        said.append(", ".join(others))
    early = sum(day < first for day in days)
    if early:
        said.append(f"{early} {'result' if early == 1 else 'results'} before {wording.day(first)}")
    return tuple(said)
