"""What the selected file offers: its results or facts and the readings behind them, filtered by their fate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from labmon_ui.pages.import_files.model import (
    ContentRow,
    ContentState,
    FileContent,
    fact_columns,
    reading_columns,
    result_columns,
)
from labmon_ui.texts import tr
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.flat_table import Column, FlatTable
from labmon_ui.widgets.layout import SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.segmented import Segment, Segmented

_RESULTS, _READINGS = "results", "readings"


class ContentPanel(QWidget):
    """One heading over two tables. Space asks for the decision of the selected row."""

    row_selected = Signal(object)
    """A ContentRow, or None."""
    decision_requested = Signal(str)
    """The key of a conflicting entry."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._content: FileContent | None = None
        self._state: ContentState | None = None
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._header = SectionHeader(look, tr("Results"))
        self._header.setContentsMargins(px(12), 0, px(12), 0)
        self._header.setFixedHeight(px(36))
        self._mode = Segmented(look)
        self._mode.chosen.connect(self._fill)
        self._filter = Button(look, tr("All states"), icon="funnel")
        self._filter.setMenu(self._make_menu())
        self._header.add_action(self._mode)
        self._header.add_action(self._filter)
        column.addWidget(self._header)
        self._tables = QStackedWidget()
        self.results = self._make_table(result_columns(), tr("Results of the file"))
        self.facts = self._make_table(fact_columns(), tr("Facts of the file"))
        self.readings = self._make_table(reading_columns(), tr("Readings of the file"))
        column.addWidget(self._tables, 1)

    @property
    def table(self) -> FlatTable:
        """The table in front."""
        table = self._tables.currentWidget()
        assert isinstance(table, FlatTable)  # nothing else is put in
        return table

    def show_content(self, content: FileContent) -> None:
        """Show another file, or the same one planned again; the selected row stays selected where it still exists."""
        self._content = content
        word = tr("Facts") if content.results_are_facts else tr("Results")
        segments = [Segment(_RESULTS, word, len(content.results))]
        if content.readings:
            segments.append(Segment(_READINGS, tr("Readings"), len(content.readings)))
        self._mode.set_segments(tuple(segments))
        self._mode.setVisible(len(segments) > 1)
        self._fill()

    def reset(self) -> None:
        """Another file: everything is shown again."""
        self._state = None
        self._filter.setText(tr("All states"))
        for action in self._filter.menu().actions():
            action.setChecked(action.data() is None)
        for table in (self.results, self.facts, self.readings):
            table.clearSelection()
            table.setCurrentIndex(table.row_model.index(-1, -1))

    def select_first(self) -> None:
        """Select what needs a person first, else the first row; the focus stays where it is."""
        rows: Sequence[ContentRow] = self.table.row_model.rows
        urgent = (ContentState.CONFLICTING, ContentState.REJECTED)
        row = next((row for state in urgent for row in rows if row.state is state), rows[0] if rows else None)
        if row is not None:
            self.table.select_key(row.key)

    def select_entry(self, entry_key: str) -> None:
        """Select the row of a plan's entry, whatever the filter."""
        table = self.table
        rows: Sequence[ContentRow] = table.row_model.rows
        row = next((row for row in rows if row.entry_key == entry_key), None)
        if row is None:
            self._choose_state(None)
            row = next((row for row in table.row_model.rows if row.entry_key == entry_key), None)
        if row is not None:
            table.select_key(row.key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            self._ask_decision(self.table.selected_row)
            return True
        return False

    def _make_table(self, columns: tuple[Column[Any], ...], name: str) -> FlatTable:
        table = FlatTable(self._look, columns, key=lambda row: row.key, row_height=26, first_padding=12)
        table.setAccessibleName(name)
        table.row_selected.connect(self.row_selected)
        table.row_activated.connect(self._ask_decision)
        table.installEventFilter(self)
        self._tables.addWidget(table)
        return table

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for state, words in (
            (None, tr("All states")),
            (ContentState.NEW, tr("New")),
            (ContentState.IDENTICAL, tr("Identical")),
            (ContentState.CONFLICTING, tr("Conflicting")),
            (ContentState.REJECTED, tr("Rejected")),
            (ContentState.UNUSED, tr("Standards, controls, not used")),
        ):
            action = QAction(words, menu)
            action.setCheckable(True)
            action.setChecked(state is None)
            action.setData(state)
            group.addAction(action)
            menu.addAction(action)
        group.triggered.connect(self._filter_chosen)
        return menu

    @Slot(QAction)
    def _filter_chosen(self, action: QAction) -> None:
        value = action.data()
        self._choose_state(None if value is None else ContentState(value))

    def _choose_state(self, state: ContentState | None) -> None:
        self._state = state
        for action in self._filter.menu().actions():
            is_chosen = action.data() == state
            action.setChecked(is_chosen)
            if is_chosen:
                self._filter.setText(action.text())
        self._fill()

    @Slot()
    def _fill(self) -> None:
        content = self._content
        if content is None:
            return
        is_readings = self._mode.current == _READINGS and bool(content.readings)
        rows = content.readings if is_readings else content.results
        table = self.readings if is_readings else self.facts if content.results_are_facts else self.results
        shown = tuple(row for row in rows if self._state is None or row.state is self._state)
        word = tr("Readings") if is_readings else tr("Facts") if content.results_are_facts else tr("Results")
        self._header.set_title(word)
        self._header.set_detail(tr("{n} of {all} shown", n=len(shown), all=len(rows)))
        self._tables.setCurrentWidget(table)
        table.set_rows(shown)

    @Slot(object)
    def _ask_decision(self, row: ContentRow | None) -> None:
        if row is not None and row.can_decide and row.entry_key is not None:
            self.decision_requested.emit(row.entry_key)
