"""What differs between two versions of a protocol, in words: rules, thresholds, windows, criteria and visits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from labmon.criteria.limit import Limit
from labmon.criteria.protocol import Protocol

_SECTIONS = {
    "window": "window",
    "confirmation": "confirmation",
    "surveillance": "surveillance",
    "product": "product",
    "b_cell_evidence": "B-cell evidence",
    "relapse": "relapse",
    "registry_concept": "registry concept",
}


def differences(old: Protocol, new: Protocol) -> tuple[str, ...]:
    """One sentence a difference, in the order of the file; empty when both say the same."""
    found: list[str] = []
    for field in fields(Protocol):
        if field.name in ("rules", "criteria", "schema"):
            continue
        name = _SECTIONS.get(field.name, field.name.replace("_", " "))
        found += _changes(name, getattr(old, field.name), getattr(new, field.name))
    found += _entries("rule", _by_id(old.rules), _by_id(new.rules))
    found += _entries("criterion", _by_id(old.criteria), _by_id(new.criteria))
    return tuple(found)


def _by_id(entries: Iterable[Any]) -> dict[str, Any]:
    return {entry.id: entry for entry in entries}


def _entries(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found = [f"{what} {key} ({old[key].title}) removed" for key in old if key not in new]
    found += [f"{what} {key} ({new[key].title}) added" for key in new if key not in old]
    for key in old:
        if key in new:
            found += _changes(f"{what} {key}", old[key], new[key])
    in_both = [key for key in old if key in new]
    if in_both != [key for key in new if key in old]:
        found.append(f"the order of the {'rules' if what == 'rule' else 'criteria'} changed")
    return found


def _changes(where: str, old: Any, new: Any) -> list[str]:
    if old == new:
        return []
    if isinstance(old, Limit) and isinstance(new, Limit):
        return _limit_changes(where, old, new)
    if type(old) is not type(new) and is_dataclass(old) and is_dataclass(new):
        return [f"{where}: of another kind, {_word(old)} became {_word(new)}"]
    if is_dataclass(old) and is_dataclass(new):
        return [
            said
            for field in fields(old)
            for said in _changes(
                f"{where}, {field.name}" if field.name != "id" else f"{where}, id",
                getattr(old, field.name),
                getattr(new, field.name),
            )
        ]
    if old is None or new is None:
        verb = "added" if old is None else "removed"
        return [f"{where} {verb}: {_word(new if old is None else old)}"]
    if _is_list_of_tables(old) or _is_list_of_tables(new):
        return _list_changes(where, old, new)
    return [f"{where}: {_word(old)} became {_word(new)}"]


def _limit_changes(where: str, old: Limit, new: Limit) -> list[str]:
    found = [f"{where}: {old.text} became {new.text}"] if old.text != new.text or old.unit != new.unit else []
    if old.source != new.source:
        found.append(f'{where}: source "{old.source}" became "{new.source}"')
    if old.status != new.status:
        found.append(f"{where}: {old.status.label} became {new.status.label}")
    return found or [f"{where}: {old.value!r} became {new.value!r}"]


def _list_changes(where: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> list[str]:
    """Entries without an id are known by their place."""
    found = []
    for index in range(max(len(old), len(new))):
        place = f"{where} {index + 1}"
        if index >= len(old):
            found.append(f"{place} added: {_word(new[index])}")
        elif index >= len(new):
            found.append(f"{place} removed: {_word(old[index])}")
        else:
            found += _changes(place, old[index], new[index])
    return found


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, tuple) and any(is_dataclass(item) for item in value)


def _word(value: Any) -> str:
    if isinstance(value, Limit):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return f"[{', '.join(_word(item) for item in value)}]"
    if is_dataclass(value) and not isinstance(value, type):
        stated = ((field.name, getattr(value, field.name)) for field in fields(value))
        return ", ".join(f"{name} {_word(item)}" for name, item in stated if item not in (None, "", ()))
    return f'"{value}"' if isinstance(value, str) else str(value)
