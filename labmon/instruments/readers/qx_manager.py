"""The csv QX Manager writes for a QX200, QX600 or QX ONE: a row a well and target, the sample in up to four columns."""

from __future__ import annotations

import re

from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Reading, ReadingKind, Task
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.partition_counts import Identity, PartitionReader, droplet_issues, task_of
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "qx_manager"
_CONCENTRATION = re.compile(r"conc(?:entration|\.)? ?[(\[]copies/ul[)\]]")
_COLUMNS = (
    (ReadingKind.COPIES_PER_20UL_WELL, ("copies/20ulwell", "copies/20ul well")),
    (ReadingKind.CI_HIGH, ("poissonconfmax", "poissonconfidencemax")),
    (ReadingKind.CI_LOW, ("poissonconfmin", "poissonconfidencemin")),
    (ReadingKind.ACCEPTED_DROPLETS, ("accepted droplets", "accepteddroplets")),
    (ReadingKind.POSITIVE_DROPLETS, ("positives",)),
    (ReadingKind.NEGATIVE_DROPLETS, ("negatives",)),
    (ReadingKind.THRESHOLD, ("threshold1", "threshold")),
)
_DESCRIPTION = re.compile(r"sample description ?[1-9]|sample")
_CONTROLS = (Task.NTC, Task.POSITIVE_CONTROL, Task.NEGATIVE_CONTROL, Task.STANDARD)
_ROWS_BEFORE_HEADING = 5


def claims(source: Source) -> bool:
    """A concentration in copies per microlitre beside accepted droplets and descriptions of the sample."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """Copies and droplets of every well and target. Raises UserError: I002 cut short, I003, I020 no wells."""
    table, grid, others = table_in(source, _heading_index)
    columns = [(ReadingKind.CONCENTRATION, _concentration(table))]
    columns += [(kind, column) for kind, names in _COLUMNS if (column := table.column(*names)) is not None]
    well, target, merged_wells = table.column("well"), table.column("target"), table.column("mergedwells")
    sample_type, target_type = table.column("sampletype", "sample type"), table.column("targettype", "target type")
    descriptions = [table.at(at) for at, words in enumerate(table.words) if _DESCRIPTION.fullmatch(words)]
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for _, column in columns), options.decimal_mark
    )
    reader = PartitionReader(numbers, no_call_reason=table.column("status reason"))
    wells: list[list[Reading]] = []
    merged: list[Issue] = []
    for row in table.rows:
        of_sample, of_target = task_of(row.text(sample_type)), task_of(row.text(target_type))
        identity = Identity(
            well=row.text(well) or None,
            sample=" / ".join(text for each in descriptions if (text := row.text(each))) or None,
            target=row.text(target) or None,
            task=of_sample if of_sample in _CONTROLS else of_target or of_sample,
        )
        wells.append(reader.read(row, columns, identity))
        if merged_wells is not None and row.text(merged_wells):
            merged.append(Issue(code="D201", place=merged_wells.place(row)._replace(column=None)))
    unread = (*others, *table.unread())
    return file_reading(
        source,
        _FORMAT,
        readings=[reading for each in wells for reading in each],
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
        software="QX Manager",
        locale=locale_sentence(numbers, None, grid.encoding),
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = _words(row)
        if any(map(_CONCENTRATION.fullmatch, words)) and words & {"accepted droplets", "accepteddroplets"}:
            return index
    return None


def _words(row: Row) -> set[str]:
    return {plain(cell_text(cell)) for cell in row.cells}


def _concentration(table: Table) -> Column:
    return table.at(next(at for at, words in enumerate(table.words) if _CONCENTRATION.fullmatch(words)))
