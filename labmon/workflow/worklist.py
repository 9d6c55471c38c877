"""What needs a person today, made from assessments, runs and files; overdue means what `trial.visits` says it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.domain.finding import CriterionAnswer, CriterionState, Finding, FlagState
from labmon.domain.result import Result
from labmon.domain.run import Acceptance, Run
from labmon.domain.wording import day as day_text
from labmon.records.reader import StoredFile
from labmon.records.study import Study
from labmon.trial.visits import Visit, VisitState, visit_state
from labmon.workflow.assess import Assess, Assessment
from labmon.workflow.decide import DecisionStanding, decisions_touched

_MAPPING_CODES = frozenset({"I117", "I118", "I007"})


class TaskGroup(StrEnum):
    """The groups of the worklist, in the order they are shown."""

    FLAGS = "Flags for review"
    DECISIONS = "Decisions whose evidence changed since"
    CONFLICTS = "Evidence that contradicts itself"
    HELD_RUNS = "Runs awaiting acceptance"
    HELD_RESULTS = "Results that wait for something"
    UNCONFIRMED = "Unconfirmed findings that need a repeat sample"
    ONE_MISSING = "Candidates with one missing datum"
    MAPPING = "Imported files with rows that belong to nothing"
    VISITS = "Visits"


class Due(StrEnum):
    """When a task is due; `none` for tasks that carry no date."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    IN_WINDOW = "in_window"
    HELD = "held"
    NONE = "none"


class Target(StrEnum):
    """Where a task leads."""

    PATIENT = "patient"
    CRITERION = "criterion"
    RUN = "run"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistTask:
    """One thing for a person to do."""

    group: TaskGroup
    due: Due
    due_days: int | None
    """Days overdue, or days left in the window."""
    subject: str
    """The patient's code, the run's code or the file's name."""
    title: str
    detail: str
    action: str
    """What the button says."""
    target: Target
    target_id: str
    """Patient code, run code or file hash."""
    criterion_id: str | None = None
    state: CriterionState | None = None
    """The state of the finding or criterion the task is about, where it is about one."""

    @property
    def due_text(self) -> str:
        """ "overdue 4 d", "in window, 8 d left", "due today", "held"."""
        match self.due:
            case Due.OVERDUE:
                return f"overdue {self.due_days} d"
            case Due.IN_WINDOW:
                return f"in window, {self.due_days} d left"
            case Due.DUE_TODAY:
                return "due today"
            case Due.HELD:
                return "held"
            case Due.NONE:
                return ""


class Worklist:
    """The tasks of a study."""

    def __init__(self, study: Study, assess: Assess) -> None:
        self._study = study
        self._assess = assess

    def tasks(self) -> tuple[WorklistTask, ...]:
        """Every open task, by group, the most overdue first."""
        assessments = self._assess.all_patients()
        with self._study.reading() as record:
            runs = record.runs()
            files = record.files()
            held = [result for result in record.results() if result.is_held]
        found = [
            *_held_runs(runs, held),
            *_held_results(runs, held),
            *_unmapped_files(files),
        ]
        for assessment in assessments:
            found += _of_patient(assessment)
        found += [_decision_task(each) for each in decisions_touched(self._study)]
        groups = list(TaskGroup)
        return tuple(sorted(found, key=lambda task: (groups.index(task.group), _urgency(task), task.subject)))


def _urgency(task: WorklistTask) -> tuple[int, int]:
    order = (Due.OVERDUE, Due.DUE_TODAY, Due.HELD, Due.IN_WINDOW, Due.NONE)
    days = task.due_days or 0
    return order.index(task.due), -days if task.due is Due.OVERDUE else days


def _of_patient(assessment: Assessment) -> Iterable[WorklistTask]:
    for finding in assessment.flags:
        yield _finding_task(assessment, finding, TaskGroup.FLAGS)
    yield from _conflict_tasks(assessment)
    yield from _repeat_tasks(assessment)
    open_answers = [a for a in assessment.criteria if a.state is not CriterionState.MET]
    if len(open_answers) == 1 and _is_for_a_person(open_answers[0]):
        yield _criterion_task(assessment, open_answers[0], TaskGroup.ONE_MISSING)
    for visit in assessment.visits:
        if visit.state in (VisitState.IN_WINDOW, VisitState.OVERDUE):
            yield _visit_task(assessment, visit)


def _conflict_tasks(assessment: Assessment) -> Iterable[WorklistTask]:
    """Each contradiction once: a rule that only repeats the conflict of the rules it rests on adds none."""
    conflicts = [f for f in assessment.findings if f.flag_state is FlagState.CONFLICT]
    for finding in [f for f in conflicts if not f.raises_flag] or conflicts:
        yield _finding_task(assessment, finding, TaskGroup.CONFLICTS)
    for answer in assessment.criteria:
        if answer.state is CriterionState.CONFLICT and not answer.findings:
            yield _criterion_task(assessment, answer, TaskGroup.CONFLICTS)


def _repeat_tasks(assessment: Assessment) -> Iterable[WorklistTask]:
    """One task a sample: it may settle several findings that ask for it in the same window."""
    asking: dict[tuple[date | None, date | None], list[Finding]] = {}
    for finding in assessment.findings:
        if finding.flag_state is FlagState.UNCONFIRMED and not finding.raises_flag:
            asking.setdefault((finding.repeat_from, finding.repeat_by), []).append(finding)
    for findings in asking.values():
        yield _repeat_task(assessment, findings)


def _is_for_a_person(answer: CriterionAnswer) -> bool:
    """A datum to enter, a word to give or a run to look at; repeats and conflicts have groups of their own."""
    match answer.state:
        case CriterionState.NOT_MET | CriterionState.UNCONFIRMED | CriterionState.CONFLICT:
            return False
        case CriterionState.NOT_EVALUABLE:
            return bool(answer.missing)
        case _:
            return True


def _finding_task(assessment: Assessment, finding: Finding, group: TaskGroup) -> WorklistTask:
    return WorklistTask(
        group=group,
        due=Due.NONE,
        due_days=None,
        subject=assessment.patient_code,
        title=f"{finding.rule_id} {finding.title}",
        detail=_beside_its_chip(finding.sentence),
        action="Open patient",
        target=Target.PATIENT,
        target_id=assessment.patient_code,
        state=CriterionState(finding.flag_state.value),
    )


def _beside_its_chip(sentence: str) -> str:
    """The row says "flag for review" already; its room is for the reason."""
    reason = sentence.removeprefix("Flag for review: ")
    return reason[:1].upper() + reason[1:]


def _repeat_task(assessment: Assessment, findings: Sequence[Finding]) -> WorklistTask:
    due, days = Due.NONE, None
    first = findings[0]
    detail = first.sentence
    timeline = assessment.timeline
    if first.repeat_from is not None and first.repeat_by is not None and timeline is not None:
        due, days = _window(first.repeat_from, first.repeat_by, assessment.as_of)
        opens, closes = timeline.day_of(first.repeat_from), timeline.day_of(first.repeat_by)
        detail = f"repeat useful from {day_text(opens)} to {day_text(closes)}"
        if first.bracket_right_day is not None:
            detail = f"first sample {day_text(first.bracket_right_day)}; {detail}"
    return WorklistTask(
        group=TaskGroup.UNCONFIRMED,
        due=due,
        due_days=days,
        subject=assessment.patient_code,
        title=", ".join(f"{finding.rule_id} {finding.title}" for finding in findings),
        detail=detail,
        action="Open patient",
        target=Target.PATIENT,
        target_id=assessment.patient_code,
        state=CriterionState.UNCONFIRMED,
    )


def _criterion_task(assessment: Assessment, answer: CriterionAnswer, group: TaskGroup) -> WorklistTask:
    return WorklistTask(
        group=group,
        due=Due.HELD if answer.state is CriterionState.HELD else Due.NONE,
        due_days=None,
        subject=assessment.patient_code,
        title=f"{answer.criterion_id} {answer.title}",
        detail=answer.sentence,
        action="Open criterion",
        target=Target.CRITERION,
        target_id=assessment.patient_code,
        criterion_id=answer.criterion_id,
        state=answer.state,
    )


def _decision_task(touched: DecisionStanding) -> WorklistTask:
    decision = touched.decision
    return WorklistTask(
        group=TaskGroup.DECISIONS,
        due=Due.NONE,
        due_days=None,
        subject=decision.patient_code,
        title=f"{decision.protocol_id}: {touched.text}",
        detail=" ".join(touched.changes),
        action="Open decision",
        target=Target.CRITERION,
        target_id=decision.patient_code,
    )


def _visit_task(assessment: Assessment, visit: Visit) -> WorklistTask:
    due, days = _window(visit.first_on, visit.last_on, assessment.as_of)
    return WorklistTask(
        group=TaskGroup.VISITS,
        due=due,
        due_days=days,
        subject=assessment.patient_code,
        title=f"Visit {visit.title}, {visit.window}",
        detail=", ".join(visit.assays),
        action="Open patient",
        target=Target.PATIENT,
        target_id=assessment.patient_code,
    )


def _window(first_on: date, last_on: date, as_of: date) -> tuple[Due, int | None]:
    """A window on a day, in the words of the worklist; what is overdue is decided by `visit_state` alone."""
    state = visit_state(first_on=first_on, last_on=last_on, next_first_on=None, done_on=None, as_of=as_of)
    if state is VisitState.OVERDUE:
        return Due.OVERDUE, (as_of - last_on).days
    if state is VisitState.IN_WINDOW:
        left = (last_on - as_of).days
        return (Due.IN_WINDOW, left) if left else (Due.DUE_TODAY, 0)
    return Due.NONE, None


def _held_runs(runs: Sequence[Run], held: Sequence[Result]) -> Iterable[WorklistTask]:
    for run in runs:
        waiting = sum(result.draft.run_code == run.run_code for result in held)
        if run.acceptance is Acceptance.HELD and waiting:
            yield WorklistTask(
                group=TaskGroup.HELD_RUNS,
                due=Due.HELD,
                due_days=None,
                subject=run.run_code,
                title=run.held_because or "held",
                detail=f"{waiting} result{'s' if waiting > 1 else ''} held; repeat the run, or accept it with a reason",
                action="Open run",
                target=Target.RUN,
                target_id=run.run_code,
            )


def _held_results(runs: Sequence[Run], held: Sequence[Result]) -> Iterable[WorklistTask]:
    """One task a specimen and reason: what holds one value of a tube usually holds them all."""
    accepted = {run.run_code for run in runs if run.acceptance is Acceptance.ACCEPTED}
    waiting: dict[tuple[str, str, str], list[Result]] = {}
    for result in held:
        if result.draft.run_code in accepted:
            key = result.patient_code, result.specimen_code, result.draft.held_reason or ""
            waiting.setdefault(key, []).append(result)
    for (patient_code, specimen_code, reason), results in waiting.items():
        what = results[0].analyte.label if len(results) == 1 else f"{len(results)} results"
        yield WorklistTask(
            group=TaskGroup.HELD_RESULTS,
            due=Due.HELD,
            due_days=None,
            subject=patient_code,
            title=f"{specimen_code}, {what}",
            detail=reason,
            action="Open patient",
            target=Target.PATIENT,
            target_id=patient_code,
        )


def _unmapped_files(files: Sequence[StoredFile]) -> Iterable[WorklistTask]:
    for stored in files:
        count = sum(issue.code in _MAPPING_CODES for issue in stored.rejected)
        if count:
            yield WorklistTask(
                group=TaskGroup.MAPPING,
                due=Due.NONE,
                due_days=None,
                subject=stored.file_name,
                title=f"{count} row{'s' if count > 1 else ''} rejected: no specimen or analyte",
                detail="map them in Import and import the file again; nothing is imported twice",
                action="Open file",
                target=Target.FILE,
                target_id=stored.file_sha256,
            )
