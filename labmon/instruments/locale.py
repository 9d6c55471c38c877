"""How a file writes its numbers and dates: decided once for the whole file, never cell by cell; asked when in doubt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from math import isfinite

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.instruments.options import DateOrder, DecimalMark
from labmon.instruments.workbook import Cell

# --- numbers ----------------------------------------------------------------------------------------------------------

_OTHER_GROUPING = "\u00a0\u202f\u2009'’"
"""Signs that group thousands whatever the decimal mark is: narrow spaces, the Swiss apostrophe."""
_MINUS_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"


def _pattern(mark: str, grouping: str) -> re.Pattern[str]:
    groups = "|".join(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sign)}[0-9]{{3}})+" for sign in (grouping, *_OTHER_GROUPING))
    return re.compile(rf"[+-]?(?:(?:{groups}|[0-9]+)(?:{re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+){_EXPONENT}")


_PATTERNS = {mark: _pattern(mark.value, mark.grouping) for mark in DecimalMark}
_REMOVED = {mark: str.maketrans("", "", mark.grouping + _OTHER_GROUPING) for mark in DecimalMark}
_SHAPE = str.maketrans("23456789", "11111111")
_HAS_MARKS = re.compile(r"[+-]?[0-9.,]*[.,][0-9.,]*" + _EXPONENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """The decimal mark of one file."""

    decimal_mark: DecimalMark = DecimalMark.POINT

    def parse(self, cell: Cell) -> float | None:
        """The number in a cell; None when it holds none. Grouped digits must be grouped rightly to count."""
        if type(cell) is float:
            return cell if isfinite(cell) else None
        if type(cell) is int:
            return float(cell)
        if not isinstance(cell, str) or not cell:
            return None
        if cell.isascii() and cell.replace(self.decimal_mark, "", 1).isdigit():  # as nearly all are written
            number = float(cell.replace(self.decimal_mark, ".", 1))
            return number if isfinite(number) else None
        text = _tidy(cell)
        if not _PATTERNS[self.decimal_mark].fullmatch(text):
            return None
        text = text.translate(_REMOVED[self.decimal_mark])
        number = float(text.replace(",", ".") if self.decimal_mark is DecimalMark.COMMA else text)
        return number if isfinite(number) else None


def _tidy(text: str) -> str:
    text = text.strip()
    if not text.isascii():
        # NFKC makes full-width digits plain, but also a narrow space plain: those are kept apart first.
        text = "".join(sign if sign in _OTHER_GROUPING else unicodedata.normalize("NFKC", sign) for sign in text)
        text = text.translate(_MINUS_SIGNS)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    marks: frozenset[DecimalMark]
    """What the number would be read with; both when it does not tell."""
    text: str
    place: Place | None


def number_shape(text: str) -> str:
    """The text with every digit but 0 as 1: texts of one shape say the same about the decimal mark."""
    return text.translate(_SHAPE)


def decide_numbers(
    cells: Iterable[tuple[Cell, Place | None]], answer: DecimalMark | None, *, default: DecimalMark = DecimalMark.POINT
) -> NumberFormat:
    """The file's decimal mark, from every cell of its numeric columns.

    A comma is decimal only when the file has no decimal point and at least one comma cannot be grouping thousands.
    Raises UserError I003 with the place when the file does not say; `answer` settles it.
    """
    if answer is not None:
        return NumberFormat(decimal_mark=answer)
    evidence = [found for cell, place in cells if (found := _weigh(cell, place)) is not None]
    for_point = next((each for each in evidence if each.marks == {DecimalMark.POINT}), None)
    for_comma = next((each for each in evidence if each.marks == {DecimalMark.COMMA}), None)
    open_comma = next((each for each in evidence if len(each.marks) == 2 and "," in each.text), None)
    open_point = next((each for each in evidence if len(each.marks) == 2 and "." in each.text), None)
    if for_point and for_comma:
        raise _question(for_comma, f'"{for_comma.text}" has a decimal comma, "{for_point.text}" a decimal point')
    if for_point:
        return NumberFormat(decimal_mark=DecimalMark.POINT)
    if for_comma and open_point:
        raise _question(
            open_point, f'"{for_comma.text}" has a decimal comma, but "{open_point.text}" may have a decimal point'
        )
    if for_comma:
        return NumberFormat(decimal_mark=DecimalMark.COMMA)
    if open_comma:
        whole = open_comma.text.replace(",", "")
        decimal = open_comma.text.replace(",", ".")
        raise _question(
            open_comma, f'"{open_comma.text}" may be {decimal} or {whole}; nothing else in the file decides it'
        )
    return NumberFormat(decimal_mark=DecimalMark.POINT if open_point else default)


def _weigh(cell: Cell, place: Place | None) -> _Evidence | None:
    """What one cell says about the decimal mark; None when it holds no mark or is no number."""
    if not isinstance(cell, str):
        return None
    text = _tidy(cell).rstrip("%").rstrip()
    if not _HAS_MARKS.fullmatch(text):
        return None
    marks = frozenset(mark for mark in DecimalMark if _PATTERNS[mark].fullmatch(text))
    if not marks:
        return None
    return _Evidence(marks=marks, text=text, place=place)


def _question(evidence: _Evidence, detail: str) -> UserError:
    return UserError("I003", place=evidence.place, detail=detail[0].upper() + detail[1:])


# --- dates ------------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})")
_MONTH = r"([^\W\d_]{3,9})\.?"
_MONTH_NAMED = re.compile(
    rf"(?<![0-9])([0-9]{{1,2}})[ ./-]+{_MONTH}[ ./-]+([0-9]{{4}}|[0-9]{{2}})(?![0-9:])"
    rf"|{_MONTH} ([0-9]{{1,2}}),? ([0-9]{{4}})"
    rf"|([0-9]{{4}})[ ./-]{_MONTH}[ ./-]([0-9]{{1,2}})"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen", "feb fev", "mar mrz", "apr avr abr", "may mai mag", "jun juin giu", "jul juil lug",
            "aug aou ago", "sep set", "oct okt ott", "nov", "dec dez dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
"""By their first letters without accents, in the languages instruments' computers are set to."""
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_HALF_OF_DAY = re.compile(r"\b([AaPp])\.?[Mm]\b\.?")
_OFFSET = re.compile(r"(?:\b(?:UTC|GMT))?([+-])([0-9]{2}):?([0-9]{2})\)?\s*$")
_ZONES = {
    "utc": "+00:00", "gmt": "+00:00", "z": "+00:00",
    "est": "-05:00", "edt": "-04:00", "cdt": "-05:00", "mst": "-07:00", "mdt": "-06:00", "pst": "-08:00",
    "pdt": "-07:00",
    "cet": "+01:00", "cest": "+02:00", "eet": "+02:00", "eest": "+03:00", "jst": "+09:00", "kst": "+09:00",
}  # fmt: skip
"""Zone words with one meaning. CST (Chicago, Shanghai), IST and BST have several and give no offset."""
_ORDERS = {DateOrder.DMY: (2, 1, 0), DateOrder.MDY: (2, 0, 1), DateOrder.YMD: (0, 1, 2)}
_FIRST_OF_THE_LAST_CENTURY = 80
_OLDEST_YEAR = 1990
"""An instrument that says 1970 has lost its clock."""


def decide_date_order(
    texts: Iterable[tuple[str, Place | None]],
    answer: DateOrder | None,
    *,
    witnesses: Iterable[str] = (),
    usual: DateOrder | None = None,
) -> DateOrder | None:
    """The order every date of the file can be read in; None when no date needs one (2024-05-13 speaks for itself).

    `witnesses` are dates nobody keeps, which may still show the order; `usual` is the one the program that wrote the
    file always uses. Raises UserError I003 when several orders fit and give different days, or when none fits all of
    them; `answer` settles it.
    """
    if answer is not None:
        return answer
    possible = set(DateOrder)
    doubtful: tuple[str, Place | None] | None = None
    decisive: str | None = None
    for text, place in texts:
        days = _days_by_order(text)
        if not days:
            continue
        if possible.isdisjoint(days):
            detail = f'The dates "{decisive}" and "{text}" cannot be of one order'
            raise UserError("I003", place=place, detail=detail)
        if decisive is None or not possible <= set(days):
            decisive = text
        possible &= set(days)
        if len(set(days.values())) > 1 and doubtful is None:
            doubtful = text, place
    if decisive is None:
        return None
    for text in witnesses:
        possible = possible & set(_days_by_order(text)) or possible
    if usual in possible:
        return usual
    if doubtful and len(possible) != 1:
        raise UserError(
            "I003",
            place=doubtful[1],
            detail=f'The date "{doubtful[0]}" may begin with the day or with the month; no other date decides it',
        )
    return min(possible, default=None)


def _days_by_order(text: str) -> dict[DateOrder, date]:
    """Every order a date in numbers can be read in, with the day it gives; empty when its year stands first."""
    found = _DATE.search(text)
    if found is None or len(found[1]) == 4:
        return {}
    return {order: day for order in DateOrder if (day := _day(found, order)) is not None}


def _day(found: re.Match[str], order: DateOrder) -> date | None:
    parts = (found[1], found[3], found[4])
    year, month, day = (parts[index] for index in _ORDERS[order])
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def iso_instant(text: str, order: DateOrder | None) -> str | None:
    """A printed date or date and time as ISO 8601, with the offset when its zone word has one meaning.

    None when it is none, or lies before there were such instruments.
    """
    day = _named_or_numbered_day(text, order)
    if day is None or day.year < _OLDEST_YEAR:
        return None
    clock = _TIME.search(text)
    if clock is None:
        return day.isoformat()
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = _HALF_OF_DAY.search(text, clock.end())
    if half and half[1] in "pP" and hour < 12:
        hour += 12
    elif half and half[1] in "aA" and hour == 12:
        hour = 0
    try:
        moment = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return day.isoformat()
    return moment.isoformat() + _offset(text[clock.end() :])


def iso_cell(cell: Cell, order: DateOrder | None) -> str | None:
    """A cell's date as ISO 8601, whether the workbook holds it as a date or as text."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds") if cell.year >= _OLDEST_YEAR else None
    if isinstance(cell, date):
        return cell.isoformat() if cell.year >= _OLDEST_YEAR else None
    return iso_instant(cell, order) if isinstance(cell, str) else None


def _named_or_numbered_day(text: str, order: DateOrder | None) -> date | None:
    named = _MONTH_NAMED.search(text)
    if named:
        parts = [part for part in named.groups() if part is not None]
        day, month, year = parts if named[1] else (parts[1], parts[0], parts[2]) if named[5] else reversed(parts)
        number = _month(month)
        try:
            return None if number is None else date(_full_year(year), number, int(day))
        except ValueError:
            return None
    found = _DATE.search(text)
    if found is None:
        return None
    if order is not None or len(found[1]) == 4:
        return _day(found, DateOrder.YMD if order is None or len(found[1]) == 4 else order)
    days = {day for each in DateOrder if (day := _day(found, each)) is not None}
    return days.pop() if len(days) == 1 else None


def _full_year(year: str) -> int:
    return int(year) + (0 if len(year) == 4 else 2000 if int(year) < _FIRST_OF_THE_LAST_CENTURY else 1900)


def _month(name: str) -> int | None:
    """The month a name begins with; None for a word that is none."""
    letters = "".join(
        sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign)
    )
    return next((number for start in (4, 3) if (number := _MONTHS.get(letters[:start])) is not None), None)


def _offset(rest: str) -> str:
    signed = _OFFSET.search(rest)
    if signed:
        return f"{signed[1]}{signed[2]}:{signed[3]}"
    return next((_ZONES[word] for word in re.findall(r"[a-z]+", rest.lower()) if word in _ZONES), "")


def days_if_swapped(moment: date) -> date | None:
    """The date with day and month exchanged; None when that is no date or the same one."""
    if moment.day > 12 or moment.day == moment.month:
        return None
    return date(moment.year, moment.day, moment.month)


def locale_sentence(numbers: NumberFormat, order: DateOrder | None, encoding: str | None = None) -> str:
    """How numbers, dates and letters were understood, for the person to see."""
    parts = [numbers.decimal_mark.word]
    if order is not None:
        parts.append(f"dates with the {order.word}")
    if encoding not in (None, "utf-8"):
        parts.append(f"letters as {encoding}")
    return ", ".join(parts)
