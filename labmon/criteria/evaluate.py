"""Applies every rule of a protocol to one course."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from labmon.criteria.answer import looking_at_held
from labmon.criteria.case import Case
from labmon.criteria.closing import frozen_since
from labmon.criteria.protocol import Protocol, members
from labmon.criteria.rule_kinds import (
    COMPOSED_RULES,
    AnyRule,
    BCellRecoveryRule,
    CombinationRule,
    DataQualityRule,
    DiscordanceRule,
    EarlyFunctionalLossRule,
    FlowLossRule,
    HematogonesRule,
    MrdRule,
    PoorExpansionRule,
    ThresholdRule,
    TransgeneLossRule,
)
from labmon.criteria.rules import (
    b_cell_recovery,
    combination,
    data_quality,
    discordance,
    early_functional_loss,
    flow_loss,
    hematogones,
    mrd,
    poor_expansion,
    threshold,
    transgene_loss,
)
from labmon.domain.clinical import EventKind
from labmon.domain.finding import Finding
from labmon.kinetics.timeline import CourseEndKind, Timeline


def evaluate(timeline: Timeline, protocol: Protocol) -> tuple[Finding, ...]:
    """One finding a rule, in the order of the protocol; the same for the same results in whatever order they came."""
    case = _case(timeline, protocol)
    findings: dict[str, Finding] = {}
    for rule in protocol.rules:
        _judge_into(findings, case, rule)
    return tuple(findings[rule.id] for rule in protocol.rules)


def evaluate_rule(timeline: Timeline, protocol: Protocol, rule_id: str) -> Finding:
    """The finding of one rule; only what it is composed of is judged beside it."""
    return evaluate_rules(timeline, protocol, (rule_id,))[rule_id]


def evaluate_rules(timeline: Timeline, protocol: Protocol, rule_ids: Iterable[str]) -> Mapping[str, Finding]:
    """The findings of some rules by their ids, and of those they are composed of."""
    return _judged(_case(timeline, protocol), rule_ids, {})


def evaluate_states(
    timeline: Timeline,
    protocol: Protocol,
    rule_ids: Iterable[str] | None = None,
    known: Mapping[str, Finding] | None = None,
) -> Mapping[str, Finding]:
    """As `evaluate_rules`, of all rules by default, for whoever reads states and days only: sentences are not made.

    `known`: findings that are taken as they are.
    """
    chosen = (rule.id for rule in protocol.rules) if rule_ids is None else rule_ids
    return _judged(_case(timeline, protocol, is_worded=False), chosen, known or {})


def _judged(case: Case, rule_ids: Iterable[str], known: Mapping[str, Finding]) -> Mapping[str, Finding]:
    findings = dict(known)
    for rule_id in rule_ids:
        _judge_into(findings, case, case.protocol.rule(rule_id))
    return findings


def _case(timeline: Timeline, protocol: Protocol, *, is_worded: bool = True) -> Case:
    """What comes after a death or the next infusion is not of this course."""
    case = Case(timeline=timeline, protocol=protocol, until=timeline.as_of, is_worded=is_worded)
    ended = timeline.ended
    ends = [*case.events(EventKind.DEATH), *([ended.on] if ended and ended.kind is CourseEndKind.REINFUSION else [])]
    return case.cut_off(min(ends)) if ends else case


def _judge_into(findings: dict[str, Finding], case: Case, rule: AnyRule) -> None:
    """Judge a rule after those it is composed of."""
    if rule.id in findings:
        return
    for name in members(rule):
        _judge_into(findings, case, case.protocol.rule(name))
    findings[rule.id] = (
        _judge_composed(case, rule, findings) if isinstance(rule, COMPOSED_RULES) else _JUDGES[type(rule)](case, rule)
    )


_JUDGES: Mapping[type[AnyRule], Callable[[Case, Any], Finding]] = {
    DataQualityRule: data_quality.judge,
    TransgeneLossRule: partial(looking_at_held, transgene_loss.judge),
    FlowLossRule: partial(looking_at_held, flow_loss.judge),
    BCellRecoveryRule: partial(looking_at_held, b_cell_recovery.judge),
    HematogonesRule: hematogones.judge,
    MrdRule: partial(looking_at_held, mrd.judge),
    PoorExpansionRule: partial(looking_at_held, poor_expansion.judge),
    DiscordanceRule: partial(looking_at_held, discordance.judge),
    ThresholdRule: partial(looking_at_held, threshold.judge),
}
"""Every rule but those composed of others, which are judged after them."""


def _judge_composed(
    case: Case, rule: EarlyFunctionalLossRule | CombinationRule, findings: Mapping[str, Finding]
) -> Finding:
    """After study cells the question is closed: it is answered as it stood when they were given."""
    given_on = case.study_cells_on
    if given_on is not None and given_on < case.until:
        case = case.cut_off(given_on)
        as_it_stood: dict[str, Finding] = {}
        for name in members(rule):
            _judge_into(as_it_stood, case, case.protocol.rule(name))
        findings = as_it_stood
    if isinstance(rule, CombinationRule):
        finding = combination.judge(case, rule, findings)
    else:
        contradicted = discordance.contradicted(case, rule.discordance)
        finding = early_functional_loss.judge(case, rule, findings, contradicted)
    frozen = frozen_since(case)
    return replace(finding, cautions=(*finding.cautions, *frozen)) if frozen else finding
