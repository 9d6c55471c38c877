"""The Worklist page's widgets and their places: a heading with the filter, one card a group, a note at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from labmon_ui.pages.worklist.model import ACTION_COLUMN, TaskCard, TaskRow, columns
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.flat_table import FlatTable
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Card, PageHeader, Scrolled, SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.segmented import Segment, Segmented
from labmon_ui.widgets.state_page import StateStack

_WIDTH = 1180
_ROW_HEIGHT = 40


class WorklistView(QWidget):
    """Emits what the person wants; shows what the presenter decides."""

    filter_chosen = Signal(str)
    task_opened = Signal(object)
    """A TaskRow."""
    state_action_triggered = Signal()
    """The one action of what stands in place of the tasks."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._cards: dict[str, _GroupCard] = {}
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PageHeader(look, tr("Worklist"))
        self.filter = Segmented(look)
        self.filter.chosen.connect(self.filter_chosen)
        self.header.add_action(self.filter)
        self._note = Label(
            tr("Overdue is counted by one rule on every page: after the last day of the window. Enter opens a task."),
            size=TextSize.SMALL,
            tone=Tone.TEXT3,
            wrap=True,
        )
        groups = QWidget()
        self._groups = QVBoxLayout(groups)
        self._groups.setContentsMargins(0, 0, 0, 0)
        self._groups.addWidget(self._note)
        self._groups.addStretch(1)
        self.stack = StateStack(look, groups)
        self.stack.action_triggered.connect(self.state_action_triggered)
        self._ground = QWidget()
        self._ground.setProperty("ground", "window")
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.addWidget(self.header)
        self._column.addWidget(self.stack, 1)
        self._row = QHBoxLayout(self._ground)
        self._row.addStretch(1)
        self._row.addWidget(self._page, 1000)
        self._row.addStretch(1)
        self._scrolled = Scrolled(self._ground)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scrolled)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    @property
    def tables(self) -> tuple[FlatTable, ...]:
        """The tables of the groups shown, from top to bottom."""
        return tuple(card.table for card in self._shown)

    @property
    def _shown(self) -> tuple[_GroupCard, ...]:
        shown = (card for card in self._cards.values() if not card.isHidden())
        return tuple(sorted(shown, key=self._groups.indexOf))

    def show_summary(self, detail: str, segments: tuple[Segment, ...]) -> None:
        """Whose list it is and how much is on it; the filters with their counts."""
        self.header.set_detail(detail)
        self.filter.set_segments(segments)
        self.filter.setVisible(bool(segments))

    def show_cards(self, cards: tuple[TaskCard, ...]) -> None:
        """Show the groups; the selected task stays selected, and the focus stays in the list."""
        had_focus = self.hasFocus() or any(table.hasFocus() for table in self.tables)
        for place, card in enumerate(cards):
            shown = self._cards.get(card.key)
            if shown is None:
                shown = self._cards[card.key] = self._new_card(card)
            if self._groups.indexOf(shown) != place:
                self._groups.insertWidget(place, shown)
            shown.show_card(card)
        keys = {card.key for card in cards}
        for key, hidden in self._cards.items():
            if key not in keys:
                hidden.clear()
        self.stack.show_content()
        self._set_focus_proxy(had_focus)

    def show_empty(self, title: str, detail: str = "", *, action: str = "", icon: str = "check-square") -> None:
        self._leave_cards()
        self.stack.show_empty(title, detail, action=action, icon=icon)

    def show_loading(self, text: str) -> None:
        self._leave_cards()
        self.stack.show_loading(text)

    def show_failed(self, message: Message, *, action: str) -> None:
        self._leave_cards()
        self.stack.show_failed(message, action=action)

    def _leave_cards(self) -> None:
        had_focus = any(table.hasFocus() for table in self.tables)
        for card in self._cards.values():
            card.clear()
        self._set_focus_proxy(had_focus)

    def _set_focus_proxy(self, had_focus: bool) -> None:
        tables = self.tables
        chosen = next((table for table in tables if table.selected_row is not None), tables[0] if tables else None)
        self.setFocusProxy(chosen or self.filter)
        if had_focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _new_card(self, card: TaskCard) -> _GroupCard:
        made = _GroupCard(self._look, has_long_subjects=card.has_long_subjects)
        made.table.row_activated.connect(self.task_opened)
        made.table.link_activated.connect(self._open_task)
        made.table.row_selected.connect(self._row_selected)
        made.table.left_upwards.connect(self._go_up)
        made.table.left_downwards.connect(self._go_down)
        made.table.left_to_first.connect(self._go_first)
        made.table.left_to_last.connect(self._go_last)
        return made

    @Slot(object, int)
    def _open_task(self, row: TaskRow, column: int) -> None:
        if column == ACTION_COLUMN:
            self.task_opened.emit(row)

    @Slot(object)
    def _row_selected(self, row: TaskRow | None) -> None:
        """One task is selected on the whole page; the page scrolls to it."""
        if row is None:
            return
        for card in self._shown:
            if row in card.table.row_model.rows:
                self._bring_into_view(card.table)
                self.setFocusProxy(card.table)
            else:
                card.table.clearSelection()

    def _bring_into_view(self, table: _TaskTable) -> None:
        rect = table.visualRect(table.currentIndex())
        middle = table.viewport().mapTo(self._ground, rect.center())
        edge = self._look.theme.px(_ROW_HEIGHT)
        self._scrolled.ensureVisible(self._ground.width() // 2, middle.y(), 0, edge * 2)

    @Slot(QWidget)
    def _go_up(self, table: _TaskTable) -> None:
        self._go_to(self.tables.index(table) - 1, last=True)

    @Slot(QWidget)
    def _go_down(self, table: _TaskTable) -> None:
        self._go_to(self.tables.index(table) + 1, last=False)

    @Slot()
    def _go_first(self) -> None:
        self._go_to(0, last=False)

    @Slot()
    def _go_last(self) -> None:
        self._go_to(len(self.tables) - 1, last=True)

    def _go_to(self, place: int, *, last: bool) -> None:
        if 0 <= place < len(self.tables):
            table = self.tables[place]
            row = table.row_model.rows[-1 if last else 0]
            table.select_key(row.key)
            table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self._page.setMaximumWidth(px(_WIDTH))
        self._row.setContentsMargins(px(24), 0, px(24), 0)
        self._column.setContentsMargins(0, px(22), 0, px(24))
        self._column.setSpacing(0)
        self._groups.setSpacing(px(18))
        self._groups.setContentsMargins(0, px(20), 0, 0)


class _GroupCard(QWidget):
    """A heading with its count over a card of task rows."""

    def __init__(self, look: Look, *, has_long_subjects: bool) -> None:
        super().__init__()
        self._look = look
        self._heading = SectionHeader(look, "")
        self.table = _TaskTable(look, has_long_subjects=has_long_subjects)
        card = Card(look)
        card.rows.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.px(6))
        column.addWidget(self._heading)
        column.addWidget(card)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self._fit)

    def show_card(self, card: TaskCard) -> None:
        self._heading.set_title(card.title)
        self._heading.set_detail(str(len(card.rows)))
        self.table.setAccessibleName(card.title)
        self.table.set_rows(card.rows)
        self._fit()
        self.show()

    def clear(self) -> None:
        self.table.set_rows(())
        self.hide()

    @Slot()
    def _fit(self) -> None:
        self.table.setFixedHeight(self.table.height_of_rows(len(self.table.row_model.rows)))


class _TaskTable(FlatTable):
    """The rows of one group; the arrow keys leave it upwards and downwards, into the groups beside it."""

    left_upwards = Signal(QWidget)
    left_downwards = Signal(QWidget)
    left_to_first = Signal()
    left_to_last = Signal()

    def __init__(self, look: Look, *, has_long_subjects: bool) -> None:
        super().__init__(
            look,
            columns(has_long_subjects=has_long_subjects),
            key=lambda row: row.key,
            row_height=_ROW_HEIGHT,
            first_padding=14,
            has_header=False,
            is_in_card=True,
        )
        self._radius = 7
        self.horizontalHeader().setMinimumSectionSize(8)  # the empty column that keeps the action off the card's edge
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = self.currentIndex().row()
        match event.key():
            case Qt.Key.Key_Up if number <= 0:
                self.left_upwards.emit(self)
            case Qt.Key.Key_Down if number == len(self.row_model.rows) - 1:
                self.left_downwards.emit(self)
            case Qt.Key.Key_Home:
                self.left_to_first.emit()
            case Qt.Key.Key_End:
                self.left_to_last.emit()
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Whoever comes by keyboard stands on a task, not beside them.
        if event.reason() is not Qt.FocusReason.MouseFocusReason and self.selected_row is None and self.row_model.rows:
            last = event.reason() is Qt.FocusReason.BacktabFocusReason
            self.select_key(self.row_model.key_at(len(self.row_model.rows) - 1 if last else 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The card's round corners stay in front of the rows.
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), self._radius, self._radius)
        self.setMask(QRegion(corners.toFillPolygon().toPolygon()))
