"""Splits the lines of a delimited text into cells, with the line each row begins on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.instruments.tables import Row

_DELIMITERS = "\t;,"
_LONGEST_CELL = 1 << 20
_MOST_CELLS = 200_000
"""In a row: ten times what any spreadsheet holds. Taking the twenty million of one long line apart takes a minute."""


def delimiter_of(lines: Iterable[str]) -> str | None:
    """The sign between the cells: the commonest one; None when there is none of them.

    On equal counts a tab beats a semicolon, and a semicolon commas, which may be decimal ones.
    """
    counts = dict.fromkeys(_DELIMITERS, 0)
    for line in lines:
        for sign in _DELIMITERS:
            counts[sign] += line.count(sign)
    best = max(_DELIMITERS, key=lambda sign: counts[sign])
    return best if counts[best] else None


def split(lines: Sequence[str], delimiter: str, *, first_number: int = 1) -> list[Row]:
    """The rows of a text. Quoted cells may span lines, except in tab-separated text, where a quote is a character.

    Raises UserError: I002 for a cell beyond any size a cell has, I012 for a row of more cells than any table.
    """
    for number, line in enumerate(lines, first_number):
        if len(line) > _MOST_CELLS and line.count(delimiter) > _MOST_CELLS:
            raise UserError("I012", place=Place(row=number), detail=f"The row has more than {_MOST_CELLS:,} cells")
    if delimiter == "\t":
        return [
            Row(
                number=number, cells=[_unquoted(cell) for cell in line.split("\t")] if '"' in line else line.split("\t")
            )
            for number, line in enumerate(lines, first_number)
        ]
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    rows = []
    number = first_number
    try:
        for cells in reader:
            rows.append(Row(number=number, cells=cells))
            number = first_number + reader.line_num
    except csv.Error as error:
        raise UserError("I002", place=Place(row=number), detail="a cell of this row never ends") from error
    return rows


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == '"' and cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
