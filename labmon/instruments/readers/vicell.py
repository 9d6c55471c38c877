"""The exports of Vi-CELL cell counters: a table of samples, the BLU's report of one sample, the XR's text of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import decide_date_order, decide_numbers, iso_cell, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cell_count import Printed, measure_of, readings_of
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "vicell"
_SAMPLE = ("sample id", "sample")
_DATE = ("analysis date/time", "sample date/time", "sample date", "rundate", "date/time", "date")
_IMAGE, _WHOLE_SAMPLE = "image#", "total"
_ROWS_BEFORE_HEADING = 12
_XR = re.compile(r"vi-cell xr [0-9.]+")
_LABELLED = re.compile(r"([^:]{1,60}?)\s*:\s?(.*)")


def claims(source: Source) -> bool:
    """The XR's own first line, or headings of a sample with its cells per millilitre and its viability."""
    if _is_xr_text(source):
        return True
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and (_table_at(grid) is not None or _report_at(grid) is not None)


def read(source: Source, options: ReadOptions) -> FileReading:
    """Cells, cells per millilitre, viability and diameter of each sample. Raises UserError: I002, I003, I020."""
    if _is_xr_text(source):
        return _xr_text(source, options)
    first = next((grid for grid in grids(source) if grid.rows), None)
    if first is not None and _table_at(first) is None and _report_at(first) is not None:
        return _report(source, options, first)
    return _table(source, options)


def _is_xr_text(source: Source) -> bool:
    if source.container is not Container.TEXT:
        return False
    first = next((line for line in source.text.lines if line.strip()), "")
    return bool(_XR.fullmatch(plain(first)))


def _words(row: Row) -> list[str]:
    return [plain(cell_text(cell)) for cell in row.cells]


def _measures_viability(row: Row) -> bool:
    targets = {measure.target for cell in row.cells if (measure := measure_of(cell_text(cell))) is not None}
    return {"viability", "total cells"} <= targets


def _table_at(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        if set(_SAMPLE).intersection(_words(row)) and _measures_viability(row):
            return index
    return None


def _report_at(grid: Grid) -> int | None:
    """The row of headings of the images of one sample, below the sample's own headings in the first row."""
    if not grid.rows or not set(_SAMPLE).intersection(_words(grid.rows[0])):
        return None
    for index, row in enumerate(grid.rows[: 4 * _ROWS_BEFORE_HEADING]):
        if _IMAGE in _words(row) and _measures_viability(row):
            return index
    return None


def _table(source: Source, options: ReadOptions) -> FileReading:
    table, grid, others = table_in(source, _table_at)
    sample = table.column(*_SAMPLE)
    return _answer(
        source,
        options,
        grid,
        [(row.text(sample) or None, _printed(table, row)) for row in table.rows],
        dated=table,
        unread=[*others, *table.unread()],
        issues=[*check_end(table, grid), *table.repairs()],
    )


def _report(source: Source, options: ReadOptions, grid: Grid) -> FileReading:
    at = _report_at(grid)
    assert at is not None  # by the caller
    of_sample = Table(headings=grid.rows[0].cells, rows=grid.rows[1:2], heading_row=1, sheet=grid.sheet)
    images = Table(
        headings=grid.rows[at].cells, rows=grid.rows[at + 1 :], heading_row=grid.rows[at].number, sheet=grid.sheet
    )
    image = images.column(_IMAGE)
    whole = [row for row in images.rows if plain(row.text(image)) == _WHOLE_SAMPLE]
    if not whole or not of_sample.rows:
        raise UserError("I002", place=images.heading_place, detail="the row with the total of all images is missing")
    name = of_sample.rows[0].text(of_sample.column(*_SAMPLE)) or None
    between = [cell_text(row.cells[0]) for row in grid.rows[2:at] if row.cells and cell_text(row.cells[0])]
    return _answer(
        source,
        options,
        grid,
        [(name, _printed(images, whole[0]))],
        dated=of_sample,
        unread=["the counts of each image", *between[:1], *of_sample.unread(), *images.unread()],
        issues=of_sample.repairs(),
    )


def _printed(table: Table, row: Row) -> list[Printed]:
    printed = []
    for index, heading in enumerate(table.headings):
        measure = measure_of(heading)
        if measure is not None:
            column = table.at(index)
            if row.text(column):
                printed.append(
                    Printed(measure=measure, cell=row[column], raw=row.text(column), place=column.place(row))
                )
    return printed


def _answer(
    source: Source,
    options: ReadOptions,
    grid: Grid,
    samples: Sequence[tuple[str | None, Sequence[Printed]]],
    *,
    dated: Table,
    unread: Sequence[str],
    issues: Sequence[Issue],
) -> FileReading:
    date = dated.column(*_DATE)
    texts = [(cell, date.place(row)) for row in dated.rows if date is not None and isinstance(cell := row[date], str)]
    order = decide_date_order(texts, options.date_order)
    numbers = decide_numbers(
        ((each.cell, each.place) for _, printed in samples for each in printed), options.decimal_mark
    )
    found: list[Issue] = list(issues)
    readings: list[Reading] = []
    for name, printed in samples:
        readings += readings_of(printed, name, numbers, found)
    starts = [start for row in dated.rows if date is not None and (start := iso_cell(row[date], order)) is not None]
    left = tuple(each for each in unread if date is None or each != date.heading)
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*found, *not_read(left)),
        unread=left,
        headings=dated.headings,
        instrument="Vi-CELL",
        run_started_at=min(starts, default=None),
        locale=locale_sentence(numbers, order, grid.encoding),
    )


def _xr_text(source: Source, options: ReadOptions) -> FileReading:
    """One sample: labels and values, the measured ones in the section "Results:"."""
    lines = source.text.lines
    labelled: dict[str, str] = {}
    section, unread = "", []
    printed: list[Printed] = []
    for number, line in enumerate(lines, 1):
        found = _LABELLED.fullmatch(line.strip())
        if found is None:
            continue
        label, value = found[1], found[2].strip()
        if not value and label in ("Results", "Settings"):
            section = label
            continue
        labelled.setdefault(plain(label), value)
        measure = measure_of(label) if section == "Results" else None
        if measure is not None:
            place = Place(row=number, heading=label)
            printed.append(Printed(measure=measure, cell=value, raw=value, place=place))
        elif value and plain(label) not in ("sample id", "rundate", "unit s/n"):
            unread.append(label)
    if len(printed) < 3 or not any(line.startswith("Settings") for line in lines):
        raise UserError("I002", detail='its section "Results" is not complete')
    numbers = decide_numbers(((each.cell, each.place) for each in printed), options.decimal_mark)
    order = decide_date_order([(labelled.get("rundate", ""), None)], options.date_order)
    issues: list[Issue] = []
    readings = list(readings_of(printed, labelled.get("sample id") or None, numbers, issues))
    serial = labelled.get("unit s/n")
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        software=next(line.strip() for line in lines if line.strip()),
        instrument=f"Vi-CELL XR {serial}" if serial else "Vi-CELL XR",
        run_started_at=iso_cell(labelled.get("rundate", ""), order),
        locale=locale_sentence(numbers, order, source.text.encoding),
    )
