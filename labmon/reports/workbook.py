"""The workbook report of one patient or of the cohort: results with their way back to the file, parameters, findings.

Times are days since the infusion; calendar dates are written only when asked for, since they identify a person.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from labmon.domain import wording
from labmon.domain.clinical import DrugClass, EmdState, Infusion, InfusionKind, PatientRecord
from labmon.domain.errors import UserError
from labmon.domain.finding import Evidence, Finding, FlagState
from labmon.domain.issue import catalogue_entry
from labmon.domain.run import Run
from labmon.kinetics.parameters import Parameter, SeriesParameters
from labmon.kinetics.timeline import Point, SeriesKey, Timeline
from labmon.reports.reproducible import workbook_bytes
from labmon.reports.sheet import CellValue, ColumnKind, SheetColumn, write_table
from labmon.reports.workbook_chart import CHART_COLUMNS, ChartData, chart_data, scatter_chart

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_CHART_ROWS = 24
"""Sheet rows from the top of one chart to the top of the next; two charts fill a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """What the About sheet says of the report itself."""

    study: str
    labmon_version: str
    generated_at: datetime
    """With its zone; written in UTC."""
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseReport:
    """One course of one patient as it goes into the workbook."""

    record: PatientRecord
    timeline: Timeline | None
    """None when no CAR-T infusion is on record; the About sheet names the patient."""
    parameters: tuple[SeriesParameters, ...] = ()
    findings: tuple[Finding, ...] = ()
    runs: Mapping[str, Run] = field(default_factory=dict)
    """The runs the results came from, by code."""


def write_patient_report(path: Path, head: ReportHead, course: CourseReport, *, dates: bool = False) -> None:
    """Write the report of one course. Raises UserError R803 or R804 when the file cannot be written."""
    _write(path, report_bytes(head, (course,), title=f"labmon report: {course.record.patient_code}", dates=dates))


def write_cohort_report(path: Path, head: ReportHead, courses: Sequence[CourseReport], *, dates: bool = False) -> None:
    """Write the report of many courses. Raises UserError R803 or R804 when the file cannot be written."""
    _write(path, report_bytes(head, courses, title=f"labmon report: {head.study}", dates=dates))


def report_bytes(head: ReportHead, courses: Sequence[CourseReport], *, title: str, dates: bool = False) -> bytes:
    """The workbook as .xlsx: the same report at the same moment is the same bytes."""
    from openpyxl import Workbook

    workbook = Workbook()
    begun = [(course, course.timeline) for course in courses if course.timeline is not None]
    timelines = [timeline for _, timeline in begun]
    first = workbook.active
    assert first is not None  # a new workbook has one sheet
    first.title = "Findings"
    _write_findings(first, begun)
    charts = workbook.create_sheet("Charts")
    _write_parameters(workbook.create_sheet("Parameters"), begun)
    _write_results(workbook.create_sheet("Results"), begun, dates)
    _write_events(workbook.create_sheet("Events"), timelines, dates)
    _write_charts(charts, workbook.create_sheet("Chart data"), timelines)
    _write_about(workbook.create_sheet("About"), head, courses, dates)
    workbook.properties.creator = f"labmon {head.labmon_version}"
    workbook.properties.title = title
    return workbook_bytes(workbook, made=head.generated_at.astimezone(UTC))


# --- Results ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _ResultRow:
    """What a column of the Results sheet may read."""

    timeline: Timeline
    key: SeriesKey
    point: Point
    run: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ResultColumn:
    column: SheetColumn
    cell: Callable[[_ResultRow], CellValue]
    is_date: bool = False


def _column(
    heading: str,
    cell: Callable[[_ResultRow], CellValue],
    kind: ColumnKind = ColumnKind.TEXT,
    *,
    width: float | None = None,
    is_date: bool = False,
) -> _ResultColumn:
    return _ResultColumn(column=SheetColumn(heading=heading, kind=kind, width=width), cell=cell, is_date=is_date)


def _acceptance(row: _ResultRow) -> str | None:
    if row.run is None:
        return None
    because = row.run.held_because
    return row.run.acceptance.value + (f": {because}" if because else "")


def _not_counted(row: _ResultRow) -> str | None:
    result = row.point.result
    reasons = []
    if result.draft.held_reason is not None:
        reasons.append(f"held: {result.draft.held_reason}")
    if result.draft.excluded_reason is not None:
        by = f" ({result.excluded_by})" if result.excluded_by else ""
        reasons.append(f"excluded: {result.draft.excluded_reason}{by}")
    if result.released_at is None:
        reasons.append("not released")
    return "; ".join(reasons) or None


def _origin(part: Callable[..., str]) -> Callable[[_ResultRow], CellValue]:
    """A line for each place the result was made from, in one order in all columns."""
    return lambda row: "\n".join(part(place) for place in row.point.result.draft.provenance) or None


_RESULT_COLUMNS = (
    _column("Patient", lambda row: row.timeline.record.patient_code),
    _column("Course", lambda row: row.timeline.course_number, ColumnKind.COUNT),
    _column("Specimen", lambda row: row.point.specimen.specimen_code),
    _column("Specimen type", lambda row: row.key.specimen_type.label),
    _column("Day", lambda row: round(row.point.day, 3), ColumnKind.DAY),
    _column(
        "Collected",
        lambda row: row.point.specimen.collected_at or row.point.collected_on,
        ColumnKind.INSTANT,
        is_date=True,
    ),
    _column("Analyte", lambda row: row.key.analyte.label),
    _column("Method", lambda row: row.key.method.value if row.key.method else None),
    _column("Value", lambda row: row.point.result.quantity.value, ColumnKind.NUMBER),
    _column("Unit", lambda row: row.point.result.quantity.unit.symbol or row.point.result.quantity.unit.value),
    _column("Value state", lambda row: row.point.result.quantity.state.value),
    _column("In words", lambda row: wording.quantity(row.point.result.quantity)),
    _column("LOD", lambda row: row.point.result.quantity.lod, ColumnKind.NUMBER),
    _column("LLOQ", lambda row: row.point.result.quantity.lloq, ColumnKind.NUMBER),
    _column("ULOQ", lambda row: row.point.result.quantity.uloq, ColumnKind.NUMBER),
    _column("Sensitivity", lambda row: row.point.result.draft.sensitivity_fraction, ColumnKind.NUMBER),
    _column("Run", lambda row: row.point.result.draft.run_code),
    _column("Run acceptance", _acceptance),
    _column("Not counted because", _not_counted),
    _column("Released by", lambda row: row.point.result.released_by),
    _column("Released at (UTC)", lambda row: _utc(row.point.result.released_at), ColumnKind.INSTANT, is_date=True),
    _column("Version", lambda row: row.point.result.version, ColumnKind.COUNT),
    _column("File", _origin(lambda place: place.file_name)),
    _column("Place", _origin(lambda place: str(place.place))),
    _column("Raw text", _origin(lambda place: place.raw)),
    _column("SHA-256", _origin(lambda place: place.file_sha256), width=67),
)


def _write_results(sheet: Worksheet, courses: Sequence[tuple[CourseReport, Timeline]], dates: bool) -> None:
    columns = [column for column in _RESULT_COLUMNS if dates or not column.is_date]
    rows = [
        [column.cell(row) for column in columns]
        for course, timeline in courses
        for key, points in timeline.series.items()
        for point in points
        for row in (
            _ResultRow(timeline=timeline, key=key, point=point, run=course.runs.get(point.result.draft.run_code)),
        )
    ]
    write_table(sheet, [column.column for column in columns], rows, frozen_columns=5)


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant is not None else None


# --- Parameters -------------------------------------------------------------------------------------------------------

_PARAMETER_COLUMNS = (
    SheetColumn(heading="Patient"),
    SheetColumn(heading="Course", kind=ColumnKind.COUNT),
    SheetColumn(heading="Series"),
    SheetColumn(heading="Parameter"),
    SheetColumn(heading="Value", kind=ColumnKind.NUMBER),
    SheetColumn(heading="After", kind=ColumnKind.DAY),
    SheetColumn(heading="Up to", kind=ColumnKind.DAY),
    SheetColumn(heading="Unit"),
    SheetColumn(heading="n", kind=ColumnKind.COUNT),
    SheetColumn(heading="In words"),
    SheetColumn(heading="Notes"),
    SheetColumn(heading="Rule"),
    SheetColumn(heading="Withheld because"),
    SheetColumn(heading="Name"),
)


def _write_parameters(sheet: Worksheet, courses: Sequence[tuple[CourseReport, Timeline]]) -> None:
    rows = [
        _parameter_row(timeline, series, parameter)
        for course, timeline in courses
        for series in course.parameters
        for parameter in series.parameters
    ]
    write_table(sheet, _PARAMETER_COLUMNS, rows, frozen_columns=4)


def _parameter_row(timeline: Timeline, series: SeriesParameters, parameter: Parameter) -> tuple[CellValue, ...]:
    left, right = parameter.interval if parameter.interval is not None else (None, None)
    return (
        timeline.record.patient_code,
        series.course_number,
        series.title,
        parameter.label,
        parameter.value,
        _day(left),
        _day(right),
        parameter.unit,
        parameter.n,
        parameter.text,
        "; ".join(parameter.notes) or None,
        parameter.rule,
        parameter.withheld.value if parameter.withheld is not None else None,
        parameter.name,
    )


def _day(day: float | None) -> float | None:
    return None if day is None else round(day, 3)


# --- Findings ---------------------------------------------------------------------------------------------------------

_FINDING_COLUMNS = (
    SheetColumn(heading="Patient"),
    SheetColumn(heading="Course", kind=ColumnKind.COUNT),
    SheetColumn(heading="Rule"),
    SheetColumn(heading="Title", width=30),
    SheetColumn(heading="State"),
    SheetColumn(heading="Flag"),
    SheetColumn(heading="Why", width=60),
    SheetColumn(heading="Last good, day", kind=ColumnKind.DAY),
    SheetColumn(heading="First qualifying, day", kind=ColumnKind.DAY),
    SheetColumn(heading="Confirmed, day", kind=ColumnKind.DAY),
    SheetColumn(heading="Window ends, day", kind=ColumnKind.DAY),
    SheetColumn(heading="Repeat from, day", kind=ColumnKind.DAY),
    SheetColumn(heading="Repeat by, day", kind=ColumnKind.DAY),
    SheetColumn(heading="Evidence", width=50),
    SheetColumn(heading="Thresholds and their sources", width=50),
    SheetColumn(heading="Missing", width=36),
    SheetColumn(heading="What would change it", width=50),
    SheetColumn(heading="Cautions", width=40),
    SheetColumn(heading="Definition"),
    SheetColumn(heading="Protocol"),
    SheetColumn(heading="Protocol version"),
)


def _write_findings(sheet: Worksheet, courses: Sequence[tuple[CourseReport, Timeline]]) -> None:
    rows = [_finding_row(timeline, finding) for course, timeline in courses for finding in course.findings]
    write_table(sheet, _FINDING_COLUMNS, rows, frozen_columns=5)


def _finding_row(timeline: Timeline, finding: Finding) -> tuple[CellValue, ...]:
    return (
        finding.patient_code,
        timeline.course_number,
        finding.rule_id,
        finding.title,
        finding.flag_state.value,
        "flag for review" if finding.raises_flag and finding.flag_state is FlagState.MET else None,
        finding.sentence,
        _day(finding.bracket_left_day),
        _day(finding.bracket_right_day),
        _day(finding.confirmed_day),
        _day(finding.window_end_day),
        timeline.day_of(finding.repeat_from) if finding.repeat_from else None,
        timeline.day_of(finding.repeat_by) if finding.repeat_by else None,
        _lines(_evidence(evidence) for evidence in finding.evidence),
        _lines(f"{t.name}: {wording.limit(t.value)} {t.unit} ({t.source})" for t in finding.thresholds),
        _lines(finding.missing),
        _lines(f"{state.label}: {text}" for state, text in finding.would_change),
        _lines(finding.cautions),
        "labmon definition" if finding.is_labmon_definition else None,
        finding.protocol_id,
        finding.protocol_version,
    )


def _evidence(evidence: Evidence) -> str:
    where = [wording.day(evidence.day)] if evidence.day is not None else []
    where += [f"run {evidence.run_code}"] if evidence.run_code else []
    return f"{evidence.role}: {evidence.text}" + (f" ({', '.join(where)})" if where else "")


def _lines(texts: Iterator[str] | Sequence[str]) -> str | None:
    return "\n".join(texts) or None


# --- Events -----------------------------------------------------------------------------------------------------------

_EVENT_COLUMNS = (
    SheetColumn(heading="Patient"),
    SheetColumn(heading="Day", kind=ColumnKind.DAY),
    SheetColumn(heading="To day", kind=ColumnKind.DAY),
    SheetColumn(heading="Event"),
    SheetColumn(heading="Detail"),
)
_EVENT_DATE = SheetColumn(heading="Date", kind=ColumnKind.DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    on: date
    name: str
    detail: str = ""
    until: date | None = None


def _write_events(sheet: Worksheet, timelines: Sequence[Timeline], dates: bool) -> None:
    columns = (*_EVENT_COLUMNS, _EVENT_DATE) if dates else _EVENT_COLUMNS
    rows: list[Sequence[CellValue]] = []
    for timeline in timelines:
        happened = [event for event in _events(timeline.record) if event.on <= timeline.as_of]
        for event in sorted(happened, key=lambda event: (event.on, event.name)):
            row: list[CellValue] = [
                timeline.record.patient_code,
                timeline.day_of(event.on),
                timeline.day_of(event.until) if event.until is not None else None,
                event.name,
                event.detail or None,
            ]
            rows.append([*row, event.on] if dates else row)
    write_table(sheet, columns, rows, frozen_columns=2)


def _events(record: PatientRecord) -> Iterator[_Event]:
    for infusion in record.infusions:
        yield _infusion_event(infusion)
    for medication in record.medications:
        label = "" if medication.drug_class is DrugClass.OTHER else f" ({_spaced(medication.drug_class)})"
        yield _Event(
            on=medication.started_on, name="medication", detail=medication.drug + label, until=medication.ended_on
        )
    for disease in record.disease_assessments:
        parts = [_spaced(disease.response_category)]
        if disease.marrow_blasts_pct is not None:
            parts.append(f"marrow blasts {wording.number(disease.marrow_blasts_pct)} %")
        if disease.emd_state is not EmdState.UNKNOWN:
            parts.append(f"extramedullary disease {disease.emd_state}")
        parts.append(f"hematogones {_spaced(disease.hematogones_state)}")
        yield _Event(on=disease.assessed_on, name="disease assessment", detail="; ".join(parts))
    for baseline in record.b_cell_baselines:
        yield _Event(on=baseline.measured_on, name="B-cell baseline", detail=f"B cells {baseline.baseline_state}")
    for event in record.events:
        yield _Event(on=event.occurred_on, name=_spaced(event.event_kind), detail=event.note or "")
    for consent in record.consents:
        yield _Event(on=consent.consented_on, name=_spaced(consent.consent_kind))


def _infusion_event(infusion: Infusion) -> _Event:
    if infusion.infusion_kind is InfusionKind.STUDY_CELLS:
        return _Event(on=infusion.infused_on, name="study-cell infusion")  # the product would tell the arm
    known = [infusion.product, infusion.car_target, infusion.car_costimulation.label]
    return _Event(on=infusion.infused_on, name="CAR-T infusion", detail="; ".join(part for part in known if part))


def _spaced(word: str) -> str:
    return {"hsct": "HSCT"}.get(word, word.replace("_", " "))


# --- Charts -----------------------------------------------------------------------------------------------------------


def _write_charts(charts: Worksheet, data_sheet: Worksheet, timelines: Sequence[Timeline]) -> None:
    from openpyxl.worksheet.pagebreak import Break
    from openpyxl.worksheet.properties import PageSetupProperties

    charts.sheet_view.showGridLines = False
    charts.page_setup.paperSize = charts.PAPERSIZE_A4
    charts.page_setup.fitToHeight = 0
    charts.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    drawn: list[ChartData] = []
    without: list[str] = []
    for timeline in timelines:
        data = chart_data(timeline)
        if data is None:
            without.append(timeline.record.patient_code)
        else:
            drawn.append(data)
    write_table(data_sheet, CHART_COLUMNS, [row for data in drawn for row in data.rows], frozen_columns=2)
    first_row = 2
    for number, data in enumerate(drawn):
        charts.add_chart(scatter_chart(data_sheet, data, first_row), f"A{1 + number * _CHART_ROWS}")
        first_row += len(data.rows)
        if number % 2 and number + 1 < len(drawn):
            charts.row_breaks.append(Break(id=(number + 1) * _CHART_ROWS))
    if without:
        note = charts.cell(row=1 + len(drawn) * _CHART_ROWS, column=1)
        note.value = f"Nothing to draw for: {', '.join(without)}"
        note.data_type = "s"


# --- About ------------------------------------------------------------------------------------------------------------


def _write_about(sheet: Worksheet, head: ReportHead, courses: Sequence[CourseReport], dates: bool) -> None:
    from openpyxl.styles import Alignment

    findings = [finding for course in courses for finding in course.findings]
    protocols = sorted({f"{finding.protocol_id} {finding.protocol_version}" for finding in findings})
    own = sorted({finding.rule_id for finding in findings if finding.is_labmon_definition})
    policies = sorted({series.settings.words for course in courses for series in course.parameters})
    rows: list[tuple[CellValue, CellValue]] = [
        ("Study", head.study),
        ("Made by", f"labmon {head.labmon_version}"),
        ("Generated at (UTC)", head.generated_at.astimezone(UTC)),
        ("As of", head.as_of),
        ("Patients", len({course.record.patient_code for course in courses})),
        ("Days", "Days since the CAR-T infusion of the course; the day of the infusion is 0."),
        (
            "Calendar dates",
            "written" if dates else "left out; the names of runs and files stand as the laboratory wrote them",
        ),
        *(("Protocol", protocol) for protocol in protocols),
        *(("Areas and values below LLOQ", policy) for policy in policies),
        ("Values", "A number stands in Value only when it was quantified; otherwise the state says what is known."),
        ("Flags", "A flag asks for review. It is no treatment recommendation, and no rule is validated prospectively."),
    ]
    if own:
        rows.append(("labmon definition", f"{', '.join(own)}: defined by labmon, not by a registry or a paper."))
    no_infusion = sorted({course.record.patient_code for course in courses if course.timeline is None})
    if no_infusion:
        meaning = catalogue_entry("K601").sentence({"patient": ", ".join(no_infusion)})
        rows.append(("Without an infusion", f"{meaning} Their results are not listed."))
    for course in courses:
        if course.timeline is not None:
            rows += [
                ("Issue", f"{course.record.patient_code}: {issue.code} {issue.message}")
                for issue in course.timeline.issues
            ]
    rows += [("Source file", f"{name}, SHA-256 {sha256}") for name, sha256 in _source_files(courses)]
    write_table(sheet, (SheetColumn(heading="About"), SheetColumn(heading="This report", width=110)), rows)
    sheet.auto_filter.ref = None  # pairs, nothing to filter
    for (cell,) in sheet.iter_rows(min_row=2, min_col=2, max_col=2):
        cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)


def _source_files(courses: Sequence[CourseReport]) -> list[tuple[str, str]]:
    return sorted(
        {
            (place.file_name, place.file_sha256)
            for course in courses
            if course.timeline is not None
            for points in course.timeline.series.values()
            for point in points
            for place in point.result.draft.provenance
        }
    )


# --- the file ---------------------------------------------------------------------------------------------------------


def _write(path: Path, content: bytes) -> None:
    """Write beside the target and put it in its place, so that a reader never sees half a report."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            temporary.unlink()
        if error.errno == errno.ENOSPC:
            raise UserError("R803") from error
        raise UserError("R804", path=str(path)) from error
