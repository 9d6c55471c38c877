import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from labmon.domain.actor import Actor
from labmon.domain.clinical import Patient
from labmon.records.study import Study
from labmon.records.writer import NewFact
from labmon_ui.application import Application, Desk, Workbench
from labmon_ui.dialogs.about import AboutDialog
from labmon_ui.dialogs.crash import CrashDialog
from labmon_ui.dialogs.new_study import NewStudyDialog
from labmon_ui.dialogs.shortcuts import ShortcutsDialog
from labmon_ui.theme import Mode
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.page import Page

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


@pytest.fixture
def study_path(tmp_path: Path) -> Path:
    path = tmp_path / "study.labmon"
    study = Study.create(
        path, study_code="TEST", title="A study", site="A site", protocol_id="nct06389305", actor=ACTOR
    )
    with study.writing(ACTOR) as record:
        record.put_fact(NewFact(fact=Patient(patient_code="P-001")))
    study.close()
    return path


class Starter:
    """Starts applications on one settings file and ends them."""

    def __init__(self, app: QApplication, settings_path: Path) -> None:
        self.asked_for: list[tuple[str, str]] = []
        self._app = app
        self._settings_path = settings_path
        self._started: list[Application] = []

    def start(self, study_path: Path) -> Application:
        settings = QSettings(str(self._settings_path), QSettings.Format.IniFormat)
        builders = (self._patients, self._import)
        application = Application(self._app, study_path, page_builders=builders, settings=settings)
        application.start()
        self._started.append(application)
        return application

    def _patients(self, workbench: Workbench, desk: Desk) -> Page:
        desk.navigation.patient_requested.connect(self._note_patient)
        return Page(id="patients", icon="users", title="Patients", widget=QWidget(), badge=1)

    def _import(self, workbench: Workbench, desk: Desk) -> Page:
        return Page(id="import", icon="download-simple", title="Import", widget=QWidget())

    def _note_patient(self, code: str) -> None:
        self.asked_for.append(("patient", code))

    def end(self) -> None:
        for application in self._started:
            application.window.close()
            application.shut_down()
            application.window.deleteLater()
        self._app.setStyleSheet("")


@pytest.fixture
def starter(qapp: QApplication, tmp_path: Path) -> Iterator[Starter]:
    hook = sys.excepthook
    starter = Starter(qapp, tmp_path / "settings.ini")
    yield starter
    starter.end()
    assert sys.excepthook is hook


def texts_in(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def test_that_the_window_opens_the_study_behind_its_first_paint(
    starter: Starter, study_path: Path, qtbot: QtBot
) -> None:
    application = starter.start(study_path)
    window = application.window
    assert window.page_ids == ()

    qtbot.waitUntil(lambda: window.page_ids == ("patients", "import"))

    assert window.current_page == "patients"
    shown = texts_in(window)
    assert {"TEST", "· A site"} <= set(shown)
    assert any(text.startswith("A study · local file · SQLite ") for text in shown)


def test_that_pages_are_opened_by_their_number(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    window = starter.start(study_path).window
    qtbot.waitUntil(lambda: len(window.page_ids) == 2)
    with qtbot.waitActive(window):
        window.activateWindow()

    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "import"
    assert window.windowTitle() == "Import – labmon"

    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "patients"


def test_that_a_search_leads_to_the_patient(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    application = starter.start(study_path)
    window = application.window
    qtbot.waitUntil(lambda: len(window.page_ids) == 2)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.show_page("import")

    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    line = window.search.findChild(QLineEdit)
    assert line is not None
    assert line.hasFocus()
    qtbot.keyClicks(line, "p 001")
    qtbot.waitUntil(lambda: "P-001" in found_in(window))
    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert starter.asked_for == [("patient", "P-001")]
    assert window.current_page == "patients"


def found_in(window: QWidget) -> list[str]:
    from labmon_ui.widgets.flat_table import FlatTable

    tables = [table for table in window.findChildren(FlatTable) if table.isVisible()]
    return [suggestion.title for table in tables for suggestion in table.row_model.rows]


def test_that_a_missing_study_is_offered_to_be_created_and_then_opens(
    starter: Starter, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "new" / "study.labmon"
    window = starter.start(path).window
    qtbot.waitUntil(lambda: "No study yet" in texts_in(window))
    create = next(b for b in window.findChildren(Button) if b.text() == "Create a study…" and b.isVisible())

    qtbot.mouseClick(create, Qt.MouseButton.LeftButton)
    dialog = window.findChild(NewStudyDialog)
    assert dialog is not None
    make = next(button for button in dialog.findChildren(Button) if button.text() == "Create")
    assert not make.isEnabled()
    assert make.toolTip() == "Still empty: Title, Site."
    _code, title, site = dialog.findChildren(QLineEdit)
    qtbot.keyClicks(title, "Persistence")
    qtbot.keyClicks(site, "Ward 5")
    qtbot.mouseClick(make, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(window.page_ids) == 2)
    assert path.is_file()
    assert "· Ward 5" in texts_in(window)


def test_that_a_damaged_study_is_told_and_can_be_tried_again(
    starter: Starter, study_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "other.labmon"
    path.write_bytes(b"SQLite format 3\0" + b"no database" * 500)
    window = starter.start(path).window
    qtbot.waitUntil(lambda: "The study could not be opened" in texts_in(window))

    path.write_bytes(study_path.read_bytes())
    again = next(b for b in window.findChildren(Button) if b.text() == "Try again" and b.isVisible())
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(window.page_ids) == 2)


def test_that_theme_and_text_size_are_remembered(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    first = starter.start(study_path)
    qtbot.waitUntil(lambda: len(first.window.page_ids) == 2)
    with qtbot.waitActive(first.window):
        first.window.activateWindow()
    qtbot.keyClick(first.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(first.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    first.window.close()

    second = starter.start(study_path)

    assert second.look.theme.mode is Mode.DARK
    assert second.look.theme.text_scale == 110


@pytest.mark.logs("labmon_ui.crash", "unforeseen: made up")
def test_that_the_same_mistake_is_shown_once_with_its_report(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    application = starter.start(study_path)
    qtbot.waitUntil(lambda: len(application.window.page_ids) == 2)

    def fail() -> None:
        raise ZeroDivisionError("made up")

    for _ in range(3):
        application.tasks.run(fail, label="divide")
    qtbot.waitUntil(lambda: not application.tasks.running)
    qtbot.waitUntil(lambda: application.window.findChild(CrashDialog) is not None)

    dialogs = application.window.findChildren(CrashDialog)
    assert len(dialogs) == 1
    assert "ZeroDivisionError: made up" in texts_in(dialogs[0])
    dialogs[0].close()


def test_that_about_says_how_the_records_are_kept(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    application = starter.start(study_path)
    qtbot.waitUntil(lambda: len(application.window.page_ids) == 2)

    application.window.top_bar.about_requested.emit()

    dialog = application.window.findChild(AboutDialog)
    assert dialog is not None
    texts = texts_in(dialog)
    assert str(study_path) in texts
    assert any("+" in text and ("WAL" in text or "DELETE" in text) for text in texts)
    dialog.close()


def test_that_f1_lists_every_bound_command(starter: Starter, study_path: Path, qtbot: QtBot) -> None:
    application = starter.start(study_path)
    window = application.window
    qtbot.waitUntil(lambda: len(window.page_ids) == 2)
    with qtbot.waitActive(window):
        window.activateWindow()

    qtbot.keyClick(window, Qt.Key.Key_F1)

    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    texts = texts_in(dialog)
    assert {"Open Patients", "Ctrl 1", "Light or dark", "Ctrl Shift L", "Larger text", "Ctrl +"} <= set(texts)
    assert "Accept this file" not in texts, "a command nobody bound is not promised"
    dialog.close()


def test_that_the_frame_fits_the_smallest_window_even_at_twice_the_text(
    starter: Starter, study_path: Path, qtbot: QtBot
) -> None:
    application = starter.start(study_path)
    window = application.window
    qtbot.waitUntil(lambda: len(window.page_ids) == 2)
    application.look.theme.set_text_scale(200)
    window.top_bar.show_study("NCT06389305", "A hospital with quite a long name indeed")
    window.top_bar.show_user("coordinator with a long name", "Coordinator")

    window.resize(1100, 700)

    assert (window.width(), window.height()) == (1100, 700)
    for bar in (window.top_bar, window.status_bar):
        for child in bar.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            assert bar.rect().contains(child.geometry()) or not child.isVisible()
