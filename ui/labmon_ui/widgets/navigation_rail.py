"""The rail on the left: one entry a page, with icon, word and a count of what waits there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QScrollArea, QVBoxLayout, QWidget

from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.look import Look


class NavigationRail(QFrame):
    """Entries are added in the order of the pages; arrow keys go from page to page."""

    page_chosen = Signal(str)
    """The page's id."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("ground", "window")
        self.setProperty("edge", "right")
        self.setAccessibleName(tr("Pages"))
        self._entries: dict[str, _RailEntry] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._choose)
        # At 200 % the entries may be taller than a small window: then the rail scrolls, without a bar.
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        self._area = area
        content = QWidget()
        content.setProperty("ground", "window")
        self._column = QVBoxLayout(content)
        self._column.addStretch(1)
        area.setWidget(content)
        self._rescale()
        look.theme.changed.connect(self._rescale)
        look.icons.loaded.connect(self._repaint)

    def add_entry(self, page_id: str, icon: str, title: str, *, has_gap_above: bool = False) -> None:
        entry = _RailEntry(self._look, page_id, icon, title)
        self._entries[page_id] = entry
        self._group.addButton(entry)
        if has_gap_above:
            self._column.insertSpacing(self._column.count() - 1, self._look.theme.px(16))
        self._column.insertWidget(self._column.count() - 1, entry)
        entry.focused.connect(self._show_entry)

    def set_badge(self, page_id: str, count: int) -> None:
        """How much waits on that page; 0 shows nothing."""
        self._entries[page_id].set_badge(count)

    def set_current(self, page_id: str) -> None:
        self._entries[page_id].setChecked(True)

    @Slot(QAbstractButton)
    def _choose(self, entry: QAbstractButton) -> None:
        if isinstance(entry, _RailEntry):
            self.page_chosen.emit(entry.page_id)

    @Slot(QWidget)
    def _show_entry(self, entry: QWidget) -> None:
        self._area.ensureWidgetVisible(entry, 0, 8)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.setFixedWidth(px(88))
        self._column.setContentsMargins(px(4), px(8), px(3), px(4))
        self._column.setSpacing(px(4))

    @Slot()
    def _repaint(self) -> None:
        for entry in self._entries.values():
            entry.update()


class _RailEntry(QAbstractButton):
    focused = Signal(QWidget)

    def __init__(self, look: Look, page_id: str, icon: str, title: str) -> None:
        super().__init__()
        self.page_id = page_id
        self._look = look
        self._icon = icon
        self._badge = 0
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        look.theme.changed.connect(self.updateGeometry)

    def set_badge(self, count: int) -> None:
        self._badge = count
        self.setAccessibleDescription(tr("{n} waiting", n=count) if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        px = self._look.theme.px
        return QSize(px(80), px(56))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusIn:
            self.focused.emit(self)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        palette, px = theme.palette, theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(QColor(palette.selected if self.isChecked() else palette.sunken))
            painter.drawRoundedRect(QRectF(self.rect()), px(8), px(8))
        tone = Tone.ACCENT if self.isChecked() else Tone.TEXT2
        side = px(20)
        left = (self.width() - side) // 2
        self._look.icons.paint(painter, QRect(left, px(9), side, side), self._icon, tone)
        painter.setFont(theme.font(TextSize.TINY, Weight.STRONG if self.isChecked() else Weight.REGULAR))
        painter.setPen(theme.colour(tone))
        room = QRectF(px(1), px(34), self.width() - px(2), px(14))
        word = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.width()))
        self.setToolTip("" if word == self.text() else self.text())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), word)
        if self._badge:
            self._paint_badge(painter, left + side)

    def _paint_badge(self, painter: QPainter, icon_right: int) -> None:
        theme = self._look.theme
        palette, px = theme.palette, theme.px
        font = theme.font(TextSize.TINY, Weight.STRONG)
        font.setPixelSize(px(10))
        text = str(self._badge) if self._badge < 1000 else "999+"
        metrics = QFontMetricsF(font)
        height = px(15)
        width = max(height, metrics.horizontalAdvance(text) + px(8))
        box = QRectF(icon_right - px(3), px(5), width, height)
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(QColor(palette.text2))
        painter.drawText(
            QPointF(box.center().x() - metrics.horizontalAdvance(text) / 2, box.center().y() + metrics.capHeight() / 2),
            text,
        )
