"""The workbook export of Design & Analysis 2.x and Diomni: Cq on one sheet, quantities and curves on another."""

from __future__ import annotations

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import rows_of_sheet
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cq_table import LONGEST_HEAD, Block, numeric_cells, skipped
from labmon.instruments.readers.quantstudio_head import new_head
from labmon.instruments.readers.quantstudio_results import (
    HEADINGS,
    read_results,
    results_block,
    results_heading,
)
from labmon.instruments.readers.quantstudio_workbook import last_cycle
from labmon.instruments.readers.run_head import Head
from labmon.instruments.source import Source
from labmon.instruments.tables import cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Sheet, Workbook

_FORMAT = "design_analysis"
_CURVE_SHEET = "Standard Curve Result"
_FROM_CURVE_SHEET = frozenset(
    {
        ReadingKind.QUANTITY,
        ReadingKind.QUANTITY_MEAN,
        ReadingKind.QUANTITY_SD,
        ReadingKind.SLOPE,
        ReadingKind.INTERCEPT,
        ReadingKind.R2,
        ReadingKind.EFFICIENCY,
    }
)
_CURVE_ISSUES = frozenset({"Q104", "I009", "I016"})


def claims(source: Source) -> bool:
    """A sheet of results in this software's words: `Cq` and `Target`, below a head with its run's start."""
    sheet = _results_sheet(source.workbook)
    if sheet is None:
        return False
    rows = rows_of_sheet(sheet, at_most=LONGEST_HEAD)
    heading = results_heading(rows)
    if heading is None:
        return False
    words = {plain(cell_text(cell)) for cell in rows[heading].cells}
    if "cq" not in words or words & {"target name", "snp assay name", "detector name"}:
        return False
    keys = {plain(cell_text(row.cells[0])) for row in rows[:heading] if row.cells}
    return "file name" in keys and bool(keys & {"instrument type", "block type", "run start date/time"})


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read Cq values from the results, quantities from the standard curve. Raises UserError: I003, I020."""
    workbook = source.workbook
    sheet = _results_sheet(workbook)
    if sheet is None:
        raise UserError("I020", part="The sheet Results")
    head, results = _block(sheet)
    curve_sheet = workbook.find(_CURVE_SHEET)
    curve = _block(curve_sheet)[1] if curve_sheet is not None else None
    order = head.date_order(options.date_order)
    tables = [block.table for block in (results, curve) if block is not None]
    numbers = decide_numbers(
        (cell for table in tables for cell in numeric_cells(table, HEADINGS)), options.decimal_mark
    )
    found = read_results(results.table, numbers, lambda: last_cycle(workbook))
    if not found.readings:
        raise UserError("I020", place=results.table.heading_place, part="Every result below the headings")
    readings, issues = list(found.readings), list(found.issues)
    unread = [f'sheet "{name}"' for name in workbook.sheet_names if name not in (sheet.name, _CURVE_SHEET)]
    unread += results.table.unread()
    if curve is not None:
        # This sheet repeats the Cq columns, and prints a mean even for an undetermined well.
        of_curve = read_results(curve.table, numbers, lambda: None)
        readings += [each for each in of_curve.readings if each.kind in _FROM_CURVE_SHEET]
        issues += [each for each in of_curve.issues if each.code in _CURVE_ISSUES]
        unread += [f"{_CURVE_SHEET}: {heading}" for heading in curve.table.unread()]
    started, started_issues = head.run_started_at(order)
    name, version = head.get("software name"), head.get("software version")
    software = head.get("software name and version") or " ".join(each for each in (name, version) if each) or None
    unread += head.unread
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*started_issues, *issues, *skipped(results), *not_read(unread)),
        unread=unread,
        software=software,
        instrument=head.get("instrument type"),
        run_started_at=started,
        run_name=_without_folder(head.get("experiment name", "file name")),
        locale=locale_sentence(numbers, order),
        properties=head.properties,
    )


def _results_sheet(workbook: Workbook) -> Sheet | None:
    return workbook.find("Results", "Primary_result")


def _block(sheet: Sheet) -> tuple[Head, Block]:
    rows = rows_of_sheet(sheet)
    heading = results_heading(rows)
    if heading is None:
        raise UserError("I020", place=Place(sheet=sheet.name), part="The heading of the results")
    head = new_head()
    for row in rows[:heading]:
        head.add_row(row, sheet.name)
    return head, results_block(rows, heading, sheet=sheet.name)


def _without_folder(path: str | None) -> str | None:
    """The run's name without its folders and ending: folders hold the names of users."""
    if path is None:
        return None
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".eds") or None
