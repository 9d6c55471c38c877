"""What the Patients page asks for: the list's rows, and the way back from a point to the bytes it came from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from labmon.assays.specimen_age import SpecimenAge, specimen_age
from labmon.domain.clinical import Specimen
from labmon.domain.errors import UserError
from labmon.domain.finding import Finding
from labmon.domain.quantity import ValueState
from labmon.domain.result import Provenance, Result
from labmon.domain.run import Run
from labmon.instruments.child import IsolatedReader
from labmon.instruments.original import OriginalPart
from labmon.records.reader import StoredFile
from labmon.records.study import Study
from labmon.reports.timeline_figure import sparkline_points
from labmon.workflow.assess import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """One row of the patient list."""

    patient_code: str
    product_label: str
    """The costimulation, as people call it: "4-1BB", "CD28", "unknown"."""
    day: int | None
    """Days since the infusion on the day the study is looked at; None without an infusion."""
    last_result_day: float | None
    finding: Finding | None
    """The one the row shows."""
    flag_count: int
    sparkline: tuple[tuple[float, float | None, ValueState], ...]
    """Transgene copies/µg: day, log10 of the value (of the LLOQ when below it, None when not detected), state."""


def patient_rows(assessments: Iterable[Assessment]) -> tuple[PatientRow, ...]:
    """The list, in order of the patients' codes."""
    return tuple(_row(assessment) for assessment in assessments)


def _row(assessment: Assessment) -> PatientRow:
    timeline = assessment.timeline
    days = [point.day for points in timeline.series.values() for point in points] if timeline else []
    return PatientRow(
        patient_code=assessment.patient_code,
        product_label=timeline.infusion.car_costimulation.label if timeline else "no infusion",
        day=timeline.day_of(assessment.as_of) if timeline else None,
        last_result_day=max(days, default=None),
        finding=assessment.leading_finding,
        flag_count=len(assessment.flags),
        sparkline=sparkline_points(timeline) if timeline else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHistory:
    """Everything the record knows about one result."""

    result: Result
    versions: tuple[Result, ...]
    """The newest first; more than one means it was amended."""
    specimen: Specimen
    run: Run
    files: tuple[StoredFile, ...]
    """The files its readings stand in, in the order of its provenance."""
    specimen_age: SpecimenAge | None
    """From collection to the start of the run, as far as the two times on record can say."""


class Patients:
    """Questions about single results of a study."""

    def __init__(self, study: Study, reader: IsolatedReader) -> None:
        self._study = study
        self._reader = reader

    def history(self, result_id: int) -> ResultHistory:
        """Raises UserError R807 for a result that is not on record."""
        with self._study.reading() as record:
            versions = record.result_versions(result_id)
            result = record.result(result_id)
            specimen = record.specimens()[result.specimen_code]
            run = record.run(result.draft.run_code)
            hashes = dict.fromkeys(p.file_sha256 for p in result.draft.provenance)
            files = tuple(stored for sha in hashes if (stored := record.file(sha)) is not None)
        return ResultHistory(
            result=result,
            versions=versions,
            specimen=specimen,
            run=run,
            files=files,
            specimen_age=specimen_age(specimen, run.run_started_at),
        )

    def result_of(self, *, run_code: str | None = None, file_sha256: str | None = None) -> tuple[str, int] | None:
        """The patient and the id of a result of this run or this file, a held one first; None when it made none."""
        with self._study.reading() as record:
            specimens = record.specimens()
            made = [
                result
                for result in record.results()
                if result.draft.run_code == run_code
                or any(one.file_sha256 == file_sha256 for one in result.draft.provenance)
            ]
        made.sort(key=lambda result: (not result.is_held, result.result_id))
        return (specimens[made[0].specimen_code].patient_code, made[0].result_id) if made else None

    def original(self, provenance: Provenance) -> OriginalPart:
        """The original rows a result came from: the bytes on record, opened in the guarded child process.

        Raises UserError R807 for an unknown file, R804 when no temporary file can be written.
        """
        with self._study.reading() as record:
            content = record.file_content(provenance.file_sha256)
        try:
            with tempfile.TemporaryDirectory(prefix="labmon-") as folder:
                path = Path(folder) / "original"
                path.write_bytes(content)
                return self._reader.original(path, provenance.place)
        except OSError as error:
            raise UserError("R804", path=tempfile.gettempdir()) from error
