"""Decides what the Patients page shows: asks the workflow in the database worker, keeps what is selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from labmon.domain.change_set import ChangeSet
from labmon.domain.errors import UserError
from labmon.reports.figures import FigureRow
from labmon.workflow.amend import ACCEPTANCE_REASONS, EXCLUSION_REASONS, Amend
from labmon.workflow.assess import Assess
from labmon.workflow.patients import Patients
from labmon_ui.changes import Changes
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.navigation import Navigation
from labmon_ui.pages.patients.as_known_dialog import TODAY, AsKnownDialog, Replay
from labmon_ui.pages.patients.course import CourseFacts, course_facts
from labmon_ui.pages.patients.history_dialog import HistoryDialog
from labmon_ui.pages.patients.original_dialog import OriginalDialog, OriginalPresenter
from labmon_ui.pages.patients.provenance import OriginalPlaces, PointFacts, point_facts
from labmon_ui.pages.patients.rows import ListRow, Order, arranged, list_rows
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.widgets.look import Look

_PREPARED = 100
"""Patients whose curves are fitted ahead: more than anybody opens before the next list, fewer than are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """Which course of whom, as of when and as known when; `mark` is the selected result, when there is one."""

    patient_code: str
    course: int | None = None
    replay: Replay = TODAY
    mark: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    question: _Question
    facts: CourseFacts
    mark: int | None
    """The newest version of the selected result, when it is among the course's."""


class PatientsPresenter(QObject):
    """One list, one patient, one selected point; what changed on record is shown again with the same selected."""

    facts_requested = Signal(str)
    """The clinical facts of this patient."""
    responses_requested = Signal(str, object, object)
    """The responses of this patient: the course, and the Replay it is looked at from."""
    add_requested = Signal()
    """A patient, where there is none yet."""

    def __init__(
        self,
        view: PatientsView,
        look: Look,
        tasks: Tasks,
        changes: Changes,
        navigation: Navigation,
        assess: Assess,
        patients: Patients,
        amend: Amend,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._look = look
        self._tasks = tasks
        self._changes = changes
        self._assess = assess
        self._patients = patients
        self._amend = amend
        self._rows: tuple[ListRow, ...] = ()
        self._order = Order.GRAVEST
        self._wanted: _Question | None = None
        self._shown: _Answer | None = None
        self._has_failed = False
        self._listing: Task | None = None
        self._opening: Task | None = None
        self._pointing: Task | None = None
        self._point_wanted: int | None = None
        view.list.patient_chosen.connect(self._choose)
        view.list.filter_changed.connect(self._arrange)
        view.list.order_chosen.connect(self._set_order)
        view.list.timeline_wanted.connect(self._focus_timeline)
        view.canvas.mark_selected.connect(self._mark_selected)
        view.canvas.mark_activated.connect(self._mark_activated)
        view.canvas.finding_selected.connect(self.show_finding)
        view.table.row_selected.connect(self._row_selected)
        view.heading.flag_pressed.connect(self._show_leading)
        view.heading.course_chosen.connect(self._choose_course)
        view.heading.as_known_requested.connect(self._ask_replay)
        view.heading.today_requested.connect(self._back_to_today)
        view.heading.table_toggled.connect(view.show_table)
        view.heading.facts_requested.connect(self._ask_facts)
        view.heading.responses_requested.connect(self._ask_responses)
        point = view.detail.point
        point.closed.connect(self._close_point)
        point.original_requested.connect(self._open_original)
        point.exclude_requested.connect(self._ask_exclusion)
        point.include_requested.connect(self._ask_inclusion)
        point.accept_requested.connect(self._ask_acceptance)
        point.history_requested.connect(self._show_history)
        view.detail.finding.result_requested.connect(self._open_result)
        view.patient_action_triggered.connect(self._act_on_state)
        view.state_action_triggered.connect(self._act_on_page_state)
        changes.changed.connect(self._refresh)
        navigation.patient_requested.connect(self.open_patient)
        navigation.result_requested.connect(self.open_patient)
        view.stack.show_loading(tr("Assessing the patients…"))
        self.load_list()

    @property
    def facts(self) -> CourseFacts | None:
        """The course that is shown."""
        return self._shown.facts if self._shown is not None else None

    @property
    def is_replaying(self) -> bool:
        return self._wanted is not None and bool(self._wanted.replay)

    # The list

    def load_list(self) -> None:
        """Read the whole list again; the latest request counts."""
        if self._listing is not None:
            self._listing.discard()
        self._listing = self._tasks.run(
            self._read_list, self._list_read, self._list_failed, label=tr("Assessing the patients"), database=True
        )

    def _read_list(self) -> tuple[ListRow, ...]:
        return list_rows(self._assess.all_patients())

    def _list_read(self, rows: tuple[ListRow, ...]) -> None:
        self._listing = None
        self._has_failed = False
        self._rows = rows
        if not rows:
            self._wanted = self._shown = None
            self._view.stack.show_empty(
                tr("No patients yet"),
                tr("Import the clinical workbook or add a patient."),
                action=tr("Add a patient…"),
                icon="users",
            )
            return
        self._view.stack.show_content()
        self._arrange()
        first_shown = [row.patient_code for row in self._view.list.model.rows[:_PREPARED]]
        self._tasks.run(partial(self._assess.prepare_curves, first_shown), label=tr("Preparing the curves"))
        known = {row.patient_code for row in rows}
        if self._wanted is None or self._wanted.patient_code not in known:
            first = self._view.list.model.rows[0].patient_code if self._view.list.model.rows else rows[0].patient_code
            self.open_patient(first)

    def _list_failed(self, error: Exception) -> None:
        self._listing = None
        self._has_failed = True
        self._view.stack.show_failed(error_message(error, tr("The patients could not be read")), action=tr("Try again"))

    @Slot()
    def _arrange(self) -> None:
        selected = self._wanted.patient_code if self._wanted is not None else None
        rows = arranged(self._rows, self._view.list.filter.text(), self._order)
        self._view.list.show_rows(rows, len(self._rows), selected)

    @Slot(object)
    def _set_order(self, order: Order) -> None:
        self._order = order
        self._arrange()

    # One patient

    @Slot(str)
    @Slot(str, int)
    def open_patient(self, patient_code: str, result_id: int | None = None) -> None:
        """Show a patient, whatever the filter; with a result, that point is selected."""
        if not self._view.list.select(patient_code) and self._view.list.filter.text():
            self._view.list.filter.clear()
            self._view.list.select(patient_code)
        same = self._wanted is not None and self._wanted.patient_code == patient_code
        if same and self._wanted is not None and result_id is None:
            return
        if same and self._wanted is not None and not self._wanted.replay:
            self._ask(replace(self._wanted, mark=result_id))
        else:
            self._ask(_Question(patient_code=patient_code, mark=result_id))

    @Slot(str)
    def _choose(self, patient_code: str) -> None:
        if self._wanted is None or self._wanted.patient_code != patient_code:
            self._ask(_Question(patient_code=patient_code))

    def _ask(self, question: _Question) -> None:
        self._wanted = question
        self._point_wanted = question.mark
        if self._opening is not None:
            self._opening.discard()
        self._opening = self._tasks.run(
            partial(self._read_course, question),
            self._course_read,
            self._course_failed,
            label=tr("Opening {patient}", patient=question.patient_code),
            database=True,
        )

    def _read_course(self, question: _Question) -> _Answer:
        assessment = self._assess.patient(
            question.patient_code,
            as_of=question.replay.as_of,
            known_on=question.replay.known_on,
            course=question.course,
        )
        facts = course_facts(assessment, self._assess)
        mark = question.mark
        if mark is not None and mark not in facts.days:
            # An amendment makes a new version with an id of its own: the selection follows it.
            newest = self._patients.history(mark).versions[0].result_id
            mark = newest if newest in facts.days else None
        return _Answer(question=question, facts=facts, mark=mark)

    def _course_read(self, answer: _Answer) -> None:
        self._opening = None
        before, self._shown = self._shown, answer
        is_same = (
            before is not None
            and before.facts.patient_code == answer.facts.patient_code
            and before.facts.course == answer.facts.course
        )
        self._view.heading.show_replay(_replay_words(answer))
        self._view.show_course(answer.facts, is_same_course=is_same)
        self._point_wanted = answer.mark
        self._view.canvas.select(None if answer.mark is None else str(answer.mark))
        if answer.mark is not None:
            self._read_point(answer.mark)
        elif answer.facts.figure is None:
            self._view.detail.show_nothing("")
        elif not is_same or self._view.detail.shows_point:
            self._show_leading()
        else:
            self._show_finding_again()

    def _course_failed(self, error: Exception) -> None:
        self._opening = None
        self._shown = None
        question = self._wanted
        code = question.patient_code if question is not None else ""
        message = error_message(error, tr("{patient} cannot be shown", patient=code))
        if question is not None and question.replay and isinstance(error, UserError) and error.code == "R807":
            message = replace(message, what=tr("This was not on record yet at that time."), advice="")
        self._view.heading.show_replay(question.replay.words if question is not None else "")
        self._view.show_no_course(message, tr("Back to today") if self.is_replaying else tr("Try again"))
        self._view.detail.show_nothing("")

    @Slot()
    def _act_on_state(self) -> None:
        """The one action of what stands in the timeline's place."""
        if self._shown is not None:
            self._ask_facts()
        elif self.is_replaying:
            self._back_to_today()
        elif self._wanted is not None:
            self._ask(self._wanted)

    @Slot()
    def _act_on_page_state(self) -> None:
        """The one action of what stands in the page's place."""
        if self._has_failed:
            self._view.stack.show_loading(tr("Assessing the patients…"))
            self.load_list()
        else:
            self.add_requested.emit()

    @Slot()
    def _ask_responses(self) -> None:
        if self._shown is not None:
            question = self._shown.question
            self.responses_requested.emit(question.patient_code, question.course, question.replay)

    @Slot()
    def _ask_facts(self) -> None:
        if self._wanted is not None:
            self.facts_requested.emit(self._wanted.patient_code)

    @Slot(object)
    def _refresh(self, changes: ChangeSet) -> None:
        """Something on record changed: read the list again, and the patient when it is theirs."""
        self.load_list()
        question = self._wanted
        if question is not None and question.patient_code in changes.patient_codes:
            self._ask(replace(question, mark=self._point_wanted))

    # Courses and earlier days

    @Slot(int)
    def _choose_course(self, number: int) -> None:
        if self._wanted is not None and self._shown is not None and number != self._shown.facts.course:
            self._ask(replace(self._wanted, course=number, mark=None))

    @Slot()
    def _ask_replay(self) -> None:
        if self._wanted is None:
            return
        today = self._today()
        dialog = AsKnownDialog(self._look, self._wanted.replay, today, self._view)
        dialog.chosen.connect(self._set_replay)
        dialog.open()

    def _today(self) -> date:
        if self._shown is not None and self._wanted is not None and self._wanted.replay.as_of is None:
            return self._shown.facts.as_of
        return datetime.now(UTC).astimezone().date()

    @Slot(object)
    def _set_replay(self, replay: Replay) -> None:
        if self._wanted is not None and replay != self._wanted.replay:
            self._ask(replace(self._wanted, replay=replay, mark=self._point_wanted, course=None))

    @Slot()
    def _back_to_today(self) -> None:
        self._set_replay(TODAY)

    # Points and findings

    @Slot(str)
    def _mark_selected(self, ref: str) -> None:
        self._view.table.select_key(ref)
        if ref.isdecimal() and int(ref) != self._point_wanted:
            self._read_point(int(ref))

    @Slot(str)
    def _mark_activated(self, ref: str) -> None:
        point = self._view.detail.point.facts
        if point is not None and ref == str(point.result_id) and point.originals:
            self._open_original(point.originals[0])

    @Slot(object)
    def _row_selected(self, row: FigureRow | None) -> None:
        if row is not None and row.ref.isdecimal():
            self._view.canvas.select(row.ref)
            if int(row.ref) != self._point_wanted:  # a value that is only read out has no mark to ring
                self._read_point(int(row.ref))

    @Slot(object)
    def _open_result(self, result_id: int) -> None:
        self._view.canvas.select(str(result_id))
        if result_id != self._point_wanted:
            self._read_point(result_id)

    def _read_point(self, result_id: int) -> None:
        self._point_wanted = result_id
        if self._pointing is not None:
            self._pointing.discard()
        day = self._shown.facts.days.get(result_id) if self._shown is not None else None
        self._pointing = self._tasks.run(
            partial(self._read_history, result_id, day),
            self._point_read,
            self._point_failed,
            label=tr("Opening the result"),
            database=True,
        )

    def _read_history(self, result_id: int, day: float | None) -> PointFacts:
        return point_facts(self._patients.history(result_id), day)

    def _point_read(self, facts: PointFacts) -> None:
        self._pointing = None
        reason = tr("Go back to today to change the record.") if self.is_replaying else ""
        self._view.detail.show_point(facts, reason)

    def _point_failed(self, error: Exception) -> None:
        self._pointing = None
        self._view.detail.show_failed(error_message(error, tr("The result could not be read")))

    @Slot()
    def _close_point(self) -> None:
        self._point_wanted = None
        self._view.canvas.select(None)
        self._show_leading()
        self._view.canvas.setFocus()

    @Slot(str)
    def show_finding(self, rule_id: str) -> None:
        """Show why a finding says what it says."""
        facts = self.facts
        if facts is not None and rule_id in facts.findings:
            self._point_wanted = None
            self._view.canvas.select(None)
            self._finding = rule_id
            self._view.detail.show_finding(facts.findings[rule_id])

    _finding: str | None = None

    @Slot()
    def _show_leading(self) -> None:
        facts = self.facts
        if facts is None or facts.leading_rule is None:
            self._view.detail.show_nothing(tr("No rule has anything to say about this course yet."))
        else:
            self.show_finding(facts.leading_rule)

    def _show_finding_again(self) -> None:
        facts = self.facts
        if facts is not None and self._finding is not None and self._finding in facts.findings:
            self._view.detail.show_finding(facts.findings[self._finding])
        else:
            self._show_leading()

    @Slot()
    def _focus_timeline(self) -> None:
        (self._view.table if self._view.shows_table else self._view.canvas).setFocus()

    # The way back to the bytes

    @Slot(object)
    def _open_original(self, original: OriginalPlaces) -> None:
        dialog = OriginalDialog(self._look, original.file_name, self._view)
        OriginalPresenter(dialog, self._tasks, self._patients, original)
        dialog.open()

    @Slot()
    def _show_history(self) -> None:
        point = self._view.detail.point.facts
        if point is not None:
            HistoryDialog(self._look, point.title, point.versions, self._view).open()

    # Acts

    @Slot()
    def _ask_exclusion(self) -> None:
        self._ask_reason(
            tr("Exclude this result?"),
            EXCLUSION_REASONS,
            tr("Exclude"),
            tr("{result}. It stays visible, crossed, and leaves every parameter and criterion."),
            self._amend.exclude_result,
        )

    @Slot()
    def _ask_inclusion(self) -> None:
        self._ask_reason(
            tr("Include this result again?"),
            (tr("excluded by mistake"), tr("the doubt was cleared up")),
            tr("Include"),
            tr("{result}. It counts again in every parameter and criterion."),
            self._amend.include_result,
        )

    @Slot()
    def _ask_acceptance(self) -> None:
        point = self._view.detail.point.facts
        if point is None or point.held_run is None:
            return
        dialog = ReasonDialog(
            self._look,
            tr("Accept run {run}?", run=point.held_run),
            ACCEPTANCE_REASONS,
            tr("Accept run"),
            self._view,
            explanation=tr(
                "It is held because: {why}. Accepting releases its results of every patient.", why=point.held_because
            ),
        )
        dialog.reason_given.connect(partial(self._accept_run, point.held_run))
        dialog.open()

    def _ask_reason(
        self,
        title: str,
        reasons: tuple[str, ...],
        action: str,
        explanation: str,
        act: Callable[[int, str], ChangeSet],
    ) -> None:
        point = self._view.detail.point.facts
        if point is None:
            return
        dialog = ReasonDialog(
            self._look, title, reasons, action, self._view, explanation=explanation.format(result=point.title)
        )
        dialog.reason_given.connect(partial(self._amend_result, act, point.result_id))
        dialog.open()

    def _amend_result(self, act: Callable[[int, str], ChangeSet], result_id: int, reason: str) -> None:
        self._change(partial(act, result_id, reason), tr("Amending the result"))

    def _accept_run(self, run_code: str, reason: str) -> None:
        self._change(partial(self._amend.accept_run, run_code, reason), tr("Accepting run {run}", run=run_code))

    def _change(self, job: Callable[[], ChangeSet], label: str) -> None:
        self._tasks.run(job, self._changes.announce, partial(self._not_changed, label), label=label, database=True)

    def _not_changed(self, label: str, error: Exception) -> None:
        message = error_message(error, label, kept=tr("Nothing was changed."))
        MessageDialog(self._look, message, self._view).open()


def _replay_words(answer: _Answer) -> str:
    """What the amber line says while an earlier day is looked at."""
    replay, facts = answer.question.replay, answer.facts
    words = replay.words
    if replay.as_of is not None and facts.day:
        words = words.replace(replay.as_of.isoformat(), f"{replay.as_of.isoformat()} ({facts.day})", 1)
    return words
