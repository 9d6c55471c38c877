"""Bio-Rad CFX: every sheet and text its software exports, by content; what is no Cq is no number."""

import io
from collections.abc import Sequence

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.domain.issue import Severity
from labmon.domain.reading import FileReading, Qualifier, ReadingKind, Task
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

HEADINGS = "Well,Fluor,Target,Content,Sample,Cq,Cq Mean,Cq Std. Dev,Starting Quantity (SQ),SQ Mean,SQ Std. Dev"
INFORMATION = [
    ["File Name", "D:\\Runs\\someone\\CAR 0506.pcrd"],
    ["Created By User", "someone"],
    ["Run Started", "05/06/2026 08:11:11 UTC"],
    ["Base Serial Number", "CT000001"],
    ["CFX Maestro Version", "5.2.008.0222. "],
]


def read(text: str, name: str = "results.csv", options: ReadOptions | None = None) -> FileReading:
    return read_source(Source(name, text.encode()), options or ReadOptions())


def table(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join(f",{row}" for row in (headings, *rows)) + "\n"


def workbook(**sheets: Sequence[Sequence[object]]) -> Source:
    """A workbook of these sheets; an underscore before a name stands for nothing, in between for a space."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.strip("_").replace("_", " "))
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return Source("run.xlsx", content.getvalue())


def values(reading: FileReading, kind: ReadingKind) -> list[float | str | None]:
    return [each.value for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


CQ_SHEET = [
    [None, "Well", "Fluor", "Target", "Content", "Sample", "Cq", "SQ"],
    [None, "A01", "FAM", "CAR", "Unkn", "LM-0001", 26.9, 1000.0],
    [None, "A02", "FAM", "CAR", "NTC", None, None, None],
]


# --- no result --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", ["NaN", "N/A", "", "Undetermined", "0", "0.00", "-1", "50.0"])
@pytest.mark.parametrize("mean", ["0", "0.00", "NaN", "N/A", ""])
def test_that_a_well_without_a_cq_is_undetermined_and_gives_no_other_number(printed: str, mean: str) -> None:
    reading = read(table(f"A01,FAM,CAR,Unkn,LM-0001,{printed},{mean},{mean},{mean},{mean},{mean}"))

    (cq,) = reading.readings
    assert (ReadingKind.CQ, None, Qualifier.UNDETERMINED, printed) == (cq.kind, cq.value, cq.qualifier, cq.raw)


def test_that_a_mean_of_0_beside_no_cq_is_said() -> None:
    assert ["Q103"] == codes(read(table("A01,FAM,CAR,Unkn,LM-0001,NaN,0,0,NaN,NaN,0")))


def test_that_a_deviation_of_0_beside_no_quantity_is_no_number() -> None:
    reading = read(table("A01,FAM,CAR,Unkn,LM-0001,24.31,24.31,0,NaN,0,0"))

    assert {ReadingKind.CQ, ReadingKind.CQ_MEAN, ReadingKind.CQ_SD} == {each.kind for each in reading.readings}


def test_that_a_cq_at_the_last_cycle_of_the_exported_curves_is_no_cq() -> None:
    curves = [[None, "Cycle", "A1"], *([None, cycle, 1.5] for cycle in range(1, 41))]
    cqs = [*CQ_SHEET, [None, "A03", "FAM", "CAR", "Unkn", "LM-0002", 40.0, 3.0]]

    reading = read_source(workbook(_0=cqs, FAM=curves, Run_Information=INFORMATION), ReadOptions())

    assert [26.9, None, None] == values(reading, ReadingKind.CQ)
    assert ["Q101"] == codes(reading)


def test_that_a_cq_that_is_no_number_is_held_and_the_others_are_kept() -> None:
    reading = read(table("A01,FAM,CAR,Unkn,S,24.3l,,,,,", "A02,FAM,CAR,Unkn,S,24.31,,,,,"))

    assert [None, 24.31] == values(reading, ReadingKind.CQ)
    assert ["I016"] == codes(reading)


# --- wells, targets, tasks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "task"),
    [
        ("Unkn", Task.UNKNOWN),
        ("Unkn-01", Task.UNKNOWN),
        ("Std", Task.STANDARD),
        ("Std-3", Task.STANDARD),
        ("NTC", Task.NTC),
        ("NTC-1", Task.NTC),
        ("Pos Ctrl", Task.POSITIVE_CONTROL),
        ("Pos Ctrl-2", Task.POSITIVE_CONTROL),
        ("Neg Ctrl", Task.NEGATIVE_CONTROL),
        ("Neg Ctrl-6", Task.NEGATIVE_CONTROL),
        ("NRT", Task.NEGATIVE_CONTROL),
        ("NRT-1", Task.NEGATIVE_CONTROL),
        ("", None),
        ("Mystery", None),
    ],
)
def test_that_the_content_of_a_well_is_its_task(content: str, task: Task | None) -> None:
    (cq, *_) = read(table(f"A01,FAM,CAR,{content},S,24.31,,,,,")).readings

    assert task is cq.task


def test_that_a_well_of_several_dyes_is_one_row_a_target_and_the_dye_stands_in_for_a_blank_one() -> None:
    reading = read(table("A01,FAM,CAR,Unkn,S,24.31,,,,,", "A01,HEX,,Unkn,S,22.10,,,,,", "A01,Cy5,,Unkn,,,,,,,"))

    assert ["CAR", "HEX", "Cy5"] == [each.target for each in reading.readings]
    assert ["A1"] * 3 == [each.well for each in reading.readings]
    assert ["S", "S", None] == [each.sample for each in reading.readings]
    assert [] == codes(reading)


def test_that_one_well_with_two_cq_values_for_one_target_is_held() -> None:
    reading = read(
        table("A01,FAM,CAR,Unkn,S,24.31,,,,,", "A01,HEX,CAR,Unkn,S,22.10,,,,,", "A02,FAM,CAR,Unkn,S,24.3,,,,,")
    )

    twice = [issue for issue in reading.issues if issue.code == "Q116"]
    assert [2, 3] == [issue.place.row for issue in twice if issue.place]
    assert Severity.HOLDS is twice[0].severity
    assert "CAR with FAM and HEX" in twice[0].message


def test_that_a_table_without_wells_or_content_is_read_and_says_what_is_missing() -> None:
    reading = read("Target,Content,Sample,Cq,Starting Quantity (SQ)\nCAR,Std,S1,25.3,5\nCAR,Unkn,S2,NaN,NaN\n")

    assert [25.3, None] == values(reading, ReadingKind.CQ)
    assert [None, None] == [each.well for each in reading.readings if each.kind is ReadingKind.CQ]
    assert ["I025"] == codes(reading)


# --- cross-checks -----------------------------------------------------------------------------------------------------


def test_that_means_deviations_and_logarithms_are_held_against_their_wells() -> None:
    headings = HEADINGS + ",Log Starting Quantity"
    good = ("A01,FAM,CAR,Unkn,S,24.00,24.20,0.283,100,,,2", "A02,FAM,CAR,Unkn,S,24.40,24.20,0.283,100,,,2")
    assert [] == codes(read(table(*good, headings=headings)))

    for wrong, code in (("24.20,0.283,100,,,2", "24.50,0.283,100,,,2"), "Q112"), (("0.283", "0.9"), "Q115"):
        rows = [row.replace(*wrong) for row in good]
        assert [code] == codes(read(table(*rows, headings=headings)))
    assert ["I026"] == codes(read(table(good[0].removesuffix("2") + "3", good[1], headings=headings)))


def test_that_quantities_are_held_against_the_curve_of_their_dye_or_target() -> None:
    curve = [[None, "Fluor", "Efficiency %", "Slope", "Y-Intercept", "R^2"], [None, "FAM", 96.84, -3.4, 37.1, 0.998]]

    reading = read_source(workbook(_0=CQ_SHEET, Standard_Curve=curve, Run_Information=INFORMATION), ReadOptions())

    constants = {each.kind: (each.value, each.target, each.unit) for each in reading.readings[3:]}
    assert (-3.4, "CAR", None) == constants[ReadingKind.SLOPE]
    assert (37.1, "CAR", None) == constants[ReadingKind.INTERCEPT]
    assert (0.998, "CAR", None) == constants[ReadingKind.R2]
    assert (96.84, "CAR", "%") == constants[ReadingKind.EFFICIENCY]
    assert [] == codes(reading)

    off = [[*row[:-1], 2000.0] if row[-1] == 1000.0 else row for row in CQ_SHEET]
    reading = read_source(workbook(_0=off, Standard_Curve=curve, Run_Information=INFORMATION), ReadOptions())
    assert ["Q104"] == codes(reading)


@pytest.mark.parametrize(
    ("cq", "call", "code"), [("30.1", "(-)", "Q121"), ("NaN", "(+) Positive", "Q122"), ("30.1", "(+)", None)]
)
def test_that_a_call_that_says_other_than_the_cq_is_an_issue(cq: str, call: str, code: str | None) -> None:
    reading = read(table(f"A01,FAM,CAR,Unkn,S,{cq},{call}", headings="Well,Fluor,Target,Content,Sample,Cq,Call"))

    assert ([code] if code else []) == codes(reading)


# --- sheets and texts -------------------------------------------------------------------------------------------------


def test_that_a_second_table_of_the_same_wells_is_left_aside_and_a_difference_is_said() -> None:
    other = [list(row) for row in CQ_SHEET]
    other[1][6] = 27.9

    same = read_source(workbook(_0=CQ_SHEET, Summary=CQ_SHEET, Run_Information=INFORMATION), ReadOptions())
    differs = read_source(workbook(_0=CQ_SHEET, Summary=other, Run_Information=INFORMATION), ReadOptions())

    assert [26.9, None] == values(same, ReadingKind.CQ) == values(differs, ReadingKind.CQ)
    assert 'sheet "Summary" (wells read already)' in same.unread
    assert ([], ["I024"]) == (codes(same), codes(differs))


def test_that_sheets_of_one_dye_each_are_all_read() -> None:
    hex_sheet = [[*row[:2], "HEX", "ALB", *row[4:]] if row[1] != "Well" else row for row in CQ_SHEET]

    reading = read_source(workbook(FAM=CQ_SHEET, HEX=hex_sheet, Run_Information=INFORMATION), ReadOptions())

    assert [("CAR", 26.9), ("CAR", None), ("ALB", 26.9), ("ALB", None)] == [
        (each.target, each.value) for each in reading.readings if each.kind is ReadingKind.CQ
    ]


@pytest.mark.parametrize(
    ("heading", "row", "what"),
    [
        ("Well,Fluor,Target,Content,Sample,End RFU,Call", "A01,FAM,CAR,Unkn,S,4512,(+)", "end-point"),
        ("Well,Fluor,Target,Content,Sample,Melt Temperature,Peak Height", "A01,SYBR,CAR,Unkn,S,82.5,900", "melt"),
        ("Temperature,A1,A2,H12", "65,900,901,902", "melt"),
        ("Cycle,A1,A2,H12", "1,900,901,902", "amplification"),
        ("Data Set,Target,Sample,Relative Quantity,Expression,Mean Cq", "1-FAM,CAR,S,0,NaN,24.3", "expression"),
    ],
)
def test_that_an_export_without_cq_values_is_refused_with_what_it_is(heading: str, row: str, what: str) -> None:
    with pytest.raises(UserError, match=rf"^Q114 .*{what}"):
        read(table(row, headings=heading))


def test_that_the_information_about_the_run_alone_is_refused() -> None:
    with pytest.raises(UserError, match=r"^Q114 "):
        read("\n".join(",".join(row) for row in INFORMATION) + "\n")
    with pytest.raises(UserError, match=r"^Q114 "):
        read_source(
            workbook(SYBR=[[None, "1", "2"], [None, "Unkn", "NTC"]], Run_Information=INFORMATION), ReadOptions()
        )


def test_that_a_table_of_curves_alone_is_read_and_says_that_it_has_no_wells() -> None:
    reading = read(
        ",Fluor,Target,Efficiency %,Slope,Y-Intercept,R^2\n,FAM,CAR,96.8,-3.4,39.1,0.998\n,HEX,ALB,N/A,N/A,N/A,N/A\n"
    )

    assert [-3.4] == values(reading, ReadingKind.SLOPE)
    assert ["CAR"] * 4 == [each.target for each in reading.readings]
    assert ["I025"] == codes(reading)


@pytest.mark.parametrize(
    "headings",
    [
        "Well,Fluor,Content,Target,Sample,Threshold Cycle (C(t)),C(t) Mean,C(t) Std. Dev,Starting Quantity (SQ)",
        "Well,Fluor,Content,Target,Identifier,C(t),C(t) Mean,C(t) Std. Dev,Starting Quantity (SQ)",
        "Well,Fluor,Type,Target,Ident.,Ct,Ct Mean,Ct SD,SQ",
        "Well,Fluor,Content,Target,Sample,Cq,Cq.Mean,Cq.Std..Dev,Starting.Quantity..SQ.",
    ],
)
def test_that_the_headings_of_old_versions_and_of_r_are_known(headings: str) -> None:
    reading = read(table("A1,FAM,Unkn-1,CAR,S,22.04,22.04,0.000,2.183E-03", headings=headings))

    assert ["S", "CAR", Task.UNKNOWN] == [
        reading.readings[0].sample,
        reading.readings[0].target,
        reading.readings[0].task,
    ]
    assert ([22.04], [22.04], [0.002183]) == tuple(
        values(reading, kind) for kind in (ReadingKind.CQ, ReadingKind.CQ_MEAN, ReadingKind.QUANTITY)
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_that_a_decimal_comma_is_read_in_every_encoding_line_end_and_delimiter(
    encoding: str, end: str, delimiter: str
) -> None:
    rows = table("A01|FAM|CAR|Unkn|LM-1|24,3148953|24,3148953|0|1,2E+03|1,2E+03|0").replace(",Well", "|Well")
    text = rows.replace(HEADINGS, HEADINGS.replace(",", "|")).replace("\n,A01", "\n|A01").replace("|", delimiter)

    reading = read_source(Source("results.txt", text.replace("\n", end).encode(encoding)), ReadOptions())

    assert [24.3148953] == values(reading, ReadingKind.CQ)
    assert [1200.0] == values(reading, ReadingKind.QUANTITY)


def test_that_the_run_is_dated_as_this_software_writes_dates_unless_a_person_says_otherwise() -> None:
    text = "\n".join(",".join(row) for row in INFORMATION) + "\n\n\n" + table("A01,FAM,CAR,Unkn,S,24.31,,,,,")

    assert "2026-05-06T08:11:11+00:00" == read(text).run_started_at
    assert "2026-06-05T08:11:11+00:00" == read(text, options=ReadOptions(date_order=DateOrder.DMY)).run_started_at
    assert "2026-05-13T08:11:11+00:00" == read(text.replace("05/06/2026", "13/05/2026")).run_started_at


def test_that_software_and_run_are_named_and_no_person_is() -> None:
    reading = read_source(workbook(_0=CQ_SHEET, Run_Information=INFORMATION), ReadOptions())

    assert ("CFX Maestro 5.2.008.0222", "CAR 0506") == (reading.software, reading.run_name)
    assert "CT000001" == reading.instrument
    assert tuple(each or "" for each in CQ_SHEET[0]) == reading.headings
    assert "someone" not in repr((reading.properties, reading.run_name, reading.unread))


def test_that_a_table_cut_inside_its_last_row_is_refused() -> None:
    with pytest.raises(UserError, match=r"^I002 line 3: .*in the middle of a row"):
        read(table("A01,FAM,CAR,Unkn,S,24.31,,,,,", "A02,FAM,CAR,Unkn,S,24.3")[:-1])


def test_that_rows_below_other_text_are_not_lost_in_silence() -> None:
    reading = read(
        table("A01,FAM,CAR,Unkn,S,24.31,,,,,", "a note of the laboratory,about,the,plate", "A02,FAM,CAR,Unkn,S,25,,,,,")
    )

    assert [24.31] == values(reading, ReadingKind.CQ)
    assert {"I017", "I024"} == set(codes(reading))
