"""The tables of NanoDrop spectrophotometers: 8000, One and Eight, as text or workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.concentration import is_dna, ng_per_ul, no_dna_issues
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids
from labmon.instruments.locale import NumberFormat, decide_date_order, decide_numbers, iso_cell, locale_sentence
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "nanodrop"
_RATIOS = (
    (ReadingKind.RATIO_260_280, ("260/280", "a260/a280")),
    (ReadingKind.RATIO_260_230, ("260/230", "a260/a230")),
)
_CURSOR = ("cursor abs.", "cursor pos.", "cursor nm")
_UNIT_IN_HEADING = re.compile(r"(?:.*\()?((?:[pnum]?g)/[um]?l)\)?")
_DSDNA_FACTOR = 50.0
"""ng/uL for one absorbance unit: the factor of double-stranded DNA."""
_ROWS_BEFORE_HEADING = 30
_WAVELENGTH = re.compile(r"[0-9]{3}(?:[.,][0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    sample: Column | None
    well: Column | None
    concentration: Column
    unit: Column | None
    heading_unit: str
    """The unit in the heading; empty when a column holds it."""
    acid: Column | None
    """The kind of nucleic acid, row by row."""
    factor: Column | None
    date: Column | None
    time: Column | None
    ratios: Sequence[tuple[ReadingKind, Column]]


def claims(source: Source) -> bool:
    """Headings for a concentration and for absorbance ratios or the spectrum's cursor."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the concentration and purity of each row. Raises UserError: I002 cut short, I003 undecidable, I020 empty."""
    grid = next(each for each in grids(source) if each.rows)
    heading = _heading_index(grid)
    if heading is None:
        raise UserError("I020", part="The heading of the concentrations")
    table, others = _table(source, grid, heading)
    columns = _columns(table)
    head = {
        plain(cell_text(row.cells[0])).rstrip(":"): cell_text(row.cells[1])
        for row in grid.rows[:heading]
        if len(row.cells) > 1
    }
    application = head.get("application", "")
    dates = [(row.text(columns.date), columns.date.place(row)) for row in table.rows if columns.date is not None]
    order = decide_date_order(dates, options.date_order)
    numeric = [columns.concentration, *(column for _, column in columns.ratios)]
    numbers = decide_numbers(
        ((row[column], column.place(row)) for row in table.rows for column in numeric), options.decimal_mark
    )
    readings: list[Reading] = []
    issues: list[Issue] = check_end(table, grid)
    for row in table.rows:
        found, row_issues = _read_row(row, columns, application, numbers)
        readings += found
        issues += row_issues
    if not readings:
        raise UserError("I020", place=table.heading_place, part="Every concentration below the headings")
    issues += table.repairs()
    unread = (*others, *_with_the_spectrum_as_one(table.unread()))
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        headings=table.headings,
        instrument=_instrument(table, head),
        run_started_at=_run_started_at(table, columns, order),
        locale=locale_sentence(numbers, order, grid.encoding),
        properties={"Application": application} if application else {},
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        words = [plain(cell_text(cell)) for cell in row.cells]
        has_unit = any(_UNIT_IN_HEADING.fullmatch(each) for each in words)
        has_ratio = any(name in words for _, names in _RATIOS for name in names)
        if has_unit and has_ratio:
            return index
        if "conc." in words and "units" in words and (has_ratio or any(name in words for name in _CURSOR)):
            return index
    return None


def _table(source: Source, grid: Grid, heading: int) -> tuple[Table, list[str]]:
    """The rows up to the first blank one (a second table may follow), and what was left aside."""
    rows: list[Row] = []
    for row in grid.rows[heading + 1 :]:
        if not any(cell_text(cell) for cell in row.cells):
            break
        rows.append(row)
    table = Table(headings=grid.rows[heading].cells, rows=rows, heading_row=grid.rows[heading].number, sheet=grid.sheet)
    others = [f'sheet "{each.sheet}"' for each in grids(source) if each.sheet != grid.sheet and each.rows]
    after = grid.rows[heading + 1 + len(rows) :]
    if any(cell_text(cell) for row in after for cell in row.cells):
        first = next(row for row in after if any(cell_text(cell) for cell in row.cells))
        others.append(f"the table from row {first.number} on")
    return table, others


def _columns(table: Table) -> _Columns:
    heading_unit = ""
    concentration = table.column("conc.")
    if concentration is None:
        for index, words in enumerate(table.words):
            match = _UNIT_IN_HEADING.fullmatch(words)
            if match and "corrected" not in words:
                concentration, heading_unit = table.at(index), match[1]
                break
    if concentration is None:
        raise UserError("I020", place=table.heading_place, part="The column of the concentration")
    return _Columns(
        sample=table.column("sample name") or table.column("sample id", "sample"),
        well=table.column("well"),
        concentration=concentration,
        unit=table.column("units") if not heading_unit else None,
        heading_unit=heading_unit,
        acid=table.column("na type"),
        factor=table.column("nucleic acid factor"),
        date=table.column("date & time", "date"),
        time=table.column("time"),
        ratios=[(kind, column) for kind, names in _RATIOS if (column := table.column(*names))],
    )


def _read_row(
    row: Row, columns: _Columns, application: str, numbers: NumberFormat
) -> tuple[list[Reading], list[Issue]]:
    issues: list[Issue] = []
    place = columns.concentration.place(row)
    raw = row.text(columns.concentration)
    value = numbers.parse(row[columns.concentration])
    printed_unit = columns.heading_unit or row.text(columns.unit)
    converted = ng_per_ul(value or 0.0, printed_unit)
    acid = row.text(columns.acid) or application
    factor = numbers.parse(row[columns.factor]) if columns.factor else None
    # Some exports name no nucleic acid, only the factor it was computed with.
    measured = acid or ("dsDNA" if factor == _DSDNA_FACTOR else "" if factor is None else f"factor {factor:g}")
    kind, shown_unit = ReadingKind.CONCENTRATION, printed_unit or None
    if converted is not None and is_dna(measured):
        kind, shown_unit = ReadingKind.DNA_NG_PER_UL, "ng/uL"
        value = None if value is None else converted
    elif converted is None:
        issues.append(
            Issue(
                code="I006",
                place=place,
                parameters={"what": "this concentration", "unit": printed_unit or "not stated", "expected": "ng/uL"},
            )
        )
    if value is None and plain(raw) not in ("", "nan", "n/a", "-"):
        issues.append(Issue(code="I016", place=place, parameters={"raw": raw, "what": "a concentration"}))
    else:
        issues += no_dna_issues(measured, value, raw, place)
    sample, well = row.text(columns.sample) or None, row.text(columns.well) or None
    readings = [
        Reading(
            kind=kind,
            place=place,
            value=value,
            raw=raw,
            well=well,
            sample=sample,
            unit=shown_unit,
            qualifier=Qualifier.NOT_COMPUTED if value is None else None,
        )
    ]
    for ratio, column in columns.ratios:
        number = numbers.parse(row[column])
        if number is not None:
            readings.append(
                Reading(
                    kind=ratio, place=column.place(row), value=number, raw=row.text(column), well=well, sample=sample
                )
            )
    return readings, issues


def _instrument(table: Table, head: dict[str, str]) -> str:
    if "application" in head:
        return "NanoDrop Eight"
    return "NanoDrop 8000" if "cursor abs." in table.words else "NanoDrop One"


def _run_started_at(table: Table, columns: _Columns, order: DateOrder | None) -> str | None:
    """The earliest measurement of the file."""
    return min(_instants(table, columns, order), default=None)


def _instants(table: Table, columns: _Columns, order: DateOrder | None) -> Iterator[str]:
    for row in table.rows:
        if columns.date is None:
            return
        cell = row[columns.date]
        if isinstance(cell, str) and columns.time is not None:
            cell = f"{cell} {row.text(columns.time)}"
        instant = iso_cell(cell, order)
        if instant is not None:
            yield instant


def _with_the_spectrum_as_one(headings: Sequence[str]) -> list[str]:
    """The headings, with the hundreds of wavelengths as one entry."""
    spectrum = [each for each in headings if _WAVELENGTH.fullmatch(each)]
    others = [each for each in headings if not _WAVELENGTH.fullmatch(each)]
    return [*others, f"spectrum {spectrum[0]} to {spectrum[-1]} nm"] if spectrum else others
