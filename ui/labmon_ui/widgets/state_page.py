"""The four states of every page: empty, loading, failed, full."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, SymbolView


class IconView(QWidget):
    """One Phosphor icon as a quiet picture."""

    def __init__(self, look: Look, name: str, *, pixels: int = 16, tone: Tone = Tone.TEXT3) -> None:
        super().__init__()
        self._look = look
        self._name = name
        self._pixels = pixels
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.icons.loaded.connect(self.update)
        look.theme.changed.connect(self.updateGeometry)

    def set_icon(self, name: str) -> None:
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        side = self._look.theme.px(self._pixels)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        side = self._look.theme.px(self._pixels)
        square = QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)
        self._look.icons.paint(QPainter(self), square, self._name, self._tone)


class StatePage(QWidget):
    """What is not there, what is being done, or what happened and what was kept; with one action, rarely two."""

    action_triggered = Signal()
    other_action_triggered = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._column = QVBoxLayout(self)
        side = look.theme.px(24)
        self._column.setContentsMargins(side, side, side, side)
        self._column.setSpacing(look.theme.px(8))
        self._column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        self._icon = IconView(look, "tray", pixels=32)
        self._symbol = SymbolView(look.theme, StateSymbol.REJECTED, pixels=28)
        self._column.addWidget(self._icon, 0, middle)
        self._column.addWidget(self._symbol, 0, middle)
        self._title = Label(size=TextSize.TITLE, weight=Weight.STRONG, wrap=True)
        self._detail = Label(tone=Tone.TEXT2, wrap=True)
        self._advice = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(look.theme.px(4))
        for label in (self._title, self._detail, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(look.theme.px(480))
            texts.addWidget(label)
        # A wrapping label that is merely centred shrinks to its narrowest form; this way it takes up to 480 px.
        measure = QHBoxLayout()
        measure.addStretch(1)
        measure.addLayout(texts, 100)
        measure.addStretch(1)
        self._column.addLayout(measure)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(look.theme.px(240))
        self._column.addWidget(self._bar, 0, middle)
        self._action = Button(look, " ", kind=ButtonKind.PRIMARY)
        self._action.clicked.connect(self.action_triggered)
        self._column.addSpacing(look.theme.px(8))
        self._other = Button(look, " ", kind=ButtonKind.LARGE)
        self._other.clicked.connect(self.other_action_triggered)
        actions = QHBoxLayout()
        actions.setSpacing(look.theme.px(8))
        actions.addStretch(1)
        actions.addWidget(self._action)
        actions.addWidget(self._other)
        actions.addStretch(1)
        self._column.addLayout(actions)
        self._column.addStretch(3)

    def show_empty(
        self, title: str, detail: str = "", *, action: str = "", other_action: str = "", icon: str = "tray"
    ) -> None:
        """What is not there, then what to do about it."""
        self._icon.set_icon(icon)
        self._set(title, detail, "", action)
        self._other.setText(other_action)
        self._other.setVisible(bool(other_action))

    def show_loading(self, text: str, fraction: float | None = None, *, action: str = "") -> None:
        """What is being done; without a fraction the bar only says that something is."""
        self._icon.set_icon("hourglass")
        self._set(text, "", "", action)
        self._bar.setVisible(True)
        self._bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._bar.setValue(round(fraction * 1000))

    def show_failed(self, message: Message, *, action: str = "") -> None:
        """What happened and where, what was kept, what to do."""
        where = f"{message.where}: " if message.where else ""
        self._set(message.title, " ".join(filter(None, (where + message.what, message.kept))), message.advice, action)
        self._icon.hide()
        self._symbol.show()

    def _set(self, title: str, detail: str, advice: str, action: str) -> None:
        self._icon.show()
        self._symbol.hide()
        self._bar.hide()
        for label, text in ((self._title, title), (self._detail, detail), (self._advice, advice)):
            label.setText(text)
            label.setVisible(bool(text))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._other.hide()
        self.setAccessibleName(title)


class StateStack(QStackedWidget):
    """A page's content, or one of the states that stand in its place."""

    action_triggered = Signal()
    other_action_triggered = Signal()

    def __init__(self, look: Look, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._state = StatePage(look)
        self._state.action_triggered.connect(self.action_triggered)
        self._state.other_action_triggered.connect(self.other_action_triggered)
        self.addWidget(content)
        self.addWidget(self._state)

    def show_content(self) -> None:
        self.setCurrentWidget(self._content)

    def show_empty(
        self, title: str, detail: str = "", *, action: str = "", other_action: str = "", icon: str = "tray"
    ) -> None:
        self._state.show_empty(title, detail, action=action, other_action=other_action, icon=icon)
        self.setCurrentWidget(self._state)

    def show_loading(self, text: str = "", fraction: float | None = None, *, action: str = "") -> None:
        self._state.show_loading(text or tr("Loading…"), fraction, action=action)
        self.setCurrentWidget(self._state)

    def show_failed(self, message: Message, *, action: str = "") -> None:
        self._state.show_failed(message, action=action)
        self.setCurrentWidget(self._state)
