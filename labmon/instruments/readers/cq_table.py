"""A table of one row a well and target: its columns are known by their headings, its readings check one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import repeat
from math import inf
from typing import NamedTuple

from labmon.domain.issue import Issue, Place
from labmon.domain.reading import Qualifier, Reading, ReadingKind, Task
from labmon.instruments.cq import (
    BLANK,
    NO_CQ,
    SHORTEST_RUN,
    MeasuredWell,
    curve_issues,
    is_no_cq,
    is_well,
    is_yes,
    mean_issues,
    task_of,
    well_position,
)
from labmon.instruments.locale import NumberFormat, number_shape
from labmon.instruments.tables import Column, Row, Table, cell_text
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_ALLELE_CQ = re.compile(r"allele ?([0-9]) (?:ct|crt|cq)")
_CQ, _CQ_MEAN, _CQ_SD, _QUANTITY = (
    ReadingKind.CQ,
    ReadingKind.CQ_MEAN,
    ReadingKind.CQ_SD,
    ReadingKind.QUANTITY,
)
"""Named once: looking a member up in its class takes as long as reading a cell."""
_NOTHING_BESIDE_NO_CQ = frozenset(
    {
        ReadingKind.CQ_MEAN,
        ReadingKind.CQ_SD,
        ReadingKind.QUANTITY,
        ReadingKind.QUANTITY_MEAN,
        ReadingKind.QUANTITY_SD,
    }
)
"""Of which a 0 beside a missing Cq is no number."""
_OF_QUANTITIES = frozenset({ReadingKind.QUANTITY_MEAN, ReadingKind.QUANTITY_SD})
"""Of which a 0 beside a missing quantity is no number."""
LONGEST_HEAD = 200
"""Rows; calibration lists of many dyes take some sixty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """Under which headings (see `words.plain`) a program prints what; the first that is there counts."""

    well: tuple[str, ...]
    sample: tuple[str, ...]
    target: tuple[str, ...]
    task: tuple[str, ...]
    cq: tuple[str, ...]
    per_well: Mapping[ReadingKind, tuple[str, ...]]
    omitted: tuple[str, ...] = ()
    dye: tuple[str, ...] = ()
    """What names the target of a well where no target is typed in."""
    per_target: Mapping[ReadingKind, tuple[str, ...]] = field(default_factory=dict)
    telling: tuple[str, ...] = ()
    """Columns nobody imports whose numbers still tell how the file writes numbers."""
    empty_cq: Qualifier = Qualifier.NOT_COMPUTED
    """What an empty cell of the Cq column says."""
    mean_tolerance_cycles: float
    """What a mean and its wells differ by as this program rounds them. It judges the file, no specimen."""

    def are_in(self, words: Sequence[str]) -> bool:
        """Whether these headings are those of a table of Cq values with their wells."""
        return any(name in words for name in self.well) and (
            any(name in words for name in self.cq) or any(_ALLELE_CQ.fullmatch(each) for each in words)
        )


class _Well(NamedTuple):
    """What one row says about itself before it says a number."""

    row: Row
    position: str | None
    sample: str | None
    target: str | None
    task: Task | None
    is_omitted: bool


@dataclass(slots=True, kw_only=True)
class Results:
    """What was read so far."""

    readings: list[Reading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    wells: list[MeasuredWell] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A table of results, the `key = value` rows after it, and rows that are neither."""

    table: Table
    trailer: Sequence[Row]
    rest: Sequence[Row]
    is_result: Callable[[Row], bool]
    """Whether a row begins as those of the table do."""


def heading_index(rows: Sequence[Row], headings: Headings) -> int | None:
    """Which of these rows is the heading of a table of results, by its words."""
    for index, row in enumerate(rows[:LONGEST_HEAD]):
        if not any(isinstance(cell, str) and "well" in cell.casefold() for cell in row.cells):
            continue  # most rows of the head; spelling out every cell takes longer than reading the table
        if headings.are_in(tuple(plain(cell_text(each)) for each in row.cells)):
            return index
    return None


def block_below(
    rows: Sequence[Row], heading: int, well: int, *, sheet: str | None, known: frozenset[str], has_wells: bool = True
) -> Block:
    """The rows below a heading that begin with a well. The first that does not ends the table; blank ones do not.

    `well` is the cell that names it, or that every row fills where the table names no wells; `known` are the words of
    `key value` rows.
    """

    def is_result(row: Row) -> bool:
        return well < len(row.cells) and (is_well(row.cells[well]) if has_wells else cell_text(row.cells[well]) != "")

    wells: list[Row] = []
    trailer: list[Row] = []
    rest: list[Row] = []
    is_open = True
    for row in rows[heading + 1 :]:
        if is_open and is_result(row):
            wells.append(row)
            continue
        filled = [text for cell in row.cells if (text := cell_text(cell))]
        if filled:
            is_open = False
            is_pair = len(filled) == 2 or " = " in filled[0] or filled[0].endswith((" =", ":"))
            (trailer if is_pair or plain(filled[0]) in known else rest).append(row)
    table = Table(headings=rows[heading].cells, rows=wells, heading_row=rows[heading].number, sheet=sheet)
    return Block(table=table, trailer=trailer, rest=rest, is_result=is_result)


def skipped(block: Block) -> Iterator[Issue]:
    """For each row after the table that no reader understands I024 if it begins with a well, else I017."""
    for row in block.rest:
        place = Place(sheet=block.table.sheet, row=row.number)
        if block.is_result(row):
            detail = (
                "A row begins with a well, but other text stands between it and the table of results: it was not read"
            )
            yield Issue(code="I024", place=place, parameters={"detail": detail})
        else:
            detail = "A row after the table of results begins with no well and was skipped"
            yield Issue(code="I017", place=place, parameters={"detail": detail})


def numeric_cells(table: Table, headings: Headings) -> Iterator[tuple[Cell, Place]]:
    """The cells of the columns of numbers that decide how the file writes them: the first of every shape."""
    names = {*headings.cq, *headings.telling}
    names.update(name for each in (headings.per_well, headings.per_target) for kind in each for name in each[kind])
    seen: set[str] = set()
    for index, words in enumerate(table.words):
        if not (words in names or _ALLELE_CQ.fullmatch(words)):
            continue
        cells = table.cells_of(index)
        if str not in set(map(type, cells)):
            continue  # numbers of a workbook, which have no marks
        for cell in dict.fromkeys(cells):
            if type(cell) is str and ("." in cell or "," in cell) and (shape := number_shape(cell)) not in seen:
                seen.add(shape)
                yield cell, Place(sheet=table.sheet, row=table.rows[cells.index(cell)].number, column=index + 1)


def read_table(
    table: Table, headings: Headings, numbers: NumberFormat, last_cycle: Callable[[], int | None]
) -> Results:
    """Every reading of the table. `last_cycle` is asked once, and only when a Cq is as late as a run may end."""
    reader = _TableReader(table, headings, numbers, last_cycle)
    reader.read()
    return reader.found


def cross_checks(found: Results, headings: Headings, constants: Sequence[Reading]) -> Iterator[Issue]:
    """What is wrong with means, standard deviations and quantities, by the wells and by the curve's `constants`."""
    yield from mean_issues(found.wells, headings.mean_tolerance_cycles)
    yield from curve_issues(found.wells, constants)


def missing_columns(table: Table, usual: Sequence[tuple[Sequence[str], str, str]]) -> Iterator[Issue]:
    """I025 for each usual column that is missing: its names, how it is called, what cannot be known without it."""
    for names, part, consequence in usual:
        if not any(name in table.words for name in names):
            parameters = {"part": f'The column "{part}"', "consequence": consequence}
            yield Issue(code="I025", place=table.heading_place, parameters=parameters)


def cycle_of(cell: Cell) -> int:
    """The cycle number in a cell; 0 when it holds none."""
    text = cell_text(cell).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


class _TableReader:
    def __init__(
        self, table: Table, headings: Headings, numbers: NumberFormat, last_cycle: Callable[[], int | None]
    ) -> None:
        self.found = Results()
        self._table = table
        self._numbers = numbers
        self._last_cycle = cache(last_cycle)
        self._empty_cq = headings.empty_cq
        wells = [column for name in headings.well if (column := table.column(name)) is not None]
        self._positions = [well_position(text) for text in self._texts(wells[0] if wells else None)]
        self._samples = [text or None for text in self._texts(table.column(*headings.sample))]
        dyes = self._texts(table.column(*headings.dye))
        targets = self._texts(table.column(*headings.target))
        self._targets = [target or dye or None for target, dye in zip(targets, dyes, strict=True)]
        self._tasks = [task_of(text) for text in self._texts(table.column(*headings.task))]
        omitted = table.column(*headings.omitted)
        self._omitted = [False if omitted is None else is_yes(row[omitted]) for row in table.rows]
        self._cqs = _cq_columns(table, headings.cq)
        self._per_well = [
            (kind, column) for kind, names in headings.per_well.items() if (column := table.column(*names))
        ]
        self._quantity = next((column for kind, column in self._per_well if kind is ReadingKind.QUANTITY), None)
        self._per_target = [
            (kind, column) for kind, names in headings.per_target.items() if (column := table.column(*names))
        ]
        self._allele_thresholds = {
            suffix: column
            for suffix, _ in self._cqs
            if suffix and (column := _allele_threshold(table, suffix)) is not None
        }
        self._cq_numbers: Sequence[Reading] = ()
        self._numbers_per_well: list[tuple[ReadingKind, Column, Sequence[Reading]]] = []
        self._last_constants: dict[str | None, list[Cell]] = {}
        self._constants: set[tuple[ReadingKind, str | None, Cell]] = set()

    def _texts(self, column: Column | None) -> list[str]:
        if column is None:
            return [""] * len(self._table.rows)
        return [cell_text(cell) for cell in self._table.cells_of(column.index)]

    def read(self) -> None:
        """Read every row but those of empty wells."""
        rows = zip(
            self._table.rows,
            self._positions,
            self._samples,
            self._targets,
            self._tasks,
            self._omitted,
            strict=True,
        )
        self._cq_numbers = self._as_numbers(_CQ, self._cqs[0][1])
        self._numbers_per_well = [(kind, column, self._as_numbers(kind, column)) for kind, column in self._per_well]
        for index, (row, position, sample, target, task, is_omitted) in enumerate(rows):
            if target is None and sample is None and all(not row.text(column) for _, column in self._cqs):
                continue
            self._read_row(index, _Well(row, position, sample, target, task, is_omitted))

    def _as_numbers(self, kind: ReadingKind, column: Column) -> Sequence[Reading]:
        """For each row the reading its cell is when it holds a positive number, as nearly all do.

        All of a column at once take half as long as one after the other.
        """
        cells = self._table.cells_of(column.index)
        texts = {
            cell: self._numbers.parse(cell) for cell in set(cells) if type(cell) is str
        }  # replicates repeat theirs
        values = [
            cell if type(cell) is float else texts[cell] if type(cell) is str else self._numbers.parse(cell)
            for cell in cells
        ]
        numbers = [row.number for row in self._table.rows]
        nothing: repeat[None] = repeat(None)
        of_place = zip(repeat(column.sheet), numbers, repeat(column.index + 1), repeat(column.heading), nothing)
        of_reading = zip(
            repeat(kind),
            map(partial(tuple.__new__, Place), of_place),
            values,
            map(cell_text, cells),
            self._positions,
            self._samples,
            self._targets,
            self._tasks,
            nothing,
            nothing,
            self._omitted,
        )
        return list(map(partial(tuple.__new__, Reading), of_reading))

    def _read_row(self, index: int, well: _Well) -> None:
        row = well.row
        if well.is_omitted:
            self.found.issues.append(Issue(code="Q106", place=self._cqs[0][1].place(row)))
        measured = None
        for suffix, column in self._cqs:
            of_allele = well if not suffix else well._replace(target=f"{well.target or ''}{suffix}")
            cq = self._cq_numbers[index]
            if suffix or not isinstance(cq.value, float) or not 0 < cq.value < SHORTEST_RUN:
                cq = self._read_cq(of_allele, column)
            self.found.readings.append(cq)
            measured = MeasuredWell(cq=cq)
            self.found.wells.append(measured)
            if suffix in self._allele_thresholds:
                self._read_constant(of_allele, ReadingKind.THRESHOLD, self._allele_thresholds[suffix])
        assert measured is not None  # the headings are known by their column of Cq values
        has_cq = measured.cq.value is not None
        for kind, column, as_numbers in self._numbers_per_well:
            reading: Reading | None = as_numbers[index]
            value = as_numbers[index].value
            if not isinstance(value, float) or not 0 < value < inf:
                reading = self._read_number(well, kind, column, has_cq=has_cq)
            if reading is None:
                continue
            self.found.readings.append(reading)
            if kind is _CQ_MEAN:
                measured.mean = reading
            elif kind is _CQ_SD:
                measured.sd = reading
            elif kind is _QUANTITY:
                measured.quantity = reading
        constants = [row[column] for _, column in self._per_target]
        if self._last_constants.get(well.target) != constants:  # every well repeats those of its target
            self._last_constants[well.target] = constants
            for kind, column in self._per_target:
                self._read_constant(well, kind, column)

    def _read_cq(self, well: _Well, column: Column) -> Reading:
        cell = well.row[column]
        raw = cell_text(cell)
        place = column.place(well.row)
        number = self._numbers.parse(cell)
        qualifier = None
        if number is not None and is_no_cq(number, self._last_cycle, lambda: self._has_quantity(well)):
            self.found.issues.append(Issue(code="Q101", place=place, parameters={"raw": raw}))
            number, qualifier = None, Qualifier.UNDETERMINED
        elif number is None and plain(raw) in NO_CQ:
            qualifier = Qualifier.UNDETERMINED
        elif number is None and not raw:
            qualifier = self._empty_cq
        elif number is None:
            qualifier = Qualifier.NOT_COMPUTED
            self.found.issues.append(
                Issue(code="I016", place=place, parameters={"raw": raw, "what": "a quantification cycle"})
            )
        return self._made(well, _CQ, number, raw, place, qualifier)

    def _has_quantity(self, well: _Well) -> bool:
        return self._quantity is not None and bool(self._numbers.parse(well.row[self._quantity]))

    def _read_number(self, well: _Well, kind: ReadingKind, column: Column, *, has_cq: bool) -> Reading | None:
        cell = well.row[column]
        if cell == "":
            return None
        place = Place(column.sheet, well.row.number, column.index + 1, column.heading)
        number = self._numbers.parse(cell)
        raw = cell_text(cell)
        if number is None:
            if plain(raw) not in BLANK:
                self.found.issues.append(
                    Issue(code="I016", place=place, parameters={"raw": raw, "what": column.heading})
                )
            return None
        if number == 0 and kind in _OF_QUANTITIES and self._quantity is not None and not self._has_quantity(well):
            return None
        if number == 0 and not has_cq and kind in _NOTHING_BESIDE_NO_CQ:
            if kind is _CQ_MEAN:
                self.found.issues.append(Issue(code="Q103", place=place))
            return None
        if number < 0 and kind in (ReadingKind.CQ_MEAN, ReadingKind.CQ_SD):
            return None  # re-saved tables print -1 where nothing was computed; the Cq beside it says so
        return self._made(well, kind, number, raw, place)

    def _read_constant(self, well: _Well, kind: ReadingKind, column: Column) -> None:
        cell = well.row[column]
        key = (kind, well.target, cell)
        if cell == "" or key in self._constants:
            return
        self._constants.add(key)
        number = self._numbers.parse(cell)
        if number is not None:
            unit = "%" if kind is ReadingKind.EFFICIENCY else None
            place = column.place(well.row)
            reading = Reading(kind=kind, place=place, value=number, raw=cell_text(cell), target=well.target, unit=unit)
            self.found.readings.append(reading)

    def _made(
        self,
        well: _Well,
        kind: ReadingKind,
        value: float | None,
        raw: str,
        place: Place,
        qualifier: Qualifier | None = None,
    ) -> Reading:
        _, position, sample, target, task, is_omitted = well
        return Reading(kind, place, value, raw, position, sample, target, task, None, qualifier, is_omitted)


def _cq_columns(table: Table, names: Sequence[str]) -> list[tuple[str, Column]]:
    """The Cq column, or one for each allele, with what the allele adds to the target's name."""
    single = table.column(*names)
    if single is not None:
        return [("", single)]
    return [
        (f"-Allele {match[1]}", table.at(index))
        for index, words in enumerate(table.words)
        if (match := _ALLELE_CQ.fullmatch(words))
    ]


def _allele_threshold(table: Table, suffix: str) -> Column | None:
    digit = suffix[-1]
    return table.column(
        *(f"allele{space}{digit} {name} threshold" for space in ("", " ") for name in ("ct", "crt", "cq"))
    )
