"""The tables of Cp or Cq that the LightCycler 480 and LightCycler 96 programs export, as text or as a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.cq import is_well
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, first_rows, grids
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.well_table import (
    WellColumns,
    column_with_unit,
    cross_checks,
    numeric_cells,
    read_wells,
)
from labmon.instruments.source import Source
from labmon.instruments.tables import Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "lightcycler"
_TITLE = re.compile(r"Experiment:\s*(?P<name>.*?)\s*(?:Selected )?Filter:\s*(?P<filter>.+)", re.IGNORECASE)
"""Line 1 of a LightCycler 480 table: the only place that says what was measured."""
_WELL = ("pos", "position")
_CQ = ("cp", "cq", "crossing point")
_TARGET = ("gene name", "target name", "gene", "target")
_NUMBERS = (
    (ReadingKind.CQ_MEAN, ("cq mean", "cp mean", "mean cp", "mean cq")),
    (ReadingKind.CQ_SD, ("cq error", "cp error", "std cp", "cq sd", "cp sd")),
    (ReadingKind.QUANTITY, ("concentration", "conc.", "conc")),
    (ReadingKind.QUANTITY_MEAN, ("concentration mean", "mean conc", "mean conc.", "mean concentration")),
    (ReadingKind.QUANTITY_SD, ("concentration error", "std conc", "std conc.")),
)
_WITHOUT_RESULTS = {
    "raw data": "Every Cp (the file holds the raw fluorescence of the run)",
    "samplepos": "Every Cp (the file holds the raw fluorescence of the run)",
    "general:pos": "Every Cp (the file holds the set-up of the plate)",
    "general:well": "Every Cp (the file holds the set-up of the plate)",
}
"""Other exports of the same program, by their first cell: they hold no result."""
_ANALYSIS = "quant"
"""In the names of the sheets of results: Abs Quant, Rel Quant."""
_LONGEST_HEAD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One table of wells, with the words of the title above it."""

    table: Table
    grid: Grid
    well: int
    experiment: str | None
    target: str | None
    rest: Sequence[Row]
    """Rows among the wells that begin with none."""


def claims(source: Source) -> bool:
    """A title with experiment and filter, or a table of positions and Cp; or another export of the program."""
    for rows in first_rows(source, _LONGEST_HEAD, also_named=_ANALYSIS):
        first = next((text for row in rows if (text := _first_text(row))), "")
        if _TITLE.match(first) or plain(first) in _WITHOUT_RESULTS or any(map(_is_heading, rows)):
            return True
    return False


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read every titled table, or those of the first sheet that has any. Raises UserError: I002, I003, I020."""
    every_grid = list(grids(source))
    parts = [part for grid in every_grid for part in _parts(grid)]
    used = [part for part in parts if part.experiment is not None]
    if not used:  # without titles, the same wells stand again on the sheets of other analyses
        used = [part for part in parts if part.grid is parts[0].grid]
    if not used:
        raise UserError("I020", part=_missing(every_grid))
    columns = [_columns(part.table) for part in used]
    cells = [cell for part, each in zip(used, columns, strict=True) for cell in numeric_cells(part.table, each)]
    numbers = decide_numbers(cells, options.decimal_mark)
    readings: list[Reading] = []
    issues: list[Issue] = []
    unread: list[str] = []
    for part, each in zip(used, columns, strict=True):
        found = read_wells(part.table, each, numbers, target=part.target)
        readings += found.readings
        issues += [*check_end(part.table, part.grid), *found.issues, *cross_checks(found, ())]
        issues += [*_skipped(part), *_missing_target(part, each), *part.table.repairs()]
        unread += part.table.unread()
    if not readings:
        raise UserError("I020", place=used[0].table.heading_place, part="Every result below the headings")
    read_from = [grid for grid in every_grid if any(part.grid is grid for part in used)]
    unread = list(dict.fromkeys([*unread, *(entry for grid in read_from for entry in _lines_above(grid))]))
    unread += [f'sheet "{grid.sheet}"' for grid in every_grid if grid.sheet is not None and grid not in read_from]
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        run_name=used[0].experiment,
        headings=used[0].table.headings,
        locale=locale_sentence(numbers, None, used[0].grid.encoding),
    )


def _parts(grid: Grid) -> Iterator[_Part]:
    """The tables of one text or sheet, each from its heading to the next title or heading."""
    experiment = target = None
    starts = [index for index, row in enumerate(grid.rows) if _is_heading(row)]
    begin = 0
    for start, end in pairwise([*starts, len(grid.rows)]):
        for row in grid.rows[begin:start]:
            title = _TITLE.match(_first_text(row))
            if title:
                experiment, target = title["name"].strip() or None, title["filter"].strip(" ,;\t") or None
        heading = grid.rows[start]
        words = [plain(cell_text(cell)) for cell in heading.cells]
        well = next(words.index(name) for name in _WELL if name in words)
        wells, rest = [], []
        for row in grid.rows[start + 1 : end]:
            if well < len(row.cells) and is_well(row.cells[well]):
                wells.append(row)
            elif _first_text(row) and not _TITLE.match(_first_text(row)):
                rest.append(row)
        table = Table(headings=heading.cells, rows=wells, heading_row=heading.number, sheet=grid.sheet)
        yield _Part(table=table, grid=grid, well=well, experiment=experiment, target=target, rest=rest)
        begin = start


def _columns(table: Table) -> WellColumns:
    cq = table.column(*_CQ)
    assert cq is not None  # a heading without is none
    numbers = [(kind, *found) for kind, names in _NUMBERS if (found := column_with_unit(table, *names)) is not None]
    return WellColumns(
        cq=cq,
        well=table.column(*_WELL),
        sample=table.column("sample name", "name", "sample"),
        target=table.column(*_TARGET),
        task=table.column("sample type", "type"),
        included=table.column("include", "inc", "incl", "incl."),
        excluded=table.column("excluded", "exclude"),
        call=table.column("call"),
        remark=table.column("status", "failure"),
        standard=table.column("standard"),
        numbers=numbers,
    )


def _is_heading(row: Row) -> bool:
    words = {plain(cell_text(cell)) for cell in row.cells if isinstance(cell, str)}
    return any(name in words for name in _WELL) and any(name in words for name in _CQ)


def _first_text(row: Row) -> str:
    return next((text for cell in row.cells if (text := cell_text(cell))), "")


def _missing(every_grid: Sequence[Grid]) -> str:
    firsts = [plain(_first_text(row)) for grid in every_grid for row in grid.rows[:_LONGEST_HEAD]]
    return next((_WITHOUT_RESULTS[each] for each in firsts if each in _WITHOUT_RESULTS), "The column of Cp or Cq")


def _lines_above(grid: Grid) -> Iterator[str]:
    """The one entry for whatever stands above the first table and is no title."""
    for row in grid.rows:
        if _is_heading(row):
            return
        if _first_text(row) and not _TITLE.match(_first_text(row)):
            yield "lines above the table"
            return


def _skipped(part: _Part) -> Iterator[Issue]:
    for row in part.rest:
        detail = "A row among the wells begins with no position and was skipped"
        yield Issue(code="I017", place=Place(sheet=part.table.sheet, row=row.number), parameters={"detail": detail})


def _missing_target(part: _Part, columns: WellColumns) -> Iterator[Issue]:
    if part.target is None and columns.target is None:
        consequence = "no well can be given to a target"
        parameters = {"part": "The line with experiment and filter", "consequence": consequence}
        yield Issue(code="I025", place=part.table.heading_place, parameters=parameters)
