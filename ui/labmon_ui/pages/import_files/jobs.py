"""What the Import page lets its workers do: read, compare, accept, save. Plain functions; nothing of Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labmon.domain.change_set import ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading
from labmon.reports.rejected_rows import RejectedRow, cell_value, rows_of_readings, write_rejected_rows
from labmon.workflow.import_answers import MappingRule, ReadOptions
from labmon.workflow.import_plan import Decision, ImportPlan, PlanState
from labmon_ui.pages.import_files.mapping_dialog import RememberedRule
from labmon_ui.pages.import_files.queue import QueuedFile, shows_what_would_be_written
from labmon_ui.tasks import Progress
from labmon_ui.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from labmon.workflow.import_files import ImportFiles, ImportReport


def read(
    importer: ImportFiles, path: Path, options: ReadOptions, done: int, total: int, progress: Progress
) -> FileReading:
    """Read one file of several. Raises UserError or Cancelled."""
    progress.step(done, total, tr("Reading {file}, {n} of {all}", file=path.name, n=done + 1, all=total))
    reading = importer.read(path, options, is_cancelled=lambda: progress.is_cancelled)
    progress.raise_if_cancelled()
    return reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The plan made for a file as it was when it was asked for; or why there is none."""

    file: QueuedFile
    plan: ImportPlan | None
    error: UserError | None


def compare(importer: ImportFiles, files: Sequence[QueuedFile], progress: Progress) -> tuple[Compared, ...]:
    """Plan files anew, one failure apart from the others. Raises Cancelled."""
    compared = []
    for number, file in enumerate(files):
        progress.raise_if_cancelled()
        progress.step(number, len(files), tr("Comparing {file} with the record", file=file.path.name))
        assert file.reading is not None  # only files that were read are compared
        try:
            plan = importer.plan(file.reading, file.decisions)
        except UserError as error:
            compared.append(Compared(file=file, plan=None, error=error))
        else:
            compared.append(Compared(file=file, plan=plan, error=None))
    return tuple(compared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a file that was to be accepted; without a report nothing was written."""

    plan: ImportPlan
    report: ImportReport | None


def accept(importer: ImportFiles, path: Path, shown: ImportPlan, decisions: Mapping[str, Decision]) -> Accepted:
    """Write the file, unless it would now write something the person has not seen. Raises UserError."""
    now = importer.plan(shown.reading, decisions)
    if not now.adds or not shows_what_would_be_written(shown, now):
        return Accepted(plan=now, report=None)
    return Accepted(plan=now, report=importer.commit(path, now))


def save_templates(folder: Path) -> tuple[str, ...]:
    """The names of the empty workbooks written into the folder. Raises UserError."""
    from labmon.workflow.templates import write_templates

    return tuple(path.name for path in write_templates(folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a name may stand for, and what was said about names before."""

    specimen_codes: tuple[str, ...]
    rules: tuple[RememberedRule, ...]


def known_names(importer: ImportFiles, specimen_codes: Callable[[], Collection[str]]) -> Names:
    return Names(specimen_codes=tuple(sorted(specimen_codes())), rules=remembered_rules(importer))


def remembered_rules(importer: ImportFiles) -> tuple[RememberedRule, ...]:
    """The rules on record, oldest first."""
    return tuple(
        RememberedRule(rule_id=stored.rule_id, rule=MappingRule.from_plain(stored.rule), recorded_by=stored.recorded_by)
        for stored in importer.mapping_rules()
    )


def remember(importer: ImportFiles, rule: MappingRule, replaced: int | None) -> ChangeSet:
    """Remember a rule; the one it takes the place of is taken back. Raises UserError."""
    changes = importer.remember(rule)
    if replaced is not None:
        changes |= importer.forget(replaced, "replaced by a newer rule")
    return changes


def save_rejected(path: Path, plan: ImportPlan) -> int:
    """Write the rejected rows of a file as a workbook; how many there are. Raises UserError."""
    clinical = {row.place: row for row in plan.reading.clinical_rows}
    rows: list[RejectedRow] = []
    for entry in plan.entries:
        if entry.state is not PlanState.REJECTED or entry.issue is None:
            continue
        if entry.reading_indices:
            readings = [plan.reading.readings[index] for index in entry.reading_indices]
            rows.extend(rows_of_readings(readings, entry.issue))
            continue
        row = clinical.get(entry.place) if entry.place is not None else None
        cells = {} if row is None else {name: cell_value(value) for name, value in row.cells.items()}
        rows.append(RejectedRow(place=entry.place, issue=entry.issue, cells=cells))
    return write_rejected_rows(path, plan.reading, rows)
