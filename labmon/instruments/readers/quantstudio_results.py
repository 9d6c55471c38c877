"""The table of results that all Applied Biosystems exports share: headings, readings, and their cross-checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from labmon.domain.issue import Issue, Place
from labmon.domain.reading import Qualifier, Reading, ReadingKind, Task
from labmon.instruments.cq import (
    BLANK,
    NO_CQ,
    MeasuredWell,
    curve_issues,
    is_no_cq,
    is_well,
    is_yes,
    mean_issues,
    task_of,
    well_position,
)
from labmon.instruments.locale import NumberFormat
from labmon.instruments.readers.quantstudio_head import KNOWN
from labmon.instruments.tables import Column, Row, Table, cell_text
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

CQ = ("ct", "crt", "cq", "cp")

_PER_WELL = (
    (ReadingKind.CQ_MEAN, ("ct mean", "crt mean", "cq mean", "cp mean")),
    (ReadingKind.CQ_SD, ("ct sd", "crt sd", "cq sd", "cp sd")),
    (ReadingKind.QUANTITY, ("quantity", "qty")),
    (ReadingKind.QUANTITY_MEAN, ("quantity mean", "qty mean")),
    (ReadingKind.QUANTITY_SD, ("quantity sd", "qty sd")),
)
_PER_TARGET = (
    (ReadingKind.SLOPE, ("slope",), None),
    (ReadingKind.INTERCEPT, ("y-intercept", "y intercept", "intercept"), None),
    (ReadingKind.R2, ("r(superscript 2)", "r2", "r^2", "r squared"), None),
    (ReadingKind.EFFICIENCY, ("efficiency", "efficiency (%)", "efficiency%", "eff%"), "%"),
    (ReadingKind.THRESHOLD, ("ct threshold", "crt threshold", "cq threshold", "cp threshold", "threshold"), None),
)
_SAMPLE = ("sample name", "sample")
_TARGET = ("target name", "target", "detector name", "detector", "snp assay name", "snp assay")
_TASK = ("task",)
_USUAL = (
    (_SAMPLE, "Sample Name", "no well can be given to a sample"),
    (_TARGET, "Target Name", "no well can be given to a target"),
    (_TASK, "Task", "standards and controls are known by their sample names only"),
)
_TELLING = ("amp score", "cq conf", "cq confidence", "rn", "rn mean", "rn sd", "rq", "rq min", "rq max", "delta rn")
"""Columns nobody imports whose numbers still tell how the file writes numbers."""
_MEAN_TOLERANCE = 0.002
"""Cycles: exports print three decimals, so two rounded numbers differ by that much. It judges the file, no specimen."""
_ALLELE_CQ = re.compile(r"allele ?([0-9]) (?:ct|crt|cq)")
_MOST_WELLS_NAMED = 8
LONGEST_HEAD = 200
"""Rows; calibration lists of many dyes take some sixty."""


@dataclass(slots=True, kw_only=True)
class Well:
    """What one row says about itself before it says a number. Not frozen: one is made for every row of every plate."""

    row: Row
    cells: Sequence[Cell]
    """The row's cells, as many as there are headings."""
    position: str | None
    sample: str | None
    target: str | None
    task: Task | None
    is_omitted: bool

    @property
    def name(self) -> str:
        return " ".join(each for each in (self.position or f"row {self.row.number}", self.target) if each)


@dataclass(slots=True, kw_only=True)
class Results:
    """What was read so far."""

    readings: list[Reading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def cycle_of(cell: Cell) -> int:
    """The cycle number in a cell; 0 when it holds none."""
    text = cell_text(cell).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def has_results_headings(words: tuple[str, ...]) -> bool:
    """Whether these headings (see `words.plain`) are those of a table of results: wells beside Cq values."""
    return ("well" in words or "well position" in words) and (
        any(name in words for name in CQ) or any(_ALLELE_CQ.fullmatch(each) for each in words)
    )


def heading_index(rows: Sequence[Row]) -> int | None:
    """Which of these rows is the heading of a table of results, by its words."""
    for index, row in enumerate(rows[:LONGEST_HEAD]):
        if not any(isinstance(cell, str) and "well" in cell.casefold() for cell in row.cells):
            continue  # most rows of the head; spelling out every cell takes longer than reading the table
        if has_results_headings(tuple(plain(cell_text(each)) for each in row.cells)):
            return index
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A table of results, the `key = value` rows after it, and rows that are neither."""

    table: Table
    trailer: Sequence[Row]
    rest: Sequence[Row]
    well: int
    """Which cell of a row names its well."""


def results_block(rows: Sequence[Row], heading: int, *, sheet: str | None = None) -> Block:
    """The rows below a heading that begin with a well. The first that does not ends the table; blank ones do not."""
    words = [plain(cell_text(each)) for each in rows[heading].cells]
    well = words.index("well") if "well" in words else words.index("well position")
    wells: list[Row] = []
    trailer: list[Row] = []
    rest: list[Row] = []
    is_open = True
    for row in rows[heading + 1 :]:
        if is_open and well < len(row.cells) and is_well(row.cells[well]):
            wells.append(row)
            continue
        filled = [text for cell in row.cells if (text := cell_text(cell))]
        if filled:
            is_open = False
            is_pair = len(filled) == 2 or " = " in filled[0] or filled[0].endswith((" =", ":"))
            (trailer if is_pair or plain(filled[0]) in KNOWN else rest).append(row)
    table = Table(headings=rows[heading].cells, rows=wells, heading_row=rows[heading].number, sheet=sheet)
    return Block(table=table, trailer=trailer, rest=rest, well=well)


def skipped(block: Block) -> Iterator[Issue]:
    """For each row after the table that no reader understands I024 if it begins with a well, else I017."""
    for row in block.rest:
        place = Place(sheet=block.table.sheet, row=row.number)
        if block.well < len(row.cells) and is_well(row.cells[block.well]):
            detail = (
                "A row begins with a well, but other text stands between it and the table of results: it was not read"
            )
            yield Issue(code="I024", place=place, parameters={"detail": detail})
        else:
            detail = "A row after the table of results begins with no well and was skipped"
            yield Issue(code="I017", place=place, parameters={"detail": detail})


def numeric_cells(table: Table) -> Iterator[tuple[Cell, Place]]:
    """Every cell of the columns that hold numbers, for deciding how the file writes them."""
    names = {name for _, names in _PER_WELL for name in names} | {name for _, names, _ in _PER_TARGET for name in names}
    names |= {*CQ, *_TELLING}
    indexes = [index for index, words in enumerate(table.words) if words in names or _ALLELE_CQ.fullmatch(words)]
    for row in table.rows:
        cells = row.cells
        for index in indexes:
            cell = cells[index] if index < len(cells) else ""
            if type(cell) is str and ("." in cell or "," in cell):
                yield cell, Place(sheet=table.sheet, row=row.number, column=index + 1)


def read_results(table: Table, numbers: NumberFormat, last_cycle: Callable[[], int | None]) -> Results:
    """Every reading of the table, with what its own redundancy says about it.

    `last_cycle` is asked once, and only when a Cq is as late as a run may end.
    """
    reader = _TableReader(table, numbers, last_cycle)
    for row in table.rows:
        reader.read_row(row)
    found = reader.found
    found.issues.extend(mean_issues(reader.wells, _MEAN_TOLERANCE))
    found.issues.extend(curve_issues(reader.wells, found.readings))
    found.issues.extend(_flags(table))
    found.issues.extend(table.repairs())
    found.issues.extend(_missing_columns(table))
    return found


def _missing_columns(table: Table) -> Iterator[Issue]:
    """I025 for each column without which the wells cannot be told apart."""
    for names, part, consequence in _USUAL:
        if not any(name in table.words for name in names):
            parameters = {"part": f'The column "{part}"', "consequence": consequence}
            yield Issue(code="I025", place=table.heading_place, parameters=parameters)


class _TableReader:
    def __init__(self, table: Table, numbers: NumberFormat, last_cycle: Callable[[], int | None]) -> None:
        self.found = Results()
        self.wells: list[MeasuredWell] = []
        self._numbers = numbers
        self._last_cycle = cache(last_cycle)
        position, number = table.column("well position"), table.column("well")
        self._well = position or number
        self._sample = table.column(*_SAMPLE)
        self._target = table.column(*_TARGET)
        self._task = table.column(*_TASK)
        self._omit = table.column("omit")
        self._cqs = _cq_columns(table)
        self._per_well = [(kind, column) for kind, names in _PER_WELL if (column := table.column(*names))]
        self._quantity = next((column for kind, column in self._per_well if kind is ReadingKind.QUANTITY), None)
        self._per_target = [
            (kind, column, unit) for kind, names, unit in _PER_TARGET if (column := table.column(*names))
        ]
        self._allele_thresholds = {
            suffix: column
            for suffix, _ in self._cqs
            if suffix and (column := _allele_threshold(table, suffix)) is not None
        }
        self._last_constants: dict[str | None, list[Cell]] = {}
        self._constants: set[tuple[ReadingKind, str | None, Cell]] = set()
        self._width = len(table.headings)

    def read_row(self, row: Row) -> None:
        cells = row.cells
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        base = Well(
            row=row,
            cells=cells,
            position=well_position(cell_text(cells[self._well.index])) if self._well else None,
            sample=(cell_text(cells[self._sample.index]) or None) if self._sample else None,
            target=(cell_text(cells[self._target.index]) or None) if self._target else None,
            task=task_of(cell_text(cells[self._task.index])) if self._task else None,
            is_omitted=self._omit is not None and is_yes(cells[self._omit.index]),
        )
        if base.target is None and base.sample is None and all(not row.text(column) for _, column in self._cqs):
            return  # an empty well
        if base.is_omitted:
            self.found.issues.append(Issue(code="Q106", place=self._cqs[0][1].place(row)))
        measured = None
        for suffix, column in self._cqs:
            well = base if not suffix else replace(base, target=f"{base.target or ''}{suffix}")
            measured = MeasuredWell(cq=self._read_cq(well, column))
            self.wells.append(measured)
            if suffix in self._allele_thresholds:
                self._read_constant(well, ReadingKind.THRESHOLD, self._allele_thresholds[suffix], None)
        has_cq = measured is not None and measured.cq.value is not None
        for kind, column in self._per_well:
            reading = self._read_number(base, kind, column, has_cq=has_cq)
            if measured is not None and kind is ReadingKind.CQ_MEAN:
                measured.mean = reading
            elif measured is not None and kind is ReadingKind.QUANTITY:
                measured.quantity = reading
        constants = [cells[column.index] for _, column, _ in self._per_target]
        if self._last_constants.get(base.target) != constants:  # every well repeats those of its target
            self._last_constants[base.target] = constants
            for kind, column, unit in self._per_target:
                self._read_constant(base, kind, column, unit)

    def _read_cq(self, well: Well, column: Column) -> Reading:
        cell = well.cells[column.index]
        raw = cell_text(cell)
        place = column.place(well.row)
        number = self._numbers.parse(cell)
        qualifier = None
        if number is not None and is_no_cq(number, self._last_cycle, lambda: self._has_quantity(well)):
            self.found.issues.append(Issue(code="Q101", place=place, parameters={"raw": raw}))
            number, qualifier = None, Qualifier.UNDETERMINED
        elif number is None and plain(raw) in NO_CQ:
            qualifier = Qualifier.UNDETERMINED
        elif number is None:
            qualifier = Qualifier.NOT_COMPUTED
            if raw:
                self.found.issues.append(
                    Issue(code="I016", place=place, parameters={"raw": raw, "what": "a quantification cycle"})
                )
        return self._add(well, ReadingKind.CQ, number, raw, place, qualifier=qualifier)

    def _has_quantity(self, well: Well) -> bool:
        return self._quantity is not None and bool(self._numbers.parse(well.cells[self._quantity.index]))

    def _read_number(self, well: Well, kind: ReadingKind, column: Column, *, has_cq: bool) -> Reading | None:
        cell = well.cells[column.index]
        if cell == "":
            return None
        # Here and in _add in the order of the fields: two thousand of each a plate, made a third faster than by name.
        place = Place(column.sheet, well.row.number, column.index + 1, column.heading)
        if type(cell) is float and cell > 0:  # nearly every cell of a workbook
            return self._add(well, kind, cell, cell_text(cell), place)
        number = self._numbers.parse(cell)
        raw = cell_text(cell)
        if number is None:
            if plain(raw) not in BLANK:
                self.found.issues.append(
                    Issue(code="I016", place=place, parameters={"raw": raw, "what": column.heading})
                )
            return None
        if kind is ReadingKind.CQ_MEAN and number == 0 and not has_cq:
            self.found.issues.append(Issue(code="Q103", place=place))
            return None
        if number < 0 and kind in (ReadingKind.CQ_MEAN, ReadingKind.CQ_SD):
            return None  # re-saved tables print -1 where nothing was computed; the Cq beside it says so
        return self._add(well, kind, number, raw, place)

    def _read_constant(self, well: Well, kind: ReadingKind, column: Column, unit: str | None) -> None:
        cell = well.cells[column.index]
        key = (kind, well.target, cell)
        if cell == "" or key in self._constants:
            return
        self._constants.add(key)
        number = self._numbers.parse(cell)
        if number is None:
            return
        self.found.readings.append(
            Reading(
                kind=kind,
                place=column.place(well.row),
                value=number,
                raw=cell_text(cell),
                target=well.target,
                unit=unit,
            )
        )

    def _add(
        self,
        well: Well,
        kind: ReadingKind,
        value: float | None,
        raw: str,
        place: Place,
        *,
        qualifier: Qualifier | None = None,
    ) -> Reading:
        position, sample, target, task, is_omitted = well.position, well.sample, well.target, well.task, well.is_omitted
        reading = Reading(kind, place, value, raw, position, sample, target, task, None, qualifier, is_omitted)
        self.found.readings.append(reading)
        return reading


def _cq_columns(table: Table) -> list[tuple[str, Column]]:
    """The Cq column, or one for each allele, with what the allele adds to the target's name."""
    single = table.column(*CQ)
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


def _flags(table: Table) -> Iterator[Issue]:
    """Q111 for each of the software's own flags (BADROX, NOAMP, HIGHSD ...) that is raised for a well."""
    well = table.column("well position", "well")
    for index, heading in enumerate(table.headings):
        if not re.fullmatch(r"[A-Z]{4,}[A-Z0-9_]*", heading):
            continue
        texts = [cell_text(row.cells[index]) if index < len(row.cells) else "" for row in table.rows]
        if not set(texts) <= {"Y", "N", ""} or not any(texts):
            continue
        column = table.at(index)
        raised = [row for row, text in zip(table.rows, texts, strict=True) if text == "Y"]
        if raised:
            names = list(dict.fromkeys(well_position(row.text(well)) or f"row {row.number}" for row in raised))
            shown = ", ".join(names[:_MOST_WELLS_NAMED])
            more = len(names) - _MOST_WELLS_NAMED
            yield Issue(
                code="Q111",
                place=column.place(raised[0]),
                parameters={"flag": heading, "wells": shown + (f" and {more} more" if more > 0 else "")},
            )
