"""Builds the Eligibility page: its view, its presenter, and its place in the rail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labmon_ui.pages.eligibility.acts import BenchPresenter, DecisionPresenter
from labmon_ui.pages.eligibility.presenter import EligibilityPresenter
from labmon_ui.pages.eligibility.view import EligibilityView
from labmon_ui.texts import tr
from labmon_ui.widgets.page import Page

if TYPE_CHECKING:
    from labmon_ui.application import Desk, Workbench


def eligibility_page(workbench: Workbench, desk: Desk) -> Page:
    view = EligibilityView(desk.look)
    BenchPresenter(view, bench=workbench.bench, tasks=desk.tasks, navigation=desk.navigation)
    decisions = DecisionPresenter(view, deciding=workbench.deciding, tasks=desk.tasks, changes=desk.changes)
    EligibilityPresenter(
        view,
        assess=workbench.assess,
        deciding=workbench.deciding,
        decisions=decisions,
        tasks=desk.tasks,
        changes=desk.changes,
        navigation=desk.navigation,
    )
    return Page(id="eligibility", icon="grid-four", title=tr("Eligibility"), widget=view)
