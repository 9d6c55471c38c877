"""Rules taken together: any, all or at least n of them, in three-valued logic all the way up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.case import Case
from labmon.criteria.rule_kinds import CombinationRule, Need
from labmon.criteria.standing import Standing, last_day, standing_of, straddling, unwatched
from labmon.domain import wording
from labmon.domain.finding import Evidence, Finding, FlagState

_NEAREST_FIRST = (FlagState.UNCONFIRMED, FlagState.HELD, FlagState.CONFLICT, FlagState.NOT_EVALUABLE)
"""What is open, in the order in which it may soonest be met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    finding: Finding
    state: FlagState
    """The finding's own, or what the window makes of it."""
    obstacle: Obstacle | None = None
    """Why the window leaves it open."""


def judge(case: Case, rule: CombinationRule, findings: Mapping[str, Finding]) -> Finding:
    """`findings`: those of the rules it names, by id."""
    parts = tuple(_part(case, rule, findings[name]) for name in rule.of)
    beside = tuple(findings[name] for name in rule.supporting_only)
    met = [part for part in parts if part.state is FlagState.MET]
    still_open = sorted(
        (part for part in parts if part.state in _NEAREST_FIRST), key=lambda part: _NEAREST_FIRST.index(part.state)
    )
    lacking = rule.needed - len(met)
    if lacking <= 0:
        return _met(case, rule, parts, met, beside)
    if lacking > len(still_open):
        return _not_met(case, rule, parts, met, beside)
    return _open(case, rule, parts, still_open, still_open[lacking - 1].state, beside)


def _part(case: Case, rule: CombinationRule, finding: Finding) -> _Part:
    if not rule.inside_window:
        return _Part(finding=finding, state=finding.flag_state)
    if finding.bracket_right_day is None or finding.flag_state is FlagState.NOT_EVALUABLE:
        watched = finding.flag_state is FlagState.NOT_MET and finding.evidence
        obstacle = unwatched(case, finding) if watched else None
        return _Part(
            finding=finding, state=FlagState.NOT_EVALUABLE if obstacle else finding.flag_state, obstacle=obstacle
        )
    match standing_of(case, finding):
        case Standing.LOST_OUTSIDE:
            return _Part(finding=finding, state=FlagState.NOT_MET)
        case Standing.STRADDLES:
            return _Part(finding=finding, state=FlagState.NOT_EVALUABLE, obstacle=straddling(case, finding))
        case _:
            return _Part(finding=finding, state=finding.flag_state)


def _met(
    case: Case, rule: CombinationRule, parts: tuple[_Part, ...], met: list[_Part], beside: tuple[Finding, ...]
) -> Finding:
    """It is met since the last of those it needs."""
    in_order = sorted(met, key=lambda part: part.finding.bracket_right_day or 0)
    deciding = in_order[rule.needed - 1].finding
    right, confirmed = deciding.bracket_right_day, deciding.confirmed_day
    left = deciding.bracket_left_day or 0
    return answer(
        case,
        rule,
        FlagState.MET,
        f"{_count(rule, len(met), ': ')}{_named(in_order)}{_window(case, rule)}.",
        evidence=_evidence(met, beside),
        thresholds=tuple(dict.fromkeys(t for part in met for t in part.finding.thresholds)),
        would_change=tuple(dict.fromkeys(change for part in met for change in part.finding.would_change)),
        cautions=_cautions(parts, beside),
        bracket=(round(left), round(right)) if right is not None else None,
        confirmed_day=round(confirmed) if confirmed is not None else None,
        has_window=rule.inside_window,
    )


def _not_met(
    case: Case, rule: CombinationRule, parts: tuple[_Part, ...], met: list[_Part], beside: tuple[Finding, ...]
) -> Finding:
    failed = [part for part in parts if part.state is FlagState.NOT_MET]
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"{_count(rule, len(met), '; ')}{_denied(failed)}{_window(case, rule)}.",
        evidence=_evidence(parts, beside),
        thresholds=tuple(dict.fromkeys(t for part in failed for t in part.finding.thresholds)),
        would_change=tuple(dict.fromkeys(change for part in failed for change in part.finding.would_change)),
        cautions=_cautions(parts, beside),
        has_window=rule.inside_window,
    )


def _open(
    case: Case,
    rule: CombinationRule,
    parts: tuple[_Part, ...],
    still_open: list[_Part],
    state: FlagState,
    beside: tuple[Finding, ...],
) -> Finding:
    """As open as the one of its rules that must still be met and is the furthest from it."""
    leading = next(part for part in still_open if part.state is state)
    met = sum(part.state is FlagState.MET for part in parts)
    why = (leading.obstacle.sentence if leading.obstacle else leading.finding.sentence).removesuffix(".")
    sentence = f"{_count(rule, met, '; ')}{leading.finding.rule_id} {state.label}: {why}."
    missing = tuple(
        dict.fromkeys(
            what for part in still_open for what in (part.obstacle.missing if part.obstacle else part.finding.missing)
        )
    )
    evidence, cautions = _evidence(parts, beside), _cautions(parts, beside)
    thresholds = tuple(dict.fromkeys(t for part in still_open for t in part.finding.thresholds))
    would_change = tuple(dict.fromkeys(change for part in still_open for change in part.finding.would_change))
    if state is FlagState.NOT_EVALUABLE:
        return cannot_say(
            case,
            rule,
            Obstacle(sentence=sentence, missing=missing),
            evidence=evidence,
            thresholds=thresholds,
            cautions=cautions,
            would_change=would_change,
        )
    finding = leading.finding
    repeat = (finding.repeat_from, finding.repeat_by) if finding.repeat_from and finding.repeat_by else None
    right = finding.bracket_right_day
    return answer(
        case,
        rule,
        state,
        sentence,
        evidence=evidence,
        thresholds=thresholds,
        missing=missing,
        would_change=would_change,
        cautions=cautions,
        bracket=(round(finding.bracket_left_day or 0), round(right)) if right is not None else None,
        has_window=rule.inside_window,
        repeat=repeat,
    )


def _count(rule: CombinationRule, met: int, then: str) -> str:
    """ "1 of 3 met, any needed: "; nothing for a rule that stands alone."""
    if len(rule.of) == 1:
        return ""
    needed = {Need.ANY: "any", Need.ALL: "all", Need.AT_LEAST: f"at least {rule.needed}"}[rule.need]
    return f"{met} of {len(rule.of)} met, {needed} needed{then}"


def _named(parts: list[_Part]) -> str:
    def said(part: _Part) -> str:
        right = part.finding.bracket_right_day
        return part.finding.title + (f" on {wording.day(right)}" if right is not None else "")

    return ", ".join(said(part) for part in parts)


def _denied(parts: list[_Part]) -> str:
    """ "not met: Transgene loss by day 60, B-cell recovery on day 190"; what came too late is named with its day."""

    def said(part: _Part) -> str:
        right = part.finding.bracket_right_day
        return part.finding.title + (
            f" on {wording.day(right)}" if right is not None else f" by {wording.day(last_day(part.finding))}"
        )

    return f"not met: {', '.join(said(part) for part in parts)}"


def _window(case: Case, rule: CombinationRule) -> str:
    return f" inside the window that ends on {wording.day(case.window_end_day)}" if rule.inside_window else ""


def _evidence(parts: tuple[_Part, ...] | list[_Part], beside: tuple[Finding, ...]) -> tuple[Evidence, ...]:
    counted = [evidence for part in parts for evidence in part.finding.evidence]
    return tuple(dict.fromkeys((*counted, *(evidence for finding in beside for evidence in finding.evidence))))


def _cautions(parts: tuple[_Part, ...], beside: tuple[Finding, ...]) -> tuple[str, ...]:
    shown = (f"beside, not counted: {f.rule_id} {f.flag_state.label}, {f.sentence.removesuffix('.')}" for f in beside)
    return tuple(dict.fromkeys((*(c for part in parts for c in part.finding.cautions), *shown)))
