"""Pens, fonts and words of a figure in the colours of one palette."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QPaintEngine,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from labmon.reports.figures import SeriesKey
from labmon.resources import resource_path
from labmon_ui.palette import Palette
from labmon_ui.theme import FAMILIES

REGULAR = 400
MEDIUM = 500
STRONG = 600


@lru_cache(maxsize=64)
def font(pixels: float, weight: int = REGULAR) -> QFont:
    """The figure's font. Sizes are in pixels, so no device changes them.

    Figures are not tabular here: nothing stands in columns, and Inter's tabular hyphen tears "B-cell" apart.
    """
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(max(1, round(pixels)))
    made.setWeight(QFont.Weight(weight))
    return made


@lru_cache(maxsize=4096)
def _text_width(text: str, pixels: float, weight: int) -> float:
    return QFontMetricsF(font(pixels, weight)).horizontalAdvance(text)


def ensure_fonts() -> None:
    """Loads the bundled fonts where no theme did it, as when a figure is drawn without a window."""
    if FAMILIES[0] not in QFontDatabase.families():
        for file in sorted(resource_path("fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(file))
        font.cache_clear()
        _text_width.cache_clear()


_AROUND = ((-1.3, -1.3), (1.3, -1.3), (-1.3, 1.3), (1.3, 1.3))


class Ink:
    """What a layer paints with: the palette at one size of text."""

    def __init__(self, palette: Palette, scale: float = 1.0) -> None:
        self.palette = palette
        self.scale = scale

    def series(self, key: SeriesKey) -> QColor:
        return QColor(getattr(self.palette, key.value))

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """A palette colour by its token."""
        made = QColor(name)
        made.setAlphaF(alpha)
        return made

    def font(self, pixels: float, weight: int = REGULAR) -> QFont:
        return font(pixels * self.scale, weight)

    def width(self, text: str, pixels: float, weight: int = REGULAR) -> float:
        return _text_width(text, pixels * self.scale, weight)

    def text(
        self,
        painter: QPainter,
        x: float,
        y: float,
        text: str,
        *,
        pixels: float = 11,
        colour: str | QColor | None = None,
        weight: int = REGULAR,
        anchor: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        halo: bool = False,
    ) -> float:
        """Writes at a baseline and returns the width; a halo of the surface keeps words legible over lines."""
        if not text:
            return 0.0
        width = self.width(text, pixels, weight)
        if anchor == Qt.AlignmentFlag.AlignRight:
            x -= width
        elif anchor == Qt.AlignmentFlag.AlignHCenter:
            x -= width / 2
        used = self.font(pixels, weight)
        painter.setFont(used)
        if halo:
            self._halo(painter, x, y, text, used)
        painter.setPen(QColor(colour or self.palette.text2))
        painter.drawText(QPointF(x, y), text)
        return width

    def _halo(self, painter: QPainter, x: float, y: float, text: str, used: QFont) -> None:
        """The text's edge in the surface's colour: stroked for a file, and on the screen, where stroking a word costs
        as much as drawing fifty, written around its place."""
        if painter.paintEngine().type() != QPaintEngine.Type.Raster:
            outline = QPainterPath()
            outline.addText(QPointF(x, y), used, text)
            pen = QPen(QColor(self.palette.surface), 3.5 * self.scale)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(outline, pen)
            return
        painter.setPen(QColor(self.palette.surface))
        for across, down in _AROUND:
            painter.drawText(QPointF(x + across * self.scale, y + down * self.scale), text)

    def elided(self, text: str, room: float, pixels: float, weight: int = REGULAR) -> str:
        """The text, cut with an ellipsis when it does not fit."""
        if self.width(text, pixels, weight) <= room:
            return text
        metrics = QFontMetricsF(self.font(pixels, weight))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0.0))

    def pen(
        self,
        colour: str | QColor,
        width: float = 1.0,
        dash: tuple[float, ...] = (),
    ) -> QPen:
        """A flat-capped pen; dashes are lengths in pixels, not in pen widths as Qt counts them."""
        made = QPen(QColor(colour), width)
        made.setCosmetic(False)
        made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        made.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dash:
            made.setDashPattern([length / width for length in dash])
        return made


def crisp(position: float) -> float:
    """The nearest half pixel, where a hairline of one pixel stays one pixel."""
    return round(position - 0.5) + 0.5


def horizontal(painter: QPainter, left: float, right: float, y: float) -> None:
    painter.drawLine(QPointF(left, y), QPointF(right, y))


def vertical(painter: QPainter, x: float, top: float, bottom: float) -> None:
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))


def hatch(painter: QPainter, rect: QRectF, colour: QColor, ground: QColor, *, pitch: float, width: float) -> None:
    """Fills a rectangle with rising diagonals, cut analytically: vector formats know no clip we could rely on."""
    painter.fillRect(rect, ground)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    step = pitch * 2**0.5
    half = width * 2**0.5 / 2
    left, right, top, bottom = rect.left(), rect.right(), rect.top(), rect.bottom()
    # Stripe k is the band of points with |x + y - offset| <= half; its corners are cut to the rectangle one by one.
    offset = left + top + (-(left + top)) % step - step
    while offset - half < right + bottom:
        corners = _stripe(left, top, right, bottom, offset - half, offset + half)
        if len(corners) >= 3:
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        offset += step
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _stripe(left: float, top: float, right: float, bottom: float, low: float, high: float) -> list[tuple[float, float]]:
    """The rectangle cut to low <= x + y <= high (Sutherland-Hodgman with two half planes)."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for sign, bound in ((1.0, low), (-1.0, -high)):
        kept: list[tuple[float, float]] = []
        for i, here in enumerate(corners):
            before = corners[i - 1]
            inside, was_inside = sign * sum(here) >= bound, sign * sum(before) >= bound
            if inside is not was_inside:
                span = sum(here) - sum(before)
                part = (sign * bound - sum(before)) / span
                kept.append((before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1])))
            if inside:
                kept.append(here)
        corners = kept
    return corners
