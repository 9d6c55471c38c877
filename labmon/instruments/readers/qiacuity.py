"""The tables the QIAcuity Software Suite exports, in its several layouts: a row a well and target of a nanoplate."""

from __future__ import annotations

import re

from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.partition_counts import Identity, PartitionReader, task_of
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "qiacuity"
_CONCENTRATION = re.compile(r"conc(?:entration|\.)? ?[(\[](?:copies|cp)/ul[)\]](?: \(dpcr reaction\))?")
_UNDILUTED = re.compile(r"conc(?:entration|\.)? ?[(\[](?:copies|cp)/ul[)\]] \((?:undiluted|original) sample\)")
_COUNTS = (
    (ReadingKind.PARTITIONS_VALID, ("partitions (valid)", "valid partitions")),
    (ReadingKind.PARTITIONS_POSITIVE, ("partitions (positive)", "positive partitions")),
    (ReadingKind.PARTITIONS_NEGATIVE, ("partitions (negative)", "negative partitions")),
    (ReadingKind.THRESHOLD, ("threshold",)),
)
_ROWS_BEFORE_HEADING = 12


def claims(source: Source) -> bool:
    """A concentration in copies per microlitre beside valid partitions."""
    return any(_heading_index(grid) is not None for grid in grids(source))


def read(source: Source, options: ReadOptions) -> FileReading:
    """Copies and partitions of every well and target. Raises UserError: I002 cut short, I003, I020 no wells."""
    table, grid, others = table_in(source, _heading_index)
    columns = [
        (kind, column)
        for kind, pattern in (
            (ReadingKind.CONCENTRATION, _CONCENTRATION),
            (ReadingKind.CONCENTRATION_UNDILUTED, _UNDILUTED),
        )
        if (column := _matching(table, pattern)) is not None
    ]
    columns += [(kind, column) for kind, names in _COUNTS if (column := table.column(*names)) is not None]
    # The first heading may be empty: the wells stand below it.
    well = table.column("well", "well name") or (table.at(0) if not table.words[0] else None)
    sample = table.column("sample/ntc/control", "sample", "sample name", "sample id")
    target, kind_of_well = table.column("target (name)", "target", "target name"), table.column("type", "sample type")
    plate = table.column("plate name", "plate id")
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for _, column in columns), options.decimal_mark
    )
    reader = PartitionReader(numbers)
    readings: list[Reading] = []
    for row in table.rows:
        identity = Identity(
            well=row.text(well) or None,
            sample=row.text(sample) or None,
            target=_stated(row, target),
            task=task_of(row.text(kind_of_well)),
        )
        readings += reader.read(row, columns, identity)
    unread = (*others, *table.unread())
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*check_end(table, grid), *reader.issues, *table.repairs(), *not_read(unread, table.heading_place)),
        unread=unread,
        headings=table.headings,
        software="QIAcuity Software Suite",
        run_name=next((text for row in table.rows if (text := row.text(plate))), None),
        locale=locale_sentence(numbers, None, grid.encoding),
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = {plain(cell_text(cell)) for cell in row.cells}
        if words.intersection(_COUNTS[0][1]) and any(map(_CONCENTRATION.fullmatch, words)):
            return index
    return None


def _matching(table: Table, pattern: re.Pattern[str]) -> Column | None:
    at = next((at for at, words in enumerate(table.words) if pattern.fullmatch(words)), None)
    return None if at is None else table.at(at)


def _stated(row: Row, column: Column | None) -> str | None:
    text = row.text(column)
    return None if text in ("", "-") else text
