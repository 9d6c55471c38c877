"""The tables the QuantStudio Absolute Q exports: a row a well and dye, or a row a well with columns for each dye."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import decide_date_order, decide_numbers, iso_cell, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.partition_counts import Identity, PartitionReader
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "absolute_q"
_CONCENTRATION = re.compile(r"conc(?:entration|\.)?(?: ?[(\[]?(?:cp|copies)/ul[)\]]?)?")
_PER_TARGET = ((ReadingKind.PARTITIONS_POSITIVE, "positives"), (ReadingKind.THRESHOLD, "threshold"))
_WELL = re.compile(r"[A-Za-z]{1,2}0*[1-9][0-9]?")
_ROWS_BEFORE_HEADING = 5


def claims(source: Source) -> bool:
    """Headings for the run, the well, its total of partitions, a target, a concentration and positives."""
    return any(_heading_index(grid) is not None for grid in grids(source))


def read(source: Source, options: ReadOptions) -> FileReading:
    """Copies and partitions of every well and target. Raises UserError: I002 cut short, I003, I020 no wells."""
    table, grid, others = table_in(source, _heading_index)
    rows = table.rows
    well, sample = table.column("well", "well id"), table.column("name", "sample", "sample name")
    total, date = table.column("total"), table.column("date")
    run, instrument = table.column("run", "run name"), table.column("instrument")
    blocks = _blocks(table)
    # The total stands once a well, beside every target's block.
    shared = [] if total is None else [(ReadingKind.PARTITIONS_VALID, total)]
    order = decide_date_order(
        ((row.text(date), date.place(row)) for row in rows if date is not None), options.date_order
    )
    numbers = decide_numbers(
        (
            (row[column], column.place(row))
            for row in rows
            for _, columns in blocks
            for _, column in (*columns, *shared)
        ),
        options.decimal_mark,
    )
    reader = PartitionReader(numbers)
    readings: list[Reading] = []
    summaries: list[int] = []
    for row in rows:
        name = row.text(well)
        if not _WELL.fullmatch(name):
            summaries.append(row.number)
            continue
        for target, columns in blocks:
            if not row.text(target) and not any(row.text(column) for _, column in columns):
                continue
            identity = Identity(well=name, sample=row.text(sample) or None, target=row.text(target) or None, task=None)
            readings += reader.read(row, [*columns, *shared], identity)
    if not readings:
        raise UserError("I020", place=table.heading_place, part="Every well below the headings")
    starts = [start for row in rows if date is not None and (start := iso_cell(row[date], order)) is not None]
    unread = (*others, *table.unread())
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(
            *check_end(table, grid),
            *reader.issues,
            *_skipped(summaries, grid.sheet),
            *table.repairs(),
            *not_read(unread, table.heading_place),
        ),
        unread=unread,
        headings=table.headings,
        instrument=next((text for row in rows if (text := row.text(instrument))), None),
        run_started_at=min(starts, default=None),
        run_name=next((text for row in rows if (text := row.text(run))), None),
        locale=locale_sentence(numbers, order, grid.encoding),
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = {plain(cell_text(cell)) for cell in row.cells}
        is_of_runs = {"well", "total", "target", "positives"} <= words and words & {"run", "run name"}
        if is_of_runs and any(map(_CONCENTRATION.fullmatch, words)):
            return index
    return None


def _blocks(table: Table) -> list[tuple[Column, list[tuple[ReadingKind, Column]]]]:
    """The columns of each target: from its heading "Target" to the next one's."""
    starts = [at for at, words in enumerate(table.words) if words == "target"]
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(table.words)], strict=True):
        columns: list[tuple[ReadingKind, Column]] = []
        for at in range(start + 1, end):
            words = table.words[at]
            kind = next((kind for kind, name in _PER_TARGET if words == name), None)
            if _CONCENTRATION.fullmatch(words):
                kind = ReadingKind.CONCENTRATION
            if kind is not None and kind not in (known for known, _ in columns):
                columns.append((kind, table.at(at)))
        blocks.append((table.at(start), columns))
    return blocks


def _skipped(rows: Sequence[int], sheet: str | None) -> list[Issue]:
    """The one I017 for averages and pools: what they sum up stands in the rows of the wells."""
    if not rows:
        return []
    detail = f"{len(rows)} of its rows average or pool wells that are read by themselves"
    return [Issue(code="I017", place=Place(sheet=sheet, row=rows[0]), parameters={"detail": detail})]
