"""The state symbols: shape carries the meaning, colour only repeats it. Drawn on a 16-unit grid at any size."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from labmon_ui.palette import Palette, Tone
from labmon_ui.theme import Theme


class StateSymbol(StrEnum):
    """What a symbol says. The values of findings and criteria are among them: `StateSymbol(flag_state.value)`."""

    MET = "met"
    NOT_MET = "not_met"
    UNCONFIRMED = "unconfirmed"
    NOT_EVALUABLE = "not_evaluable"
    MISSING = "unknown"
    NEEDS_PERSON = "needs_decision"
    HELD = "held"
    CONFLICT = "conflict"
    FLAG = "flag"
    OVERDUE = "overdue"
    DUE = "due"
    IN_WINDOW = "in_window"
    READY = "ready"
    NOTE = "note"
    REJECTED = "rejected"

    @property
    def tone(self) -> Tone:
        return _TONES[self]


_TONES = {
    StateSymbol.MET: Tone.TEXT2,
    StateSymbol.NOT_MET: Tone.TEXT2,
    StateSymbol.UNCONFIRMED: Tone.AMBER,
    StateSymbol.NOT_EVALUABLE: Tone.TEXT3,
    StateSymbol.MISSING: Tone.TEXT3,
    StateSymbol.NEEDS_PERSON: Tone.BLUE,
    StateSymbol.HELD: Tone.RED,
    StateSymbol.CONFLICT: Tone.PURPLE,
    StateSymbol.FLAG: Tone.AMBER,
    StateSymbol.OVERDUE: Tone.AMBER,
    StateSymbol.DUE: Tone.AMBER,
    StateSymbol.IN_WINDOW: Tone.BLUE,
    StateSymbol.READY: Tone.GREEN,
    StateSymbol.NOTE: Tone.AMBER,
    StateSymbol.REJECTED: Tone.TEXT2,
}


def paint_state(painter: QPainter, rect: QRectF, state: StateSymbol, palette: Palette) -> None:
    """Draw the symbol into the square `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16, rect.height() / 16)
    _DRAWN[state](painter, QColor(palette.tone(state.tone)), QColor(palette.surface))
    painter.restore()


def state_pixmap(state: StateSymbol, palette: Palette, pixels: int, device_pixel_ratio: float = 1.0) -> QPixmap:
    pixmap = QPixmap(QSize(pixels, pixels) * device_pixel_ratio)
    pixmap.setDevicePixelRatio(device_pixel_ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_state(painter, QRectF(0, 0, pixels, pixels), state, palette)
    painter.end()
    return pixmap


def state_icon(state: StateSymbol, palette: Palette, pixels: int = 16) -> QIcon:
    """The symbol for buttons and menus, sharp on ordinary and on dense screens."""
    icon = QIcon()
    for device_pixel_ratio in (1.0, 2.0, 3.0):
        icon.addPixmap(state_pixmap(state, palette, pixels, device_pixel_ratio))
    return icon


class SymbolView(QWidget):
    """One state symbol as a widget; its word goes to the accessible name and the tooltip."""

    def __init__(self, theme: Theme, state: StateSymbol, *, pixels: int = 14, word: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self._pixels = pixels
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        self.setToolTip(word)
        theme.changed.connect(self.updateGeometry)

    def set_state(self, state: StateSymbol, word: str = "") -> None:
        self._state = state
        self.setAccessibleName(word)
        self.setToolTip(word)
        self.update()

    def sizeHint(self) -> QSize:
        side = self._theme.px(self._pixels)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self._theme.px(self._pixels)
        rect = QRect(0, 0, side, side)
        rect.moveCenter(self.rect().center())
        paint_state(painter, QRectF(rect), self._state, self._theme.palette)


Drawing = Callable[[QPainter, QColor, QColor], None]


def _pen(colour: QColor, width: float = 1.4, dashes: tuple[float, ...] = ()) -> QPen:
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if dashes:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([dash / width for dash in dashes])
    return pen


def _ring(painter: QPainter, pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.3, 6.3)


def _strokes(painter: QPainter, pen: QPen, *strokes: tuple[tuple[float, float], ...]) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in strokes:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in stroke]))


def _filled(painter: QPainter, colour: QColor, *points: tuple[float, float]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _met(painter: QPainter, ink: QColor, ground: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    _strokes(painter, _pen(ground, 1.7), ((4.7, 8.3), (6.9, 10.5), (11.3, 5.6)))


def _not_met(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink))
    _strokes(painter, _pen(ink, 1.5), ((5.6, 5.6), (10.4, 10.4)), ((10.4, 5.6), (5.6, 10.4)))


def _unconfirmed(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink))
    half = QPainterPath(QPointF(8, 1.7))
    half.arcTo(QRectF(1.7, 1.7, 12.6, 12.6), 90, -180)
    half.closeSubpath()
    painter.fillPath(half, ink)


def _missing(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink, 1.4, (2.2, 1.758)))  # ten dashes close the ring without a seam


def _not_evaluable(painter: QPainter, ink: QColor, ground: QColor) -> None:
    _missing(painter, ink, ground)
    _strokes(painter, _pen(ink), ((5, 11), (11, 5)))


def _needs_person(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    painter.setPen(_pen(ink))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(1.7, 1.7, 12.6, 12.6), 3, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(8, 6.2), 1.9, 1.9)
    shoulders = QPainterPath(QPointF(4.4, 12.2))
    shoulders.cubicTo(QPointF(4.9, 10.2), QPointF(6.4, 9.3), QPointF(8, 9.3))
    shoulders.cubicTo(QPointF(9.6, 9.3), QPointF(11.1, 10.2), QPointF(11.6, 12.2))
    shoulders.closeSubpath()
    painter.drawPath(shoulders)


def _held(painter: QPainter, ink: QColor, ground: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 2.5, 2.5)
    _strokes(painter, _pen(ground, 1.8), ((6, 5.2), (6, 10.8)), ((10, 5.2), (10, 10.8)))


def _conflict(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _strokes(painter, _pen(ink), ((8, 0.9), (15.1, 8), (8, 15.1), (0.9, 8), (8, 0.9)))
    _strokes(
        painter,
        _pen(ink, 1.2),
        ((5, 6.7), (10.4, 6.7)),
        ((8.8, 5), (10.5, 6.7)),
        ((11, 9.4), (5.6, 9.4)),
        ((7.2, 11.1), (5.5, 9.4)),
    )


def _flag(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _filled(painter, ink, (3.2, 2.2), (12.9, 2.2), (10.6, 5.45), (12.9, 8.7), (3.2, 8.7))
    _strokes(painter, _pen(ink, 1.6), ((3.2, 14.6), (3.2, 2)))


def _overdue(painter: QPainter, ink: QColor, ground: QColor) -> None:
    _filled(painter, ink, (8, 0.8), (15.2, 8), (8, 15.2), (0.8, 8))
    _strokes(painter, _pen(ground, 1.7), ((8, 4.7), (8, 8.6)), ((8, 11), (8, 11.1)))


def _due(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink))
    _strokes(painter, _pen(ink, 1.5), ((8, 4.4), (8, 8), (10.6, 9.6)))


def _in_window(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _strokes(painter, _pen(ink), ((1.8, 3.2), (1.8, 12.8)), ((14.2, 3.2), (14.2, 12.8)), ((1.8, 8), (14.2, 8)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(9.6, 8), 2.3, 2.3)


def _ready(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink))
    _strokes(painter, _pen(ink, 1.6), ((4.9, 8.2), (7, 10.3), (11, 5.8)))


def _note(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _strokes(painter, _pen(ink), ((8, 1.8), (14.9, 14), (1.1, 14), (8, 1.8)))
    _strokes(painter, _pen(ink, 1.6), ((8, 6.2), (8, 9.6)), ((8, 11.8), (8, 11.9)))


def _rejected(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    _ring(painter, _pen(ink))
    _strokes(painter, _pen(ink, 1.5), ((3.7, 3.7), (12.3, 12.3)))


_DRAWN: dict[StateSymbol, Drawing] = {
    StateSymbol.MET: _met,
    StateSymbol.NOT_MET: _not_met,
    StateSymbol.UNCONFIRMED: _unconfirmed,
    StateSymbol.NOT_EVALUABLE: _not_evaluable,
    StateSymbol.MISSING: _missing,
    StateSymbol.NEEDS_PERSON: _needs_person,
    StateSymbol.HELD: _held,
    StateSymbol.CONFLICT: _conflict,
    StateSymbol.FLAG: _flag,
    StateSymbol.OVERDUE: _overdue,
    StateSymbol.DUE: _due,
    StateSymbol.IN_WINDOW: _in_window,
    StateSymbol.READY: _ready,
    StateSymbol.NOTE: _note,
    StateSymbol.REJECTED: _rejected,
}
