"""One course under two protocols: only the rules that can differ are judged, and only differing states come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from labmon.criteria.evaluate import evaluate_states
from labmon.criteria.protocol import Protocol, members
from labmon.criteria.rule_kinds import (
    AnyRule,
    BCellRecoveryRule,
    DataQualityRule,
    DiscordanceRule,
    MrdRule,
    PoorExpansionRule,
    TransgeneLossRule,
)
from labmon.domain.finding import Finding, FlagState
from labmon.kinetics.timeline import Timeline

_READ_BY_LOSS_ALONE = {"window", "surveillance"}
_DENYING_NO_LOSS = (DataQualityRule, MrdRule, PoorExpansionRule, DiscordanceRule)
"""Rules that ask neither when a loss began nor whether somebody looked long enough to deny it."""
_NOT_READ_BY_RULES = ("title", "version", "registry_id", "preset", "registry_concept", "criteria", "visits")


def states_under(
    timeline: Timeline,
    protocol: Protocol,
    modified: Protocol,
    rule_ids: Sequence[str],
    known: Mapping[str, Finding] | None = None,
) -> tuple[tuple[str, FlagState | None, FlagState | None], ...]:
    """Rule id, state as it is and state as modified, where they differ; None where a protocol lacks the rule.

    `rule_ids`: those to look at, from `affected_rules`. `known`: every finding under the protocol as it is, if made
    already; what cannot differ is not judged again.
    """
    old = known if known is not None else evaluate_states(timeline, protocol, _named(protocol, rule_ids))
    same = {name: finding for name, finding in old.items() if name not in rule_ids}
    new = evaluate_states(timeline, modified, _named(modified, rule_ids), same)
    states = ((name, _state(old.get(name)), _state(new.get(name))) for name in rule_ids)
    return tuple((name, before, after) for name, before, after in states if before is not after)


def _state(finding: Finding | None) -> FlagState | None:
    return finding.flag_state if finding is not None else None


def _named(protocol: Protocol, rule_ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the ids that the protocol has."""
    have = {rule.id for rule in protocol.rules}
    return tuple(name for name in rule_ids if name in have)


def affected_rules(protocol: Protocol, modified: Protocol) -> tuple[str, ...]:
    """The ids of the rules that may answer otherwise, in the order of the modified protocol."""
    ids = [rule.id for rule in modified.rules] + [
        rule.id for rule in protocol.rules if _rule(modified, rule.id) is None
    ]
    shared = (field.name for field in fields(Protocol) if field.name not in ("rules", *_NOT_READ_BY_RULES))
    changed = {name for name in shared if getattr(protocol, name) != getattr(modified, name)}
    if changed - _READ_BY_LOSS_ALONE:
        return tuple(ids)
    touched = {name for name in ids if _rule(protocol, name) != _rule(modified, name)}
    grown = True
    while grown:
        more = {
            rule.id for each in (protocol, modified) for rule in each.rules if touched & set(_reads(rule, each))
        } - touched
        touched |= more
        grown = bool(more)
    if changed:
        touched |= {name for name in ids if not isinstance(_rule(modified, name), _DENYING_NO_LOSS)}
    return tuple(name for name in ids if name in touched)


def _reads(rule: AnyRule, protocol: Protocol) -> tuple[str, ...]:
    """The ids of the rules whose limits or findings a rule looks at."""
    match rule:
        case DiscordanceRule():
            return (rule.transgene, rule.flow, rule.b_cells)
        case TransgeneLossRule():  # a discordance that watches it may hold its loss back
            return tuple(r.id for r in protocol.rules if isinstance(r, DiscordanceRule) and r.transgene == rule.id)
        case BCellRecoveryRule():  # positive MRD makes CD19+ events suspect
            return tuple(r.id for r in protocol.rules if isinstance(r, MrdRule))
        case _:
            discordance = getattr(rule, "discordance", None)
            return (*members(rule), *((discordance,) if discordance else ()))


def _rule(protocol: Protocol, rule_id: str) -> AnyRule | None:
    return next((rule for rule in protocol.rules if rule.id == rule_id), None)
