"""The technician: a folder of exports in, checked, and off her desk."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from labmon.domain.audit import Act
from labmon.workflow.import_answers import RuleMatch
from labmon.workflow.import_plan import Decision
from labmon_ui.pages.import_files.decision_dialog import DecisionDialog
from labmon_ui.pages.import_files.mapping_dialog import MappingDialog
from labmon_ui.pages.worklist.model import ACTION_COLUMN
from tests.e2e.conftest import DemoRun
from tests.e2e.window.conftest import SitDown
from tests.e2e.window.person import Person
from tests.instruments import hostile
from tests.ui.pages.import_files.making import SPECIMENS, clinical_workbook, quantstudio_text

FLOW_NAMES = r"(?P<code>DEMO-\d{3}-.+)\.fcs"
UNNAMED = "2026-06-01_CAR_qPCR_run14.txt"
"""One of its samples carries a name nobody can know."""
HABIT = r"(?P<p>DEMO)(?P<n>\d{3})_d(?P<day>\d+)"


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def remember(person: Person, file: str, text: str, becomes: str, match: RuleMatch) -> None:
    """Say what a name of this file means, in the dialog."""
    person.select_file(file)
    person.press(person.importing, "Mappings…")
    dialog = person.sees(MappingDialog)
    dialog.fill(match=match, text=text, becomes=becomes)
    person.press(dialog, "Remember")


def test_that_the_demo_folder_is_imported_into_an_empty_study_and_a_second_time_changes_nothing(
    sit_down: SitDown, empty_study: Path, demo_run: DemoRun
) -> None:
    files = demo_run.study.parent / "files"
    person = sit_down(empty_study)
    person.open_page("Import")
    assert "Nothing is written before you accept it." in person.reads(person.importing)

    person.import_everything(*sorted(files.glob("clinical_*.xlsx")))
    assert {"accepted"} == set(person.file_states)

    person.drop(files)
    person.settle()
    assert 0 == person.record_counts()[1]  # nothing before Accept
    assert any(state.startswith("map ") for state in person.file_states)
    remember(person, "2025-11_CAR_flow.xlsx", FLOW_NAMES, "{code}", RuleMatch.PATTERN)
    remember(person, "2026-02-01_CAR_qPCR_run06.txt", HABIT, "{p}-{n}-D{day:03d}-PB", RuleMatch.PATTERN)
    person.import_everything()

    assert {"accepted"} == {each for each in person.file_states if not each.startswith("nothing to add")}
    person.open_page("Patients")
    codes = {row.patient_code: row.words for row in person.patients.list.model.rows}
    assert 24 == len(codes)
    flagged = sorted(code for code, words in codes.items() if words == "R6 flag for review")
    assert ["DEMO-001", "DEMO-003", "DEMO-006", "DEMO-014"] == flagged

    before = person.record_counts()
    person.open_page("Import")
    person.drop(files)
    person.settle()
    states = {row.name: row.state.text for row in person.importing.queue.row_model.rows}
    assert "map 1" == states.pop(UNNAMED)
    assert {"nothing to add"} == set(states.values())
    assert not person.importing.footer.accept_ready.isEnabled()
    assert before == person.record_counts()


def test_that_the_empty_workbooks_are_offered_where_there_is_nothing_to_import_yet(
    sit_down: SitDown, empty_study: Path, tmp_path: Path
) -> None:
    person = sit_down(empty_study)
    person.open_page("Import")

    person.press(person.importing, "Save the empty workbooks…")
    dialog = person.sees(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "new"))
    dialog.close()
    person.settle()

    assert ["clinical.xlsx", "mrd.xlsx"] == sorted(path.name for path in (tmp_path / "new").iterdir())
    assert "clinical.xlsx" in person.reads(person.importing.footer)
    person.drop(tmp_path / "new")
    person.settle()
    assert {"nothing to add"} == set(person.file_states)


def test_that_files_that_are_no_results_are_rows_with_a_sentence_and_write_nothing(
    sit_down: SitDown, empty_study: Path, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    write(drop, "broken.xlsx", hostile.harmless()[:300])
    write(drop, "bomb.xlsx", hostile.bomb_of_rows())
    write(drop, "letter.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")
    write(drop, "good.xlsx", clinical_workbook())
    person = sit_down(empty_study)
    person.open_page("Import")
    before = person.record_counts()

    person.drop(drop)
    person.settle()

    states = {row.name: row.state.text for row in person.importing.queue.row_model.rows}
    assert {"broken.xlsx": "refused", "bomb.xlsx": "refused", "letter.txt": "refused", "good.xlsx": "ready"} == states
    said = {}
    for name in ("broken.xlsx", "bomb.xlsx", "letter.txt"):
        person.select_file(name)
        said[name] = person.reads(person.importing.detail)
        assert f"{name} was refused" in said[name]
        assert "Nothing of it was written." in said[name]
        assert not person.importing.footer.accept_file.isEnabled()
    assert 3 == len(set(said.values()))
    assert before == person.record_counts()

    person.click(person.importing.footer.accept_ready)
    person.settle()

    assert "accepted" == person.file_state("good.xlsx")
    files, results, _ = person.record_counts()
    assert (1, 0) == (files, results)


def test_that_an_unknown_name_is_mapped_and_a_conflict_is_decided(
    sit_down: SitDown, empty_study: Path, tmp_path: Path
) -> None:
    clinical = write(tmp_path, "clinical.xlsx", clinical_workbook())
    run = write(tmp_path, "run.txt", quantstudio_text({SPECIMENS[0]: (700, 700, 700), "mix 2": (90, 90, 90)}))
    other_text = quantstudio_text({SPECIMENS[0]: (350, 350, 350)}, started="2026-02-03 09:00:00 AM CST")
    person = sit_down(empty_study)
    person.open_page("Import")
    person.import_everything(clinical)

    person.drop(run)
    person.settle()
    assert "ready, 1 to map" == person.file_state("run.txt")
    remember(person, "run.txt", "mix 2", SPECIMENS[1], RuleMatch.EXACT)
    assert "ready" == person.file_state("run.txt")
    person.import_everything()
    assert "accepted" == person.file_state("run.txt")

    person.drop(write(tmp_path, "other.txt", other_text))
    person.settle()
    assert "decide 1" == person.file_state("other.txt")
    person.select_file("other.txt")
    assert not person.importing.footer.accept_file.isEnabled()
    assert "conflict" in person.importing.footer.accept_file.toolTip()
    person.qtbot.keyClick(person.importing.queue, Qt.Key.Key_Space)
    dialog = person.sees(DecisionDialog)
    shown = person.reads(dialog)
    assert "700 copies/reaction" in shown
    assert "350 copies/reaction" in shown
    dialog.choose(Decision.REPLACE)
    person.press(dialog, "Decide")
    person.import_everything()

    assert "accepted" == person.file_state("other.txt")
    acts = [entry.act for entry in person.last_entries(2)]
    assert [Act.IMPORT_FILE, Act.DERIVE_RESULTS] == acts


def test_that_a_held_run_is_opened_from_the_worklist_accepted_with_a_reason_and_no_longer_hatched(
    sit_down: SitDown, demo_study: Path
) -> None:
    person = sit_down(demo_study)
    table, number = next(
        (table, number)
        for table in person.worklist.tables
        for number, row in enumerate(table.row_model.rows)
        if "run 18" in row.task.subject and row.task.action == "Open run"
    )
    person.click_cell(table, number, ACTION_COLUMN)

    assert "patients" == person.window.current_page
    assert person.marks(lambda each: each.is_held and "run 18" in each.run)
    said = person.reads(person.patients.detail)
    assert "held" in said
    assert "run 18" in said
    person.press(person.patients.detail, "Accept run…")
    reason = person.give_reason()

    assert [] == person.marks(lambda each: each.is_held and "run 18" in each.run)
    accepted = [entry for entry in person.last_entries(20) if entry.act is Act.ACCEPT_RUN]
    assert [reason] == [entry.reason for entry in accepted]
    person.open_page("Worklist")
    assert "run 18" not in "\n".join(row.task.subject for each in person.worklist.tables for row in each.row_model.rows)
