"""The pyqtgraph items of a panel: one view box, its lines and its marks, refilled from one figure to the next.

Values reach pyqtgraph with their logarithm already taken: its own log mode knows only some items, and zeros vanish.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from labmon.reports.figures import LineStyle, Mark, MarkPlace, Series, SeriesKey
from labmon_ui.plotting import labelling, symbols
from labmon_ui.plotting.geometry import BLEED, Geometry, PanelBox
from labmon_ui.plotting.ink import Ink

Floats = npt.NDArray[np.float64]

_SPOT = 40.0
"""Pixels a symbol's unit path stands for."""

_DASHES: dict[LineStyle, tuple[float, ...]] = {
    LineStyle.SOLID: (),
    LineStyle.DASH: (6, 3),
    LineStyle.DASH_DOT: (8, 2, 2, 2),
    LineStyle.DOT: (1.5, 2.5),
}
_TENTATIVE = (3.0, 3.0)
_LEADER_TICK = 4.0
"""Pixels above and below the mark's height."""


class _Curve(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """A curve whose pen is as wide on every device.

    pyqtgraph draws curves with cosmetic pens, which count the device's pixels: half as wide on a screen with two
    device pixels a pixel. The path is therefore taken to figure pixels first, as pyqtgraph does with symbols.
    """

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        path = painter.transform().map(self.getPath())
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.opts["pen"])
        painter.drawPath(path)
        painter.restore()


class PanelItems:
    """The pyqtgraph items of one panel, kept for the next figure."""

    def __init__(self, scene: pg.GraphicsScene) -> None:
        self.view = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.view.disableAutoRange()
        self.view.setZValue(0)
        self.view.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsFocusable, False)
        scene.addItem(self.view)
        self.curves: list[_Curve] = []
        self.spots = pg.ScatterPlotItem(pxMode=True, useCache=False, antialias=True)
        self.spots.setZValue(10)
        self.view.addItem(self.spots, ignoreBounds=True)

    def curve(self, index: int) -> _Curve:
        while len(self.curves) <= index:
            item = _Curve(antialias=True, connect="finite")
            self.view.addItem(item, ignoreBounds=True)
            self.curves.append(item)
        return self.curves[index]

    def fill(self, box: PanelBox, geometry: Geometry, ink: Ink) -> None:
        """Puts a panel's numbers into the items."""
        self._place(box, geometry)
        used = 0
        for series in box.panel.series:
            for is_tentative in (False, True):
                if self._fill_curve(self.curve(used), series, box, geometry, ink, is_tentative=is_tentative):
                    used += 1
        if self._fill_leaders(self.curve(used), box, geometry, ink):
            used += 1
        for spare in self.curves[used:]:
            spare.hide()
        self._fill_spots(box, geometry, ink)
        self.view.show()

    def _place(self, box: PanelBox, g: Geometry) -> None:
        bleed = BLEED * g.scale
        area = QRectF(g.left, box.plot_top, g.right - g.left, box.plot_bottom - box.plot_top)
        low, high = box.panel.axis.span
        per_pixel = (high - low) / (box.plot_bottom - box.plot_top)
        self.view.setGeometry(area.adjusted(-bleed, -bleed, bleed, bleed))
        self.view.setRange(
            xRange=(g.view.low - bleed * g.units_per_pixel, g.view.high + bleed * g.units_per_pixel),
            yRange=(low - bleed * per_pixel, high + bleed * per_pixel),
            padding=0,
            disableAutoRange=True,
        )

    def _fill_curve(
        self,
        curve: _Curve,
        series: Series,
        box: PanelBox,
        g: Geometry,
        ink: Ink,
        *,
        is_tentative: bool,
    ) -> bool:
        days: list[float] = []
        heights: list[float] = []
        for segment in series.segments():
            if segment.is_tentative is is_tentative:
                if days and days[-1] == segment.start.day:
                    days.append(segment.end.day)
                    heights.append(_axis_position(box, segment.end))
                else:
                    days += [np.nan, segment.start.day, segment.end.day]
                    heights += [np.nan, _axis_position(box, segment.start), _axis_position(box, segment.end)]
        if not days:
            return False
        x, y = _through_break(g, np.array(days[1:]), np.array(heights[1:]))
        x, y = _cut(x, y, g.view.low, g.view.high)
        if not len(x):
            return False
        width = 1.75 if series.key is SeriesKey.TRANSGENE else 1.25 if series.key is SeriesKey.EXHAUSTION else 1.5
        dash = _TENTATIVE if is_tentative else _DASHES[series.line]
        width, dash = (1.25 if is_tentative else width) * g.scale, tuple(length * g.scale for length in dash)
        curve.setData(x, y, pen=ink.pen(ink.series(series.key), width, dash), connect="finite")
        curve.show()
        return True

    def _fill_leaders(self, curve: _Curve, box: PanelBox, g: Geometry, ink: Ink) -> bool:
        """Ties a mark that stands beside its day to that day: a hairline at the mark's height, a tick on the day."""
        shifts = labelling.dodge(box, g)
        low, high = box.panel.axis.span
        tick = _LEADER_TICK * g.scale * (high - low) / (box.plot_bottom - box.plot_top)
        x: list[float] = []
        y: list[float] = []
        for _, mark in box.panel.marks():
            if mark.ref not in shifts or not g.shows(mark.day):
                continue
            day, height = g.days.unit(mark.day), _axis_position(box, mark)
            x += [day, day, np.nan, day, day + shifts[mark.ref] * g.units_per_pixel, np.nan]
            y += [height - tick, height + tick, np.nan, height, height, np.nan]
        if not x:
            return False
        curve.setData(np.array(x), np.array(y), pen=ink.pen(ink.palette.text3, 1.0 * g.scale), connect="finite")
        curve.show()
        return True

    def _fill_spots(self, box: PanelBox, g: Geometry, ink: Ink) -> None:
        shifts = labelling.dodge(box, g)
        x, y, paths, pens, brushes = [], [], [], [], []
        for series, mark in box.panel.marks():
            if mark.place is not MarkPlace.AXIS:
                continue
            unit = g.days.unit(mark.day) + shifts.get(mark.ref, 0.0) * g.units_per_pixel
            for part in symbols.parts(mark, series):
                colour = symbols.part_colour(part, series, ink)
                x.append(unit)
                y.append(_axis_position(box, mark))
                paths.append(_unit_path(part.path))
                pens.append(symbols.part_pen(part, colour, ink, _SPOT))
                brushes.append(symbols.part_brush(part, colour, ink))
        if x:
            self.spots.setData(x=x, y=y, symbol=paths, size=_SPOT * g.scale, pen=pens, brush=brushes)
        else:
            self.spots.clear()


_UNIT = QTransform.fromScale(1 / _SPOT, 1 / _SPOT)


def _unit_path(path: QPainterPath) -> QPainterPath:
    return _UNIT.map(path)


def _axis_position(box: PanelBox, mark: Mark) -> float:
    assert mark.height is not None  # the caller asks for marks on the axis only
    return box.panel.axis.position(mark.height)


def _through_break(g: Geometry, days: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """A line over the break of the axis bends there, as a straight line in days does."""
    pieces_x, pieces_y = [days[:1]], [heights[:1]]
    for i in range(1, len(days)):
        before, after = days[i - 1], days[i]
        if before < g.days.break_day < after:
            part = (g.days.break_day - before) / (after - before)
            pieces_x.append(np.array([g.days.break_day]))
            pieces_y.append(heights[i - 1 : i] + part * (heights[i] - heights[i - 1]))
        pieces_x.append(days[i : i + 1])
        pieces_y.append(heights[i : i + 1])
    return g.days.forward(np.concatenate(pieces_x)), np.concatenate(pieces_y)


def _cut(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The parts of a line between two places, so that it ends with the axis though marks may reach beyond."""
    cut_x: list[float] = []
    cut_y: list[float] = []
    for x1, x2, y1, y2 in zip(x[:-1], x[1:], y[:-1], y[1:], strict=True):
        if not (x2 > low and x1 < high):  # outside, or a gap
            continue
        first, last = max(x1, low), min(x2, high)
        slope = (y2 - y1) / (x2 - x1)
        if not (cut_x and cut_x[-1] == first):
            cut_x.append(np.nan)
            cut_y.append(np.nan)
            cut_x.append(first)
            cut_y.append(y1 + slope * (first - x1))
        cut_x.append(last)
        cut_y.append(y1 + slope * (last - x1))
    return np.array(cut_x[1:]), np.array(cut_y[1:])
