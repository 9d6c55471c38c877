"""The rule bench: move one number of the protocol and see who would change state and why; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from labmon.domain import wording
from labmon.domain.finding import FlagState
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr, tr_count
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol

if TYPE_CHECKING:
    from labmon.workflow.rule_bench import BenchNumber, Change, Trial

_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class BenchRow:
    """One rule that would say something else of one patient."""

    change: Change

    @property
    def key(self) -> tuple[str, str]:
        return self.change.patient_code, self.change.rule_id

    @cached_property
    def why(self) -> str:
        """Made when the row is looked at: a cohort has thousands."""
        return self.change.why


class BenchDialog(Dialog):
    """Shows numbers to choose from and, once one was tried, the patients it concerns."""

    tried = Signal(str, float)
    """The path of a number and its new value."""
    patient_activated = Signal(str)

    def __init__(self, look: Look, numbers: Sequence[BenchNumber], parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Rule bench"),
            parent,
            width=940,
            subtitle=tr("Move one number of the protocol and see who would change state. Nothing is written."),
        )
        self._numbers = tuple(numbers)
        px = look.theme.px
        self.number = QComboBox()
        self.number.setAccessibleName(tr("Number of the protocol"))
        for number in self._numbers:
            self.number.addItem(number.title, number.path)
        self.value = QLineEdit()
        self.value.setAccessibleName(tr("New value"))
        self.value.setFixedWidth(px(110))
        self._unit = Label()
        self._go = Button(look, tr("Try"), kind=ButtonKind.PRIMARY, icon="flask")
        self._go.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.number, 1)
        row.addWidget(Label(tr("as it is")))
        self._old = Label(weight=Weight.STRONG)
        row.addWidget(self._old)
        row.addWidget(Label(tr("tried as")))
        row.addWidget(self.value)
        row.addWidget(self._unit)
        row.addWidget(self._go)
        self.body.addLayout(row)
        self._source = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        self.body.addWidget(self._source)
        self._said = Label(weight=Weight.STRONG, wrap=True)
        self.body.addWidget(self._said)
        self.table = FlatTable(look, _columns(), key=lambda row: row.key, row_height=30)
        self.table.setAccessibleName(tr("Who would change state"))
        self.table.setFixedHeight(self.table.height_of_rows(_ROWS) + 2)
        self.table.row_activated.connect(self._open_patient)
        self.table.row_selected.connect(self._explain)
        self.body.addWidget(self.table)
        self._why = Label(wrap=True, selectable=True)
        self._why.setMinimumHeight(px(40))
        self.body.addWidget(self._why)
        close = Button(look, tr("Close"), kind=ButtonKind.LARGE)
        close.clicked.connect(self.accept)
        self.buttons.insertWidget(0, self._go.reason_label())
        self.buttons.addWidget(close)
        self.number.currentIndexChanged.connect(self._choose)
        self.value.textChanged.connect(self._judge)
        self._go.clicked.connect(self._try)
        self._choose()

    def choose(self, path: str) -> None:
        """Choose the number at a path; one the protocol lacks changes nothing."""
        self.number.setCurrentIndex(max(self.number.findData(path), 0))

    def show_busy(self) -> None:
        self._go.set_disabled_reason(tr("Judging everybody…"))
        self._said.setText(tr("Judging everybody…"))

    def show_failed(self, words: str) -> None:
        self._judge()
        self._said.setText(words)
        self._clear()

    def show_trial(self, trial: Trial) -> None:
        """What another number would change."""
        self._judge()
        self._said.setText(said_of(trial))
        rows = tuple(BenchRow(change=change) for change in trial.changes)
        self.table.set_rows(rows)
        self._why.clear()
        if rows:
            self.table.select_key(rows[0].key)

    @property
    def said(self) -> str:
        return self._said.text()

    @Slot()
    def _choose(self) -> None:
        number = self._numbers[self.number.currentIndex()]
        unit = number.unit.replace("ug", "µg").replace("uL", "µL")
        self._old.setText(f"{wording.limit(number.value)}{wording.NO_BREAK_SPACE}{unit}")
        self._unit.setText(unit)
        self._source.setText(tr("Source: {source}", source=number.source))
        self.value.setText(f"{number.value:.15g}")
        self._said.setText(tr("Type another value and try it."))
        self._clear()

    def _clear(self) -> None:
        self.table.set_rows(())
        self._why.clear()

    @Slot()
    def _judge(self) -> None:
        text = self.value.text().strip()
        if _number(text) is None:
            self._go.set_disabled_reason(tr("Type a number with a decimal point."))
        else:
            self._go.set_disabled_reason("")

    @Slot()
    def _try(self) -> None:
        value = _number(self.value.text().strip())
        if value is not None:
            self.tried.emit(self.number.currentData(), value)

    @Slot(object)
    def _explain(self, row: BenchRow | None) -> None:
        self._why.setText("" if row is None else f"{row.change.patient_code} {row.change.rule_id}: {row.why}")

    @Slot(object)
    def _open_patient(self, row: BenchRow) -> None:
        self.patient_activated.emit(row.change.patient_code)
        self.accept()


def said_of(trial: Trial) -> str:
    """ "3 of 24 patients change state. R1: 2 not met → met. …"."""
    if not trial.changes:
        return tr("None of {n} patients would change state.", n=trial.patients)
    moved: dict[tuple[str, FlagState | None, FlagState | None], int] = {}
    for change in trial.changes:
        place = change.rule_id, change.from_state, change.to_state
        moved[place] = moved.get(place, 0) + 1
    first = tr_count(
        trial.patients_changed,
        "{n} patient would change state",
        "{n} patients would change state",
    )
    counted = "; ".join(
        f"{rule_id} {_word(old)} → {_word(new)}: {count}" for (rule_id, old, new), count in moved.items()
    )
    return f"{first}, {tr('of {n} judged', n=trial.patients)}. {counted}."


def _columns() -> tuple[Column[BenchRow], ...]:
    small = TextSize.SMALL
    return (
        Column(title=tr("Patient"), cell=lambda row: Cell(text=row.change.patient_code), width=110, size=small),
        Column(title=tr("Rule"), cell=lambda row: Cell(text=row.change.rule_id), width=60, size=small),
        Column(title=tr("As it is"), cell=lambda row: _state(row.change.from_state), width=130, size=small),
        Column(title=tr("Would be"), cell=lambda row: _state(row.change.to_state), width=130, size=small),
        Column(title=tr("Why"), cell=lambda row: Cell(text=row.why, tone=Tone.TEXT2), least=200, size=small),
    )


def _state(state: FlagState | None) -> Cell:
    return Cell(text=_word(state), symbol=StateSymbol(state.value) if state is not None else None)


def _word(state: FlagState | None) -> str:
    return tr(state.label) if state is not None else tr("not asked")


def _number(text: str) -> float | None:
    """A number as the protocol file writes it; a comma could mean either mark and is not guessed at."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if "_" not in text and abs(number) < float("inf") else None
