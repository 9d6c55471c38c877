"""What the assays room hands on: runs, result drafts, the readings nothing could be made of, and every issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labmon.domain.issue import Issue
from labmon.domain.reading import Reading
from labmon.domain.result import ResultDraft
from labmon.domain.run import Run

DraftKey = tuple[str, str, str]
"""`ResultDraft.key`: specimen, analyte, method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedReadings:
    """Readings no result was made of, and why: a sample without a specimen, a target without a meaning ..."""

    indices: tuple[int, ...]
    """Positions in `FileReading.readings`."""
    readings: tuple[Reading, ...]
    issue: Issue
    sample: str | None = None
    """The sample name to be mapped, if that is what would help."""
    target: str | None = None
    """The target to be mapped, if that is what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDraft:
    """A draft and the readings it used."""

    draft: ResultDraft
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRun:
    """What one assay made of its readings of a file."""

    run: Run | None
    """None when none of the file's targets means anything to the assay."""
    made: tuple[MadeDraft, ...] = ()
    rejected: tuple[RejectedReadings, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeResults:
    """Everything made of one file. No two drafts have the same key."""

    runs: tuple[Run, ...] = ()
    drafts: tuple[ResultDraft, ...] = ()
    rejected: tuple[RejectedReadings, ...] = ()
    issues: tuple[Issue, ...] = ()
    """Issues of the runs; those of a value travel with its draft."""
    readings_of: Mapping[DraftKey, tuple[int, ...]] = field(default_factory=dict)
    """Which readings of the file each draft rests on."""

    @property
    def run(self) -> Run | None:
        """The run of a file that holds one; None for a file without or with several."""
        return self.runs[0] if len(self.runs) == 1 else None
