"""The table a FlowJo workspace exports: one row a sample, one column a gate and statistic, formula columns beside them.

A heading is `<gate path> | <statistic>`; what follows the last bar is the statistic.
A heading without a bar is a formula.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end, grids
from labmon.instruments.locale import NumberFormat, decide_date_order, decide_numbers, iso_cell, locale_sentence
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import Column, Row, Table, cell_text, not_read
from labmon.instruments.words import plain

_FORMAT = "flowjo_table"
_STATISTIC = re.compile(
    r"(?:count|#cells|freq\.? of .+|median|mean|geom\.? ?mean|geometric mean|mode|cv|rcv|robust|sd|rsd|mad"
    r"|percentile|fj\.stat\.)"
)
_FOOTERS = frozenset({"mean", "sd"})
_DATE_KEYWORD = "$date"
_TIME_KEYWORDS = ("$btim", "$etim")
"""FCS keywords a table may carry as columns: the day of the acquisition, its begin, else its end."""
_EMPTY = frozenset({"", "n/a", "na", "nan", "-", "--", "####", "#div/0!", "#n/a", "inf"})
_SCIENTIFIC = re.compile(r"[0-9.,]+[eE][+-]?[0-9]+")
_ROWS_BEFORE_HEADING = 10
_FORMULA_TOLERANCE = 1e-3
"""Relative: a formula column may be printed with four digits. It judges the file's arithmetic, no specimen."""
_PERCENT_TOLERANCE = 0.006
"""Relative: FlowJo prints three significant figures. It judges the file's arithmetic, no specimen."""
_LEAST_ROWS_FOR_A_FORMULA = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """One column that holds numbers."""

    column: Column
    kind: ReadingKind
    gate: str | None
    """The gate path; None for a formula column."""
    target: str | None
    unit: str | None

    @property
    def is_bead_count(self) -> bool:
        return self.kind is ReadingKind.COUNT and "bead" in plain((self.gate or "").rpartition("/")[2])


def claims(source: Source) -> bool:
    """A heading row with at least one `<gate path> | <statistic>`; only the first sheet with any cells is judged."""
    grid = next((each for each in grids(source) if each.rows), None)
    return grid is not None and _heading_index(grid) is not None


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read every sheet that is such a table. Raises UserError: I002 cut short, I003 undecidable, I020 no heading."""
    tables: list[tuple[Table, list[Row]]] = []
    unread: list[str] = []
    issues: list[Issue] = []
    encoding = None
    for grid in grids(source):
        heading = _heading_index(grid)
        encoding = grid.encoding
        if heading is None:
            unread.append(f'sheet "{grid.sheet}"')
            continue
        rows = [row for row in grid.rows[heading + 1 :] if any(cell_text(cell) for cell in row.cells)]
        table = Table(
            headings=grid.rows[heading].cells, rows=rows, heading_row=grid.rows[heading].number, sheet=grid.sheet
        )
        issues += check_end(table, grid)
        tables.append((table, _footers(rows)))
    if not tables:
        raise UserError("I020", part="The heading of gates and statistics")
    numbers = decide_numbers(
        (cell for table, footers in tables for cell in _numeric_cells(table, footers)), options.decimal_mark
    )
    order = decide_date_order(
        (date for table, footers in tables for date in _dates(table, footers)), options.date_order
    )
    readings: list[Reading] = []
    for table, footers in tables:
        shown_as_percent = source.workbook.marks(table.sheet, with_formats=True).percent if table.sheet else frozenset()
        reader = _TableReader(table, numbers, order, footers, shown_as_percent)
        reader.read()
        readings += reader.readings
        issues += reader.issues
        unread += table.unread()
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        headings=tables[0][0].headings,
        locale=locale_sentence(numbers, order, encoding),
    )


def _heading_index(grid: Grid) -> int | None:
    for index, row in enumerate(grid.rows[:_ROWS_BEFORE_HEADING]):
        if any(_STATISTIC.match(plain(statistic)) for _, statistic in map(_split_heading, row.cells) if statistic):
            return index
        if any(cell_text(cell) for cell in row.cells):
            return None
    return None


def _split_heading(cell: object) -> tuple[str, str]:
    """The gate path and the statistic; the statistic is empty for a heading without a bar."""
    text = cell.strip() if isinstance(cell, str) else ""
    gate, bar, statistic = text.rpartition("|")
    return (gate.strip(), statistic.strip()) if bar else (text, "")


def _footers(rows: Sequence[Row]) -> list[Row]:
    """The rows Mean and SD at the table's end."""
    found: list[Row] = []
    for row in reversed(rows):
        if not row.cells or plain(cell_text(row.cells[0])) not in _FOOTERS:
            break
        found.insert(0, row)
    return found


def _samples(table: Table, footers: list[Row]) -> list[Row]:
    """The rows that are samples: all but the footers at the end."""
    return list(table.rows[: len(table.rows) - len(footers)])


def _dates(table: Table, footers: list[Row]) -> Iterator[tuple[str, Place]]:
    """The days of acquisition that stand there as text."""
    column = table.column(_DATE_KEYWORD)
    for row in _samples(table, footers) if column is not None else ():
        if column is not None and isinstance(row[column], str):
            yield row.text(column), column.place(row)


def _numeric_cells(table: Table, footers: list[Row]) -> Iterator[tuple[str, Place]]:
    rows = _samples(table, footers)
    for index in range(1, len(table.headings)):
        for row in rows:
            if index < len(row.cells):
                cell = row.cells[index]
                if isinstance(cell, str) and cell:
                    yield cell, Place(sheet=table.sheet, row=row.number, column=index + 1)


class _TableReader:
    def __init__(
        self,
        table: Table,
        numbers: NumberFormat,
        order: DateOrder | None,
        footers: list[Row],
        shown_as_percent: Collection[tuple[int, int]],
    ) -> None:
        self._shown_as_percent = shown_as_percent
        """Cells by row and column in which 17.9 % stands as 0.179: a spreadsheet opened the export and made them."""
        self.readings: list[Reading] = []
        self.issues: list[Issue] = []
        self._table = table
        self._numbers = numbers
        self._date_order = order
        self._footers = footers
        self._rows = _samples(table, footers)
        self._sample = table.at(0)
        self._acquired_on = table.column(_DATE_KEYWORD)
        self._acquired_at = table.column(*_TIME_KEYWORDS) if self._acquired_on is not None else None
        self._measures = [each for index in range(1, len(table.headings)) if (each := self._measure(index))]
        self._values: dict[tuple[int, int], float] = {}
        """What was read, by row number and column index, for the cross-checks."""

    def read(self) -> None:
        for row in self._rows:
            sample = row.text(self._sample) or None
            self._read_acquisition(row, sample)
            for measure in self._measures:
                self._read_cell(row, sample, measure)
        for row in self._footers:
            self.issues.append(
                Issue(
                    code="F305",
                    place=Place(sheet=self._table.sheet, row=row.number),
                    parameters={"row": cell_text(row.cells[0])},
                )
            )
        self.issues += self._fractions()
        self.issues += self._percents_without_counts()
        self.issues += self._children_beyond_parents()
        self.issues += self._percents_against_counts()
        self.issues += self._formulas_against_counts()

    def _read_acquisition(self, row: Row, sample: str | None) -> None:
        """When the sample was acquired, where the table carries the keyword."""
        column = self._acquired_on
        if column is None or not row.text(column):
            return
        raw = f"{row.text(column)} {row.text(self._acquired_at)}".strip()
        cell = row[column]
        acquired = iso_cell(raw if isinstance(cell, str) else cell, self._date_order)
        if acquired is None:
            self.issues.append(Issue(code="I016", place=column.place(row), parameters={"raw": raw, "what": "a date"}))
            return
        self.readings.append(
            Reading(kind=ReadingKind.ACQUIRED_AT, place=column.place(row), value=acquired, raw=raw, sample=sample)
        )

    def _measure(self, index: int) -> _Measure | None:
        """What a column holds; None when it holds no numbers (a keyword, say) or has no heading."""
        heading = self._table.headings[index]
        if plain(heading) in (_DATE_KEYWORD, *_TIME_KEYWORDS):
            return None
        gate, statistic = _split_heading(heading)
        texts = [cell_text(row.cells[index]) if index < len(row.cells) else "" for row in self._rows]
        kind: ReadingKind
        unit: str | None
        target: str | None
        if not statistic:
            is_number = any(self._number(text)[0] is not None for text in texts)
            if not heading or not is_number:
                return None
            kind, unit, target, path = ReadingKind.STATISTIC, None, heading, None
        else:
            path = gate
            words = plain(statistic).replace("(%)", "").strip()
            is_shown = any((row.number, index + 1) in self._shown_as_percent for row in self._rows)
            percent = "%" if is_shown or "(%)" in statistic or any("%" in text for text in texts) else None
            if words in ("count", "#cells"):
                kind, unit, target = ReadingKind.COUNT, "events", gate or None
            elif re.fullmatch(r"freq\.? of parent", words):
                kind, unit, target = ReadingKind.PERCENT_OF_PARENT, "%", gate or None
            elif re.fullmatch(r"freq\.? of total", words):
                kind, unit, target = ReadingKind.PERCENT_OF_TOTAL, "%", gate or None
            else:
                kind, unit, target = ReadingKind.STATISTIC, percent, heading
        return _Measure(column=self._table.at(index), kind=kind, gate=path, target=target, unit=unit)

    def _number(self, text: str) -> tuple[float | None, bool]:
        """The number of a cell's text, and whether it wore a percent sign."""
        bare = text.rstrip()
        is_percent = bare.endswith(("%", "\uff05"))
        return self._numbers.parse(bare[:-1].rstrip() if is_percent else bare), is_percent

    def _read_cell(self, row: Row, sample: str | None, measure: _Measure) -> None:
        cell = row[measure.column]
        raw = cell_text(cell)
        place = measure.column.place(row)
        value = self._numbers.parse(cell) if not isinstance(cell, str) else self._number(cell)[0]
        if value is not None and (row.number, measure.column.index + 1) in self._shown_as_percent:
            value = round(100 * value, 12)
        qualifier = None
        code = None
        if measure.kind is ReadingKind.COUNT:
            value, code = self._count(cell, raw, value)
        elif value is None and plain(raw) not in _EMPTY:
            code = "I016"
        if value is None:
            if not raw and measure.gate is None:
                return  # a formula that was not filled in for this sample
            qualifier = Qualifier.NOT_COMPUTED
        if code == "F303":
            self.issues.append(Issue(code=code, place=place))
        elif code == "F306":
            self.issues.append(Issue(code=code, place=place, parameters={"raw": raw}))
        elif code == "I016":
            self.issues.append(Issue(code=code, place=place, parameters={"raw": raw, "what": measure.column.heading}))
        if value is not None:
            self._values[row.number, measure.column.index] = value
        self.readings.append(
            Reading(
                kind=measure.kind,
                place=place,
                value=value,
                raw=raw,
                sample=sample,
                target=measure.target,
                unit=measure.unit,
                qualifier=qualifier,
            )
        )

    @staticmethod
    def _count(cell: object, raw: str, value: float | None) -> tuple[float | None, str | None]:
        """A whole number of events, or the code that says why it is none."""
        if isinstance(cell, str) and _SCIENTIFIC.fullmatch(raw):
            return None, "F306"
        if value is None:
            return None, "F303" if plain(raw) in _EMPTY else "I016"
        if value < 0:
            return None, "F303"
        return (value, None) if value.is_integer() else (None, "I016")

    def _counts(self) -> dict[str, _Measure]:
        return {each.gate or "": each for each in self._measures if each.kind is ReadingKind.COUNT}

    def _fractions(self) -> Iterator[Issue]:
        """I006 for a percent column that prints no percent sign anywhere and never exceeds 1."""
        for measure in self._measures:
            if measure.unit != "%" or "%" in measure.column.heading:
                continue
            if any("%" in cell_text(row[measure.column]) for row in self._rows):
                continue
            if any((row.number, measure.column.index + 1) in self._shown_as_percent for row in self._rows):
                continue
            values = [
                value
                for row in self._rows
                if (value := self._values.get((row.number, measure.column.index))) is not None
            ]
            if values and max(values) <= 1 and max(values) > 0:
                yield Issue(
                    code="I006",
                    place=self._heading_place(measure),
                    parameters={"what": measure.column.heading, "unit": "not stated", "expected": "%"},
                )

    def _percents_without_counts(self) -> Iterator[Issue]:
        counts = self._counts()
        for measure in self._measures:
            if measure.kind is ReadingKind.PERCENT_OF_PARENT:
                gate = measure.gate or ""
                needed = {gate, gate.rpartition("/")[0]}
            elif measure.kind is ReadingKind.PERCENT_OF_TOTAL:
                needed = {measure.gate or "", ""}
            else:
                continue
            if not needed <= counts.keys():
                yield Issue(
                    code="F304", place=self._heading_place(measure), parameters={"what": measure.column.heading}
                )

    def _children_beyond_parents(self) -> Iterator[Issue]:
        counts = self._counts()
        for gate, measure in counts.items():
            parent = gate.rpartition("/")[0]
            while parent and parent not in counts:
                parent = parent.rpartition("/")[0]
            if not gate or parent not in counts:
                continue
            for row in self._rows:
                child_count = self._values.get((row.number, measure.column.index))
                parent_count = self._values.get((row.number, counts[parent].column.index))
                if child_count is not None and parent_count is not None and child_count > parent_count:
                    yield Issue(
                        code="F307",
                        place=measure.column.place(row),
                        parameters={
                            "child": gate,
                            "child_count": f"{child_count:.0f}",
                            "parent": parent or "the sample",
                            "parent_count": f"{parent_count:.0f}",
                        },
                    )

    def _percents_against_counts(self) -> Iterator[Issue]:
        counts = self._counts()
        for measure in self._measures:
            gate = measure.gate or ""
            whole = "" if measure.kind is ReadingKind.PERCENT_OF_TOTAL else gate.rpartition("/")[0]
            if measure.kind not in (ReadingKind.PERCENT_OF_PARENT, ReadingKind.PERCENT_OF_TOTAL):
                continue
            if gate not in counts or whole not in counts:
                continue
            for row in self._rows:
                printed = self._values.get((row.number, measure.column.index))
                part = self._values.get((row.number, counts[gate].column.index))
                total = self._values.get((row.number, counts[whole].column.index))
                if printed is None or part is None or not total:
                    continue
                computed = 100 * part / total
                if abs(printed - computed) > _PERCENT_TOLERANCE * max(printed, computed):
                    yield self._disagreement(row, measure, f"{computed:.3g} %")

    def _formulas_against_counts(self) -> Iterator[Issue]:
        """F312 where one row leaves the constant ratio the other rows of a formula column keep.

        The formula itself is not in the file, but cells per microlitre are a constant times count over beads, and a
        column made of another one is a constant times that.
        """
        beads = next((each for each in self._measures if each.is_bead_count), None)
        formulas = [each for each in self._measures if each.gate is None]
        for formula in formulas:
            best: tuple[list[Row], float, dict[int, float]] | None = None
            for basis in self._bases(formula, formulas, beads):
                fitted = self._fit(formula, basis)
                if fitted is not None and (best is None or len(fitted[0]) < len(best[0])):
                    best = fitted
            if best is None:
                continue
            deviating, factor, basis = best
            for row in deviating:
                yield self._disagreement(row, formula, f"{factor * basis[row.number]:.6g}")

    def _bases(self, formula: _Measure, formulas: list[_Measure], beads: _Measure | None) -> Iterator[dict[int, float]]:
        """What a formula column may be proportional to, row by row: each count over the beads, each earlier formula."""
        if beads is not None:
            for count in self._counts().values():
                if count is not beads:
                    yield {
                        row.number: part / whole
                        for row in self._rows
                        if (part := self._values.get((row.number, count.column.index)))
                        and (whole := self._values.get((row.number, beads.column.index)))
                    }
        for other in formulas[: formulas.index(formula)]:
            yield {
                row.number: value for row in self._rows if (value := self._values.get((row.number, other.column.index)))
            }

    def _fit(self, formula: _Measure, basis: dict[int, float]) -> tuple[list[Row], float, dict[int, float]] | None:
        """The rows that leave the ratio most rows keep, and the ratio; None when there is no such ratio."""
        ratios = {
            row.number: value / basis[row.number]
            for row in self._rows
            if row.number in basis and (value := self._values.get((row.number, formula.column.index)))
        }
        if len(ratios) < _LEAST_ROWS_FOR_A_FORMULA:
            return None
        factor = sorted(ratios.values())[len(ratios) // 2]
        deviating = [
            row
            for row in self._rows
            if row.number in ratios and abs(ratios[row.number] - factor) > _FORMULA_TOLERANCE * abs(factor)
        ]
        return (deviating, factor, basis) if len(deviating) * 2 < len(ratios) else None

    def _disagreement(self, row: Row, measure: _Measure, computed: str) -> Issue:
        return Issue(
            code="F312",
            place=measure.column.place(row),
            parameters={
                "what": measure.column.heading,
                "printed": cell_text(row[measure.column]),
                "computed": computed,
            },
        )

    def _heading_place(self, measure: _Measure) -> Place:
        return Place(sheet=self._table.sheet, row=self._table.heading_row, column=measure.column.index + 1)
