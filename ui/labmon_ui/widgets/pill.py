"""Pills and chips: a state symbol with its word, with or without a tinted ground."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, SymbolView


class Chip(QWidget):
    """A symbol and its word, e.g. in a row: "in window, 28 d left"."""

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        symbol: StateSymbol | None = None,
        tone: Tone = Tone.TEXT2,
        size: TextSize = TextSize.SMALL,
        strong: bool = False,
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.theme.px(6))
        if symbol is not None:
            row.addWidget(SymbolView(look.theme, symbol, pixels=14 if size is TextSize.SMALL else 12))
        row.addWidget(Label(text, size=size, tone=tone, weight=Weight.STRONG if strong else Weight.REGULAR))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)


class Pill(QWidget):
    """A chip on a tinted ground with round ends: "Early functional loss – flag for review", "withheld"."""

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        tone: Tone = Tone.TEXT2,
        symbol: StateSymbol | None = None,
        strong: bool = False,
    ) -> None:
        super().__init__()
        self._look = look
        self._tone = tone
        row = QHBoxLayout(self)
        side = look.theme.px(8)
        row.setContentsMargins(side, look.theme.px(2), side, look.theme.px(2))
        row.setSpacing(look.theme.px(5))
        if symbol is not None:
            row.addWidget(SymbolView(look.theme, symbol, pixels=12), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(Label(text, size=TextSize.TINY, tone=tone, weight=Weight.STRONG if strong else Weight.MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.theme.palette.tint(self._tone)))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
