"""The response of a patient by every rule set side by side, with the evidence of the chosen one, MRD and CNS."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Scrolled
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRow:
    """One rule set."""

    set_id: str
    title: str
    category: str
    at_best: str
    """The better category that what is missing leaves open."""
    last: str
    """The category of the last day somebody assessed the disease, and that day."""
    last_on: str
    best: str
    remission: str
    relapse: str
    sentence: str
    evidence: tuple[str, ...]
    last_evidence: tuple[str, ...]
    missing: tuple[str, ...]
    cautions: tuple[str, ...]
    """A boundary value, an old count, a set's own note on the call."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesShown:
    """Everything the dialog says; `rows` is empty without an infusion."""

    patient_code: str
    on: str
    rows: tuple[ResponseRow, ...]
    mrd: tuple[str, ...]
    cns: tuple[str, ...]


class ResponsesDialog(Dialog):
    """A row a set; the chosen one is explained below."""

    def __init__(self, look: Look, shown: ResponsesShown, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Response of {patient}", patient=shown.patient_code),
            parent,
            width=1040,
            subtitle=tr("On {day}, by every rule set side by side. Each set is its own answer.", day=shown.on),
        )
        px = look.theme.px
        self.table = FlatTable(look, _columns(), key=lambda row: row.set_id, row_height=30)
        self.table.setAccessibleName(tr("Response by rule set"))
        self.table.setFixedHeight(self.table.height_of_rows(max(len(shown.rows), 1) + 1))
        self.table.row_selected.connect(self._explain)
        self.body.addWidget(self.table)
        self._explained = Scrolled(QWidget())
        self._explained.setFixedHeight(px(230))
        self.body.addWidget(self._explained)
        for title, lines in ((tr("MRD, last marrow or blood"), shown.mrd), (tr("CNS, last puncture"), shown.cns)):
            if lines:
                self.body.addWidget(Label(title, weight=Weight.STRONG))
                for line in lines:
                    self.body.addWidget(Label(line, size=TextSize.SMALL, wrap=True, selectable=True))
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)
        self.table.set_rows(shown.rows)
        if shown.rows:
            self.table.select_key(shown.rows[0].set_id)
            self._explain(shown.rows[0])

    @Slot(object)
    def _explain(self, row: ResponseRow) -> None:
        content = QWidget()
        content.setProperty("ground", "surface")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, self.look.theme.px(8), 0)
        column.setSpacing(self.look.theme.px(4))
        column.addWidget(Label(row.sentence, weight=Weight.STRONG, wrap=True, selectable=True))
        for caution in row.cautions:
            column.addWidget(Label(caution, tone=Tone.AMBER, wrap=True))
        for title, lines in (
            (tr("Rests on"), row.evidence),
            (tr("What a better call needs"), row.missing),
            (tr("The last assessment: {what}, {day}", what=row.last, day=row.last_on), row.last_evidence),
        ):
            if lines:
                column.addWidget(Label(title, size=TextSize.SMALL, tone=Tone.TEXT3))
                for line in lines:
                    column.addWidget(Label(f"•  {line}", size=TextSize.SMALL, wrap=True))
        column.addWidget(Label(row.source, size=TextSize.TINY, tone=Tone.TEXT3, wrap=True))
        column.addStretch(1)
        self._explained.setWidget(content)
        self._explained.setAccessibleName(row.sentence)


def _columns() -> tuple[Column[ResponseRow], ...]:
    small = TextSize.SMALL
    return (
        Column(title=tr("Rule set"), cell=lambda row: Cell(text=row.title), least=150, size=small),
        Column(
            title=tr("Today"),
            cell=lambda row: Cell(text=row.category, weight=Weight.STRONG, detail=row.at_best),
            width=190,
            size=small,
        ),
        Column(
            title=tr("Last assessed"), cell=lambda row: Cell(text=row.last, detail=row.last_on), width=180, size=small
        ),
        Column(title=tr("Best so far"), cell=lambda row: Cell(text=row.best), width=100, size=small),
        Column(title=tr("Remission since"), cell=lambda row: Cell(text=row.remission), width=110, size=small),
        Column(title=tr("Relapse or failure"), cell=lambda row: Cell(text=row.relapse), width=170, size=small),
    )
