"""Reads a TOML file into frozen dataclasses and says, with line and suggestion, what does not fit."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from labmon.domain.errors import UserError
from labmon.domain.issue import Place

T = TypeVar("T")
Step = str | int
"""A key of a table, or the index of an entry of an array of tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """The text of a file, kept to find the line a problem stands on. `code` is the issue every refusal carries."""

    name: str
    text: str
    code: str

    def parse(self) -> dict[str, object]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            place = Place(row=int(at[1])) if at else None
            raise UserError(self.code, place=place, detail=f"{self.name} is not TOML: {error}") from error

    def refusal(self, path: tuple[Step, ...], what: str, *, near: str = "", known: Iterable[str] = ()) -> UserError:
        """The error to raise: what is wrong, where it stands, and the known word nearest to `near`."""
        closest = difflib.get_close_matches(near, list(known), n=1, cutoff=0.5) if near else []
        advice = f'; did you mean "{closest[0]}"?' if closest else ""
        line = line_of(self.text, path)
        return UserError(self.code, place=Place(row=line) if line else None, detail=f"{self.name}: {what}{advice}")


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


def line_of(text: str, path: tuple[Step, ...]) -> int | None:
    """The 1-based line of a key, or of the nearest table around it; None when nothing of the path is written out."""
    best: tuple[int, int] | None = None
    current: tuple[Step, ...] = ()
    counts: dict[tuple[Step, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header is not None:
            current = _table_path(header[2].split("."), counts, is_array=header[1] == "[[")
            here = current
        elif (key := _KEY.match(line)) is not None:
            here = (*current, key[1])
        else:
            continue
        if path[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _table_path(keys: list[str], counts: dict[tuple[Step, ...], int], *, is_array: bool) -> tuple[Step, ...]:
    """The path of a table header; a key that names an array of tables means its latest entry."""
    path: tuple[Step, ...] = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if is_array and position == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def decode(cls: type[T], table: object, file: TomlFile, path: tuple[Step, ...] = ()) -> T:
    """A table as `cls`. A field's metadata may name the `unit` its limit must have, or `variants`: classes by kind."""
    if not isinstance(table, dict):
        raise file.refusal(path, f"{_name(path)} must be a table")
    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type] # every caller gives a dataclass
    for key in table:
        if key not in known:
            raise file.refusal((*path, key), f'unknown key "{key}" in {_name(path)}', near=key, known=known)
    hints = get_type_hints(cls)
    values: dict[str, object] = {}
    for name, field in known.items():
        if name not in table:
            if field.default is MISSING and field.default_factory is MISSING:
                raise file.refusal(path, f'{_name(path)} lacks "{name}"')
            continue
        values[name] = _value(hints[name], table[name], file, (*path, name), field.metadata)
    return cls(**values)


def _value(hint: Any, value: object, file: TomlFile, path: tuple[Step, ...], metadata: Mapping[str, Any]) -> object:
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise file.refusal(path, f"{_name(path)} must be a list")
        inner = get_args(hint)[0]
        return tuple(_value(inner, item, file, (*path, index), metadata) for index, item in enumerate(value))
    if "variants" in metadata:
        return _variant(metadata["variants"], value, file, path)
    if origin in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        return _value(hint, value, file, path, metadata)
    if is_dataclass(hint) and isinstance(hint, type):
        decoded = decode(hint, value, file, path)
        expected = metadata.get("unit")
        unit = getattr(decoded, "unit", None)
        if expected is not None and unit != expected:
            raise file.refusal((*path, "unit"), f'the unit of {_name(path)} is "{unit}", this rule reads "{expected}"')
        return decoded
    return _scalar(hint, value, file, path)


def _variant(variants: Mapping[str, type], value: object, file: TomlFile, path: tuple[Step, ...]) -> object:
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise file.refusal(path, f'{_name(path)} lacks "kind"')
    kind = value["kind"]
    if kind not in variants:
        raise file.refusal((*path, "kind"), f'unknown kind "{kind}" in {_name(path)}', near=kind, known=variants)
    return decode(variants[kind], {key: item for key, item in value.items() if key != "kind"}, file, path)


def _scalar(hint: Any, value: object, file: TomlFile, path: tuple[Step, ...]) -> object:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        words = [member.value for member in hint]
        if value not in words:
            offered = ", ".join(words)
            raise file.refusal(path, f'{_name(path)} is "{value}", not one of {offered}', near=str(value), known=words)
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:  # bool is an int to isinstance
        word = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}.get(hint, str(hint))
        raise file.refusal(path, f"{_name(path)} must be {word}, not {value!r}")
    return value


def _name(path: tuple[Step, ...]) -> str:
    """The path as a person says it: "rules[2].cutoff"; the file itself when it is empty."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"
