"""A laboratory's own table of MRD results, by flow, Ig/TR qPCR or sequencing: a row a specimen and marker.

No vendor sets these headings, so they are known by their words. A level says its unit in the heading (%, fraction, per
million) or in the cell (0.02 %, 3E-4, 10^-4); one that does neither is held, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from labmon.domain.analyte import MrdMethod
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.domain.template import MrdDenominator
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids, table_in
from labmon.instruments.locale import NumberFormat, decide_date_order, decide_numbers, iso_cell, locale_sentence
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_FORMAT = "mrd_table"
_ROWS_BEFORE_HEADING = 20

_MILLION = r"(?:per|/) ?(?:million|1e6|10\^?6)\b"
_PER_MILLION = re.compile(rf"[(\[](?:(?:cells|copies|sequences) )?{_MILLION}.*|{_MILLION}.*")
_UNIT = re.compile(r"\s*[(\[]?(?:%|pct|percent|fraction|ratio)[)\]]?$")
_HEADINGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "sample": frozenset(
            f"{what}{of}" for what in ("specimen", "sample") for of in ("", " code", " id", " name", " no.", " number")
        )
        | {"accession", "accession number", "lab number", "lab no."},
        "marker": frozenset({"marker", "target", "ig/tr target", "ig/tcr target", "rearrangement", "clone", "clone id"})
        | {"sequence", "sequence id", "phenotype", "laip", "lap"},
        "level": frozenset({"mrd", "mrd level", "mrd result", "mrd value"}),
        "per_million": frozenset(
            f"{which}{what}"
            for which in ("", "residual ", "clonal ", "residual clonal ")
            for what in ("cells", "sequences")
        )
        | {"mrd", "mrd level", "mrd value", "copies", "mrd copies", "mrd cells"},
        "events": frozenset(
            f"{which} {what}"
            for which in ("mrd", "laip", "lap", "aberrant", "leukemic", "leukaemic")
            for what in ("events", "cells")
        ),
        "total": frozenset(
            f"{before}{what}{after}"
            for before in ("", "total ", "nucleated ", "total nucleated ", "total mononuclear ", "mononuclear ")
            for what in ("cells", "events")
            for after in ("", " acquired", " evaluated", " analysed", " analyzed")
            if before or after
        )
        | {"input cells", "leukocytes", "leucocytes", "leukocyte events", "wbc", "wbc events", "total leukocytes"},
        "denominator": frozenset({"denominator", "mrd denominator"}),
        "sensitivity": frozenset({"sensitivity", "sensitivity reached", "maximal sensitivity", "assay sensitivity"})
        | {"lod", "limit of detection"},
        "lloq": frozenset({"loq", "lloq", "limit of quantification", "limit of quantitation"})
        | {"lower limit of quantification", "lower limit of quantitation", "quantitative range", "quantifiable range"},
        "state": frozenset({"state", "status", "result", "interpretation", "conclusion", "mrd state", "mrd status"})
        | {"mrd interpretation"},
        "analysed": frozenset({"analysis date", "acquisition date", "date of analysis", "date of acquisition"})
        | {"analysed on", "measured on", "acquired on", "test date", "run date"},
        "cd19_gating": frozenset({"cd19 gating", "gated on cd19"}),
    }
)
"""What a column is, by the words of its heading without its unit."""
_NUMERIC = ("level", "per_million", "events", "total", "sensitivity", "lloq")
_FRACTIONS = (
    ("level", ReadingKind.MRD_FRACTION),
    ("sensitivity", ReadingKind.MRD_SENSITIVITY_FRACTION),
    ("lloq", ReadingKind.MRD_LLOQ_FRACTION),
)
_POWER = re.compile(r"(?:([0-9.,]+) ?[x*×·] ?)?10 ?\^? ?[-\u2212\u2013]([0-9]{1,2})")
_SCIENTIFIC = re.compile(r"[0-9.,]+e-[0-9]{1,2}")
_YES = frozenset({"yes", "y", "true", "1", "ja", "oui", "是"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    by_role: Mapping[str, Column]
    method: MrdMethod

    def get(self, role: str) -> Column | None:
        return self.by_role.get(role)


def claims(source: Source) -> bool:
    """Headings for a specimen, an MRD level or its events, and what that sample could have shown."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """The level, state, sensitivity and cells of each row. Raises UserError: I002 cut short, I003, I020 no rows."""
    table, grid, others = table_in(source, _heading_index)
    rows = table.rows
    columns = _columns(table)
    analysed = columns.get("analysed")
    dates = [(row.text(analysed), analysed.place(row)) for row in rows] if analysed is not None else []
    order = decide_date_order(dates, options.date_order)
    numbers = decide_numbers(
        (
            (_bare(row[column]), column.place(row))
            for row in rows
            for role in _NUMERIC
            if (column := columns.get(role)) is not None
        ),
        options.decimal_mark,
    )
    percent = frozenset() if grid.sheet is None else source.workbook.marks(grid.sheet, with_formats=True).percent
    reader = _RowReader(columns, numbers, order, percent)
    readings = [reading for row in rows for reading in reader.readings(row)]
    days = sorted(str(each.value) for each in readings if each.kind is ReadingKind.ACQUIRED_AT)
    unread = (*others, *table.unread())
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*check_end(table, grid), *reader.issues, *table.repairs(), *not_read(unread, table.heading_place)),
        unread=unread,
        headings=table.headings,
        run_started_at=days[-1] if days else None,
        locale=locale_sentence(numbers, order, grid.encoding),
        properties={"Method": columns.method.value},
    )


def _role(heading: str) -> str | None:
    """What a column is by its heading; None for one nobody reads."""
    words = plain(heading).replace("_", " ").removeprefix("% ")
    counted = _PER_MILLION.search(words)
    if counted is not None:
        words = words[: counted.start()].strip()
        if words in _HEADINGS["per_million"]:
            return "per_million"
    words = _UNIT.sub("", words)
    return next((role for role, known in _HEADINGS.items() if role != "per_million" and words in known), None)


def _roles(row: Row) -> dict[str, int]:
    """The first column of each role."""
    roles: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        role = _role(cell_text(cell))
        if role is not None:
            roles.setdefault(role, index)
    return roles


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        roles = _roles(row).keys()
        says_how_much = roles & {"level", "per_million", "events"}
        says_what_could_be_seen = roles & {"total", "sensitivity", "lloq"}
        names_mrd = any("mrd" in plain(cell_text(cell)) for cell in row.cells) or "per_million" in roles
        if "sample" in roles and says_how_much and says_what_could_be_seen and names_mrd:
            return index
    return None


def _columns(table: Table) -> _Columns:
    roles = _roles(Row(number=table.heading_row, cells=table.headings))
    columns = {role: table.at(index) for role, index in roles.items()}
    if "per_million" in columns:
        method = MrdMethod.NGS
    elif columns.keys() & {"events", "total", "denominator"}:
        method = MrdMethod.FLOW
    else:
        method = MrdMethod.RQ_PCR
    return _Columns(by_role=columns, method=method)


class _RowReader:
    """Reads rows; what was wrong with them is collected."""

    def __init__(
        self,
        columns: _Columns,
        numbers: NumberFormat,
        order: DateOrder | None,
        percent: frozenset[tuple[int, int]],
    ) -> None:
        self.issues: list[Issue] = []
        self._columns = columns
        self._numbers = numbers
        self._order = order
        self._percent = percent

    def readings(self, row: Row) -> Iterator[Reading]:
        """The readings of one row, all of one specimen and marker."""
        sample, marker = (row.text(self._columns.get(role)) or None for role in ("sample", "marker"))
        method = self._columns.method.value
        target = f"{method}:{marker}" if marker else method
        for reading in self._found(row):
            yield reading._replace(sample=sample, target=target)
        gating = self._columns.get("cd19_gating")
        if gating is not None and plain(row.text(gating)) in _YES:
            self.issues.append(Issue(code="M403", place=gating.place(row)))

    def _found(self, row: Row) -> Iterator[Reading]:
        state = self._columns.get("state")
        has_state = bool(row.text(state))
        for role, kind in _FRACTIONS:
            column = self._columns.get(role)
            if column is not None and row.text(column):
                yield self._fraction(row, column, kind, may_be_words=role == "level", has_state=has_state)
        for role, kind, unit in (
            ("per_million", ReadingKind.MRD_COPIES_PER_MILLION, "copies/1e6 cells"),
            ("events", ReadingKind.MRD_EVENTS, "events"),
            ("total", ReadingKind.MRD_TOTAL_CELLS, "cells"),
        ):
            column = self._columns.get(role)
            if column is not None and row.text(column):
                yield self._number(row, column, kind, unit, has_state=has_state)
        if state is not None and has_state:
            raw = row.text(state)
            yield Reading(kind=ReadingKind.MRD_STATE, place=state.place(row), value=raw, raw=raw)
        yield from self._denominator(row)
        analysed = self._columns.get("analysed")
        if analysed is not None and (instant := iso_cell(row[analysed], self._order)) is not None:
            raw = row.text(analysed)
            yield Reading(kind=ReadingKind.ACQUIRED_AT, place=analysed.place(row), value=instant[:10], raw=raw)

    def _denominator(self, row: Row) -> Iterator[Reading]:
        column = self._columns.get("denominator")
        if column is None:
            column = self._columns.get("total")
            words = "" if column is None else plain(column.heading)
        else:
            words = plain(row.text(column))
        meant = _denominator_of(words)
        if column is not None and meant is not None:
            raw = row.text(column) if column is self._columns.get("denominator") else column.heading
            yield Reading(kind=ReadingKind.MRD_DENOMINATOR, place=column.place(row), value=meant.value, raw=raw)

    def _fraction(self, row: Row, column: Column, kind: ReadingKind, *, may_be_words: bool, has_state: bool) -> Reading:
        raw, place = row.text(column), column.place(row)
        if (row.number, column.index + 1) in self._percent:
            divisor: float | None = 1.0  # 0.02 % shown by its number format stands as 0.0002, whatever the heading says
        else:
            divisor = _divisor(plain(column.heading)) or _divisor(plain(raw))
        number = self._parse(row[column])
        if number is None:
            if not (may_be_words and (has_state or not any(sign.isdigit() for sign in raw))):
                self._not_understood(raw, column, row)
            return Reading(kind=kind, place=place, value=None, raw=raw, unit="fraction")
        if divisor is None and number == 0:
            divisor = 1.0  # nothing is nothing in every unit
        if divisor is None:
            parameters = {"what": column.heading, "unit": "not stated", "expected": "%, a fraction or per million"}
            self.issues.append(Issue(code="I006", place=place, parameters=parameters))
            return Reading(kind=kind, place=place, value=None, raw=raw)
        return Reading(kind=kind, place=place, value=number / divisor, raw=raw, unit="fraction")

    def _number(self, row: Row, column: Column, kind: ReadingKind, unit: str, *, has_state: bool) -> Reading:
        raw, place = row.text(column), column.place(row)
        number = self._parse(row[column])
        if number is None and not (has_state or not any(sign.isdigit() for sign in raw)):
            self._not_understood(raw, column, row)
        if kind is not ReadingKind.MRD_COPIES_PER_MILLION and "e" in raw.casefold() and number is not None:
            self.issues.append(Issue(code="F306", place=place, parameters={"raw": raw}))
            number = None
        return Reading(kind=kind, place=place, value=number, raw=raw, unit=unit)

    def _parse(self, cell: Cell) -> float | None:
        """A number, 3E-4, 10^-4 and 2 x 10^-5 alike; None for words and for what lies beyond a limit (< 0.01)."""
        bare = _bare(cell)
        power = _POWER.fullmatch(plain(bare)) if isinstance(bare, str) else None
        if power is None:
            return self._numbers.parse(bare)
        factor = 1.0 if power[1] is None else self._numbers.parse(power[1])
        return None if factor is None else factor * 10.0 ** -int(power[2])

    def _not_understood(self, raw: str, column: Column, row: Row) -> None:
        parameters = {"raw": raw, "what": f'a number of "{column.heading}"'}
        self.issues.append(Issue(code="I016", place=column.place(row), parameters=parameters))


def _bare(cell: Cell) -> Cell:
    """The cell without its per-cent sign."""
    return cell.strip().removesuffix("%").rstrip() if isinstance(cell, str) else cell


def _divisor(words: str) -> float | None:
    """What a level is divided by to be a fraction, as its heading or the cell itself says; None when it does not."""
    if "%" in words or re.search(r"\b(?:pct|percent)\b", words):
        return 100.0
    if _PER_MILLION.search(words):
        return 1e6
    if re.search(r"\b(?:fraction|ratio)\b", words) or _SCIENTIFIC.fullmatch(words) or _POWER.fullmatch(words):
        return 1.0
    return None


def _denominator_of(words: str) -> MrdDenominator | None:
    words = words.replace("_", " ")
    if "mononuclear" in words or words == "mnc":
        return MrdDenominator.MONONUCLEAR_CELLS
    if "nucleated" in words or words == "tnc":
        return MrdDenominator.NUCLEATED_CELLS
    if re.search(r"leu[ck]ocyt|\bwbc\b|white|cd45", words):
        return MrdDenominator.LEUKOCYTES
    return None
