"""Carries out what a person wants with clinical facts: add, amend, void; each an act with its audit entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Slot
from shiboken6 import isValid

from labmon.domain.change_set import ChangeSet
from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact, Patient
from labmon.workflow.enter_facts import EnterFacts, StoredFact
from labmon_ui.changes import Changes
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.pages.patients.fact_form import FactForm
from labmon_ui.pages.patients.facts_dialog import FactRow, FactsDialog
from labmon_ui.pages.patients.provenance import moment
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.tasks import Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.widgets.look import Look

_AMEND_REASONS = ("typing error corrected", "source document was corrected", "information came later")
_VOID_REASONS = ("entered for the wrong patient", "entered twice", "it did not happen")


_Key = tuple[type[ClinicalFact], int]
"""A kind of fact has ids of its own."""


def _key(row: FactRow) -> _Key:
    return type(row.fact), row.fact_id


class FactsPresenter(QObject):
    """The page's forms. A fact the record refuses stays in its form, with the reason in words."""

    def __init__(self, view: PatientsView, look: Look, tasks: Tasks, changes: Changes, entering: EnterFacts) -> None:
        super().__init__(view)
        self._view = view
        self._look = look
        self._tasks = tasks
        self._changes = changes
        self._entering = entering
        self._dialog: FactsDialog | None = None
        self._patient_code = ""
        self._stored: Mapping[_Key, StoredFact] = {}
        view.list.add_requested.connect(self.add_patient)
        changes.changed.connect(self._refresh)

    @Slot()
    def add_patient(self) -> None:
        """Ask for a new patient's code."""
        form = FactForm(self._look, Patient, self._view)
        form.fact_entered.connect(partial(self._add, form))
        form.open()

    @Slot(str)
    def open_facts(self, patient_code: str) -> None:
        """Show a patient's facts in a dialog."""
        self._patient_code = patient_code
        dialog = FactsDialog(self._look, patient_code, self._view)
        dialog.add_requested.connect(self._ask_fact)
        dialog.amend_requested.connect(self._ask_amendment)
        dialog.void_requested.connect(self._ask_void)
        dialog.destroyed.connect(self._dialog_closed)
        self._dialog = dialog
        self._load()
        dialog.open()

    @Slot()
    def _dialog_closed(self) -> None:
        self._dialog = None

    def _load(self) -> None:
        self._tasks.run(
            partial(self._read, self._patient_code), self._show, label=tr("Reading the facts"), database=True
        )

    def _read(self, patient_code: str) -> tuple[StoredFact, ...]:
        return tuple(stored for kind in CLINICAL_FACTS for stored in self._entering.facts(kind, patient_code))

    def _show(self, stored: tuple[StoredFact, ...]) -> None:
        if self._dialog is None:
            return
        rows: dict[type[ClinicalFact], tuple[FactRow, ...]] = {}
        for one in stored:
            source = tr(", from a file, {place}", place=one.source_place) if one.source_place else ""
            row = FactRow(
                fact_id=one.fact_id,
                fact=one.fact,
                recorded_at=moment(one.recorded_at),
                recorded_by=one.recorded_by,
                source=source,
            )
            kind = type(one.fact)
            rows[kind] = (*rows.get(kind, ()), row)
        self._stored = {(type(one.fact), one.fact_id): one for one in stored}
        self._dialog.show_facts(rows)

    @Slot(object)
    def _refresh(self, changes: ChangeSet) -> None:
        if self._dialog is not None and self._patient_code in changes.patient_codes:
            self._load()

    # Acts

    @Slot(object)
    def _ask_fact(self, kind: type[ClinicalFact]) -> None:
        form = FactForm(self._look, kind, self._dialog, patient_code=self._patient_code)
        form.fact_entered.connect(partial(self._add, form))
        form.open()

    @Slot(object)
    def _ask_amendment(self, row: FactRow) -> None:
        form = FactForm(self._look, type(row.fact), self._dialog, fact=row.fact)
        form.fact_entered.connect(partial(self._ask_why_amended, form, self._stored[_key(row)]))
        form.open()

    @Slot(object)
    def _ask_void(self, row: FactRow) -> None:
        dialog = ReasonDialog(
            self._look,
            tr("Void this fact?"),
            tuple(tr(reason) for reason in _VOID_REASONS),
            tr("Void"),
            self._dialog,
            explanation=tr("It stays in the record, marked void, and nothing reads it any more."),
        )
        stored = self._stored[_key(row)]
        dialog.reason_given.connect(partial(self._void, stored))
        dialog.open()

    def _ask_why_amended(self, form: FactForm, stored: StoredFact, fact: ClinicalFact) -> None:
        if fact == stored.fact:
            form.accept()
            return
        dialog = ReasonDialog(
            self._look,
            tr("Why is it amended?"),
            tuple(tr(reason) for reason in _AMEND_REASONS),
            tr("Amend"),
            form,
            explanation=tr("The version on record now is kept."),
        )
        dialog.reason_given.connect(partial(self._amend, form, stored, fact))
        dialog.open()

    def _add(self, form: FactForm, fact: ClinicalFact) -> None:
        self._enter(form, partial(self._entering.add, fact))

    def _amend(self, form: FactForm, stored: StoredFact, fact: ClinicalFact, reason: str) -> None:
        self._enter(form, partial(self._entering.amend, stored, fact, reason))

    def _enter(self, form: FactForm, job: Callable[[], ChangeSet]) -> None:
        form.save_button.set_disabled_reason(tr("Saving…"))
        self._tasks.run(
            job,
            partial(self._entered, form),
            partial(self._refused, form),
            label=tr("Recording the fact"),
            database=True,
        )

    def _entered(self, form: FactForm, changes: ChangeSet) -> None:
        if isValid(form):  # a form may be closed while its fact is on its way
            form.accept()
        self._changes.announce(changes)

    def _refused(self, form: FactForm, error: Exception) -> None:
        if not isValid(form):
            self._not_changed(tr("The fact was not recorded"), error)
            return
        form.show_refusal(error_message(error, tr("The fact was not recorded")))

    def _void(self, stored: StoredFact, reason: str) -> None:
        self._tasks.run(
            partial(self._entering.void, stored, reason),
            self._changes.announce,
            partial(self._not_changed, tr("The fact was not made void")),
            label=tr("Voiding the fact"),
            database=True,
        )

    def _not_changed(self, title: str, error: Exception) -> None:
        message = error_message(error, title, kept=tr("Nothing was changed."))
        MessageDialog(self._look, message, self._view).open()
