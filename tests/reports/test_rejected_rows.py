import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.reports.rejected_rows import RejectedRow, rejected_rows_bytes, rows_of_readings, write_rejected_rows

FILE = FileReading(
    file_name="run.xlsx",
    sha256="a" * 64,
    size_bytes=10,
    format_id="quantstudio_workbook",
    format_title="QuantStudio workbook",
    reader_version=1,
)
ISSUE = Issue(code="I117", parameters={"detail": 'Sample "mix 2" is no specimen on record'})


def reading(row: int, kind: ReadingKind, heading: str, raw: str) -> Reading:
    place = Place(sheet="Results", row=row, column=5, heading=heading)
    return Reading(kind=kind, place=place, value=None, raw=raw, well="A1", sample="mix 2", target="CAR")


def rows_in(content: bytes) -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Rejected rows"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_that_the_readings_of_one_original_row_are_one_row_with_its_texts() -> None:
    rows = rows_of_readings(
        (
            reading(84, ReadingKind.CQ, "CT", "29.81"),
            reading(84, ReadingKind.QUANTITY, "Quantity", "764"),
            reading(85, ReadingKind.CQ, "CT", "Undetermined"),
        ),
        ISSUE,
    )

    first, second = rows_in(rejected_rows_bytes(FILE, rows))
    assert ("Results!R84", "29.81", "764", "mix 2") == (first["Place"], first["CT"], first["Quantity"], first["Sample"])
    assert ("Results!R85", "Undetermined", None) == (second["Place"], second["CT"], second["Quantity"])
    assert ISSUE.message == first["Reason"]
    assert ISSUE.advice == first["What to do"]


def test_that_numbers_and_dates_stay_what_they_are_and_texts_never_become_formulas() -> None:
    row = RejectedRow(
        place=Place(sheet="Patients", row=3),
        issue=ISSUE,
        cells={"born": date(1970, 1, 2), "blasts": 4.5, "name": "=HYPERLINK(1)"},
    )

    (saved,) = rows_in(rejected_rows_bytes(FILE, (row,)))
    assert 4.5 == saved["blasts"]
    assert "1970-01-02" == str(saved["born"])[:10]
    sheet = openpyxl.load_workbook(io.BytesIO(rejected_rows_bytes(FILE, (row,))))["Rejected rows"]
    cell = next(cell for cell in sheet[2] if cell.value == "=HYPERLINK(1)")
    assert ("s", True) == (cell.data_type, cell.quotePrefix)


def test_that_a_folder_that_is_not_there_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="R804"):
        write_rejected_rows(tmp_path / "absent" / "rows.xlsx", FILE, ())

    assert [] == list(tmp_path.iterdir())
