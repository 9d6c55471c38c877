"""The original sheet or lines beside the readings, with the row a reading came from highlighted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from labmon.domain.issue import Place, column_letters
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr, tr_count
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import StateStack

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_ROW_HEIGHT = 26
_NARROWEST, _WIDEST, _PADDING = 44, 136, 8
Headings = Mapping[tuple[str | None, int], str]


class Original(Protocol):
    """A window of rows as texts; row `first_row` of the file is `rows[0]`."""

    @property
    def sheet(self) -> str | None: ...
    @property
    def sheets(self) -> tuple[str, ...]: ...
    @property
    def first_row(self) -> int: ...
    @property
    def rows(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def total_rows(self) -> int: ...


class _SheetModel(QAbstractTableModel):
    """Texts by row and column as they stand in the file."""

    def __init__(self) -> None:
        super().__init__()
        self.first_row = 1
        self.rows: tuple[tuple[str, ...], ...] = ()
        self.titles: tuple[str, ...] = ()
        self.unread: frozenset[int] = frozenset()
        """0-based columns nobody reads: shown narrow and muted."""
        self.marked_rows: frozenset[int] = frozenset()
        self.marked_cells: frozenset[tuple[int, int]] = frozenset()

    def show_part(self, part: Original, headings: Headings, unread: Collection[str]) -> None:
        self.beginResetModel()
        self.first_row, self.rows = part.first_row, part.rows
        width = max((len(row) for row in part.rows), default=0)
        above = _heading_row(part, headings)
        self.titles = tuple(
            headings.get((part.sheet, column))
            or (above[column - 1].strip() if column <= len(above) else "")
            or column_letters(column)
            for column in range(1, width + 1)
        )
        self.unread = frozenset(number for number, title in enumerate(self.titles) if title in unread)
        self.endResetModel()

    def mark(self, places: tuple[Place, ...]) -> None:
        self.marked_rows = frozenset(place.row for place in places if place.row is not None)
        self.marked_cells = frozenset(
            (place.row, place.column) for place in places if place.row is not None and place.column is not None
        )
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.titles) - 1))

    def text(self, row: int, column: int) -> str:
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(index.row(), index.column()) or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_column = orientation is Qt.Orientation.Horizontal
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole if is_column:
                return self.titles[section] if section < len(self.titles) else None
            case Qt.ItemDataRole.DisplayRole:
                return str(self.first_row + section)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignLeft if is_column else Qt.AlignmentFlag.AlignRight
                return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _heading_row(part: Original, headings: Headings) -> tuple[str, ...]:
    """The row whose cells are the headings the reader used; empty when it is not in the window."""
    wanted = [(column, words) for (sheet, column), words in headings.items() if sheet == part.sheet]
    for row in part.rows if wanted else ():
        if all(column <= len(row) and row[column - 1].strip() == words for column, words in wanted):
            return row
    return ()


class _SheetDelegate(QStyledItemDelegate):
    """Cells with hairlines; the marked row is tinted, its cells that were read are framed."""

    def __init__(self, look: Look, model: _SheetModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, px = self._look.theme.palette, self._look.theme.px
        rect = QRectF(option.rect)
        row = self._model.first_row + index.row()
        is_marked = row in self._model.marked_rows
        painter.save()
        if is_marked:
            painter.fillRect(rect, QColor(palette.selected))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), QColor(palette.line))
        painter.fillRect(QRectF(rect.right() - 1, rect.top(), 1, rect.height()), QColor(palette.line))
        is_framed = (row, index.column() + 1) in self._model.marked_cells
        font = self._look.theme.font(TextSize.SMALL, Weight.STRONG if is_framed else Weight.REGULAR)
        painter.setFont(font)
        painter.setPen(QColor(palette.text3 if index.column() in self._model.unread else palette.text))
        room = rect.adjusted(px(_PADDING), 0, -px(_PADDING), 0)
        text = QFontMetricsF(font).elidedText(
            self._model.text(index.row(), index.column()), Qt.TextElideMode.ElideRight, room.width() + 1
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        if is_framed:
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()


class OriginalSheet(QWidget):
    """Heading, sheet chooser and the rows; the presenter fetches the window of rows that is wanted."""

    sheet_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._model = _SheetModel()
        self._places: tuple[Place, ...] = ()
        self._sheet: str | None = None
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = SectionHeader(look, tr("Original"))
        self.header.setContentsMargins(px(12), 0, px(12), 0)
        self.header.setFixedHeight(px(36))
        self._unread = Label(size=TextSize.SMALL, tone=Tone.TEXT3)
        self._sheets = QComboBox()
        self._sheets.setAccessibleName(tr("Sheet"))
        self._sheets.setMaximumWidth(px(150))
        self._sheets.textActivated.connect(self.sheet_chosen)
        self._sheets.hide()
        self.header.add_action(self._unread)
        self.header.add_action(self._sheets)
        column.addWidget(self.header)
        self.table = self._make_table()
        self.stack = StateStack(look, self.table)
        column.addWidget(self.stack, 1)
        look.theme.changed.connect(self._rescale)
        self._rescale()

    def show_unread(self, unread: tuple[str, ...]) -> None:
        """How much of the file nobody read; the issues below name it."""
        self._unread.setText(tr_count(len(unread), "{n} part not read", "{n} parts not read") if unread else "")
        self._unread.setToolTip("\n".join(unread))

    def show_part(self, part: Original, headings: Headings, unread: Collection[str]) -> None:
        self._model.show_part(part, headings, unread)
        self._fit()
        self._sheet = part.sheet
        names = [self._sheets.itemText(i) for i in range(self._sheets.count())]
        if names != list(part.sheets):
            self._sheets.clear()
            self._sheets.addItems(list(part.sheets))
        self._sheets.setVisible(len(part.sheets) > 1)
        self._sheets.setCurrentText(part.sheet or "")
        self.stack.show_content()
        self.mark(self._places)

    def mark(self, places: tuple[Place, ...]) -> None:
        """Highlight these places and bring the first into view, when they are in the window shown."""
        self._places = places
        shown = tuple(place for place in places if place.sheet == self._sheet)
        self._model.mark(shown)
        first = shown[0] if shown else None
        self._say_where(first)
        if first is not None and first.row is not None and self._model.titles:
            row = first.row - self._model.first_row
            column = (first.column or 1) - 1
            if 0 <= row < len(self._model.rows):
                self._bring_into_view(row, min(column, len(self._model.titles) - 1))

    def _bring_into_view(self, row: int, column: int) -> None:
        """The row to the middle; sideways no further than needed, so that what stands before the cell is seen too."""
        index = self._model.index(row, column)
        self.table.setCurrentIndex(index)
        self.table.scrollTo(self._model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.table.horizontalScrollBar().setValue(0)
        self.table.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def holds(self, place: Place) -> bool:
        """Whether the window shown has this row."""
        return (
            bool(self._model.rows)
            and place.sheet == self._sheet
            and place.row is not None
            and 0 <= place.row - self._model.first_row < len(self._model.rows)
        )

    def show_loading(self) -> None:
        self.stack.show_loading(tr("Opening the original…"))

    def show_failed(self, message: Message) -> None:
        self._clear()
        self.stack.show_failed(message)

    def forget(self) -> None:
        """Another file is selected."""
        self._clear()
        self._places = ()
        self._say_where(None)

    def _clear(self) -> None:
        self._model.beginResetModel()
        self._model.rows, self._model.titles = (), ()
        self._model.endResetModel()

    def _say_where(self, place: Place | None) -> None:
        parts = [self._sheet or ""]
        if place is not None and place.row is not None:
            parts.append(tr("row {row}", row=place.row) if place.sheet else tr("line {row}", row=place.row))
        self.header.set_detail(" · ".join(part for part in parts if part))

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._model)
        table.setItemDelegate(_SheetDelegate(self._look, self._model, table))
        table.setProperty("sheet", True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName(tr("Original rows of the file"))
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        return table

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.table.verticalHeader().setDefaultSectionSize(px(_ROW_HEIGHT))
        self.table.verticalHeader().setMinimumSectionSize(px(_ROW_HEIGHT))
        self._fit()

    def _fit(self) -> None:
        """A width for each column by its longest text, within limits."""
        theme = self._look.theme
        metrics = QFontMetricsF(theme.font(TextSize.SMALL, Weight.STRONG))
        for column, title in enumerate(self._model.titles):
            if column in self._model.unread:
                self.table.setColumnWidth(column, theme.px(_NARROWEST))
                continue
            longest = max((row[column] for row in self._model.rows if column < len(row)), key=len, default="")
            width = max(metrics.horizontalAdvance(longest), metrics.horizontalAdvance(title)) + theme.px(2 * _PADDING)
            self.table.setColumnWidth(column, round(min(max(width, theme.px(_NARROWEST)), theme.px(_WIDEST))))
