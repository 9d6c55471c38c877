"""A table whose columns are found by the words of their headings, and which remembers what nobody read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from labmon.domain.issue import Issue, Place
from labmon.instruments.words import is_repaired, plain
from labmon.instruments.workbook import Cell


@dataclass(slots=True, kw_only=True)
class Row:
    """One row: its number in the sheet or file, and its cells. A short row is empty to the right.

    Not frozen: one is made for every row of every file, which takes half the time this way.
    """

    number: int
    cells: Sequence[Cell]

    def __getitem__(self, column: Column) -> Cell:
        return self.cells[column.index] if column.index < len(self.cells) else ""

    def text(self, column: Column | None) -> str:
        """The cell as stripped text; empty when the column or the cell is missing. 12.0 is "12"."""
        return "" if column is None else cell_text(self[column])


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that somebody asked for."""

    index: int
    heading: str
    sheet: str | None

    def place(self, row: Row) -> Place:
        return Place(sheet=self.sheet, row=row.number, column=self.index + 1, heading=self.heading)


def cell_text(cell: Cell) -> str:
    """A cell as stripped text; whole numbers without their decimals, as the sheet shows them."""
    if type(cell) is str:
        return cell.strip()
    text = str(cell)
    if type(cell) is float and text.endswith(".0"):
        return text[:-2]
    return text


class Table:
    """Headings and the rows below them. Headings are matched by their words (see `words.plain`), never by position."""

    def __init__(
        self, *, headings: Sequence[Cell], rows: Iterable[Row], heading_row: int, sheet: str | None = None
    ) -> None:
        self.headings = tuple(cell_text(each) for each in headings)
        self.rows = tuple(rows)
        self.heading_row = heading_row
        self.sheet = sheet
        self._words = tuple(plain(each) for each in self.headings)
        self._asked: set[int] = set()

    def column(self, *names: str) -> Column | None:
        """The first column under one of these headings, tried in their order; None when there is none."""
        for name in names:
            if name in self._words:
                return self.at(self._words.index(name))
        return None

    def at(self, index: int) -> Column:
        """The column at a 0-based position, for headings that only their neighbours explain."""
        self._asked.add(index)
        return Column(index=index, heading=self.headings[index], sheet=self.sheet)

    def cells_of(self, index: int) -> Sequence[Cell]:
        """The cells of a column in the order of the rows; short rows are empty to the right."""
        return self._columns[index] if index < len(self._columns) else ("",) * len(self.rows)

    @cached_property
    def _columns(self) -> list[tuple[Cell, ...]]:
        width = len(self.headings)
        return list(zip_longest(*(row.cells[:width] for row in self.rows), fillvalue=""))

    @property
    def words(self) -> tuple[str, ...]:
        """The headings in one spelling, in their order."""
        return self._words

    @property
    def heading_place(self) -> Place:
        return Place(sheet=self.sheet, row=self.heading_row)

    def unread(self) -> tuple[str, ...]:
        """Headings of the columns nobody asked for that hold anything, in their order.

        A heading printed twice counts once when both columns say the same.
        """
        return tuple(
            self.headings[index] or f"column {index + 1}"
            for index in range(len(self.headings))
            if index not in self._asked and not self._is_empty(index) and not self._repeats_what_was_read(index)
        )

    def repairs(self) -> list[Issue]:
        """The one I009 of a table in whose headings look-alike or damaged characters were repaired to find them."""
        repaired = [index for index in sorted(self._asked) if is_repaired(self.headings[index])]
        if not repaired:
            return []
        return [
            Issue(
                code="I009",
                place=Place(sheet=self.sheet, row=self.heading_row, column=repaired[0] + 1),
                parameters={
                    "raw": ", ".join(self.headings[index] for index in repaired),
                    "repaired": ", ".join(self._words[index] for index in repaired),
                },
            )
        ]

    def _is_empty(self, index: int) -> bool:
        return all(cell == "" for cell in self.cells_of(index))

    def _repeats_what_was_read(self, index: int) -> bool:
        first = self._words.index(self._words[index])
        return first in self._asked and all(
            index >= len(row.cells) or row.cells[index] == (row.cells[first] if first < len(row.cells) else "")
            for row in self.rows
        )


def not_read(unread: Sequence[str], place: Place | None = None) -> list[Issue]:
    """The one I004 of a file: what nobody read; empty when everything was."""
    return [Issue(code="I004", place=place, parameters={"columns": ", ".join(unread)})] if unread else []
