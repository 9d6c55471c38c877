"""A table as a worksheet: text that stays text, true numbers and dates, frozen headings, a filter, widths."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

CellValue = str | float | int | bool | date | datetime | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32_767
"""What a cell holds; a longer text says that it was cut."""

_WIDEST, _NARROWEST = 60.0, 8.0
_LINE_POINTS, _TALLEST_POINTS = 14.5, 409.0
_PAGE_CHARACTERS = 170
"""What a landscape page holds across and stays readable."""
_INK, _HEADING_FILL, _RULE_LINE = "1F2933", "E8EEF2", "C5CED6"


class ColumnKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    COUNT = "count"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    heading: str
    kind: ColumnKind = ColumnKind.TEXT
    width: float | None = None
    """In characters; by the longest text when not given."""


def write_table(
    sheet: Worksheet, columns: Sequence[SheetColumn], rows: Sequence[Sequence[CellValue]], *, frozen_columns: int = 1
) -> None:
    """Fill an empty sheet. Raises ValueError for a row that has not one cell for each column."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    head_style = (
        Font(name="Calibri", size=11, bold=True, color=_INK),
        PatternFill("solid", fgColor=_HEADING_FILL),
        Border(bottom=Side("thin", color=_RULE_LINE)),
    )
    number_place = Alignment(horizontal="right", vertical="top", indent=1)
    text_place = Alignment(horizontal="left", vertical="top", indent=1)
    wrapped = Alignment(horizontal="left", vertical="top", indent=1, wrap_text=True)
    widths = [_width(column, [row[index] for row in rows]) for index, column in enumerate(columns)]
    for index, column in enumerate(columns, start=1):
        head = sheet.cell(row=1, column=index)
        put(head, column.heading)
        head.font, head.fill, head.border = head_style
        side = "left" if column.kind is ColumnKind.TEXT else "right"
        head.alignment = Alignment(horizontal=side, vertical="center", indent=1, wrap_text=True)
        sheet.column_dimensions[get_column_letter(index)].width = widths[index - 1]
    _heighten(sheet, 1, [column.heading for column in columns], [width - 3 for width in widths])
    for number, row in enumerate(rows, start=2):
        _heighten(sheet, number, row, widths)
        for index, (column, value, width) in enumerate(zip(columns, row, widths, strict=True), start=1):
            if value is None:
                continue
            cell = sheet.cell(row=number, column=index)
            put(cell, value)
            if isinstance(value, str):
                cell.alignment = wrapped if _is_tall(value, width) else text_place
            else:
                cell.alignment = number_place
                cell.number_format = number_format(value, column.kind)
    last = f"{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}2"
    sheet.auto_filter.ref = f"A1:{last}"
    sheet.print_title_rows = "1:1"
    sheet.print_title_cols = f"A:{get_column_letter(frozen_columns)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = max(1, math.ceil(sum(widths) / _PAGE_CHARACTERS))
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def put(cell: Cell | MergedCell, value: CellValue) -> None:
    """Write a value. A text is never a formula, whatever it begins with; an instant loses the zone no cell can hold."""
    if isinstance(value, str):
        text = cell_text(value)
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_FORMULA_STARTS)
    elif isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None)
    else:
        cell.value = value


def number_format(value: CellValue, kind: ColumnKind) -> str:
    """How a cell shows its value; the value itself keeps all its digits."""
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm"
    if isinstance(value, date):
        return "yyyy-mm-dd"
    if not isinstance(value, (int, float)) or kind is not ColumnKind.NUMBER:
        return "General"
    size = abs(value)
    if size >= 1000:
        return "#,##0"
    if value == int(value):
        return "0"
    if size >= 1:
        return "0.00"
    return "0.0000" if size >= 0.001 else "0.0E+00"


def cell_text(text: str) -> str:
    """The text as a cell can hold it: control characters become visible, what is too long says so."""
    text = _NOT_IN_XML.sub(_visible, text)
    if len(text) <= _LONGEST_TEXT:
        return text
    note = f" … (cut; {len(text)} characters)"
    return text[: _LONGEST_TEXT - len(note)] + note


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _heighten(sheet: Worksheet, number: int, values: Sequence[CellValue], widths: Sequence[float]) -> None:
    """Give a row the height of its wrapped text: not every program does so by itself."""
    lines = 1
    for value, width in zip(values, widths, strict=True):
        if isinstance(value, str):
            lines = max(lines, sum(math.ceil(max(1, len(line)) / width) for line in value.split("\n")))
    if lines > 1:
        sheet.row_dimensions[number].height = min(_TALLEST_POINTS, _LINE_POINTS * lines + 1)


def _width(column: SheetColumn, values: Sequence[CellValue]) -> float:
    if column.width is not None:
        return column.width
    if column.kind is ColumnKind.DATE:
        longest = 10
    elif column.kind is ColumnKind.INSTANT:
        longest = 16
    else:
        longest = max((_length(value) for value in values), default=0)
    return min(_WIDEST, max(_NARROWEST, longest + 3, len(column.heading) + 5))  # room for the filter's button


def _length(value: CellValue) -> int:
    if isinstance(value, str):
        return max(map(len, value.splitlines() or [""]))
    return 0 if value is None else len(f"{value:,.5g}" if isinstance(value, float) else str(value))


def _is_tall(text: str, width: float) -> bool:
    return "\n" in text or len(text) > width
