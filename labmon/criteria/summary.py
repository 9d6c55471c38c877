"""A protocol in words, for a person who checks a file before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from labmon.criteria.limit import Limit
from labmon.criteria.protocol import Protocol
from labmon.criteria.rule_kinds import AnyRule, CombinationRule, EarlyFunctionalLossRule


def summary(protocol: Protocol) -> tuple[str, ...]:
    """The lines `labmon protocol check` prints."""
    confirmation = protocol.confirmation
    names = " or ".join(kind.label for kind in protocol.product.costimulation)
    limits = list(limits_in(protocol))
    counted = Counter(limit.status.label for limit in limits)
    return (
        f"{protocol.id} version {protocol.version}: {protocol.title}",
        f"preset: {protocol.preset}",
        f"window: {protocol.window.words} from day 0 ({protocol.window.status.label})",
        f"confirmation: samples needed {confirmation.samples}, days apart {confirmation.min_days_apart.text}",
        f"products: {names}, directed at {protocol.product.target}",
        f"{len(protocol.rules)} rules:",
        *(f"  {rule.id:<4} {_rule(rule)}" for rule in protocol.rules),
        f"{len(protocol.criteria)} eligibility criteria: {', '.join(each.id for each in protocol.criteria)}",
        f"{len(limits)} thresholds, every one with unit and source: "
        + ", ".join(f"{count} {label}" for label, count in counted.most_common()),
    )


def limits_in(thing: object) -> Iterator[Limit]:
    """Every limit a protocol, or a part of one, states."""
    if isinstance(thing, Limit):
        yield thing
    elif isinstance(thing, tuple):
        for item in thing:
            yield from limits_in(item)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from limits_in(getattr(thing, field.name))


def _rule(rule: AnyRule) -> str:
    said = f"{rule.title} ({rule.kind}, {rule.status.label})"
    if isinstance(rule, EarlyFunctionalLossRule):
        return f"{said}: any of {', '.join(rule.any_of)}; {', '.join(rule.required)} must have an answer"
    if isinstance(rule, CombinationRule):
        need = f"at least {rule.n}" if rule.n is not None else str(rule.need)
        beside = f"; beside: {', '.join(rule.supporting_only)}" if rule.supporting_only else ""
        return f"{said}: {need} of {', '.join(rule.of)}{beside}"
    stated = ", ".join(_stated(rule))
    return f"{said}: {stated}" if stated else said


def _stated(rule: AnyRule) -> Iterator[str]:
    for field in fields(rule):
        value: Any = getattr(rule, field.name)
        if isinstance(value, Limit):
            yield f"{field.name} {value.text}"
