"""A workbook's sheets as rows of plain values, opened behind the guard: .xlsx, .xlsb, .ods and true .xls alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.instruments import guard

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

    from labmon.instruments.sheet_marks import SheetMarks

Cell: TypeAlias = str | float | int | bool | datetime | date | time | timedelta
"""What stands in a cell; an empty cell is the empty text."""

_MOST_CELLS = 20_000_000
"""A stray cell at the far corner makes a sheet of 17 billion empty ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet. `rows[0]` is row 1 and `rows[0][0]` is A1, whatever part of the sheet is empty."""

    name: str
    rows: list[list[Cell]]

    def place(self, row: int, column: int | None = None, heading: str | None = None) -> Place:
        """The place of a cell or row; both count from 1."""
        return Place(sheet=self.name, row=row, column=column, heading=heading)

    def cell(self, row: int, column: int) -> Cell:
        """The value at a 1-based row and column; the empty text beyond the sheet's edge."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return ""
        return self.rows[row - 1][column - 1]


class Workbook:
    """The sheets of one workbook; each is parsed when first asked for. Raises UserError I002, I010, I012, I018."""

    def __init__(self, data: bytes) -> None:
        guard.check_workbook(data)
        self._data = data
        self._sheets: dict[str, Sheet] = {}

    @cached_property
    def sheet_names(self) -> tuple[str, ...]:
        """The names of all worksheets in their order, hidden ones too."""
        from python_calamine import SheetTypeEnum

        return tuple(each.name for each in self._book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet)

    def sheet(self, name: str) -> Sheet:
        """The rows of one sheet."""
        if name not in self._sheets:
            self._sheets[name] = self._parse(name)
        return self._sheets[name]

    def find(self, *names: str) -> Sheet | None:
        """The first sheet with one of these names, whatever their case; None when there is none."""
        wanted = {name.casefold() for name in names}
        return next((self.sheet(name) for name in self.sheet_names if name.strip().casefold() in wanted), None)

    def marks(self, name: str, *, with_formats: bool = False) -> SheetMarks:
        """What the sheet's XML says beyond its values. Raises UserError I002."""
        from labmon.instruments.sheet_marks import sheet_marks

        return sheet_marks(self._data, name, with_formats=with_formats)

    def _parse(self, name: str) -> Sheet:
        from python_calamine import CalamineError, WorksheetNotFound

        try:
            sheet = self._book.get_sheet_by_name(name)
        except WorksheetNotFound as error:
            raise UserError("I002", place=Place(sheet=name), detail="a sheet named in it is missing") from error
        except CalamineError as error:
            raise UserError("I002", place=Place(sheet=name), detail="a sheet cannot be read") from error
        if sheet.end is None:
            return Sheet(name=name, rows=[])
        cells = (sheet.end[0] + 1) * (sheet.end[1] + 1)
        if cells > _MOST_CELLS:
            raise UserError("I012", place=Place(sheet=name), detail=f"The sheet reaches over {cells:,} cells")
        return Sheet(name=name, rows=sheet.to_python(skip_empty_area=False))

    @cached_property
    def _book(self) -> CalamineWorkbook:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        try:
            return CalamineWorkbook.from_filelike(BytesIO(self._data))
        except PasswordError as error:
            raise UserError("I010") from error
        except (CalamineError, OSError, ValueError) as error:
            raise UserError("I002", detail="it is no workbook that can be opened") from error
