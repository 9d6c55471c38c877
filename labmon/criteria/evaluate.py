"""Applies every rule of a protocol to one course."""

from __future__ import annotations

from collections.abc import Mapping

from labmon.criteria.answer import looking_at_held
from labmon.criteria.case import Case
from labmon.criteria.protocol import Protocol
from labmon.criteria.rule_kinds import (
    AnyRule,
    BCellRecoveryRule,
    DataQualityRule,
    DiscordanceRule,
    EarlyFunctionalLossRule,
    FlowLossRule,
    HematogonesRule,
    MrdRule,
    PoorExpansionRule,
    TransgeneLossRule,
)
from labmon.criteria.rules import (
    b_cell_recovery,
    data_quality,
    discordance,
    early_functional_loss,
    flow_loss,
    hematogones,
    mrd,
    poor_expansion,
    transgene_loss,
)
from labmon.domain.clinical import EventKind
from labmon.domain.finding import Finding
from labmon.kinetics.timeline import CourseEndKind, Timeline


def evaluate(timeline: Timeline, protocol: Protocol) -> tuple[Finding, ...]:
    """One finding a rule, in the order of the protocol; the same for the same results in whatever order they came."""
    case = Case(timeline=timeline, protocol=protocol, until=timeline.as_of)
    ended = timeline.ended
    ends = [*case.events(EventKind.DEATH), *([ended.on] if ended and ended.kind is CourseEndKind.REINFUSION else [])]
    if ends:  # what comes after a death or the next infusion is not of this course
        case = case.cut_off(min(ends))
    findings: dict[str, Finding] = {
        rule.id: _judge(case, rule) for rule in protocol.rules if not isinstance(rule, EarlyFunctionalLossRule)
    }
    for rule in protocol.rules:
        if isinstance(rule, EarlyFunctionalLossRule):
            findings[rule.id] = _judge_composed(case, rule, findings)
    return tuple(findings[rule.id] for rule in protocol.rules)


def _judge(case: Case, rule: AnyRule) -> Finding:
    match rule:
        case DataQualityRule():
            return data_quality.judge(case, rule)
        case TransgeneLossRule():
            return looking_at_held(transgene_loss.judge, case, rule)
        case FlowLossRule():
            return looking_at_held(flow_loss.judge, case, rule)
        case BCellRecoveryRule():
            return looking_at_held(b_cell_recovery.judge, case, rule)
        case HematogonesRule():
            return hematogones.judge(case, rule)
        case MrdRule():
            return looking_at_held(mrd.judge, case, rule)
        case PoorExpansionRule():
            return looking_at_held(poor_expansion.judge, case, rule)
        case DiscordanceRule():
            return looking_at_held(discordance.judge, case, rule)
        case EarlyFunctionalLossRule():
            raise AssertionError("composed of the others, judged after them")


def _judge_composed(case: Case, rule: EarlyFunctionalLossRule, findings: Mapping[str, Finding]) -> Finding:
    """After study cells the question is closed: it is answered as it stood when they were given."""
    given_on = case.study_cells_on
    if given_on is not None and given_on < case.until:
        case = case.cut_off(given_on)
        read = (*rule.any_of, rule.mrd)
        findings = {name: _judge(case, case.protocol.rule(name)) for name in read}
    return early_functional_loss.judge(case, rule, findings, discordance.contradicted(case, rule.discordance))
