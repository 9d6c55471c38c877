import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel

from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.template import TemplateId
from labmon.reports.templates import filled_template_bytes
from labmon.workflow.import_answers import DecimalMark, RuleMatch, RuleSubject
from labmon.workflow.import_plan import Decision
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.pages.import_files.decision_dialog import DecisionDialog
from labmon_ui.pages.import_files.mapping_dialog import MappingDialog
from labmon_ui.pages.import_files.model import ISSUE_ACTION_COLUMN
from labmon_ui.pages.import_files.question_dialog import QuestionDialog
from labmon_ui.pages.import_files.queue import Stage
from labmon_ui.pages.import_files.queue_rows import queue_row
from labmon_ui.pages.import_files.watching import WatchedFolders, Watching
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.state_symbol import StateSymbol
from tests.ui.pages.import_files.making import SETTINGS, SPECIMENS, Bench, clinical_workbook, quantstudio_text

RUN = quantstudio_text({SPECIMENS[0]: (700, 690, 710), SPECIMENS[1]: (5000, 5100, 4900)})
OTHER_RUN = quantstudio_text({SPECIMENS[0]: (350, 345, 355)}, started="2026-01-27 09:00:00 AM CST")


def texts_in(widget: object) -> str:
    assert hasattr(widget, "findChildren")
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def click(dialog: object, text: str) -> None:
    assert hasattr(dialog, "findChildren")
    next(button for button in dialog.findChildren(Button) if button.text() == text).click()


def clinical(bench: Bench) -> Path:
    return bench.write("clinical.xlsx", clinical_workbook())


def test_that_a_dropped_folder_is_read_planned_and_on_record_only_after_accept(bench: Bench) -> None:
    clinical(bench)
    bench.write("inner/run.txt", RUN)

    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(bench.folder))])
    action, button, modifier = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    bench.view.dropEvent(QDropEvent(QPointF(300, 600), action, mime, button, modifier))
    bench.settle()

    assert "ready" == bench.state("clinical.xlsx")
    assert "map 2" == bench.state("run.txt")
    assert "inner" == bench.file("run.txt").folder
    assert 0 == bench.results_on_record()

    bench.view.footer.accept_ready.click()
    bench.settle()

    assert "accepted" == bench.state("clinical.xlsx")
    assert "ready" == bench.state("run.txt")
    assert 0 == bench.results_on_record()

    bench.view.footer.accept_ready.click()
    bench.settle()

    assert "accepted" == bench.state("run.txt")
    with bench.study.reading() as record:
        codes = {result.specimen_code for result in record.results()}
    assert {SPECIMENS[0], SPECIMENS[1]} == codes


def test_that_dropping_an_accepted_file_again_finds_everything_identical(bench: Bench) -> None:
    run = bench.write("run.txt", RUN)
    bench.import_at_once(clinical(bench), run)
    before = bench.results_on_record()

    bench.drop(run)

    row = bench.view.queue.row_model.rows[0]
    assert (0, 2, 0, 0) == row.counts
    assert "nothing to add" == row.state.text
    assert not bench.view.footer.accept_file.isEnabled()
    assert "Nothing in it is new." == bench.view.footer.accept_file.toolTip()
    assert before == bench.results_on_record()


@pytest.mark.parametrize(
    ("decision", "values"),
    [(Decision.REPLACE, {350.0}), (Decision.REJECT, {700.0}), (Decision.KEEP_AS_REPEAT, {350.0, 700.0})],
)
def test_that_a_conflict_is_written_as_decided(bench: Bench, decision: Decision, values: set[float]) -> None:
    bench.import_at_once(clinical(bench), bench.write("run.txt", quantstudio_text({SPECIMENS[0]: (700, 700, 700)})))
    bench.drop(
        bench.write(
            "other.txt",
            quantstudio_text(
                {SPECIMENS[0]: (350, 350, 350), SPECIMENS[2]: (90, 90, 90)}, started="2026-02-03 09:00:00 AM CST"
            ),
        )
    )

    assert "decide 1" == bench.state("other.txt")
    assert not bench.view.footer.accept_file.isEnabled()

    bench.qtbot.keyClick(bench.view.queue, Qt.Key.Key_Space)
    dialog = bench.view.findChild(DecisionDialog)
    assert dialog is not None
    assert "700 copies/reaction" in texts_in(dialog).replace("\u00a0", " ")
    dialog.choose(decision)
    click(dialog, "Decide")
    bench.settle()

    assert "ready" == bench.state("other.txt")

    bench.qtbot.keyClick(bench.view.queue, Qt.Key.Key_Return)
    bench.settle()

    with bench.study.reading() as record:
        found = record.results(specimen_codes=[SPECIMENS[0]])
    per_reaction = {r.quantity.value for r in found if r.analyte.value == "transgene_copies_per_reaction"}
    assert values == per_reaction


def test_that_one_decision_may_hold_for_all_conflicts_of_a_file(bench: Bench) -> None:
    bench.import_at_once(clinical(bench), bench.write("run.txt", RUN))
    again = {SPECIMENS[0]: (100, 100, 100), SPECIMENS[1]: (200, 200, 200)}
    bench.drop(bench.write("other.txt", quantstudio_text(again, started="2026-02-03 09:00:00 AM CST")))
    assert "decide 2" == bench.state("other.txt")

    bench.presenter.ask_decision("")
    dialog = bench.view.findChild(DecisionDialog)
    assert dialog is not None
    dialog.choose(Decision.REPLACE, for_all=True)
    click(dialog, "Decide")
    bench.settle()

    assert "ready" == bench.state("other.txt")


def test_that_a_remembered_mapping_brings_rejected_readings_in(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({"mix 2": (700, 690, 710)})))
    assert "map 1" == bench.state("run.txt")

    issues = bench.view.issues
    row = next(row for row in issues.row_model.rows if row.action)
    issues.link_activated.emit(row, ISSUE_ACTION_COLUMN)
    bench.settle()
    dialog = bench.view.findChild(MappingDialog)
    assert dialog is not None
    assert RuleSubject.SAMPLE is dialog.subject
    dialog.fill(match=RuleMatch.EXACT, text="mix 2", becomes=SPECIMENS[1])
    becomes = {row.name: row.becomes for row in dialog.preview.row_model.rows}
    assert SPECIMENS[1] == becomes["mix 2"]
    assert becomes["PC low"] is None
    click(dialog, "Remember")
    bench.settle()

    assert "ready" == bench.state("run.txt")
    assert SPECIMENS[1] == bench.view.content.results.row_model.rows[0].name


def test_that_a_pattern_that_cannot_be_used_is_refused_with_its_reason(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({"P1_d7": (700, 690, 710)})))
    bench.presenter.ask_mapping()
    bench.settle()
    dialog = bench.view.findChild(MappingDialog)
    assert dialog is not None
    remember = next(button for button in dialog.findChildren(Button) if button.text() == "Remember")

    dialog.fill(match=RuleMatch.PATTERN, text="P1_d(?P<day>", becomes="P-001-D{day:03d}")
    assert "is no pattern" in remember.toolTip()

    dialog.fill(match=RuleMatch.PATTERN, text=r"P1_d(?P<day>\d+)", becomes="P-002-D{day:03d}")
    assert "P-002-D007 is not on record." == remember.toolTip()

    dialog.fill(match=RuleMatch.PATTERN, text=r"P1_d(?P<day>\d+)", becomes="P-001-D{day:03d}")
    assert remember.isEnabled()
    remember.click()
    bench.settle()

    assert "ready" == bench.state("run.txt")


def test_that_a_mapping_taken_back_with_a_reason_rejects_the_readings_again(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({"mix 2": (700, 690, 710), "mix 3": (1, 1, 1)})))
    bench.presenter.ask_mapping()
    bench.settle()
    dialog = bench.view.findChild(MappingDialog)
    assert dialog is not None
    dialog.fill(match=RuleMatch.EXACT, text="mix 2", becomes=SPECIMENS[1])
    click(dialog, "Remember")
    bench.settle()
    assert "ready, 1 to map" == bench.state("run.txt")

    dialog.rules.selectRow(0)
    click(dialog, "Take back…")
    asks = dialog.findChild(ReasonDialog)
    assert asks is not None
    asks.reason_given.emit("The mapping was wrong")
    bench.settle()

    assert "map 2" == bench.state("run.txt")
    assert () == dialog.rules.row_model.rows


def test_that_a_file_that_is_no_result_is_a_row_with_its_sentence(bench: Bench) -> None:
    bench.drop(bench.write("notes.txt", "dear colleague"), bench.write("empty.csv", b""), bench.folder / "gone.txt")

    assert ["refused", "refused", "refused"] == [row.state.text for row in bench.view.queue.row_model.rows]
    bench.select("notes.txt")
    assert 'it is a text that begins "dear colleague"' in texts_in(bench.view.detail)
    bench.select("gone.txt")
    assert "could not be opened" in texts_in(bench.view.detail)
    assert "It could not be read." == bench.view.footer.accept_file.toolTip()


def test_that_a_file_that_asks_for_its_decimal_mark_is_read_with_the_answer(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    text = quantstudio_text({SPECIMENS[0]: (700, 700, 700)})
    head, mark, table = text.partition("[Results]")
    doubtful = head + mark + re.sub(r"\d{4,},\d{3}", "", table.replace(".", ","))  # the long ones would tell
    bench.drop(bench.write("run.txt", doubtful))
    assert "answer" == bench.state("run.txt")

    bench.view.state_action_triggered.emit()
    dialog = bench.view.findChild(QuestionDialog)
    assert dialog is not None
    dialog.choose(DecimalMark.COMMA)
    click(dialog, "Read again")
    bench.settle()

    assert "ready" == bench.state("run.txt")
    assert DecimalMark.COMMA is bench.file("run.txt").options.decimal_mark


def test_that_cancelling_keeps_what_is_read_and_the_rest_can_be_read_later(bench: Bench) -> None:
    paths = [bench.write(f"run{n:02d}.txt", RUN) for n in range(12)]
    bench.view.files_dropped.emit(tuple(paths))
    bench.qtbot.waitUntil(lambda: any(file.plan is not None for file in bench.presenter.files), timeout=20_000)

    bench.view.cancel_requested.emit()
    bench.settle()

    stages = [file.stage for file in bench.presenter.files]
    assert Stage.PLANNED in stages
    assert Stage.NOT_READ in stages
    assert {Stage.PLANNED, Stage.NOT_READ} == set(stages)

    bench.select(next(file.path.name for file in bench.presenter.files if file.stage is Stage.NOT_READ))
    bench.view.state_action_triggered.emit()
    bench.settle()

    assert stages.count(Stage.PLANNED) + 1 == [file.stage for file in bench.presenter.files].count(Stage.PLANNED)


def test_that_a_file_changed_after_it_was_read_is_not_accepted(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    run = bench.write("run.txt", RUN)
    bench.drop(run)
    run.write_text(OTHER_RUN)

    bench.view.footer.accept_file.click()
    bench.settle()

    dialog = bench.view.findChild(MessageDialog)
    assert dialog is not None
    assert "it was changed after it was read" in texts_in(dialog)
    assert "Nothing was written" in texts_in(dialog)
    assert 0 == bench.results_on_record()
    dialog.reject()

    bench.view.state_action_triggered.emit()
    bench.settle()
    assert "ready" == bench.state("run.txt")


def test_that_a_file_that_would_now_write_more_than_was_shown_waits_for_a_second_look(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    more = {"specimen_code": "P-001-D060", "patient_code": "P-001", "specimen_type": "peripheral_blood"}
    workbook = filled_template_bytes(TemplateId.CLINICAL, {"Specimens": [more | {"collected_on": date(2026, 3, 6)}]})
    samples = {SPECIMENS[0]: (700, 700, 700), "P-001-D060": (90, 90, 90)}
    run = bench.write("run.txt", quantstudio_text(samples, started="2026-03-07 09:00:00 AM CST"))
    bench.drop(bench.write("more.xlsx", workbook), run)
    assert "ready, 1 to map" == bench.state("run.txt")

    bench.view.footer.accept_ready.click()
    bench.settle()

    assert "accepted" == bench.state("more.xlsx")
    assert "ready" == bench.state("run.txt")
    assert 0 == bench.results_on_record()
    assert "look at it again" in texts_in(bench.view.footer)


def test_that_two_files_about_one_specimen_are_not_both_written_without_a_decision(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    first = bench.write("first.txt", quantstudio_text({SPECIMENS[0]: (700, 700, 700)}))
    second = bench.write("second.txt", OTHER_RUN)
    bench.drop(first, second)
    assert ["ready", "ready"] == [bench.state("first.txt"), bench.state("second.txt")]

    bench.view.footer.accept_ready.click()
    bench.settle()

    assert "accepted" == bench.state("first.txt")
    assert "decide 1" == bench.state("second.txt")
    with bench.study.reading() as record:
        values = {r.quantity.value for r in record.results() if r.quantity.value is not None}
    assert {700.0} == values


def test_that_plans_are_made_anew_when_the_record_changes_elsewhere(bench: Bench) -> None:
    bench.drop(bench.write("run.txt", RUN))
    assert "map 2" == bench.state("run.txt")

    bench.import_at_once(clinical(bench))
    bench.changes.announce(ChangeSet(parts=frozenset({ChangedPart.CLINICAL})))
    bench.settle()

    assert "ready" == bench.state("run.txt")


def test_that_a_selected_reading_is_framed_in_the_original(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    path = bench.write("run.txt", RUN)
    bench.drop(path)
    lines = RUN.splitlines()

    row = next(row for row in bench.view.content.results.row_model.rows if row.name == SPECIMENS[1])
    bench.view.content.results.select_key(row.key)
    bench.settle()

    marked = {place.row for place in row.places}
    assert {n for n, line in enumerate(lines, start=1) if SPECIMENS[1] in line} == marked
    model = bench.view.original.table.model()
    index = bench.view.original.table.currentIndex()
    shown = [str(model.index(index.row(), column).data()) for column in range(model.columnCount())]
    assert lines[min(marked) - 1].split("\t") == shown
    headings = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    assert "CT" in headings


def test_that_the_run_shows_its_checks_its_curve_and_its_acceptance(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", RUN))

    said = texts_in(bench.view.run)
    assert "Run CAR run" in said
    assert "acceptable" in said
    assert "−3.400" in said
    assert "−3.6 to −3.1" in said


def test_that_the_filter_shows_only_what_it_says_and_how_much_of_it(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({SPECIMENS[0]: (700, 690, 710), "mix 2": (9, 9, 9)})))

    content = bench.view.content
    actions = {action.text(): action for action in content._filter.menu().actions()}
    actions["Rejected"].trigger()

    assert ["mix 2"] == [row.name for row in content.table.row_model.rows]
    assert "1 of 2 shown" in texts_in(content)


def test_that_rejected_rows_are_saved_with_their_reason(bench: Bench, tmp_path: Path) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({"=mix 2": (700, 690, 710)})))

    bench.presenter.save_rejected(str(tmp_path / "rejected.xlsx"))
    bench.settle()

    sheet = openpyxl.load_workbook(tmp_path / "rejected.xlsx")["Rejected rows"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert 3 == len(rows)
    assert "I117" == rows[0][head.index("Code")]
    assert "=mix 2" == rows[0][head.index("Sample")]
    assert "s" == sheet.cell(row=2, column=head.index("Sample") + 1).data_type


def test_that_a_folder_that_cannot_take_the_workbook_is_named(bench: Bench, tmp_path: Path) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", quantstudio_text({"mix 2": (700, 690, 710)})))

    bench.presenter.save_rejected(str(tmp_path / "absent" / "rejected.xlsx"))
    bench.settle()

    dialog = bench.view.findChild(MessageDialog)
    assert dialog is not None
    assert "cannot be written" in texts_in(dialog)


def test_that_finished_files_leave_the_queue_and_the_others_stay(bench: Bench) -> None:
    run = bench.write("run.txt", RUN)
    bench.import_at_once(clinical(bench), run)
    bench.drop(run, bench.write("notes.txt", "dear colleague"))

    bench.view.clear_requested.emit()

    assert ["notes.txt"] == [row.name for row in bench.view.queue.row_model.rows]

    bench.qtbot.keyClick(bench.view.queue, Qt.Key.Key_Delete)

    assert () == bench.view.queue.row_model.rows
    assert "No files yet." in texts_in(bench.view.page)


def test_that_another_page_can_ask_for_a_run_that_is_in_the_queue(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("notes.txt", "dear colleague"), bench.write("run.txt", RUN))

    bench.navigation.open_run("CAR run")
    bench.settle()

    assert "run.txt" == bench.view.queue.selected_row.name


def test_that_clinical_facts_are_shown_in_words_with_the_row_they_stand_in(bench: Bench) -> None:
    bench.drop(clinical(bench))

    content = bench.view.content
    row = next(row for row in content.facts.row_model.rows if SPECIMENS[1] in row.name)
    content.facts.select_key(row.key)
    bench.settle()

    assert content.table is content.facts
    assert "peripheral_blood" in row.value
    assert "Specimens · row 3" in texts_in(bench.view.original)


def test_that_results_of_a_run_outside_its_limits_say_that_they_are_held(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    without_controls = "\n".join(line for line in RUN.splitlines() if "PC " not in line) + "\n"
    bench.drop(bench.write("run.txt", without_controls))

    assert "run held" == bench.view.queue.row_model.rows[0].issues.text
    assert {"new, held"} == {row.plan.text for row in bench.view.content.results.row_model.rows}
    assert "held" in texts_in(bench.view.run)


# --- muting and watching ----------------------------------------------------------------------------------------------


def test_that_a_muted_warning_stands_last_with_its_reason_and_no_longer_counts(bench: Bench) -> None:
    bench.import_at_once(clinical(bench))
    bench.drop(bench.write("run.txt", RUN))
    notes = queue_row(bench.file("run.txt")).issues.text
    row = next(row for row in bench.view.issues.row_model.rows if row.symbol is StateSymbol.NOTE)

    bench.view.issue_acted_on.emit(row)
    dialog = bench.view.findChild(ReasonDialog)
    assert dialog is not None
    dialog.reason_given.emit("always so in our exports")
    bench.settle()

    last = bench.view.issues.row_model.rows[-1]
    assert (row.code, "always so in our exports") == (last.code, last.muting.reason if last.muting else "")
    assert notes != queue_row(bench.file("run.txt")).issues.text


def test_that_a_file_that_arrives_in_a_watched_folder_is_queued_and_planned(bench: Bench, tmp_path: Path) -> None:
    bench.import_at_once(clinical(bench))
    share = tmp_path / "share"
    share.mkdir()
    watching = bench.presenter.findChild(Watching)
    assert watching is not None
    bench.view.watch_requested.emit(share)
    bench.settle()
    (share / "run.txt").write_text(RUN)
    for _ in range(2):
        watching.look()
        bench.settle()

    assert Stage.PLANNED is bench.file("run.txt").stage
    assert str(share) in texts_in(bench.view)


def test_that_a_watched_folder_is_watched_in_the_next_session_until_it_is_stopped(bench: Bench, tmp_path: Path) -> None:
    bench.view.watch_requested.emit(tmp_path)
    bench.settle()
    settings = QSettings(str(tmp_path / SETTINGS), QSettings.Format.IniFormat)
    kept = WatchedFolders(settings).folders
    bench.view.stop_watching_requested.emit(tmp_path)

    assert ((tmp_path,), ()) == (kept, WatchedFolders(settings).folders)


def test_that_a_watched_folder_that_vanished_is_said_until_it_is_back(bench: Bench, tmp_path: Path) -> None:
    watching = bench.presenter.findChild(Watching)
    assert watching is not None
    share = tmp_path / "share"
    share.mkdir()
    bench.view.watch_requested.emit(share)
    bench.settle()
    share.rename(tmp_path / "away")
    watching.look()
    bench.settle()
    said = texts_in(bench.view)
    (tmp_path / "away").rename(share)
    watching.look()
    bench.settle()

    assert "cannot be reached since" in said
    assert "cannot be reached since" not in texts_in(bench.view)
