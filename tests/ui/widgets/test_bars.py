import threading

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from labmon_ui.tasks import Progress, Tasks
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.navigation_rail import NavigationRail
from labmon_ui.widgets.status_bar import StatusBar


def texts_in(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def test_that_a_long_job_is_shown_with_progress_and_can_be_cancelled(look: Look, tasks: Tasks, qtbot: QtBot) -> None:
    bar = StatusBar(look, tasks)
    qtbot.addWidget(bar)
    bar.show()
    assert texts_in(bar) == ["No jobs running"]
    stepped = threading.Event()

    def read(progress: Progress) -> None:
        progress.step(62, 100, "Reading demo_cfx_22.csv")
        stepped.set()
        while True:
            progress.raise_if_cancelled()

    tasks.run_with_progress(read, label="Reading files")
    tasks.run(lambda: None, label="Assessing", database=True)
    assert stepped.wait(5)
    qtbot.waitUntil(lambda: "62\u00a0%" in texts_in(bar))
    assert any(text.startswith("Reading demo_cfx_22.csv") for text in texts_in(bar))
    progress_bar = bar.findChild(QProgressBar)
    assert progress_bar is not None
    assert progress_bar.value() == 620

    cancel = bar.findChild(Button)
    assert cancel is not None
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: texts_in(bar) == ["No jobs running"])
    assert not progress_bar.isVisible()


def test_that_a_job_of_a_moment_does_not_make_the_bar_flicker(look: Look, tasks: Tasks, qtbot: QtBot) -> None:
    bar = StatusBar(look, tasks)
    qtbot.addWidget(bar)

    with qtbot.waitSignal(tasks.ended):
        tasks.run(lambda: None, label="Looking up a patient", database=True)
        assert texts_in(bar) == ["No jobs running"]

    assert texts_in(bar) == ["No jobs running"]


def test_that_the_rail_says_which_page_was_chosen_by_mouse_and_by_key(look: Look, qtbot: QtBot) -> None:
    rail = NavigationRail(look)
    qtbot.addWidget(rail)
    for page_id, title in (("worklist", "Worklist"), ("import", "Import"), ("patients", "Patients")):
        rail.add_entry(page_id, "users", title)
    rail.set_badge("worklist", 11)
    rail.set_current("worklist")
    rail.resize(88, 400)
    with qtbot.waitActive(rail):
        rail.show()
    entries = {entry.text(): entry for entry in rail.findChildren(QAbstractButton)}
    chosen: list[str] = []
    rail.page_chosen.connect(chosen.append)

    qtbot.mouseClick(entries["Import"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(entries["Import"], Qt.Key.Key_Down)
    assert entries["Patients"].hasFocus()
    assert entries["Patients"].isChecked()
    entries["Worklist"].setFocus()
    qtbot.keyClick(entries["Worklist"], Qt.Key.Key_Return)

    assert chosen == ["import", "patients", "worklist"]
    assert entries["Worklist"].accessibleDescription() == "11 waiting"


def test_that_every_rail_entry_can_be_reached_in_a_low_window(look: Look, qtbot: QtBot) -> None:
    rail = NavigationRail(look)
    qtbot.addWidget(rail)
    for number in range(9):
        rail.add_entry(f"page{number}", "users", f"Page {number}")
    rail.resize(88, 200)
    with qtbot.waitActive(rail):
        rail.show()
    last = next(entry for entry in rail.findChildren(QAbstractButton) if entry.text() == "Page 8")

    last.setFocus()

    qtbot.waitUntil(lambda: rail.rect().contains(last.mapTo(rail, last.rect().center())))
