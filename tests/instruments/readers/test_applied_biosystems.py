"""Exports of Applied Biosystems before and after QuantStudio: SDS, StepOne and 7500, Design & Analysis as text."""

import io
from collections.abc import Sequence

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier, ReadingKind, Task
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

SDS_2 = [
    ["SDS 2.2.2", "AQ Results", "1.0"],
    ["Filename", "D:\\Runs\\someone\\CAR 7.sds"],
    ["Assay Type", "Absolute Quantification"],
    ["Run DateTime", "8/23/26 12:10:33 PM"],
    ["Operator", "someone"],
    [],
    ["Sample Information"],
    [],
    ["Well", "Sample Name", "Detector Name", "Reporter", "Task", "Ct", "Quantity", "Qty Mean", "Qty StdDev", "Ct Mean"],
    ["1", "S1", "CAR", "FAM", "Standard", "20.2", "100000", "", "", "20.2"],
    ["2", "NTC", "CAR", "FAM", "NTC", "Undetermined", "", "", "", ""],
    ["13", "LM-0001", "CAR", "FAM", "Unknown", "30.512", "95.2", "95.2", "0.0", "30.512"],
]
SDS_1 = """Document Name: CAR plate 3
Plate Type: Absolute Quantification
User: someone

Run Date: Monday, January 05, 2026 20:21:13
Instrument Type: Applied Biosystems 7300 Real-Time PCR System

Comments:
SDS v1.2

Well,Sample Name,Detector,Task,Ct,StdDev Ct,Qty,Mean Qty,StdDev Qty,Filtered,Tm
A1,LM-0001,CAR,Unknown,Undet.,,,,,,
,,ALB,Unknown,24.15,,,,,,
A2,,CAR,Unknown,30.1,,12,12,,,
,,ALB,Unknown,24.35,,,,,,
"""
DESIGN_ANALYSIS = [
    "# File Name: D:\\Runs\\someone\\CAR 0224.eds",
    "# Operator: someone",
    "# Comment: first, second",
    "# Instrument Type: QuantStudio(TM) 6 Pro System",
    "# Run Start Data/Time: 2026-02-24 10:12:13 AM EST",
    "# Software Name and Version: Design & Analysis Software v2.5.1",
    "",
]
CQ_HEADINGS = "Well,Well Position,Omit,Sample,Target,Task,Amp Status,Cq,Cq Mean,Cq SD,Auto Threshold,Threshold"
CURVE_HEADINGS = "Well,Well Position,Omit,Sample,Target,Task,Cq,Quantity,Quantity Mean,Y-Intercept,R2,Slope,Efficiency"


def read(text: str, name: str = "export.txt") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def tabs(rows: Sequence[Sequence[str]], end: str = "\r") -> str:
    return "".join("\t".join(row) + end for row in rows)


def workbook(**sheets: Sequence[Sequence[object]]) -> Source:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return Source("run.xlsx", content.getvalue())


def found(
    reading: FileReading, kind: ReadingKind
) -> list[tuple[str | None, str | None, str | None, float | str | None]]:
    return [(each.well, each.sample, each.target, each.value) for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


# --- SDS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_that_the_table_of_sds_2_is_read_with_detectors_as_targets(end: str) -> None:
    reading = read(tabs(SDS_2, end))

    assert ("sds", "SDS 2.2.2", "2026-08-23T12:10:33") == (reading.format_id, reading.software, reading.run_started_at)
    assert [("1", "S1", "CAR", 20.2), ("2", "NTC", "CAR", None), ("13", "LM-0001", "CAR", 30.512)] == found(
        reading, ReadingKind.CQ
    )
    assert [Task.STANDARD, Task.NTC, Task.UNKNOWN] == [
        each.task for each in reading.readings if each.kind is ReadingKind.CQ
    ]
    assert [95.2] == [value for *_, value in found(reading, ReadingKind.QUANTITY_MEAN)]
    assert "CAR 7" == reading.run_name
    assert tuple(SDS_2[8]) == reading.headings
    assert [] == codes(reading)


def test_that_sds_2_saved_again_as_a_workbook_is_the_same_format() -> None:
    reading = read_source(workbook(Sheet1=SDS_2), ReadOptions())

    assert "sds" == reading.format_id
    assert 3 == len(found(reading, ReadingKind.CQ))


def test_that_another_export_of_sds_2_is_refused_with_its_name() -> None:
    with pytest.raises(UserError, match=r'^Q114 The export "Rn vs Cycle" holds no Cq values'):
        read(tabs([["SDS 2.3", "Rn vs Cycle", "1.0"], ["Well", "Cycle", "Rn"], ["1", "1", "0.5"]]))
    with pytest.raises(UserError, match=r"^I020 The table of results is missing"):
        read(tabs(SDS_2[:8]))


def test_that_sds_2_is_itself_whatever_its_targets_are_called() -> None:
    renamed = [[cell.replace("Detector Name", "Target Name") for cell in row] for row in SDS_2]

    assert "sds" == read(tabs(renamed)).format_id


def test_that_a_text_with_the_marks_of_quantstudio_is_no_sds_whatever_its_targets_are_called() -> None:
    text = "* Block Type = 96-Well Block\n\n[Results]\n" + tabs(SDS_2[8:], "\n")

    assert "quantstudio_text" == read(text).format_id


def test_that_the_second_detector_of_a_well_belongs_to_the_well_above_it() -> None:
    reading = read(SDS_1, "plate.csv")

    assert [
        ("A1", "LM-0001", "CAR", None),
        ("A1", "LM-0001", "ALB", 24.15),
        ("A2", None, "CAR", 30.1),
        ("A2", None, "ALB", 24.35),
    ] == found(reading, ReadingKind.CQ)
    assert ("SDS 1.2", "2026-01-05T20:21:13") == (reading.software, reading.run_started_at)
    assert "Applied Biosystems 7300 Real-Time PCR System" == reading.instrument
    assert [Qualifier.UNDETERMINED] == [each.qualifier for each in reading.readings if each.raw == "Undet."]


def test_that_a_table_whose_first_row_names_no_well_is_refused() -> None:
    with pytest.raises(UserError, match=r"^I020 line 11: Every result"):
        read(SDS_1.replace("A1,LM-0001,CAR", ",LM-0001,CAR"), "plate.csv")


# --- StepOne and 7500 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_that_a_stepone_table_is_read_in_every_text_it_is_exported_as(encoding: str, delimiter: str) -> None:
    rows = [
        ["Block Type", "96well"],
        ["Instrument Type", "steponeplus"],
        ["Experiment Run End Time", "2026-04-05 12:36:51 PM PDT"],
        [],
        ["Well", "Sample Name", "Target Name", "Task", "C\u0442", "C\u0442 Mean", "Quantity", "Comments"],
        ["A1", "LM-0001", "CAR", "UNKNOWN", "30.25", "30.25", "12.5", ""],
        ["A2", "LM-0002", "CAR", "UNKNOWN", "40.0", "", "", ""],
        ["A3", "NTC", "CAR", "NTC", "Undetermined", "", "", ""],
        [],
        ["Analysis Type", "Singleplex"],
        ["Endogenous Control", "ALB"],
        ["RQ Min/Max Confidence Level", "95.0"],
        ["Reference Sample", ""],
        ["Control Type", "x"],
    ]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)

    reading = read_source(Source("run.txt", text.encode(encoding)), ReadOptions())

    assert [("A1", 30.25), ("A2", None), ("A3", None)] == [
        (well, cq) for well, _, _, cq in found(reading, ReadingKind.CQ)
    ]
    assert "steponeplus" == reading.instrument
    assert ["Q101", "I009"] == codes(reading)


# --- Design & Analysis ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        DESIGN_ANALYSIS,
        [f'"{line}"' if line else "" for line in DESIGN_ANALYSIS],
        [line.removeprefix("# ").replace(": ", ",", 1) for line in DESIGN_ANALYSIS],
        [line.removeprefix("# ") for line in DESIGN_ANALYSIS],
    ],
)
def test_that_the_results_exported_as_text_are_read_with_their_head(head: list[str]) -> None:
    rows = [
        "1,A1,false,LM-0001,CAR,UNKNOWN,AMP,30.25,30.25,,true,0.2",
        "2,A2,TRUE,NTC,CAR,NTC,NO_AMP,UNDETERMINED,,,true,0.2",
    ]

    reading = read("\n".join([*head, CQ_HEADINGS, *rows]) + "\n", "Results.csv")

    assert "design_analysis" == reading.format_id
    assert [("A1", "LM-0001", "CAR", 30.25), ("A2", "NTC", "CAR", None)] == found(reading, ReadingKind.CQ)
    assert [False, True] == [each.is_omitted for each in reading.readings if each.kind is ReadingKind.CQ]
    assert ("QuantStudio(TM) 6 Pro System", "CAR 0224") == (reading.instrument, reading.run_name)
    assert "2026-02-24T10:12:13-05:00" == reading.run_started_at
    assert "Design & Analysis Software v2.5.1" == reading.software
    assert "someone" not in repr((reading.properties, reading.run_name))


def test_that_the_results_as_text_without_any_head_are_read() -> None:
    reading = read(f"{CQ_HEADINGS}\n1,A1,false,LM-0001,CAR,UNKNOWN,AMP,30.25,30.25,,true,0.2\n", "Results.csv")

    assert "design_analysis" == reading.format_id
    assert [30.25] == [value for *_, value in found(reading, ReadingKind.CQ)]


def test_that_the_standard_curve_exported_as_text_gives_quantities_and_its_constants() -> None:
    row = "1,A1,false,LM-0001,CAR,UNKNOWN,30.25,431.1,431.1,39.2,0.998,-3.4,96.8"

    reading = read("\n".join([*DESIGN_ANALYSIS, CURVE_HEADINGS, row]) + "\n", "Standard Curve Result.csv")

    assert "design_analysis" == reading.format_id
    assert [431.1] == [value for *_, value in found(reading, ReadingKind.QUANTITY)]
    assert [-3.4] == [value for *_, value in found(reading, ReadingKind.SLOPE)]
    assert [] == codes(reading)


def test_that_a_workbook_without_its_sheet_of_results_is_read_from_its_standard_curve() -> None:
    head = [["File Name", "CAR.eds"], ["Instrument Type", "QuantStudio 7 Pro"], []]
    curve = [
        *head,
        CURVE_HEADINGS.split(","),
        [1, "A1", False, "LM-1", "CAR", "UNKNOWN", 30.25, 431.1, 431.1, 39.2, 0.998, -3.4, 96.8],
    ]

    reading = read_source(workbook(Standard_Curve_Result=curve, Raw_Data=head), ReadOptions())

    assert [30.25] == [value for *_, value in found(reading, ReadingKind.CQ)]
    assert [431.1] == [value for *_, value in found(reading, ReadingKind.QUANTITY)]
    assert ('sheet "Raw Data"',) == reading.unread


@pytest.mark.parametrize("name", ["Standard_Curve_Result", "Results", "Sheet1"])
def test_that_a_workbook_of_one_sheet_gives_every_reading_once(name: str) -> None:
    row = [1, "A1", False, "LM-1", "CAR", "UNKNOWN", 30.25, 431.1, 431.1, 39.2, 0.998, -3.4, 96.8]
    rows = [["File Name", "CAR.eds"], ["Instrument Type", "QuantStudio 7 Pro"], [], CURVE_HEADINGS.split(","), row]

    reading = read_source(workbook(**{name: rows}), ReadOptions())

    assert len(reading.readings) == len({each.place for each in reading.readings})
    assert [431.1] == [value for *_, value in found(reading, ReadingKind.QUANTITY)]


@pytest.mark.parametrize("flag", [1, 0, True, False, "1.0", "true", "FALSE"])
def test_that_a_flag_is_read_as_number_truth_value_or_word(flag: object) -> None:
    head = [["Block Type", "96-Well Block"], ["Instrument Type", "QuantStudio 5"], []]
    headings = ["Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "CT"]

    reading = read_source(
        workbook(Results=[*head, headings, [1, "A1", flag, "S", "CAR", "UNKNOWN", 24.3]]), ReadOptions()
    )

    assert [str(flag).casefold() in ("1", "1.0", "true")] == [each.is_omitted for each in reading.readings]
