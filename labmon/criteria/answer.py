"""Makes the finding of a rule: its names filled in, and held results that would change it made visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from labmon.criteria.case import Case, held_because
from labmon.criteria.rule_kinds import CombinationRule, EarlyFunctionalLossRule, Rule
from labmon.domain import wording
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold

R = TypeVar("R", bound=Rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why a rule has no answer here: the sentence, and the datum that is missing, if one is."""

    sentence: str
    missing: tuple[str, ...] = ()


def answer(
    case: Case,
    rule: Rule,
    state: FlagState,
    sentence: str,
    *,
    evidence: tuple[Evidence, ...] = (),
    thresholds: tuple[Threshold, ...] = (),
    missing: tuple[str, ...] = (),
    would_change: tuple[tuple[FlagState, str], ...] = (),
    cautions: tuple[str, ...] = (),
    bracket: tuple[int, int] | None = None,
    confirmed_day: int | None = None,
    has_window: bool = False,
    repeat: tuple[date, date] | None = None,
) -> Finding:
    """The finding of a rule about a case."""
    composed = rule if isinstance(rule, EarlyFunctionalLossRule) else None
    return Finding(
        rule_id=rule.id,
        title=rule.title,
        patient_code=case.timeline.record.patient_code,
        flag_state=state,
        sentence=sentence,
        protocol_id=case.protocol.id,
        protocol_version=case.protocol.version,
        as_of=case.timeline.as_of,
        is_labmon_definition=composed is not None and composed.is_labmon_definition,
        raises_flag=isinstance(rule, EarlyFunctionalLossRule | CombinationRule) and rule.raises_flag,
        evidence=evidence,
        thresholds=thresholds,
        missing=missing,
        would_change=would_change,
        cautions=cautions,
        bracket_left_day=bracket[0] if bracket else None,
        bracket_right_day=bracket[1] if bracket else None,
        confirmed_day=confirmed_day,
        window_end_day=case.window_end_day if has_window else None,
        repeat_from=repeat[0] if repeat else None,
        repeat_by=repeat[1] if repeat else None,
    )


def cannot_say(
    case: Case,
    rule: Rule,
    obstacle: Obstacle,
    *,
    evidence: tuple[Evidence, ...] = (),
    thresholds: tuple[Threshold, ...] = (),
    cautions: tuple[str, ...] = (),
    would_change: tuple[tuple[FlagState, str], ...] = (),
) -> Finding:
    """The rule has no answer; entering what is missing would give it one."""
    entered = " and ".join(obstacle.missing)
    if entered and not would_change:
        would_change = (
            (FlagState.MET, f"{entered} on record, and the rule holds"),
            (FlagState.NOT_MET, f"{entered} on record, and the rule does not hold"),
        )
    return answer(
        case,
        rule,
        FlagState.NOT_EVALUABLE,
        obstacle.sentence,
        evidence=evidence,
        thresholds=thresholds,
        missing=obstacle.missing,
        cautions=cautions,
        would_change=would_change,
    )


_SPEAKS = (FlagState.UNCONFIRMED, FlagState.MET, FlagState.CONFLICT)


def looking_at_held(judge: Callable[[Case, R], Finding], case: Case, rule: R) -> Finding:
    """The rule's answer from accepted results; `held` when only a held result would give it more to say.

    What accepted results already show stands, with a caution when a held one would change it.
    """
    firm = judge(case, rule)
    if not case.held_samples():
        return firm
    held = {sample.result.result_id: sample for sample in case.held_samples()}
    would_be = judge(case.with_held(), rule)
    if would_be.flag_state is firm.flag_state:
        return firm
    resting_on = [held[e.result_id] for e in would_be.evidence if e.result_id in held] or list(held.values())
    first = resting_on[0]
    because = "; ".join(dict.fromkeys(held_because(sample) for sample in resting_on))
    rests_only_on_held = (firm.flag_state is FlagState.NOT_MET and would_be.flag_state in _SPEAKS) or (
        firm.flag_state is FlagState.NOT_EVALUABLE and would_be.flag_state in (*_SPEAKS, FlagState.NOT_MET)
    )
    if not rests_only_on_held:
        caution = (
            f"{wording.day(first.day)} is not used: {because}; accepted, it would make this {would_be.flag_state.label}"
        )
        return replace(firm, cautions=(*firm.cautions, caution))
    return replace(
        would_be,
        flag_state=FlagState.HELD,
        sentence=f"Rests on {wording.day(first.day)} alone, and {because}.",
        missing=tuple(f"acceptance of run {code}" for code in dict.fromkeys(s.run_code for s in resting_on)),
        would_change=(
            (would_be.flag_state, f"run {first.run_code} accepted"),
            (firm.flag_state, f"run {first.run_code} rejected"),
        ),
        repeat_from=None,
        repeat_by=None,
    )
