"""The csv QuantaSoft writes for a QX100 or QX200: a row a well and channel, merged wells among the single ones."""

from __future__ import annotations

import re

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.partition_counts import Identity, PartitionReader, droplet_issues, task_of
from labmon.instruments.source import Source
from labmon.instruments.tables import Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "quantasoft"
_COLUMNS = (
    (ReadingKind.CONCENTRATION, ("concentration",)),
    (ReadingKind.COPIES_PER_20UL_WELL, ("copiesper20ulwell",)),
    (ReadingKind.CI_HIGH, ("poissonconfmax",)),
    (ReadingKind.CI_LOW, ("poissonconfmin",)),
    (ReadingKind.ACCEPTED_DROPLETS, ("accepteddroplets",)),
    (ReadingKind.POSITIVE_DROPLETS, ("positives",)),
    (ReadingKind.NEGATIVE_DROPLETS, ("negatives",)),
    (ReadingKind.THRESHOLD, ("threshold",)),
)
_NEEDED = {"well", "concentration", "accepteddroplets", "positives"}
_TARGET_TYPE = ("targettype", "typeassay")
_CHANNEL = re.compile(r"ch[0-9]\s*", re.IGNORECASE)
_MERGED = re.compile(r"M[0-9]{2,}")
_ROWS_BEFORE_HEADING = 5


def claims(source: Source) -> bool:
    """QuantaSoft's own headings: a target type, a concentration and accepted droplets."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """Copies and droplets of every well and channel. Raises UserError: I002 cut short, I003, I020 no wells."""
    table, grid, others = table_in(source, _heading_index)
    _refuse_slipped(table)
    columns = [(kind, column) for kind, names in _COLUMNS if (column := table.column(*names)) is not None]
    well, sample = table.column("well"), table.column("sample")
    target, target_type = table.column("target", "assay"), table.column(*_TARGET_TYPE)
    merged_wells = table.column("mergedwells")
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for _, column in columns), options.decimal_mark
    )
    reader = PartitionReader(numbers)
    wells: list[list[Reading]] = []
    merged: list[Issue] = []
    for row in table.rows:
        name = row.text(well)
        identity = Identity(
            well=name or None,
            sample=row.text(sample) or None,
            target=row.text(target) or None,
            task=task_of(_CHANNEL.sub("", row.text(target_type), count=1)),
        )
        wells.append(reader.read(row, columns, identity))
        if _MERGED.fullmatch(name) and well is not None and (merged_wells is None or row.text(merged_wells)):
            merged.append(Issue(code="D201", place=well.place(row)._replace(column=None)))
    unread = (*others, *table.unread())
    readings = [reading for each in wells for reading in each]
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(
            *check_end(table, grid),
            *reader.issues,
            *droplet_issues(wells),
            *merged,
            *table.repairs(),
            *not_read(unread, table.heading_place),
        ),
        unread=unread,
        headings=table.headings,
        software="QuantaSoft",
        locale=locale_sentence(numbers, None, grid.encoding),
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = {plain(cell_text(cell)) for cell in row.cells}
        if words >= _NEEDED and words & set(_TARGET_TYPE):
            return index
    return None


def _refuse_slipped(table: Table) -> None:
    """Fields are counted from the left: most rows end in a comma too many. More than that is a cell that slipped."""
    width = len(table.headings)
    for row in table.rows:
        if len(row.cells) > width + 1 or any(cell_text(cell) for cell in row.cells[width:]):
            place = Place(sheet=table.sheet, row=row.number)
            raise UserError("I002", place=place, detail="the row holds more cells than there are headings")
