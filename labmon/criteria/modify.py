"""A protocol with one of its numbers changed, for trying out; it is not a version anybody may adopt."""

from __future__ import annotations

import difflib
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from labmon.criteria.limit import Limit
from labmon.criteria.protocol import Protocol
from labmon.domain.errors import UserError

T = TypeVar("T")


def with_threshold(protocol: Protocol, path: str, value: float) -> Protocol:
    """The protocol with the number at `path` replaced: "R1.cutoff", "R2.pct_of_wbc", "window.length",
    "confirmation.min_days_apart", "confirmation.samples". The unit stays. Raises UserError P701 for a path it lacks.
    """
    first, *rest = path.split(".")
    by_id = {rule.id: index for index, rule in enumerate(protocol.rules)}
    if first in by_id:
        index = by_id[first]
        changed = _changed(protocol.rules[index], rest, value, path)
        return replace(protocol, rules=(*protocol.rules[:index], changed, *protocol.rules[index + 1 :]))
    return _changed(protocol, [first, *rest], value, path)


def numbers_of(protocol: Protocol) -> dict[str, Limit]:
    """Every limit that can be changed, by its path, in the order of the file."""
    found: dict[str, Limit] = {}
    for field in fields(protocol):
        if field.name not in ("rules", "criteria", "visits"):
            found |= _limits(getattr(protocol, field.name), field.name)
    for rule in protocol.rules:
        found |= _limits(rule, rule.id)
    return found


def _limits(thing: object, path: str) -> dict[str, Limit]:
    if isinstance(thing, Limit):
        return {path: thing}
    if isinstance(thing, type) or not is_dataclass(thing):
        return {}
    found: dict[str, Limit] = {}
    for field in fields(thing):
        found |= _limits(getattr(thing, field.name), f"{path}.{field.name}")
    return found


def _changed(thing: T, steps: list[str], value: float, path: str) -> T:
    """The same frozen value with one number of it replaced."""
    known = [field.name for field in fields(thing)]  # type: ignore[arg-type] # the protocol is made of dataclasses
    if not steps or steps[0] not in known:
        near = difflib.get_close_matches(steps[0] if steps else "", known, n=1)
        advice = f'; did you mean "{near[0]}"?' if near else ""
        raise UserError("P701", detail=f'there is no number at "{path}"{advice}')
    old: Any = getattr(thing, steps[0])
    if len(steps) == 1 and isinstance(old, Limit):
        new: Any = replace(old, value=float(value))
    elif len(steps) == 1 and type(old) in (int, float):
        new = type(old)(value)
    elif is_dataclass(old) and not isinstance(old, type):
        new = _changed(old, steps[1:] or ["value"], value, path)
    else:
        raise UserError("P701", detail=f'there is no number at "{path}"')
    return replace(thing, **{steps[0]: new})  # type: ignore[type-var] # the protocol is made of dataclasses
