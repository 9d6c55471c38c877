"""The real window on a real study, offscreen, and a person in front of it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot

from labmon.domain.actor import Actor
from labmon.records.study import Study
from labmon_ui.application import PAGE_BUILDERS, Application
from labmon_ui.theme import Mode
from tests.e2e.window.person import LONG_MS, Person

SitDown = Callable[..., Person]
"""Takes the path of the study and, when it is not light, the mode."""


class _Flashes(QObject):
    """Notices a part of a page that comes up as a window of its own: it flashes, and takes the focus away."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            is_tooltip = type(watched).__name__ in ("QTipLabel", "QComboBoxPrivateContainer")
            if not is_tooltip and not isinstance(watched, QDialog | QMainWindow | QMenu):
                self.seen.append(repr(watched))
        return False


@pytest.fixture
def sit_down(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[SitDown]:
    """Opens the window on a study file; it is closed when the test ends, and no bug may have come up."""
    begun: list[Person] = []
    flashes = _Flashes()
    qapp.installEventFilter(flashes)

    def open_window(study_path: Path, mode: Mode = Mode.LIGHT) -> Person:
        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        settings.setValue("mode", mode.value)
        application = Application(qapp, study_path, page_builders=PAGE_BUILDERS, settings=settings)
        person = Person(qtbot, application, study_path)
        application.tasks.bug_found.connect(person.bugs.append)
        begun.append(person)
        application.start()
        qtbot.waitUntil(lambda: len(application.window.page_ids) == len(PAGE_BUILDERS), timeout=LONG_MS)
        with qtbot.waitActive(application.window):
            application.window.activateWindow()
        person.settle()
        return person

    yield open_window
    qapp.removeEventFilter(flashes)
    for person in begun:
        person.window.close()
        person.application.shut_down()
        person.window.deleteLater()
    # Gone before the next window is styled: a style sheet is applied to every widget there is.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet("")
    assert [] == [bug for person in begun for bug in person.bugs]
    assert [] == flashes.seen


@pytest.fixture
def empty_study(tmp_path: Path) -> Path:
    """A study nobody has imported anything into, looked at on the day of the demo."""
    path = tmp_path / "study.labmon"
    Study.create(
        path,
        study_code="NCT06389305",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=Actor(person="coordinator D", role="coordinator", workstation="desk 1"),
        as_of=date(2026, 10, 31),
    ).close()
    return path
