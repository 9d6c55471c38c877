"""A list of names and values: the facts about one selected thing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Theme
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValue:
    name: str
    value: str
    tone: Tone = Tone.TEXT
    target: object | None = None
    """When set, the value is a link and this is what it leads to."""


class KeyValueList(QWidget):
    """Names in a muted column of fixed width, values beside them; long values wrap, links are reachable by Tab."""

    link_activated = Signal(object)
    """The target of the link."""

    def __init__(self, look: Look, *, name_width: int = 84) -> None:
        super().__init__()
        self._look = look
        self._name_width = name_width
        self._rows: list[_Row] = []
        """Made once and filled anew: a fresh label costs the style sheet a tenth of a patient's whole change."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_pairs(self, pairs: tuple[KeyValue, ...]) -> None:
        while len(self._rows) < len(pairs):
            row = _Row(self._look.theme)
            row.link.followed.connect(self.link_activated)
            top = Qt.AlignmentFlag.AlignTop
            for column, part in ((0, row.name), (1, row.value), (1, row.link)):
                self._grid.addWidget(part, len(self._rows), column, top)
            self._rows.append(row)
        for row, pair in zip(self._rows, (*pairs, *[None] * (len(self._rows) - len(pairs))), strict=True):
            row.show_pair(pair)

    @Slot()
    def _rescale(self) -> None:
        theme = self._look.theme
        self._grid.setColumnMinimumWidth(0, theme.px(self._name_width))
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(4))


class _Row:
    """The widgets of one pair; a value is a text or a link."""

    def __init__(self, theme: Theme) -> None:
        self.name = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        self.value = Label(size=TextSize.SMALL, wrap=True, selectable=True)
        self.value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.link = _Link(theme)

    def show_pair(self, pair: KeyValue | None) -> None:
        """Show a pair, or nothing."""
        self.name.setVisible(pair is not None)
        self.value.setVisible(pair is not None and pair.target is None)
        self.link.setVisible(pair is not None and pair.target is not None)
        if pair is None:
            return
        self.name.setText(pair.name)
        if pair.target is None:
            self.value.setText(pair.value)
            self.value.set_tone(pair.tone)
        else:
            self.link.show_link(pair.value, pair.target)


class _Link(QAbstractButton):
    """A value that leads somewhere; a long one wraps, also within a file's name."""

    followed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._target: object = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)
        self.clicked.connect(self._follow)

    def show_link(self, text: str, target: object) -> None:
        self._target = target
        self.setText(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(TextSize.SMALL))
        return QSize(metrics.horizontalAdvance(self.text()) + 1, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(48), self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return math.ceil(self._lay_out(width).boundingRect().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour(Tone.ACCENT))
        self._lay_out(self.width()).draw(painter, QPointF(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def _lay_out(self, width: float) -> QTextLayout:
        font = self._theme.font(TextSize.SMALL)
        font.setUnderline(self.underMouse())
        layout = QTextLayout(self.text().replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout

    @Slot()
    def _follow(self) -> None:
        self.followed.emit(self._target)
