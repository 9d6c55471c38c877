"""The shapes of marks: each state of a value has a shape of its own, before any colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QTransform

from labmon.domain.quantity import ValueState
from labmon.reports.figures import Mark, MarkPlace, Series, SeriesKey, Symbol
from labmon_ui.plotting.ink import Ink

RADIUS = 3.6
NEGATIVE_BAR = 7.0
"""Half the width of the bar at a negative's earned sensitivity."""


class Fill(Enum):
    NONE = "none"
    SURFACE = "surface"
    INK = "ink"


@dataclass(frozen=True, slots=True)
class Part:
    """One path of a mark: several parts, drawn one over the other, make a state's sign."""

    path: QPainterPath
    fill: Fill
    stroke: float
    tone: str = ""
    """A palette token, when the part does not take its series' colour."""


@lru_cache(maxsize=32)
def outline(symbol: Symbol, radius: float = RADIUS) -> QPainterPath:
    """The outline of a symbol around the origin, in pixels."""
    path = QPainterPath()
    r = radius
    match symbol:
        case Symbol.CIRCLE:
            path.addEllipse(QPointF(0, 0), r, r)
        case Symbol.SQUARE:
            path.addRect(QRectF(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r))
        case Symbol.TRIANGLE:
            _polygon(path, [(0, -1.15 * r), (1.15 * r, 0.85 * r), (-1.15 * r, 0.85 * r)])
        case Symbol.DIAMOND:
            _polygon(path, [(0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)])
        case Symbol.PLUS:
            path.moveTo(-r, 0)
            path.lineTo(r, 0)
            path.moveTo(0, -r)
            path.lineTo(0, r)
    return path


def _polygon(path: QPainterPath, points: list[tuple[float, float]]) -> None:
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.closeSubpath()


@lru_cache(maxsize=16)
def _stripes(symbol: Symbol, radius: float) -> QPainterPath:
    """The diagonals inside a symbol: held, a value nobody may use yet."""
    bars = QPainterPath()
    bars.setFillRule(Qt.FillRule.WindingFill)
    for k in (-1, 0, 1):
        bars.addRect(QRectF(-3 * radius, k * 2.6 - 0.55, 6 * radius, 1.1))
    turned = QTransform().rotate(-45).map(bars)
    return turned.intersected(outline(symbol, radius))


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    return path


@lru_cache(maxsize=8)
def _negative(is_claim: bool) -> tuple[Part, ...]:
    bar = QPainterPath()
    bar.addRect(QRectF(-NEGATIVE_BAR, -1, 2 * NEGATIVE_BAR, 2))
    triangle = QPainterPath()
    _polygon(triangle, [(0, 10), (-4.4, 2.4), (4.4, 2.4)])
    if is_claim:
        return Part(bar, Fill.INK, 0), Part(triangle, Fill.SURFACE, 1.4)
    gapped = QPainterPath()
    for x in (-7.0, -1.9, 3.2):
        gapped.addRect(QRectF(x, -1, 3.8, 2))
    # The dashes are an outline of their own: devices disagree about dashes of a scaled pen.
    stroker = QPainterPathStroker()
    stroker.setWidth(1.4)
    stroker.setDashPattern([2 / 1.4, 1.6 / 1.4])
    stroker.setCapStyle(Qt.PenCapStyle.FlatCap)
    return (
        Part(gapped, Fill.INK, 0, tone="text3"),
        Part(triangle, Fill.SURFACE, 0),
        Part(stroker.createStroke(triangle), Fill.INK, 0, tone="text3"),
    )


def parts(mark: Mark, series: Series, radius: float | None = None) -> tuple[Part, ...]:
    """The sign of a mark on the value axis."""
    small = series.key is SeriesKey.EXHAUSTION
    r = radius or (2.7 if small else RADIUS)
    return _parts(mark.state, series.symbol, r, mark.earns_claim, mark.is_held, mark.is_excluded, mark.is_unconfirmed)


@lru_cache(maxsize=256)
def _parts(
    state: ValueState,
    symbol: Symbol,
    radius: float,
    earns_claim: bool,
    is_held: bool,
    is_excluded: bool,
    is_unconfirmed: bool,
) -> tuple[Part, ...]:
    shape = outline(symbol, radius)
    found: list[Part] = []
    if is_unconfirmed:
        ring = QPainterPath()
        ring.addEllipse(QPointF(0, 0), radius + 3.9, radius + 3.9)
        found.append(Part(ring, Fill.NONE, 1.5, tone="amber"))
    if is_excluded:
        slash = radius * 1.65
        found.append(Part(shape, Fill.SURFACE, 1.5, tone="text3"))
        found.append(Part(_line((-slash, slash), (slash, -slash)), Fill.NONE, 1.4, tone="text3"))
    elif is_held:
        found.append(Part(shape, Fill.SURFACE, 1.3))
        found.append(Part(_stripes(symbol, radius), Fill.INK, 0))
    elif state is ValueState.NOT_DETECTED:
        found.extend(_negative(earns_claim))
    elif state is ValueState.DETECTED_BELOW_LLOQ:
        found.append(Part(shape, Fill.SURFACE, 1.5))
    elif state is ValueState.ABOVE_ULOQ:
        top = -radius - 9
        found.append(Part(_line((0, -radius), (0, top)), Fill.NONE, 1.5))
        found.append(Part(_line((-3, top + 4), (0, top), (3, top + 4)), Fill.NONE, 1.5))
        found.append(Part(shape, Fill.SURFACE, 1.5))
    else:
        found.append(Part(shape, Fill.INK, 1.5))
    return tuple(found)


def part_colour(part: Part, series: Series, ink: Ink) -> QColor:
    """A part's own tone, or the colour of its series."""
    return QColor(getattr(ink.palette, part.tone)) if part.tone else ink.series(series.key)


def part_pen(part: Part, colour: QColor, ink: Ink, size: float = 1.0) -> QPen:
    """The pen of a part when its path is drawn `size` times smaller than its pixels."""
    if part.stroke == 0:
        return QPen(Qt.PenStyle.NoPen)
    return ink.pen(colour, part.stroke / size)


def part_brush(part: Part, colour: QColor, ink: Ink) -> QBrush:
    match part.fill:
        case Fill.NONE:
            return QBrush(Qt.BrushStyle.NoBrush)
        case Fill.SURFACE:
            return QBrush(QColor(ink.palette.surface))
        case Fill.INK:
            return QBrush(colour)


def draw(
    painter: QPainter, x: float, y: float, mark: Mark, series: Series, ink: Ink, radius: float | None = None
) -> None:
    """Paints the sign of a mark at a pixel, for readouts and the key; a rug mark is its stroke."""
    painter.save()
    painter.translate(x, y)
    painter.scale(ink.scale, ink.scale)
    if mark.place is MarkPlace.RUG:
        painter.fillRect(QRectF(-1, -5, 2, 10), ink.series(series.key))
    else:
        for part in parts(mark, series, radius):
            colour = part_colour(part, series, ink)
            painter.setPen(part_pen(part, colour, ink))
            painter.setBrush(part_brush(part, colour, ink))
            painter.drawPath(part.path)
    painter.restore()
