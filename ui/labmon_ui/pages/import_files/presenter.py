"""Decides what the Import page does: reads files in the pool, compares and writes in the database worker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from labmon.domain.change_set import ChangeSet
from labmon.domain.errors import Cancelled, UserError
from labmon.domain.issue import Place
from labmon.domain.reading import FileReading
from labmon.workflow.import_answers import ReadOptions
from labmon.workflow.import_plan import Decision
from labmon_ui.actions import Actions, Command
from labmon_ui.changes import Changes
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.navigation import Navigation
from labmon_ui.pages.import_files import jobs
from labmon_ui.pages.import_files.content_rows import count_text, file_content
from labmon_ui.pages.import_files.model import ContentRow, FileContent, IssueAction, IssueRow, QueueRow
from labmon_ui.pages.import_files.original_sheet import Original
from labmon_ui.pages.import_files.questions import ImportQuestions, refusal
from labmon_ui.pages.import_files.queue import FoundFile, QueuedFile, Stage, find_files
from labmon_ui.pages.import_files.queue_rows import footer, queue_row
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.pages.import_files.watching import WatchedFolders, Watching
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import error_message, tr, tr_count
from labmon_ui.widgets.look import Look

if TYPE_CHECKING:
    from labmon.workflow.import_files import ImportFiles

AT_ONCE = 2
"""Files read at the same time: as many as the pool has workers."""


class ImportPresenter(QObject):
    """Lives as long as its view. Everything it knows of a file is one frozen `QueuedFile`."""

    badge_changed = Signal(int)
    """How many files need a person."""

    def __init__(
        self,
        view: ImportView,
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
    ) -> None:
        super().__init__(view)
        self._view = view
        self._importer = importer
        self._result_of = result_of
        self._navigation = navigation
        self._look = look
        self._tasks = tasks
        self._changes = changes
        self._files: dict[int, QueuedFile] = {}
        self._next_number = 1
        self._selected: int | None = None
        self._shown: FileContent | None = None
        self._shown_plan: object = None
        self._reads: dict[int, Task] = {}
        self._to_accept: list[int] = []
        self._is_accepting = False
        self._outcome = _Outcome()
        self._original_asked: tuple[object, ...] = ()
        self._questions = ImportQuestions(
            view, importer=importer, specimen_codes=specimen_codes, look=look, tasks=tasks, changes=changes
        )
        self._questions.decided.connect(self._was_decided)
        self._questions.answered.connect(self._read_again)
        self._watching = Watching(tasks, importer.not_on_record, watched, self)
        self._connect(view, actions, navigation)
        self._watching.folders_changed.connect(view.show_watched)
        self._watching.state_changed.connect(view.show_watch_state)
        self._watching.arrived.connect(self.add)
        view.watch_requested.connect(self._watching.watch)
        view.stop_watching_requested.connect(self._watching.stop)
        self._watching.start()
        self._refresh_all()

    @property
    def files(self) -> tuple[QueuedFile, ...]:
        """The queue, in its order."""
        return tuple(self._files.values())

    def _connect(self, view: ImportView, actions: Actions, navigation: Navigation) -> None:
        view.files_dropped.connect(self.add)
        view.file_selected.connect(self._select)
        view.remove_requested.connect(self._remove_selected)
        view.clear_requested.connect(self._clear_finished)
        view.cancel_requested.connect(self.cancel_reading)
        view.decision_requested.connect(self.ask_decision)
        view.row_selected.connect(self._row_selected)
        view.issue_selected.connect(self._issue_selected)
        view.issue_acted_on.connect(self._act_on_issue)
        view.state_action_triggered.connect(self._act_on_state)
        view.mapping_requested.connect(self.ask_mapping)
        view.save_requested.connect(self._ask_where_to_save)
        view.templates_requested.connect(self._ask_where_to_save_templates)
        view.original.sheet_chosen.connect(self._show_sheet)
        view.footer.accept_file_requested.connect(self.accept_selected)
        view.footer.accept_ready_requested.connect(self.accept_ready)
        for command, carry_out in (
            (Command.ADD_FILES, view.ask_for_files),
            (Command.ADD_FOLDER, view.ask_for_folder),
            (Command.WATCH_FOLDER, view.ask_for_watched_folder),
            (Command.ACCEPT_FILE, self.accept_selected),
            (Command.ACCEPT_READY, self.accept_ready),
        ):
            actions.bind(command, view, carry_out)
        navigation.file_requested.connect(self._show_file)
        navigation.run_requested.connect(self._show_run)
        self._changes.changed.connect(self._record_changed)

    # --- adding and reading -----------------------------------------------------------------------------------------

    @Slot(object)
    def add(self, paths: Sequence[Path]) -> None:
        """Queue these files and everything in these folders, and begin to read."""
        self._tasks.run_with_progress(
            partial(find_files, tuple(paths)), self._found, self._tell_failure, label=tr("Looking for files")
        )

    def _found(self, found: tuple[FoundFile, ...]) -> None:
        known = {file.path: file for file in self._files.values()}
        first = None
        for each in found:
            file = known.get(each.path)
            if file is None:
                file = QueuedFile(number=self._next_number, path=each.path, folder=each.folder)
                self._next_number += 1
                self._files[file.number] = file
            elif not file.is_busy:
                self._files[file.number] = _unread(file)
            first = first or file.number
        if not found:
            self._view.show_notice(tr("There is no file in that folder."))
        self._refresh_all()
        if self._selected is None and first is not None:
            self._view.queue.select_key(first)
        self._read_next()

    def _read_next(self) -> None:
        for file in self.files:
            if len(self._reads) >= AT_ONCE:
                return
            if file.stage is Stage.WAITING:
                self._begin_to_read(file)

    def _begin_to_read(self, file: QueuedFile) -> None:
        done = sum(each.stage is not Stage.WAITING for each in self._files.values()) - len(self._reads)
        job = partial(jobs.read, self._importer, file.path, file.options, done, len(self._files))
        self._reads[file.number] = self._tasks.run_with_progress(
            job,
            partial(self._was_read, file.number),
            partial(self._was_not_read, file.number),
            label=tr("Reading {file}", file=file.path.name),
        )
        self._update(replace(file, stage=Stage.READING))

    def _was_read(self, number: int, reading: FileReading) -> None:
        self._reads.pop(number, None)
        file = self._files.get(number)
        if file is not None and file.stage is Stage.READING:
            self._compare(replace(file, reading=reading))
        self._read_next()

    def _was_not_read(self, number: int, error: Exception) -> None:
        self._reads.pop(number, None)
        file = self._files.get(number)
        if isinstance(error, Cancelled):
            self.cancel_reading()
            if file is not None:
                self._update(replace(file, stage=Stage.NOT_READ))
            return
        if file is not None:
            self._update(replace(file, stage=Stage.REFUSED, error=error))
        self._read_next()

    @Slot()
    def cancel_reading(self) -> None:
        """Read no further; what is read stays."""
        for task in self._reads.values():
            task.cancel()
        for file in self.files:
            if file.stage is Stage.WAITING:
                self._files[file.number] = replace(file, stage=Stage.NOT_READ)
        self._refresh_all()

    @Slot(int, object)
    def _read_again(self, number: int, options: ReadOptions) -> None:
        file = self._files.get(number)
        if file is not None and not file.is_busy:
            self._update(replace(_unread(file), options=options))
            self._read_next()

    @Slot()
    def _remove_selected(self) -> None:
        file = self._selected_file()
        if file is not None and file.stage is not Stage.ACCEPTING:
            self._forget((file.number,))

    @Slot()
    def _clear_finished(self) -> None:
        self._forget(tuple(file.number for file in self.files if file.is_finished))

    def _forget(self, numbers: Iterable[int]) -> None:
        order = list(self._files)
        position = order.index(self._selected) if self._selected in self._files else 0
        for number in numbers:
            if number in self._reads:
                self._reads.pop(number).discard()
            del self._files[number]
        self._refresh_all()
        left = list(self._files)
        if self._selected not in self._files and left:
            self._view.queue.select_key(left[min(position, len(left) - 1)])
        self._read_next()

    # --- comparing --------------------------------------------------------------------------------------------------

    def _compare(self, file: QueuedFile) -> None:
        """Make the plan of one file."""
        self._update(replace(file, stage=Stage.PLANNING))
        self._tasks.run_with_progress(
            partial(jobs.compare, self._importer, (file,)),
            self._compared,
            partial(self._not_compared, file.number),
            label=tr("Comparing {file} with the record", file=file.path.name),
            database=True,
        )

    def _compare_all(self) -> None:
        """Make every plan anew: the record or the mappings changed."""
        files = tuple(file for file in self.files if file.stage is Stage.PLANNED)
        if files:
            self._tasks.run_with_progress(
                partial(jobs.compare, self._importer, files),
                self._compared,
                self._tell_failure,
                label=tr_count(len(files), "Comparing {n} file with the record", "Comparing {n} files with the record"),
                database=True,
            )

    def _compared(self, compared: tuple[jobs.Compared, ...]) -> None:
        for each in compared:
            file = self._files.get(each.file.number)
            if file is None or file.reading is not each.file.reading or file.decisions is not each.file.decisions:
                continue  # read or decided anew meanwhile: another answer is on its way
            if file.stage not in (Stage.PLANNING, Stage.PLANNED):
                continue
            if each.error is not None:
                self._update(replace(file, stage=Stage.REFUSED, error=each.error))
            else:
                self._update(replace(file, stage=Stage.PLANNED, plan=each.plan, error=None))

    def _not_compared(self, number: int, error: Exception) -> None:
        file = self._files.get(number)
        if file is None or file.stage is not Stage.PLANNING:
            return
        if isinstance(error, Cancelled):
            self._update(replace(file, stage=Stage.NOT_READ))
        else:
            self._update(replace(file, stage=Stage.REFUSED, error=error))

    @Slot(object)
    def _record_changed(self, _changes: ChangeSet) -> None:
        if not self._is_accepting:
            self._compare_all()

    # --- accepting --------------------------------------------------------------------------------------------------

    @Slot()
    def accept_selected(self) -> None:
        file = self._selected_file()
        if file is not None and file.is_ready:
            self._accept((file,))

    @Slot()
    def accept_ready(self) -> None:
        self._accept(tuple(file for file in self.files if file.is_ready))

    def _accept(self, files: Sequence[QueuedFile]) -> None:
        """Write these one by one, clinical facts first: results find their specimens then."""
        if self._is_accepting or not files:
            return
        self._is_accepting = True
        self._outcome = _Outcome()
        self._to_accept = [file.number for file in sorted(files, key=lambda file: not file.holds_clinical_facts)]
        for file in files:
            self._files[file.number] = replace(file, stage=Stage.ACCEPTING)
        self._refresh_all()
        self._accept_next()

    def _accept_next(self) -> None:
        if not self._to_accept:
            self._accepting_ended()
            return
        file = self._files[self._to_accept.pop(0)]
        assert file.plan is not None  # only ready files are accepted
        self._tasks.run(
            partial(jobs.accept, self._importer, file.path, file.plan, file.decisions),
            partial(self._was_accepted, file.number),
            partial(self._was_not_accepted, file.number),
            label=tr("Writing {file}", file=file.path.name),
            database=True,
        )

    def _was_accepted(self, number: int, accepted: jobs.Accepted) -> None:
        file = self._files[number]
        if accepted.report is None:
            self._update(replace(file, stage=Stage.PLANNED, plan=accepted.plan))
            self._outcome.changed += bool(accepted.plan.adds or accepted.plan.open_conflicts)
        else:
            self._outcome.files += 1
            self._outcome.written += accepted.report.written
            self._outcome.changes |= accepted.report.changes
            written = replace(file, stage=Stage.ACCEPTED, plan=accepted.plan, written=accepted.report.written)
            self._update(written)
        self._accept_next()

    def _was_not_accepted(self, number: int, error: Exception) -> None:
        file = self._files[number]
        self._outcome.failures.append((file.path.name, error))
        concerns_file = isinstance(error, UserError) and error.code == "I011"
        stage = Stage.REFUSED if concerns_file else Stage.PLANNED
        self._update(replace(file, stage=stage, error=error if concerns_file else None))
        if not concerns_file:  # the record itself refuses: the next file would meet the same
            for waiting in self._to_accept:
                self._files[waiting] = replace(self._files[waiting], stage=Stage.PLANNED)
            self._to_accept = []
            self._refresh_all()
        self._accept_next()

    def _accepting_ended(self) -> None:
        self._is_accepting = False
        outcome = self._outcome
        self._view.show_notice(outcome.words)
        self._changes.announce(outcome.changes)  # and with it every other plan is made anew
        self._refresh_all()
        if outcome.failures:
            name, error = outcome.failures[0]
            kept = tr("Nothing of this file was written. {done}", done=outcome.words) if outcome.files else ""
            message = error_message(
                error,
                tr("{file} was not accepted", file=name),
                kept=kept or tr("Nothing was written; the record is as it was."),
            )
            MessageDialog(self._look, message, self._view).open()

    # --- what is shown ----------------------------------------------------------------------------------------------

    def _selected_file(self) -> QueuedFile | None:
        return None if self._selected is None else self._files.get(self._selected)

    @Slot(object)
    def _select(self, row: QueueRow | None) -> None:
        self._selected = None if row is None else row.key
        self._shown_plan = None
        self._view.content.reset()
        self._view.original.forget()
        self._original_asked = ()
        self._show_detail()
        self._show_bars()

    def _update(self, file: QueuedFile) -> None:
        self._files[file.number] = file
        self._view.update_file(queue_row(file), self._summary())
        if file.number == self._selected:
            self._show_detail()
        self._show_bars()

    def _refresh_all(self) -> None:
        self._view.show_queue(tuple(queue_row(file) for file in self.files), self._summary())
        self._show_detail()
        self._show_bars()

    def _show_bars(self) -> None:
        files = self.files
        self._view.show_footer(footer(self._selected_file(), files))
        self._view.show_buttons(
            can_cancel=any(file.stage in (Stage.WAITING, Stage.READING) for file in files),
            can_clear=any(file.is_finished for file in files),
        )
        self.badge_changed.emit(sum(file.needs_person for file in files))

    def _summary(self) -> str:
        files = self.files
        if not files:
            return tr("nothing is written before Accept")
        read = [file.reading for file in files if file.reading is not None]
        readings = sum(len(reading.readings) or len(reading.clinical_rows) for reading in read)
        return " · ".join(
            (
                tr("{n} of {all} files read", n=len(read), all=len(files)),
                tr("1 reading") if readings == 1 else tr("{n} readings", n=count_text(readings)),
                tr("nothing is written before Accept"),
            )
        )

    def _show_detail(self) -> None:
        file = self._selected_file()
        if file is None:
            self._view.show_no_content(tr("No file selected."), tr("Select a file to see what is in it."))
        elif file.plan is not None and file.stage is not Stage.REFUSED:
            self._show_plan(file)
        elif file.stage is Stage.REFUSED:
            self._view.show_refused(refusal(file), action=_refusal_action(file))
        elif file.stage is Stage.NOT_READ:
            self._view.show_no_content(
                tr("{file} was not read.", file=file.path.name),
                tr("Reading was cancelled before its turn came. What was read before stays."),
                action=tr("Read it now"),
            )
        else:
            self._view.show_loading(
                tr("Comparing {file} with the record…", file=file.path.name)
                if file.stage is Stage.PLANNING
                else tr("Reading {file}…", file=file.path.name)
            )

    def _show_plan(self, file: QueuedFile) -> None:
        assert file.plan is not None
        if self._shown_plan is file.plan:
            return
        self._shown_plan = file.plan
        titles = {each.id: each.title for each in self._importer.definitions} if file.plan.runs else {}
        self._shown = file_content(file, titles)
        self._view.show_content(self._shown)
        if not self._original_asked:
            self._view.content.select_first()
        if not self._original_asked:
            self._ask_original(None)

    # --- the original beside it -------------------------------------------------------------------------------------

    @Slot(object)
    def _row_selected(self, row: ContentRow | None) -> None:
        if row is not None:
            self._mark(row.places)

    @Slot(object)
    def _issue_selected(self, row: IssueRow | None) -> None:
        if row is None:
            return
        self._mark(tuple(place for place in row.places if place.row is not None))
        if row.entry_keys:
            self._view.content.select_entry(row.entry_keys[0])

    @Slot(str)
    def _show_sheet(self, sheet: str) -> None:
        self._ask_original(Place(sheet=sheet))

    def _mark(self, places: tuple[Place, ...]) -> None:
        if not places:
            return
        self._view.original.mark(places)
        if not self._view.original.holds(places[0]):
            self._ask_original(places[0])

    def _ask_original(self, place: Place | None) -> None:
        file = self._selected_file()
        if file is None or file.reading is None:
            return
        asked = (file.number, file.reading.sha256, place)
        if asked == self._original_asked:
            return
        self._original_asked = asked
        if place is None or not self._view.original.holds(place):
            self._view.original.show_loading()
        self._tasks.run(
            partial(self._importer.original, file.path, place),
            partial(self._show_original, asked),
            partial(self._original_not_read, asked),
            label=tr("Opening {file}", file=file.path.name),
        )

    def _show_original(self, asked: tuple[object, ...], part: Original) -> None:
        file = self._selected_file()
        if asked == self._original_asked and file is not None and self._shown is not None:
            self._view.original.show_part(part, self._shown.headings, self._shown.unread)

    def _original_not_read(self, asked: tuple[object, ...], error: Exception) -> None:
        if asked == self._original_asked:
            message = error_message(
                error, tr("The original cannot be shown"), kept=tr("What was read from it is kept.")
            )
            self._view.original.show_failed(message)

    # --- questions ----------------------------------------------------------------------------------------------------

    @Slot(str)
    def ask_decision(self, key: str) -> None:
        """Ask about one conflict of the selected file; without a key about whatever needs a person first."""
        file = self._selected_file()
        if file is not None:
            self._questions.ask_first(file, key)

    @Slot()
    def ask_mapping(self) -> None:
        """Open the mappings, at the first name of the selected file that means nothing yet."""
        self._questions.ask_mapping(self._selected_file())

    @Slot(int, object)
    def _was_decided(self, number: int, decisions: Mapping[str, Decision]) -> None:
        file = self._files.get(number)
        if file is not None and file.stage is Stage.PLANNED:
            self._compare(replace(file, decisions=decisions))

    @Slot(object)
    def _act_on_issue(self, row: IssueRow) -> None:
        file = self._selected_file()
        key = row.entry_keys[0] if row.entry_keys else ""
        if file is None:
            return
        match row.action:
            case IssueAction.DECIDE:
                self._questions.ask_first(file, key)
            case IssueAction.MAP:
                self._questions.ask_mapping(file, key)
            case IssueAction.ANSWER:
                self._questions.ask_how_to_read(file, row.sentence)
            case IssueAction.MUTE | IssueAction.UNMUTE:
                self._questions.ask_about_muting(file, row)
            case IssueAction.NONE:
                self._issue_selected(row)

    @Slot()
    def _act_on_state(self) -> None:
        file = self._selected_file()
        if file is None:
            return
        if file.is_question:
            self._questions.ask_how_to_read(file)
        elif file.stage is Stage.REFUSED and file.reading is not None and file.code != "I011":
            self._compare(file)
        else:
            self._read_again(file.number, file.options)

    # --- rejected rows, other pages, failures -----------------------------------------------------------------------

    @Slot()
    def _ask_where_to_save(self) -> None:
        file = self._selected_file()
        if file is None:
            return
        dialog = QFileDialog(self._view, tr("Save the rejected rows"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Workbook (*.xlsx)"))
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(f"{file.path.stem}_rejected.xlsx")
        dialog.fileSelected.connect(self.save_rejected)
        dialog.open()

    @Slot(str)
    def save_rejected(self, path: str) -> None:
        """Write the selected file's rejected rows as a workbook."""
        file = self._selected_file()
        if file is not None and file.plan is not None:
            self._tasks.run(
                partial(jobs.save_rejected, Path(path), file.plan),
                partial(self._rejected_saved, Path(path).name),
                self._tell_failure,
                label=tr("Saving rejected rows"),
            )

    def _rejected_saved(self, name: str, count: int) -> None:
        words = tr_count(count, "{n} rejected row", "{n} rejected rows")
        self._view.show_notice(tr("{rows} saved as {file}.", rows=words, file=name))

    @Slot(str)
    def _show_file(self, sha256: str) -> None:
        files = (file for file in self.files if file.reading is not None and file.reading.sha256 == sha256)
        self._show_first(files, partial(self._result_of, file_sha256=sha256))

    @Slot(str)
    def _show_run(self, run_code: str) -> None:
        files = (
            file
            for file in self.files
            if file.plan is not None and any(run.run_code == run_code for run in file.plan.runs)
        )
        self._show_first(files, partial(self._result_of, run_code=run_code))

    def _show_first(self, files: Iterable[QueuedFile], find_result: Callable[[], tuple[str, int] | None]) -> None:
        """Select the file in the queue; of one imported earlier, open a result: there the run can be accepted."""
        file = next(iter(files), None)
        if file is not None:
            self._view.queue.select_key(file.number)
            return
        label = tr("Looking for a result of it")
        self._tasks.run(find_result, self._open_result, self._tell_failure, label=label, database=True)

    def _open_result(self, found: tuple[str, int] | None) -> None:
        if found is not None:
            self._navigation.open_result(*found)
            return
        notice = tr("That file was imported earlier. Add it again to look at it; nothing is written twice.")
        self._view.show_notice(notice)

    # --- the empty workbooks ------------------------------------------------------------------------------------------

    @Slot()
    def _ask_where_to_save_templates(self) -> None:
        dialog = QFileDialog(self._view, tr("Save the empty workbooks in this folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.save_templates)
        dialog.open()

    @Slot(str)
    def save_templates(self, folder: str) -> None:
        """Write labmon's own workbooks, empty, into a folder."""
        self._tasks.run(
            partial(jobs.save_templates, Path(folder)),
            partial(self._templates_saved, Path(folder).name),
            self._tell_failure,
            label=tr("Saving the empty workbooks"),
        )

    def _templates_saved(self, folder: str, names: tuple[str, ...]) -> None:
        self._view.show_notice(tr("{files} saved in {folder}.", files=", ".join(names), folder=folder))

    def _tell_failure(self, error: Exception) -> None:
        self._questions.tell_failure(error)


class _Outcome:
    """What accepting several files has done so far."""

    def __init__(self) -> None:
        self.files = 0
        self.written = 0
        self.changed = 0
        self.changes = ChangeSet()
        self.failures: list[tuple[str, Exception]] = []

    @property
    def words(self) -> str:
        done = tr_count(self.files, "{n} file accepted", "{n} files accepted") if self.files else ""
        what = tr("{n} written to the record", n=self.written) if self.files else ""
        changed = (
            tr_count(
                self.changed,
                "{n} would now write something else than was shown: look at it again",
                "{n} would now write something else than was shown: look at them again",
            )
            if self.changed
            else ""
        )
        said = ", ".join(filter(None, (done, what)))
        return ". ".join(filter(None, (said, changed))) + ("." if said or changed else "")


def _unread(file: QueuedFile) -> QueuedFile:
    return QueuedFile(number=file.number, path=file.path, folder=file.folder, options=file.options)


def _refusal_action(file: QueuedFile) -> str:
    if file.code == "I015":
        return tr("Choose the format…")
    if file.is_question:
        return tr("Answer…")
    return tr("Compare again") if file.reading is not None and file.code != "I011" else tr("Read it again")
