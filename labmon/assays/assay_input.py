"""One file's readings as the assays see them: numbered, sorted to specimens, with the reader's issues about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from labmon.assays.definition import AssayDefinition
from labmon.assays.made_results import RejectedReadings
from labmon.assays.mapping import NameMapping
from labmon.domain.clinical import Specimen
from labmon.domain.issue import Issue, Place, Severity
from labmon.domain.reading import FileReading, Reading
from labmon.domain.result import Provenance


class AssayInput:
    """A `FileReading` with its readings by position and its issues by place."""

    def __init__(self, file: FileReading, mapping: NameMapping, specimens: Mapping[str, Specimen]) -> None:
        self.file = file
        self.mapping = mapping
        self.specimens = specimens
        self._issues_of_row: dict[tuple[str | None, int | None, str | None], list[Issue]] = defaultdict(list)
        for issue in file.issues:
            if issue.place is not None and issue.severity is not Severity.BLOCKS:
                self._issues_of_row[_row(issue.place)].append(issue)

    def __getitem__(self, index: int) -> Reading:
        return self.file.readings[index]

    def issues_about(self, indices: Iterable[int]) -> tuple[Issue, ...]:
        """The reader's issues at the places of these readings; an issue about a whole row concerns each cell of it."""
        if not self._issues_of_row:
            return ()
        found: dict[int, Issue] = {}
        for index in indices:
            place = self[index].place
            for issue in self._issues_of_row.get(_row(place), ()):
                if issue.place is not None and issue.place.column in (None, place.column):
                    found[id(issue)] = issue
        return tuple(found.values())

    def provenance(self, indices: Iterable[int]) -> tuple[Provenance, ...]:
        """The way back from a result to each of its readings."""
        file = self.file
        return tuple(
            Provenance(file_sha256=file.sha256, file_name=file.file_name, place=reading.place, raw=reading.raw)
            for reading in (self[index] for index in sorted(set(indices)))
        )

    def rejected(self, indices: Iterable[int], issue: Issue) -> RejectedReadings:
        """These readings, rejected."""
        positions = tuple(sorted(set(indices)))
        samples = {self[index].sample for index in positions}
        targets = {self[index].target for index in positions}
        return RejectedReadings(
            indices=positions,
            readings=tuple(self[index] for index in positions),
            issue=issue,
            sample=samples.pop() if len(samples) == 1 else None,
            target=targets.pop() if len(targets) == 1 else None,
        )


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
        rejected.append(file.rejected(members, issue))
    groups.sort(key=lambda group: (group.specimen.specimen_code, group.sample))
    return tuple(groups), tuple(rejected)


def _row(place: Place) -> tuple[str | None, int | None, str | None]:
    return place.sheet, place.row, place.element
