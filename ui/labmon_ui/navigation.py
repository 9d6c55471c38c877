"""How one page leads to another: a page asks, the window brings the other to the front, and that page answers."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Navigation(QObject):
    """Pages emit these through the methods and connect to the ones they can answer."""

    patient_requested = Signal(str)
    """A patient's code: the Patients page selects it."""
    result_requested = Signal(str, int)
    """A patient's code and a result id: the timeline selects that point."""
    criterion_requested = Signal(str, str)
    """A patient's code and a criterion's id: the Eligibility page selects that cell."""
    file_requested = Signal(str)
    """A file's SHA-256: the Import page shows it."""
    run_requested = Signal(str)
    """A run's code: the Import page shows the file it came from."""

    def open_patient(self, patient_code: str) -> None:
        self.patient_requested.emit(patient_code)

    def open_result(self, patient_code: str, result_id: int) -> None:
        self.result_requested.emit(patient_code, result_id)

    def open_criterion(self, patient_code: str, criterion_id: str) -> None:
        self.criterion_requested.emit(patient_code, criterion_id)

    def open_file(self, file_sha256: str) -> None:
        self.file_requested.emit(file_sha256)

    def open_run(self, run_code: str) -> None:
        self.run_requested.emit(run_code)
