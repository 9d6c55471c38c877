"""The Worklist page on a real study, its workers and its navigation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from labmon.domain.change_set import ChangeSet
from labmon.records.study import Study
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess
from labmon.workflow.worklist import Worklist
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.worklist.model import ACTION_COLUMN, TaskRow
from labmon_ui.pages.worklist.presenter import WorklistPresenter
from labmon_ui.pages.worklist.view import WorklistView
from labmon_ui.tasks import Tasks
from labmon_ui.widgets.look import Look
from tests.criteria.patients import Scenario, on
from tests.workflow.courses import ACTOR, candidate, make_study, one_low_sample

HELD = "NTC: Cq 33.1, limit no Cq"
HELD_RUN = f"held | P-003 RUN-68 | {HELD}"


@dataclass
class Page:
    view: WorklistView
    study: Study
    assess: Assess
    changes: Changes
    tasks: Tasks
    navigation: Navigation
    went_to: list[tuple[str, ...]] = field(default_factory=list)
    badges: list[int] = field(default_factory=list)

    def note(self, kind: str, *target: str) -> None:
        self.went_to.append((kind, *target))

    @property
    def rows(self) -> list[str]:
        """Every task shown, from top to bottom: "due | subject | title"."""
        return [f"{row.due.text} | {row.task.subject} | {row.task.title}" for row in self.everything]

    @property
    def everything(self) -> list[TaskRow]:
        return [row for table in self.view.tables for row in table.row_model.rows]

    @property
    def selected(self) -> list[TaskRow]:
        return [table.selected_row for table in self.view.tables if table.selected_row is not None]

    @property
    def words(self) -> str:
        labels = self.view.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.view))


MakePage = Callable[[Mapping[str, Scenario]], Page]


@pytest.fixture
def open_page(look: Look, tasks: Tasks, tmp_path: Path, qtbot: QtBot) -> Iterator[MakePage]:
    studies: list[Study] = []

    def make(scenarios: Mapping[str, Scenario]) -> Page:
        study = make_study(tmp_path / "study.labmon", scenarios, as_of=on(130))
        studies.append(study)
        assess, changes, navigation = Assess(study), Changes(), Navigation()
        view = WorklistView(look)
        qtbot.addWidget(view)
        page = Page(view, study, assess, changes, tasks, navigation)
        changes.changed.connect(assess.forget)
        navigation.patient_requested.connect(partial(page.note, "patient"))
        navigation.criterion_requested.connect(partial(page.note, "criterion"))
        navigation.run_requested.connect(partial(page.note, "run"))
        WorklistPresenter(
            view,
            worklist=Worklist(study, assess),
            person="coordinator D",
            tasks=tasks,
            changes=changes,
            navigation=navigation,
            show_badge=page.badges.append,
        )
        view.resize(1200, 800)
        view.show()
        qtbot.waitUntil(lambda: tasks.running == ())
        return page

    yield make
    for study in studies:
        study.close()


def busy() -> dict[str, Scenario]:
    """A repeat that is overdue, a flagged candidate with one open criterion, a held run."""
    return {
        "P-001": one_low_sample(),
        "P-002": candidate(attested=("A4", "A5")),
        "P-003": Scenario().transgene(10, 41300).transgene(68, 312, held=HELD),
    }


def test_that_tasks_are_shown_in_words_by_group(open_page: MakePage) -> None:
    page = open_page(busy())

    assert "flag for review | P-002 | R6 Early functional loss (labmon definition)" in page.rows
    assert HELD_RUN in page.rows
    assert "overdue 6 d | P-001 | R1 Transgene loss" in page.rows
    assert "needs a person | P-002 | A6 life exp. ≥ 60 d" in page.rows
    for heading in ("Flags for review", "Runs awaiting acceptance", "Candidates with one missing datum", "Visits"):
        assert heading in page.words
    assert "Evidence that contradicts itself" not in page.words
    assert "after the last day of the window" in page.words


def test_that_the_header_and_the_badge_count_the_tasks(open_page: MakePage) -> None:
    page = open_page(busy())

    overdue = sum(row.startswith("overdue") for row in page.rows)
    assert overdue > 0
    assert f"coordinator D · {len(page.rows)} tasks, {overdue} overdue" in page.words
    assert [len(page.rows)] == page.badges


def test_that_the_filter_shows_one_kind_with_its_count(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(busy())
    held = next(b for b in page.view.filter.findChildren(QAbstractButton) if b.text() == "Held")

    qtbot.mouseClick(held, Qt.MouseButton.LeftButton)

    assert [HELD_RUN] == page.rows
    assert "Held, 1" == held.accessibleName()


def test_that_a_kind_without_tasks_says_so_and_leads_back(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page({"P-003": busy()["P-003"]})
    due_today = next(b for b in page.view.filter.findChildren(QAbstractButton) if b.text() == "Due today")
    qtbot.mouseClick(due_today, Qt.MouseButton.LeftButton)
    assert "Nothing of this kind." in page.words

    page.view.state_action_triggered.emit()

    assert HELD_RUN in page.rows
    assert "everything" == page.view.filter.current


def test_that_the_arrow_keys_go_through_all_groups_with_one_task_selected(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(busy())
    with qtbot.waitActive(page.view):
        page.view.activateWindow()
    page.view.setFocus()
    everything = page.everything

    def press(key: Qt.Key) -> list[TaskRow]:
        qtbot.keyClick(page.view.focusWidget(), key)
        return page.selected

    walked = [*page.selected, *(row for _ in everything for row in press(Qt.Key.Key_Down))]
    home, end = press(Qt.Key.Key_Home), press(Qt.Key.Key_End)
    back = [row for _ in everything for row in press(Qt.Key.Key_Up)]

    assert len(page.view.tables) > 3
    assert [*everything, everything[-1]] == walked
    assert ([everything[0]], [everything[-1]]) == (home, end)
    assert [*reversed(everything[:-1]), everything[0]] == back


@pytest.mark.parametrize(
    ("group", "target"),
    [
        ("Flags for review", ("patient", "P-002")),
        ("Candidates with one missing datum", ("criterion", "P-002", "A6")),
        ("Runs awaiting acceptance", ("run", "P-003 RUN-68")),
    ],
)
def test_that_enter_opens_what_the_task_is_about(
    open_page: MakePage, qtbot: QtBot, group: str, target: tuple[str, ...]
) -> None:
    page = open_page(busy())
    table = next(table for table in page.view.tables if table.accessibleName() == group)
    table.select_key(table.row_model.key_at(0))

    qtbot.keyClick(table, Qt.Key.Key_Return)

    assert [target] == page.went_to


def test_that_the_action_of_a_row_is_a_link(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(busy())
    table = next(table for table in page.view.tables if table.accessibleName() == "Runs awaiting acceptance")
    place = table.visualRect(table.row_model.index(0, ACTION_COLUMN)).center()

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert [("run", "P-003 RUN-68")] == page.went_to


def test_that_an_accepted_run_leaves_the_list_and_the_selection_stays(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(busy())
    flags = page.view.tables[0]
    flags.select_key(flags.row_model.key_at(0))
    selected = page.selected

    page.changes.announce(Amend(page.study, ACTOR).accept_run("P-003 RUN-68", "the limit was entered wrongly"))
    qtbot.waitUntil(lambda: page.tasks.running == ())

    assert HELD_RUN not in page.rows
    assert "Runs awaiting acceptance" not in page.words
    assert [row.key for row in selected] == [row.key for row in page.selected]
    assert len(page.rows) == page.badges[-1]


def test_that_a_study_without_tasks_says_that_nothing_needs_anybody(open_page: MakePage) -> None:
    page = open_page({})

    assert "Nothing needs you today." in page.words
    assert "coordinator D · 0 tasks" in page.words
    assert page.view.filter.isHidden()
    assert [0] == page.badges


def test_that_a_failure_says_what_was_kept_and_can_be_tried_again(open_page: MakePage, qtbot: QtBot) -> None:
    page = open_page(busy())
    path = page.study.path
    page.study.close()
    kept = path.rename(path.with_suffix(".kept"))
    path.write_bytes(b"no database at all" * 100)

    page.changes.changed.emit(ChangeSet())
    qtbot.waitUntil(lambda: page.tasks.running == ())
    assert "The worklist could not be made" in page.words
    assert "Nothing was changed." in page.words

    page.study.close()
    kept.replace(path)
    page.view.state_action_triggered.emit()
    qtbot.waitUntil(lambda: page.tasks.running == ())
    assert HELD_RUN in page.rows


def test_that_no_text_pushes_the_action_out(open_page: MakePage, look: Look, qtbot: QtBot) -> None:
    page = open_page(busy())
    assert page.rows

    for scale, width in ((100, 1000), (200, 1264)):
        look.theme.set_text_scale(scale)
        page.view.resize(width, 800)
        qtbot.waitUntil(lambda: all(0 < table.viewport().width() <= page.view.width() for table in page.view.tables))

        for table in page.view.tables:
            right = table.visualRect(table.row_model.index(0, ACTION_COLUMN)).right()
            assert right < table.viewport().width()
