"""The files on the technician's desk: what is known of each one, from dropped to accepted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading
from labmon.workflow.import_answers import ReadOptions
from labmon.workflow.import_plan import Decision, ImportPlan, PlanEntry, PlanState
from labmon_ui.tasks import Progress
from labmon_ui.texts import tr

QUESTIONS = frozenset({"I003", "I015"})
"""Refusals a person's answer turns into a reading."""
MAPPABLE = frozenset({"I007", "I117", "I118"})
"""Rejections a remembered mapping can undo."""


class Stage(Enum):
    """How far a file has come."""

    WAITING = "waiting"
    READING = "reading"
    PLANNING = "planning"
    PLANNED = "planned"
    REFUSED = "refused"
    NOT_READ = "not_read"
    """The person cancelled before its turn came."""
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class QueuedFile:
    """One file, as it stands now. Without slots, so that what follows from a large plan is worked out only once."""

    number: int
    path: Path
    folder: str
    stage: Stage = Stage.WAITING
    options: ReadOptions = field(default_factory=ReadOptions)
    reading: FileReading | None = None
    plan: ImportPlan | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    error: Exception | None = None
    written: int = 0

    @property
    def is_question(self) -> bool:
        return self.stage is Stage.REFUSED and self.code in QUESTIONS

    @property
    def code(self) -> str:
        """The code of what went wrong with it; empty when nothing did, or when labmon made a mistake."""
        return self.error.code if isinstance(self.error, UserError) else ""

    @property
    def is_busy(self) -> bool:
        return self.stage in (Stage.WAITING, Stage.READING, Stage.PLANNING, Stage.ACCEPTING)

    @cached_property
    def is_ready(self) -> bool:
        """Accepting it would write something, and nothing stands in the way."""
        return self.stage is Stage.PLANNED and self.plan is not None and self.plan.is_ready and self.adds > 0

    @cached_property
    def adds(self) -> int:
        """How many entries accepting it would write."""
        return self.plan.adds if self.plan is not None else 0

    @cached_property
    def is_finished(self) -> bool:
        """Nothing is left to do with it."""
        return self.stage is Stage.ACCEPTED or (
            self.stage is Stage.PLANNED
            and self.plan is not None
            and self.plan.is_ready
            and not self.adds
            and not self.plan.count(PlanState.REJECTED)
        )

    @cached_property
    def needs_person(self) -> bool:
        if self.is_question:
            return True
        return (
            self.stage is Stage.PLANNED
            and self.plan is not None
            and (self.plan.open_conflicts > 0 or bool(mappable(self.plan)))
        )

    @property
    def holds_clinical_facts(self) -> bool:
        return self.reading is not None and bool(self.reading.clinical_rows)


def mappable(plan: ImportPlan) -> tuple[PlanEntry, ...]:
    """The rejected entries a mapping can bring in."""
    return tuple(
        entry
        for entry in plan.entries
        if entry.state is PlanState.REJECTED
        and entry.issue is not None
        and entry.issue.code in MAPPABLE
        and (entry.sample or entry.target)
    )


def shows_what_would_be_written(shown: ImportPlan, now: ImportPlan) -> bool:
    """Whether accepting `now` writes nothing the person has not seen in `shown`."""
    seen = {_written_as(entry) for entry in shown.entries if entry.is_written}
    return now.is_ready and all(_written_as(entry) in seen for entry in now.entries if entry.is_written)


def _written_as(entry: PlanEntry) -> tuple[object, ...]:
    superseded = entry.superseded_result.result_id if entry.superseded_result is not None else entry.superseded_fact_id
    return entry.key, entry.offered, entry.decision, superseded


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    path: Path
    folder: str
    """The folder within the dropped one, for the person to tell files of one name apart."""


def find_files(paths: Iterable[Path], progress: Progress) -> tuple[FoundFile, ...]:
    """Every file of the paths and of the folders among them, by folder and name; links to folders are not followed."""
    found: list[FoundFile] = []

    def keep_unreadable(error: OSError) -> None:
        # A folder that cannot be listed becomes a row too: reading it says why.
        found.append(FoundFile(path=Path(error.filename), folder=""))

    for path in paths:
        progress.raise_if_cancelled()
        if not path.is_dir():
            found.append(FoundFile(path=path, folder=""))
            continue
        for folder, folders, names in os.walk(path, onerror=keep_unreadable):
            progress.raise_if_cancelled()
            progress.step(0, 0, tr("Looking through {folder}", folder=Path(folder).name))
            folders.sort()
            within = Path(folder).relative_to(path)
            inner = "" if within == Path() else within.as_posix()
            found.extend(FoundFile(path=Path(folder) / name, folder=inner) for name in sorted(names))
    return tuple(found)
