"""Closing the window at a bad moment: nothing stays behind, nothing is half written."""

from pathlib import Path

import psutil
from PySide6.QtCore import Qt

from labmon.domain.actor import Actor
from labmon.records.study import Study
from labmon_ui.dialogs.shortcuts import ShortcutsDialog
from tests.e2e.conftest import DemoRun
from tests.e2e.window.conftest import SitDown
from tests.e2e.window.person import LONG_MS

CTRL = Qt.KeyboardModifier.ControlModifier
ACTOR = Actor(person="technician B", role="technician", workstation="bench 1")


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [each for each in found if "resource_tracker" not in " ".join(each.cmdline())]


def assert_free(path: Path) -> None:
    """Somebody else can open the study and write to it at once."""
    study = Study.open(path)
    with study.writing(ACTOR):
        pass
    study.close()


def test_that_a_window_closed_while_files_are_read_leaves_no_child_and_no_lock(
    sit_down: SitDown, empty_study: Path, demo_run: DemoRun
) -> None:
    person = sit_down(empty_study)
    person.open_page("Import")
    before = person.record_counts()
    person.drop(demo_run.study.parent / "files")
    person.qtbot.waitUntil(lambda: "ready" in person.file_states, timeout=LONG_MS)
    assert person.application.tasks.running

    person.window.close()

    assert () == person.application.tasks.shut_down(0.0)  # no thread is at work any more
    _, alive = psutil.wait_procs(children(), timeout=5)
    assert [] == alive
    assert before == person.record_counts()
    assert_free(empty_study)


def test_that_a_window_closed_while_files_are_written_has_written_whole_files_only(
    sit_down: SitDown, empty_study: Path, demo_run: DemoRun
) -> None:
    files = demo_run.study.parent / "files"
    person = sit_down(empty_study)
    person.open_page("Import")
    person.import_everything(*sorted(files.glob("clinical_*.xlsx")))
    person.drop(*sorted(files.glob("*_Qubit_*.csv")))
    person.settle()
    person.click(person.importing.footer.accept_ready)
    person.qtbot.waitUntil(lambda: "accepted" in person.file_states[3:], timeout=LONG_MS)
    queued, written = len(person.file_states), person.file_states.count("accepted")

    person.window.close()

    on_record, _, _ = person.record_counts()
    assert written <= on_record < queued
    assert_free(empty_study)
    again = sit_down(empty_study)
    again.open_page("Import")
    again.drop(*sorted(files.glob("*_Qubit_*.csv")))
    again.settle()
    assert {"nothing to add", "ready"} == set(again.file_states)
    assert on_record - 3 == again.file_states.count("nothing to add")


def test_that_ctrl_q_closes_the_window_once_no_dialog_asks_anything(sit_down: SitDown, demo_study: Path) -> None:
    person = sit_down(demo_study)
    person.key(Qt.Key.Key_F1)
    dialog = person.sees(ShortcutsDialog)

    person.key(Qt.Key.Key_Q, CTRL)
    assert dialog.isVisible()

    person.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    with person.qtbot.waitActive(person.window):
        person.window.activateWindow()
    person.key(Qt.Key.Key_Q, CTRL)
    assert not person.window.isVisible()
    assert_free(demo_study)


def test_that_a_window_that_is_closed_takes_its_open_dialog_along(sit_down: SitDown, demo_study: Path) -> None:
    person = sit_down(demo_study)
    person.key(Qt.Key.Key_F1)
    dialog = person.sees(ShortcutsDialog)

    person.window.close()

    assert not person.window.isVisible()
    assert not dialog.isVisible()
    assert_free(demo_study)
