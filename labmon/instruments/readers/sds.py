"""Sequence Detection Systems 1.x and 2.x (7900HT, 7300, 7500): the table of results, as text or saved again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading
from labmon.instruments.cq import is_well
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, first_rows, grids
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cq_table import LONGEST_HEAD, numeric_cells, skipped
from labmon.instruments.readers.quantstudio_head import KEPT, KNOWN
from labmon.instruments.readers.quantstudio_results import (
    DETECTOR_NAMES,
    HEADINGS,
    read_results,
    results_block,
    results_heading,
)
from labmon.instruments.readers.run_head import Head, name_of
from labmon.instruments.source import Source
from labmon.instruments.tables import Row, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "sds"
_KEPT = KEPT | {"assay type", "plate type", "plateid", "thermalcycleparams"}
_NAMED = KNOWN | _KEPT | {"filename", "document name", "user", "last modified", "comments", "document information"}
_VERSION = re.compile(r"SDS v?([12]\.[0-9.]*[0-9])")
_MARKS_OF_ITS_SUCCESSOR = ("*", "[")
_FIRST_LINE = re.compile(r"SDS [12]\.")


def claims(source: Source) -> bool:
    """A table of wells, detectors and Cq values, or a first line with this software's name and version."""
    for rows in first_rows(source, LONGEST_HEAD):
        first = cell_text(rows[0].cells[0]) if rows and rows[0].cells else ""
        if _FIRST_LINE.match(first):
            return True
        if first.startswith(_MARKS_OF_ITS_SUCCESSOR):
            return False
        heading = results_heading(rows)
        if heading is not None and {plain(cell_text(cell)) for cell in rows[heading].cells} & DETECTOR_NAMES:
            return True
    return False


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the table of results. Raises UserError: I002, I003, I020, Q114 another export of this software."""
    everything = list(grids(source))
    found = next(((grid, at) for grid in everything if (at := results_heading(grid.rows)) is not None), None)
    if found is None:
        raise _without_results(everything)
    grid, heading = found
    rows = [*grid.rows[: heading + 1], *_of_one_well(grid, heading)]
    head = Head(kept=_KEPT, named=_NAMED)
    for row in grid.rows[:heading]:
        if not _VERSION.search(cell_text(row.cells[0]) if row.cells else ""):
            head.add_row(row, grid.sheet)
    path = head.texts.pop("filename", None) or head.texts.pop("document name", None)
    block = results_block(rows, heading, sheet=grid.sheet)
    order = head.date_order(options.date_order)
    numbers = decide_numbers(numeric_cells(block.table, HEADINGS), options.decimal_mark)
    results = read_results(block.table, numbers, lambda: None)
    if not results.readings:
        raise UserError("I020", place=block.table.heading_place, part="Every result below the headings")
    started, started_issues = head.run_started_at(order)
    end_issues = check_end(block.table, grid)
    for row in block.trailer:
        head.add_row(row, grid.sheet)
    unread = (
        *(f'sheet "{other.sheet}"' for other in everything if other is not grid and other.rows),
        *block.table.unread(),
        *head.unread,
    )
    return file_reading(
        source,
        _FORMAT,
        readings=results.readings,
        issues=(*end_issues, *started_issues, *results.issues, *skipped(block), *not_read(unread)),
        unread=unread,
        headings=block.table.headings,
        software=_software(grid.rows[:heading]),
        instrument=head.get("instrument type"),
        run_started_at=started,
        run_name=name_of(path, ".sds"),
        locale=locale_sentence(numbers, order, grid.encoding),
        properties=head.properties,
    )


def _of_one_well(grid: Grid, heading: int) -> Iterator[Row]:
    """The rows below the heading; one that leaves its well blank belongs to the well above it, and to its sample.

    Version 1 prints the second detector of a well that way.
    """
    words = [plain(cell_text(cell)) for cell in grid.rows[heading].cells]
    well = words.index("well") if "well" in words else words.index("well position")
    sample = next((index for index, word in enumerate(words) if word in HEADINGS.sample), None)
    detector = next((index for index, word in enumerate(words) if word in DETECTOR_NAMES), None)
    above: Row | None = None
    for row in grid.rows[heading + 1 :]:
        texts = [cell_text(cell) for cell in row.cells]
        is_further = detector is not None and detector < len(texts) and texts[detector] and not texts[well]
        if above is not None and is_further:
            cells = list(row.cells)
            for index in (well, sample):
                if index is not None and not texts[index]:
                    cells[index] = above.cells[index]
            yield Row(number=row.number, cells=cells)
            continue
        above = row if well < len(texts) and is_well(row.cells[well]) else None
        yield row


def _software(rows: Sequence[Row]) -> str | None:
    """Name and version, from the first line or from the comments."""
    texts = (cell_text(cell) for row in rows for cell in row.cells)
    return next((f"SDS {found[1]}" for text in texts if (found := _VERSION.search(text))), None)


def _without_results(everything: Sequence[Grid]) -> UserError:
    """What is missing: the table, or, by the second cell of the first line, the whole export is another one."""
    first = next((grid.rows[0] for grid in everything if grid.rows), None)
    texts = [] if first is None else [cell_text(cell) for cell in first.cells]
    if len(texts) > 1 and texts[1] and "result" not in texts[1].casefold():
        return UserError("Q114", what=f'The export "{texts[1]}"')
    return UserError("I020", part="The table of results")
