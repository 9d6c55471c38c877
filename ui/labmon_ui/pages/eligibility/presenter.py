"""Decides what the Eligibility page shows: which patients in which order, and which cell is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from labmon.workflow.candidates import CandidateRow, candidate_rows
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.eligibility.explanation import explain
from labmon_ui.pages.eligibility.model import CriterionHead, Order, Shown, arranged, leading_answer
from labmon_ui.pages.eligibility.view import EligibilityView
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.widgets.segmented import Segment

if TYPE_CHECKING:
    from labmon.workflow.assess import Assess
    from labmon.workflow.decide import Decide, DecisionStanding
    from labmon_ui.pages.eligibility.acts import DecisionPresenter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the worker brings home."""

    protocol: str
    heads: tuple[CriterionHead, ...]
    rows: tuple[CandidateRow, ...]
    decided: dict[str, DecisionStanding]
    """The decisions on record, by patient."""


class EligibilityPresenter(QObject):
    """Lives as long as its view."""

    def __init__(
        self,
        view: EligibilityView,
        *,
        assess: Assess,
        deciding: Decide,
        decisions: DecisionPresenter,
        tasks: Tasks,
        changes: Changes,
        navigation: Navigation,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._assess = assess
        self._deciding = deciding
        self._decisions = decisions
        self._tasks = tasks
        self._shown = Shown.EVERYONE
        self._order = Order.READY_FIRST
        self._found: _Found | None = None
        self._rows: tuple[CandidateRow, ...] = ()
        self._cell: tuple[str, str] | None = None
        """The patient and the criterion that are, or shall be, explained."""
        self._asked: Task | None = None
        view.shown_chosen.connect(self._choose_shown)
        view.order_chosen.connect(self._choose_order)
        view.state_action_triggered.connect(self._act_on_state)
        view.matrix.cell_selected.connect(self._select)
        view.matrix.patient_activated.connect(navigation.open_patient)
        view.panel.patient_requested.connect(navigation.open_patient)
        view.panel.result_requested.connect(navigation.open_result)
        view.panel.run_requested.connect(navigation.open_run)
        navigation.criterion_requested.connect(self._show_cell)
        changes.changed.connect(self.refresh)
        self._begin()

    @Slot()
    def refresh(self) -> None:
        """Ask again; an earlier question that still waits is not asked any more."""
        if self._asked is not None:
            self._asked.discard()
        self._asked = self._tasks.run(
            self._assess_all, self._show, self._fail, label=tr("Assessing eligibility"), database=True
        )

    def _begin(self) -> None:
        self._view.show_summary("", (), self._order)
        self._view.show_loading(tr("Assessing every patient…"))
        self.refresh()

    def _assess_all(self) -> _Found:
        """On the database worker."""
        protocol = self._assess.protocol
        return _Found(
            protocol=tr(
                "protocol version {version} · preset {preset}", version=protocol.version, preset=protocol.preset
            ),
            heads=tuple(CriterionHead(id=c.id, title=c.title, wording=c.wording) for c in protocol.criteria),
            rows=candidate_rows(self._assess.all_patients(), protocol),
            decided={each.decision.patient_code: each for each in self._deciding.standing()},
        )

    def _show(self, found: _Found) -> None:
        self._found = found
        self._decisions.keep(found.decided)
        self._lay_out()

    def _fail(self, error: Exception) -> None:
        self._found = None
        message = error_message(error, tr("Eligibility could not be assessed"), kept=tr("Nothing was changed."))
        self._view.show_summary("", (), self._order)
        self._view.show_failed(message, action=tr("Try again"))

    def _lay_out(self) -> None:
        found = self._found
        if found is None:
            return
        if self._cell is not None and not self._is_let_through(self._cell[0]):
            self._shown = Shown.EVERYONE
            self._view.filter.set_current(Shown.EVERYONE.value)
        self._rows = arranged(found.rows, self._shown, self._order)
        self._view.show_summary(self._summary(found), self._segments(found), self._order)
        if not found.rows:
            self._view.show_empty(
                tr("No patients yet"), tr("Import the clinical workbook, or enter a patient on the Patients page.")
            )
        elif not found.heads:
            self._view.show_empty(tr("This protocol states no criteria"), tr("There is nothing to be eligible for."))
        elif not self._rows:
            self._view.show_empty(
                tr("No open candidates"),
                tr("0 of {n} patients shown; the others are not eligible.", n=len(found.rows)),
                action=tr("Show everyone"),
            )
        else:
            self._view.matrix.show_rows(found.heads, self._rows)
            self._view.show_matrix()
            self._explain_chosen()

    def _summary(self, found: _Found) -> str:
        if not found.rows:
            return found.protocol
        shown = tr("{n} of {total} shown", n=len(self._rows), total=len(found.rows))
        return f"{shown} · {found.protocol}"

    def _segments(self, found: _Found) -> tuple[Segment, ...]:
        if not found.rows:
            return ()
        counts = {shown: sum(shown.lets_through(row) for row in found.rows) for shown in Shown}
        return (
            Segment(Shown.EVERYONE.value, tr("Everyone"), counts[Shown.EVERYONE]),
            Segment(Shown.CANDIDATES.value, tr("Open candidates"), counts[Shown.CANDIDATES]),
        )

    def _is_let_through(self, patient_code: str) -> bool:
        """True for a code that is not on record, too: then there is nothing to make room for."""
        rows = self._found.rows if self._found is not None else ()
        return all(self._shown.lets_through(row) for row in rows if row.patient_code == patient_code)

    def _explain_chosen(self) -> None:
        """Explain the chosen cell, or what the first patient shown is about."""
        if self._cell is None or not self._explain(*self._cell):
            first = self._rows[0]
            answer = leading_answer(first)
            if answer is not None:
                self._explain(first.patient_code, answer.criterion_id)

    def _explain(self, patient_code: str, criterion_id: str) -> bool:
        row = next((row for row in self._rows if row.patient_code == patient_code), None)
        answer = next((a for a in row.answers if a.criterion_id == criterion_id), None) if row else None
        if row is not None and not criterion_id:  # whoever asks is about the patient
            answer = leading_answer(row)
        if row is None or answer is None or self._found is None:
            return False
        self._cell = patient_code, answer.criterion_id
        self._view.matrix.select_cell(patient_code, answer.criterion_id)
        self._view.panel.show_explanation(explain(row, answer, self._found.decided.get(patient_code)))
        return True

    @Slot(str, str)
    def _select(self, patient_code: str, criterion_id: str) -> None:
        self._explain(patient_code, criterion_id)

    @Slot(str, str)
    def _show_cell(self, patient_code: str, criterion_id: str) -> None:
        """Another page asks for a cell; it is made visible whatever the filter."""
        self._cell = patient_code, criterion_id
        self._lay_out()

    @Slot(str)
    def _choose_shown(self, key: str) -> None:
        self._shown = Shown(key)
        if self._cell is not None and not self._is_let_through(self._cell[0]):
            self._cell = None
        self._lay_out()

    @Slot(object)
    def _choose_order(self, order: Order) -> None:
        self._order = order
        self._lay_out()

    @Slot()
    def _act_on_state(self) -> None:
        if self._found is None:
            self._begin()
        else:
            self._view.filter.set_current(Shown.EVERYONE.value)
            self._choose_shown(Shown.EVERYONE.value)
