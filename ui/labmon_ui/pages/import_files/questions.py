"""Asks what a file needs from a person: decisions about conflicts, how to read it, what its names mean."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from labmon.domain.change_set import ChangeSet
from labmon.domain.errors import Cancelled, UserError
from labmon.workflow.import_answers import MappingRule, RuleSubject, format_titles
from labmon.workflow.import_plan import Decision, PlanEntry
from labmon_ui.changes import Changes
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.pages.import_files import jobs
from labmon_ui.pages.import_files.decision_dialog import DecisionDialog
from labmon_ui.pages.import_files.mapping_dialog import MappingDialog, MappingQuestion, RememberedRule
from labmon_ui.pages.import_files.model import IssueRow
from labmon_ui.pages.import_files.question_dialog import FormatDialog, QuestionDialog
from labmon_ui.pages.import_files.queue import QueuedFile, Stage, mappable
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.tasks import Tasks
from labmon_ui.texts import Message, error_message, issue_sentence, tr
from labmon_ui.widgets.look import Look

if TYPE_CHECKING:
    from labmon.workflow.import_files import ImportFiles


class ImportQuestions(QObject):
    """Opens the dialogs of the page and says what was answered. Mappings it remembers itself and announces."""

    decided = Signal(int, object)
    """A file's number and all its decisions by entry key."""
    answered = Signal(int, object)
    """A file's number and the ReadOptions to read it with."""

    def __init__(
        self,
        view: ImportView,
        *,
        importer: ImportFiles,
        specimen_codes: Callable[[], Collection[str]],
        look: Look,
        tasks: Tasks,
        changes: Changes,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._importer = importer
        self._specimen_codes = specimen_codes
        self._look = look
        self._tasks = tasks
        self._changes = changes

    def ask_first(self, file: QueuedFile, key: str = "") -> None:
        """Ask about this conflict; without a key about the file's question, its first open conflict or its names."""
        if file.is_question:
            self.ask_how_to_read(file)
            return
        if file.plan is None or file.stage is not Stage.PLANNED:
            return
        conflicts = [entry for entry in file.plan.entries if entry.decisions]
        wanted = [entry for entry in conflicts if entry.key == key] or [entry for entry in conflicts if entry.is_open]
        if wanted:
            self._ask_decision(file, wanted[0], sum(e.is_open and e.key != wanted[0].key for e in conflicts))
        elif not key and mappable(file.plan):
            self.ask_mapping(file)

    def _ask_decision(self, file: QueuedFile, entry: PlanEntry, others_open: int) -> None:
        dialog = DecisionDialog(self._look, entry, others_open, self._view)
        dialog.decided.connect(partial(self._decide, file, entry))
        dialog.open()

    def _decide(self, file: QueuedFile, entry: PlanEntry, decision: Decision, for_all: bool) -> None:
        assert file.plan is not None  # its conflict was asked about
        decisions = dict(file.decisions)
        for each in file.plan.entries:
            if each.key == entry.key or (for_all and each.is_open and decision in each.decisions):
                decisions[each.key] = decision
        self.decided.emit(file.number, decisions)

    def ask_how_to_read(self, file: QueuedFile, sentence: str = "") -> None:
        """Ask for the format, or for the decimal mark and the order of dates."""
        dialog: FormatDialog | QuestionDialog
        message = refusal(file)
        if file.code == "I015" and isinstance(file.error, UserError):
            claims = str(file.error.parameters.get("formats", ""))
            formats = tuple((each, title) for each, title in format_titles().items() if f"({each})" in claims)
            dialog = FormatDialog(self._look, message.what, formats, file.options, self._view)
        else:
            dialog = QuestionDialog(self._look, sentence or message.what, message.where, file.options, self._view)
        dialog.answered.connect(partial(self.answered.emit, file.number))
        dialog.open()

    def ask_mapping(self, file: QueuedFile | None, entry_key: str = "") -> None:
        """Open the mappings, at this rejected entry or the first name of the file that means nothing yet."""
        self._tasks.run(
            partial(jobs.known_names, self._importer, self._specimen_codes),
            partial(self._open_mapping, file, entry_key),
            self.tell_failure,
            label=tr("Opening the mappings"),
            database=True,
        )

    def _open_mapping(self, file: QueuedFile | None, entry_key: str, names: jobs.Names) -> None:
        question = self._mapping_question(file, entry_key, names)
        dialog = MappingDialog(self._look, question, self._view)
        dialog.rule_made.connect(partial(self._remember, dialog))
        dialog.forget_requested.connect(partial(self._ask_why, dialog))
        dialog.open()

    def _mapping_question(self, file: QueuedFile | None, entry_key: str, names: jobs.Names) -> MappingQuestion:
        reading = file.reading if file is not None else None
        plan = file.plan if file is not None else None
        waiting = mappable(plan) if plan is not None else ()
        samples = tuple(dict.fromkeys(entry.sample for entry in waiting if entry.sample))
        targets = tuple(dict.fromkeys(entry.target for entry in waiting if entry.target and not entry.sample))
        asked = next((entry for entry in waiting if entry.key == entry_key), waiting[0] if waiting else None)
        is_target = asked is not None and asked.sample is None
        titles = {each.id: each.title for each in self._importer.definitions} if plan is not None and plan.runs else {}
        assay_id = plan.runs[0].assay_id if plan is not None and plan.runs else None
        readings = reading.readings if reading is not None else ()
        return MappingQuestion(
            samples=tuple(dict.fromkeys(each.sample for each in readings if each.sample)),
            targets=tuple(dict.fromkeys(each.target for each in readings if each.target)),
            unmapped_samples=samples,
            unmapped_targets=targets,
            specimen_codes=names.specimen_codes,
            rules=names.rules,
            assay_id=assay_id,
            assay_title=titles.get(assay_id or "", ""),
            subject=RuleSubject.TARGET if is_target else RuleSubject.SAMPLE,
            name=((asked.target if is_target else asked.sample) or "") if asked is not None else "",
        )

    def _remember(self, dialog: MappingDialog, rule: MappingRule, replaced: int | None) -> None:
        self._tasks.run(
            partial(jobs.remember, self._importer, rule, replaced),
            partial(self._mapping_changed, dialog),
            self.tell_failure,
            label=tr("Remembering the mapping"),
            database=True,
        )

    def _ask_why(self, dialog: MappingDialog, remembered: RememberedRule) -> None:
        reasons = (tr("The mapping was wrong"), tr("The name means something else now"))
        asks = ReasonDialog(
            self._look,
            tr("Take back what {name} means?", name=remembered.rule.text),
            reasons,
            tr("Take back"),
            dialog,
            explanation=tr("Results made with it stay as they are."),
        )
        asks.reason_given.connect(partial(self._take_back, dialog, remembered.rule_id))
        asks.open()

    def _take_back(self, dialog: MappingDialog, rule_id: int, reason: str) -> None:
        self._tasks.run(
            partial(self._importer.forget, rule_id, reason),
            partial(self._mapping_changed, dialog),
            self.tell_failure,
            label=tr("Taking a mapping back"),
            database=True,
        )

    def _mapping_changed(self, dialog: MappingDialog, changes: ChangeSet) -> None:
        self._changes.announce(changes)  # and with it every plan is made anew
        self._tasks.run(
            partial(jobs.remembered_rules, self._importer),
            dialog.show_rules,
            self.tell_failure,
            label=tr("Opening the mappings"),
            database=True,
        )

    def ask_about_muting(self, file: QueuedFile, row: IssueRow) -> None:
        """Ask why a warning should no longer count in files of this format, or why it should again."""
        assert file.reading is not None  # its issues are shown
        format_id, title = file.reading.format_id, file.reading.format_title
        if row.muting is None:
            reasons = (tr("Always so in this laboratory's exports"), tr("Of no consequence for our assays"))
            heading, verb = tr("Mute {code} in every {format}?", code=row.code, format=title), tr("Mute")
            explanation = tr("The warning stays visible, with your reason. It no longer counts among the notes.")
        else:
            reasons = (tr("It matters again"), tr("It was muted by mistake"))
            heading, verb = tr("Be warned of {code} again?", code=row.code), tr("Unmute")
            explanation = tr("Muted because: {reason}", reason=row.muting.reason)
        asks = ReasonDialog(self._look, heading, reasons, verb, self._view, explanation=explanation)
        asks.reason_given.connect(partial(self._mute, row, format_id))
        asks.open()

    def _mute(self, row: IssueRow, format_id: str, reason: str) -> None:
        change = (
            partial(self._importer.mute, row.code, format_id, reason)
            if row.muting is None
            else partial(self._importer.unmute, row.muting.mute_id, reason)
        )
        self._tasks.run(
            change, self._changes.announce, self.tell_failure, label=tr("Writing to the record"), database=True
        )

    def tell_failure(self, error: Exception) -> None:
        """Say what did not work and that nothing was written."""
        if isinstance(error, UserError):  # what labmon did wrong itself the crash dialog shows
            message = error_message(error, tr("That did not work"), kept=tr("Nothing was written."))
            MessageDialog(self._look, message, self._view).open()


def refusal(file: QueuedFile) -> Message:
    """Why a file is not planned, in full."""
    if file.error is None and file.plan is not None and file.plan.blocking is not None:
        what = issue_sentence(file.plan.blocking)
        return Message(title=tr("{file} cannot be imported", file=file.path.name), what=what)
    title = tr("{file} asks a question") if file.is_question else tr("{file} was refused")
    error = file.error if file.error is not None else Cancelled()
    return error_message(error, title.format(file=file.path.name), kept=tr("Nothing of it was written."))
