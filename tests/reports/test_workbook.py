import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine

from labmon.domain.errors import UserError
from labmon.reports.sheet import SheetColumn, cell_text, write_table
from labmon.reports.workbook import CourseReport, ReportHead, report_bytes, write_cohort_report, write_patient_report

SHEETS = ["Findings", "Charts", "Parameters", "Results", "Events", "Chart data", "About"]


def rows_of(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The sheet as another library reads it: by heading, numbers as numbers, empty cells as ""."""
    head, *rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def report(tmp_path: Path, head: ReportHead, course: CourseReport) -> Path:
    path = tmp_path / "P01.xlsx"
    write_patient_report(path, head, course)
    return path


@pytest.fixture
def dated(tmp_path: Path, head: ReportHead, course: CourseReport) -> Path:
    path = tmp_path / "P01 dated.xlsx"
    write_patient_report(path, head, course, dates=True)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_that_every_sheet_has_its_dimension_a_frozen_head_and_a_filter(report: Path) -> None:
    workbook = openpyxl.load_workbook(report)

    assert SHEETS == workbook.sheetnames
    for name in ("Findings", "Parameters", "Results", "Events", "Chart data"):
        sheet = workbook[name]
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith("2")
        assert f"A1:{sheet.dimensions.split(':')[1]}" == sheet.auto_filter.ref
    sheet_parts = [content for name, content in parts(report).items() if name.startswith("xl/worksheets/sheet")]
    assert len(SHEETS) == sum(b"<dimension ref=" in content for content in sheet_parts)


def test_that_a_number_stands_only_where_it_was_quantified(report: Path) -> None:
    values = {(row["Day"], row["Value state"]): row["Value"] for row in rows_of(report, "Results")}

    assert 4000.5 == values[7.0, "quantified"]
    assert "" == values[88.0, "detected_below_lloq"] == values[116.0, "not_detected"] == values[150.0, "no_result"]
    assert all((state == "quantified") == (value != "") for (_, state), value in values.items())


def test_that_a_result_carries_its_limits_run_and_way_back_to_the_file(report: Path) -> None:
    row = next(row for row in rows_of(report, "Results") if row["Day"] == 7)

    assert (5, 50, "copies/µg") == (row["LOD"], row["LLOQ"], row["Unit"])
    assert ("R1", "accepted", "lin") == (row["Run"], row["Run acceptance"], row["Released by"])
    assert "20240310 qpcr.xls\nqubit.csv" == row["File"]
    assert "line 43\nline 3" == row["Place"]
    assert "=1+1\n51.2" == row["Raw text"]
    assert ["ab" * 32, "cd" * 32] == row["SHA-256"].split("\n")


def test_that_held_and_excluded_results_are_listed_with_their_reason(report: Path) -> None:
    rows = {row["Day"]: row for row in rows_of(report, "Results")}

    assert "held: slope −3.9" == rows[35.0]["Not counted because"]
    assert "held: Slope: −3.9, limit −3.6 to −3.1" == rows[35.0]["Run acceptance"]
    assert "excluded: @swapped" == rows[42.0]["Not counted because"]
    assert "" == rows[7.0]["Not counted because"]


def test_that_a_negative_mrd_carries_the_sensitivity_it_earned(report: Path) -> None:
    row = next(row for row in rows_of(report, "Results") if row["Analyte"] == "MRD")

    assert ("flow", "not_detected", "", 3.1e-5, "fraction") == tuple(
        row[name] for name in ("Method", "Value state", "Value", "Sensitivity", "Unit")
    )


def test_that_parameters_keep_their_digits_and_say_why_they_are_withheld(report: Path, course: CourseReport) -> None:
    rows = {row["Name"]: row for row in rows_of(report, "Parameters")}
    (series,) = course.parameters

    assert series.get("auc_0_28").value == rows["auc_0_28"]["Value"]
    assert "linear up/log down; below LLOQ: first keep, middle drop, last keep" == rows["auc_0_28"]["Rule"]
    assert ("", "too_few_points") == tuple(rows["persistence_slope"][name] for name in ("Value", "Withheld because"))
    assert (60, 88, "") == tuple(rows["persistence"][name] for name in ("After", "Up to", "Value"))
    assert {parameter.name for parameter in series.parameters} == set(rows)


def test_that_a_finding_stands_with_its_evidence_thresholds_and_version(report: Path) -> None:
    (row,) = rows_of(report, "Findings")

    assert ("R6", "met", "flag for review") == (row["Rule"], row["State"], row["Flag"])
    assert (60, 88, 116, 184) == tuple(
        row[name] for name in ("Last good, day", "First qualifying, day", "Confirmed, day", "Repeat by, day")
    )
    assert "last good: 214 copies/µg (day 60, run R1)" == row["Evidence"]
    assert "copies: 50 copies/µg (Awasthi 2025)" == row["Thresholds and their sources"]
    assert "conflict: a quantified value" == row["What would change it"]
    assert ("nct06389305", "1.0", "labmon definition") == (row["Protocol"], row["Protocol version"], row["Definition"])


def test_that_events_after_the_as_of_date_are_not_known_and_study_cells_show_no_product(report: Path) -> None:
    events = [(row["Day"], row["Event"], row["Detail"]) for row in rows_of(report, "Events")]

    assert [
        (0, "CAR-T infusion", "+product; CD19; 4-1BB"),
        (3, "medication", "tocilizumab"),
        (
            28,
            "disease assessment",
            "not evaluable; marrow blasts 0.500 %; extramedullary disease absent; hematogones not assessed",
        ),
        (160, "study-cell infusion", ""),
        (200, "last contact", "-by telephone"),
    ] == events
    assert not any(b"mRNA-CIK" in content for content in parts(report).values())


def test_that_text_that_looks_like_a_formula_stays_text(report: Path) -> None:
    workbook = openpyxl.load_workbook(report)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    dangerous = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]

    assert {"=Demo study", "+product; CD19; 4-1BB", "-by telephone"} <= {cell.value for cell in dangerous}
    assert [] == [cell.coordinate for cell in dangerous if cell.data_type != "s" or not cell.quotePrefix]
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(b"<f>" in content for name, content in parts(report).items() if "worksheets/sheet" in name)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")'])
def test_that_each_dangerous_beginning_is_quoted(text: str) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    write_table(sheet, [SheetColumn(heading="-heading")], [[text]])
    saved = io.BytesIO()
    workbook.save(saved)
    read = openpyxl.load_workbook(io.BytesIO(saved.getvalue())).active
    assert read is not None

    assert ("s", True) == (read["A2"].data_type, read["A2"].quotePrefix)
    assert ("s", True) == (read["A1"].data_type, read["A1"].quotePrefix)
    assert text.strip() == read["A2"].value.strip()


def test_that_a_text_no_cell_can_hold_is_made_visible_or_said_to_be_cut() -> None:
    assert "a␀b␛\n\t\ufffd" == cell_text("a\0b\x1b\n\t\ud800")
    cut = cell_text("x" * 40_000)
    assert 32_767 == len(cut)
    assert cut.endswith("… (cut; 40000 characters)")


def test_that_days_replace_dates_unless_they_are_asked_for(report: Path, dated: Path) -> None:
    assert "Collected" not in rows_of(report, "Results")[0]
    assert "Date" not in rows_of(report, "Events")[0]
    assert not any(b"2024-03" in content for content in parts(report).values())

    rows = {row["Day"]: row for row in rows_of(dated, "Results")}
    assert datetime.fromisoformat("2024-03-11T18:00") == rows[10.75]["Collected"]
    assert date(2024, 3, 8) == rows[7.0]["Collected"]
    assert datetime.fromisoformat("2024-09-01T08:30") == rows[7.0]["Released at (UTC)"]
    assert date(2024, 3, 1) == rows_of(dated, "Events")[0]["Date"]


def test_that_the_about_sheet_says_what_made_the_report_of_which_files(report: Path) -> None:
    about = {row["About"]: row["This report"] for row in rows_of(report, "About")}

    assert ("=Demo study", "labmon 0.1.0") == (about["Study"], about["Made by"])
    assert (datetime.fromisoformat("2024-10-01T12:00"), date(2024, 9, 17)) == (
        about["Generated at (UTC)"],
        about["As of"],
    )
    assert about["labmon definition"].startswith("R6: ")
    assert f"qubit.csv, SHA-256 {'cd' * 32}" == about["Source file"]


def test_that_the_chart_has_a_log_axis_and_a_sign_of_its_own_for_each_state(report: Path) -> None:
    chart = next(content for name, content in parts(report).items() if name.startswith("xl/charts/chart")).decode()

    assert '<logBase val="10"' in chart.replace("c:", "")
    for heading in ("Quantified", "Below LLOQ, drawn at LLOQ", "Not detected, drawn on the axis", "Held", "LLOQ"):
        assert heading in chart
    assert "Above ULOQ" not in chart


def test_that_the_chart_never_draws_a_zero_and_leaves_out_what_does_not_count(report: Path) -> None:
    rows = rows_of(report, "Chart data")
    drawn = {
        heading: [(row["Day"], row[heading]) for row in rows if row[heading] != ""]
        for heading in rows[0]
        if heading not in ("Patient", "Day")
    }

    assert [(4, 50), (88, 14)] == drawn["Below LLOQ, drawn at LLOQ"]
    assert [(-3, 10), (116, 10)] == drawn["Not detected, drawn on the axis"]
    assert [(35, 9000)] == drawn["Held"]
    assert [(-3, 50), (88, 50), (88, 14), (116, 14)] == drawn["LLOQ"]
    assert 6 == len(drawn["Quantified"])
    assert 42 not in {row["Day"] for row in rows}
    assert all(value > 0 for marks in drawn.values() for _, value in marks)


def test_that_the_same_report_is_the_same_to_the_byte(head: ReportHead, course: CourseReport) -> None:
    first = report_bytes(head, [course], title="t")

    assert first == report_bytes(head, [course], title="t")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert b"2024-10-01T12:00:00Z" in archive.read("docProps/core.xml")


def test_that_the_cohort_has_a_chart_each_and_names_who_has_no_infusion(
    tmp_path: Path, head: ReportHead, course: CourseReport, course_without_infusion: CourseReport
) -> None:
    path = tmp_path / "cohort.xlsx"
    assert course.timeline is not None
    empty = replace(course.timeline, series={}, course_number=2)
    write_cohort_report(path, head, [course, course_without_infusion, replace(course, timeline=empty, parameters=())])

    names = parts(path)
    about = [row["This report"] for row in rows_of(path, "About") if row["About"] == "Without an infusion"]
    assert 1 == sum(name.startswith("xl/charts/chart") for name in names)
    assert ["No CAR-T infusion of P02 is on record; days cannot be counted. Their results are not listed."] == about
    charts = openpyxl.load_workbook(path)["Charts"]
    assert ["Nothing to draw for: P01"] == [c.value for row in charts.iter_rows() for c in row if c.value]


def test_that_a_report_of_nobody_is_still_a_workbook(tmp_path: Path, head: ReportHead) -> None:
    path = tmp_path / "empty.xlsx"
    write_cohort_report(path, head, [])

    assert [] == rows_of(path, "Results")
    assert SHEETS == openpyxl.load_workbook(path).sheetnames


def test_that_a_report_that_cannot_be_written_leaves_the_old_one_and_no_remains(
    tmp_path: Path, head: ReportHead, course: CourseReport
) -> None:
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(UserError, match="R804"):
        write_patient_report(tmp_path / "taken.xlsx", head, course)
    with pytest.raises(UserError, match="R804"):
        write_patient_report(tmp_path / "absent" / "report.xlsx", head, course)

    assert ["taken.xlsx"] == [path.name for path in tmp_path.iterdir()]


def test_that_an_older_report_is_replaced_whole(report: Path, head: ReportHead, course: CourseReport) -> None:
    write_patient_report(report, head, replace(course, findings=()))

    assert [] == rows_of(report, "Findings")
    assert [report.name] == [path.name for path in report.parent.iterdir()]
