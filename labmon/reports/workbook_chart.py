"""The native Excel chart of one patient: values over days on a log axis, every state with a sign of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import SpecimenType
from labmon.domain.quantity import ValueState
from labmon.kinetics.timeline import Point, Timeline
from labmon.reports.sheet import CellValue, ColumnKind, SheetColumn

if TYPE_CHECKING:
    from openpyxl.chart import ScatterChart
    from openpyxl.chart.series import Series
    from openpyxl.chart.title import Title
    from openpyxl.worksheet.worksheet import Worksheet

CHARTED = (
    Analyte.TRANSGENE_COPIES_PER_UG_DNA,
    Analyte.TRANSGENE_COPIES_PER_UL_BLOOD,
    Analyte.CAR_POS_CELLS_PER_UL,
)
"""The first of these the patient has in blood is drawn; one chart has one unit."""

CHART_WIDTH_CM, CHART_HEIGHT_CM = 18, 11

_SERIES_COLOUR, _LIMIT_COLOUR, _HELD_COLOUR = "0072B2", "5B6670", "8A5A00"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """How one column of the chart's data is drawn."""

    heading: str
    symbol: Literal["circle", "triangle", "x", "diamond", "none"]
    filled: bool = False
    line: Literal["solid", "sysDot"] | None = None
    colour: str = _SERIES_COLOUR
    tint: str = "8FC1E3"
    """Inside of an open symbol: a tint, since LibreOffice draws no outlines and white would vanish."""


_QUANTIFIED = _Mark(heading="Quantified", symbol="circle", filled=True, line="solid")
_BELOW = _Mark(heading="Below LLOQ, drawn at LLOQ", symbol="circle")
_ABOVE = _Mark(heading="Above ULOQ, drawn at ULOQ", symbol="triangle")
_NOT_DETECTED = _Mark(heading="Not detected, drawn on the axis", symbol="x", colour=_LIMIT_COLOUR)
_HELD = _Mark(heading="Held", symbol="diamond", colour=_HELD_COLOUR, tint="EBC98A")
_LLOQ = _Mark(heading="LLOQ", symbol="none", line="sysDot", colour=_LIMIT_COLOUR)
_MARKS = (_QUANTIFIED, _BELOW, _ABOVE, _NOT_DETECTED, _HELD, _LLOQ)

CHART_COLUMNS = (
    SheetColumn(heading="Patient"),
    SheetColumn(heading="Day", kind=ColumnKind.DAY),
    *(SheetColumn(heading=mark.heading, kind=ColumnKind.NUMBER, width=16) for mark in _MARKS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """The rows behind one chart, and its axes."""

    title: str
    value_title: str
    rows: tuple[tuple[CellValue, ...], ...]
    low: float
    high: float
    first_day: float
    last_day: float


def chart_data(timeline: Timeline) -> ChartData | None:
    """The rows of a patient's chart; None when there is nothing to draw. Excluded and failed values are not drawn."""
    for analyte in CHARTED:
        points = [
            point
            for point in timeline.points(analyte, SpecimenType.PERIPHERAL_BLOOD)
            if (point.result.counts or point.result.is_held)
            and not (point.result.is_excluded or point.result.is_superseded)
            and point.result.quantity.state.is_evaluable
        ]
        heights = [height for point in points if (height := _height(point)) is not None and height > 0]
        if heights:
            return _data(timeline, analyte, points, heights)
    return None


def _data(timeline: Timeline, analyte: Analyte, points: Sequence[Point], heights: Sequence[float]) -> ChartData:
    limits = [lloq for point in points if (lloq := point.result.quantity.lloq)]
    low = 10.0 ** (math.ceil(math.log10(min([*heights, *limits])) - 1e-9) - 1)
    high = 10.0 ** math.ceil(math.log10(max(heights)) + 0.1)
    counted = [point for point in points if not point.result.is_held]
    held = [point for point in points if point.result.is_held]
    code = timeline.record.patient_code
    rows = [_row(code, point.day, **_cell(point, low)) for point in counted]
    # After the counted ones, so that the line runs past a held value and the LLOQ has its own corners.
    rows += [_row(code, point.day, **_cell(point, low)) for point in held]
    rows += [_row(code, day, lloq=lloq) for day, lloq in _limit_steps(points)]
    return ChartData(
        title=f"{code}: {analyte.label}, course {timeline.course_number}",
        value_title=analyte.unit.symbol,
        rows=tuple(rows),
        low=low,
        high=high,
        first_day=min(0.0, *(point.day for point in points)) if points else 0.0,
        last_day=max(point.day for point in points),
    )


def _height(point: Point) -> float | None:
    quantity = point.result.quantity
    match quantity.state:
        case ValueState.QUANTIFIED:
            return quantity.value
        case ValueState.ABOVE_ULOQ:
            return quantity.uloq
        case _:
            return quantity.lloq


def _cell(point: Point, low: float) -> dict[str, float | None]:
    state, height = point.result.quantity.state, _height(point)
    if point.result.is_held:
        return {"held": low if state is ValueState.NOT_DETECTED else height}
    match state:
        case ValueState.QUANTIFIED:
            return {"quantified": height} if height else {"not_detected": low}
        case ValueState.DETECTED_BELOW_LLOQ:
            return {"below": height}
        case ValueState.ABOVE_ULOQ:
            return {"above": height}
        case _:
            return {"not_detected": low}


def _row(
    patient_code: str,
    day: float,
    *,
    quantified: float | None = None,
    below: float | None = None,
    above: float | None = None,
    not_detected: float | None = None,
    held: float | None = None,
    lloq: float | None = None,
) -> tuple[CellValue, ...]:
    return patient_code, round(day, 3), quantified, below, above, not_detected, held, lloq


def _limit_steps(points: Sequence[Point]) -> list[tuple[float, float]]:
    """The corners of the LLOQ's line: it steps on the day of the first sample with another LLOQ."""
    corners: list[tuple[float, float]] = []
    for point in points:
        lloq = point.result.quantity.lloq
        if not lloq:
            continue
        if corners and corners[-1][1] != lloq:
            corners.append((point.day, corners[-1][1]))
        corners.append((point.day, lloq))
    return [c for i, c in enumerate(corners) if i in (0, len(corners) - 1) or _is_corner(corners, i)]


def _is_corner(corners: Sequence[tuple[float, float]], i: int) -> bool:
    return corners[i - 1][1] != corners[i][1] or corners[i + 1][1] != corners[i][1]


def scatter_chart(data_sheet: Worksheet, data: ChartData, first_row: int) -> ScatterChart:
    """The chart over the rows of `data` that begin at `first_row` of the sheet."""
    from openpyxl.chart import Reference, ScatterChart, Series
    from openpyxl.chart.legend import Legend
    from openpyxl.chart.series import SeriesLabel

    chart = ScatterChart()
    chart.style = 2
    chart.scatterStyle = "lineMarker"
    chart.title = _title(data.title, 12, is_bold=True)
    chart.width, chart.height = CHART_WIDTH_CM, CHART_HEIGHT_CM
    chart.legend = Legend(legendPos="b", overlay=False)
    chart.display_blanks = "gap"
    chart.visible_cells_only = False  # a filter on the data sheet must not take marks from the chart
    last_row = first_row + len(data.rows) - 1
    days = Reference(data_sheet, min_col=2, min_row=first_row, max_row=last_row)
    for column, mark in enumerate(_MARKS, start=3):
        if all(row[column - 1] is None for row in data.rows):
            continue
        values = Reference(data_sheet, min_col=column, min_row=first_row, max_row=last_row)
        series = Series(values, days)
        series.tx = SeriesLabel(v=mark.heading)
        _draw(series, mark)
        chart.series.append(series)
    _axes(chart, data)
    return chart


def _draw(series: Series, mark: _Mark) -> None:
    from openpyxl.chart.marker import Marker
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    series.smooth = False
    series.marker = Marker(symbol=mark.symbol, size=7 if mark.symbol != "none" else None)
    if mark.symbol != "none":
        fill = GraphicalProperties(solidFill=mark.colour if mark.filled else mark.tint)
        if mark.symbol == "x":
            fill = GraphicalProperties(noFill=True)
        fill.line = LineProperties(solidFill=mark.colour, w=15_875)
        series.marker.graphicalProperties = fill
    series.graphicalProperties = GraphicalProperties()
    if mark.line is None:
        series.graphicalProperties.line = LineProperties(noFill=True)
    else:
        series.graphicalProperties.line = LineProperties(solidFill=mark.colour, prstDash=mark.line, w=19_050)


def _axes(chart: ScatterChart, data: ChartData) -> None:
    from openpyxl.chart.axis import ChartLines, NumericAxis
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    step = next((s for s in (7, 14, 28, 56, 84, 168) if (data.last_day - data.first_day) / s <= 10), 364)
    x, y = NumericAxis(axId=10, crossAx=100, axPos="b"), NumericAxis(axId=100, crossAx=10, axPos="l")
    chart.x_axis, chart.y_axis = x, y
    x.title, y.title = _title("Days since infusion", 10), _title(data.value_title, 10)
    x.scaling.min = math.floor(data.first_day / step) * step
    x.scaling.max = max(step, math.ceil(data.last_day / step) * step)
    x.majorUnit = step
    x.number_format, y.number_format = "0", "#,##0" if data.low >= 1 else "General"
    y.scaling.logBase = 10
    y.scaling.min, y.scaling.max = data.low, data.high
    x.crosses = y.crosses = "min"
    x.delete = y.delete = False  # openpyxl 3.1 leaves it out, and Excel then hides the axes
    x.majorGridlines = None
    y.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill="E3E8EC")))


def _title(text: str, points: int, *, is_bold: bool = False) -> Title:
    from openpyxl.chart.text import RichText, Text
    from openpyxl.chart.title import Title
    from openpyxl.drawing.text import CharacterProperties, Paragraph, RegularTextRun

    run = RegularTextRun(rPr=CharacterProperties(sz=points * 100, b=is_bold), t=text)
    # Left out, `overlay` means true, and the words lie on the plot.
    return Title(tx=Text(rich=RichText(p=[Paragraph(r=[run])])), overlay=False)
