"""What a reading process may say, as JSON, and its strict understanding: a broken process can send anything.

Nothing is unpickled and nothing is taken on trust: what does not have exactly the expected shape is a `WireError`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import ClinicalRow, FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions
from labmon.instruments.original import OriginalPart

T = TypeVar("T")

_KINDS = {each.value: each for each in ReadingKind}
_TASKS: dict[object, Task | None] = {None: None, **{each.value: each for each in Task}}
_QUALIFIERS: dict[object, Qualifier | None] = {None: None, **{each.value: each for each in Qualifier}}
_PLAIN = (str, int, float, bool, type(None))


class WireError(Exception):
    """The answer is not of the agreed shape."""


# --- the parent's question --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalAt:
    """Asks for the original rows around a place instead of the readings."""

    place: Place | None


def question_to_json(path: str, wanted: ReadOptions | OriginalAt) -> bytes:
    """One line: which file to open, and what is wanted of it."""
    question: dict[str, object] = {"path": path}
    if isinstance(wanted, OriginalAt):
        question["original_at"] = _place_to_plain(wanted.place)
    else:
        question["read"] = [
            wanted.decimal_mark,
            wanted.date_order,
            wanted.run_started_on.isoformat() if wanted.run_started_on is not None else None,
            wanted.format_id,
        ]
    return json.dumps(question).encode() + b"\n"


def question_from_json(line: bytes) -> tuple[str, ReadOptions | OriginalAt]:
    question = json.loads(line)
    if "original_at" in question:
        return question["path"], OriginalAt(place=_place(question["original_at"]))
    mark, order, started_on, format_id = question["read"]
    return question["path"], ReadOptions(
        decimal_mark=DecimalMark(mark) if mark is not None else None,
        date_order=DateOrder(order) if order is not None else None,
        run_started_on=date.fromisoformat(started_on) if started_on is not None else None,
        format_id=format_id,
    )


# --- the child's answer -----------------------------------------------------------------------------------------------


def reading_to_json(reading: FileReading) -> bytes:
    """A reading as an answer."""
    return _dumps(
        {
            "reading": {
                "file_name": reading.file_name,
                "sha256": reading.sha256,
                "size_bytes": reading.size_bytes,
                "format_id": reading.format_id,
                "format_title": reading.format_title,
                "reader_version": reading.reader_version,
                "software": reading.software,
                "instrument": reading.instrument,
                "run_started_at": reading.run_started_at,
                "run_name": reading.run_name,
                "readings": [_reading_to_plain(each) for each in reading.readings],
                "clinical_rows": [_row_to_plain(each) for each in reading.clinical_rows],
                "issues": [
                    [each.code, _place_to_plain(each.place), _parameters_to_plain(each.parameters)]
                    for each in reading.issues
                ],
                "unread": list(reading.unread),
                "headings": list(reading.headings),
                "locale": reading.locale,
                "properties": dict(reading.properties),
            }
        }
    )


def original_to_json(part: OriginalPart) -> bytes:
    """A window of original rows as an answer."""
    return _dumps({"original": [part.sheet, part.sheets, part.first_row, part.rows, part.total_rows]})


def refusal_to_json(error: UserError) -> bytes:
    """A refusal as an answer."""
    return _dumps({"refused": [error.code, _place_to_plain(error.place), _parameters_to_plain(error.parameters)]})


def failure_to_json(what: str) -> bytes:
    """The last words of a process that dies of a mistake of ours."""
    return _dumps({"failed": what})


def reading_from_json(answer: bytes) -> FileReading:
    """The reading.

    Raises UserError when the answer is a refusal, I013 when it is a failure, and WireError when it is neither.
    """
    return _understood(answer, "reading", _reading_from_plain)


def original_from_json(answer: bytes) -> OriginalPart:
    """The window of original rows. Raises as `reading_from_json`."""
    return _understood(answer, "original", _original_from_plain)


def _understood(answer: bytes, wanted: str, of: Callable[[Any], T]) -> T:
    try:
        message = json.loads(answer, parse_constant=_no_constant)
        match message:
            case {"refused": [str() as code, place, dict() as parameters]}:
                refusal = UserError(code, place=_place(place), **_mapping(parameters, _plain))
            case {"failed": str() as what}:
                refusal = UserError("I013", detail=what[:200])
            case dict() if wanted in message:
                return of(message[wanted])
            case _:
                raise WireError(f"neither {wanted} nor a refusal")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"{type(error).__name__}: {error}") from error
    raise refusal


def _original_from_plain(plain: list[Any]) -> OriginalPart:
    sheet, sheets, first_row, rows, total_rows = plain
    return OriginalPart(
        sheet=_optional_text(sheet),
        sheets=tuple(map(_text, sheets)),
        first_row=_whole(first_row),
        rows=tuple(tuple(map(_text, row)) for row in rows),
        total_rows=_whole(total_rows),
    )


def _dumps(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _no_constant(name: str) -> object:
    raise WireError(f"{name} is no number")


def _reading_to_plain(each: Reading) -> list[object]:
    place = each.place
    return [
        each.kind,
        [place.sheet, place.row, place.column, place.heading, place.element],
        each.value,
        each.raw,
        each.well,
        each.sample,
        each.target,
        each.task,
        each.unit,
        each.qualifier,
        each.is_omitted,
    ]


def _row_to_plain(row: ClinicalRow) -> list[object]:
    return [row.fact, _place_to_plain(row.place), {name: _cell_to_plain(cell) for name, cell in row.cells.items()}]


def _cell_to_plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    return cell if isinstance(cell, _PLAIN) else str(cell)


def _place_to_plain(place: Place | None) -> list[object] | None:
    return None if place is None else [place.sheet, place.row, place.column, place.heading, place.element]


def _parameters_to_plain(parameters: Mapping[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, _PLAIN) else str(value) for name, value in parameters.items()}


def _reading_from_plain(plain: dict[str, Any]) -> FileReading:
    instant = _optional_text(plain["run_started_at"])
    if instant is not None:
        datetime.fromisoformat(instant)
    return FileReading(
        file_name=_text(plain["file_name"]),
        sha256=_text(plain["sha256"]),
        size_bytes=_whole(plain["size_bytes"]),
        format_id=_text(plain["format_id"]),
        format_title=_text(plain["format_title"]),
        reader_version=_whole(plain["reader_version"]),
        software=_optional_text(plain["software"]),
        instrument=_optional_text(plain["instrument"]),
        run_started_at=instant,
        run_name=_optional_text(plain["run_name"]),
        readings=tuple(map(_one_reading, plain["readings"])),
        clinical_rows=tuple(map(_clinical_row, plain["clinical_rows"])),
        issues=tuple(map(_issue, plain["issues"])),
        unread=tuple(map(_text, plain["unread"])),
        headings=tuple(map(_text, plain["headings"])),
        locale=_text(plain["locale"]),
        properties=_mapping(plain["properties"], _text),
    )


def _one_reading(plain: list[Any]) -> Reading:
    kind, place, value, raw, well, sample, target, task, unit, qualifier, is_omitted = plain
    if not (value is None or isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))):
        raise WireError("a value that is no number")
    if not isinstance(is_omitted, bool):
        raise WireError("omitted is no truth value")
    return Reading(
        kind=_KINDS[kind],
        place=_known_place(place),
        value=float(value) if isinstance(value, int | float) else value,
        raw=_text(raw),
        well=_optional_text(well),
        sample=_optional_text(sample),
        target=_optional_text(target),
        task=_TASKS[task],
        unit=_optional_text(unit),
        qualifier=_QUALIFIERS[qualifier],
        is_omitted=is_omitted,
    )


def _clinical_row(plain: list[Any]) -> ClinicalRow:
    fact, place, cells = plain
    return ClinicalRow(fact=_text(fact), place=_known_place(place), cells=_mapping(cells, _cell))


def _issue(plain: list[Any]) -> Issue:
    code, place, parameters = plain
    return Issue(code=_text(code), place=_place(place), parameters=_mapping(parameters, _plain))


def _place(plain: Any) -> Place | None:
    return None if plain is None else _known_place(plain)


def _known_place(plain: Any) -> Place:
    sheet, row, column, heading, element = plain
    if type(row) not in (int, type(None)) or type(column) not in (int, type(None)):
        raise WireError("a row or column that is no whole number")
    return Place(
        sheet=_optional_text(sheet),
        row=row,
        column=column,
        heading=_optional_text(heading),
        element=_optional_text(element),
    )


def _cell(plain: Any) -> object:
    match plain:
        case {"date": str() as text}:
            return date.fromisoformat(text)
        case {"datetime": str() as text}:
            return datetime.fromisoformat(text)
    return _plain(plain)


def _plain(value: Any) -> object:
    if not isinstance(value, _PLAIN):
        raise WireError("a value of an unknown kind")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError("a text that is none")
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise WireError("a whole number that is none")
    return value


def _mapping(plain: Any, of: Callable[[Any], T]) -> dict[str, T]:
    if not isinstance(plain, dict):
        raise WireError("a mapping that is none")
    return {name: of(value) for name, value in plain.items()}
