"""Builds the Import page: its view, its presenter, and its place in the rail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from labmon_ui.actions import Actions
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.import_files.presenter import ImportPresenter
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.pages.import_files.watching import WatchedFolders
from labmon_ui.tasks import Tasks
from labmon_ui.texts import tr
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.page import Page

if TYPE_CHECKING:
    from labmon.workflow.import_files import ImportFiles

PAGE_ID = "import"


def import_page(
    *,
    importer: ImportFiles,
    specimen_codes: Callable[[], Collection[str]],
    result_of: Callable[..., tuple[str, int] | None],
    watched: WatchedFolders,
    look: Look,
    tasks: Tasks,
    changes: Changes,
    actions: Actions,
    navigation: Navigation,
    show_badge: Callable[[int], None],
) -> Page:
    """The page; `show_badge` hears how many files need a person, `result_of` finds a result of a run or a file."""
    view = ImportView(look)
    presenter = ImportPresenter(
        view,
        importer=importer,
        specimen_codes=specimen_codes,
        result_of=result_of,
        watched=watched,
        look=look,
        tasks=tasks,
        changes=changes,
        actions=actions,
        navigation=navigation,
    )
    presenter.badge_changed.connect(show_badge)
    return Page(id=PAGE_ID, icon="download-simple", title=tr("Import"), widget=view)
