"""The export of Design & Analysis 2.x and Diomni: Cq on one sheet or in one text, quantities and curves on another."""

from __future__ import annotations

from collections.abc import Callable

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, first_rows, grids, rows_of_sheet
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cq_table import LONGEST_HEAD, Block, numeric_cells, skipped
from labmon.instruments.readers.quantstudio_head import new_head
from labmon.instruments.readers.quantstudio_results import (
    HEADINGS,
    OF_OTHERS,
    TARGET_NAMES,
    read_results,
    results_block,
    results_heading,
)
from labmon.instruments.readers.quantstudio_workbook import last_cycle
from labmon.instruments.readers.run_head import Head, name_of
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Sheet, Workbook

_FORMAT = "design_analysis"
_CURVE_SHEET = "Standard Curve Result"
_RESULT_SHEETS = ("Results", "Primary_result")
_KEYS_OF_RUN = ("instrument type", "block type", "run start date/time", "run start data/time")
_HEADINGS_OF_ITS_OWN = frozenset({"well position", "amp status", "amp score", "cq confidence", "auto threshold"})
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
    """A table of `Cq` and `Target`, on a sheet of results or in a text, below a head with its run."""
    if source.container is Container.TEXT:
        rows = next(first_rows(source, LONGEST_HEAD))
    else:
        sheet = _sheet(source.workbook, *_RESULT_SHEETS) or _sheet(source.workbook, _CURVE_SHEET)
        rows = rows_of_sheet(sheet, at_most=LONGEST_HEAD) if sheet is not None else []
    heading = results_heading(rows)
    if heading is None:
        return False
    words = {plain(cell_text(cell)) for cell in rows[heading].cells}
    if "cq" not in words or words & (TARGET_NAMES | OF_OTHERS):
        return False
    head = new_head()
    for row in rows[:heading]:
        head.add_row(row)
    says_run = "file name" in head.texts and any(key in head.texts for key in _KEYS_OF_RUN)
    return says_run or (source.container is Container.TEXT and len(words & _HEADINGS_OF_ITS_OWN) > 1)


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read Cq values from the results, quantities from the standard curve. Raises UserError: I002, I003, I020."""
    grid, curve_grid, others, cycles = _text(source) if source.container is Container.TEXT else _sheets(source.workbook)
    head, results = _block(grid)
    curve = _block(curve_grid)[1] if curve_grid is not None else None
    path = head.texts.pop("file name", None)
    order = head.date_order(options.date_order)
    tables = [block.table for block in (results, curve) if block is not None]
    cells = (cell for table in tables for cell in numeric_cells(table, HEADINGS))
    numbers = decide_numbers(cells, options.decimal_mark)
    found = read_results(results.table, numbers, cycles)
    if not found.readings:
        raise UserError("I020", place=results.table.heading_place, part="Every result below the headings")
    readings, issues = list(found.readings), list(found.issues)
    issues += check_end(results.table, grid)
    unread = list(others)
    unread += results.table.unread()
    if curve is not None:
        # This sheet repeats the Cq columns, and prints a mean even for an undetermined well.
        of_curve = read_results(curve.table, numbers, lambda: None)
        readings += [each for each in of_curve.readings if each.kind in _FROM_CURVE_SHEET]
        issues += [each for each in of_curve.issues if each.code in _CURVE_ISSUES]
        unread += [f"{_CURVE_SHEET}: {heading}" for heading in curve.table.unread()]
    started, started_issues = head.run_started_at(order)
    stated = [head.texts.pop(key, None) for key in ("software name and version", "software name", "software version")]
    software = stated[0] or " ".join(each for each in stated[1:] if each) or None
    unread += head.unread
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*started_issues, *issues, *skipped(results), *not_read(unread)),
        unread=unread,
        headings=results.table.headings,
        software=software,
        instrument=head.get("instrument type"),
        run_started_at=started,
        run_name=name_of(head.get("experiment name") or path, ".eds"),
        locale=locale_sentence(numbers, order, grid.encoding),
        properties=head.properties,
    )


def _sheet(workbook: Workbook, *names: str) -> Sheet | None:
    """The sheet of one of these names; the only one of a workbook whatever its name."""
    named = workbook.find(*names)
    only = workbook.sheet_names
    return workbook.sheet(only[0]) if named is None and len(only) == 1 else named


def _sheets(workbook: Workbook) -> tuple[Grid, Grid | None, list[str], Callable[[], int | None]]:
    """The results, the standard curve, what else there is, and how to find the last cycle."""
    sheet, curve = _sheet(workbook, *_RESULT_SHEETS), workbook.find(_CURVE_SHEET)
    if sheet is None or sheet is curve:  # exported without the results, the curve repeats their Cq values
        sheet, curve = curve, None
    if sheet is None:
        raise UserError("I020", part="The sheet Results")
    read = [each.name for each in (sheet, curve) if each is not None]
    others = [f'sheet "{name}"' for name in workbook.sheet_names if name not in read]
    return _grid(sheet), _grid(curve) if curve is not None else None, others, lambda: last_cycle(workbook)


def _grid(sheet: Sheet) -> Grid:
    return Grid(sheet=sheet.name, rows=rows_of_sheet(sheet))


def _text(source: Source) -> tuple[Grid, Grid | None, list[str], Callable[[], int | None]]:
    """A text is one sheet of such a workbook: the results, or the standard curve, which repeats their Cq values."""
    return next(grids(source)), None, [], lambda: None


def _block(grid: Grid) -> tuple[Head, Block]:
    heading = results_heading(grid.rows)
    if heading is None:
        raise UserError("I020", place=Place(sheet=grid.sheet), part="The heading of the results")
    head = new_head()
    for row in grid.rows[:heading]:
        head.add_row(row, grid.sheet)
    return head, results_block(grid.rows, heading, sheet=grid.sheet)
