"""Every version of one result: nothing on record is overwritten."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.pages.patients.provenance import VersionRow
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.look import Look


class HistoryDialog(Dialog):
    """The newest version first."""

    def __init__(self, look: Look, title: str, versions: tuple[VersionRow, ...], parent: QWidget | None) -> None:
        super().__init__(look, tr("Versions of a result"), parent, width=760, subtitle=title)
        small = TextSize.SMALL
        columns: tuple[Column[VersionRow], ...] = (
            Column(title=tr("Version"), cell=lambda row: Cell(text=str(row.version)), width=70, size=small),
            Column(title=tr("Recorded"), cell=lambda row: Cell(text=row.recorded_at), width=120, size=small),
            Column(title=tr("Value"), cell=lambda row: Cell(text=row.value), width=170, least=90, size=small),
            Column(title=tr("Standing"), cell=lambda row: Cell(text=row.standing, tone=Tone.TEXT2), size=small),
            Column(title=tr("By"), cell=lambda row: Cell(text=row.released_by, tone=Tone.TEXT2), width=110, size=small),
        )
        self.table = FlatTable(look, columns, key=lambda row: row.version, row_height=30)
        self.table.setAccessibleName(tr("Versions of a result"))
        self.table.set_rows(versions)
        self.table.setFixedHeight(self.table.height_of_rows(min(max(len(versions), 2), 8)) + 2)
        self.body.addWidget(self.table)
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)
