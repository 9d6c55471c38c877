"""A file's cells as rows, for formats that come as text and as workbook alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.instruments.delimited import delimiter_of, split
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import Row, Table, cell_text
from labmon.instruments.workbook import Sheet

_LINES_TO_JUDGE_BY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The rows of one sheet, or of a whole text."""

    sheet: str | None
    rows: list[Row]
    encoding: str | None = None
    may_be_cut: bool = False
    """A text that does not end with a line break may have lost its end."""


def grids(source: Source) -> Iterator[Grid]:
    """The text as one grid, or the sheets of the workbook in their order, each parsed when its turn comes."""
    if source.container is Container.TEXT:
        yield _text_grid(source)
        return
    for name in source.workbook.sheet_names:
        yield Grid(sheet=name, rows=rows_of_sheet(source.workbook.sheet(name)))


def first_rows(source: Source, at_most: int, *, also_named: str | None = None) -> Iterator[list[Row]]:
    """The first rows of the text, or of the first sheet that has any: enough to know a format by.

    And those of the sheets whose names hold the words `also_named`. No other is opened: it may be raw data of an hour.
    """
    if source.container is Container.TEXT:
        yield _text_grid(source, at_most).rows
        return
    is_first = True
    for name in source.workbook.sheet_names:
        if is_first or (also_named is not None and also_named in name.casefold()):
            rows = rows_of_sheet(source.workbook.sheet(name), at_most)
            is_first = is_first and not rows
            yield rows


def table_in(source: Source, heading_index: Callable[[Grid], int | None]) -> tuple[Table, Grid, tuple[str, ...]]:
    """The first table whose headings are known: with the rows below them, its grid, and the sheets left aside.

    Raises UserError I020 when there are no such headings, or nothing below them.
    """
    found: tuple[Grid, int] | None = None
    others: list[str] = []
    for grid in grids(source):
        index = heading_index(grid) if found is None else None
        if index is not None:
            found = grid, index
        elif grid.rows:
            others.append(f'sheet "{grid.sheet}"')
    if found is None:
        raise UserError("I020", part="The line of headings")
    grid, index = found
    heading = grid.rows[index]
    rows = [row for row in grid.rows[index + 1 :] if any(cell_text(cell) for cell in row.cells)]
    table = Table(headings=heading.cells, rows=rows, heading_row=heading.number, sheet=grid.sheet)
    if not rows:
        raise UserError("I020", place=table.heading_place, part="Every row below the headings")
    return table, grid, tuple(others)


def rows_of_sheet(sheet: Sheet, at_most: int | None = None) -> list[Row]:
    """The sheet's rows with their numbers; the first ones are enough to judge by."""
    return [Row(number=number, cells=cells) for number, cells in enumerate(sheet.rows[:at_most], 1)]


def check_end(table: Table, grid: Grid) -> list[Issue]:
    """I023 when the text ends without a line break in the table's last row; a row that lacks cells is refused.

    Raises UserError I002.
    """
    if not grid.may_be_cut or not table.rows or table.rows[-1] is not grid.rows[-1]:
        return []
    last = table.rows[-1]
    # Some programs leave out the empty cells at the end of every row.
    usual = max((len(row.cells) for row in table.rows[:-1]), default=len(table.headings))
    if len(last.cells) < min(usual, len(table.headings)):
        raise UserError("I002", place=Place(row=last.number), detail="it ends in the middle of a row")
    return [Issue(code="I023", place=Place(row=last.number))]


def _text_grid(source: Source, at_most: int | None = None) -> Grid:
    if at_most not in source.text_grids:
        source.text_grids[at_most] = _split_text(source, at_most)
    return source.text_grids[at_most]


def _split_text(source: Source, at_most: int | None) -> Grid:
    text = source.text
    first = 0
    delimiter = delimiter_of(text.lines[:_LINES_TO_JUDGE_BY])
    # A spreadsheet's own note on the delimiter: "sep=," in line 1.
    if text.lines and text.lines[0].strip('" \t,;').casefold().startswith("sep="):
        first = 1
        delimiter = text.lines[0].strip().strip('"').partition("=")[2][:1] or "\t"
    last = None if at_most is None else first + at_most
    rows = split(text.lines[first:last], delimiter or ",", first_number=first + 1)
    return Grid(sheet=None, rows=rows, encoding=text.encoding, may_be_cut=not text.ends_with_line_break)
