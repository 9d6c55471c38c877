"""The clinician: five minutes between two patients, one picture, and the way back to the bytes."""

from pathlib import Path

from labmon.domain import wording
from labmon.domain.audit import Act
from labmon.domain.quantity import ValueState
from labmon_ui.pages.patients.original_dialog import OriginalDialog
from labmon_ui.pages.worklist.model import ACTION_COLUMN
from tests.e2e.window.conftest import SitDown
from tests.e2e.window.person import Person

FLAGGED = "DEMO-001"


def open_from_worklist(person: Person, patient_code: str) -> None:
    for table in person.worklist.tables:
        for number, row in enumerate(table.row_model.rows):
            if row.task.subject == patient_code and row.task.action == "Open patient":
                person.click_cell(table, number, ACTION_COLUMN)
                return
    raise AssertionError(f"{patient_code} is not on the worklist")


def test_that_a_flag_leads_from_the_worklist_to_its_reason_and_to_the_row_of_the_file(
    sit_down: SitDown, demo_study: Path
) -> None:
    person = sit_down(demo_study)
    assert "Flags for review" in person.reads(person.worklist)

    open_from_worklist(person, FLAGGED)

    assert "patients" == person.window.current_page
    assert FLAGGED in person.reads(person.patients.heading)
    why = person.reads(person.patients.detail)
    assert "transgene loss on day 88 lies inside the window" in why
    assert {"What would change it", "Rests on"} <= set(why.splitlines())

    lost = person.marks(lambda mark: mark.state is ValueState.NOT_DETECTED and "qPCR" in mark.run)[0]
    person.pick(lost)
    said = person.reads(person.patients.detail)
    assert "not detected" in said
    assert "0 of 3 with Cq" in said

    person.press(person.patients.detail, "Open at row")
    original = person.sees(OriginalDialog)
    point = person.patients.detail.point.facts
    assert point is not None
    assert point.originals[0].file_name in person.reads(original)
    table, model = original.sheet.table, original.sheet.table.model()
    marked = {place.row for place in point.originals[0].places}
    assert marked == set(model.marked_rows)
    for row in marked:
        assert row is not None
        number = row - model.first_row
        shown = [str(model.index(number, column).data()) for column in range(model.columnCount())]
        assert "Undetermined" in shown
        assert table.viewport().rect().intersects(table.visualRect(model.index(number, 0)))
    person.press(original, "Close")


def test_that_an_excluded_point_stays_crossed_changes_the_parameters_and_is_in_the_audit(
    sit_down: SitDown, demo_study: Path
) -> None:
    person = sit_down(demo_study)
    open_from_worklist(person, FLAGGED)
    before = person.reads(person.patients.kinetics)
    assert "excluded" not in before
    peak = max(person.marks(lambda m: m.value is not None and "qPCR" in m.run), key=lambda m: m.value or 0.0)

    person.pick(peak)
    person.press(person.patients.detail, "Exclude…")
    reason = person.give_reason()

    assert [peak.value] == [mark.value for mark in person.marks(lambda m: m.is_excluded)]
    after = person.reads(person.patients.kinetics)
    assert "1 excluded" in after
    assert wording.number(peak.value or 0.0) in before
    assert wording.number(peak.value or 0.0) not in after
    assert reason in person.reads(person.patients.detail)
    (entry,) = person.last_entries()
    assert (Act.EXCLUDE_RESULT, reason) == (entry.act, entry.reason)
