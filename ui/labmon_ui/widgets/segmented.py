"""Filter buttons in a row, each with its count; exactly one is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from labmon_ui.theme import TextSize, Theme, Weight
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True)
class Segment:
    """One choice: its key, the word on it, how many it shows."""

    key: str
    word: str
    count: int | None = None


class Segmented(QWidget):
    """The filter row. Left and right arrows move, as in any group of exclusive buttons."""

    chosen = Signal(str)
    """The key of the segment a person chose."""

    def __init__(self, look: Look, segments: tuple[Segment, ...] = (), *, current: str = "") -> None:
        super().__init__()
        self._look = look
        self._current = current
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.theme.px(6))
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._choose)
        self._buttons: dict[str, _SegmentButton] = {}
        self.set_segments(segments)

    @property
    def current(self) -> str:
        return self._current

    def set_segments(self, segments: tuple[Segment, ...]) -> None:
        """Show these; the chosen key stays chosen where it still exists, otherwise the first is."""
        keys = [segment.key for segment in segments]
        if keys != list(self._buttons):
            for button in self._buttons.values():
                self._group.removeButton(button)
                self._row.removeWidget(button)
                button.hide()  # it lives until the event loop turns
                button.deleteLater()
            self._buttons = {segment.key: _SegmentButton(self._look.theme, segment) for segment in segments}
            for button in self._buttons.values():
                self._group.addButton(button)
                self._row.addWidget(button)
        for segment in segments:
            self._buttons[segment.key].set_segment(segment)
        if self._current not in self._buttons and keys:
            self._current = keys[0]
        if self._current in self._buttons:
            self._buttons[self._current].setChecked(True)

    def set_current(self, key: str) -> None:
        """Choose a segment without telling: whoever asks for it knows."""
        self._current = key
        self._buttons[key].setChecked(True)

    @Slot(QAbstractButton)
    def _choose(self, button: QAbstractButton) -> None:
        if isinstance(button, _SegmentButton) and button.segment.key != self._current:
            self._current = button.segment.key
            self.chosen.emit(self._current)


class _SegmentButton(QAbstractButton):
    def __init__(self, theme: Theme, segment: Segment) -> None:
        super().__init__()
        self._theme = theme
        self.segment = segment
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_segment(segment)
        theme.changed.connect(self.updateGeometry)

    def set_segment(self, segment: Segment) -> None:
        self.segment = segment
        self.setText(segment.word)
        self.setAccessibleName(segment.word if segment.count is None else f"{segment.word}, {segment.count}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(round(self._word_width() + self._count_width()) + px(22), px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette, px = self._theme.palette, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(palette.axis if self.underMouse() else palette.line), 1))
        painter.setBrush(QColor(palette.sunken if self.isChecked() or self.isDown() else palette.surface))
        painter.drawRoundedRect(frame, px(6), px(6))
        left = (self.width() - self._word_width() - self._count_width()) / 2
        font = self._theme.font(TextSize.SMALL, Weight.STRONG if self.isChecked() else Weight.MEDIUM)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        base = (self.height() + metrics.capHeight()) / 2
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(left, base), self.segment.word)
        if self.segment.count is not None:
            painter.setFont(self._theme.font(TextSize.SMALL))
            painter.setPen(QColor(palette.text3))
            painter.drawText(QPointF(left + self._word_width() + px(5), base), str(self.segment.count))

    def _word_width(self) -> float:
        # measured in the strong weight, so that choosing a segment does not move the others

        return QFontMetricsF(self._theme.font(TextSize.SMALL, Weight.STRONG)).horizontalAdvance(self.segment.word)

    def _count_width(self) -> float:
        if self.segment.count is None:
            return 0.0

        width = QFontMetricsF(self._theme.font(TextSize.SMALL)).horizontalAdvance(str(self.segment.count))
        return width + self._theme.px(5)
