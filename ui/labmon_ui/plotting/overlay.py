"""What follows the cursor: its line, the day bubble, a readout in every panel's heading, and the selection's ring."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from labmon.domain import wording
from labmon.reports.figures import FigureSpec
from labmon_ui.plotting import symbols
from labmon_ui.plotting.frame import MARGIN, heading_end
from labmon_ui.plotting.geometry import AXIS_ROW, Geometry, PanelBox
from labmon_ui.plotting.ink import MEDIUM, REGULAR, STRONG, Ink, crisp, vertical

NO_SAMPLE = "no sample"


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
    vertical(painter, crisp(x), g.panels_top, g.axis_y)
    text = _bubble_text(spec, day)
    width = max(ink.width(text, 11, STRONG) + 14 * s, 48 * s)
    left = min(max(x - width / 2, 2.0), g.width - width - 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink.palette.accent_fill))
    painter.drawRoundedRect(QRectF(left, g.axis_y + 4 * s, width, 17 * s), 4 * s, 4 * s)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink.text(
        painter,
        left + width / 2,
        g.axis_y + 16.5 * s,
        text,
        colour=ink.palette.on_fill,
        weight=STRONG,
        anchor=Qt.AlignmentFlag.AlignHCenter,
    )
    if is_sampled:
        for box in g.panels:
            _paint_readout(painter, box, g, ink, x, day)


def _bubble_text(spec: FigureSpec, day: float) -> str:
    whole = math.floor(day)
    dated = next((mark.date for _, _, mark in spec.marks() if mark.study_day == whole and mark.date is not None), None)
    return f"{wording.day(whole)} · {dated.isoformat()}" if dated else wording.day(whole)


def _paint_readout(painter: QPainter, box: PanelBox, g: Geometry, ink: Ink, x: float, day: float) -> None:
    """One panel's sentence beside the cursor; left of it near the right edge, never under the heading."""
    s = g.scale
    readout = box.panel.readout(day)
    text, pixels, weight, colour = NO_SAMPLE, 11.0, REGULAR, ink.palette.text3
    if readout is not None:
        text, pixels, weight, colour = readout.text, 11.5, STRONG, ink.palette.text
    has_symbol = readout is not None and len(box.panel.series) == 1 and readout.mark.state.is_evaluable
    lead = 12 * s if has_symbol else 0.0
    free_from = heading_end(box, ink) + 12 * s
    edge = g.width - 6 * s
    text = ink.elided(text, edge - free_from - lead, pixels, weight)
    width = lead + ink.width(text, pixels, weight)
    left = x + 9 * s
    if left + width > edge:
        left = x - 9 * s - width
    if left < free_from:
        # Beside the heading there is no room left of the cursor: the sentence then ends at the right edge.
        left = max(x + 9 * s, free_from)
        left = min(left, edge - width)
    baseline = box.top + 14 * s
    backing = QRectF(left - 3 * s, box.top + 2 * s, width + 6 * s, 15 * s)
    painter.fillRect(backing, ink.colour(ink.palette.surface, 0.9))
    if has_symbol and readout is not None:
        symbols.draw(painter, left + 3 * s, baseline - 4 * s, readout.mark, readout.series, ink, radius=3.2)
    ink.text(painter, left + lead, baseline, text, pixels=pixels, weight=weight, colour=colour, halo=True)


def paint_reduction(painter: QPainter, geometry: Geometry, ink: Ink, text: str) -> None:
    """Says in the key's row that not everything is shown."""
    if not text:
        return
    g, s = geometry, geometry.scale
    text = ink.elided(text, g.width - 2 * MARGIN * s - 18 * s, 11, MEDIUM)
    width = ink.width(text, 11, MEDIUM) + 18 * s
    top = g.axis_y + (AXIS_ROW + 1) * s
    left = g.width - MARGIN * s - width
    painter.fillRect(QRectF(left - 10 * s, top, width + 10 * s + MARGIN * s, 17.5 * s), QColor(ink.palette.surface))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink.palette.amber_tint))
    painter.drawRoundedRect(QRectF(left, top + 0.5 * s, width, 17 * s), 8.5 * s, 8.5 * s)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink.text(painter, left + 9 * s, top + 13 * s, text, colour=ink.palette.amber, weight=MEDIUM)
