"""The page at work: what the tests of the Patients page do with it and ask of it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from labmon.domain.actor import Actor
from labmon.records.study import Study
from labmon.reports.figures import Mark
from labmon_ui.changes import Changes
from labmon_ui.main_window import MainWindow
from labmon_ui.navigation import Navigation
from labmon_ui.pages.patients.course import CourseFacts
from labmon_ui.pages.patients.presenter import PatientsPresenter
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.tasks import Tasks

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


@dataclass
class Bench:
    """The page at work, and what a test asks of it."""

    qtbot: QtBot
    tasks: Tasks
    window: MainWindow
    view: PatientsView
    presenter: PatientsPresenter
    study: Study
    navigation: Navigation
    changes: Changes

    def wait(self) -> None:
        """Until nothing is being worked on."""
        self.qtbot.waitUntil(lambda: not self.tasks.running, timeout=20_000)

    @property
    def facts(self) -> CourseFacts:
        facts = self.presenter.facts
        assert facts is not None
        return facts

    def open(self, patient_code: str) -> None:
        self.wait()
        self.presenter.open_patient(patient_code)
        self.wait()

    def marks(self, wanted: Callable[[Mark], bool]) -> list[Mark]:
        assert self.facts.figure is not None
        return [mark for _, _, mark in self.facts.figure.marks() if wanted(mark)]

    def pick(self, mark: Mark) -> None:
        """Click a mark of the timeline."""
        where = self.view.canvas.mark_position(mark.ref)
        assert where is not None
        self.qtbot.mouseClick(self.view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=where.toPoint())
        self.wait()
