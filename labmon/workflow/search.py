"""Find a patient, a specimen, a run or a file by a part of its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from labmon.records.study import Study


class FoundKind(StrEnum):
    PATIENT = "patient"
    SPECIMEN = "specimen"
    RUN = "run"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing whose name holds what was asked for."""

    kind: FoundKind
    name: str
    detail: str
    patient_code: str | None = None
    """For a patient and for a specimen."""
    run_code: str | None = None
    file_sha256: str | None = None


class Search:
    """Looks through the names on record; upper and lower case, spaces and hyphens make no difference."""

    def __init__(self, study: Study) -> None:
        self._study = study

    def find(self, query: str, limit: int = 8) -> tuple[Found, ...]:
        """What matches, names that begin with the query first; nothing for an empty query."""
        wanted = _plain(query)
        if not wanted:
            return ()
        hits = [(name.find(wanted), one) for one in self._everything() if wanted in (name := _plain(one.name))]
        hits.sort(key=lambda hit: (hit[0] > 0, tuple(FoundKind).index(hit[1].kind), hit[1].name))
        return tuple(one for _, one in hits[:limit])

    def _everything(self) -> Iterator[Found]:
        with self._study.reading() as record:
            codes = record.patient_codes()
            specimens = record.specimens()
            runs = record.runs()
            files = record.files()
        specimen_counts = Counter(specimen.patient_code for specimen in specimens.values())
        for code in codes:
            count = specimen_counts[code]
            detail = "1 specimen" if count == 1 else f"{count} specimens"
            yield Found(kind=FoundKind.PATIENT, name=code, detail=detail, patient_code=code)
        for specimen in specimens.values():
            yield Found(
                kind=FoundKind.SPECIMEN,
                name=specimen.specimen_code,
                detail=f"{specimen.specimen_type.label}, {specimen.collected_on.isoformat()}",
                patient_code=specimen.patient_code,
            )
        for run in runs:
            yield Found(kind=FoundKind.RUN, name=run.run_code, detail=run.acceptance.value, run_code=run.run_code)
        for file in files:
            yield Found(
                kind=FoundKind.FILE, name=file.file_name, detail=file.format_title, file_sha256=file.file_sha256
            )


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character not in " -_")
