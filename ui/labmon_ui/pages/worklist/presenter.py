"""Decides what the Worklist page shows: the open tasks of the study, filtered, and where each one leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from labmon.workflow.worklist import Due, Target, WorklistTask
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.worklist.model import DueFilter, TaskRow, cards, segments
from labmon_ui.pages.worklist.view import WorklistView
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import error_message, tr, tr_count

if TYPE_CHECKING:
    from labmon.workflow.worklist import Worklist


class WorklistPresenter(QObject):
    """Lives as long as its view."""

    def __init__(
        self,
        view: WorklistView,
        *,
        worklist: Worklist,
        person: str,
        tasks: Tasks,
        changes: Changes,
        navigation: Navigation,
        show_badge: Callable[[int], None],
    ) -> None:
        super().__init__(view)
        self._view = view
        self._worklist = worklist
        self._person = person
        self._tasks = tasks
        self._navigation = navigation
        self._show_badge = show_badge
        self._filter = DueFilter.EVERYTHING
        self._found: tuple[WorklistTask, ...] = ()
        self._asked: Task | None = None
        view.filter_chosen.connect(self._choose)
        view.task_opened.connect(self._open)
        view.state_action_triggered.connect(self._act_on_state)
        changes.changed.connect(self.refresh)
        view.show_summary(person, ())
        view.show_loading(tr("Looking for what needs a person…"))
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask again; an earlier question that still waits is not asked any more."""
        if self._asked is not None:
            self._asked.discard()
        self._asked = self._tasks.run(
            self._worklist.tasks, self._show, self._fail, label=tr("Making the worklist"), database=True
        )

    def _show(self, found: tuple[WorklistTask, ...]) -> None:
        self._found = found
        self._show_badge(len(found))
        self._lay_out()

    def _lay_out(self) -> None:
        found = self._found
        overdue = sum(task.due is Due.OVERDUE for task in found)
        counted = tr_count(len(found), "{n} task", "{n} tasks")
        if overdue:
            counted = tr("{tasks}, {n} overdue", tasks=counted, n=overdue)
        self._view.show_summary(f"{self._person} · {counted}", segments(found) if found else ())
        if not found:
            self._view.show_empty(
                tr("Nothing needs you today."),
                tr("Held runs, flags, repeats, open criteria and visits appear here by themselves."),
            )
            return
        chosen = cards(found, self._filter)
        if chosen:
            self._view.show_cards(chosen)
        else:
            self._view.show_empty(
                tr("Nothing of this kind."),
                tr("0 of {n} tasks shown.", n=len(found)),
                action=tr("Show everything"),
            )

    def _fail(self, error: Exception) -> None:
        self._found = ()
        self._show_badge(0)
        self._view.show_summary(self._person, ())
        message = error_message(error, tr("The worklist could not be made"), kept=tr("Nothing was changed."))
        self._view.show_failed(message, action=tr("Try again"))

    @Slot(str)
    def _choose(self, key: str) -> None:
        self._filter = DueFilter(key)
        self._lay_out()

    @Slot()
    def _act_on_state(self) -> None:
        if self._found:
            self._view.filter.set_current(DueFilter.EVERYTHING.value)
            self._choose(DueFilter.EVERYTHING.value)
        else:
            self._view.show_loading(tr("Looking for what needs a person…"))
            self.refresh()

    @Slot(object)
    def _open(self, row: TaskRow) -> None:
        task = row.task
        match task.target:
            case Target.PATIENT:
                self._navigation.open_patient(task.target_id)
            case Target.CRITERION:
                self._navigation.open_criterion(task.target_id, task.criterion_id or "")
            case Target.RUN:
                self._navigation.open_run(task.target_id)
            case Target.FILE:
                self._navigation.open_file(task.target_id)
