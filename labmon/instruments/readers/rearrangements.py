"""Tables of immune-receptor rearrangements as sequencing programs write them: a row a sequence, columns that count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.delimited import delimiter_of, split
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_NONE = frozenset({"", "null", "na", "n/a", "none", "nan", "-1", "-1.0"})
"""What these programs print for a value they do not have."""
_LINES_BEFORE_HEADING = 20
_MADE_BY = re.compile(r"#\s*Exported from (\S+ \S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A column that counts, or says how large a part of the sample a sequence is."""

    kind: ReadingKind
    headings: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The headings of one program's table, in the spelling of `words.plain`."""

    format_id: str
    needed: tuple[tuple[str, ...], ...]
    """A file is of this layout when it has one heading of each group."""
    sequence: tuple[str, ...]
    """What names a rearrangement: the target of its readings."""
    sample: tuple[str, ...]
    counts: tuple[Count, ...]
    counts_rows: bool = False
    """Whether the number of rows is itself a reading: where a row is a cell's or read's own rearrangement."""


def claims_layout(source: Source, layout: Layout) -> bool:
    """Whether the first line that is no comment holds the layout's headings."""
    for line in source.text.lines[:_LINES_BEFORE_HEADING]:
        if line.strip() and not line.startswith("#"):
            return _is_heading(split([line], delimiter_of([line]) or ",")[0], layout)
    return False


def read_layout(source: Source, options: ReadOptions, layout: Layout) -> FileReading:
    """The counts of every row. Raises UserError: I002 cut short, I003 undecidable, I020 no headings or no rows."""
    grid = next(grids(source))
    table, comments = _table(grid, layout)
    sequence, sample = table.column(*layout.sequence), table.column(*layout.sample)
    columns = [(count, column) for count in layout.counts if (column := table.column(*count.headings)) is not None]
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for _, column in columns), options.decimal_mark
    )
    readings: list[Reading] = []
    issues = check_end(table, grid)
    for row in table.rows:
        target, of = row.text(sequence) or None, row.text(sample)
        for count, column in columns:
            raw = row.text(column)
            if raw.casefold() in _NONE:
                continue
            value, place = numbers.parse(row[column]), column.place(row)
            if value is None:
                what = f"a number of {count.kind.replace('_', ' ')}"
                issues.append(Issue(code="I016", place=place, parameters={"raw": raw, "what": what}))
                continue
            readings.append(
                Reading(
                    kind=count.kind,
                    place=place,
                    value=value,
                    raw=raw,
                    sample=None if of.casefold() in _NONE else of,
                    target=target,
                    unit=count.unit,
                )
            )
    if layout.counts_rows:
        readings.append(_rows_counted(table))
    made_by = next((found for each in comments if (found := _MADE_BY.match(each))), None)
    unread = (*(each for each in comments if made_by is None or each != made_by.string), *table.unread())
    return file_reading(
        source,
        layout.format_id,
        readings=readings,
        issues=(*issues, *table.repairs(), *not_read(unread, table.heading_place)),
        unread=unread,
        headings=table.headings,
        software=None if made_by is None else made_by[1],
        locale=locale_sentence(numbers, None, grid.encoding),
    )


def _is_heading(row: Row, layout: Layout) -> bool:
    words = {plain(cell_text(cell)) for cell in row.cells}
    return all(words.intersection(group) for group in layout.needed)


def _table(grid: Grid, layout: Layout) -> tuple[Table, list[str]]:
    """The rows below the headings, and the comments above them."""
    comments: list[str] = []
    for index, row in enumerate(grid.rows[:_LINES_BEFORE_HEADING]):
        text = "\t".join(map(cell_text, row.cells)).strip()
        if _is_heading(row, layout):
            rows = [each for each in grid.rows[index + 1 :] if any(cell_text(cell) for cell in each.cells)]
            if not rows:
                raise UserError("I020", place=Place(row=row.number), part="Every sequence below the headings")
            return Table(headings=row.cells, rows=rows, heading_row=row.number), comments
        if text:
            comments.append(text)
    raise UserError("I020", part="The line of headings")


def _rows_counted(table: Table) -> Reading:
    return Reading(
        kind=ReadingKind.REARRANGEMENT_COUNT,
        place=table.heading_place,
        value=float(len(table.rows)),
        raw=str(len(table.rows)),
    )
