"""The matrix as a Qt model over a tuple of rows, with the filter and the orders a person may choose."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from labmon.domain.finding import CriterionAnswer, CriterionState
from labmon.workflow.candidates import CandidateRow, DecisionState
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import Weight
from labmon_ui.widgets.flat_table import Cell
from labmon_ui.widgets.state_symbol import StateSymbol

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class Shown(StrEnum):
    """The segments above the matrix."""

    EVERYONE = "everyone"
    CANDIDATES = "candidates"

    def lets_through(self, row: CandidateRow) -> bool:
        return self is Shown.EVERYONE or row.decision is not DecisionState.NOT_ELIGIBLE


class Order(StrEnum):
    """The orders of the matrix; patients that are equal in it stand in the order of their codes."""

    READY_FIRST = "ready_first"
    CODE = "code"
    DAY = "day"

    @property
    def words(self) -> str:
        return {
            Order.READY_FIRST: tr("Ready first"),
            Order.CODE: tr("By patient code"),
            Order.DAY: tr("Latest day first"),
        }[self]


class Lead(IntEnum):
    """The columns before the criteria."""

    PATIENT = 0
    DAY = 1


_RANK = (DecisionState.READY_TO_SIGN, DecisionState.OPEN, DecisionState.NOT_ELIGIBLE)


def arranged(rows: Iterable[CandidateRow], shown: Shown, order: Order) -> tuple[CandidateRow, ...]:
    """The rows the filter lets through, in the order asked for."""
    found = sorted((row for row in rows if shown.lets_through(row)), key=lambda row: row.patient_code)
    match order:
        case Order.READY_FIRST:
            found.sort(key=lambda row: (_RANK.index(row.decision), _open_count(row)))
        case Order.DAY:
            found.sort(key=lambda row: -row.day if row.day is not None else 1)
        case Order.CODE:
            pass
    return tuple(found)


def _open_count(row: CandidateRow) -> int:
    """Among open candidates, those nearest to a decision come first; of the others nothing is asked any more."""
    if row.decision is not DecisionState.OPEN:
        return 0
    return sum(answer.state is not CriterionState.MET for answer in row.answers)


def leading_answer(row: CandidateRow) -> CriterionAnswer | None:
    """The criterion a row is about: what fails it, else what is open, else what a rule answers."""
    failed = (answer for answer in row.answers if answer.state is CriterionState.NOT_MET)
    still_open = (answer for answer in row.answers if answer.state is not CriterionState.MET)
    ruled = (answer for answer in row.answers if answer.findings)
    return next(itertools.chain(failed, still_open, ruled, row.answers), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionHead:
    """The heading of a criterion's column."""

    id: str
    title: str
    wording: str
    """The registry's own words, for the tooltip."""


class MatrixModel(QAbstractTableModel):
    """Patient, day, one column a criterion, decision. `data` only looks up."""

    def __init__(self) -> None:
        super().__init__()
        self._heads: tuple[CriterionHead, ...] = ()
        self._rows: tuple[CandidateRow, ...] = ()

    @property
    def heads(self) -> tuple[CriterionHead, ...]:
        return self._heads

    @property
    def rows(self) -> tuple[CandidateRow, ...]:
        return self._rows

    @property
    def decision_column(self) -> int:
        return len(Lead) + len(self._heads)

    def set_rows(self, heads: tuple[CriterionHead, ...], rows: tuple[CandidateRow, ...]) -> None:
        self.beginResetModel()
        self._heads, self._rows = heads, rows
        self.endResetModel()

    def is_criterion(self, column: int) -> bool:
        return len(Lead) <= column < self.decision_column

    def answer_at(self, index: Index) -> CriterionAnswer | None:
        if not index.isValid() or not self.is_criterion(index.column()):
            return None
        return self._rows[index.row()].answers[index.column() - len(Lead)]

    def index_of(self, patient_code: str, criterion_id: str) -> QModelIndex:
        """The cell of a patient and a criterion; invalid when it is not shown."""
        row = next((n for n, row in enumerate(self._rows) if row.patient_code == patient_code), None)
        column = next((n for n, head in enumerate(self._heads) if head.id == criterion_id), None)
        return QModelIndex() if row is None or column is None else self.index(row, len(Lead) + column)

    def decision_cell(self, row: int) -> Cell:
        candidate = self._rows[row]
        text = candidate.decision_text
        match candidate.decision:
            case DecisionState.READY_TO_SIGN:
                return Cell(text=text, symbol=StateSymbol.READY, tone=Tone.GREEN, weight=Weight.STRONG)
            case DecisionState.NOT_ELIGIBLE:
                return Cell(text=text, icon="prohibit", tone=Tone.RED)
            case DecisionState.OPEN:
                return Cell(text=text, tone=Tone.TEXT2)

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else self.decision_column + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(index)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(index)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section > self.decision_column:
            return None
        head = self._heads[section - len(Lead)] if self.is_criterion(section) else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if head is not None:
                    return f"{head.id} {head.title}"
                return (
                    {Lead.PATIENT: tr("Patient"), Lead.DAY: tr("Day")}.get(Lead(section))
                    if section < len(Lead)
                    else tr("Decision")
                )
            case Qt.ItemDataRole.ToolTipRole:
                return f"{head.id} {head.title}. {head.wording}" if head is not None else None
        return None

    def _text(self, index: Index) -> str:
        row = self._rows[index.row()]
        answer = self.answer_at(index)
        if answer is not None:
            return tr(answer.state.label)
        if index.column() == Lead.PATIENT:
            return row.patient_code
        if index.column() == Lead.DAY:
            return "" if row.day is None else str(row.day)
        return row.decision_text

    def _spoken(self, index: Index) -> str:
        """A cell as a screen reader says it: whose it is, which criterion, the state in words."""
        row = self._rows[index.row()]
        answer = self.answer_at(index)
        if answer is None:
            return self._text(index)
        return f"{row.patient_code}, {answer.criterion_id} {answer.title}: {tr(answer.state.label)}"

    def _tooltip(self, index: Index) -> str | None:
        answer = self.answer_at(index)
        if answer is not None:
            return f"{self._spoken(index)}. {answer.sentence}"
        return self._text(index) if index.column() == self.decision_column else None
