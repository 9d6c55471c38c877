from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from labmon_ui.widgets.look import Look
from labmon_ui.widgets.search_box import SearchBox, Suggestion

FOUND = (
    Suggestion(kind="patient", title="DEMO-009", detail="4-1BB", target=("patient", "DEMO-009")),
    Suggestion(kind="run", title="QPCR-0414", target=("run", "QPCR-0414")),
)


@pytest.fixture
def search(look: Look, qtbot: QtBot) -> Iterator[SearchBox]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    box = SearchBox(look)
    QVBoxLayout(window).addWidget(box)
    with qtbot.waitActive(window):
        window.show()
    box.activate()
    yield box
    window.close()


def line_of(search: SearchBox) -> QLineEdit:
    line = search.findChild(QLineEdit)
    assert line is not None
    return line


def test_that_fast_typing_asks_once(search: SearchBox, qtbot: QtBot) -> None:
    asked: list[str] = []
    search.query_changed.connect(asked.append)

    with qtbot.waitSignal(search.query_changed):
        qtbot.keyClicks(line_of(search), "DEMO-00")

    assert asked == ["DEMO-00"]


def test_that_enter_jumps_to_the_chosen_suggestion_and_clears_the_line(search: SearchBox, qtbot: QtBot) -> None:
    line = line_of(search)
    qtbot.keyClicks(line, "D")
    search.show_suggestions("D", FOUND)

    qtbot.keyClick(line, Qt.Key.Key_Down)
    with qtbot.waitSignal(search.selected) as told:
        qtbot.keyClick(line, Qt.Key.Key_Return)

    assert told.args == [("run", "QPCR-0414")]
    assert line.text() == ""


def test_that_the_answer_to_an_older_question_is_not_shown(search: SearchBox, qtbot: QtBot) -> None:
    qtbot.keyClicks(line_of(search), "DEMO")

    search.show_suggestions("DEM", FOUND)
    with qtbot.assertNotEmitted(search.selected):
        qtbot.keyClick(line_of(search), Qt.Key.Key_Return)


def test_that_escape_closes_the_list_first_and_then_empties_the_line(search: SearchBox, qtbot: QtBot) -> None:
    line = line_of(search)
    qtbot.keyClicks(line, "D")
    search.show_suggestions("D", FOUND)

    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "D"

    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
