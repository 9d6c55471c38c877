"""The coordinator: who may be randomized, and why not yet."""

from pathlib import Path

from PySide6.QtCore import Qt

from tests.e2e.window.conftest import SitDown

CTRL = Qt.KeyboardModifier.ControlModifier
MISSING = "DEMO-008"


def test_that_a_cell_says_what_is_missing_and_leads_to_the_timeline(sit_down: SitDown, demo_study: Path) -> None:
    person = sit_down(demo_study)
    person.open_page("Eligibility")
    matrix = person.eligibility.matrix
    index = matrix.matrix_model.index_of(MISSING, "A2")
    matrix.scrollTo(index)

    person.click(matrix.viewport(), matrix.visualRect(index).center())
    person.settle()

    said = person.reads(person.eligibility.panel)
    answer = matrix.matrix_model.answer_at(index)
    assert answer is not None
    assert said.startswith(f"{MISSING} · ")
    assert answer.sentence.replace("\u00a0", " ") in said
    assert "What is missing" in said
    assert "extramedullary" in said.partition("What is missing")[2].partition("What would change it")[0]

    person.press(person.eligibility.panel, "Open timeline")
    assert "patients" == person.window.current_page
    assert MISSING in person.reads(person.patients.heading)


def test_that_search_jumps_to_a_patient_from_anywhere(sit_down: SitDown, demo_study: Path) -> None:
    person = sit_down(demo_study)
    person.open_page("Eligibility")

    person.key(Qt.Key.Key_K, CTRL)
    person.type("demo014")
    person.key(Qt.Key.Key_Return)
    person.key(Qt.Key.Key_Return)

    assert "patients" == person.window.current_page
    assert "DEMO-014" in person.reads(person.patients.heading)


def test_that_a_flag_is_reached_and_read_with_the_keyboard_alone(sit_down: SitDown, demo_study: Path) -> None:
    person = sit_down(demo_study)

    person.key(Qt.Key.Key_2, CTRL)
    assert "import" == person.window.current_page
    person.key(Qt.Key.Key_1, CTRL)
    assert "worklist" == person.window.current_page
    person.key(Qt.Key.Key_Home)
    person.key(Qt.Key.Key_Down)
    task = next(table.selected_row for table in person.worklist.tables if table.selected_row is not None)
    person.key(Qt.Key.Key_Return)

    assert "patients" == person.window.current_page
    assert task.task.subject in person.reads(person.patients.heading)
    assert "Flag for review" in person.reads(person.patients.detail)

    person.key(Qt.Key.Key_4, CTRL)
    person.key(Qt.Key.Key_Down)
    person.key(Qt.Key.Key_Space)
    current = person.eligibility.matrix.currentIndex()
    answer = person.eligibility.matrix.matrix_model.answer_at(current)
    assert answer is not None
    assert answer.sentence.replace("\u00a0", " ") in person.reads(person.eligibility.panel)
