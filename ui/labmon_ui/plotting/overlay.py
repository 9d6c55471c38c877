"""What follows the cursor: its line, the day bubble, a readout in every panel's heading, and the selection's ring."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from labmon.reports.figures import FigureSpec, Readout
from labmon_ui.plotting import symbols
from labmon_ui.plotting.frame import MARGIN, day_text, heading_end, paint_through
from labmon_ui.plotting.geometry import AXIS_ROW, Box, Geometry, PanelBox
from labmon_ui.plotting.ink import MEDIUM, REGULAR, STRONG, Ink
from labmon_ui.texts import tr

_SYMBOL_WIDTH = 12.0
_READ = 11.5, STRONG
_ABSENT = 11.0, REGULAR


def paint_ring(painter: QPainter, x: float, y: float, geometry: Geometry, ink: Ink) -> None:
    """The ring around the selected mark, under the mark itself."""
    painter.setPen(ink.pen(ink.palette.accent, 1.5 * geometry.scale))
    painter.setBrush(QColor(ink.palette.selected))
    painter.drawEllipse(QPointF(x, y), 7.5 * geometry.scale, 7.5 * geometry.scale)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_cursor(painter: QPainter, spec: FigureSpec, geometry: Geometry, ink: Ink, day: float) -> None:
    """The cursor's line, bubble and readouts; on a day without samples only the line and the bubble."""
    g, s = geometry, geometry.scale
    x = g.x(day)
    is_sampled = any(mark.study_day == math.floor(day) for _, _, mark in spec.marks())
    painter.setPen(ink.pen(ink.colour(ink.palette.accent, 1.0 if is_sampled else 0.45)))
    paint_through(painter, x, g, ink)
    left, right = bubble_ends(spec, g, ink, day)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink.palette.accent_fill))
    painter.drawRoundedRect(QRectF(left, g.axis_y + 4 * s, right - left, 17 * s), 4 * s, 4 * s)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink.text(
        painter,
        (left + right) / 2,
        g.axis_y + 16.5 * s,
        _bubble_text(spec, day),
        colour=ink.palette.on_fill,
        weight=STRONG,
        anchor=Qt.AlignmentFlag.AlignHCenter,
    )
    if is_sampled:
        for box in g.panels:
            _paint_readout(painter, box, g, ink, place_readout(box, g, ink, day))


def bubble_ends(spec: FigureSpec, geometry: Geometry, ink: Ink, day: float) -> tuple[float, float]:
    """Where the day bubble begins and ends."""
    width = max(ink.width(_bubble_text(spec, day), 11, STRONG) + 14 * geometry.scale, 48 * geometry.scale)
    left = min(max(geometry.x(day) - width / 2, 2.0), geometry.width - width - 2)
    return left, left + width


def _bubble_text(spec: FigureSpec, day: float) -> str:
    whole = math.floor(day)
    dated = next((mark.date for _, _, mark in spec.marks() if mark.study_day == whole and mark.date is not None), None)
    words = tr("day {day}", day=day_text(whole))
    return f"{words} · {dated.isoformat()}" if dated else words


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedReadout:
    """One panel's sentence and the pixels it takes in the heading's row."""

    readout: Readout | None
    """None on a day this panel has no sample."""
    text: str
    box: Box
    has_symbol: bool


def place_readout(box: PanelBox, geometry: Geometry, ink: Ink, day: float) -> PlacedReadout:
    """Beside the cursor; left of it near the right edge, never under the heading."""
    g, s, x = geometry, geometry.scale, geometry.x(day)
    readout = box.panel.readout(day)
    has_symbol = readout is not None and len(box.panel.series) == 1 and readout.mark.state.is_evaluable
    lead = _SYMBOL_WIDTH * s if has_symbol else 0.0
    free_from, edge = heading_end(box, ink) + 12 * s, g.width - 6 * s
    pixels, weight = _READ if readout is not None else _ABSENT
    text = readout.text if readout is not None else tr("no sample")
    text = ink.elided(text, edge - free_from - lead, pixels, weight)
    width = lead + ink.width(text, pixels, weight)
    left = x + 9 * s
    if left + width > edge:
        left = x - 9 * s - width
    if left < free_from:
        # Beside the heading there is no room left of the cursor: the sentence then ends at the right edge.
        left = min(max(x + 9 * s, free_from), edge - width)
    place = Box(left=left, right=left + width, top=box.top + 2 * s, bottom=box.top + 17 * s)
    return PlacedReadout(readout=readout, text=text, box=place, has_symbol=has_symbol)


def _paint_readout(painter: QPainter, box: PanelBox, g: Geometry, ink: Ink, placed: PlacedReadout) -> None:
    s, where = g.scale, placed.box
    baseline = box.top + 14 * s
    backing = QRectF(where.left - 3 * s, where.top, where.width + 6 * s, where.height)
    painter.fillRect(backing, ink.colour(ink.palette.surface, 0.9))
    left = where.left
    if placed.has_symbol and placed.readout is not None:
        symbols.draw(
            painter, left + 3 * s, baseline - 4 * s, placed.readout.mark, placed.readout.series, ink, radius=3.2
        )
        left += _SYMBOL_WIDTH * s
    pixels, weight = _READ if placed.readout is not None else _ABSENT
    colour = ink.palette.text if placed.readout is not None else ink.palette.text3
    ink.text(painter, left, baseline, placed.text, pixels=pixels, weight=weight, colour=colour, halo=True)


def reduction_start(geometry: Geometry, ink: Ink, text: str) -> float:
    """Where the note about the zoom begins in the key's first row; the figure's width without one."""
    s = geometry.scale
    return geometry.width - MARGIN * s - ink.width(text, 11, MEDIUM) - 28 * s if text else geometry.width


def paint_reduction(painter: QPainter, geometry: Geometry, ink: Ink, text: str) -> None:
    """Says in the key's row that not everything is shown."""
    if not text:
        return
    g, s = geometry, geometry.scale
    text = ink.elided(text, g.width - 2 * MARGIN * s - 18 * s, 11, MEDIUM)
    width = ink.width(text, 11, MEDIUM) + 18 * s
    top, left = g.axis_y + (AXIS_ROW + 1) * s, g.width - MARGIN * s - width
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink.palette.amber_tint))
    painter.drawRoundedRect(QRectF(left, top + 0.5 * s, width, 17 * s), 8.5 * s, 8.5 * s)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink.text(painter, left + 9 * s, top + 13 * s, text, colour=ink.palette.amber, weight=MEDIUM)
