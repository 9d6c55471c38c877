"""A list of names and values: the facts about one selected thing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize
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
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_pairs(self, pairs: tuple[KeyValue, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        top = Qt.AlignmentFlag.AlignTop
        for row, pair in enumerate(pairs):
            self._grid.addWidget(Label(pair.name, size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True), row, 0, top)
            if pair.target is None:
                value: QWidget = Label(pair.value, size=TextSize.SMALL, tone=pair.tone, wrap=True, selectable=True)
                value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
                self._grid.addWidget(value, row, 1, top)
            else:
                link = _Link(pair.value, pair.target)
                link.followed.connect(self.link_activated)
                self._grid.addWidget(link, row, 1, top | Qt.AlignmentFlag.AlignLeft)

    @Slot()
    def _rescale(self) -> None:
        theme = self._look.theme
        self._grid.setColumnMinimumWidth(0, theme.px(self._name_width))
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(4))


class _Link(QPushButton):
    """A value that leads somewhere."""

    followed = Signal(object)

    def __init__(self, text: str, target: object) -> None:
        super().__init__(text)
        self._target = target
        self.setProperty("kind", "link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.clicked.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        self.followed.emit(self._target)
