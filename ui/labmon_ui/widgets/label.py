"""Text in one of the sizes, weights and tones of the type scale."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Weight


class Label(QLabel):
    """A label whose look is said in tokens; the style sheet turns them into font and colour."""

    def __init__(
        self,
        text: str = "",
        *,
        size: TextSize = TextSize.BODY,
        tone: Tone = Tone.TEXT,
        weight: Weight = Weight.REGULAR,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        # Texts may come from files: never let Qt guess that one is HTML.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("textSize", size.key)
        self.setProperty("tone", tone.value)
        self.setProperty("textWeight", weight.name.lower())
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    def set_tone(self, tone: Tone) -> None:
        """Another tone for what it says now."""
        if self.property("tone") != tone.value:
            self.setProperty("tone", tone.value)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(Label):
    """One line that gives way: it ends in "…" where there is no room, and shows the whole text as a tooltip."""

    def __init__(
        self,
        text: str = "",
        *,
        size: TextSize = TextSize.BODY,
        tone: Tone = Tone.TEXT,
        weight: Weight = Weight.REGULAR,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, size=size, tone=tone, weight=weight, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("…") * 3), hint.height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self._show_whole_text_when_cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole_text_when_cut()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self.contentsRect()
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            room, int(self.alignment()), self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        )

    def _show_whole_text_when_cut(self) -> None:
        is_cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(self.text() if is_cut else "")
