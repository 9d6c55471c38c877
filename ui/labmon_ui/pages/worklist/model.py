"""The rows of the worklist: tasks in words, the filter over them, and the columns of their tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from labmon.workflow.worklist import Due, Target, TaskGroup, WorklistTask
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.flat_table import Cell, Column
from labmon_ui.widgets.segmented import Segment
from labmon_ui.widgets.state_symbol import StateSymbol

ACTION_COLUMN = 4


class DueFilter(StrEnum):
    """The segments above the list."""

    EVERYTHING = "everything"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    IN_WINDOW = "in_window"
    HELD = "held"

    def lets_through(self, task: WorklistTask) -> bool:
        return self is DueFilter.EVERYTHING or self.value == task.due.value


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task as a row shows it."""

    task: WorklistTask
    due: Cell
    subject: Cell

    @property
    def key(self) -> tuple[str, ...]:
        """The same task after a refresh has the same key."""
        task = self.task
        return task.group.value, task.subject, task.title, task.target_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard:
    """One group: its heading and its rows."""

    key: str
    title: str
    rows: tuple[TaskRow, ...]
    has_long_subjects: bool
    """Runs and files have longer names than patients."""


def segments(tasks: Iterable[WorklistTask]) -> tuple[Segment, ...]:
    """The filters, each with how many tasks it shows."""
    tasks = tuple(tasks)
    words = {
        DueFilter.EVERYTHING: tr("Everything"),
        DueFilter.OVERDUE: tr("Overdue"),
        DueFilter.DUE_TODAY: tr("Due today"),
        DueFilter.IN_WINDOW: tr("In window"),
        DueFilter.HELD: tr("Held"),
    }
    return tuple(
        Segment(each.value, word, sum(each.lets_through(task) for task in tasks)) for each, word in words.items()
    )


def cards(tasks: Iterable[WorklistTask], due_filter: DueFilter) -> tuple[TaskCard, ...]:
    """The tasks the filter lets through, by group; a group without any has no card."""
    rows: dict[TaskGroup, list[TaskRow]] = {}
    for task in tasks:
        if due_filter.lets_through(task):
            rows.setdefault(task.group, []).append(_row(task))
    return tuple(
        TaskCard(
            key=group.name,
            title=tr(group.value),
            rows=tuple(found),
            has_long_subjects=found[0].task.target in (Target.RUN, Target.FILE),
        )
        for group, found in rows.items()
    )


def _row(task: WorklistTask) -> TaskRow:
    return TaskRow(task=task, due=_due_cell(task), subject=Cell(text=task.subject, weight=Weight.STRONG))


def _due_cell(task: WorklistTask) -> Cell:
    match task.due:
        case Due.OVERDUE:
            text = tr("overdue {n} d", n=task.due_days)
            return Cell(text=text, symbol=StateSymbol.OVERDUE, tone=Tone.AMBER, weight=Weight.STRONG)
        case Due.DUE_TODAY:
            return Cell(text=tr("due today"), symbol=StateSymbol.DUE, weight=Weight.MEDIUM)
        case Due.IN_WINDOW:
            text = tr("in window, {n} d left", n=task.due_days)
            return Cell(text=text, symbol=StateSymbol.IN_WINDOW, tone=Tone.TEXT2)
        case Due.HELD:
            return Cell(text=tr("held"), symbol=StateSymbol.HELD, tone=Tone.RED, weight=Weight.STRONG)
        case Due.NONE:
            return _undated_cell(task)


def _undated_cell(task: WorklistTask) -> Cell:
    """A task without a date says what is the matter instead."""
    if task.group is TaskGroup.FLAGS:
        return Cell(text=tr("flag for review"), symbol=StateSymbol.FLAG, tone=Tone.AMBER, weight=Weight.STRONG)
    if task.state is None:
        return Cell(text=tr("rejected"), symbol=StateSymbol.REJECTED, tone=Tone.TEXT2)
    return Cell(text=tr(task.state.label), symbol=StateSymbol(task.state.value), tone=Tone.TEXT2)


def columns(*, has_long_subjects: bool) -> tuple[Column[TaskRow], ...]:
    """When, who, what, why and the action; runs and files need more room for their names."""
    subject, what = (226, 290) if has_long_subjects else (102, 346)
    return (
        Column(title=tr("Due"), cell=lambda row: row.due, width=168, least=132, size=TextSize.SMALL),
        Column(title=tr("Subject"), cell=lambda row: row.subject, width=subject, least=102),
        Column(title=tr("Task"), cell=lambda row: Cell(text=row.task.title), width=what, least=60),
        Column(
            title=tr("Detail"),
            cell=lambda row: Cell(text=row.task.detail, tone=Tone.TEXT2),
            size=TextSize.SMALL,
            least=48,
        ),
        Column(
            title=tr("Action"),
            cell=lambda row: Cell(text=tr(row.task.action), is_link=True),
            width=124,
            is_number=True,
            size=TextSize.SMALL,
        ),
        Column(title="", cell=lambda _row: Cell(), width=10),
    )
