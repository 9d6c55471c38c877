"""The original beside the reading: the sheet or lines of a file as they stand there, around one row."""

from __future__ import annotations

from dataclasses import dataclass

from labmon.domain.issue import Place
from labmon.instruments.delimited import delimiter_of
from labmon.instruments.source import Container, Source, is_workbook_archive
from labmon.instruments.tables import cell_text

ROWS_AROUND = 200
_WIDEST = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalPart:
    """A window of rows as texts. Row `first_row` of the file is `rows[0]`; columns count from 1 in `Place.column`."""

    sheet: str | None
    """None for a text file."""
    sheets: tuple[str, ...]
    first_row: int
    rows: tuple[tuple[str, ...], ...]
    total_rows: int


def original_part(source: Source, place: Place | None, *, rows_around: int = ROWS_AROUND) -> OriginalPart:
    """The rows around a place, or the first ones. Raises UserError as opening the file does."""
    row = place.row if place is not None and place.row is not None else 1
    if source.container is Container.OLE or (source.container is Container.ZIP and is_workbook_archive(source.data)):
        return _of_workbook(source, place.sheet if place is not None else None, row, rows_around)
    if source.container is Container.FCS:
        return _of_events(source, row, rows_around)
    is_markup = source.container in (Container.XML, Container.ZIP)
    lines = source.markup.lines if is_markup else source.text.lines
    first = max(1, row - rows_around)
    window = lines[first - 1 : row + rows_around]
    delimiter = None if is_markup or source.container is Container.JSON else delimiter_of(window)
    rows = tuple(tuple(line.split(delimiter, _WIDEST - 1)) if delimiter else (line,) for line in window)
    return OriginalPart(sheet=None, sheets=(), first_row=first, rows=rows, total_rows=len(lines))


def _of_events(source: Source, row: int, rows_around: int) -> OriginalPart:
    """Keywords and values of an event file; its events are no rows a person could read."""
    from labmon.instruments.fcs import data_sets, events_of

    words = tuple(events_of(data_sets(source.buffer)).keywords.items())
    first = max(1, row - rows_around)
    window = words[first - 1 : row + rows_around]
    return OriginalPart(sheet=None, sheets=(), first_row=first, rows=window, total_rows=len(words))


def _of_workbook(source: Source, name: str | None, row: int, rows_around: int) -> OriginalPart:
    names = source.workbook.sheet_names
    sheet = source.workbook.sheet(name if name in names else names[0]) if names else None
    if sheet is None:
        return OriginalPart(sheet=None, sheets=(), first_row=1, rows=(), total_rows=0)
    first = max(1, row - rows_around)
    window = sheet.rows[first - 1 : row + rows_around]
    rows = tuple(tuple(cell_text(cell) for cell in cells[:_WIDEST]) for cells in window)
    return OriginalPart(sheet=sheet.name, sheets=names, first_row=first, rows=rows, total_rows=len(sheet.rows))
