"""Decides what the search box shows and where a chosen suggestion leads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from labmon_ui.navigation import Navigation
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import tr
from labmon_ui.widgets.search_box import SearchBox, Suggestion

if TYPE_CHECKING:
    from labmon.workflow.search import Found, Search


class SearchPresenter(QObject):
    """Asks the record in the database worker; a newer question discards the older one."""

    def __init__(self, box: SearchBox, search: Search, tasks: Tasks, navigation: Navigation) -> None:
        super().__init__(box)
        self._box = box
        self._search = search
        self._tasks = tasks
        self._navigation = navigation
        self._asking: Task | None = None
        box.query_changed.connect(self._ask)
        box.selected.connect(self._jump)

    @Slot(str)
    def _ask(self, query: str) -> None:
        if self._asking is not None:
            self._asking.discard()
        self._asking = self._tasks.run(
            partial(self._answer, query), self._show, label=tr("Searching {query}", query=query), database=True
        )

    def _answer(self, query: str) -> tuple[str, tuple[Found, ...]]:
        return query, self._search.find(query)

    def _show(self, answer: tuple[str, tuple[Found, ...]]) -> None:
        query, found = answer
        self._box.show_suggestions(
            query,
            tuple(Suggestion(kind=tr(one.kind.value), title=one.name, detail=one.detail, target=one) for one in found),
        )

    @Slot(object)
    def _jump(self, found: Found) -> None:
        if found.patient_code is not None:
            self._navigation.open_patient(found.patient_code)
        elif found.run_code is not None:
            self._navigation.open_run(found.run_code)
        elif found.file_sha256 is not None:
            self._navigation.open_file(found.file_sha256)
