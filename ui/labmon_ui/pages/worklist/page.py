"""Builds the Worklist page: its view, its presenter, and its place in the rail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labmon_ui.pages.worklist.presenter import WorklistPresenter
from labmon_ui.pages.worklist.view import WorklistView
from labmon_ui.texts import tr
from labmon_ui.widgets.page import Page

if TYPE_CHECKING:
    from labmon_ui.application import Desk, Workbench

PAGE_ID = "worklist"


def worklist_page(workbench: Workbench, desk: Desk) -> Page:
    """The page; its badge counts the open tasks."""
    view = WorklistView(desk.look)
    WorklistPresenter(
        view,
        worklist=workbench.worklist,
        person=workbench.actor.person,
        tasks=desk.tasks,
        changes=desk.changes,
        navigation=desk.navigation,
        show_badge=partial(desk.window.set_badge, PAGE_ID),
    )
    return Page(id=PAGE_ID, icon="check-square", title=tr("Worklist"), widget=view)
