"""One file's readings as the assays see them: numbered, sorted to specimens, with the reader's issues about each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from labmon.assays.definition import AssayDefinition
from labmon.assays.made_results import RejectedReadings
from labmon.assays.mapping import NameMapping
from labmon.domain.clinical import Specimen
from labmon.domain.issue import Issue, Place, Severity
from labmon.domain.reading import FileReading, Qualifier, Reading
from labmon.domain.result import Provenance

OMITTED = "omitted in the export"
"""Why a value whose every reading the operator omitted is excluded."""


class AssayInput:
    """A `FileReading` with its readings by position and its issues by place."""

    def __init__(self, file: FileReading, mapping: NameMapping, specimens: Mapping[str, Specimen]) -> None:
        self.file = file
        self.mapping = mapping
        self.specimens = specimens
        self._issues_of_row: dict[tuple[str | None, int | None, str | None] | None, list[Issue]] = defaultdict(list)
        for issue in file.issues:
            if issue.place is not None and issue.severity is not Severity.BLOCKS:
                self._issues_of_row[_row(issue.place)].append(issue)

    def __getitem__(self, index: int) -> Reading:
        return self.file.readings[index]

    def issues_about(self, indices: Iterable[int], *, whole_rows: bool = False) -> tuple[Issue, ...]:
        """The reader's issues at the places of these readings; an issue about a whole row concerns each cell of it.

        `whole_rows`: and those at any other cell of their rows.
        """
        if not self._issues_of_row:
            return ()
        found: dict[int, Issue] = {}
        for index in indices:
            place = self[index].place
            for issue in self._issues_of_row.get(_row(place), ()):
                if whole_rows or (issue.place is not None and issue.place.column in (None, place.column)):
                    found[id(issue)] = issue
        return tuple(found.values())

    def without_repeats(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Each problem once: what the reader said about a row need not be said again by the assay."""
        readers = {id(issue) for issue in self.file.issues}
        said: set[tuple[str, object]] = set()
        for issue in issues:
            if id(issue) in readers:
                said |= {(issue.code, _row(issue.place)), (issue.code, None)}
        kept: dict[object, Issue] = {}
        for issue in issues:
            if id(issue) in readers:
                kept[id(issue)] = issue
            elif (issue.code, _row(issue.place)) not in said:
                kept.setdefault((issue.code, str(issue.place), issue.message), issue)
        return tuple(kept.values())

    def provenance(self, indices: Iterable[int]) -> tuple[Provenance, ...]:
        """The way back from a result to each of its readings."""
        file = self.file
        return tuple(
            Provenance(file_sha256=file.sha256, file_name=file.file_name, place=reading.place, raw=reading.raw)
            for reading in (self[index] for index in sorted(set(indices)))
        )

    def rejected(
        self, indices: Iterable[int], issue: Issue, *, sample: str | None = None, target: str | None = None
    ) -> RejectedReadings:
        """These readings, rejected; `sample` or `target` is what a mapping would help."""
        positions = tuple(sorted(set(indices)))
        return RejectedReadings(
            indices=positions,
            readings=tuple(self[index] for index in positions),
            issue=issue,
            sample=sample,
            target=target,
        )

    def rejected_target(self, target: str | None, indices: Sequence[int]) -> RejectedReadings:
        """The readings of a target nobody mapped (I118)."""
        issue = Issue(code="I118", place=self[indices[0]].place, parameters={"target": target or "(no target)"})
        return self.rejected(indices, issue, target=target)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenReadings:
    """The readings of one sample name, which means one specimen."""

    specimen: Specimen
    sample: str
    indices: tuple[int, ...]


def sort_to_specimens(
    file: AssayInput, indices: Collection[int], definition: AssayDefinition
) -> tuple[tuple[SpecimenReadings, ...], tuple[RejectedReadings, ...]]:
    """Readings by specimen, in the order of codes; and those whose sample name means none or several (I007, I117)."""
    by_sample: dict[str, list[int]] = defaultdict(list)
    for index in indices:
        by_sample[(file[index].sample or "").strip()].append(index)
    groups: list[SpecimenReadings] = []
    rejected: list[RejectedReadings] = []
    for sample, members in by_sample.items():
        match = file.mapping.specimen_of(sample, definition)
        if match.code is not None:
            specimen = file.specimens[match.code]
            groups.append(SpecimenReadings(specimen=specimen, sample=sample, indices=tuple(members)))
            continue
        place = file[members[0]].place
        if not sample:
            issue = Issue(code="I007", place=place, parameters={"detail": "The sample name is empty"})
        elif match.is_ambiguous:
            several = " and ".join(match.codes)
            issue = Issue(code="I007", place=place, parameters={"detail": f'Sample "{sample}" matches {several}'})
        elif match.absent:
            codes = " or ".join(match.absent)
            detail = f'Sample "{sample}" means specimen {codes}, which is not on record'
            issue = Issue(code="I117", place=place, parameters={"detail": detail})
        else:
            detail = f'Sample "{sample}" is no specimen on record'
            issue = Issue(code="I117", place=place, parameters={"detail": detail})
        rejected.append(file.rejected(members, issue, sample=sample or None))
    groups.sort(key=lambda group: (group.specimen.specimen_code, group.sample))
    return tuple(groups), tuple(rejected)


def plain_number(reading: Reading | None) -> float | None:
    """The number of a reading that is a plain one; an omitted reading keeps its number."""
    if reading is None or reading.value is None or isinstance(reading.value, str):
        return None
    if reading.qualifier not in (None, Qualifier.OMITTED) or not math.isfinite(reading.value):
        return None
    return float(reading.value)


def _row(place: Place | None) -> tuple[str | None, int | None, str | None] | None:
    return (place.sheet, place.row, place.element) if place is not None else None
