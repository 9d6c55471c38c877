"""What a sheet's XML says that its values do not: formulas nobody computed, dates shown with a time, per cent."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from typing import TYPE_CHECKING

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from labmon.domain.errors import UserError
from labmon.domain.issue import Place

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: TID251 - the type of what defusedxml reads

_FORMULA = re.compile(rb"f(?<=[<:]f)[\s/>]")
"""It stands in every sheet with a formula. Looking for the rare letter first takes a hundredth of parsing the sheet."""
_TIMES_BUILT_IN = frozenset({18, 19, 20, 21, 22, 45, 46, 47})
"""The built-in number formats that show hours or minutes (ECMA-376, 18.8.30)."""
_PERCENT_BUILT_IN = frozenset({9, 10})
_NOT_SHOWN = re.compile(r'"[^"]*"|\[[^\]hms][^\]]*\]|\\.|_.')
"""Quoted text, colours and locales of a number format; what is left of "h" in it is an hour."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WORKBOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMarks:
    """By 1-based row and column."""

    uncomputed: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Formulas that stand without a value: programs that write workbooks do not calculate."""
    timed: frozenset[tuple[int, int]] = frozenset()
    """Cells whose number format shows a time of day, so that midnight in them is one."""
    percent: frozenset[tuple[int, int]] = frozenset()
    """Cells shown as per cent: the number in them is a hundredth of the one a person sees."""


def sheet_marks(data: bytes, sheet: str, *, with_formats: bool) -> SheetMarks:
    """The marks of one sheet; none for a workbook that is no .xlsx. The bytes have passed the guard.

    Raises UserError I002.
    """
    if not data.startswith(b"PK"):
        return SheetMarks()
    try:
        return _marks(data, sheet, with_formats)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise UserError("I002", place=Place(sheet=sheet), detail="a part of it is no XML") from error


def _marks(data: bytes, sheet: str, with_formats: bool) -> SheetMarks:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        member = _member_of(archive, sheet)
        if member is None:
            return SheetMarks()
        content = archive.read(member)
        if not with_formats and _FORMULA.search(content) is None:
            return SheetMarks()
        styles = _Styles(archive) if with_formats else None
    uncomputed: dict[tuple[int, int], str] = {}
    timed: set[tuple[int, int]] = set()
    percent: set[tuple[int, int]] = set()
    for element in ElementTree.fromstring(content).iter():
        place = _place(element.get("r", "")) if _local(element) == "c" else None
        if place is None:
            continue
        if styles is not None:
            style = element.get("s", "0")
            if style in styles.timed:
                timed.add(place)
            if style in styles.percent:
                percent.add(place)
        parts = {_local(part): part for part in element}
        # A formula that gives the empty text has one: its cell says so by its type.
        is_empty = "v" not in parts or not parts["v"].text
        if "f" in parts and is_empty and element.get("t") != "str":
            uncomputed[place] = f"={parts['f'].text or ''}"
    return SheetMarks(uncomputed=uncomputed, timed=frozenset(timed), percent=frozenset(percent))


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's member that holds a sheet, by way of the workbook's relations."""
    names = set(archive.namelist())
    relations = "xl/_rels/workbook.xml.rels"
    if not {_WORKBOOK, relations} <= names:
        return None
    targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.fromstring(archive.read(relations))}
    for element in ElementTree.fromstring(archive.read(_WORKBOOK)).iter():
        if _local(element) == "sheet" and element.get("name") == sheet:
            identity = next((value for key, value in element.items() if key.endswith("}id")), None)
            target = targets.get(identity, "")
            member = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            return member if member in names else None
    return None


class _Styles:
    """The style numbers, as cells name them, whose number format shows hours, and those that show per cent."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        codes: dict[str, str] = {}
        formats: list[str] = []
        content = archive.read(_STYLES) if _STYLES in archive.namelist() else b"<styleSheet/>"
        for element in ElementTree.fromstring(content).iter():
            if _local(element) == "numFmt":
                codes[element.get("numFmtId", "")] = _NOT_SHOWN.sub("", element.get("formatCode", "")).casefold()
            elif _local(element) == "cellXfs":
                formats = [each.get("numFmtId", "0") for each in element]
        self.timed = _showing("h", _TIMES_BUILT_IN, codes, formats)
        self.percent = _showing("%", _PERCENT_BUILT_IN, codes, formats)


def _showing(sign: str, built_in: frozenset[int], codes: Mapping[str, str], formats: Sequence[str]) -> frozenset[str]:
    return frozenset(
        str(style)
        for style, number in enumerate(formats)
        if sign in codes.get(number, "") or (number not in codes and number.isdigit() and int(number) in built_in)
    )


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _place(reference: str) -> tuple[int, int] | None:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
