"""The key under the matrix: every state's symbol with its word, in as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from labmon.domain.finding import CriterionState
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.pill import Chip
from labmon_ui.widgets.state_symbol import StateSymbol

_ORDER = (
    CriterionState.MET,
    CriterionState.NOT_MET,
    CriterionState.UNCONFIRMED,
    CriterionState.NOT_EVALUABLE,
    CriterionState.UNKNOWN,
    CriterionState.NEEDS_DECISION,
    CriterionState.HELD,
    CriterionState.CONFLICT,
)


class StateKey(Ground):
    """Places its entries itself: a wrapping row, which Qt has no layout for."""

    def __init__(self, look: Look) -> None:
        super().__init__("window", edge="top")
        self._look = look
        self._entries: list[QWidget] = []
        for state in _ORDER:
            self._entries.append(Chip(look, tr(state.label), symbol=StateSymbol(state.value)))
        self._entries.append(Label(tr("Space explains a cell, Esc returns"), size=TextSize.TINY, tone=Tone.TEXT3))
        for entry in self._entries:
            entry.setParent(self)
        look.theme.changed.connect(self._rescale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    @Slot()
    def _rescale(self) -> None:
        self._place()

    def _place(self) -> None:
        """Fill lines from the left; the hint stands at the right end where its line has room."""
        px = self._look.theme.px
        side, gap, line_gap = px(16), px(16), px(8)
        left, top, line = side, px(14), 0
        for entry in self._entries:
            size = entry.sizeHint()
            is_hint = entry is self._entries[-1]
            if left > side and left + size.width() > self.width() - side:
                left, top, line = side, top + line + line_gap, 0
            if is_hint and left > side:
                left = self.width() - side - size.width()
            entry.setGeometry(left, top, size.width(), size.height())
            left += size.width() + gap
            line = max(line, size.height())
        self.setFixedHeight(top + line + px(14))
