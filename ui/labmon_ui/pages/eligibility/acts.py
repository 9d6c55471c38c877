"""What a person does on the Eligibility page beside looking: try another number, record a decision, read one."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from labmon.domain.decision import DecisionMeaning
from labmon.workflow.candidates import DecisionState
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.eligibility.bench_dialog import BenchDialog
from labmon_ui.pages.eligibility.decision_dialog import DecisionDialog, DecisionOffer, DecisionShown, SnapshotDialog
from labmon_ui.pages.eligibility.view import EligibilityView
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import error_message, tr

if TYPE_CHECKING:
    from labmon.workflow.decide import Decide, DecisionDraft, DecisionStanding
    from labmon.workflow.rule_bench import BenchNumber, RuleBench, Trial


class BenchPresenter(QObject):
    """Opens the rule bench and judges in the worker what is tried there."""

    def __init__(self, view: EligibilityView, *, bench: RuleBench, tasks: Tasks, navigation: Navigation) -> None:
        super().__init__(view)
        self._view = view
        self._bench = bench
        self._tasks = tasks
        self._navigation = navigation
        self._dialog: BenchDialog | None = None
        self._asked: Task | None = None
        view.bench_requested.connect(self._open)

    @Slot()
    def _open(self) -> None:
        self._tasks.run(self._bench.numbers, self._show, label=tr("Reading the protocol"), database=True)

    def _show(self, numbers: tuple[BenchNumber, ...]) -> None:
        dialog = BenchDialog(self._view.look, numbers, self._view)
        dialog.tried.connect(self._try)
        dialog.patient_activated.connect(self._navigation.open_patient)
        dialog.finished.connect(self._forget)
        dialog.choose("R1.cutoff")
        self._dialog = dialog
        dialog.open()

    @Slot(str, float)
    def _try(self, path: str, value: float) -> None:
        self._discard()
        if self._dialog is not None:
            self._dialog.show_busy()
        self._asked = self._tasks.run(
            partial(self._bench.try_out, path, value),
            self._show_trial,
            self._fail,
            label=tr("Trying another number"),
            database=True,
        )

    def _show_trial(self, trial: Trial) -> None:
        if self._dialog is not None:
            self._dialog.show_trial(trial)

    def _fail(self, error: Exception) -> None:
        if self._dialog is not None:
            message = error_message(error, tr("This could not be tried"))
            self._dialog.show_failed(" ".join(filter(None, (message.what, message.advice))))

    @Slot()
    def _forget(self) -> None:
        self._dialog = None
        self._discard()

    def _discard(self) -> None:
        if self._asked is not None:
            self._asked.discard()
            self._asked = None


class DecisionPresenter(QObject):
    """Takes a decision about the explained patient, and shows the one on record."""

    def __init__(self, view: EligibilityView, *, deciding: Decide, tasks: Tasks, changes: Changes) -> None:
        super().__init__(view)
        self._view = view
        self._deciding = deciding
        self._tasks = tasks
        self._changes = changes
        self._standing: dict[str, DecisionStanding] = {}
        view.panel.decision_requested.connect(self._draft)
        view.panel.snapshot_requested.connect(self._show_snapshot)

    def keep(self, standing: dict[str, DecisionStanding]) -> None:
        """The decisions on record, by patient, as they were when the page was filled."""
        self._standing = standing

    @Slot(str)
    def _draft(self, patient_code: str) -> None:
        self._tasks.run(
            partial(self._deciding.draft, patient_code), self._ask, label=tr("Freezing the evidence"), database=True
        )

    def _ask(self, draft: DecisionDraft) -> None:
        dialog = DecisionDialog(self._view.look, _offer(draft), self._view)
        dialog.decided.connect(_Taken(dialog, self, draft).record)
        dialog.open()

    def record(self, draft: DecisionDraft, meaning: DecisionMeaning, reason: str) -> None:
        self._tasks.run(
            partial(self._deciding.record, draft, meaning, reason),
            self._changes.announce,
            label=tr("Recording the decision"),
            database=True,
        )

    @Slot(str)
    def _show_snapshot(self, patient_code: str) -> None:
        standing = self._standing.get(patient_code)
        if standing is not None:
            SnapshotDialog(self._view.look, _shown(standing), self._view).open()


class _Taken(QObject):
    """Keeps the draft a dialog is about; lives as long as the dialog."""

    def __init__(self, dialog: DecisionDialog, presenter: DecisionPresenter, draft: DecisionDraft) -> None:
        super().__init__(dialog)
        self._presenter = presenter
        self._draft = draft

    @Slot(object, str)
    def record(self, meaning: DecisionMeaning, reason: str) -> None:
        self._presenter.record(self._draft, meaning, reason)


def _offer(draft: DecisionDraft) -> DecisionOffer:
    criteria = json.loads(draft.snapshot)["criteria"]
    is_ready = draft.state is DecisionState.READY_TO_SIGN
    return DecisionOffer(
        patient_code=draft.patient_code,
        protocol=f"{draft.protocol_id} {draft.protocol_version}",
        standing=draft.text,
        criteria=tuple(f"{c['criterion_id']} {c['state'].replace('_', ' ')}: {c['sentence']}" for c in criteria),
        earlier="" if draft.earlier is None else draft.earlier.meaning.label,
        why_not_eligible="" if is_ready else tr("Eligible needs every criterion met: {what}.", what=draft.text),
    )


def _shown(standing: DecisionStanding) -> DecisionShown:
    decision = standing.decision
    return DecisionShown(
        patient_code=decision.patient_code,
        text=standing.text,
        reason=decision.reason,
        changes=standing.changes,
        sha256=decision.snapshot_sha256,
        snapshot=json.dumps(json.loads(decision.snapshot), indent=1, ensure_ascii=False),
    )
