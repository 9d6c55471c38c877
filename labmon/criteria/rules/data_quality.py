"""Data quality (R0): what the laboratory holds, and what it accepted outside the protocol's limits."""

from __future__ import annotations

from labmon.criteria.answer import answer
from labmon.criteria.case import Case, Sample, held_because
from labmon.criteria.rule_kinds import DataQualityRule
from labmon.domain import wording
from labmon.domain.finding import Finding, FlagState
from labmon.domain.quantity import ValueState


def judge(case: Case, rule: DataQualityRule) -> Finding:
    """The laboratory's acceptance decides what counts; this finding shows it and never overrules it."""
    thresholds = tuple(each.limit.threshold(each.label) for each in rule.limits) if case.is_worded else ()
    held = case.held_samples()
    if held:
        reasons = "; ".join(dict.fromkeys(held_because(sample) for sample in held))
        runs = tuple(dict.fromkeys(sample.run_code for sample in held))
        return answer(
            case,
            rule,
            FlagState.HELD,
            f"{len(held)} {'result is' if len(held) == 1 else 'results are'} not read: {reasons}.",
            evidence=tuple(sample.evidence("not read") for sample in held),
            thresholds=thresholds,
            missing=tuple(f"acceptance of run {run}" for run in runs),
            would_change=((FlagState.MET, f"run {runs[0]} accepted, or repeated"),),
        )
    counting = case.all_samples()
    if not counting:
        return answer(
            case,
            rule,
            FlagState.NOT_EVALUABLE,
            "No result is on record for this course.",
            thresholds=thresholds,
            missing=("a result",),
        )
    outside = [(sample, said) for sample in counting if (said := _outside(rule, sample)) is not None]
    if outside:
        sample, said = outside[0]
        others = len({each.run_code for each, _ in outside}) - 1
        more = f", and so were {others} other{'s' if others > 1 else ''}" if others else ""
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            f"Run {sample.run_code} was accepted although {said}{more}.",
            evidence=tuple(each.evidence(words) for each, words in outside),
            thresholds=thresholds,
            would_change=((FlagState.MET, f"run {sample.run_code} repeated within limits"),),
        )
    return answer(
        case,
        rule,
        FlagState.MET,
        "The one result comes from an accepted run."
        if len(counting) == 1
        else f"All {len(counting)} results come from accepted runs.",
        thresholds=thresholds,
        would_change=((FlagState.HELD, "a result from a run that failed its limits"),),
    )


def _outside(rule: DataQualityRule, sample: Sample) -> str | None:
    if not sample.result.draft.basis:
        return None
    for each in rule.limits:
        if each.quantified_only and sample.quantity.state is not ValueState.QUANTIFIED:
            continue
        observed = sample.basis(each.basis)
        if observed is not None and not each.limit.holds(observed):
            return f"its {each.label} is {wording.number_beside(observed, each.limit.value)}, not {each.limit.words}"
    return None
