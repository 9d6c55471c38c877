"""Flat tables: rows of a fixed height over tuples of values, without a grid, with state chips and one accent edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, paint_state

CELL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one cell shows, from left to right: symbol, text, muted detail; or a progress bar with its text."""

    text: str = ""
    tone: Tone = Tone.TEXT
    weight: Weight = Weight.REGULAR
    symbol: StateSymbol | None = None
    icon: str = ""
    detail: str = ""
    progress: float | None = None
    is_link: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """A heading and how a row's cell is made. The width is the designed one; 0 takes what is left.

    Where the table is narrower than its columns, those with a `least` width give way first and cut their text.
    """

    title: str
    cell: Callable[[Row], Cell]
    width: int = 0
    least: int = 0
    is_number: bool = False
    """Aligned right, heading too."""
    is_centred: bool = False
    size: TextSize = TextSize.BODY
    tooltip: str = ""

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        if self.is_number:
            return Qt.AlignmentFlag.AlignRight
        return Qt.AlignmentFlag.AlignHCenter if self.is_centred else Qt.AlignmentFlag.AlignLeft


class RowModel(QAbstractTableModel, Generic[Row]):
    """A table model over a tuple of rows; cells are made when they are looked at."""

    def __init__(self, columns: tuple[Column[Row], ...], key: Callable[[Row], object]) -> None:
        super().__init__()
        self.columns = columns
        self._key = key
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def update_row(self, number: int, row: Row) -> None:
        """Replace one row without touching the others or the selection."""
        self._rows = (*self._rows[:number], row, *self._rows[number + 1 :])
        self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))

    def key_at(self, number: int) -> object:
        return self._key(self._rows[number])

    def number_of(self, key: object) -> int | None:
        """Where the row with this key stands."""
        return next((number for number, row in enumerate(self._rows) if self._key(row) == key), None)

    def cell(self, index: Index) -> Cell:
        return self.columns[index.column()].cell(self._rows[index.row()])

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case _ if role == CELL_ROLE:
                return self.cell(index)
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                cell = self.cell(index)
                return f"{cell.text} {cell.detail}".strip()
            case Qt.ItemDataRole.ToolTipRole:
                return self.cell(index).tooltip or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return self.columns[index.column()].alignment | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.tooltip or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return column.alignment | Qt.AlignmentFlag.AlignVCenter
        return None


class CellDelegate(QStyledItemDelegate):
    """Paints cells: hairline below, selection with the accent edge, symbol, text, detail, link or progress."""

    PADDING = 10

    def __init__(self, look: Look, table: FlatTable) -> None:
        super().__init__(table)
        self._look = look
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, px = self._look.theme.palette, self._look.theme.px
        rect = QRectF(option.rect)
        state = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected:
            painter.fillRect(rect, QColor(palette.selected))
        elif index.row() == self._table.hovered_row:
            painter.fillRect(rect, QColor(palette.window if not palette.is_dark else palette.sunken))
        is_last = index.row() == len(self._table.row_model.rows) - 1
        if not (is_last and self._table.is_in_card):
            painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), QColor(palette.line))
        is_first = self._table.horizontalHeader().visualIndex(index.column()) == 0
        if is_selected and is_first:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(palette.accent))
        cell = index.data(CELL_ROLE)
        if isinstance(cell, Cell):
            pad = px(self.PADDING)
            inset = px(self._table.first_padding) if is_first else pad
            self._paint_cell(painter, rect.adjusted(inset, 0, -pad, -1), cell, index, is_selected)
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """The cell's own tooltip, or its whole text where that is cut."""
        cell = index.data(CELL_ROLE)
        if isinstance(cell, Cell) and event.type() is QEvent.Type.ToolTip:
            whole = f"{cell.text} {cell.detail}".strip()
            QToolTip.showText(
                event.globalPos(), cell.tooltip or (whole if self._is_cut(cell, option, index) else ""), view
            )
            return True
        return super().helpEvent(event, view, option, index)

    def _is_cut(self, cell: Cell, option: QStyleOptionViewItem, index: Index) -> bool:
        theme = self._look.theme
        column = self._table.columns[index.column()]
        mark = theme.px(21) if cell.symbol or cell.icon else 0
        text = QFontMetricsF(theme.font(column.size, cell.weight)).horizontalAdvance(cell.text)
        detail = QFontMetricsF(theme.font(TextSize.SMALL)).horizontalAdvance(cell.detail)
        return mark + text + detail > option.rect.width() - 2 * theme.px(self.PADDING)

    def _paint_cell(self, painter: QPainter, room: QRectF, cell: Cell, index: Index, is_selected: bool) -> None:
        theme = self._look.theme
        palette, px = theme.palette, theme.px
        column = self._table.columns[index.column()]
        gap = px(7)
        if cell.progress is not None:
            bar = QRectF(room.left(), room.center().y() - px(2), min(px(64), room.width()), px(4))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.line))
            painter.drawRoundedRect(bar, px(2), px(2))
            painter.setBrush(QColor(palette.accent_fill))
            painter.drawRoundedRect(
                QRectF(bar.topLeft(), bar.bottomRight()).adjusted(0, 0, -bar.width() * (1 - cell.progress), 0),
                px(2),
                px(2),
            )
            room.setLeft(bar.right() + gap)
        font = theme.font(column.size, Weight.MEDIUM if cell.is_link else cell.weight)
        metrics = QFontMetricsF(font)
        mark = px(14 if column.size is not TextSize.TINY else 12) if cell.symbol or cell.icon else 0
        detail_font = theme.font(TextSize.SMALL if column.size is TextSize.BODY else TextSize.TINY)
        detail_width = QFontMetricsF(detail_font).horizontalAdvance(cell.detail) + gap if cell.detail else 0.0
        mark_gap = gap if mark and cell.text else 0
        text_width = min(metrics.horizontalAdvance(cell.text), room.width() - mark - mark_gap)
        used = mark + mark_gap + text_width + detail_width
        left = room.left()
        if column.is_number:
            left = max(left, room.right() - used)
        elif column.is_centred:
            left = max(left, room.center().x() - used / 2)
        if mark:
            square = QRectF(round(left), round(room.center().y() - mark / 2), mark, mark)
            if cell.symbol is not None:
                paint_state(painter, square, cell.symbol, palette)
            else:
                self._look.icons.paint(painter, square.toRect(), cell.icon, cell.tone)
            left += mark + mark_gap
        base = room.center().y() + metrics.capHeight() / 2
        if cell.is_link and is_selected and cell.text:
            frame = QRectF(left - px(10), room.center().y() - px(13), text_width + px(20), px(26))
            painter.setPen(QPen(QColor(palette.line), 1))
            painter.setBrush(QColor(palette.surface))
            painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        painter.setFont(font)
        tone = (Tone.TEXT if is_selected else Tone.ACCENT) if cell.is_link else cell.tone
        painter.setPen(QColor(palette.tone(tone)))
        painter.drawText(
            QPointF(left, base), metrics.elidedText(cell.text, Qt.TextElideMode.ElideRight, text_width + 1)
        )
        if cell.detail:
            start = left + text_width + (gap if cell.text else 0)
            rest = room.right() - start
            painter.setFont(detail_font)
            painter.setPen(QColor(palette.text3))
            cut = QFontMetricsF(detail_font).elidedText(cell.detail, Qt.TextElideMode.ElideRight, max(rest, 0) + 1)
            painter.drawText(QPointF(start, base), cut)


class FlatTable(QTableView):
    """The table of every page. Its rows are selected whole; Enter or a double click activates one."""

    row_selected = Signal(object)
    """The row, or None when nothing is selected any more."""
    row_activated = Signal(object)
    link_activated = Signal(object, int)
    """The row and the column of a link cell."""
    sort_requested = Signal(int, bool)
    """Column and whether descending; only after `set_sortable`."""

    def __init__(
        self,
        look: Look,
        columns: tuple[Column[Any], ...],
        *,
        key: Callable[[Any], object],
        row_height: int = 30,
        first_padding: int = 16,
        has_header: bool = True,
        is_in_card: bool = False,
    ) -> None:
        super().__init__()
        self._look = look
        self._row_height = row_height
        self.first_padding = first_padding
        self.is_in_card = is_in_card
        """The card's own frame stands for the line below the last row."""
        self.hovered_row = -1
        self._has_quiet_selection = False
        self.row_model: RowModel[Any] = RowModel(columns, key)
        self.setModel(self.row_model)
        self.setItemDelegate(CellDelegate(look, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setVisible(has_header)
        for number, column in enumerate(columns):
            header.setSectionResizeMode(
                number, QHeaderView.ResizeMode.Interactive if column.width else QHeaderView.ResizeMode.Stretch
            )
        self.selectionModel().selectionChanged.connect(self._tell_selected)
        self.doubleClicked.connect(self._tell_activated)
        self._rescale()
        look.theme.changed.connect(self._rescale)
        look.icons.loaded.connect(self.viewport().update)

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return self.row_model.columns

    @property
    def selected_row(self) -> Any | None:
        number = self._selected_number()
        return None if number is None else self.row_model.rows[number]

    def set_rows(self, rows: tuple[Any, ...]) -> None:
        """Show these rows; the row with the same key stays selected, without a signal."""
        selected = self._selected_number()
        key = None if selected is None else self.row_model.key_at(selected)
        self.hovered_row = -1
        self._has_quiet_selection = True
        self.row_model.set_rows(rows)
        kept = None if key is None else self.row_model.number_of(key)
        if kept is not None:
            self._select(kept)
        self._has_quiet_selection = False
        if key is not None and kept is None:
            self.row_selected.emit(None)

    def select_key(self, key: object) -> bool:
        """Select the row with this key and scroll to it; False when it is not shown."""
        number = self.row_model.number_of(key)
        if number is None:
            return False
        self._select(number)
        return True

    def set_sortable(self, column: int, *, descending: bool = False) -> None:
        """Let the headings ask for another order; the order itself is made where the rows come from."""
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._tell_order)

    @Slot()
    def copy_rows(self) -> None:
        """Put the headings and the selected row on the clipboard, separated by tabs."""
        numbers = sorted({index.row() for index in self.selectionModel().selectedRows()})
        lines = ["\t".join(column.title for column in self.columns)]
        for number in numbers:
            cells = (self.row_model.index(number, column) for column in range(len(self.columns)))
            lines.append("\t".join(str(cell.data() or "") for cell in cells))
        QGuiApplication.clipboard().setText("\n".join(lines))

    def height_of_rows(self, count: int) -> int:
        """The height that shows `count` rows and the heading without a scroll bar."""
        header = self.horizontalHeader()
        return self._look.theme.px(self._row_height) * count + (header.sizeHint().height() if header.isVisible() else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._fit()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            self._tell_activated(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)
        is_link = index.isValid() and self.row_model.cell(index).is_link
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            cell = self.row_model.cell(index)
            if cell.is_link and cell.text:
                self.link_activated.emit(self.row_model.rows[index.row()], index.column())

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    def _select(self, number: int) -> None:
        index = self.row_model.index(number, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def _selected_number(self) -> int | None:
        # Not the current index: Qt makes the first row current when the table gets the focus, unasked.
        return next((index.row() for index in self.selectionModel().selectedRows()), None)

    @Slot(QItemSelection, QItemSelection)
    def _tell_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if not self._has_quiet_selection:
            self.row_selected.emit(self.selected_row)

    @Slot(QModelIndex)
    def _tell_activated(self, index: QModelIndex) -> None:
        if index.isValid():
            self.row_activated.emit(self.row_model.rows[index.row()])

    @Slot(int, Qt.SortOrder)
    def _tell_order(self, column: int, order: Qt.SortOrder) -> None:
        self.sort_requested.emit(column, order is Qt.SortOrder.DescendingOrder)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.verticalHeader().setDefaultSectionSize(px(self._row_height))
        self.verticalHeader().setMinimumSectionSize(px(self._row_height))
        self._fit()

    def _fit(self) -> None:
        """Give every column its designed width; where that is too much, take it from those that may give way."""
        px = self._look.theme.px
        widths = [px(column.width) for column in self.columns]
        # a column that takes what is left wants at least this much
        rest = sum(px(column.least or 80) for column in self.columns if not column.width)
        lacking = sum(widths) + rest - self.viewport().width()
        spare = [px(column.width - column.least) if column.width and column.least else 0 for column in self.columns]
        share = min(max(lacking, 0) / sum(spare), 1.0) if sum(spare) else 0.0
        for number, column in enumerate(self.columns):
            if column.width:
                self.setColumnWidth(number, round(widths[number] - spare[number] * share))
