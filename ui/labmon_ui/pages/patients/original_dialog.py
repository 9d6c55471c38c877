"""The original file at the rows a result was read from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from labmon.domain.issue import Place
from labmon.domain.result import Provenance
from labmon.workflow.patients import Patients
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.pages.import_files.original_sheet import Original, OriginalSheet
from labmon_ui.pages.patients.provenance import OriginalPlaces
from labmon_ui.tasks import Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.look import Look


class OriginalDialog(Dialog):
    """Wide enough for a sheet; the rows that were read are highlighted."""

    def __init__(self, look: Look, file_name: str, parent: QWidget | None) -> None:
        super().__init__(look, file_name, parent, width=720)
        self.sheet = OriginalSheet(look)
        self.sheet.setMinimumHeight(look.theme.px(320))
        self.body.addWidget(self.sheet, 1)
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        px, window = self.look.theme.px, self.parentWidget()
        room = window.window().size() if window is not None else self.size()
        self.resize(min(px(1000), room.width() - 80), min(px(620), room.height() - 80))


class OriginalPresenter(QObject):
    """Fetches the window of rows around the places, and another sheet when it is asked for."""

    def __init__(self, dialog: OriginalDialog, tasks: Tasks, patients: Patients, original: OriginalPlaces) -> None:
        super().__init__(dialog)
        self._sheet = dialog.sheet
        self._tasks = tasks
        self._patients = patients
        self._original = original
        self._sheet.sheet_chosen.connect(self._fetch_sheet)
        self._fetch(original.provenances[0])

    def _fetch(self, provenance: Provenance) -> None:
        self._sheet.show_loading()
        self._tasks.run(
            partial(self._patients.original, provenance),
            self._show,
            self._not_shown,
            label=tr("Opening {name}", name=provenance.file_name),
            database=True,
        )

    @Slot(str)
    def _fetch_sheet(self, name: str) -> None:
        first = self._original.provenances[0]
        same = next((one for one in self._original.provenances if one.place.sheet == name), None)
        self._fetch(same or replace(first, place=Place(sheet=name, row=1)))

    def _show(self, part: Original) -> None:
        headings = {
            (place.sheet, place.column): place.heading
            for place in self._original.places
            if place.column is not None and place.heading is not None
        }
        self._sheet.show_part(part, headings, self._original.file_name)
        self._sheet.mark(self._original.places)

    def _not_shown(self, error: Exception) -> None:
        self._sheet.show_failed(error_message(error, tr("The original cannot be shown")))
