"""Where a table of results ends, and what is said about the rows beyond."""

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

HEAD = "* Block Type = 96-Well Block (0.2mL)\n* Instrument Type = QuantStudio 5\n\n[Results]\n"
HEADINGS = "Well|Well Position|Sample Name|Target Name|Task|CT|Quantity"


def read(*rows: str) -> FileReading:
    text = HEAD + "\n".join((HEADINGS, *rows)).replace("|", "\t") + "\n"
    return read_source(Source("plate.txt", text.encode()), ReadOptions())


def cqs(reading: FileReading) -> list[object]:
    return [each.value for each in reading.readings if each.kind is ReadingKind.CQ]


def test_that_a_blank_line_inside_the_results_does_not_end_them() -> None:
    reading = read("1|A1|S1|CAR|UNKNOWN|27.1|", "", "2|A2|S2|CAR|UNKNOWN|28.1|", "", "", "3|A3|S3|CAR|UNKNOWN|29.1|")

    assert [27.1, 28.1, 29.1] == cqs(reading)
    assert () == reading.issues


def test_that_wells_behind_the_end_of_the_table_are_named_as_not_read() -> None:
    reading = read(
        "1|A1|S1|CAR|UNKNOWN|27.1|",
        "",
        "Further wells, by hand, of today",
        "2|A2|S2|CAR|UNKNOWN|28.1|",
        "Analysis Type = x",
    )

    assert [27.1] == cqs(reading)
    note, well = reading.issues
    assert ("I017", 8, "begins with no well" in note.message) == (note.code, note.place.row, True)
    assert ("I024", 9) == (well.code, well.place.row)
    assert "begins with no well" not in well.message


def test_that_a_second_section_of_results_is_named_as_not_read() -> None:
    reading = read("1|A1|S1|CAR|UNKNOWN|27.1|", "", "[Results]", HEADINGS, "2|A2|S2|CAR|UNKNOWN|28.1|")

    assert [27.1] == cqs(reading)
    assert [("I024", 8)] == [(i.code, i.place.row) for i in reading.issues if i.code != "I004" and i.place]


@pytest.mark.parametrize("sign", ["\t", ",", ";"])
def test_that_a_row_of_more_cells_than_a_table_has_columns_is_refused_without_being_taken_apart(sign: str) -> None:
    with pytest.raises(UserError) as refused:
        read_source(Source("wide.txt", (sign * 2_000_000).encode()), ReadOptions())

    assert ("I012", 1) == (refused.value.code, refused.value.place.row)


@pytest.mark.parametrize(("missing", "said"), [("Task", "Task"), ("Sample Name", "sample"), ("Target Name", "target")])
def test_that_a_plate_without_a_column_every_plate_has_says_what_that_means(missing: str, said: str) -> None:
    headings = HEADINGS.replace(f"{missing}|", "")
    row = "1|A1|S1|CAR|UNKNOWN|27.1|".replace(
        {"Task": "UNKNOWN|", "Sample Name": "S1|", "Target Name": "CAR|"}[missing], ""
    )
    text = HEAD + f"{headings}\n{row}\n".replace("|", "\t")

    reading = read_source(Source("plate.txt", text.encode()), ReadOptions())

    (issue,) = reading.issues
    assert "I025" == issue.code
    assert said in issue.message
