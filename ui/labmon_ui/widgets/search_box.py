"""The search field of the top bar: says what is asked, shows what was found, tells what a person chose."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from labmon_ui.actions import Command
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.focus_ring import RING_ON_PARENT
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import IconView

_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One thing found: its kind in a word ("patient"), its name, what else helps to know it, where it leads."""

    kind: str
    title: str
    detail: str = ""
    target: object


class SearchBox(QFrame):
    """A line with suggestions below it. Down and Up move, Enter jumps, Escape leaves."""

    query_changed = Signal(str)
    """What was typed, a moment after the last key; answer with `show_suggestions`."""
    selected = Signal(object)
    """The target of the suggestion a person chose."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("search", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.addWidget(IconView(look, "magnifying-glass", pixels=16))
        self._line = QLineEdit()
        self._line.setPlaceholderText(tr("Patient, specimen, run or file"))
        self._line.setAccessibleName(tr("Search"))
        self._line.textEdited.connect(self._ask_soon)
        self._line.installEventFilter(self)
        self._line.setProperty(RING_ON_PARENT, True)
        row.addWidget(self._line, 1)
        self._keycap = Label(Command.SEARCH.shortcut.replace("+", " "))
        self._keycap.setProperty("keycap", True)
        row.addWidget(self._keycap, 0, Qt.AlignmentFlag.AlignVCenter)
        # A short pause, so that fast typing asks once and not for every letter.
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(120)
        self._pause.timeout.connect(self._ask)
        self._popup = _Popup(look)
        self._popup.chosen.connect(self._choose)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    @property
    def query(self) -> str:
        return self._line.text().strip()

    @Slot()
    def activate(self) -> None:
        """Put the cursor into the line and select what stands in it."""
        self._line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._line.selectAll()

    def show_suggestions(self, query: str, suggestions: tuple[Suggestion, ...]) -> None:
        """Show what was found for `query`; an answer to an older question is ignored."""
        if query != self.query or not query:
            return
        self._popup.show_suggestions(suggestions, self)

    def sizeHint(self) -> QSize:
        # Wider with larger text, but not in step with it: the names beside it need the room.
        return QSize(max(440, self._look.theme.px(280)), self._look.theme.px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.theme.px(140), self._look.theme.px(30))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._line:
            return False
        if event.type() is QEvent.Type.FocusOut:
            self._popup.hide()
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event.key())
        return False

    def _take_key(self, key: int) -> bool:
        match key:
            case Qt.Key.Key_Down | Qt.Key.Key_Up if self._popup.isVisible():
                self._popup.move_choice(1 if key == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if self._popup.isVisible():
                    self._popup.choose_current()
                else:
                    self._ask()
            case Qt.Key.Key_Escape:
                if self._popup.isVisible():
                    self._popup.hide()
                else:
                    self._line.clear()
                    self._line.clearFocus()
            case _:
                return False
        return True

    @Slot(str)
    def _ask_soon(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self._popup.hide()

    @Slot()
    def _ask(self) -> None:
        self._pause.stop()
        if self.query:
            self.query_changed.emit(self.query)

    @Slot(object)
    def _choose(self, suggestion: Suggestion) -> None:
        self._popup.hide()
        self._line.clear()
        self._line.clearFocus()
        self.selected.emit(suggestion.target)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.setFixedHeight(px(30))
        self.setMaximumWidth(self.sizeHint().width())
        layout = self.layout()
        assert layout is not None  # set in __init__
        layout.setContentsMargins(px(10), 0, px(8), 0)
        layout.setSpacing(px(8))


class _Popup(QFrame):
    """The list under the line: a child of the window, so that the line keeps the focus."""

    chosen = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("popup", True)
        self.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, look.theme.px(4), 1, look.theme.px(4))
        self._nothing = Label(tr("Nothing found."), tone=Tone.TEXT3, size=TextSize.SMALL)
        self._nothing.setContentsMargins(look.theme.px(12), look.theme.px(6), look.theme.px(12), look.theme.px(6))
        column.addWidget(self._nothing)
        columns: tuple[Column[Suggestion], ...] = (
            Column(title=tr("Kind"), cell=_kind, width=88, size=TextSize.TINY),
            Column(title=tr("Name"), cell=_name),
        )
        self._table = FlatTable(
            look, columns, key=_target, row_height=32, first_padding=12, has_header=False, is_in_card=True
        )
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.clicked.connect(self._tell)
        column.addWidget(self._table)

    def show_suggestions(self, suggestions: tuple[Suggestion, ...], below: QWidget) -> None:
        shown = suggestions[:_MOST_SHOWN]
        self._nothing.setVisible(not shown)
        self._table.setVisible(bool(shown))
        self._table.set_rows(shown)
        self._table.setFixedHeight(self._table.height_of_rows(len(shown)))
        if shown:
            self._table.selectRow(0)
        window = below.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.setFixedWidth(max(below.width(), self._look.theme.px(320)))
        self.adjustSize()
        self.move(below.mapTo(window, QPoint(0, below.height() + 4)))
        self.show()
        self.raise_()

    def move_choice(self, by: int) -> None:
        count = len(self._table.row_model.rows)
        if count:
            self._table.selectRow((self._table.currentIndex().row() + by) % count)

    def choose_current(self) -> None:
        self._tell(self._table.currentIndex())

    @Slot(QModelIndex)
    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._table.row_model.rows[index.row()])


def _kind(suggestion: Suggestion) -> Cell:
    return Cell(text=suggestion.kind, tone=Tone.TEXT3)


def _name(suggestion: Suggestion) -> Cell:
    return Cell(text=suggestion.title, weight=Weight.STRONG, detail=suggestion.detail)


def _target(suggestion: Suggestion) -> object:
    return suggestion.target
