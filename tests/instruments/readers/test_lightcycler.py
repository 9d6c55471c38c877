"""Tables of LightCycler programs: other heads, other headings, saved again by a spreadsheet, other exports."""

import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier, ReadingKind, Task
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

TITLE = "Experiment: CAR 12  Selected Filter: FAM (465-510)"
HEADINGS = "Include|Color|Pos|Name|Cp|Concentration|Standard|Status"


def read_bytes(data: bytes, name: str = "export.txt") -> FileReading:
    return read_source(Source(name, data), ReadOptions())


def read(*lines: str, headings: str | None = HEADINGS, title: str | None = TITLE, delimiter: str = "\t") -> FileReading:
    text = "\r\n".join([each for each in (title, headings) if each is not None] + list(lines)) + "\r\n"
    return read_bytes(text.replace("|", delimiter).encode())


def values(reading: FileReading, kind: ReadingKind = ReadingKind.CQ) -> list[float | str | None]:
    return [each.value for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("title", "target"),
    [
        (TITLE, "FAM (465-510)"),
        ("Experiment: 2025.08.07_KL  Filter: SYBR Green I", "SYBR Green I"),
        ("Experiment: a  Selected Filter: SYBR Green I / HRM Dye (483-533)", "SYBR Green I / HRM Dye (483-533)"),
    ],
)
def test_that_the_filter_in_the_title_is_the_target(title: str, target: str) -> None:
    (cq,) = read("True|255|A1|S1|27.23||0|", title=title).readings

    assert (target, "A1", "S1", 27.23) == (cq.target, cq.well, cq.sample, cq.value)


def test_that_a_blank_name_stays_blank_and_an_empty_cp_is_undetermined() -> None:
    (cq,) = read("True|255|A01||||0|").readings

    assert ("A1", None, None, Qualifier.UNDETERMINED) == (cq.well, cq.sample, cq.value, cq.qualifier)


@pytest.mark.parametrize("printed", ["False", "FALSE", "Falsch", "FAUX", "0"])
def test_that_a_well_that_is_not_included_is_omitted_with_its_value(printed: str) -> None:
    reading = read(f"{printed}|255|A1|S1|27.23||0|", "True|255|A2|S1|27.3||0|")

    assert [(27.23, True), (27.3, False)] == [(each.value, each.is_omitted) for each in reading.readings]
    assert ["Q106"] == codes(reading)


def test_that_a_standard_is_known_by_its_quantity_and_0_marks_every_other_well() -> None:
    reading = read("True|255|A1|S1|21.3|1.01E+05|1.00E+05|", "True|255|A2|S2|27.3|1.2E+03|0|")

    assert [100_000.0] == values(reading, ReadingKind.QUANTITY_GIVEN)
    assert [101_000.0, 1200.0] == values(reading, ReadingKind.QUANTITY)
    assert [Task.STANDARD, None] == [each.task for each in reading.readings if each.kind is ReadingKind.CQ]


@pytest.mark.parametrize("printed", ["> 35", ">35", "> 35.00"])
def test_that_a_late_call_in_place_of_a_cp_is_no_cp_to_be_confirmed(printed: str) -> None:
    reading = read(f"True|255|A1|S1|{printed}||0|")

    assert [(None, Qualifier.UNDETERMINED)] == [(each.value, each.qualifier) for each in reading.readings]
    assert ["Q101"] == codes(reading)


def test_that_a_status_beside_a_cp_is_passed_on_and_the_cp_kept() -> None:
    reading = read("True|255|A1|S1|36.1||0|> 35")

    assert [36.1] == values(reading)
    assert ["Q122"] == codes(reading)
    assert "> 35" in reading.issues[0].message


@pytest.mark.parametrize(("printed", "code"), [("-1.00", "Q101"), ("0", "Q101"), ("27.2x", "I016"), ("99.0", "I014")])
def test_that_what_cannot_be_a_cp_is_held(printed: str, code: str) -> None:
    assert [code] == codes(read(f"True|255|A1|S1|{printed}||0|"))


def test_that_each_filter_of_a_joined_file_keeps_its_own_target() -> None:
    reading = read(
        "True|255|A1|S1|21.3||0|", "", "Experiment: CAR 12  Selected Filter: Cy5", HEADINGS, "True|255|A1|S1|24.3||0|"
    )

    assert [("FAM (465-510)", 21.3), ("Cy5", 24.3)] == [(each.target, each.value) for each in reading.readings]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_that_a_table_saved_again_as_csv_is_read(delimiter: str) -> None:
    reading = read("True|255|A1|S1|27.23||0|", title=TITLE + "|||||||", delimiter=delimiter)

    assert [("FAM (465-510)", 27.23)] == [(each.target, each.value) for each in reading.readings]


def test_that_rows_without_their_empty_ends_are_not_taken_for_a_cut_file() -> None:
    text = f"{TITLE}\n{HEADINGS}\nTRUE|255|A1|S1|10.73||0\nTRUE|255|A2|S1|7.3||0".replace("|", "\t")

    assert [10.73, 7.3] == values(read_bytes(text.encode()))
    with pytest.raises(UserError, match="I002"):
        read_bytes(text[:-8].encode())


def test_that_the_report_table_with_types_is_read() -> None:
    reading = read(
        "True|A1|S1|Standard|21.3|1.0E5|1.0E5",
        "True|A2|NTC|Negative Control||0|",
        "True|A3|pos|Positive Control|24.1|2E4|",
        "True|A4|S2|Unknown|27.0|1.2E3|",
        headings="Inc|Pos|Name|Type|CP|Concentration|Standard",
        title=None,
    )

    assert [Task.STANDARD, Task.NEGATIVE_CONTROL, Task.POSITIVE_CONTROL, Task.UNKNOWN] == [
        each.task for each in reading.readings if each.kind is ReadingKind.CQ
    ]
    assert [100_000.0, None, 20_000.0, 1200.0] == values(reading, ReadingKind.QUANTITY)
    assert ["I025"] == codes(reading)  # nothing says what was measured


def test_that_a_lightcycler_96_table_is_read_from_the_first_of_its_sheets_of_results() -> None:
    headings = ["Position", "Sample Name", "Gene Name", "Cq", "Cq Mean", "Cq Error", "Excluded", "Call"]
    rows = [headings, ["A1", "S1", "CAR", 27.1, 27.2, 0.14, "", "Positive"], ["A2", "S1", "CAR", 27.3, 27.2, 0.14]]
    data = workbook(Overview=[["Roche"]], Abs_Quant=rows, Rel_Quant=rows)

    reading = read_bytes(data, "export.xlsx")

    assert [27.1, 27.3] == values(reading)
    assert ["CAR"] == sorted({each.target for each in reading.readings})
    assert [27.2, 27.2] == values(reading, ReadingKind.CQ_MEAN)
    assert {'sheet "Overview"', 'sheet "Rel Quant"'} <= set(reading.unread)
    assert [] == codes(reading)


def test_that_tables_of_one_sheet_are_all_read_and_lines_above_them_are_told() -> None:
    headings = "Position|Sample Name|Gene Name|Cq"
    reading = read("A1|S1|CAR|27.1", "", headings, "A1|S1|ALB|22.2", headings=headings, title="Exported by somebody")

    assert [("CAR", 27.1), ("ALB", 22.2)] == [(each.target, each.value) for each in reading.readings]
    assert "lines above the table" in reading.unread


@pytest.mark.parametrize("printed", ["-", "", "Negative", "NEG (NTC)"])
def test_that_a_mean_and_a_concentration_of_0_beside_no_cq_are_no_values(printed: str) -> None:
    reading = read(
        f"A1|S1|CAR|{printed}|0|0",
        headings="Position|Sample Name|Gene Name|Cq|Cq Mean|Concentration",
        title=None,
    )

    assert [(ReadingKind.CQ, Qualifier.UNDETERMINED), (ReadingKind.QUANTITY, Qualifier.NOT_COMPUTED)] == [
        (each.kind, each.qualifier) for each in reading.readings
    ]
    assert [None, None] == [each.value for each in reading.readings]
    assert ["Q103"] == codes(reading)


def test_that_every_titled_sheet_is_read() -> None:
    cells = [HEADINGS.split("|"), ["True", 255, "A1", "S1", 21.5, None, 0]]
    data = workbook(one=[[TITLE], *cells], two=[["Experiment: CAR 12  Selected Filter: Cy5"], *cells])

    reading = read_bytes(data, "export.xlsx")

    assert [("FAM (465-510)", 21.5), ("Cy5", 21.5)] == [(each.target, each.value) for each in reading.readings]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Raw Data \t\tExperiment - a (Run on LCS480 1.5.0.39)\nSamplePos\tSampleName\tProg#\nA1\tS1\t2\n", "raw"),
        ('"General:Pos"\t"General:Sample Name"\t"Abs Quant:Sample Type"\nA1\tNTC\tnegativ Kontrolle\n', "set-up"),
        (f"{TITLE}\nInclude\tColor\tPos\tName\tTm1\tTm2\tStatus\nTrue\t255\tA1\tS1\t84.1\t\t\n", "Cp or Cq"),
    ],
)
def test_that_exports_without_results_are_refused_for_what_they_lack(text: str, what: str) -> None:
    with pytest.raises(UserError, match=rf"I020.*{what}"):
        read_bytes(text.encode())


def test_that_a_table_without_a_well_is_refused() -> None:
    with pytest.raises(UserError, match="I020"):
        read()


def test_that_a_row_among_the_wells_that_names_none_is_shown() -> None:
    assert ["I017"] == codes(read("True|255|A1|S1|27.23||0|", "|||Mean|27.2|||"))
