"""The Import page on a real SQLite study with the guarded reader."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from labmon.instruments.child import IsolatedReader
from labmon.records.study import Study
from labmon.workflow.import_answers import specimen_codes
from labmon.workflow.import_files import ImportFiles
from labmon.workflow.patients import Patients
from labmon_ui.actions import Actions
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.import_files.page import import_page
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.pages.import_files.watching import WatchedFolders
from labmon_ui.tasks import Tasks
from labmon_ui.widgets.look import Look
from tests.ui.pages.import_files.making import ACTOR, SETTINGS, Bench


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    study = Study.create(
        tmp_path / "study.labmon",
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=date(2026, 6, 1),
    )
    yield study
    study.close()


@pytest.fixture
def bench(qtbot: QtBot, look: Look, study: Study, tmp_path: Path) -> Iterator[Bench]:
    tasks = Tasks()
    with IsolatedReader(spares=1) as reader:
        importer, changes, navigation = ImportFiles(study, ACTOR, reader), Changes(), Navigation()
        page = import_page(
            importer=importer,
            specimen_codes=partial(specimen_codes, study),
            result_of=Patients(study, reader).result_of,
            watched=WatchedFolders(QSettings(str(tmp_path / SETTINGS), QSettings.Format.IniFormat)),
            look=look,
            tasks=tasks,
            changes=changes,
            actions=Actions(),
            navigation=navigation,
            show_badge=lambda _count: None,
        )
        assert isinstance(page.widget, ImportView)
        qtbot.addWidget(page.widget)
        page.widget.resize(1352, 830)
        page.widget.show()
        yield Bench(qtbot, tasks, page.widget, study, importer, changes, navigation, tmp_path / "drop")
        assert tasks.shut_down(10.0) == ()
