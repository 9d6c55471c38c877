"""Draws a `CurveSpec`: the standards, their line, the samples on it and the LLOQ, small enough for a side panel."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from labmon.domain.run import CurvePoint
from labmon.reports.curve_figure import CurveSpec
from labmon.reports.figures import Symbol, ValueAxis
from labmon_ui.plotting.ink import Ink, crisp, horizontal, vertical
from labmon_ui.plotting.symbols import outline
from labmon_ui.theme import Theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 26.0, 6.0, 20.0, 36.0
_HEIGHT = 176
_SMALL = 11.0


class StandardCurveView(QWidget):
    """The picture of one curve; without one it takes no room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._spec: CurveSpec | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self.hide()

    def show_curve(self, spec: CurveSpec | None) -> None:
        self._spec = spec
        self.setVisible(spec is not None)
        self.setAccessibleName(spec.summary if spec is not None else "")
        self.setToolTip(spec.summary if spec is not None else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._spec is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._theme.text_scale / 100
        area = QRectF(self.rect()).adjusted(_LEFT * scale, _TOP * scale, -_RIGHT * scale, -_BOTTOM * scale)
        paint_curve(painter, area, self._spec, Ink(self._theme.palette, scale))

    @Slot()
    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def paint_curve(painter: QPainter, area: QRectF, spec: CurveSpec, ink: Ink) -> None:
    """Paint into `area`; the words of the axes stand outside of it."""
    _paint_axes(painter, area, spec, ink)
    series, s = ink.palette.transgene, ink.scale
    if spec.lloq is not None:
        x = crisp(_across(spec.copies, spec.lloq.value, area))
        painter.setPen(ink.pen(series, 1, (1.5, 2.5)))
        vertical(painter, x, area.top(), area.bottom())
        _write_beside_line(painter, x, area, spec.lloq.text, ink)
    painter.setPen(ink.pen(series, 1.5 * s))
    start, end = (_point(spec, copies, cycles, area) for copies, cycles in spec.line)
    painter.drawLine(start, end)
    _paint_points(painter, area, spec, spec.samples, ink)
    _paint_points(painter, area, spec, spec.standards, ink)


def _write_beside_line(painter: QPainter, x: float, area: QRectF, text: str, ink: Ink) -> None:
    width, gap = ink.width(text, 10.5), 5 * ink.scale
    left = x + gap if x + gap + width <= area.right() else x - gap - width
    ink.text(painter, left, area.bottom() - gap, text, pixels=10.5, colour=ink.palette.text3, halo=True)


def _paint_axes(painter: QPainter, area: QRectF, spec: CurveSpec, ink: Ink) -> None:
    p, s = ink.palette, ink.scale
    middle, right = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
    ink.text(painter, area.left() - _LEFT * s, area.top() - 8 * s, "Cq", colour=p.text3)
    for tick in spec.cycles.ticks:
        if not spec.cycles.low <= tick.value <= spec.cycles.high:
            continue
        y = _up(spec.cycles, tick.value, area)
        painter.setPen(ink.pen(p.grid))
        horizontal(painter, area.left(), area.right(), crisp(y))
        ink.text(painter, area.left() - 6 * s, y + 4 * s, tick.text, colour=p.text3, anchor=right)
    painter.setPen(ink.pen(p.axis))
    base = crisp(area.bottom())
    horizontal(painter, area.left(), area.right(), base)
    stride = _label_stride(area, spec, ink)
    for number, tick in enumerate(spec.copies.ticks):
        x = crisp(_across(spec.copies, tick.value, area))
        painter.setPen(ink.pen(p.axis))
        vertical(painter, x, base, base + 3 * s)
        if number % stride == 0:
            ink.text(painter, x, base + 15 * s, tick.text, colour=p.text3, anchor=middle)
    ink.text(painter, area.right(), base + 30 * s, "copies per reaction", colour=p.text3, anchor=right)
    _paint_key(painter, area, spec, ink)


def _label_stride(area: QRectF, spec: CurveSpec, ink: Ink) -> int:
    """Every decade has its tick; its words stand at every one, or every second or third, as they fit."""
    ticks = spec.copies.ticks
    widest = max(ink.width(tick.text, _SMALL) for tick in ticks)
    decade = area.width() / (spec.copies.span[1] - spec.copies.span[0])
    return max(1, math.ceil((widest + 6 * ink.scale) / decade))


def _paint_key(painter: QPainter, area: QRectF, spec: CurveSpec, ink: Ink) -> None:
    """Which sign is a standard and which a sample, right above the plot."""
    p, s = ink.palette, ink.scale
    x, y = area.right(), area.top() - 8 * s
    entries = [("standards", Symbol.CIRCLE)] + ([("samples", Symbol.DIAMOND)] if spec.samples else [])
    for words, symbol in reversed(entries):
        x -= ink.width(words, _SMALL)
        ink.text(painter, x, y, words, colour=p.text3)
        x -= 8 * s
        _paint_mark(painter, QPointF(x, y - 4 * s), symbol, ink)
        x -= 12 * s


def _paint_points(painter: QPainter, area: QRectF, spec: CurveSpec, points: tuple[CurvePoint, ...], ink: Ink) -> None:
    for point in points:
        symbol = Symbol.CIRCLE if point.is_standard else Symbol.DIAMOND
        _paint_mark(painter, _point(spec, point.copies, point.cq, area), symbol, ink)


def _paint_mark(painter: QPainter, at: QPointF, symbol: Symbol, ink: Ink) -> None:
    p, s = ink.palette, ink.scale
    is_standard = symbol is Symbol.CIRCLE
    painter.setPen(ink.pen(p.surface if is_standard else p.text2, (0.8 if is_standard else 1.2) * s))
    painter.setBrush(QColor(p.transgene if is_standard else p.surface))
    painter.drawPath(outline(symbol, 3.3 * s if is_standard else 2.9 * s).translated(at))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _point(spec: CurveSpec, copies: float, cycles: float, area: QRectF) -> QPointF:
    return QPointF(_across(spec.copies, copies, area), _up(spec.cycles, cycles, area))


def _across(axis: ValueAxis, value: float, area: QRectF) -> float:
    low, high = axis.span
    return area.left() + (axis.position(value) - low) / (high - low) * area.width()


def _up(axis: ValueAxis, value: float, area: QRectF) -> float:
    low, high = axis.span
    return area.bottom() - (axis.position(value) - low) / (high - low) * area.height()
