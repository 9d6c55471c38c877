"""The Patients page in the real window, on a study whose demo exports were imported as a technician imports them."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from labmon.assays.mapping import MappingRule
from labmon.demo import write_demo_files
from labmon.domain.change_set import ChangeSet
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path
from labmon.records.study import Study
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess
from labmon.workflow.decide import Decide
from labmon.workflow.enter_facts import EnterFacts
from labmon.workflow.import_files import ImportFiles
from labmon.workflow.patients import Patients
from labmon.workflow.report import Report
from labmon.workflow.rule_bench import RuleBench
from labmon.workflow.search import Search
from labmon.workflow.worklist import Worklist
from labmon_ui.actions import Actions
from labmon_ui.application import Desk, Workbench
from labmon_ui.changes import Changes
from labmon_ui.main_window import MainWindow
from labmon_ui.navigation import Navigation
from labmon_ui.pages.patients.page import patients_page
from labmon_ui.pages.patients.presenter import PatientsPresenter
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.tasks import Tasks
from labmon_ui.widgets.look import Look
from tests.ui.pages.patients.making import ACTOR, Bench

WANTED = ("clinical_", "2025-", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-07-28")
"""Enough of the demo's year for a flag and for a run that is held."""


@pytest.fixture(scope="session")
def imported_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study on record; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("patients")
    demo = write_demo_files(folder / "files")
    path = folder / "study.labmon"
    study = Study.create(
        path,
        study_code="DEMO",
        title="Demo study",
        site="Demo site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=demo.as_of,
    )
    # Files are read in this process: that the child reads the same is the child's own test.
    with IsolatedReader(spares=0) as reader:
        importing = ImportFiles(study, ACTOR, reader)
        for rule in demo.mapping_rules:
            importing.remember(MappingRule.from_plain(rule))
        for file in demo.paths:
            if file.name.startswith(WANTED):
                importing.commit(file, importing.plan(read_path(file, ReadOptions())))
    study.close()
    return path


@pytest.fixture
def opened(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[Callable[[Path], Bench]]:
    """Opens the page on a study file; everything is ended afterwards."""
    begun: list[tuple[Bench, IsolatedReader]] = []

    def open_page(path: Path) -> Bench:
        study = Study.open(path)
        tasks, changes, actions, navigation = Tasks(), Changes(), Actions(), Navigation()
        window = MainWindow(look, tasks, actions)
        reader = IsolatedReader(spares=0)
        assess = Assess(study)

        def forget(change_set: ChangeSet) -> None:
            tasks.run(partial(assess.forget, change_set), label="forget", database=True)

        changes.changed.connect(forget)
        page = patients_page(
            Workbench(
                study=study,
                actor=ACTOR,
                reader=reader,
                search=Search(study),
                importing=ImportFiles(study, ACTOR, reader),
                assess=assess,
                patients=Patients(study, reader),
                amend=Amend(study, ACTOR),
                facts=EnterFacts(study, ACTOR),
                deciding=Decide(study, assess, ACTOR),
                bench=RuleBench(assess),
                report=Report(study, assess, ACTOR),
                worklist=Worklist(study, assess),
            ),
            Desk(
                look=look,
                tasks=tasks,
                changes=changes,
                actions=actions,
                navigation=navigation,
                window=window,
                settings=QSettings(),
            ),
        )
        qtbot.addWidget(window)
        window.add_page(page)
        window.resize(1440, 900)
        window.show()
        view = page.widget
        assert isinstance(view, PatientsView)
        presenter = view.findChild(PatientsPresenter)
        assert presenter is not None
        bench = Bench(qtbot, tasks, window, view, presenter, study, navigation, changes)
        begun.append((bench, reader))
        bench.wait()
        return bench

    yield open_page
    for bench, reader in begun:
        bench.window.close()
        assert bench.tasks.shut_down(10.0) == ()
        reader.close()
        bench.study.close()


@pytest.fixture
def bench(opened: Callable[[Path], Bench], imported_study: Path, tmp_path: Path) -> Bench:
    """The page on a copy of the imported study, with its list read and its first patient shown."""
    path = tmp_path / "study.labmon"
    shutil.copy(imported_study, path)
    return opened(path)
