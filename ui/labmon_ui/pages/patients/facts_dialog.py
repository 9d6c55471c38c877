"""The clinical facts of one patient: what is on record, kind by kind, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact, Patient
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.pages.patients.fact_fields import cell_text, choice_label, field_label, sheet_of
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Card, SectionHeader
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One current fact on record."""

    fact_id: int
    fact: ClinicalFact
    recorded_at: str
    recorded_by: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _KindRow:
    kind: type[ClinicalFact]
    title: str
    count: int


class FactsDialog(Dialog):
    """Kinds at the left, the facts of the chosen kind at the right; every act is the presenter's."""

    add_requested = Signal(object)
    """A kind of fact."""
    amend_requested = Signal(object)
    """A FactRow."""
    void_requested = Signal(object)
    """A FactRow."""

    def __init__(self, look: Look, patient_code: str, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Clinical facts of {patient}", patient=patient_code),
            parent,
            width=860,
            subtitle=tr("What is amended or void stays in the record; each change says who, when and why."),
        )
        self._facts: Mapping[type[ClinicalFact], tuple[FactRow, ...]] = {}
        self._kind: type[ClinicalFact] = Patient
        px = look.theme.px
        parts = QHBoxLayout()
        parts.setSpacing(px(16))
        self.kinds = FlatTable(
            look,
            (
                Column(title=tr("Kind"), cell=lambda row: Cell(text=row.title)),
                Column(
                    title=tr("Facts"),
                    cell=lambda row: Cell(text=str(row.count), tone=Tone.TEXT2 if row.count else Tone.TEXT3),
                    width=48,
                    is_number=True,
                ),
            ),
            key=lambda row: row.kind,
            row_height=34,
            first_padding=12,
            has_header=False,
        )
        self.kinds.setAccessibleName(tr("Kinds of facts"))
        self.kinds.setFixedWidth(px(190))
        self.kinds.row_selected.connect(self._choose_kind)
        card = Card(look)
        card.rows.addWidget(self.kinds)
        parts.addWidget(card)
        right = QVBoxLayout()
        right.setSpacing(px(8))
        self._header = SectionHeader(look, "")
        self.add_button = Button(look, tr("Add…"), icon="plus")
        self.add_button.clicked.connect(self._add)
        self._header.add_action(self.add_button)
        right.addWidget(self._header)
        self._tables = QVBoxLayout()
        self._table_card = Card(look)
        self._tables.addWidget(self._table_card, 1)
        right.addLayout(self._tables, 1)
        self._nothing = Label(tone=Tone.TEXT3, wrap=True)
        right.addWidget(self._nothing)
        acts = QHBoxLayout()
        acts.setSpacing(px(6))
        self.amend_button = Button(look, tr("Amend…"), icon="pencil-simple")
        self.amend_button.clicked.connect(self._amend)
        self.void_button = Button(look, tr("Void…"), icon="x")
        self.void_button.clicked.connect(self._void)
        self._source = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        acts.addWidget(self.amend_button)
        acts.addWidget(self.void_button)
        acts.addWidget(self._source, 1)
        right.addLayout(acts)
        parts.addLayout(right, 1)
        self.body.addLayout(parts, 1)
        self.setMinimumHeight(px(520))
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)
        self.table: FlatTable | None = None

    def show_facts(self, facts: Mapping[type[ClinicalFact], tuple[FactRow, ...]]) -> None:
        """Show what is on record now; the chosen kind stays chosen."""
        self._facts = facts
        self.kinds.set_rows(
            tuple(
                _KindRow(kind=kind, title=tr(sheet_of(kind).title), count=len(facts.get(kind, ())))
                for kind in CLINICAL_FACTS
            )
        )
        if not self.kinds.select_key(self._kind):
            return
        self._fill()

    def choose(self, kind: type[ClinicalFact]) -> None:
        """Show the facts of a kind."""
        self.kinds.select_key(kind)

    @Slot(object)
    def _choose_kind(self, row: _KindRow | None) -> None:
        if row is not None and row.kind is not self._kind:
            self._kind = row.kind
            self._fill()

    def _fill(self) -> None:
        rows = self._facts.get(self._kind, ())
        sheet = sheet_of(self._kind)
        self._header.set_title(tr(sheet.title))
        self._header.set_detail(sheet.purpose)
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        self.table = self._make_table(self._kind)
        self._table_card.rows.addWidget(self.table)
        self.table.set_rows(rows)
        self._nothing.setText("" if rows else tr("Nothing is on record."))
        self._nothing.setVisible(not rows)
        is_patient = self._kind is Patient
        self.add_button.set_disabled_reason(tr("A patient is on record once.") if is_patient and rows else "")
        if rows:
            self.table.select_key(rows[0].fact_id)
        self._judge()

    def _make_table(self, kind: type[ClinicalFact]) -> FlatTable:
        columns = tuple(
            Column(
                title=field_label(column.heading),
                cell=_FieldCell(column.heading),
                width=0 if number == 0 else 118,
                least=72,
                size=TextSize.SMALL,
                tooltip=column.help,
            )
            for number, column in enumerate(
                column for column in sheet_of(kind).columns if column.heading != "patient_code" or kind is Patient
            )
        )
        table = FlatTable(self.look, columns, key=lambda row: row.fact_id, row_height=30, is_in_card=True)
        table.setAccessibleName(tr("Facts on record"))
        table.row_selected.connect(self._judge)
        table.row_activated.connect(self.amend_requested)
        return table

    @Slot()
    def _judge(self) -> None:
        row = self.table.selected_row if self.table is not None else None
        reason = tr("Choose a fact first.") if row is None else ""
        self.amend_button.set_disabled_reason(reason)
        self.void_button.set_disabled_reason(reason)
        self._source.setText(
            ""
            if row is None
            else tr("Recorded {when} by {who}{source}", when=row.recorded_at, who=row.recorded_by, source=row.source)
        )

    @Slot()
    def _add(self) -> None:
        self.add_requested.emit(self._kind)

    @Slot()
    def _amend(self) -> None:
        if self.table is not None and self.table.selected_row is not None:
            self.amend_requested.emit(self.table.selected_row)

    @Slot()
    def _void(self) -> None:
        if self.table is not None and self.table.selected_row is not None:
            self.void_requested.emit(self.table.selected_row)


@dataclass(frozen=True, slots=True)
class _FieldCell:
    """The cell of one field of a fact."""

    name: str

    def __call__(self, row: FactRow) -> Cell:
        value = getattr(row.fact, self.name)
        choice = getattr(value, "value", None)
        text = choice_label(str(choice)) if choice is not None else cell_text(value)
        is_key = self.name in type(row.fact).key
        return Cell(text=text, weight=Weight.MEDIUM if is_key else Weight.REGULAR)
