"""Bio-Rad CFX Manager and CFX Maestro: Cq values and standard curves, as csv, text or workbook."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import log10

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.cq import well_position
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, first_rows, grids
from labmon.instruments.locale import NumberFormat, decide_numbers, locale_sentence
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.readers.cq_table import (
    LONGEST_HEAD,
    Block,
    Headings,
    Results,
    block_below,
    cross_checks,
    cycle_of,
    missing_columns,
    numeric_cells,
    read_table,
    skipped,
)
from labmon.instruments.readers.run_head import ENDED, STARTED, Head, name_of
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import Row, Table, cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_FORMAT = "cfx"
_INFORMATION_SHEET = "run information"
_SOFTWARE = ("cfx maestro version", "cfx manager version", "cfx manager dx version")
_KEPT = frozenset(
    {
        "base serial number",
        "optical head serial number",
        "sample vol",
        "lid temp",
        "protocol file name",
        "plate setup file name",
        "well group",
        "amplification step",
        "melt step",
        *_SOFTWARE,
        *STARTED,
        *ENDED,
    }
)
_NAMED = _KEPT | {"file name", "created by user", "notes", "id"}
HEADINGS = Headings(
    well=("well", "well position"),
    sample=("sample", "sample name", "identifier", "ident.", "ident"),
    target=("target", "target name"),
    dye=("fluor", "fluorophore"),
    task=("content", "sample type", "type"),
    cq=("cq", "c(q)", "threshold cycle (c(t))", "threshold cycle(c(t))", "threshold cycle( c(t) )", "c(t)", "ct"),
    per_well={
        ReadingKind.CQ_MEAN: ("cq mean", "c(q) mean", "c(t) mean", "ct mean"),
        ReadingKind.CQ_SD: (
            "cq std. dev",
            "cq std. dev.",
            "cq std dev",
            "c(t) std. dev",
            "c(t) std. dev.",
            "ct std. dev",
        ),
        ReadingKind.QUANTITY: ("starting quantity (sq)", "starting quantity", "starting quantity sq.", "sq"),
        ReadingKind.QUANTITY_MEAN: ("sq mean",),
        ReadingKind.QUANTITY_SD: ("sq std. dev", "sq std. dev.", "sq std dev"),
    },
    telling=("log starting quantity", "log sq", "end rfu", "set point", "efficiency %", "slope", "y-intercept", "r^2"),
    empty_cq=Qualifier.UNDETERMINED,
    mean_tolerance_cycles=0.02,  # old versions print two decimals and average what they do not print
)
_LOG_QUANTITY = ("log starting quantity", "log sq")
_LOG_TOLERANCE = 0.02
"""Two decimals. It judges the file, no specimen."""
_CURVE = {
    ReadingKind.SLOPE: ("slope",),
    ReadingKind.INTERCEPT: ("y-intercept", "y intercept", "y-int", "intercept"),
    ReadingKind.R2: ("r^2", "r2", "r squared"),
    ReadingKind.EFFICIENCY: ("efficiency %", "efficiency (%)", "efficiency", "e(%)", "e (%)", "e"),
}
_USUAL = (
    (HEADINGS.well, "Well", "the wells can be told apart by their rows only"),
    (HEADINGS.sample, "Sample", "no well can be given to a sample"),
    (HEADINGS.task, "Content", "standards and controls are known by their sample names only"),
)
_NO_TARGET = ((*HEADINGS.target, *HEADINGS.dye), "Target", "no well can be given to a target")
_NO_TABLE = {"part": "The table of Cq values", "consequence": "the curves have no wells"}
_POSITION = re.compile(r"[A-P](?:0?[1-9]|1[0-9]|2[0-4])")
_NEGATIVE = re.compile(r"(?i)\(-\)|-\Z|neg")
_POSITIVE = re.compile(r"(?i)\(\+\)|\+\Z|pos")
_ROWS_TO_KNOW_BY = 60


class _Sheet(Enum):
    """What a sheet or file of this software's export is about."""

    CQ = "the table of Cq values"
    CURVE = "the table of standard curves"
    AMPLIFICATION = "the export of amplification curves"
    MELT = "the export of melt curves"
    END_POINT = "the export of end-point fluorescence"
    EXPRESSION = "the export of gene expression"
    INFORMATION = "the information about the run"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    grid: Grid
    about: _Sheet
    heading: int

    @property
    def table(self) -> Table:
        """The rows below the heading that hold anything."""
        rows = self.grid.rows
        filled = [row for row in rows[self.heading + 1 :] if any(cell != "" for cell in row.cells)]
        return Table(
            headings=rows[self.heading].cells,
            rows=filled,
            heading_row=rows[self.heading].number,
            sheet=self.grid.sheet,
        )


def claims(source: Source) -> bool:
    """A workbook with this software's sheet on the run, or a table in its words."""
    information = None if source.container is Container.TEXT else source.workbook.find(_INFORMATION_SHEET)
    if information is not None:
        keys = {plain(cell_text(cell)) for cells in information.rows[:_ROWS_TO_KNOW_BY] for cell in cells[:2]}
        return bool(keys & {*_SOFTWARE, "base serial number"})
    return any(_known(rows) is not None for rows in first_rows(source, _ROWS_TO_KNOW_BY))


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read every table of Cq values and of curves. Raises UserError: I002, I003, I020, Q114 no Cq values in it."""
    everything = list(grids(source))
    parts = [part for grid in everything if (part := _part(grid)) is not None]
    tables = [part for part in parts if part.about is _Sheet.CQ]
    curves = [part for part in parts if part.about is _Sheet.CURVE]
    if not tables and not curves:
        what = next((part.about for part in parts if part.about is not _Sheet.INFORMATION), _Sheet.INFORMATION)
        raise UserError("Q114", place=_place_of(parts), what=what.value[0].upper() + what.value[1:])
    head = _head(parts)
    path = head.texts.pop("file name", None)
    # It writes its dates in no other order, whatever the computer's is.
    order = head.date_order(options.date_order, usual=DateOrder.MDY)
    blocks = [_block(part) for part in tables]
    curve_tables = [part.table for part in curves]
    cells = (
        *(cell for block in blocks for cell in numeric_cells(block.table, HEADINGS)),
        *(cell for table in curve_tables for cell in _curve_cells(table)),
    )
    numbers = decide_numbers(cells, options.decimal_mark)
    found, left = _wells(blocks, numbers, lambda: _last_cycle(parts))
    constants = list(_constants(curve_tables, numbers, _targets_by_dye(blocks)))
    readings = [*found.readings, *constants]
    if not readings:
        raise UserError("I020", place=_place_of(parts), part="Every result below the headings")
    started, started_issues = head.run_started_at(order)
    issues = [
        *(issue for part, block in zip(tables, blocks, strict=True) for issue in check_end(block.table, part.grid)),
        *started_issues,
        *found.issues,
        *cross_checks(found, HEADINGS, constants),
        *(issue for block in blocks for issue in _block_issues(block, numbers)),
    ]
    if not tables:
        issues.append(Issue(code="I025", place=_place_of(parts), parameters=_NO_TABLE))
    read_grids = {id(part.grid) for part in parts if part.about in (_Sheet.CQ, _Sheet.CURVE, _Sheet.INFORMATION)}
    unread = (
        *(f'sheet "{grid.sheet}"' for grid in everything if grid.rows and id(grid) not in read_grids),
        *left,
        *(heading for block in blocks for heading in block.table.unread()),
        *(f"standard curve: {heading}" for table in curve_tables for heading in table.unread()),
        *head.unread,
    )
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        headings=blocks[0].table.headings if blocks else curve_tables[0].headings,
        software=_software(head),
        instrument=head.get("base serial number"),
        run_started_at=started,
        run_name=name_of(path, ".pcrd"),
        locale=locale_sentence(numbers, order, everything[0].encoding),
        properties=head.properties,
    )


def _known(rows: Sequence[Row]) -> tuple[_Sheet, int] | None:
    """What these rows are about, and which of them is the heading; None when they are not of this software."""
    is_information = False
    for index, row in enumerate(rows[:LONGEST_HEAD]):
        words = [plain(cell_text(cell)) for cell in row.cells]
        about = _about(words)
        if about is not None:
            return about, index
        is_information = is_information or any(word in _SOFTWARE for word in words[:2])
    return (_Sheet.INFORMATION, 0) if is_information else None


def _about(words: Sequence[str]) -> _Sheet | None:
    """What a table with these headings is about; None when they are not headings of this software."""
    names = set(words)
    if names & {"fluor", "content"} and names & set(HEADINGS.cq):
        return _Sheet.CQ
    if (
        "slope" in names
        and "well" not in names
        and names & {"fluor", "target"}
        and names & set(_CURVE[ReadingKind.EFFICIENCY])
    ):
        return _Sheet.CURVE
    if names & {"fluor", "content"} and "end rfu" in names:
        return _Sheet.END_POINT
    if names & {"fluor", "content"} and names & {"melt temperature", "peak height"}:
        return _Sheet.MELT
    if {"data set", "target"} <= names and names & {"relative quantity", "expression"}:
        return _Sheet.EXPRESSION
    axis = next((word for word in words if word), "")
    if axis in ("cycle", "temperature") and any(_POSITION.fullmatch(each.upper()) for each in words):
        return _Sheet.AMPLIFICATION if axis == "cycle" else _Sheet.MELT
    return None


def _part(grid: Grid) -> _Part | None:
    if (grid.sheet or "").strip().casefold() == _INFORMATION_SHEET:
        return _Part(grid=grid, about=_Sheet.INFORMATION, heading=len(grid.rows))
    known = _known(grid.rows)
    return None if known is None else _Part(grid=grid, about=known[0], heading=known[1])


def _place_of(parts: Sequence[_Part]) -> Place | None:
    part = next((part for part in parts if part.about is not _Sheet.INFORMATION), None)
    return None if part is None else Place(sheet=part.grid.sheet, row=part.grid.rows[part.heading].number)


def _head(parts: Sequence[_Part]) -> Head:
    """What the sheet on the run and the lines above the tables say about the run."""
    head = Head(kept=_KEPT, named=_NAMED)
    for part in parts:
        for row in part.grid.rows[: part.heading]:
            head.add_row(row, part.grid.sheet)
    return head


def _software(head: Head) -> str | None:
    for words in _SOFTWARE:
        version = (head.get(words) or "").strip(" .")
        if version:
            return f"{head.keys[words].rpartition(' ')[0]} {version}"
    return None


def _block(part: _Part) -> Block:
    rows = part.grid.rows
    words = [plain(cell_text(each)) for each in rows[part.heading].cells]
    names = next((names for names in (HEADINGS.well, HEADINGS.task, HEADINGS.dye) if set(names) & set(words)), ())
    first = next(index for index, word in enumerate(words) if word in names)
    return block_below(rows, part.heading, first, sheet=part.grid.sheet, known=_NAMED, has_wells=names is HEADINGS.well)


def _wells(
    blocks: Sequence[Block], numbers: NumberFormat, last_cycle: Callable[[], int | None]
) -> tuple[Results, list[str]]:
    """The wells of all tables, and the names of tables that repeat wells already read."""
    found = Results()
    left: list[str] = []
    read: dict[tuple[str | None, str | None], Reading] = {}
    for block in blocks:
        of_table = read_table(block.table, HEADINGS, numbers, last_cycle)
        cqs = [well.cq for well in of_table.wells if well.cq.well is not None]
        repeated = {(cq.well, cq.target) for cq in cqs if (cq.well, cq.target) in read}
        found.issues += of_table.issues
        for cq in cqs:
            first = read.setdefault((cq.well, cq.target), cq)
            if (cq.well, cq.target) in repeated and (first.value, first.qualifier) != (cq.value, cq.qualifier):
                detail = f"Another table of this file gives {first.raw or 'no Cq'} for this well ({first.place})"
                found.issues.append(Issue(code="I024", place=cq.place, parameters={"detail": detail}))
        found.readings += [each for each in of_table.readings if (each.well, each.target) not in repeated]
        found.wells += [well for well in of_table.wells if (well.cq.well, well.cq.target) not in repeated]
        if repeated:
            left.append(f'sheet "{block.table.sheet}" (wells read already)')
    return found, left


def _measured_twice(block: Block) -> Iterator[Issue]:
    """Q116 for each row of a well that stands there more than once for one target."""
    table = block.table
    well, target, dye = (table.column(*names) for names in (HEADINGS.well, HEADINGS.target, HEADINGS.dye))
    cq = table.column(*HEADINGS.cq)
    if well is None or target is None or dye is None or cq is None:
        return
    rows: dict[tuple[str | None, str], list[Row]] = defaultdict(list)
    for row in table.rows:
        rows[well_position(row.text(well)), row.text(target) or row.text(dye)].append(row)
    for (_, name), of_well in rows.items():
        if len(of_well) > 1:
            dyes = " and ".join(row.text(dye) for row in of_well)
            for row in of_well:
                yield Issue(code="Q116", place=cq.place(row), parameters={"target": name, "dyes": dyes})


def _log_issues(block: Block, numbers: NumberFormat) -> Iterator[Issue]:
    """I026 for each quantity whose logarithm the file prints otherwise."""
    quantity = block.table.column(*HEADINGS.per_well[ReadingKind.QUANTITY])
    log = block.table.column(*_LOG_QUANTITY)
    if quantity is None or log is None:
        return
    for row in block.table.rows:
        value, printed = numbers.parse(row[quantity]), numbers.parse(row[log])
        if value is None or printed is None or value <= 0 or abs(log10(value) - printed) <= _LOG_TOLERANCE:
            continue
        parameters = {
            "what": f"{log.heading} of {row.text(quantity)}",
            "printed": row.text(log),
            "computed": f"{log10(value):.4g}",
        }
        yield Issue(code="I026", place=log.place(row), parameters=parameters)


def _call_issues(block: Block, numbers: NumberFormat) -> Iterator[Issue]:
    """Q121 for a Cq the software calls negative, Q122 for a positive call without a Cq."""
    call, cq = block.table.column("call"), block.table.column(*HEADINGS.cq)
    if call is None or cq is None:
        return
    for row in block.table.rows:
        said, has_cq = row.text(call), (numbers.parse(row[cq]) or 0) > 0
        if has_cq and _NEGATIVE.match(said):
            yield Issue(code="Q121", place=cq.place(row), parameters={"cq": row.text(cq), "said": f"calls it {said}"})
        elif not has_cq and _POSITIVE.match(said):
            yield Issue(code="Q122", place=cq.place(row), parameters={"remark": said})


def _block_issues(block: Block, numbers: NumberFormat) -> Iterator[Issue]:
    """What a table says against itself, what its headings lack, and which rows nobody read."""
    yield from _measured_twice(block)
    yield from _log_issues(block, numbers)
    yield from _call_issues(block, numbers)
    yield from missing_columns(block.table, (*_USUAL, _NO_TARGET))
    yield from block.table.repairs()
    yield from skipped(block)


def _constants(curves: Sequence[Table], numbers: NumberFormat, targets_of: Mapping[str, set[str]]) -> Iterator[Reading]:
    """The constants of every curve. A curve of a dye alone is that of the one target measured with it."""
    for table in curves:
        target, dye = table.column(*HEADINGS.target), table.column(*HEADINGS.dye)
        columns = [(kind, column) for kind, names in _CURVE.items() if (column := table.column(*names))]
        for row in table.rows:
            of_dye = targets_of.get(row.text(dye), set())
            name = row.text(target) or (next(iter(of_dye)) if len(of_dye) == 1 else row.text(dye)) or None
            for kind, column in columns:
                value = numbers.parse(row[column])
                if value is not None:
                    unit = "%" if kind is ReadingKind.EFFICIENCY else None
                    place = column.place(row)
                    yield Reading(kind=kind, place=place, value=value, raw=row.text(column), target=name, unit=unit)


def _targets_by_dye(blocks: Sequence[Block]) -> Mapping[str, set[str]]:
    """The names the wells of each dye go by."""
    found: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        target, dye = block.table.column(*HEADINGS.target), block.table.column(*HEADINGS.dye)
        for row in block.table.rows:
            found[row.text(dye)].add(row.text(target) or row.text(dye))
    return found


def _curve_cells(table: Table) -> Iterator[tuple[Cell, Place]]:
    for names in _CURVE.values():
        column = table.column(*names)
        if column is not None:
            yield from ((row[column], column.place(row)) for row in table.rows)


def _last_cycle(parts: Sequence[_Part]) -> int | None:
    """The number of cycles run, from the amplification curves; None when they were not exported."""
    cycles = [
        cycle_of(row[column])
        for part in parts
        if part.about is _Sheet.AMPLIFICATION and (column := part.table.column("cycle")) is not None
        for row in part.table.rows
    ]
    return max(cycles, default=0) or None
