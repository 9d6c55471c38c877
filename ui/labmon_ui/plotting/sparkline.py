"""The transgene of a list row in a few pixels: a line, its limit, and the last value's sign."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from labmon.domain.quantity import ValueState
from labmon_ui.palette import Palette
from labmon_ui.plotting.scales import DayScale

LOW, HIGH = 1.5, 4.8
"""The logarithms a row spans; the same for every patient, so that rows can be compared."""
LAST_DAY = 365.0
_SCALE = DayScale(break_day=28.0, compression=16.0)

SparkPoint = tuple[float, float | None, ValueState]
"""Day, log10 of the value or of the limit it lies beyond, state."""


def paint_sparkline(
    painter: QPainter, rect: QRectF, points: Sequence[SparkPoint], palette: Palette, limit: float | None = None
) -> None:
    """Paints into a rectangle. `limit` is the log10 of the LLOQ; "not detected" is a stroke at the foot, not a zero."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(palette.transgene)
    left, width = rect.left() + 3, rect.width() - 6
    end = _SCALE.unit(LAST_DAY)

    def x(day: float) -> float:
        return left + min(max(_SCALE.unit(day), 0.0), end) / end * width

    def y(log10: float) -> float:
        part = (min(max(log10, LOW), HIGH) - LOW) / (HIGH - LOW)
        return rect.bottom() - 4 - part * (rect.height() - 7)

    if limit is not None:
        painter.setPen(_pen(palette.axis, 1, (1.5, 2.5)))
        painter.drawLine(QPointF(rect.left(), y(limit)), QPointF(rect.right(), y(limit)))
    painter.setPen(_pen(palette.transgene, 1.4))
    run: list[QPointF] = []
    for day, log10, _ in [*points, (0.0, None, ValueState.NOT_DETECTED)]:
        if log10 is not None:
            run.append(QPointF(x(day), y(log10)))
            continue
        if len(run) > 1:
            painter.drawPolyline(QPolygonF(run))
        run = []
    if points:
        day, log10, state = points[-1]
        if log10 is None:
            painter.fillRect(QRectF(x(day) - 1, rect.bottom() - 5, 2, 5), ink)
        else:
            painter.setPen(_pen(palette.transgene, 1.3))
            painter.setBrush(ink if state is ValueState.QUANTIFIED else QColor(palette.surface))
            painter.drawEllipse(QPointF(x(day), y(log10)), 2.1, 2.1)
    painter.restore()


def _pen(colour: str, width: float, dash: tuple[float, ...] = ()) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash:
        pen.setDashPattern([length / width for length in dash])
    return pen
