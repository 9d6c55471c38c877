from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
)

from labmon.domain.audit import Act
from labmon.domain.clinical import ClinicalEvent, Infusion, Patient
from labmon.domain.finding import FlagState
from labmon.domain.quantity import ValueState
from labmon.records.study import Study
from labmon.trial.response import side_by_side
from labmon.trial.response_rules import load_rule_set
from labmon.workflow.respond import Responses, SetResponse
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.pages.patients.as_known_dialog import AsKnownDialog
from labmon_ui.pages.patients.fact_form import FactForm
from labmon_ui.pages.patients.facts_dialog import FactsDialog
from labmon_ui.pages.patients.history_dialog import HistoryDialog
from labmon_ui.pages.patients.original_dialog import OriginalDialog
from labmon_ui.pages.patients.responses_dialog import ResponsesDialog
from labmon_ui.pages.patients.responses_presenter import shown
from labmon_ui.pages.patients.rows import Order
from labmon_ui.widgets.state_symbol import StateSymbol
from tests.trial.responding import observed, on
from tests.ui.pages.patients.making import ACTOR, Bench

FLAGGED = "DEMO-001"
HELD = "DEMO-020"
TWICE = "DEMO-018"


def texts_in(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def dialog_of(kind: type):
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
    assert len(found) == 1
    return found[0]


def give_reason(bench: Bench) -> str:
    dialog = dialog_of(ReasonDialog)
    choice = dialog.findChildren(QRadioButton)[0]
    choice.setChecked(True)
    reason = choice.text()
    press(bench, dialog, dialog._go.text())
    bench.wait()
    return reason


def last_day(bench: Bench) -> float:
    assert bench.facts.figure is not None
    return bench.facts.figure.sample_days()[-1]


def press(bench: Bench, widget, text: str) -> None:
    button = next(each for each in widget.findChildren(QPushButton) if each.text() == text)
    assert button.isEnabled(), button.toolTip()
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_the_list_shows_the_gravest_first_and_opens_it(bench: Bench) -> None:
    rows = bench.view.list.model.rows

    assert len(rows) == 24
    assert rows[0].patient_code == FLAGGED
    assert (rows[0].words, rows[0].symbol) == ("R6 flag for review", StateSymbol.FLAG)
    held = next(row for row in rows if row.patient_code == HELD)
    assert (held.words, held.symbol) == ("results held", StateSymbol.HELD)
    gravities = [row.gravity for row in rows]
    assert gravities == sorted(gravities)
    assert bench.facts.patient_code == FLAGGED
    assert bench.view.list.current == FLAGGED


def test_that_every_word_of_the_filter_must_be_found(bench: Bench) -> None:
    bench.view.list.filter.setText("4-1bb flag")

    shown = bench.view.list.model.rows
    assert shown
    assert {row.words for row in shown} == {"R6 flag for review"}
    assert f"{len(shown)} of 24 shown" in texts_in(bench.view.list)

    bench.view.list.filter.setText("nobody")
    assert bench.view.list.model.rows == ()
    assert "No patient matches “nobody”." in texts_in(bench.view.list)


def test_that_the_list_can_be_ordered_by_code_and_by_day(bench: Bench) -> None:
    bench.view.list.order_chosen.emit(Order.CODE)
    codes = [row.patient_code for row in bench.view.list.model.rows]
    assert codes == sorted(codes)

    bench.view.list.order_chosen.emit(Order.DAY)
    days = [row.day for row in bench.view.list.model.rows]
    assert days == sorted(days)
    assert bench.view.list.current == FLAGGED


def test_that_the_arrow_keys_lead_from_patient_to_patient(bench: Bench) -> None:
    second = bench.view.list.model.rows[1].patient_code

    bench.qtbot.keyClick(bench.view.list.view, Qt.Key.Key_Down)
    bench.wait()

    assert bench.facts.patient_code == second
    assert bench.view.canvas.spec is not None
    assert bench.view.canvas.spec.title == second


def test_that_navigation_finds_a_patient_the_filter_hides_and_a_result_is_selected(bench: Bench) -> None:
    bench.open(HELD)
    result_id = int(bench.marks(lambda mark: mark.is_held)[0].ref)
    bench.open(FLAGGED)
    bench.view.list.filter.setText(FLAGGED)

    bench.navigation.open_result(HELD, result_id)
    bench.wait()

    assert bench.view.list.current == HELD
    assert bench.view.canvas.selected == str(result_id)
    point = bench.view.detail.point.facts
    assert point is not None
    assert point.result_id == result_id


def test_that_the_heading_says_product_day_disease_and_flag(bench: Bench) -> None:
    said = texts_in(bench.view.heading)

    assert FLAGGED in said
    assert bench.view.heading.flag.text() == "Early functional loss (labmon definition) – flag for review"
    assert "CD19 · 4-1BB product, infusion 1 of 1 · " in said
    assert "day 360" in said
    assert any(text.startswith(" · complete remission, no relapse to d\u00a0") for text in said)


def test_that_a_flagged_patient_is_opened_with_the_reasons_of_the_flag(bench: Bench) -> None:
    said = texts_in(bench.view.detail)

    assert bench.facts.findings["R6"].sentence in said
    assert {"What would change it", "Rests on", "Limits and their sources"} <= set(said)


def test_that_the_kinetics_show_a_rule_or_the_reason_of_a_missing_value(bench: Bench) -> None:
    series = bench.facts.kinetics[0]
    by_name = {row.head + row.subscript: row for row in series.rows}

    assert by_name["Cmax"].unit == "copies/µg"
    assert by_name["Cmax"].under.startswith("neighbours sampled")
    assert all(row.under for row in series.rows)
    withheld = [row for each in bench.facts.kinetics for row in each.rows if row.is_withheld]
    assert withheld
    assert all(row.value == "" and not row.under.startswith("not reported") for row in withheld)
    assert "Kinetics" in texts_in(bench.view.kinetics)


def test_that_a_click_on_a_mark_shows_where_the_value_comes_from(bench: Bench) -> None:
    mark = bench.marks(lambda mark: mark.state is ValueState.QUANTIFIED and "qPCR" in mark.run)[0]

    bench.pick(mark)

    point = bench.view.detail.point.facts
    assert point is not None
    assert bench.view.detail.shows_point
    assert f"{point.big}\u00a0{point.rest}" == mark.text
    names = {pair.name: pair.value for pair in point.pairs}
    assert names["State"] == "quantified"
    assert names["Run"] == f"{mark.run} · accepted"
    assert names["Replicates"].startswith("3 of 3 with Cq, mean ")
    assert names["LLOQ · LOD"] == "50 · 18\u00a0copies/µg"
    assert "NTC no Cq" in names["Controls"]
    assert names["File"].splitlines()[0] == point.originals[0].file_name


def test_that_the_original_opens_at_the_rows_the_value_was_read_from(bench: Bench) -> None:
    mark = bench.marks(lambda mark: mark.state is ValueState.QUANTIFIED and "qPCR" in mark.run)[0]
    bench.pick(mark)
    point = bench.view.detail.point.facts
    assert point is not None

    press(bench, bench.view.detail, "Open at row")
    bench.wait()

    dialog = dialog_of(OriginalDialog)
    model = dialog.sheet.table.model()
    first = point.originals[0].provenances[0]
    assert first.place.row is not None
    cells = [model.index(first.place.row - model.first_row, column).data() for column in range(model.columnCount())]
    assert first.raw in cells
    assert first.place.row in model.marked_rows
    dialog.close()


def test_that_an_excluded_result_stays_crossed_and_leaves_the_parameters(bench: Bench) -> None:
    before = next(row for row in bench.facts.kinetics[0].rows if row.subscript == "max" and row.head == "C")
    peak = max(
        bench.marks(lambda mark: "qPCR" in mark.run and mark.value is not None), key=lambda mark: mark.value or 0
    )
    bench.pick(peak)

    press(bench, bench.view.detail, "Exclude…")
    reason = give_reason(bench)

    after = next(row for row in bench.facts.kinetics[0].rows if row.subscript == "max" and row.head == "C")
    assert before.value != after.value
    assert "1 excluded" in bench.facts.kinetics[0].detail
    crossed = bench.marks(lambda mark: mark.is_excluded)
    assert [mark.value for mark in crossed] == [peak.value]
    assert bench.view.canvas.selected == crossed[0].ref
    point = bench.view.detail.point.facts
    assert point is not None
    assert point.is_excluded
    assert reason in {pair.name: pair.value for pair in point.pairs}["Excluded"]
    with bench.study.reading() as record:
        entry = record.audit_entries()[-1]
    assert (entry.act, entry.reason, entry.person) == (Act.EXCLUDE_RESULT, reason, ACTOR.person)

    press(bench, bench.view.detail, "Include…")
    give_reason(bench)
    again = next(row for row in bench.facts.kinetics[0].rows if row.subscript == "max" and row.head == "C")
    assert again.value == before.value
    assert bench.marks(lambda mark: mark.is_excluded) == []

    bench.view.detail.point.history_button.click()
    history = dialog_of(HistoryDialog)
    standings = [row.standing for row in history.table.row_model.rows]
    assert standings[:2] == ["released", f"excluded: {reason}"]
    history.close()


def test_that_a_held_run_is_accepted_with_a_reason(bench: Bench) -> None:
    bench.open(HELD)
    held = bench.marks(lambda mark: mark.is_held and "run 18" in mark.run)[0]
    bench.presenter._open_result(int(held.ref))
    bench.wait()

    press(bench, bench.view.detail, "Accept run…")
    assert "Slope" in " ".join(texts_in(dialog_of(ReasonDialog)))
    give_reason(bench)

    assert bench.marks(lambda mark: mark.is_held and "run 18" in mark.run) == []
    with bench.study.reading() as record:
        assert Act.ACCEPT_RUN in {entry.act for entry in record.audit_entries()}


def test_that_an_earlier_day_hides_later_samples_and_says_so(bench: Bench) -> None:
    assert last_day(bench) > 88

    press(bench, bench.view.heading, "As known")
    dialog = dialog_of(AsKnownDialog)
    dialog.findChildren(QCheckBox)[0].setChecked(True)
    dialog.findChildren(QDateEdit)[0].setDate(QDate(2026, 1, 31))
    press(bench, dialog, "Show")
    bench.wait()

    assert bench.presenter.is_replaying
    assert bench.facts.day == "day 87"
    assert last_day(bench) < 88
    assert "Not today: samples and facts up to 2026-01-31 (day 87)." in texts_in(bench.view.heading)
    bench.pick(bench.marks(lambda mark: mark.value is not None and "qPCR" in mark.run)[0])
    assert not bench.view.detail.point.exclude_button.isEnabled()

    press(bench, bench.view.heading, "Back to today")
    bench.wait()
    assert bench.facts.day == "day 360"
    assert last_day(bench) > 88


def test_that_a_day_before_anything_was_recorded_says_so(bench: Bench) -> None:
    press(bench, bench.view.heading, "As known")
    dialog = dialog_of(AsKnownDialog)
    dialog.findChildren(QCheckBox)[1].setChecked(True)
    dialog.findChildren(QDateEdit)[1].setDate(QDate(2020, 1, 1))
    press(bench, dialog, "Show")
    bench.wait()

    assert "This was not on record yet at that time." in texts_in(bench.view)

    press(bench, bench.view.heading, "Back to today")
    bench.wait()
    assert bench.facts.patient_code == FLAGGED


def test_that_the_table_twin_holds_what_the_figure_shows(bench: Bench) -> None:
    bench.view.heading.table_button.click()
    rows = bench.view.table.row_model.rows
    figure = bench.facts.figure
    assert figure is not None

    assert bench.view.shows_table
    assert rows == figure.table()
    shown = {row.ref: row.value_text for row in rows}
    assert {mark.ref: mark.text for _, _, mark in figure.marks()} == {
        mark.ref: shown[mark.ref] for _, _, mark in figure.marks()
    }

    ref = bench.marks(lambda mark: mark.state is ValueState.NOT_DETECTED and "qPCR" in mark.run)[0].ref
    assert bench.view.table.select_key(ref)
    bench.wait()
    assert bench.view.canvas.selected == ref


def test_that_the_table_is_copied_with_states(bench: Bench) -> None:
    bench.view.heading.export_requested.emit("copy")

    mime = QGuiApplication.clipboard().mimeData()
    lines = mime.text().splitlines()
    assert lines[0].split("\t")[:5] == ["Day", "Date", "Series", "Value", "State"]
    assert len(lines) == 1 + len(bench.view.table.row_model.rows)
    assert any("not detected" in line.split("\t")[4] for line in lines[1:])
    assert mime.html().count("<tr>") == len(lines)


@pytest.mark.parametrize(
    ("kind", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("xlsx", b"PK")]
)
def test_that_an_export_writes_a_file_and_an_audit_entry(
    bench: Bench, tmp_path: Path, kind: str, beginning: bytes
) -> None:
    bench.view.heading.export_requested.emit(kind)
    dialog = dialog_of(QFileDialog)
    path = tmp_path / f"out.{kind}"
    dialog.selectFile(str(path))
    dialog.fileSelected.emit(str(path))
    dialog.close()
    bench.wait()

    assert path.read_bytes().startswith(beginning)
    with bench.study.reading() as record:
        entry = record.audit_entries()[-1]
    assert (entry.act, entry.new_value) == (Act.EXPORT, path.name)


def test_that_an_infusion_is_chosen_among_several(bench: Bench) -> None:
    bench.open(TWICE)
    assert bench.facts.course == 2

    bench.view.heading.course_chosen.emit(1)
    bench.wait()

    assert bench.facts.course == 1
    assert "CD19 · " in bench.facts.before_day or "CD19" in bench.facts.before_day
    assert bench.facts.before_day.endswith("infusion 1 of 2")


def test_that_a_relapse_entered_by_hand_takes_the_flag_back(bench: Bench) -> None:
    press(bench, bench.view.heading, "Facts…")
    bench.wait()
    dialog = dialog_of(FactsDialog)
    dialog.choose(ClinicalEvent)
    dialog.add_button.click()
    form = dialog_of(FactForm)
    kind = form.field("event_kind")
    assert isinstance(kind, QComboBox)
    kind.setCurrentIndex(kind.findData("relapse"))
    day = form.field("occurred_on")
    assert isinstance(day, QLineEdit)
    day.setText("2026-01-15")
    form.submit()
    bench.wait()

    assert dialog.table is not None
    kinds = [row.fact.event_kind.value for row in dialog.table.row_model.rows]
    assert "relapse" in kinds
    flag = bench.facts.findings["R6"]
    assert flag.symbol is not StateSymbol.FLAG
    with bench.study.reading() as record:
        entry = record.audit_entries()[-1]
    assert (entry.act, entry.person) == (Act.ADD_FACT, ACTOR.person)

    row = next(row for row in dialog.table.row_model.rows if row.fact.event_kind.value == "relapse")
    dialog.table.select_key(row.fact_id)
    dialog.void_button.click()
    give_reason(bench)
    assert "relapse" not in [row.fact.event_kind.value for row in dialog.table.row_model.rows]
    assert bench.facts.findings["R6"].symbol is StateSymbol.FLAG
    dialog.close()


def test_that_a_fact_is_amended_with_a_reason(bench: Bench) -> None:
    press(bench, bench.view.heading, "Facts…")
    bench.wait()
    dialog = dialog_of(FactsDialog)
    dialog.choose(Infusion)
    dialog.amend_button.click()
    form = dialog_of(FactForm)
    product = form.field("car_costimulation")
    assert isinstance(product, QComboBox)
    product.setCurrentIndex(product.findData("cd28"))
    form.submit()
    reason = give_reason(bench)

    assert "CD28 product" in bench.facts.before_day
    assert bench.facts.findings["R6"].state == FlagState.NOT_EVALUABLE.label
    with bench.study.reading() as record:
        entry = record.audit_entries()[-1]
    assert (entry.act, entry.reason) == (Act.AMEND_FACT, reason)
    dialog.close()


def test_that_a_form_says_beside_the_field_what_is_wrong_with_it(bench: Bench) -> None:
    press(bench, bench.view.heading, "Facts…")
    bench.wait()
    dialog = dialog_of(FactsDialog)
    dialog.choose(ClinicalEvent)
    dialog.add_button.click()
    form = dialog_of(FactForm)

    form.submit()
    assert form.error("event_kind") == "This is needed."
    assert form.error("occurred_on") == "This is needed."

    day = form.field("occurred_on")
    assert isinstance(day, QLineEdit)
    day.setText("15.01.2026")
    form.submit()
    assert form.error("occurred_on") == "“15.01.2026” is not a date (2026-04-13)."

    day.setText("2099-01-15")
    kind = form.field("event_kind")
    assert isinstance(kind, QComboBox)
    kind.setCurrentIndex(kind.findData("relapse"))
    form.submit()
    bench.wait()
    assert form.isVisible()
    assert any("2099-01-15" in text for text in texts_in(form))
    form.close()
    dialog.close()


def test_that_an_empty_study_offers_to_add_a_patient(
    opened: Callable[[Path], Bench], tmp_path: Path, look: object
) -> None:
    path = tmp_path / "empty.labmon"
    Study.create(path, study_code="E", title="Empty", site="Here", protocol_id="nct06389305", actor=ACTOR).close()
    bench = opened(path)
    assert {"No patients yet", "Import the clinical workbook or add a patient."} <= set(texts_in(bench.view))

    press(bench, bench.view, "Add a patient…")
    form = dialog_of(FactForm)
    code = form.field("patient_code")
    assert isinstance(code, QLineEdit)
    code.setText("P-001")
    form.submit()
    bench.wait()

    assert bench.facts.patient_code == "P-001"
    assert bench.facts.figure is None
    assert "No CAR-T infusion on record" in texts_in(bench.view)
    assert [row.words for row in bench.view.list.model.rows] == ["no infusion yet"]
    with bench.study.reading() as record:
        assert [stored.fact for stored in record.facts(Patient)] == [Patient(patient_code="P-001")]


def test_that_the_responses_of_every_rule_set_stand_side_by_side_with_their_evidence(bench: Bench) -> None:
    bench.open(FLAGGED)

    press(bench, bench.view.heading, "Response…")
    bench.wait()
    (dialog,) = bench.view.findChildren(ResponsesDialog)
    model = dialog.table.model()
    sets = [row.set_id for row in model.rows]
    explained_first = texts_in(dialog)
    dialog.table.select_key("cibmtr")
    dialog.table.row_selected.emit(model.rows[sets.index("cibmtr")])

    assert ["ewall_eln_2024", "nct04534634_registry", "cibmtr", "nci_2010", "nct06389305"] == sorted(
        sets, key=["ewall_eln_2024", "nct04534634_registry", "cibmtr", "nci_2010", "nct06389305"].index
    )
    assert "MRD, last marrow or blood" in explained_first
    assert any("marrow blasts" in line for line in model.rows[0].evidence)
    assert model.rows[sets.index("cibmtr")].sentence in texts_in(dialog)


def test_that_a_boundary_value_and_what_a_better_call_needs_are_said_in_the_row() -> None:
    rows = {}
    for name, observations in (("limit", observed(anc=1.0)), ("unknown", observed(emd=None))):
        rules = load_rule_set("nct04534634_registry")
        (call,) = side_by_side(observations, (rules,), on(28))
        each = SetResponse(
            rules=rules, call=call, last=call, best=call.category, remission_on=None, failed_on=on(28), relapse=None
        )
        responses = Responses(patient_code="P-001", on=on(28), sets=(each,), cns=None, mrd=None)
        (rows[name],) = shown("P-001", "2026-02-07", responses).rows

    assert "CRi" == rows["limit"].category
    assert any("boundary_value" in caution for caution in rows["limit"].cautions)
    assert any("extramedullary" in missing for missing in rows["unknown"].missing)
    assert "extramedullary" in rows["unknown"].sentence
    assert "failure 2026-02-07" == rows["unknown"].relapse
    assert "counted from one" in shown("P-002", "2026-02-07", None).mrd[0]
