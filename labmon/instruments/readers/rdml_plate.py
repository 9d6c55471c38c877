"""Where a reaction of an RDML run lies: its running number, or its label, as the well of the plate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labmon.instruments.cq import WELL_POSITION
from labmon.instruments.markup import Element

_CORNERS = re.compile(r"\bA0?1\s*-\s*([A-Z]{1,2})([0-9]{1,2})\b")
"""The plate of RDML 1.0, in words: "96-well plate; A1-H12"."""
_LETTERS, _DIGITS = "ABC", "123"
_LARGEST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """The format of a run's plate; 0 rows where the file does not say it."""

    rows: int = 0
    columns: int = 0
    row_label: str = _LETTERS
    column_label: str = _DIGITS

    def well(self, react_id: str) -> str | None:
        """The well of a reaction: row by row from the first, named as the run labels its rows and columns.

        A label stays a label, and a number stays one where the file does not say what the plate looks like.
        """
        text = react_id.strip()
        label = WELL_POSITION.fullmatch(text)
        if label:
            return label[1].upper() + label[2]
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= self.rows * self.columns:
            return text or None
        row, column = divmod(int(text) - 1, self.columns)
        return self._name(row, column) or text

    def _name(self, row: int, column: int) -> str | None:
        labels = (self.row_label, self.column_label)
        if labels == (_LETTERS, _DIGITS):
            return f"{_letters(row)}{column + 1}"
        if labels == (_DIGITS, _LETTERS):
            return f"{_letters(column)}{row + 1}"
        if labels == (_DIGITS, _DIGITS) and 1 in (self.rows, self.columns):
            return str(row + column + 1)  # a rotor or a strip
        return None


def plate_of(run: Element) -> Plate:
    """The plate a run states: in elements, or in the words of RDML 1.0."""
    stated = run.first("pcrFormat")
    if stated is None:
        return Plate()
    corners = _CORNERS.search(stated.text)
    if corners:
        return Plate(rows=_number_of(corners[1]), columns=int(corners[2]))
    return Plate(
        rows=_count(stated.text_of("rows")),
        columns=_count(stated.text_of("columns")),
        row_label=stated.text_of("rowLabel") or _LETTERS,
        column_label=stated.text_of("columnLabel") or _DIGITS,
    )


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= _LARGEST else 0


def _letters(index: int) -> str:
    """The label of a row by its position: A ... Z, AA ..."""
    high, low = divmod(index, 26)
    return (_letters(high - 1) if high else "") + chr(ord("A") + low)


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
