"""Builds the Patients page: view, presenters and the commands that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labmon_ui.actions import Command
from labmon_ui.pages.patients.exports import ExportsPresenter
from labmon_ui.pages.patients.facts_presenter import FactsPresenter
from labmon_ui.pages.patients.presenter import PatientsPresenter
from labmon_ui.pages.patients.responses_presenter import ResponsesPresenter
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.texts import tr
from labmon_ui.widgets.page import Page

if TYPE_CHECKING:
    from labmon_ui.application import Desk, Workbench


def patients_page(workbench: Workbench, desk: Desk) -> Page:
    """The page, loading its list."""
    view = PatientsView(desk.look)
    presenter = PatientsPresenter(
        view,
        desk.look,
        desk.tasks,
        desk.changes,
        desk.navigation,
        workbench.assess,
        workbench.patients,
        workbench.amend,
    )
    facts = FactsPresenter(view, desk.look, desk.tasks, desk.changes, workbench.facts)
    presenter.facts_requested.connect(facts.open_facts)
    presenter.add_requested.connect(facts.add_patient)
    presenter.responses_requested.connect(ResponsesPresenter(view, desk.look, desk.tasks, workbench.assess).open)
    exports = ExportsPresenter(view, desk.look, desk.tasks, presenter, workbench.report)
    for command, carry_out in (
        (Command.FILTER, view.list.focus_filter),
        (Command.PREVIOUS_PATIENT, view.list.previous),
        (Command.NEXT_PATIENT, view.list.next),
        (Command.COPY_ROWS, exports.copy_rows),
        (Command.EXPORT, exports.open_menu),
    ):
        desk.actions.bind(command, view, carry_out)
    return Page(id="patients", icon="users", title=tr("Patients"), widget=view)
