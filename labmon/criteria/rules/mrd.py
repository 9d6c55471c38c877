"""MRD (R4): positive by the latest sample of any method; "not detected" counts only at the sensitivity it earned."""

from __future__ import annotations

from datetime import date

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.case import Case, Sample
from labmon.criteria.limit import Limit
from labmon.criteria.rule_kinds import MrdRule
from labmon.domain import wording
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.finding import Finding, FlagState, Threshold
from labmon.domain.quantity import ValueState

_NAMES = {MrdMethod.FLOW: "flow", MrdMethod.NGS: "NGS", MrdMethod.RQ_PCR: "Ig/TR qPCR"}


def limit_of(rule: MrdRule, method: MrdMethod) -> Limit:
    return {MrdMethod.FLOW: rule.flow, MrdMethod.NGS: rule.ngs, MrdMethod.RQ_PCR: rule.rq_pcr}[method]


def is_positive(rule: MrdRule, sample: Sample, method: MrdMethod) -> bool | None:
    """Whether a sample is positive by its method's limit; None when it cannot say.

    A sample without a signal is negative only at a sensitivity it earned; a signal too small to be a number is never
    turned into one.
    """
    if sample.quantity.state is ValueState.NOT_DETECTED:
        earned = sample.result.draft.sensitivity_fraction
        return False if earned is not None and rule.sensitivity.holds(earned) else None
    return limit_of(rule, method).holds_for(sample.quantity)


def positive_spans(case: Case) -> tuple[tuple[date, date | None], ...]:
    """From each positive sample to the next negative one of its series, by any MRD rule of the protocol."""
    spans: list[tuple[date, date | None]] = []
    for rule in case.protocol.rules:
        if not isinstance(rule, MrdRule):
            continue
        for method, series in _series(case):
            verdicts = [(sample.collected_on, is_positive(rule, sample, method)) for sample in series]
            for when, verdict in verdicts:
                if verdict:
                    cleared = next((day for day, other in verdicts if day > when and other is False), None)
                    spans.append((when, cleared))
    return tuple(sorted(spans, key=lambda span: span[0]))


def _series(case: Case) -> list[tuple[MrdMethod, tuple[Sample, ...]]]:
    """Methods are compared, never averaged; marrow and blood are separate series."""
    measured = case.methods_measured(Analyte.MRD_FRACTION)
    found = [(method, case.samples(Analyte.MRD_FRACTION, specimen_type, method)) for method, specimen_type in measured]
    return [(method, samples) for method, samples in found if samples]


def judge(case: Case, rule: MrdRule) -> Finding:
    series = _series(case)
    thresholds = _thresholds(case, rule)
    if not series:
        obstacle = Obstacle(sentence="There is no MRD result since the infusion.", missing=("MRD",))
        return cannot_say(case, rule, obstacle, thresholds=thresholds)
    newest_of = [(samples[-1].beside(limit_of(rule, method).value), method) for method, samples in series]
    latest = [(sample, method, is_positive(rule, sample, method)) for sample, method in newest_of]
    latest.sort(key=lambda entry: (entry[0].collected_on, entry[0].result.result_id), reverse=True)
    cautions = tuple(
        f"{wording.day(sample.day)}: gated on CD19 after CD19-directed therapy, unreliable"
        for sample, _, _ in latest
        if any(issue.code == "M403" for issue in sample.result.draft.issues)
    )
    positive = [(sample, method) for sample, method, verdict in latest if verdict]
    if positive:
        sample, method = positive[0]
        others = [said_of(s, m) for s, m, verdict in latest if not verdict]
        beside = f" ({'; '.join(others)})" if others else ""
        return answer(
            case,
            rule,
            FlagState.MET,
            f"MRD {sample.words} by {_NAMES[method]} in {_where(case, sample)} on {wording.day(sample.day)}, "
            f"{limit_of(rule, method).text} counts as positive{beside}.",
            evidence=tuple(s.evidence("positive", said_of(s, m)) for s, m in positive),
            thresholds=thresholds,
            would_change=((FlagState.NOT_MET, f"next {_NAMES[method]} not detected at {_asked(rule)} or better"),),
            cautions=cautions,
        )
    newest = latest[0][0].collected_on
    adequate = [(s, m) for s, m, verdict in latest if verdict is False and s.collected_on == newest]
    if adequate:
        sample, method = adequate[0]
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            f"MRD {said_of(sample, method)} in {_where(case, sample)} on {wording.day(sample.day)}.",
            evidence=tuple(s.evidence("negative", said_of(s, m)) for s, m in adequate),
            thresholds=thresholds,
            would_change=((FlagState.MET, f"next sample {rule.flow.text} by flow, or any signal by NGS"),),
            cautions=(*cautions, *_traces(latest)),
        )
    sample, method, _ = latest[0]
    return cannot_say(
        case,
        rule,
        _unclear(rule, sample, method),
        evidence=(sample.evidence("cannot claim", said_of(sample, method)),),
        thresholds=thresholds,
        cautions=cautions,
    )


def _unclear(rule: MrdRule, sample: Sample, method: MrdMethod) -> Obstacle:
    earned = sample.result.draft.sensitivity_fraction
    day = wording.day(sample.day)
    if sample.quantity.state is not ValueState.NOT_DETECTED:
        return Obstacle(
            sentence=f"MRD by {_NAMES[method]} on {day} is positive but not quantifiable; its LLOQ lies above "
            f"{limit_of(rule, method).amount}.",
            missing=("an MRD sample with a lower LLOQ",),
        )
    if earned is None:
        return Obstacle(
            sentence=f"MRD not detected by {_NAMES[method]} on {day}, but its sensitivity is not on record.",
            missing=("sensitivity of the MRD sample",),
        )
    cells = sample.basis("mrd_total_cells")
    reached = f"sensitivity {wording.fraction(earned)}" + (f" ({wording.limit(cells)} cells)" if cells else "")
    return Obstacle(
        sentence=f"MRD not detected by {_NAMES[method]} on {day}, {reached}: cannot claim absence at {_asked(rule)}.",
        missing=(f"an MRD sample with sensitivity {_asked(rule)} or better",),
    )


def said_of(sample: Sample, method: MrdMethod) -> str:
    """The value with method and earned sensitivity: "not detected by flow, sensitivity 3.1·10⁻⁵"."""
    if not sample.is_worded:
        return ""
    earned = sample.result.draft.sensitivity_fraction
    is_absent = sample.quantity.state is ValueState.NOT_DETECTED
    reached = f", sensitivity {wording.fraction(earned)}" if is_absent and earned else ""
    return f"{sample.words} by {_NAMES[method]}{reached}"


def _traces(latest: list[tuple[Sample, MrdMethod, bool | None]]) -> tuple[str, ...]:
    return tuple(
        f"a signal below the limit on {wording.day(sample.day)}: {said_of(sample, method)}"
        for sample, method, verdict in latest
        if verdict is False and sample.quantity.state is not ValueState.NOT_DETECTED
    )


def _where(case: Case, sample: Sample) -> str:
    specimens = {specimen.specimen_code: specimen for specimen in case.timeline.record.specimens}
    return specimens[sample.result.specimen_code].specimen_type.label


def _asked(rule: MrdRule) -> str:
    return wording.fraction(rule.sensitivity.value)


def _thresholds(case: Case, rule: MrdRule) -> tuple[Threshold, ...]:
    if not case.is_worded:
        return ()
    return (
        rule.flow.threshold("flow"),
        rule.ngs.threshold("NGS"),
        rule.rq_pcr.threshold("Ig/TR qPCR"),
        rule.sensitivity.threshold('sensitivity asked of "not detected"'),
    )
