"""The matrix of patients and criteria: states by symbol, one cell current, its row and column tinted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from labmon.domain.wording import NO_BREAK_SPACE
from labmon_ui.pages.eligibility.model import CriterionHead, Lead, MatrixModel, leading_answer
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, paint_state

if TYPE_CHECKING:
    from labmon.workflow.candidates import CandidateRow

Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 38
_SYMBOL = 17
_PATIENT_WIDTH, _DAY_WIDTH, _CRITERION_WIDTH, _DECISION_WIDTH = 114, 50, 76, 168
_CRITERION_LEAST, _DECISION_LEAST = 45, 120
_TITLE_NEEDS = 70
"""Below this width a criterion's heading is its id alone; the tooltip has the rest."""


class Matrix(QTableView):
    """Arrow keys move from criterion to criterion; a click beside the criteria goes to what the row is about."""

    cell_selected = Signal(str, str)
    """A patient's code and a criterion's id."""
    explanation_wanted = Signal()
    """Space or Enter: the person wants to read on."""
    patient_activated = Signal(str)
    """A double click on a patient's code."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.hovered_row = -1
        self._is_quiet = False
        self.matrix_model = MatrixModel()
        self.setModel(self.matrix_model)
        self.setItemDelegate(_MatrixDelegate(look, self))
        self.setHorizontalHeader(_MatrixHeader(look, self))
        self.setAccessibleName(tr("Patients by criteria"))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(self._tell_activated)
        self._rescale()
        look.theme.changed.connect(self._rescale)
        look.icons.loaded.connect(self.viewport().update)

    def show_rows(self, heads: tuple[CriterionHead, ...], rows: tuple[CandidateRow, ...]) -> None:
        """Show these rows; nothing is current until `select_cell`."""
        self.hovered_row = -1
        self.matrix_model.set_rows(heads, rows)
        self._fit()

    def select_cell(self, patient_code: str, criterion_id: str) -> bool:
        """Make a cell current without telling: whoever asks for it knows. False when it is not shown."""
        index = self.matrix_model.index_of(patient_code, criterion_id)
        if not index.isValid():
            return False
        self._is_quiet = True
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self._is_quiet = False
        return True

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.horizontalHeader().viewport().update()
        answer = self.matrix_model.answer_at(current)
        if answer is not None and not self._is_quiet:
            self.cell_selected.emit(self.matrix_model.rows[current.row()].patient_code, answer.criterion_id)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Only the criteria take the cursor."""
        model = self.matrix_model
        current = self.currentIndex()
        last_row, first, last = len(model.rows) - 1, len(Lead), model.decision_column - 1
        if last_row < 0 or last < first:
            return QModelIndex()
        row, column = max(current.row(), 0), min(max(current.column(), first), last)
        page = max(1, self.viewport().height() // self.rowHeight(0) - 1)
        move = QAbstractItemView.CursorAction
        with_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        match action:
            case move.MoveUp:
                row -= 1
            case move.MoveDown:
                row += 1
            case move.MovePageUp:
                row -= page
            case move.MovePageDown:
                row += page
            case move.MoveLeft | move.MovePrevious:
                column -= 1
            case move.MoveRight | move.MoveNext:
                column += 1
            case move.MoveHome:
                row, column = (0, column) if with_control else (row, first)
            case move.MoveEnd:
                row, column = (last_row, column) if with_control else (row, last)
        return model.index(min(max(row, 0), last_row), min(max(column, first), last))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.explanation_wanted.emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters search nothing here: Qt would look for them among the words of the states."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        if not self.matrix_model.is_criterion(index.column()):
            row = self.matrix_model.rows[index.row()]
            answer = leading_answer(row)
            if answer is None:
                return
            index = self.matrix_model.index_of(row.patient_code, answer.criterion_id)
        self.setCurrentIndex(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)

    def leaveEvent(self, event: object) -> None:
        self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    @Slot(QModelIndex)
    def _tell_activated(self, index: QModelIndex) -> None:
        if index.isValid() and index.column() == Lead.PATIENT:
            self.patient_activated.emit(self.matrix_model.rows[index.row()].patient_code)

    @Slot()
    def _rescale(self) -> None:
        height = self._look.theme.px(_ROW_HEIGHT)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self._fit()

    def _fit(self) -> None:
        """Designed widths, the decision taking the rest; in a narrow view the criteria give way before it scrolls."""
        px, heads = self._look.theme.px, self.matrix_model.heads
        lead = px(_PATIENT_WIDTH) + px(_DAY_WIDTH)
        room = self.viewport().width() - lead
        criterion = px(_CRITERION_WIDTH)
        if heads and room < criterion * len(heads) + px(_DECISION_WIDTH):
            criterion = max(px(_CRITERION_LEAST), min(criterion, (room - px(_DECISION_LEAST)) // len(heads)))
        decision = max(px(_DECISION_LEAST), room - criterion * len(heads))
        widths = [px(_PATIENT_WIDTH), px(_DAY_WIDTH), *(criterion for _ in heads), decision]
        for column, width in enumerate(widths[: self.matrix_model.columnCount()]):
            self.setColumnWidth(column, width)
        self.updateGeometries()

    @property
    def has_titles(self) -> bool:
        """Whether the headings have room for the criteria's titles."""
        return self.columnWidth(len(Lead)) >= self._look.theme.px(_TITLE_NEEDS)


class _MatrixDelegate(QStyledItemDelegate):
    """Paints a cell: ground, hairline, then code, day, symbol or decision."""

    def __init__(self, look: Look, matrix: Matrix) -> None:
        super().__init__(matrix)
        self._look = look
        self._matrix = matrix

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, px = self._look.theme.palette, self._look.theme.px
        rect = QRectF(option.rect)
        model, current = self._matrix.matrix_model, self._matrix.currentIndex()
        is_row = current.isValid() and index.row() == current.row()
        is_column = current.isValid() and index.column() == current.column()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_row or is_column:
            painter.fillRect(rect, QColor(palette.selected))
        elif index.row() == self._matrix.hovered_row:
            painter.fillRect(rect, QColor(palette.sunken if palette.is_dark else palette.window))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), QColor(palette.line))
        answer = model.answer_at(index)
        if answer is not None:
            if is_row and is_column:
                self._paint_frame(painter, rect)
            side = px(_SYMBOL)
            square = QRectF(round(rect.center().x() - side / 2), round(rect.center().y() - side / 2), side, side)
            paint_state(painter, square, StateSymbol(answer.state.value), palette)
        elif index.column() == Lead.PATIENT:
            if is_row:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(palette.accent))
            room = rect.adjusted(px(16), 0, -px(6), 0)
            self._paint_text(painter, room, str(index.data()), Tone.TEXT, Weight.STRONG)
        elif index.column() == Lead.DAY:
            text = str(index.data())
            width = QFontMetricsF(self._look.theme.font()).horizontalAdvance(text)
            right = rect.right() - px(14)
            self._paint_text(painter, QRectF(right - width - 1, rect.top(), width + 1, rect.height()), text, Tone.TEXT2)
        else:
            self._paint_decision(painter, rect.adjusted(px(18), 0, -px(8), 0), index.row())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(option.rect.width(), self._look.theme.px(_ROW_HEIGHT))

    def _paint_frame(self, painter: QPainter, rect: QRectF) -> None:
        palette, px = self._look.theme.palette, self._look.theme.px
        frame = QRectF(0, 0, px(40), px(30))
        frame.moveCenter(rect.center())
        painter.setPen(QPen(QColor(palette.accent), 2))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(frame, px(6), px(6))

    def _paint_decision(self, painter: QPainter, room: QRectF, row: int) -> None:
        theme = self._look.theme
        cell = self._matrix.matrix_model.decision_cell(row)
        if cell.symbol is not None or cell.icon:
            side = theme.px(14)
            square = QRectF(room.left(), round(room.center().y() - side / 2), side, side)
            if cell.symbol is not None:
                paint_state(painter, square, cell.symbol, theme.palette)
            else:
                self._look.icons.paint(painter, square.toRect(), cell.icon, cell.tone)
            room = room.adjusted(side + theme.px(7), 0, 0, 0)
        self._paint_text(painter, room, cell.text, cell.tone, cell.weight, TextSize.SMALL)

    def _paint_text(
        self,
        painter: QPainter,
        room: QRectF,
        text: str,
        tone: Tone,
        weight: Weight = Weight.REGULAR,
        size: TextSize = TextSize.BODY,
    ) -> None:
        font = self._look.theme.font(size, weight)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self._look.theme.colour(tone))
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QPointF(room.left(), room.center().y() + metrics.capHeight() / 2), cut)


class _MatrixHeader(QHeaderView):
    """Criterion ids over their short titles; the current column's heading is tinted like the column."""

    def __init__(self, look: Look, matrix: Matrix) -> None:
        super().__init__(Qt.Orientation.Horizontal, matrix)
        self._look = look
        self._matrix = matrix
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(24)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        px, theme = self._look.theme.px, self._look.theme
        metrics = QFontMetricsF(theme.font(TextSize.TINY))
        room = QRectF(0, 0, px(_CRITERION_WIDTH) - px(2), 1000)
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        titles = [
            metrics.boundingRect(room, flags, _in_lines(head.title)).height()
            for head in self._matrix.matrix_model.heads
        ]
        return QSize(0, px(12 + 18 + 8) + round(max(titles, default=0)))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, model = self._look.theme, self._matrix.matrix_model
        palette, px = theme.palette, theme.px
        current = self._matrix.currentIndex()
        is_current = current.isValid() and current.column() == section
        painter.save()
        painter.fillRect(rect, QColor(palette.selected if is_current else palette.surface))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(palette.line))
        small = theme.font(TextSize.TINY)
        if model.is_criterion(section):
            head = model.heads[section - len(Lead)]
            painter.setFont(theme.font(TextSize.BODY, Weight.STRONG))
            painter.setPen(theme.colour(Tone.TEXT))
            top = QRect(rect.left(), rect.top() + px(12), rect.width(), px(18))
            painter.drawText(top, Qt.AlignmentFlag.AlignCenter, head.id)
            painter.setFont(small)
            painter.setPen(theme.colour(Tone.TEXT2 if is_current else Tone.TEXT3))
            below = QRect(rect.left() + px(1), top.bottom() + 1, rect.width() - px(2), rect.bottom() - top.bottom())
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            if self._matrix.has_titles:
                painter.drawText(below, int(flags), _in_lines(head.title))
        else:
            painter.setFont(small)
            painter.setPen(theme.colour(Tone.TEXT3))
            left, right = {int(Lead.PATIENT): (16, 6), int(Lead.DAY): (4, 14)}.get(section, (18, 8))
            side = Qt.AlignmentFlag.AlignRight if section == Lead.DAY else Qt.AlignmentFlag.AlignLeft
            room = rect.adjusted(px(left), 0, -px(right), -px(8))
            painter.drawText(
                room, side | Qt.AlignmentFlag.AlignBottom, str(model.headerData(section, Qt.Orientation.Horizontal))
            )
        painter.restore()


def _in_lines(title: str) -> str:
    """A short title broken where it reads well: after a comma, before a limit, never between number and unit."""
    broken = title.replace(", ", ",\n").replace(" ≥ ", "\n≥ ")
    return re.sub(r"(?<=[≥≤\d]) (?=[\d%]|\w{1,2}\b)", NO_BREAK_SPACE, broken)
