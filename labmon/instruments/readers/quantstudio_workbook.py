"""The workbook export of QuantStudio, ViiA 7 and StepOne RT-PCR software, .xls or .xlsx; also Design & Analysis 1.5."""

from __future__ import annotations

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.domain.reading import FileReading
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import rows_of_sheet
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cq_table import LONGEST_HEAD, cycle_of, numeric_cells, skipped
from labmon.instruments.readers.quantstudio_head import KNOWN, new_head
from labmon.instruments.readers.quantstudio_results import (
    HEADINGS,
    TARGET_NAMES,
    read_results,
    results_block,
    results_heading,
)
from labmon.instruments.source import Source
from labmon.instruments.tables import Row, cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Sheet, Workbook

_FORMAT = "quantstudio_workbook"


def claims(source: Source) -> bool:
    """A sheet of wells, target names and Cq values below a head of this software."""
    sheet = _results_sheet(source.workbook)
    if sheet is None:
        return False
    rows = rows_of_sheet(sheet, at_most=LONGEST_HEAD)
    heading = results_heading(rows)
    if heading is None:
        # Exported without results, it is still this software's workbook: the reader says what is missing.
        return sheet.name.strip().casefold() == "results" and _has_head(rows, "block type")
    words = {plain(cell_text(cell)) for cell in rows[heading].cells}
    return bool(words & TARGET_NAMES) and (_has_head(rows[:heading]) or "task" in words or "reporter" in words)


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the sheet of results. Raises UserError: I003 undecidable, I020 no results in it."""
    workbook = source.workbook
    sheet = _results_sheet(workbook)
    if sheet is None:
        raise UserError("I020", part="The sheet Results")
    rows = rows_of_sheet(sheet)
    heading = results_heading(rows)
    if heading is None:
        raise UserError("I020", place=Place(sheet=sheet.name), part="The heading of the results")
    head = new_head()
    for row in rows[:heading]:
        head.add_row(row, sheet.name)
    block = results_block(rows, heading, sheet=sheet.name)
    order = head.date_order(options.date_order)
    numbers = decide_numbers(numeric_cells(block.table, HEADINGS), options.decimal_mark)
    found = read_results(block.table, numbers, lambda: last_cycle(workbook))
    if not found.readings:
        raise UserError("I020", place=block.table.heading_place, part="Every result below the headings")
    started, started_issues = head.run_started_at(order)
    for row in block.trailer:
        head.add_row(row, sheet.name)
    others = tuple(f'sheet "{name}"' for name in workbook.sheet_names if name != sheet.name)
    unread = (*others, *block.table.unread(), *head.unread)
    return file_reading(
        source,
        _FORMAT,
        readings=found.readings,
        issues=(
            *started_issues,
            *found.issues,
            *skipped(block),
            *not_read(unread, Place(sheet=sheet.name)),
        ),
        unread=unread,
        headings=block.table.headings,
        instrument=head.get("instrument type"),
        run_started_at=started,
        run_name=head.get("experiment name"),
        locale=locale_sentence(numbers, order),
        properties=head.properties,
    )


def last_cycle(workbook: Workbook) -> int | None:
    """The number of cycles run, from the amplification data; None when they were not exported."""
    sheet = workbook.find("Amplification Data")
    if sheet is None:
        return None
    for index, cells in enumerate(sheet.rows):
        words = [plain(cell_text(cell)) for cell in cells]
        if "well" in words and ("cycle" in words or "cycle number" in words):
            column = words.index("cycle" if "cycle" in words else "cycle number")
            return (
                max((cycle_of(row[column]) for row in sheet.rows[index + 1 :] if len(row) > column), default=0) or None
            )
    return None


def _results_sheet(workbook: Workbook) -> Sheet | None:
    named = workbook.find("Results")
    if named is not None:
        return named
    names = workbook.sheet_names
    return workbook.sheet(names[0]) if len(names) == 1 else None


def _has_head(rows: list[Row], *needed: str) -> bool:
    keys = {plain(cell_text(row.cells[0]).lstrip("* ")) for row in rows if row.cells}
    return all(each in keys for each in needed) if needed else bool(keys & KNOWN)
