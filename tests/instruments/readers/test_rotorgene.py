"""Rotor-Gene exports of other laboratories: other separators, parts missing, saved again by a spreadsheet."""

import io
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from labmon.domain.errors import UserError
from labmon.domain.issue import Severity
from labmon.domain.reading import FileReading, Qualifier, ReadingKind, Task
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

HEAD = ["Excel Analysed Data Export", "Copyright (c) 2013 QIAGEN GmbH. All Rights Reserved."]
HEADINGS = (
    "No.;Color;Name;Type;Ct;Ct Comment;Given Conc (Copies);Calc Conc (Copies);% Var;Rep. Ct;Rep. Ct Std. Dev.;"
    "Rep. Ct (95% CI);Rep. Calc. Conc.;Rep. Calc. Conc. (95% CI)"
)
TITLE = "Quantitative analysis of Cycling A.Green (CAR)"


def block(*tubes: str, title: str = TITLE, headings: str = HEADINGS) -> list[str]:
    return [title, "", headings, *tubes]


def text_of(lines: Sequence[str], *, delimiter: str = ";") -> bytes:
    return ("\r\n".join(lines) + "\r\n").replace(";", delimiter).encode()


def read(lines: Sequence[str], options: ReadOptions | None = None, *, delimiter: str = ";") -> FileReading:
    source = Source("export.csv", text_of([*HEAD, *lines], delimiter=delimiter))
    return read_source(source, options or ReadOptions())


def values(reading: FileReading, kind: ReadingKind) -> list[float | str | None]:
    return [each.value for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


def as_workbook(rows: Sequence[Sequence[object]]) -> FileReading:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return read_source(Source("export.xlsx", out.getvalue()), ReadOptions())


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_that_the_separator_is_any_and_the_tube_number_is_the_well(delimiter: str) -> None:
    reading = read(block("25;255;NK1;Unknown;7.49;;;;;7.52;0.05;;;"), delimiter=delimiter)

    (cq,) = [each for each in reading.readings if each.kind is ReadingKind.CQ]
    assert ("25", "NK1", "CAR", Task.UNKNOWN, 7.49) == (cq.well, cq.sample, cq.target, cq.task, cq.value)
    assert "rotorgene" == reading.format_id


def test_that_every_quantitative_block_is_read_and_a_melt_block_holds_no_result() -> None:
    reading = read(
        [
            *block("1;255;S1;Unknown;20.1;;;;;;;;;"),
            ";;;;",
            *block("1;255;S1;Unknown;24.2;;;;;;;;;", title="Quantitative analysis of Cycling A.Green (ALB mRNA (2))"),
            "",
            "Melt analysis of Melt A.Green",
            "",
            "No.;Color;Name;Genotype;Peak 1",
            "1;255;S1;;84.5",
        ]
    )

    found = {(each.target, each.value) for each in reading.readings}
    assert {("CAR", 20.1), ("ALB mRNA (2)", 24.2)} == found
    assert "Melt analysis of Melt A.Green" in reading.unread


def test_that_a_name_with_a_comma_stays_one_name() -> None:
    title = "Quantitative analysis of Cycling A.Green (CAR, second try)"

    reading = read(block("1;255;S1;Unknown;20.1;;;;;;;;;", title=title), delimiter=",")

    assert "CAR, second try" == reading.readings[0].target


def test_that_a_channel_without_a_name_is_its_own_target() -> None:
    reading = read(block("1;255;S1;Unknown;20.1;;;;;;;;;", title="Quantitative analysis of Cycling A.Green"))

    assert "Cycling A.Green" == reading.readings[0].target


@pytest.mark.parametrize("comment", ["", "NEG (NTC)", "NEG (Multi Ct)", "NEG (R. Eff)"])
def test_that_an_empty_ct_is_undetermined_and_its_comment_no_problem(comment: str) -> None:
    reading = read(block(f"1;255;NTC;NTC;;{comment};;;;;;;;"))

    (cq,) = reading.readings
    assert (None, Qualifier.UNDETERMINED, Task.NTC) == (cq.value, cq.qualifier, cq.task)
    assert [] == codes(reading)


def test_that_a_ct_its_own_comment_denies_is_kept_and_held() -> None:
    reading = read(block("1;255;S1;Unknown;38.4;NEG (R. Eff);;;;;;;;"))

    assert [38.4] == values(reading, ReadingKind.CQ)
    assert ["Q121"] == codes(reading)
    assert Severity.HOLDS is reading.issues[0].severity


def test_that_a_remark_of_the_software_is_passed_on() -> None:
    assert ["Q122"] == codes(read(block("1;255;S1;Unknown;28.4;look at this;;;;;;;;")))


def test_that_a_ct_of_40_is_a_ct_for_no_ct_is_printed_as_nothing() -> None:
    reading = read(block("1;255;S1;Unknown;40;;;;;;;;;"))

    assert [40.0] == values(reading, ReadingKind.CQ)
    assert [] == codes(reading)


@pytest.mark.parametrize("unit", ["Copies", "copies/µl", "copies/ml", "IU/ml"])
def test_that_the_unit_is_the_one_in_the_heading(unit: str) -> None:
    headings = HEADINGS.replace("Copies", unit)
    reading = read(block("1;255;S 100;Standard;30.5;;100;98;2%;;;;;", headings=headings))

    given, computed = (
        next(each for each in reading.readings if each.kind is kind)
        for kind in (ReadingKind.QUANTITY_GIVEN, ReadingKind.QUANTITY)
    )
    assert (100.0, unit) == (given.value, given.unit)
    assert (98.0, unit) == (computed.value, computed.unit)


def test_that_a_given_quantity_of_0_marks_a_tube_that_is_no_standard() -> None:
    reading = read(block("1;255;S1;Unknown;20.1;;0;812;;;;;;"))

    assert [] == values(reading, ReadingKind.QUANTITY_GIVEN)
    assert [812.0] == values(reading, ReadingKind.QUANTITY)


def test_that_a_mean_on_the_first_replicate_is_that_of_all_and_its_confidence_interval_is_no_mean() -> None:
    reading = read(
        block(
            "1;255;S1;Unknown;20.10;;;;;20.20;0.1;[20.0, 20.4];150;[140, 160]",
            "2;255;S1;Unknown;20.30;;;;;;;;;",
            "3;255;S2;Unknown;25.00;;;;;26.50;0.1;;;",
            "4;255;S2;Unknown;25.20;;;;;;;;;",
            "5;255;S3;Unknown;30.00;;;;;30.00;;;;",
            "6;255;S3;Unknown;;;;;;;;;;",
        )
    )

    assert [20.2, 26.5, 30.0] == values(reading, ReadingKind.CQ_MEAN)
    assert [150.0] == values(reading, ReadingKind.QUANTITY_MEAN)
    assert ["Q102", "Q112"] == sorted(codes(reading))
    assert "26.50" in next(each.message for each in reading.issues if each.code == "Q112")


CONSTANTS = ["Reaction efficiency (*);0.99522 (* = 10^(-1/m) - 1)", "M;-3.33351", "B;38.01", "R^2 Value;0.9995"]


@pytest.mark.parametrize("where", ["head", "block", "channel table"])
def test_that_the_curve_is_read_wherever_it_is_stated(where: str) -> None:
    tube = "1;255;S1;Unknown;28;;;1010;;;;;;"
    table = [
        "Channel;Threshold;M;B;R^2;Efficiency",
        "Cycling A.Green (CAR);0.06;-3.33351;38.01;0.9995;99.522 %",
        "",
    ]
    lines = {
        "head": [*CONSTANTS, "Threshold;0.06", "", *block(tube)],
        "block": [TITLE, "", *CONSTANTS, "Threshold;0.06", "", HEADINGS, tube],
        "channel table": [*table, *block(tube)],
    }[where]

    stated = {each.kind: each.value for each in read(lines).readings if each.sample is None}

    assert stated == {
        ReadingKind.SLOPE: -3.33351,
        ReadingKind.INTERCEPT: 38.01,
        ReadingKind.R2: 0.9995,
        ReadingKind.EFFICIENCY: pytest.approx(99.522),
        ReadingKind.THRESHOLD: 0.06,
    }


def test_that_constants_above_two_channels_belong_to_neither() -> None:
    reading = read(
        [
            "M;-3.3",
            "",
            *block("1;255;S1;Unknown;20.1;;;;;;;;;"),
            "",
            *block("1;255;S1;Unknown;24.2;;;;;;;;;", title="Quantitative analysis of Cycling A.Yellow (ALB)"),
        ]
    )

    assert [] == values(reading, ReadingKind.SLOPE)
    assert any(entry.startswith("M at") for entry in reading.unread)


def test_that_a_quantity_the_curve_does_not_give_is_held() -> None:
    good, bad = "1;255;S1;Unknown;28;;;1010;;;;;;", "2;255;S2;Unknown;28;;;3;;;;;;"

    assert ["Q104"] == codes(read([TITLE, "", *CONSTANTS, "", HEADINGS, good, bad]))


def test_that_a_quantity_is_not_held_for_its_rounding() -> None:
    assert [] == codes(read([TITLE, "", *CONSTANTS, "", HEADINGS, "1;255;S1;Unknown;36.2;;;3;;;;;;"]))  # 3.49 computed


# --- dates ------------------------------------------------------------------------------------------------------------

TUBE = "1;255;S1;Unknown;20.1;;;;;;;;;"


@pytest.mark.parametrize(
    ("printed", "file", "started"),
    [
        ("3/16/2021", "a.rex", "2021-03-16T10:34:20"),
        ("16/03/2021", "a.rex", "2021-03-16T10:34:20"),
        ("16.03.2021", "a.rex", "2021-03-16T10:34:20"),
        ("2021-03-12", "a.rex", "2021-03-12T10:34:20"),
        ("3/12/2021", "CAR 2021-03-12 (1).rex", "2021-03-12T10:34:20"),
        ("3/12/2021", "CAR 2021-12-03 (1).rex", "2021-12-03T10:34:20"),
    ],
)
def test_that_the_start_is_read_in_the_order_the_file_shows(printed: str, file: str, started: str) -> None:
    reading = read([f"File;{file}", f"Date;{printed}", "Time;10:34:20 AM", "", *block(TUBE)])

    assert started == reading.run_started_at
    assert [] == codes(reading)


@pytest.mark.parametrize("file", ["a.rex", "CAR 2019-01-01 (1).rex", "CAR 2021-13-03.rex"])
def test_that_a_date_that_can_be_two_days_leaves_the_start_open_and_the_values_stand(file: str) -> None:
    lines = [f"File;{file}", "Date;3/12/2021", "Time;10:34:20 AM", "", *block(TUBE)]
    reading = read(lines)

    assert reading.run_started_at is None
    assert [20.1] == values(reading, ReadingKind.CQ)
    assert ["I003"] == codes(reading)
    assert "2021-12-03T10:34:20" == read(lines, ReadOptions(date_order=DateOrder.DMY)).run_started_at
    assert "2021-03-12" == read(lines, ReadOptions(run_started_on=date(2021, 3, 12))).run_started_at


MARCH_16 = datetime.fromisoformat("2021-03-16")
DECEMBER_3 = datetime.fromisoformat("2021-12-03")


def workbook_rows(day: object, *, file: str = "a.rex") -> list[list[object]]:
    return [
        ["Excel Analysed Data Export"],
        ["File", file],
        ["Date", day],
        ["Machine Serial No", 117203],
        [],
        [TITLE],
        [],
        HEADINGS.split(";"),
        [25, 255, "NK1", "Unknown", 7.49, None, None, None, None, 7.5],
        [26, 255, "NK1", "Unknown", None],
    ]


def test_that_the_same_export_saved_as_a_workbook_reads_the_same() -> None:
    reading = as_workbook(workbook_rows(MARCH_16))

    cqs = [each for each in reading.readings if each.kind is ReadingKind.CQ]
    assert [("25", 7.49), ("26", None)] == [(each.well, each.value) for each in cqs]
    assert "Sheet!E9" == str(cqs[0].place)
    assert "Rotor-Gene 117203" == reading.instrument
    assert "2021-03-16" == (reading.run_started_at or "")[:10]


def test_that_a_date_a_spreadsheet_may_have_exchanged_leaves_the_start_open() -> None:
    reading = as_workbook(workbook_rows(DECEMBER_3))

    assert reading.run_started_at is None
    assert "I003" in codes(reading)
    assert "2021-12-03" in as_workbook(workbook_rows(DECEMBER_3, file="a 2021-12-03.rex")).run_started_at


def test_that_a_sheet_with_a_line_in_each_cell_is_read_too() -> None:
    lines = [*HEAD, "Date;3/16/2021", "", *block("25;255;NK1;Unknown;7.49;;;;;;;;;")]

    reading = as_workbook([[line] if line else [] for line in lines])

    assert [7.49] == values(reading, ReadingKind.CQ)
    assert "Sheet!E8" == str(reading.readings[0].place)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_that_the_raw_data_export_is_refused_for_what_it_lacks() -> None:
    with pytest.raises(UserError, match=r"I020.*raw fluorescence"):
        read_source(Source("raw.csv", b"Excel Raw Data Export\r\nFile,a.rex\r\nCycling A.Green\r\n"), ReadOptions())


@pytest.mark.parametrize("lines", [["Date;3/16/2021"], ["Melt analysis of Melt A.Green", "", "No.;Color;Name;Peak 1"]])
def test_that_an_export_without_a_table_of_ct_is_refused(lines: list[str]) -> None:
    with pytest.raises(UserError, match="I020"):
        read(lines)


def test_that_an_export_without_a_tube_is_refused() -> None:
    with pytest.raises(UserError, match="I020"):
        read(block())


def test_that_an_export_cut_in_a_row_is_refused_and_one_without_its_last_line_break_is_shown() -> None:
    whole = text_of([*HEAD, *block("1;255;S1;Unknown;20.1;;;;;;;;;", "2;255;S2;Unknown;21.1;;;;;;;;;")])

    with pytest.raises(UserError, match="I002"):
        read_source(Source("a.csv", whole[:-14]), ReadOptions())
    assert ["I023"] == codes(read_source(Source("a.csv", whole[:-2]), ReadOptions()))


def test_that_an_undecidable_decimal_mark_is_asked_for() -> None:
    lines = block("1;255;S1;Unknown;20,123;;;;;;;;;")

    with pytest.raises(UserError, match="I003"):
        read(lines)
    assert [20.123] == values(read(lines, ReadOptions(decimal_mark=DecimalMark.COMMA)), ReadingKind.CQ)


# --- run files --------------------------------------------------------------------------------------------------------


def run_file(samples: str) -> FileReading:
    text = (
        "<Experiment><RexHeader>REX 3.15</RexHeader><StartTime>2026-03-04T14:05:30</StartTime><Samples>"
        f"<ConcentrationUnit>IU/ml</ConcentrationUnit><Page>{samples}</Page></Samples></Experiment>"
    )
    return read_source(Source("run.rex", text.encode()), ReadOptions())


def test_that_a_run_file_gives_names_and_given_quantities_and_says_that_it_holds_no_ct() -> None:
    reading = run_file(
        "<Sample><ID>9</ID><Name>STD</Name><Type>1</Type><GivenConc>1e3</GivenConc><TubePosition>4</TubePosition>"
        "</Sample><Sample><ID>2</ID><Name>unused</Name><Type>0</Type></Sample>"
    )

    assert [(ReadingKind.SAMPLE_NAME, "STD", "4"), (ReadingKind.QUANTITY_GIVEN, 1000.0, "4")] == [
        (each.kind, each.value, each.well) for each in reading.readings
    ]
    assert "IU/ml" == reading.readings[1].unit
    assert ["I025"] == codes(reading)


def test_that_a_run_file_without_a_used_tube_is_refused() -> None:
    with pytest.raises(UserError, match="I020"):
        run_file("<Sample><ID>2</ID><Name>unused</Name><Type>0</Type></Sample>")
