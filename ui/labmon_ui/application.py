"""The one place that builds: theme, workers, window, study, workflows and pages; and the order of shutting down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSettings, Slot
from PySide6.QtWidgets import QApplication

from labmon.domain.errors import UserError
from labmon.resources import resource_path
from labmon_ui.actions import Actions, Command
from labmon_ui.changes import Changes
from labmon_ui.crash import CrashHook, CrashReport
from labmon_ui.dialogs.about import AboutDialog
from labmon_ui.dialogs.crash import CrashDialog
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.new_study import NewStudy, NewStudyDialog
from labmon_ui.icons import Icons
from labmon_ui.main_window import MainWindow
from labmon_ui.navigation import Navigation
from labmon_ui.search import SearchPresenter
from labmon_ui.tasks import Tasks
from labmon_ui.texts import error_message, tr
from labmon_ui.theme import Mode, Theme
from labmon_ui.widgets.key_value import KeyValue
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.page import Page

if TYPE_CHECKING:
    # SQLAlchemy and the rooms of labmon load in the database worker, while the window is already painted.
    from labmon.domain.actor import Actor
    from labmon.domain.change_set import ChangeSet
    from labmon.instruments.child import IsolatedReader
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

SHUTDOWN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """The open study and who works on it: what the workflows of the pages are made of."""

    study: Study
    actor: Actor
    reader: IsolatedReader
    search: Search
    importing: ImportFiles
    assess: Assess
    patients: Patients
    amend: Amend
    facts: EnterFacts
    deciding: Decide
    bench: RuleBench
    report: Report
    worklist: Worklist

    def close(self) -> None:
        self.reader.close()
        self.study.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a page's presenter may need from the window, passed on by its builder."""

    look: Look
    tasks: Tasks
    changes: Changes
    actions: Actions
    navigation: Navigation
    window: MainWindow
    settings: QSettings


PageBuilder = Callable[[Workbench, Desk], Page]


def _worklist(workbench: Workbench, desk: Desk) -> Page:
    from labmon_ui.pages.worklist.page import worklist_page

    return worklist_page(workbench, desk)


def _import(workbench: Workbench, desk: Desk) -> Page:
    from labmon.workflow.import_answers import specimen_codes
    from labmon_ui.pages.import_files.page import PAGE_ID, import_page
    from labmon_ui.pages.import_files.watching import WatchedFolders

    return import_page(
        importer=workbench.importing,
        specimen_codes=partial(specimen_codes, workbench.study),
        result_of=workbench.patients.result_of,
        watched=WatchedFolders(desk.settings),
        look=desk.look,
        tasks=desk.tasks,
        changes=desk.changes,
        actions=desk.actions,
        navigation=desk.navigation,
        show_badge=partial(desk.window.set_badge, PAGE_ID),
    )


def _patients(workbench: Workbench, desk: Desk) -> Page:
    from labmon_ui.pages.patients.page import patients_page

    return patients_page(workbench, desk)


def _eligibility(workbench: Workbench, desk: Desk) -> Page:
    from labmon_ui.pages.eligibility.page import eligibility_page

    return eligibility_page(workbench, desk)


PAGE_BUILDERS: tuple[PageBuilder, ...] = (_worklist, _import, _patients, _eligibility)
"""The pages in the order of the rail; each imports its package inside, so that it loads behind the first paint."""


def open_workbench(study_path: Path) -> Workbench:
    """Open the study. Runs in the database worker; raises UserError when the records cannot be used."""
    from labmon.records.study import Study

    return _workbench(Study.open(study_path))


def create_workbench(study_path: Path, new: NewStudy) -> Workbench:
    """Create the study and open it. Runs in the database worker; raises UserError when that cannot be done."""
    from labmon.records.study import Study
    from labmon.workflow.actor import operating_system_actor

    return _workbench(
        Study.create(
            study_path,
            study_code=new.study_code,
            title=new.title,
            site=new.site,
            protocol_id=new.protocol_id,
            actor=operating_system_actor(),
        )
    )


def _workbench(study: Study) -> Workbench:
    from labmon.instruments.child import IsolatedReader
    from labmon.workflow.actor import operating_system_actor
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

    actor = operating_system_actor()
    reader = IsolatedReader()
    assess = Assess(study)
    return Workbench(
        study=study,
        actor=actor,
        reader=reader,
        search=Search(study),
        importing=ImportFiles(study, actor, reader),
        assess=assess,
        patients=Patients(study, reader),
        amend=Amend(study, actor),
        facts=EnterFacts(study, actor),
        deciding=Decide(study, assess, actor),
        bench=RuleBench(assess),
        report=Report(study, assess, actor),
        worklist=Worklist(study, assess),
    )


class Application(QObject):
    """One window on one study. `run` blocks until the window is closed and everything has ended."""

    def __init__(
        self,
        app: QApplication,
        study_path: Path,
        *,
        page_builders: tuple[PageBuilder, ...],
        settings: QSettings,
    ) -> None:
        super().__init__()
        self._app = app
        self._study_path = study_path
        self._page_builders = page_builders
        self._settings = settings
        self._workbench: Workbench | None = None
        self._has_ended = False
        self._is_study_missing = False
        theme = Theme(
            app,
            resource_path(),
            mode=_mode(settings),
            text_scale=_whole_number(settings.value("text_scale"), 100),
        )
        self.look = Look(theme, Icons(theme))
        self.tasks = Tasks(self)
        self.changes = Changes(self)
        self.actions = Actions(self)
        self.navigation = Navigation(self)
        self.window = MainWindow(self.look, self.tasks, self.actions)
        self._crash_hook = CrashHook(self._show_crash, self)
        self._connect()

    def start(self) -> None:
        """Show the window; the study opens behind its first paint."""
        self._crash_hook.install()
        geometry = self._settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self.window.restoreGeometry(geometry)
        self.window.show_opening(tr("Opening {name}…", name=self._study_path.name))
        self.window.show()

    def run(self) -> int:
        self.start()
        status = self._app.exec()
        self.shut_down()
        return status

    @Slot()
    def shut_down(self) -> None:
        """End in stages, last in first out: jobs, study, crash hook. Bounded; a second call does nothing."""
        if self._has_ended:
            return
        self._has_ended = True
        self._settings.setValue("geometry", self.window.saveGeometry())
        self.tasks.shut_down(SHUTDOWN_S)
        if self._workbench is not None:
            self._workbench.close()
        self._crash_hook.uninstall()

    def _connect(self) -> None:
        window, navigation = self.window, self.navigation
        window.painted.connect(self._first_paint_is_through)
        window.start_action_triggered.connect(self._start_again)
        window.closing.connect(self.shut_down)
        window.top_bar.about_requested.connect(self._show_about)
        self.actions.bind(Command.ABOUT, window, self._show_about)
        self.tasks.user_error_raised.connect(self._show_user_error)
        self.tasks.bug_found.connect(self._crash_hook.catch)
        self.look.theme.changed.connect(self._remember_look)
        for signal, page_id in (
            (navigation.patient_requested, "patients"),
            (navigation.result_requested, "patients"),
            (navigation.criterion_requested, "eligibility"),
            (navigation.file_requested, "import"),
            (navigation.run_requested, "import"),
        ):
            signal.connect(_Shows(window, page_id).show)

    @Slot()
    def _first_paint_is_through(self) -> None:
        self._open_study()
        self.look.icons.load()

    @Slot()
    def _open_study(self) -> None:
        self._run_opening(partial(open_workbench, self._study_path))

    @Slot(object)
    def _create_study(self, new: NewStudy) -> None:
        self._run_opening(partial(create_workbench, self._study_path, new))

    def _run_opening(self, job: Callable[[], Workbench]) -> None:
        self.window.show_opening(tr("Opening {name}…", name=self._study_path.name))
        open_and_keep = partial(self._open_and_keep, job)
        self.tasks.run(
            open_and_keep, self._study_opened, self._study_not_opened, label=tr("Opening the study"), database=True
        )

    def _open_and_keep(self, job: Callable[[], Workbench]) -> Workbench:
        """In the database worker: kept at once, so that a window closed meanwhile still closes the study."""
        self._workbench = job()
        return self._workbench

    @Slot()
    def _start_again(self) -> None:
        """The one action of the start page: create the study when there is none, otherwise try once more."""
        if not self._is_study_missing:
            self._open_study()
            return
        protocols = tuple(sorted(path.stem for path in resource_path("protocols").glob("*.toml")))
        dialog = NewStudyDialog(self.look, self._study_path, protocols, self.window)
        dialog.study_described.connect(self._create_study)
        dialog.open()

    def _study_opened(self, workbench: Workbench) -> None:
        study = workbench.study
        self.window.top_bar.show_study(study.info.study_code, study.info.site)
        self.window.top_bar.show_user(workbench.actor.person)
        self.window.status_bar.show_records(
            " · ".join((study.info.title, tr("local file"), f"SQLite {study.sqlite_version}"))
        )
        desk = Desk(
            look=self.look,
            tasks=self.tasks,
            changes=self.changes,
            actions=self.actions,
            navigation=self.navigation,
            window=self.window,
            settings=self._settings,
        )
        self.changes.changed.connect(self._forget)
        SearchPresenter(self.window.search, workbench.search, self.tasks, self.navigation)
        for build in self._page_builders:
            self.window.add_page(build(workbench, desk))

    @Slot(object)
    def _forget(self, changes: ChangeSet) -> None:
        """Drop what a change touched, in the worker that assesses: before the pages that ask because of the change."""
        if self._workbench is not None:
            job = partial(self._workbench.assess.forget, changes)
            self.tasks.run(job, label=tr("Refreshing"), database=True)

    def _study_not_opened(self, error: Exception) -> None:
        self._is_study_missing = isinstance(error, UserError) and error.code == "R809"
        if self._is_study_missing:
            self.window.show_no_study(str(self._study_path))
            return
        self.window.show_opening_failed(
            error_message(error, tr("The study could not be opened"), kept=tr("Nothing was changed."))
        )

    @Slot()
    def _show_about(self) -> None:
        records: tuple[KeyValue, ...] = ()
        if self._workbench is not None:
            study = self._workbench.study
            records = (
                KeyValue(name=tr("Study"), value=f"{study.info.study_code} · {study.info.title}"),
                KeyValue(name=tr("File"), value=str(study.path)),
                KeyValue(name=tr("SQLite"), value=f"{study.sqlite_version}, {study.journal_mode}"),
            )
        AboutDialog(self.look, records, self.window).open()

    @Slot(str, object)
    def _show_user_error(self, label: str, error: UserError) -> None:
        MessageDialog(self.look, error_message(error, label), self.window).open()

    def _show_crash(self, report: CrashReport) -> None:
        CrashDialog(self.look, report, self.window).open()

    @Slot()
    def _remember_look(self) -> None:
        self._settings.setValue("mode", self.look.theme.mode.value)
        self._settings.setValue("text_scale", self.look.theme.text_scale)


class _Shows(QObject):
    """Brings one page to the front, whatever the signal carries."""

    def __init__(self, window: MainWindow, page_id: str) -> None:
        super().__init__(window)
        self._window = window
        self._page_id = page_id

    def show(self, *_target: object) -> None:
        if self._page_id in self._window.page_ids:
            self._window.show_page(self._page_id)


def make_qt_application() -> QApplication:
    """The process's QApplication, named so that Qt finds the right settings."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("labmon")
    app.setOrganizationName("labmon")
    return app


def _mode(settings: QSettings) -> Mode:
    value = settings.value("mode")
    return Mode(value) if value in set(Mode) else Mode.SYSTEM


def _whole_number(value: object, default: int) -> int:
    """Settings files are edited by hand now and then; what is no number is ignored."""
    return int(str(value)) if str(value).isdecimal() else default


def run(study_path: Path) -> int:
    """Open the window on a study and stay until it is closed; the exit status."""
    app = make_qt_application()
    return Application(app, study_path, page_builders=PAGE_BUILDERS, settings=QSettings()).run()
