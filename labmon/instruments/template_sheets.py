"""The sheets of a workbook made from one of labmon's templates, as rows of typed cells; a wrong cell is an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place, column_letters
from labmon.domain.template import MARK_SHEET, VERSIONS, CellKind, Column, Sheet, TemplateId, sheets_of
from labmon.domain.wording import MINUS, limit
from labmon.instruments import workbook
from labmon.instruments.locale import NumberFormat, decide_date_order, decide_numbers, locale_sentence
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.sheet_marks import SheetMarks
from labmon.instruments.source import Source
from labmon.instruments.templates import template_version

Value = str | float | int | date | datetime | StrEnum
"""A cell as the template means it."""

_NUMBERS = (CellKind.NUMBER, CellKind.COUNT)
_DATES = (CellKind.DATE, CellKind.DATE_TIME)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})([-./])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?:[ T]+(?P<time>.+))?")
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})([-./])(?P<b>\d{1,2})\2(?P<y>\d{4})(?:[ T]+(?P<time>.+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCell:
    """One filled cell: its value, the text it stood as, its place."""

    value: Value
    raw: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRow:
    """One row: the cells that could be read, by heading, and what was wrong with the others."""

    place: Place
    cells: Mapping[str, TypedCell]
    issues: tuple[Issue, ...]

    def value(self, heading: str) -> Value | None:
        cell = self.cells.get(heading)
        return cell.value if cell is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSheet:
    layout: Sheet
    rows: tuple[TypedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTemplate:
    """The template's sheets that the workbook has, what nobody read in it, and how its numbers and dates were taken."""

    sheets: tuple[TypedSheet, ...]
    unread: tuple[str, ...]
    missing: tuple[Issue, ...]
    """I025 for each sheet and column of the template that is gone from the workbook."""
    locale: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A sheet of the workbook beside its layout, with the column each heading stands in (1-based)."""

    layout: Sheet
    sheet: workbook.Sheet
    columns: Mapping[str, int]
    marks: SheetMarks

    def cells_of(self, kinds: tuple[CellKind, ...]) -> Iterator[tuple[workbook.Cell, Place]]:
        for column in self.layout.columns:
            number = self.columns.get(column.heading)
            if number is None or column.kind not in kinds:
                continue
            for row in range(2, len(self.sheet.rows) + 1):
                yield self.sheet.cell(row, number), self.sheet.place(row, number, column.heading)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How the file writes numbers and dates, decided once."""

    numbers: NumberFormat
    date_order: DateOrder | None


class _NotUnderstoodError(Exception):
    """A cell is not what its column asks for."""


def read_template(source: Source, template: TemplateId, options: ReadOptions) -> FilledTemplate:
    """Every row of every sheet.

    Raises UserError: I001 a newer template, I003 numbers or dates undecidable, I020 a heading or the version missing.
    """
    _check_version(source, template)
    unread: list[str] = []
    pages: list[_Page] = []
    for layout in sheets_of(template):
        sheet = source.workbook.find(layout.title)
        if sheet is not None and sheet.rows:
            columns, unread_columns = _columns(sheet, layout)
            unread.extend(unread_columns)
            pages.append(_Page(layout, sheet, columns, source.workbook.marks(sheet.name, with_formats=True)))
    unread.extend(_unread_sheets(source, template))
    spelling = _spelling(pages, options)
    return FilledTemplate(
        sheets=tuple(TypedSheet(layout=page.layout, rows=tuple(_typed_rows(page, spelling))) for page in pages),
        unread=tuple(unread),
        missing=tuple(_missing(pages, source, template)),
        locale=locale_sentence(spelling.numbers, spelling.date_order),
    )


def _check_version(source: Source, template: TemplateId) -> None:
    place = Place(sheet=MARK_SHEET, row=2, column=2)
    version = template_version(source)
    if version is None:
        raise UserError("I020", place=place, part="The template's version")
    if version > VERSIONS[template]:
        detail = f"the template has version {version}, this labmon reads up to {VERSIONS[template]}"
        raise UserError("I001", place=place, detail=detail)


def _columns(sheet: workbook.Sheet, layout: Sheet) -> tuple[dict[str, int], list[str]]:
    """Where each heading stands, and the filled columns the template does not have."""
    columns: dict[str, int] = {}
    unread: list[str] = []
    known = {column.heading.casefold(): column.heading for column in layout.columns}
    width = max(len(row) for row in sheet.rows)
    for number in range(1, width + 1):
        words = _text(sheet.cell(1, number))
        heading = known.get(words.casefold())
        if heading is not None and heading not in columns:
            columns[heading] = number
        elif words or any(_text(sheet.cell(row, number)) for row in range(2, len(sheet.rows) + 1)):
            named = f'"{words}"' if words else "without a heading"
            unread.append(f"{layout.title}: column {column_letters(number)} {named}")
    has_rows = any(_text(cell) for row in sheet.rows[1:] for cell in row)
    for column in layout.columns:
        if column.is_required and has_rows and column.heading not in columns:
            part = f'The column "{column.heading}" of the sheet "{layout.title}"'
            raise UserError("I020", place=Place(sheet=sheet.name, row=1), part=part)
    return columns, unread


def _missing(pages: list[_Page], source: Source, template: TemplateId) -> Iterator[Issue]:
    if template_version(source) != VERSIONS[template]:
        return  # an older template has fewer sheets and columns
    there = {page.layout.title: page for page in pages}
    for layout in sheets_of(template):
        page = there.get(layout.title)
        if page is None:
            parameters = {"part": f'The sheet "{layout.title}"', "consequence": "nothing of its kind was read"}
            yield Issue(code="I025", parameters=parameters)
            continue
        for column in layout.columns:
            if column.heading not in page.columns:
                part = f'The column "{column.heading}" of the sheet "{layout.title}"'
                parameters = {"part": part, "consequence": "every row was read without it"}
                yield Issue(code="I025", place=Place(sheet=page.sheet.name, row=1), parameters=parameters)


def _unread_sheets(source: Source, template: TemplateId) -> Iterator[str]:
    known = {MARK_SHEET.casefold()} | {layout.title.casefold() for layout in sheets_of(template)}
    for name in source.workbook.sheet_names:
        if name.strip().casefold() not in known and source.workbook.sheet(name).rows:
            yield f'sheet "{name}"'


def _spelling(pages: list[_Page], options: ReadOptions) -> _Spelling:
    """One decision for the whole workbook: true numbers and dates need none, texts do."""
    numbers = decide_numbers((cell for page in pages for cell in page.cells_of(_NUMBERS)), options.decimal_mark)
    dates = (
        (cell.strip(), place)
        for page in pages
        for cell, place in page.cells_of(_DATES)
        if isinstance(cell, str) and _YEAR_LAST.fullmatch(cell.strip())  # a year in front is never in doubt
    )
    return _Spelling(numbers, decide_date_order(dates, options.date_order))


def _typed_rows(page: _Page, spelling: _Spelling) -> Iterator[TypedRow]:
    for row in range(2, len(page.sheet.rows) + 1):
        formulas = {number: page.marks.uncomputed.get((row, number), "") for number in page.columns.values()}
        if not any(formulas[number] or _text(page.sheet.cell(row, number)) for number in formulas):
            continue
        cells: dict[str, TypedCell] = {}
        issues: list[Issue] = []
        for column in page.layout.columns:
            number = page.columns.get(column.heading)
            stands = page.sheet.cell(row, number) if number is not None else ""
            place = page.sheet.place(row, number, column.heading)
            raw = _text(stands)
            if number is not None and not raw and formulas[number]:
                issues.append(_not_understood(column, formulas[number], place, page.layout))
                continue
            if number is not None and column.kind is CellKind.DATE_TIME and (row, number) in page.marks.timed:
                stands = _at_midnight(stands)
            if not raw:
                if column.is_required:
                    issues.append(Issue(code="C501", place=place, parameters={"field": column.heading}))
                continue
            try:
                value = _typed(stands, column, spelling)
            except _NotUnderstoodError:
                issues.append(_not_understood(column, raw, place, page.layout))
                continue
            if _is_out_of_range(column, value):
                issues.append(_out_of_range(column, raw, place, page.layout))
                if page.layout.method is None:
                    continue  # a fact cannot be held: a percentage of 140 is none
            cells[column.heading] = TypedCell(value=value, raw=raw, place=place)
        yield TypedRow(place=page.sheet.place(row), cells=cells, issues=tuple(issues))


def _not_understood(column: Column, raw: str, place: Place, layout: Sheet) -> Issue:
    if layout.method is not None and column.kind in _NUMBERS:
        return Issue(code="I016", place=place, parameters={"raw": raw, "what": column.expected})
    return Issue(code="C502", place=place, parameters={"raw": raw, "expected": column.expected})


def _is_out_of_range(column: Column, value: Value) -> bool:
    if isinstance(value, str | date):
        return False
    is_low = column.low is not None and value < column.low
    return is_low or (column.high is not None and value > column.high)


def _out_of_range(column: Column, raw: str, place: Place, layout: Sheet) -> Issue:
    """A result is kept and held (I014); a cell of a fact is not understood (C502)."""
    if layout.method is None:
        return Issue(code="C502", place=place, parameters={"raw": raw, "expected": column.expected})
    low = limit(column.low) if column.low is not None else f"{MINUS}∞"
    high = limit(column.high) if column.high is not None else "∞"
    return Issue(code="I014", place=place, parameters={"what": column.heading, "value": raw, "low": low, "high": high})


def _text(cell: workbook.Cell) -> str:
    """The cell as a person would have typed it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _typed(cell: workbook.Cell, column: Column, spelling: _Spelling) -> Value:
    if column.choices is not None:
        return _choice(_text(cell), column.choices)
    if column.kind in _NUMBERS:
        number = spelling.numbers.parse(cell)
        if number is None or (column.kind is CellKind.COUNT and not number.is_integer()):
            raise _NotUnderstoodError
        return int(number) if column.kind is CellKind.COUNT else number
    if column.kind in _DATES:
        return _moment(cell, spelling) if column.kind is CellKind.DATE_TIME else _date(cell, spelling)
    if not isinstance(cell, str | float | int) or isinstance(cell, bool):
        raise _NotUnderstoodError
    return _text(cell)


def _choice(raw: str, choices: type[StrEnum]) -> StrEnum:
    """The word of the list, whatever its case and whether its parts are joined by a space, a hyphen or a low line."""
    wanted = re.sub(r"[\s_-]+", "_", raw).casefold()
    for choice in choices:
        if wanted == choice.value.casefold():
            return choice
    raise _NotUnderstoodError


def _date(cell: workbook.Cell, spelling: _Spelling) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _written_day(cell, spelling)[0]


def _moment(cell: workbook.Cell, spelling: _Spelling) -> datetime:
    """A date with its time; a bare date is not understood, because midnight would be an invention."""
    if isinstance(cell, datetime):
        return cell
    day, clock = _written_day(cell, spelling)
    if clock is None:
        raise _NotUnderstoodError
    try:
        return datetime.combine(day, time.fromisoformat(clock.strip().zfill(5)))
    except ValueError as error:
        raise _NotUnderstoodError from error


def _at_midnight(cell: workbook.Cell) -> workbook.Cell:
    """An instant of 00:00 comes as a bare date; in a cell that shows the time of day it is that instant."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime.combine(cell, time())
    return cell


def _written_day(cell: workbook.Cell, spelling: _Spelling) -> tuple[date, str | None]:
    """The day of a date written as text, and the text of its time if there is one."""
    if not isinstance(cell, str):
        raise _NotUnderstoodError
    found = _YEAR_FIRST.fullmatch(cell.strip())
    try:
        if found is not None:
            return date(int(found["y"]), int(found["m"]), int(found["d"])), found["time"]
        found = _YEAR_LAST.fullmatch(cell.strip())
        if found is None:
            raise _NotUnderstoodError
        day, month = (found["b"], found["a"]) if spelling.date_order is DateOrder.MDY else (found["a"], found["b"])
        return date(int(found["y"]), int(month), int(day)), found["time"]
    except ValueError as error:
        raise _NotUnderstoodError from error
