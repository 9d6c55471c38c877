"""The analysed data that Rotor-Gene programs export "for Excel": a block of tubes for each analysis of a channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.cq import is_well
from labmon.instruments.delimited import delimiter_of, split
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, first_rows, grids
from labmon.instruments.locale import (
    NumberFormat,
    days_if_swapped,
    decide_date_order,
    decide_numbers,
    iso_cell,
    iso_instant,
    locale_sentence,
)
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.readers.well_table import (
    WellColumns,
    column_with_unit,
    cross_checks,
    numeric_cells,
    read_wells,
)
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_FORMAT = "rotorgene"
_ANALYSED = re.compile(r"Excel Analy[sz]ed Data Export", re.IGNORECASE)
_RAW = re.compile(r"Excel Raw Data Export", re.IGNORECASE)
_TITLE = re.compile(r"(?P<analysis>[^()]*\b(?:analysis|quantitation)) of (?P<channel>.+)", re.IGNORECASE)
_QUANTITATIVE = re.compile(r"quantitati(?:ve|on)\b", re.IGNORECASE)
_NUMBER = ("no.", "no")
_CT = ("ct", "cq")
_CONSTANTS = {
    ReadingKind.SLOPE: ("m", "slope", "gradient"),
    ReadingKind.INTERCEPT: ("b", "intercept"),
    ReadingKind.R2: ("r^2", "r2", "r^2 value", "r2 value"),
    ReadingKind.EFFICIENCY: ("efficiency", "reaction efficiency", "reaction efficiency (*)"),
    ReadingKind.THRESHOLD: ("threshold",),
}
_KIND_OF = {words: kind for kind, names in _CONSTANTS.items() for words in names}
_IN_A_UNIT = {ReadingKind.QUANTITY_GIVEN: "given conc", ReadingKind.QUANTITY: "calc conc"}
_OF_REPLICATES = {
    ReadingKind.CQ_MEAN: "rep. ct",
    ReadingKind.CQ_SD: "rep. ct std. dev.",
    ReadingKind.QUANTITY_MEAN: "rep. calc. conc.",
}
"""Each beside a column of the same words with "(95% CI)" behind them, which is another thing."""
_FOLD = 2.5
"""No more than doubles in a cycle: what is printed as an efficiency below this is a share of 1, not per cent."""
_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_HEAD_READ = frozenset({"file", "date", "time", "run id", "machine serial no", "machine serial no."})
_LONGEST_HEAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Constant:
    """One number of a standard curve or a threshold, as the file states it."""

    kind: ReadingKind
    cell: Cell
    place: Place


@dataclass(slots=True, kw_only=True)
class _Block:
    """One analysis: its title, the heading of its tubes, the tubes, and constants stated with them."""

    title: str
    is_quantitative: bool
    target: str | None
    heading: Row | None = None
    tubes: list[Row] = field(default_factory=list)
    constants: list[_Constant] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Export:
    """The whole export, sorted."""

    head: dict[str, tuple[Cell, Place]] = field(default_factory=dict)
    head_keys: dict[str, str] = field(default_factory=dict)
    head_constants: list[_Constant] = field(default_factory=list)
    channels: list[tuple[str, _Constant]] = field(default_factory=list)
    """Constants stated by channel: "Cycling A.Green (CAR)"."""
    blocks: list[_Block] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def claims(source: Source) -> bool:
    """The words "Excel Analysed Data Export" at the top; or those of the raw data, to say what is missing."""
    for rows in first_rows(source, _LONGEST_HEAD):
        for row in rows:
            first = _first_text(row)
            if first:
                return bool(_ANALYSED.match(first) or _RAW.match(first))
    return False


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read every quantitative analysis. Raises UserError: I002 cut short, I003 undecidable, I020 no results in it."""
    grid = next((each for each in grids(source) if each.rows), None)
    if grid is None:
        raise UserError("I020", part="Every row of the export")
    if source.container is not Container.TEXT:
        grid = _split_cells(grid)
    if _RAW.match(next((text for row in grid.rows if (text := _first_text(row))), "")):
        raise UserError("I020", part="Every Ct (the file holds the raw fluorescence of the run)")
    export = _sorted(grid)
    tables = [(block, _table(block, grid)) for block in export.blocks if block.is_quantitative]
    read_from = [(block, table) for block, table in tables if table is not None and _has_ct(table)]
    if not read_from:
        raise UserError("I020", part="Every table of Ct values (a quantitative analysis)")
    columns = [_columns(table) for _, table in read_from]
    constants = list(_constants(export, [block for block, _ in read_from]))
    numbers = decide_numbers(_number_cells(read_from, columns, constants), options.decimal_mark)
    stated = [reading for target, each in constants if (reading := _reading(each, target, numbers)) is not None]
    readings = list(stated)
    issues: list[Issue] = []
    for (block, table), each in zip(read_from, columns, strict=True):
        found = read_wells(table, each, numbers, target=block.target)
        readings += found.readings
        issues += [*check_end(table, grid), *found.issues, *cross_checks(found, stated), *table.repairs()]
    if len(readings) == len(stated):
        raise UserError("I020", place=read_from[0][1].heading_place, part="Every tube below the headings")
    started, order, date_issues = _started(export, options)
    unread = tuple(_unread(export, read_from, constants))
    serial = next((_head_text(export, key) for key in ("machine serial no", "machine serial no.")), "")
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*date_issues, *issues, *not_read(unread)),
        unread=unread,
        headings=read_from[0][1].headings,
        instrument=f"Rotor-Gene {serial}" if serial else None,
        run_started_at=started,
        run_name=_run_file(export).removesuffix(".rex") or None,
        locale=locale_sentence(numbers, order, grid.encoding),
    )


# --- the export in its parts ------------------------------------------------------------------------------------------


def _sorted(grid: Grid) -> _Export:
    export = _Export()
    block: _Block | None = None
    channel_heading: Row | None = None
    for row in grid.rows:
        first = _first_text(row)
        words = plain(first)
        # A name with a comma in it, written without quotes, lies in two cells.
        title = _TITLE.fullmatch(", ".join(cell_text(row.cells[index]) for index in _filled(row)))
        if not first:
            channel_heading = None
        elif words in _NUMBER and "name" in _words(row):
            if block is None or block.heading is not None:
                block = _Block(title="", is_quantitative=True, target=None)
                export.blocks.append(block)
            block.heading, channel_heading = row, None
        elif block is not None and block.heading is not None and is_well(row.cells[0]):
            block.tubes.append(row)
        elif title:
            block = _Block(
                title=title[0],
                is_quantitative=bool(_QUANTITATIVE.match(first)),
                target=_target(title["channel"]),
            )
            export.blocks.append(block)
        elif words == "channel":
            channel_heading = row
        elif channel_heading is not None:
            _add_channel(export, channel_heading, row, grid.sheet)
        else:
            _add_line(export, block, row, grid.sheet)
    return export


def _add_channel(export: _Export, heading: Row, row: Row, sheet: str | None) -> None:
    for index, words in enumerate(_words(heading)[1:], 1):
        cell = row.cells[index] if index < len(row.cells) else ""
        kind = _KIND_OF.get(words)
        if kind is not None and cell_text(cell):
            place = Place(sheet=sheet, row=row.number, column=index + 1, heading=cell_text(heading.cells[index]))
            export.channels.append((_first_text(row), _Constant(kind=kind, cell=cell, place=place)))
        elif words and cell_text(cell):
            export.left.append(cell_text(heading.cells[index]))


def _add_line(export: _Export, block: _Block | None, row: Row, sheet: str | None) -> None:
    """A line `key;value`, in the head or with a block."""
    filled = _filled(row)
    key = cell_text(row.cells[filled[0]]).rstrip(": ")
    words = plain(key)
    if len(filled) < 2:
        if block is not None:
            export.left.append(key)
        return
    cell = row.cells[filled[1]]
    place = Place(sheet=sheet, row=row.number, column=filled[1] + 1, heading=key)
    kind = _KIND_OF.get(words)
    if kind is not None:
        constant = _Constant(kind=kind, cell=cell, place=place)
        (export.head_constants if block is None else block.constants).append(constant)
    elif block is None:
        export.head.setdefault(words, (cell, place))
        export.head_keys.setdefault(words, key)
    else:
        export.left.append(key)


def _split_cells(grid: Grid) -> Grid:
    """The rows of a sheet into which a text was pasted or opened unsplit, a line a cell; others as they are."""
    lines = [_first_text(row) for row in grid.rows]
    delimiter = delimiter_of(lines)
    if delimiter is None or any(len(_filled(row)) > 1 for row in grid.rows):
        return grid
    numbers = [row.number for row in grid.rows]
    parted = split(lines, delimiter)
    return replace(grid, rows=[replace(row, number=numbers[row.number - 1]) for row in parted])


def _table(block: _Block, grid: Grid) -> Table | None:
    if block.heading is None:
        return None
    return Table(headings=block.heading.cells, rows=block.tubes, heading_row=block.heading.number, sheet=grid.sheet)


def _has_ct(table: Table) -> bool:
    return any(name in table.words for name in _CT)


def _columns(table: Table) -> WellColumns:
    cq = table.column(*_CT)
    assert cq is not None  # tables without are left aside
    numbers: list[tuple[ReadingKind, Column, str | None]] = [
        (kind, *found)
        for kind, name in _IN_A_UNIT.items()
        if (found := column_with_unit(table, name, f"{name}.")) is not None
    ]
    numbers += [(kind, column, None) for kind, name in _OF_REPLICATES.items() if (column := table.column(name))]
    return WellColumns(
        cq=cq,
        well=table.column(*_NUMBER),
        sample=table.column("name"),
        task=table.column("type"),
        remark=table.column("ct comment"),
        numbers=numbers,
    )


# --- what is stated once ----------------------------------------------------------------------------------------------


def _constants(export: _Export, blocks: Sequence[_Block]) -> Iterator[tuple[str | None, _Constant]]:
    """Each constant with its target: by the channel's name, by the block it stands in, or of the one block there is."""
    targets = {block.target for block in blocks}
    for channel, constant in export.channels:
        if _target(channel) in targets:
            yield _target(channel), constant
    for block in blocks:
        for constant in block.constants:
            yield block.target, constant
    if len(blocks) == 1:
        for constant in export.head_constants:
            yield blocks[0].target, constant


def _reading(constant: _Constant, target: str | None, numbers: NumberFormat) -> Reading | None:
    raw = cell_text(constant.cell)
    printed = raw.split()[0] if raw else ""
    number = numbers.parse(printed.rstrip("%") if isinstance(constant.cell, str) else constant.cell)
    if number is None:
        return None
    unit = None
    if constant.kind is ReadingKind.EFFICIENCY:
        unit = "%"
        if "%" not in raw and number < _FOLD:
            number *= 100
    return Reading(kind=constant.kind, place=constant.place, value=number, raw=raw, target=target, unit=unit)


def _number_cells(
    read_from: Sequence[tuple[_Block, Table]],
    columns: Sequence[WellColumns],
    constants: Sequence[tuple[str | None, _Constant]],
) -> Iterator[tuple[Cell, Place]]:
    for (_, table), each in zip(read_from, columns, strict=True):
        yield from numeric_cells(table, each)
    for _, constant in constants:
        text = cell_text(constant.cell)
        yield (text.split()[0] if text else ""), constant.place


def _started(export: _Export, options: ReadOptions) -> tuple[str | None, DateOrder | None, list[Issue]]:
    """When the run began. A date that can be read in two ways leaves it open, unless the run file's name decides."""
    cell, place = export.head.get("date", ("", None))
    of_name = _day_in(_run_file(export))
    clock = _head_text(export, "time")
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        other = days_if_swapped(day)
        if other is None or of_name == day or options.date_order is not None:
            return iso_cell(cell, None), None, []
        detail = f"The date of the run is {day:%Y-%m-%d} in this workbook: "
        detail += "the spreadsheet may have exchanged day and month when it opened the export"
        return None, None, [Issue(code="I003", place=place, parameters={"detail": detail})]
    text = cell_text(cell)
    try:
        order = decide_date_order([(text, place)], options.date_order)
    except UserError as error:
        order = next((each for each in (DateOrder.MDY, DateOrder.DMY) if of_name and _day(text, each) == of_name), None)
        if order is None:
            return None, None, [Issue(code="I003", place=place, parameters=error.parameters)]
    return iso_instant(f"{text} {clock}", order), order, []


def _day(text: str, order: DateOrder) -> date | None:
    instant = iso_instant(text, order)
    return date.fromisoformat(instant[:10]) if instant else None


def _day_in(name: str) -> date | None:
    """The day these programs put into the name of a run's file: "CAR 2021-03-16 (1).rex"."""
    found = _DAY_IN_NAME.search(name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _run_file(export: _Export) -> str:
    """The name of the run's file without its folders: folders hold the names of users."""
    return _head_text(export, "file").replace("\\", "/").rpartition("/")[2]


def _head_text(export: _Export, key: str) -> str:
    return cell_text(export.head[key][0]) if key in export.head else ""


def _unread(
    export: _Export, read_from: Sequence[tuple[_Block, Table]], constants: Sequence[tuple[str | None, _Constant]]
) -> Iterator[str]:
    keys = [export.head_keys[words] for words in export.head if words not in _HEAD_READ]
    if keys:
        yield f"head of the file ({', '.join(keys)})"
    used = {id(constant) for _, constant in constants}
    for constant in [*export.head_constants, *(constant for _, constant in export.channels)]:
        if id(constant) not in used:
            yield f"{constant.place.heading} at {constant.place}"
    blocks = [block for block, _ in read_from]
    yield from (block.title for block in export.blocks if block not in blocks)
    for block, table in read_from:
        for heading in table.unread():
            yield f"{block.title}: {heading}" if len(read_from) > 1 else heading
    yield from dict.fromkeys(export.left)


def _target(channel: str) -> str | None:
    """What a channel was named for: the words in the last brackets; the channel itself where there are none."""
    text = channel.strip()
    depth = 0
    for index in range(len(text) - 1, 0, -1) if text.endswith(")") else ():
        depth += (text[index] == ")") - (text[index] == "(")
        if depth == 0:
            return text[index + 1 : -1].strip() or text
    return text or None


def _words(row: Row) -> list[str]:
    return [plain(cell_text(cell)) for cell in row.cells]


def _filled(row: Row) -> list[int]:
    return [index for index, cell in enumerate(row.cells) if cell_text(cell)]


def _first_text(row: Row) -> str:
    return next((text for cell in row.cells if (text := cell_text(cell))), "")
