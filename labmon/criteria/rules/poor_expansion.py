"""Poor expansion (R5), information only: a late peak, a low one against the site's own reference, or none."""

from __future__ import annotations

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.case import Case, Sample
from labmon.criteria.rule_kinds import PoorExpansionRule
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState


def judge(case: Case, rule: PoorExpansionRule) -> Finding:
    samples = case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, rule.specimen_type)
    early = [s for s in samples if rule.samples_from.holds(s.day) and rule.samples_to.holds(s.day)]
    thresholds = _thresholds(rule) if case.is_worded else ()
    if not rule.samples.holds(len(early)):
        between = f"{wording.day(rule.samples_from.days)} to {wording.day(rule.samples_to.days)}"
        obstacle = Obstacle(
            sentence=f"{len(early)} transgene {'sample' if len(early) == 1 else 'samples'} from {between}, "
            f"{rule.samples.words} asked: too sparse to see the peak.",
            missing=(f"transgene samples from {between}",),
        )
        return cannot_say(case, rule, obstacle, thresholds=thresholds)
    seen = [s for s in samples if s.quantity.state in (ValueState.QUANTIFIED, ValueState.ABOVE_ULOQ)]
    if not seen:
        return answer(
            case,
            rule,
            FlagState.MET,
            f"Never quantified in {len(samples)} samples: expansion not established (for information).",
            evidence=tuple(s.evidence("not quantified") for s in samples),
            thresholds=thresholds,
            would_change=((FlagState.NOT_MET, "a quantified sample"),),
        )
    peak = max(seen, key=_height)
    evidence = (peak.evidence("peak"), *(s.evidence("around the peak") for s in early if s is not peak))
    is_late = rule.tmax.holds(peak.day)
    is_low = rule.cmax is not None and bool(rule.cmax.holds_for(peak.quantity))
    if is_late or is_low:
        why = (
            f"on {wording.day(peak.day)}, later than {wording.day(rule.tmax.days)}" if is_late else "low for this site"
        )
        return answer(
            case,
            rule,
            FlagState.MET,
            f"Peak {peak.text} {why} (for information; no published cutoff exists).",
            evidence=evidence,
            thresholds=thresholds,
            would_change=((FlagState.NOT_MET, "a higher, earlier sample"),),
        )
    if peak is samples[-1]:
        obstacle = Obstacle(
            sentence=f"The highest value, {peak.text}, is the last ({wording.day(peak.day)}): peak not yet passed.",
            missing=("a later transgene sample",),
        )
        return cannot_say(case, rule, obstacle, evidence=evidence, thresholds=thresholds)
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        f"Peak {peak.text} on {wording.day(peak.day)}, not later than {wording.day(rule.tmax.days)}.",
        evidence=evidence,
        thresholds=thresholds,
        would_change=((FlagState.MET, f"a higher sample after {wording.day(rule.tmax.days)}"),),
    )


def _height(sample: Sample) -> tuple[bool, float, int]:
    """Above ULOQ is the highest there is; of equal values the first is the peak."""
    value = sample.quantity.value
    return value is None, value or 0.0, -sample.day


def _thresholds(rule: PoorExpansionRule) -> tuple[Threshold, ...]:
    cmax = (rule.cmax.threshold("Cmax"),) if rule.cmax is not None else ()
    return (
        rule.tmax.threshold("Tmax"),
        *cmax,
        rule.samples.threshold("samples around the peak"),
        rule.samples_from.threshold("first day of the peak"),
        rule.samples_to.threshold("last day of the peak"),
    )
