"""The rows of a file labmon could not take, as a workbook with the reason beside each, to correct or to ask about."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading
from labmon.reports.reproducible import workbook_bytes
from labmon.reports.sheet import CellValue, SheetColumn, write_table

_FIXED = (
    SheetColumn(heading="Place"),
    SheetColumn(heading="Reason", width=52),
    SheetColumn(heading="What to do", width=44),
    SheetColumn(heading="Code"),
)
_IDENTITY = ("Well", "Sample", "Target")


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """One row that becomes nothing: where it stands, why, and what stood in it."""

    place: Place | None
    issue: Issue
    cells: Mapping[str, CellValue] = field(default_factory=dict)
    """What was read of the row, by the heading of its column."""


def rows_of_readings(readings: Sequence[Reading], issue: Issue) -> tuple[RejectedRow, ...]:
    """The original rows these readings stood in, one each, with the texts as they stood there."""
    by_row: dict[tuple[str | None, int | None, str | None], list[Reading]] = {}
    for reading in readings:
        by_row.setdefault((reading.place.sheet, reading.place.row, reading.place.element), []).append(reading)
    return tuple(
        RejectedRow(
            place=Place(sheet=sheet, row=row, element=element),
            issue=issue,
            cells=_identity(group[0]) | {reading.place.heading or reading.kind.value: reading.raw for reading in group},
        )
        for (sheet, row, element), group in by_row.items()
    )


def write_rejected_rows(path: Path, file: FileReading, rows: Sequence[RejectedRow]) -> int:
    """Write the workbook, whole or not at all, and return the number of rows. Raises UserError R804 or R803."""
    content = rejected_rows_bytes(file, rows)
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError("R803" if error.errno == errno.ENOSPC else "R804", path=str(path)) from error
    return len(rows)


def rejected_rows_bytes(file: FileReading, rows: Sequence[RejectedRow]) -> bytes:
    """The workbook: the place and the reason first, then what was read. No text in it can become a formula."""
    from openpyxl import Workbook

    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells))
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None  # a new workbook has one sheet
    sheet.title = "Rejected rows"
    write_table(
        sheet,
        (*_FIXED, *(SheetColumn(heading=heading) for heading in headings)),
        [
            (
                str(row.place) if row.place is not None else "the file",
                row.issue.message,
                row.issue.advice,
                row.issue.code,
                *(row.cells.get(heading) for heading in headings),
            )
            for row in rows
        ],
    )
    about = workbook.create_sheet("Where from")
    write_table(
        about,
        (SheetColumn(heading="What"), SheetColumn(heading="Value")),
        (("File", file.file_name), ("Read as", file.format_title), ("SHA-256", file.sha256)),
    )
    workbook.properties.creator = "labmon"
    return workbook_bytes(workbook)


def cell_value(value: object) -> CellValue:
    """A clinical cell as a sheet can hold it: numbers and dates stay what they are."""
    if value is None or isinstance(value, bool | int | float | date | datetime):
        return value
    return str(value)


def _identity(reading: Reading) -> dict[str, CellValue]:
    values = (reading.well, reading.sample, reading.target)
    return {name: value for name, value in zip(_IDENTITY, values, strict=True) if value is not None}
