from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from labmon_ui.palette import Tone
from labmon_ui.theme import Weight
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.look import Look


@dataclass(frozen=True)
class Task:
    code: str
    what: str
    count: int = 1


def code_of(task: Task) -> str:
    return task.code


COLUMNS: tuple[Column[Task], ...] = (
    Column(title="Patient", cell=lambda task: Cell(text=task.code, weight=Weight.STRONG), width=120, least=60),
    Column(title="What", cell=lambda task: Cell(text=task.what, detail="day 89")),
    Column(title="Results", cell=lambda task: Cell(text=str(task.count), tone=Tone.TEXT2), width=80, is_number=True),
    Column(title="", cell=lambda _task: Cell(text="Open", is_link=True), width=100),
)
TASKS = (Task("DEMO-009", "R1 transgene loss"), Task("DEMO-016", "R1f flow loss"), Task("DEMO-020", "R2 recovery"))


@pytest.fixture
def table(look: Look, qtbot: QtBot) -> FlatTable:
    table = FlatTable(look, COLUMNS, key=code_of, row_height=40)
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.set_rows(TASKS)
    table.show()
    return table


def test_that_selecting_a_row_tells_the_row(table: FlatTable, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.row_selected) as told:
        qtbot.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.row_model.index(1, 0)).center()
        )

    assert told.args == [TASKS[1]]
    assert table.selected_row == TASKS[1]


def test_that_enter_activates_the_selected_row(table: FlatTable, qtbot: QtBot) -> None:
    table.select_key("DEMO-020")

    with qtbot.waitSignal(table.row_activated) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)

    assert told.args == [TASKS[2]]


def test_that_new_rows_keep_the_selected_thing_selected_without_telling_again(table: FlatTable, qtbot: QtBot) -> None:
    table.select_key("DEMO-016")

    with qtbot.assertNotEmitted(table.row_selected):
        table.set_rows((Task("DEMO-001", "new"), *TASKS))

    assert table.selected_row == TASKS[1]
    assert [index.row() for index in table.selectionModel().selectedRows()] == [2]


def test_that_a_selected_thing_that_went_away_is_told(table: FlatTable, qtbot: QtBot) -> None:
    table.select_key("DEMO-016")

    with qtbot.waitSignal(table.row_selected) as told:
        table.set_rows(TASKS[:1])

    assert told.args == [None]


def test_that_a_key_that_is_not_shown_is_not_selected(table: FlatTable) -> None:
    assert table.select_key("DEMO-999") is False
    assert table.selected_row is None


def test_that_a_click_on_a_link_tells_row_and_column(table: FlatTable, qtbot: QtBot) -> None:
    link = table.visualRect(table.row_model.index(0, 3)).center()

    with qtbot.waitSignal(table.link_activated) as told:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=link)

    assert told.args == [TASKS[0], 3]


def test_that_copied_rows_carry_their_headings(table: FlatTable) -> None:
    table.select_key("DEMO-009")

    table.copy_rows()

    assert QGuiApplication.clipboard().text() == "Patient\tWhat\tResults\t\nDEMO-009\tR1 transgene loss day 89\t1\tOpen"


def test_that_a_narrow_table_takes_from_the_columns_that_may_give_way(table: FlatTable, qtbot: QtBot) -> None:
    assert (table.columnWidth(0), table.columnWidth(2)) == (120, 80)

    table.resize(330, 300)

    qtbot.waitUntil(lambda: table.columnWidth(0) < 120)
    assert table.columnWidth(0) >= 60
    assert table.columnWidth(2) == 80


def test_that_rows_grow_with_the_text(table: FlatTable, look: Look) -> None:
    assert table.rowHeight(0) == 40

    look.theme.set_text_scale(200)

    assert table.rowHeight(0) == 80


def test_that_ten_thousand_rows_make_only_the_cells_that_are_looked_at(look: Look, qtbot: QtBot) -> None:
    made: list[str] = []

    def cell(task: Task) -> Cell:
        made.append(task.code)
        return Cell(text=task.code)

    table = FlatTable(look, (Column(title="Patient", cell=cell),), key=code_of)
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.set_rows(tuple(Task(f"P-{number:05}", "") for number in range(10_000)))
    table.show()
    table.grab()

    assert set(made) == {f"P-{number:05}" for number in range(len(set(made)))}
    assert 5 < len(set(made)) < 40


def test_that_the_accent_edge_marks_the_selected_row(table: FlatTable, look: Look) -> None:
    table.select_key("DEMO-016")

    image = table.viewport().grab().toImage()

    ratio = image.devicePixelRatio()
    edges = [image.pixelColor(int(1 * ratio), int((row * 40 + 20) * ratio)).name().upper() for row in range(3)]
    accent, surface = look.theme.palette.accent, look.theme.palette.surface
    assert edges == [surface, accent, surface]


def test_that_a_cut_text_is_whole_in_its_tooltip(table: FlatTable, qtbot: QtBot) -> None:
    table.set_rows((Task("DEMO-009", "R1 transgene loss, first sample day 89, and much more than fits"), *TASKS[1:]))
    cut, whole = (table.visualRect(table.row_model.index(row, 1)).center() for row in (0, 1))

    for place in (whole, cut):  # in this order: a tooltip takes its time to go
        assert not QToolTip.isVisible()
        event = QHelpEvent(QEvent.Type.ToolTip, place, table.viewport().mapToGlobal(place))
        QCoreApplication.sendEvent(table.viewport(), event)

    assert QToolTip.isVisible()
    assert QToolTip.text() == "R1 transgene loss, first sample day 89, and much more than fits day 89"
