"""Workbook reports of a patient and of the cohort; writing one is an act of its own in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from labmon import __version__
from labmon.domain.actor import Actor
from labmon.domain.run import Run
from labmon.records.study import Study
from labmon.reports.workbook import CourseReport, ReportHead, write_cohort_report, write_patient_report
from labmon.workflow.assess import Assess, Assessment


class Report:
    """Reports of a study, under one person. Study days only, unless calendar dates are asked for."""

    def __init__(self, study: Study, assess: Assess, actor: Actor) -> None:
        self._study = study
        self._assess = assess
        self._actor = actor

    def write_patient(self, patient_code: str, path: Path, *, dates: bool = False) -> None:
        """Raises UserError R803, R804 when the file cannot be written, R807 for an unknown code."""
        assessment = self._assess.patient(patient_code)
        write_patient_report(path, self._head(), self._courses((assessment,))[0], dates=dates)
        self._note(patient_code, path)

    def write_cohort(self, path: Path, *, dates: bool = False) -> None:
        """Raises UserError R803, R804 when the file cannot be written."""
        write_cohort_report(path, self._head(), self._courses(self._assess.all_patients()), dates=dates)
        self._note("cohort", path)

    def note_figure(self, patient_code: str, path: Path) -> None:
        """Put a figure that was exported into the audit trail."""
        self._note_export(f"figure: {patient_code}", path)

    def _head(self) -> ReportHead:
        return ReportHead(
            study=self._study.info.study_code,
            labmon_version=__version__,
            generated_at=datetime.now(UTC),
            as_of=self._study.as_of,
        )

    def _courses(self, assessments: Sequence[Assessment]) -> list[CourseReport]:
        with self._study.reading() as record:
            runs: dict[str, Run] = {run.run_code: run for run in record.runs()}
        return [
            CourseReport(
                record=assessment.record,
                timeline=assessment.timeline,
                parameters=assessment.parameters,
                findings=assessment.findings,
                runs=runs,
            )
            for assessment in assessments
        ]

    def _note(self, what: str, path: Path) -> None:
        self._note_export(f"workbook report: {what}", path)

    def _note_export(self, what: str, path: Path) -> None:
        with self._study.writing(self._actor) as record:
            record.note_export(what, path.name)
