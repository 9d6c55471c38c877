"""The table of concentrations a Qubit 2, 3, 4 or Flex fluorometer saves as csv, and workbooks made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.concentration import is_dna, ng_per_ul, no_dna_issues
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids
from labmon.instruments.locale import (
    NumberFormat,
    days_if_swapped,
    decide_date_order,
    decide_numbers,
    iso_cell,
    locale_sentence,
)
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain, unit

_FORMAT = "qubit"
_ORIGINAL = ("original sample conc.", "original sample conc", "stock conc.", "stock conc")
_TUBE = ("qubit tube conc.", "qubit tube conc", "assay conc.", "assay conc")
_UNITS = ("units", "unit")
_ROWS_BEFORE_HEADING = 10
_ABOVE = re.compile(r"(?:too high|>|above|over)")
_BELOW_OR_NONE = re.compile(r"(?:out of range|too low|<|below|n/?a$|-+$)")
_DILUTION_TOLERANCE = 0.02
"""Relative: two numbers of three significant figures are multiplied. It judges the file's arithmetic, no specimen."""
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SAMPLE_NUMBER = re.compile(r"#([0-9]{2})([0-9]{2})([0-9]{2})-[0-9]{6}")
_RUN_ID = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})-[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    sample: Column | None
    well: Column | None
    assay: Column | None
    original: Column
    original_unit: Column | None
    tube: Column | None
    tube_unit: Column | None
    dilution: Column | None
    volume: Column | None
    tested_at: Column | None
    run_id: Column | None
    software: Column | None


def claims(source: Source) -> bool:
    """Headings for the concentration of the tube and of the original sample, side by side."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the original sample's concentration of each row.

    Raises UserError: I002 cut short, I003 undecidable, I020 no rows.
    """
    table, grid, others = _table(source)
    columns = _columns(table)
    order, order_issues = _date_order(table, columns, options.date_order)
    number_columns = [each for each in (columns.original, columns.tube, columns.dilution, columns.volume) if each]
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for column in number_columns), options.decimal_mark
    )
    readings: list[Reading] = []
    issues: list[Issue] = [*check_end(table, grid), *order_issues]
    for row in table.rows:
        reading, row_issues = _read_row(row, columns, numbers)
        readings.append(reading)
        issues += row_issues
    if not readings:
        raise UserError("I020", place=table.heading_place, part="Every concentration below the headings")
    issues += table.repairs()
    unread = (*others, *table.unread())
    started = None if order_issues else _run_started_at(table, columns, order)
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        headings=table.headings,
        software=_first(table, columns.software),
        instrument="Qubit Flex" if "core range" in table.words else "Qubit",
        run_started_at=started,
        run_name=_first(table, columns.run_id),
        locale=locale_sentence(numbers, order, grid.encoding),
        properties={"Assay Name": assay} if (assay := _first(table, columns.assay)) else {},
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = {plain(cell_text(cell)) for cell in row.cells}
        if words & set(_ORIGINAL) and words & set(_TUBE):
            return index
    return None


def _table(source: Source) -> tuple[Table, Grid, list[str]]:
    """The first sheet's table, that sheet or text, and the sheets left aside: they repeat rows of the first."""
    found: tuple[Table, Grid] | None = None
    others: list[str] = []
    for grid in grids(source):
        heading = _heading_index(grid)
        if heading is None or found is not None:
            if grid.rows:
                others.append(f'sheet "{grid.sheet}"')
            continue
        rows = [row for row in grid.rows[heading + 1 :] if any(cell_text(cell) for cell in row.cells)]
        table = Table(
            headings=grid.rows[heading].cells, rows=rows, heading_row=grid.rows[heading].number, sheet=grid.sheet
        )
        found = table, grid
    if found is None:
        raise UserError("I020", part="The heading of the concentrations")
    return *found, others


def _columns(table: Table) -> _Columns:
    original = table.column(*_ORIGINAL)
    if original is None:
        raise UserError("I020", place=table.heading_place, part="The column of the original sample's concentration")
    tube = table.column(*_TUBE)
    return _Columns(
        sample=table.column("sample name", "test name", "name"),
        well=table.column("well"),
        assay=table.column("assay name", "assay type", "assay"),
        original=original,
        original_unit=_unit_column(table, original, tube, "original sample conc. units", "stock conc. units"),
        tube=tube,
        tube_unit=None if tube is None else _unit_column(table, tube, original, "qubit tube conc. units"),
        dilution=table.column("dilution factor"),
        volume=table.column("sample volume (ul)", "sample vol (ul)", "sample volume"),
        tested_at=table.column("test date", "date/time", "test date/time", "date"),
        run_id=table.column("run id"),
        software=table.column("software version"),
    )


def _unit_column(table: Table, of: Column, other: Column | None, *names: str) -> Column | None:
    """The column of a concentration's unit: by its own heading, else the next "Units" beside it."""
    named = table.column(*names)
    if named is not None:
        return named
    stop = other.index if other is not None and other.index > of.index else len(table.words)
    return next((table.at(index) for index in range(of.index + 1, stop) if table.words[index] in _UNITS), None)


def _read_row(row: Row, columns: _Columns, numbers: NumberFormat) -> tuple[Reading, list[Issue]]:
    issues: list[Issue] = []
    place = columns.original.place(row)
    raw = row.text(columns.original)
    value = numbers.parse(row[columns.original])
    assay = row.text(columns.assay)
    printed_unit = row.text(columns.original_unit)
    converted = ng_per_ul(value or 0.0, printed_unit)
    kind, shown_unit = ReadingKind.CONCENTRATION, unit(printed_unit) or None
    # Out of range, the instrument prints neither number nor unit.
    if is_dna(assay) and (converted is not None or (value is None and not printed_unit)):
        kind, shown_unit = ReadingKind.DNA_NG_PER_UL, "ng/uL"
        issues += _dilution_issues(row, columns, numbers, value, converted)
        value = None if value is None else converted
    elif converted is None:
        issues.append(
            Issue(
                code="I006",
                place=place,
                parameters={"what": "this concentration", "unit": printed_unit or "not stated", "expected": "ng/uL"},
            )
        )
    words = plain(raw)
    qualifier = None
    if value is None:
        qualifier = Qualifier.SATURATED if _ABOVE.match(words) else Qualifier.NOT_COMPUTED
    if value is None and words and not _ABOVE.match(words) and not _BELOW_OR_NONE.match(words):
        issues.append(Issue(code="I016", place=place, parameters={"raw": raw, "what": "a concentration"}))
    else:
        issues += no_dna_issues(assay, value, raw, place)
    reading = Reading(
        kind=kind,
        place=place,
        value=value,
        raw=raw,
        well=row.text(columns.well) or None,
        sample=row.text(columns.sample) or None,
        unit=shown_unit,
        qualifier=qualifier,
    )
    return reading, issues


def _dilution_issues(
    row: Row, columns: _Columns, numbers: NumberFormat, value: float | None, converted: float | None
) -> Iterator[Issue]:
    """Q113 when the tube's concentration and the dilution do not give the original's."""
    if value is None or converted is None or columns.tube is None or columns.dilution is None:
        return
    tube, dilution = numbers.parse(row[columns.tube]), numbers.parse(row[columns.dilution])
    in_tube = None if tube is None else ng_per_ul(tube, row.text(columns.tube_unit))
    if in_tube is None or dilution is None:
        return
    computed = in_tube * dilution
    if abs(computed - converted) > _DILUTION_TOLERANCE * max(abs(computed), abs(converted)):
        yield Issue(
            code="Q113",
            place=columns.original.place(row),
            parameters={"printed": f"{converted:g}", "computed": f"{computed:g}"},
        )


def _date_order(table: Table, columns: _Columns, answer: DateOrder | None) -> tuple[DateOrder | None, list[Issue]]:
    """The order of the test dates. The run's own number says the day as well: it decides, or it contradicts.

    A spreadsheet that opened the csv may have exchanged day and month and left no trace but that contradiction.
    """
    if columns.tested_at is None:
        return None, []
    texts = [
        (cell, columns.tested_at.place(row)) for row in table.rows if isinstance(cell := row[columns.tested_at], str)
    ]
    try:
        order = decide_date_order(texts, answer)
    except UserError:
        order = _order_by_numbers(table, columns)
        if order is None:
            raise
    if answer is not None:
        return order, []
    for row in table.rows:
        tested = row[columns.tested_at]
        run_day = _numbered_day(row, columns)
        if isinstance(tested, datetime) and run_day is not None and days_if_swapped(tested.date()) == run_day:
            detail = f"The run is numbered {run_day:%Y-%m-%d} but its tests are dated {tested:%Y-%m-%d}: "
            detail += "a spreadsheet may have exchanged day and month"
            return order, [Issue(code="I003", place=columns.tested_at.place(row), parameters={"detail": detail})]
    return order, []


def _order_by_numbers(table: Table, columns: _Columns) -> DateOrder | None:
    """The one order in which every test lies on the day it is numbered by; None when there is none or several."""
    if columns.tested_at is None:
        return None
    fitting = []
    for order in DateOrder:
        pairs = [(iso_cell(row[columns.tested_at], order), _numbered_day(row, columns)) for row in table.rows]
        if all(tested and day and tested.startswith(day.isoformat()) for tested, day in pairs):
            fitting.append(order)
    return fitting[0] if len(fitting) == 1 else None


def _numbered_day(row: Row, columns: _Columns) -> date | None:
    """The day a row's own numbers say: the run's (2023-12-12, or day, month, year as in 131222-164034), else the
    sample's automatic one (year, month, day as in Sample_#231212-064054)."""
    run = row[columns.run_id] if columns.run_id is not None else ""
    if isinstance(run, datetime):
        return run.date()
    if isinstance(run, date):
        return run
    try:
        if match := _ISO_DAY.search(cell_text(run)):
            return date.fromisoformat(match[0])
        if match := _RUN_ID.fullmatch(cell_text(run)):
            return date(2000 + int(match[3]), int(match[2]), int(match[1]))
        if match := _SAMPLE_NUMBER.search(row.text(columns.sample)):
            return date(2000 + int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return None


def _run_started_at(table: Table, columns: _Columns, order: DateOrder | None) -> str | None:
    """The earliest test of the file."""
    if columns.tested_at is None:
        return None
    instants = [instant for row in table.rows if (instant := iso_cell(row[columns.tested_at], order)) is not None]
    return min(instants, default=None)


def _first(table: Table, column: Column | None) -> str | None:
    texts: Sequence[str] = [row.text(column) for row in table.rows] if column is not None else []
    return next((text for text in texts if text), None)
