"""A table of wells with a Cq each, as the programs of Roche and QIAGEN print it: an empty Cq is a result, not a gap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labmon.domain.issue import Issue, Place
from labmon.domain.reading import Qualifier, Reading, ReadingKind, Task
from labmon.instruments.cq import (
    BLANK,
    NO_CQ,
    MeasuredWell,
    curve_issues,
    is_yes,
    mean_issues,
    task_of,
    well_position,
)
from labmon.instruments.locale import NumberFormat
from labmon.instruments.tables import Column, Row, Table, cell_text
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_MEAN_TOLERANCE = 0.02
"""Cycles: these programs print two decimals and average what they do not print. It judges the file, no specimen."""
_NO = frozenset({"false", "falsch", "faux", "falso", "no", "nein", "non", "n", "0", "0.0", "excluded"})
_NOT_FOUND = frozenset({"", "-", "none"})
"""More ways these programs say that there is no Cq."""
_LATE = re.compile(r"> ?[0-9]+(?:[.,][0-9]+)?")
_NOT_POSITIVE = re.compile(r"(?i)neg\b.*|negative")
_DENIED = re.compile(rf"{_NOT_POSITIVE.pattern}|invalid|failure|failed")
_CALLED = frozenset({"positive", "none"})
_UNIT = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class WellColumns:
    """Which column says what; None for one the table has not."""

    cq: Column
    well: Column | None = None
    sample: Column | None = None
    target: Column | None = None
    task: Column | None = None
    included: Column | None = None
    excluded: Column | None = None
    call: Column | None = None
    """What the software made of the well: "Positive", "Negative"."""
    remark: Column | None = None
    """What else it says about the Cq: a status, a comment."""
    standard: Column | None = None
    """The quantity given to a standard; 0 or nothing for every other well."""
    numbers: Sequence[tuple[ReadingKind, Column, str | None]] = ()
    """Kind, column and unit of everything else that is a number."""


@dataclass(slots=True, kw_only=True)
class WellResults:
    """What was read so far."""

    readings: list[Reading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    wells: list[MeasuredWell] = field(default_factory=list)


def column_with_unit(table: Table, *names: str) -> tuple[Column, str | None] | None:
    """The first column under one of these headings, with or without a unit in brackets behind it, and that unit."""
    for name in names:
        for index, words in enumerate(table.words):
            unit = _UNIT.search(table.headings[index])
            if words == name or (
                unit is not None and words.startswith(name) and words[len(name) :].strip()[:1] in "(["
            ):
                return table.at(index), None if unit is None else unit[1].strip()
    return None


def numeric_cells(table: Table, columns: WellColumns) -> Iterator[tuple[Cell, Place]]:
    """Every cell of the columns of numbers, for deciding how the file writes them."""
    of_numbers = [columns.cq, *(column for _, column, _ in columns.numbers)]
    if columns.standard is not None:
        of_numbers.append(columns.standard)
    for row in table.rows:
        for column in of_numbers:
            cell = row[column]
            if isinstance(cell, str) and ("." in cell or "," in cell):  # the others do not tell
                yield cell, column.place(row)


def read_wells(table: Table, columns: WellColumns, numbers: NumberFormat, *, target: str | None = None) -> WellResults:
    """Every reading of the table, with what its own redundancy says about it.

    `target` is what the file says once about all wells, for a table that has no column of targets.
    """
    table.column("color", "colour")  # of the line in a plot: no news to anybody
    reader = _WellReader(columns, numbers, target)
    for row in table.rows:
        reader.read_row(row)
    return reader.found


def cross_checks(found: WellResults, constants: Sequence[Reading]) -> Iterator[Issue]:
    """Means against wells, quantities against the curve's printed `constants`."""
    # A mean stands beside the first of its replicates only: it is that of the others as well.
    groups: dict[object, list[MeasuredWell]] = defaultdict(list)
    for well in found.wells:
        groups[well.cq.sample, well.cq.target, well.cq.task].append(well)
    for group in groups.values():
        means = [well.mean for well in group if well.mean is not None]
        if len(means) == 1:
            for well in group:
                well.mean = means[0]
    yield from mean_issues(found.wells, _MEAN_TOLERANCE)
    yield from curve_issues(found.wells, constants)


class _WellReader:
    def __init__(self, columns: WellColumns, numbers: NumberFormat, target: str | None) -> None:
        self.found = WellResults()
        self._columns = columns
        self._numbers = numbers
        self._target = target

    def read_row(self, row: Row) -> None:
        columns = self._columns
        well = Reading(
            kind=ReadingKind.CQ,
            place=columns.cq.place(row),
            value=None,
            raw=row.text(columns.cq),
            well=well_position(row.text(columns.well)),
            sample=row.text(columns.sample) or None,
            target=row.text(columns.target) or self._target,
            task=self._task(row),
            is_omitted=self._is_omitted(row),
        )
        if well.is_omitted:
            self.found.issues.append(Issue(code="Q106", place=well.place))
        cq = self._read_cq(row, well)
        measured = MeasuredWell(cq=cq)
        self.found.readings.append(cq)
        self.found.wells.append(measured)
        self._remarks(row, cq)
        for kind, column, unit in self._numbers_of(cq.task):
            reading = self._read_number(row, well, kind, column, unit, has_cq=cq.value is not None)
            if reading is None:
                continue
            self.found.readings.append(reading)
            if kind is ReadingKind.CQ_MEAN:
                measured.mean = reading
            elif kind is ReadingKind.QUANTITY:
                measured.quantity = reading

    def _numbers_of(self, task: Task | None) -> Iterator[tuple[ReadingKind, Column, str | None]]:
        yield from self._columns.numbers
        if task is Task.STANDARD and self._columns.standard is not None:
            yield ReadingKind.QUANTITY_GIVEN, self._columns.standard, None

    def _task(self, row: Row) -> Task | None:
        """By the well's type where the table has one; a well with a standard's quantity is a standard."""
        stated = task_of(row.text(self._columns.task))
        if stated is None and self._columns.standard is not None:
            return Task.STANDARD if self._numbers.parse(row[self._columns.standard]) else None
        return stated

    def _is_omitted(self, row: Row) -> bool:
        included, excluded = self._columns.included, self._columns.excluded
        if included is not None and plain(row.text(included)) in _NO:
            return True
        return excluded is not None and is_yes(row[excluded])

    def _read_cq(self, row: Row, well: Reading) -> Reading:
        words = plain(well.raw)
        number = self._numbers.parse(row[self._columns.cq])
        if number is not None and number > 0:
            return well._replace(value=number)  # 40.00 too: no Cq is printed as nothing
        if number is not None or _LATE.fullmatch(words):
            self.found.issues.append(Issue(code="Q101", place=well.place, parameters={"raw": well.raw}))
            return well._replace(qualifier=Qualifier.UNDETERMINED)
        if words in NO_CQ or words in _NOT_FOUND or _NOT_POSITIVE.fullmatch(words):
            return well._replace(qualifier=Qualifier.UNDETERMINED)
        parameters = {"raw": well.raw, "what": "a quantification cycle"}
        self.found.issues.append(Issue(code="I016", place=well.place, parameters=parameters))
        return well._replace(qualifier=Qualifier.NOT_COMPUTED)

    def _remarks(self, row: Row, cq: Reading) -> None:
        """Q121 for a Cq beside a call that denies it, Q122 for any other remark that the Cq does not say itself."""
        call, remark = row.text(self._columns.call), row.text(self._columns.remark)
        if not call and not remark:
            return
        denied = next((each for each in (call, remark) if _DENIED.fullmatch(each)), None)
        if cq.value is not None and denied is not None:
            parameters = {"cq": cq.raw, "said": f"calls it {denied}"}
            self.found.issues.append(Issue(code="Q121", place=cq.place, parameters=parameters))
        elif remark and denied is None and plain(remark) not in _CALLED:
            self.found.issues.append(Issue(code="Q122", place=cq.place, parameters={"remark": remark}))

    def _read_number(
        self, row: Row, well: Reading, kind: ReadingKind, column: Column, unit: str | None, *, has_cq: bool
    ) -> Reading | None:
        cell = row[column]
        if cell == "":
            return None
        raw = cell_text(cell)
        number = self._numbers.parse(cell)
        place = column.place(row)
        if number is None:
            if plain(raw) not in BLANK:
                parameters = {"raw": raw, "what": column.heading}
                self.found.issues.append(Issue(code="I016", place=place, parameters=parameters))
            return None
        if number == 0 and not has_cq and kind is ReadingKind.CQ_MEAN:
            self.found.issues.append(Issue(code="Q103", place=place))
            return None
        if number == 0 and kind is ReadingKind.QUANTITY_GIVEN:
            return None  # how a well that is no standard is marked
        reading = well._replace(kind=kind, place=place, value=number, raw=raw, unit=unit)
        if number == 0 and not has_cq and kind in (ReadingKind.QUANTITY, ReadingKind.QUANTITY_MEAN):
            return reading._replace(value=None, qualifier=Qualifier.NOT_COMPUTED)
        return reading
