"""Takes what is shown out of labmon: the figure as a picture, the patient as a workbook, the table to the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from labmon.domain.errors import UserError
from labmon.workflow.report import Report
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.pages.patients.presenter import PatientsPresenter
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.palette import LIGHT
from labmon_ui.plotting.export import render_pdf, render_png, render_svg
from labmon_ui.tasks import Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.widgets.look import Look

_FIGURES: dict[str, Callable[..., None]] = {"png": render_png, "svg": render_svg, "pdf": render_pdf}
_FILTERS = {
    "png": "PNG (*.png)",
    "svg": "SVG (*.svg)",
    "pdf": "PDF (*.pdf)",
    "xlsx": "Excel (*.xlsx)",
}


class ExportsPresenter(QObject):
    """Files are drawn on white, whatever the window's colours; each export is put into the audit trail."""

    def __init__(self, view: PatientsView, look: Look, tasks: Tasks, shown: PatientsPresenter, report: Report) -> None:
        super().__init__(view)
        self._view = view
        self._look = look
        self._tasks = tasks
        self._shown = shown
        self._report = report
        view.heading.export_requested.connect(self._export)

    @Slot()
    def open_menu(self) -> None:
        """Offer the kinds of export."""
        if self._view.heading.export_button.isEnabled():
            self._view.heading.export_button.showMenu()

    @Slot()
    def copy_rows(self) -> None:
        """The selected rows of the table twin; all of them when none is selected, or the figure is shown."""
        numbers = sorted({index.row() for index in self._view.table.selectionModel().selectedRows()})
        rows = self._view.table.row_model.rows
        chosen = tuple(rows[number] for number in numbers) if self._view.shows_table and numbers else rows
        if chosen:
            QGuiApplication.clipboard().setMimeData(self._view.table.as_mime(chosen))

    @Slot(str)
    def _export(self, kind: str) -> None:
        facts = self._shown.facts
        if facts is None or facts.figure is None:
            return
        if kind == "copy":
            QGuiApplication.clipboard().setMimeData(self._view.table.as_mime(facts.figure.table()))
            return
        dialog = QFileDialog(self._view, tr("Export {patient}", patient=facts.patient_code))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.setNameFilter(_FILTERS[kind])
        dialog.selectFile(f"{facts.patient_code}.{kind}")
        dialog.fileSelected.connect(partial(self._write, kind))
        dialog.open()

    def _write(self, kind: str, name: str) -> None:
        facts = self._shown.facts
        if facts is None or facts.figure is None:
            return
        path = Path(name)
        if kind == "xlsx":
            job = partial(self._report.write_patient, facts.patient_code, path)
        else:
            try:
                _FIGURES[kind](facts.figure, path, LIGHT)
            except OSError:
                self._not_written(UserError("R804", path=path))
                return
            job = partial(self._report.note_figure, facts.patient_code, path)
        self._tasks.run(job, failed=self._not_written, label=tr("Exporting {name}", name=path.name), database=True)

    def _not_written(self, error: Exception) -> None:
        message = error_message(error, tr("The export was not written"), kept=tr("The record was not changed."))
        MessageDialog(self._look, message, self._view).open()
