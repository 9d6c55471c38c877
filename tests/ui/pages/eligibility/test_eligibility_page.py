"""The Eligibility page on a real study, its workers and its navigation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from labmon.domain.change_set import ChangeSet
from labmon.domain.clinical import Attestation
from labmon.records.study import Study
from labmon.workflow.assess import Assess
from labmon.workflow.candidates import candidate_rows
from labmon.workflow.decide import Decide, standing_decisions
from labmon.workflow.enter_facts import EnterFacts
from labmon.workflow.rule_bench import RuleBench
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.eligibility.acts import BenchPresenter, DecisionPresenter
from labmon_ui.pages.eligibility.bench_dialog import BenchDialog
from labmon_ui.pages.eligibility.decision_dialog import DecisionDialog, SnapshotDialog
from labmon_ui.pages.eligibility.model import CriterionHead, Order
from labmon_ui.pages.eligibility.presenter import EligibilityPresenter
from labmon_ui.pages.eligibility.view import EligibilityView
from labmon_ui.tasks import Tasks
from labmon_ui.widgets.look import Look
from tests.criteria.patients import Scenario, on
from tests.workflow.courses import ACTOR, attestation, candidate, make_study, one_low_sample


@dataclass
class Page:
    view: EligibilityView
    study: Study
    assess: Assess
    changes: Changes
    tasks: Tasks
    navigation: Navigation
    went_to: list[tuple[object, ...]] = field(default_factory=list)

    def note(self, kind: str, *target: object) -> None:
        self.went_to.append((kind, *target))

    @property
    def patients(self) -> list[str]:
        return [row.patient_code for row in self.view.matrix.matrix_model.rows]

    def row(self, code: str) -> list[str]:
        """The words of a row's cells."""
        model = self.view.matrix.matrix_model
        number = self.patients.index(code)
        return [str(model.index(number, column).data()) for column in range(model.columnCount())]

    @property
    def spoken(self) -> str:
        """The current cell as a screen reader says it."""
        return str(self.view.matrix.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole))

    @property
    def explained(self) -> str:
        return "\n".join(label.text() for label in self.view.panel.findChildren(QLabel) if label.text())

    @property
    def words(self) -> str:
        labels = self.view.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.view))

    def button(self, text: str) -> QAbstractButton:
        return next(b for b in self.view.findChildren(QAbstractButton) if b.text() == text and b.isVisible())


MakePage = Callable[[Mapping[str, Scenario]], Page]


@pytest.fixture
def open_page(look: Look, tasks: Tasks, tmp_path: Path, qtbot: QtBot) -> Iterator[MakePage]:
    studies: list[Study] = []

    def make(scenarios: Mapping[str, Scenario]) -> Page:
        study = make_study(tmp_path / "study.labmon", scenarios, as_of=on(121))
        studies.append(study)
        assess, changes, navigation = Assess(study), Changes(), Navigation()
        view = EligibilityView(look)
        qtbot.addWidget(view)
        page = Page(view, study, assess, changes, tasks, navigation)
        changes.changed.connect(assess.forget)
        navigation.patient_requested.connect(partial(page.note, "patient"))
        navigation.result_requested.connect(partial(page.note, "result"))
        navigation.run_requested.connect(partial(page.note, "run"))
        deciding = Decide(study, assess, ACTOR)
        BenchPresenter(view, bench=RuleBench(assess), tasks=tasks, navigation=navigation)
        EligibilityPresenter(
            view,
            assess=assess,
            deciding=deciding,
            decisions=DecisionPresenter(view, deciding=deciding, tasks=tasks, changes=changes),
            tasks=tasks,
            changes=changes,
            navigation=navigation,
        )
        view.resize(1352, 800)
        view.show()
        qtbot.waitUntil(lambda: tasks.running == ())
        return page

    yield make
    for study in studies:
        study.close()


def some() -> dict[str, Scenario]:
    return {
        "P-001": candidate(born=date(1960, 1, 1)),
        "P-002": candidate(one_low_sample()),
        "P-003": candidate(),
        "P-004": candidate(attested=("A4", "A5")),
        "P-005": candidate(attested=("A4", "A5"), consent_day=None),
    }


def test_that_the_matrix_shows_a_word_for_every_state_and_the_decision(open_page: MakePage) -> None:
    page = open_page(some())

    met = ["met"] * 7
    assert ["P-003", "121", *met, "ready to sign"] == page.row("P-003")
    assert ["P-002", "121", "met", "unconfirmed", *met[:5], "repeat by d 124"] == page.row("P-002")
    assert ["P-004", "121", *met[:5], "needs a person", "met", "A6 needs a person"] == page.row("P-004")
    assert "not eligible: A3" == page.row("P-001")[-1]
    assert ["missing", "missing"] == [page.row("P-005")[4], page.row("P-005")[8]]
    assert "5 of 5 shown · protocol version" in page.words


def test_that_who_is_ready_stands_first_and_who_is_not_eligible_last(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    assert ["P-003", "P-002", "P-004", "P-005", "P-001"] == page.patients

    page.view.order_chosen.emit(Order.CODE)

    assert ["P-001", "P-002", "P-003", "P-004", "P-005"] == page.patients
    assert Order.CODE.words == page.view.order.text()


def test_that_only_open_candidates_can_be_shown_and_the_view_says_how_many(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())

    qtbot.mouseClick(page.button("Open candidates"), Qt.MouseButton.LeftButton)

    assert "P-001" not in page.patients
    assert "4 of 5 shown" in page.words


def test_that_a_filter_without_patients_leads_back_to_everyone(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page({"P-001": some()["P-001"]})
    qtbot.mouseClick(page.button("Open candidates"), Qt.MouseButton.LeftButton)
    assert "No open candidates" in page.words
    assert page.view.panel.isHidden()

    qtbot.mouseClick(page.button("Show everyone"), Qt.MouseButton.LeftButton)

    assert ["P-001"] == page.patients


def test_that_arrow_keys_move_the_cell_within_the_criteria_and_explain_it(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    matrix = page.view.matrix
    assert "P-003, A2 early loss, no relapse: met" == page.spoken

    qtbot.keyClick(matrix, Qt.Key.Key_Down)
    assert "P-002, A2 early loss, no relapse: unconfirmed" == page.spoken
    assert "P-002 · day 121 · A2 early loss, no relapse" in page.explained

    for _ in range(3):
        qtbot.keyClick(matrix, Qt.Key.Key_Left)
    assert "P-002, A1 r/r B-ALL, ≥ 20 % blasts: met" == page.spoken

    qtbot.keyClick(matrix, Qt.Key.Key_End)
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    assert "P-002, A7 consent, assent: met" == page.spoken

    qtbot.keyClick(matrix, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert page.spoken.startswith("P-001, A7")
    assert "P-001 · day 121 · A7" in page.explained


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_that_space_and_enter_lead_into_the_explanation_and_escape_back(
    open_page: MakePage, qtbot: QtBot, key: Qt.Key
) -> None:
    page = open_page(some())
    with qtbot.waitActive(page.view):
        page.view.activateWindow()
    page.view.setFocus()
    assert page.view.matrix.hasFocus()

    qtbot.keyClick(page.view.matrix, key)
    assert page.view.panel.hasFocus()
    assert page.view.panel.accessibleName() == "P-003 · day 121 · A2 early loss, no relapse: Met"

    qtbot.keyClick(page.view.panel, Qt.Key.Key_Escape)
    assert page.view.matrix.hasFocus()


def test_that_an_unconfirmed_cell_says_why_what_is_missing_and_what_would_change_it(open_page: MakePage) -> None:
    page = open_page(some())

    page.navigation.open_criterion("P-002", "A2")

    said = page.explained
    assert "Unconfirmed" in said
    assert "The registry: “Loss of CAR-T cell activity within 6 months after previous CAR-T therapy" in said
    assert "labmon's own definition" in said
    assert "•  one blood sample from day 96 on" in said
    assert "What would change it\nnext sample <\u00a050\u00a0copies/µg or not detected" in said
    assert "The window ends on day 184." in said
    assert "R1 Transgene loss: " in said
    assert "R2 B-cell recovery" in said
    assert "50\u00a0copies/µg" in said
    assert "Awasthi 2025" in said
    assert "Results as of 2024-06-30." in said
    assert "Signing" not in said


def test_that_evidence_leads_to_its_point_and_its_run(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    page.navigation.open_criterion("P-002", "A2")
    with page.study.reading() as record:
        low = next(r for r in record.results(("P-002",)) if r.draft.run_code == "P-002 RUN-89")

    qtbot.mouseClick(page.button("<\u00a050\u00a0copies/µg (detected)"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.button("P-002 RUN-89"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.button("Open timeline"), Qt.MouseButton.LeftButton)

    assert [("result", "P-002", low.result_id), ("run", "P-002 RUN-89"), ("patient", "P-002")] == page.went_to


def test_that_who_is_ready_is_told_what_signing_needs(open_page: MakePage) -> None:
    page = open_page(some())

    page.navigation.open_criterion("P-003", "A4")

    assert "Signing needs sign-in" in page.explained
    assert "attested by investigator B" in page.explained
    assert "Relapse and window" not in page.explained


def test_that_a_click_beside_the_criteria_goes_to_what_the_row_is_about(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    matrix = page.view.matrix
    model = matrix.matrix_model
    decision = matrix.visualRect(model.index(page.patients.index("P-004"), model.decision_column))

    qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=decision.topLeft() + QPoint(30, 15))

    assert "P-004, A6 life exp. ≥ 60 d: needs a person" == page.spoken


def test_that_another_page_may_ask_for_a_cell_the_filter_hides(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    qtbot.mouseClick(page.button("Open candidates"), Qt.MouseButton.LeftButton)

    page.navigation.open_criterion("P-001", "A3")

    assert "P-001, A3 age 1–39 y: not met" == page.spoken
    assert "5 of 5 shown" in page.words
    assert "everyone" == page.view.filter.current


def test_that_an_attestation_settles_its_cell_without_losing_the_place(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    page.navigation.open_criterion("P-004", "A6")
    assert "attestation by the investigator" in page.explained

    page.changes.announce(EnterFacts(page.study, ACTOR).add(attestation("A6", "P-004")))
    qtbot.waitUntil(lambda: page.tasks.running == ())

    assert "P-004, A6 life exp. ≥ 60 d: met" == page.spoken
    assert "ready to sign" == page.row("P-004")[-1]
    assert ["P-003", "P-004"] == page.patients[:2]
    assert "attestation by the investigator" not in page.explained


def test_that_a_study_without_patients_says_what_to_do(open_page: MakePage) -> None:
    page = open_page({})

    assert "No patients yet" in page.words
    assert "Import the clinical workbook" in page.words
    assert page.view.panel.isHidden()


def test_that_a_failure_says_what_was_kept_and_can_be_tried_again(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    path = page.study.path
    page.study.close()
    kept = path.rename(path.with_suffix(".kept"))
    path.write_bytes(b"no database at all" * 100)

    page.changes.changed.emit(ChangeSet())
    qtbot.waitUntil(lambda: page.tasks.running == ())
    assert "Eligibility could not be assessed" in page.words
    assert "Nothing was changed." in page.words

    page.study.close()
    kept.replace(path)
    qtbot.mouseClick(page.button("Try again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.tasks.running == ())
    assert "ready to sign" == page.row("P-003")[-1]


def test_that_ten_thousand_patients_cost_what_is_looked_at(
    open_page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page({"P-003": some()["P-003"]})
    protocol = page.assess.protocol
    (row,) = candidate_rows(page.assess.all_patients(), protocol)
    rows = tuple(replace(row, patient_code=f"P-{number:05}") for number in range(10_000))
    heads = tuple(CriterionHead(id=c.id, title=c.title, wording=c.wording) for c in protocol.criteria)
    looked_at: set[int] = set()
    model = page.view.matrix.matrix_model
    look_up = model.answer_at
    monkeypatch.setattr(model, "answer_at", lambda index: looked_at.add(index.row()) or look_up(index))

    page.view.matrix.show_rows(heads, rows)
    page.view.matrix.grab()
    page.view.matrix.select_cell("P-09999", "A2")

    assert 5 < len(looked_at) < 60
    assert page.view.matrix.currentIndex().row() == 9_999


def test_that_large_text_keeps_the_matrix_and_the_key_readable(open_page: MakePage, look: Look, qtbot: QtBot) -> None:
    page = open_page(some())

    look.theme.set_text_scale(200)
    qtbot.waitUntil(lambda: page.view.matrix.rowHeight(0) == 76)

    assert page.view.panel.width() < page.view.width() / 2
    for word in ("met", "not evaluable", "conflict"):
        label = next(label for label in page.view.findChildren(QLabel) if label.text() == word)
        right = label.mapTo(page.view, label.rect().topRight()).x()
        assert right <= page.view.width() - page.view.panel.width()
        assert label.width() >= label.sizeHint().width()


def test_that_the_rule_bench_shows_who_would_change_and_why_and_writes_nothing(
    open_page: MakePage, qtbot: QtBot
) -> None:
    page = open_page(some())
    before = page.study.path.read_bytes()
    page.button("Rule bench…").click()
    qtbot.waitUntil(lambda: bool(page.view.findChildren(BenchDialog)))
    (dialog,) = page.view.findChildren(BenchDialog)
    dialog.choose("window.length")

    dialog.value.setText("2")
    qtbot.mouseClick(button_of(dialog, "Try"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.table.model().rowCount()))

    assert "5 patients would change state, of 5 judged." in dialog.said
    assert "R6 unconfirmed → not met: 1" in dialog.said
    first = [str(dialog.table.model().index(0, column).data()) for column in range(5)]
    assert ["P-001", "R6", "met", "not evaluable"] == first[:4]
    assert "the window ends on day 61" in first[4]
    assert before == page.study.path.read_bytes()

    dialog.table.row_activated.emit(dialog.table.model().rows[0])
    assert ("patient", "P-001") in page.went_to


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("R1.cutoff", "50,5", "Type a number with a decimal point."),
        ("R1.cutoff", "-3", "a number from 0 to 1e+15 is asked"),
        ("window.length", "2.5", "a whole number from 1 to 240 is asked"),
        ("R1.cutoff", "50", "None of 5 patients would change state."),
    ],
)
def test_that_a_number_that_makes_no_sense_is_refused_in_words(
    open_page: MakePage, qtbot: QtBot, path: str, text: str, said: str
) -> None:
    page = open_page(some())
    page.button("Rule bench…").click()
    qtbot.waitUntil(lambda: bool(page.view.findChildren(BenchDialog)))
    (dialog,) = page.view.findChildren(BenchDialog)
    dialog.choose(path)

    dialog.value.setText(text)
    button_of(dialog, "Try").click()
    qtbot.waitUntil(lambda: page.tasks.running == ())

    told = [label.text() for label in dialog.findChildren(QLabel)]
    assert any(said in each for each in told), told


def test_that_a_decision_is_recorded_with_its_snapshot_and_what_changes_later_is_shown(
    open_page: MakePage, qtbot: QtBot
) -> None:
    page = open_page(some())
    page.navigation.open_criterion("P-003", "A2")
    page.button("Record decision…").click()
    qtbot.waitUntil(lambda: bool(page.view.findChildren(DecisionDialog)))
    (dialog,) = page.view.findChildren(DecisionDialog)
    go = button_of(dialog, "Record decision")
    is_off_at_first = not go.isEnabled()
    button_of(dialog, "Eligible").click()
    dialog.reason.setPlainText("all met, discussed in the board")
    go.click()
    qtbot.waitUntil(lambda: "Decision on record" in page.explained)

    (standing,) = standing_decisions(page.study)
    assert is_off_at_first
    assert ("P-003", "all met, discussed in the board") == (standing.decision.patient_code, standing.decision.reason)
    assert "Eligible, decided by coordinator D on" in page.explained

    with page.study.reading() as record:
        stored = next(each for each in record.facts(Attestation, "P-003") if each.fact.criterion_id == "A4")
    page.changes.announce(EnterFacts(page.study, ACTOR).void(stored, "entered for another patient"))
    qtbot.waitUntil(lambda: "was withdrawn" in page.explained)
    page.navigation.open_criterion("P-001", "A3")
    assert "was withdrawn" not in page.explained
    page.navigation.open_criterion("P-003", "")  # as the worklist asks
    assert "was withdrawn" in page.explained
    page.view.panel.snapshot_requested.emit("P-003")
    (shown,) = page.view.findChildren(SnapshotDialog)
    words = "\n".join(label.text() for label in shown.findChildren(QLabel))
    assert standing.decision.snapshot_sha256 in words
    assert "1 change since" in words


def test_that_eligible_cannot_be_chosen_while_a_criterion_is_open(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(some())
    page.navigation.open_criterion("P-004", "A6")
    page.button("Record decision…").click()
    qtbot.waitUntil(lambda: bool(page.view.findChildren(DecisionDialog)))
    (dialog,) = page.view.findChildren(DecisionDialog)

    assert not button_of(dialog, "Eligible").isEnabled()
    assert any("A6 needs a person" in label.text() for label in dialog.findChildren(QLabel))
    assert button_of(dialog, "Not eligible").isEnabled()


def button_of(dialog: QWidget, text: str) -> QAbstractButton:
    return next(b for b in dialog.findChildren(QAbstractButton) if b.text() == text)
