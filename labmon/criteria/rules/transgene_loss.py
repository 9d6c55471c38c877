"""Transgene loss (R1): after a quantified value, consecutive samples below the cutoff or the run's LLOQ."""

from __future__ import annotations

from dataclasses import replace

from labmon.criteria.answer import Obstacle, cannot_say
from labmon.criteria.applicability import product_obstacle
from labmon.criteria.case import Case, Sample
from labmon.criteria.limit import Limit, SourceStatus
from labmon.criteria.rule_kinds import DiscordanceRule, TransgeneLossRule
from labmon.criteria.rules.divergence import Divergence, divergence_between
from labmon.criteria.rules.loss import LossReading, LossSeries, Review, Undecided, cautions, judge_series, read_loss
from labmon.criteria.sequence import Change, Judged
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Finding, FlagState, Threshold


def cutoff_for(rule: TransgeneLossRule, sample: Sample) -> Limit:
    """The rule's cutoff, or the LLOQ of the sample's run where that is higher."""
    lloq = sample.quantity.lloq
    if lloq is None or lloq <= rule.cutoff.value:
        return rule.cutoff
    return replace(rule.cutoff, value=lloq, source=f"LLOQ of run {sample.run_code}", status=SourceStatus.MEASURED)


def read_transgene(case: Case, rule: TransgeneLossRule) -> LossReading:
    return case.read_once(f"transgene by {rule.id}", lambda: _read_transgene(case, rule))


def _read_transgene(case: Case, rule: TransgeneLossRule) -> LossReading:
    samples = (
        sample.beside(cutoff_for(rule, sample).value)
        for sample in case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, rule.specimen_type)
    )
    return read_loss(
        ((sample, _is_below(rule, sample)) for sample in samples),
        case.protocol.confirmation_of(rule),
        peak_may_be_low=True,
    )


def _is_below(rule: TransgeneLossRule, sample: Sample) -> bool | Undecided:
    """A run that is not known to see down to the limit cannot show that something is gone.

    A LOD that is not on record lies at or below the LLOQ, so an LLOQ that reaches down far enough is as good.
    """
    quantity, run = sample.quantity, sample.run_code
    sees_down_to = quantity.lod if quantity.lod is not None else quantity.lloq
    below = cutoff_for(rule, sample).holds_for(quantity)
    if below is None and sees_down_to is None:
        return Undecided(sample=sample, why=f"the limits of run {run} are not on record", missing=f"LLOQ of run {run}")
    if quantity.state.is_blq and sees_down_to is not None and not rule.lod.holds(sees_down_to):
        if quantity.lod is None:
            return Undecided(sample=sample, why=f"the LOD of run {run} is not on record", missing=f"LOD of run {run}")
        amount = wording.limit_amount(quantity.lod, quantity.unit)
        why = f"the LOD of run {run} is {amount}, not {rule.lod.words}"
        return Undecided(sample=sample, why=why, missing="a sample from a run with lower limits")
    if below is None:
        why = f"the limits of run {run} leave it open"
        return Undecided(sample=sample, why=why, missing="a sample from a run with lower limits")
    return below


def judge(case: Case, rule: TransgeneLossRule) -> Finding:
    obstacle = product_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=_thresholds(case, rule))
    series = LossSeries(
        rule=rule,
        reading=read_transgene(case, rule),
        what="Transgene",
        one_sample="One sample",
        denominator="",
        said=lambda sample: sample.words,
        shown=lambda sample: sample.text,
        cutoff=lambda sample: cutoff_for(rule, sample),
        thresholds=lambda judged: _thresholds(case, rule, judged),
        cannot_show=lambda sample: f"{wording.day(sample.day).capitalize()} cannot show loss",
        review=lambda change: _review(case, rule, change),
        cautions=lambda _: (),
    )
    return judge_series(case, series, lambda: _never_quantified(case, rule, series))


def _never_quantified(case: Case, rule: TransgeneLossRule, series: LossSeries) -> Finding:
    where, count = rule.specimen_type.label, series.reading.sample_count
    change: tuple[tuple[FlagState, str], ...] = ()
    if count:
        obstacle = Obstacle(
            sentence=f"Never quantified in {count} {'sample' if count == 1 else 'samples'}: expansion not established."
        )
        change = ((FlagState.NOT_MET, f"a sample of {rule.cutoff.amount} or more"),)
    elif case.samples(Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, rule.specimen_type):
        obstacle = Obstacle(
            sentence="Only copies per µL were measured; copies per µg DNA are needed and are not made from them.",
            missing=("copies per µg DNA",),
        )
    elif case.samples(Analyte.TRANSGENE_COPIES_PER_REACTION, rule.specimen_type):
        obstacle = Obstacle(
            sentence="Copies per reaction were measured, but without the DNA mass they are no copies per µg.",
            missing=("DNA concentration of the specimen",),
        )
    else:
        obstacle = Obstacle(
            sentence=f"There is no evaluable transgene result in {where} since the infusion.",
            missing=(f"transgene in {where}",),
        )
    return cannot_say(
        case,
        rule,
        obstacle,
        thresholds=_thresholds(case, rule),
        cautions=cautions(case, series),
        would_change=change,
    )


def _review(case: Case, rule: TransgeneLossRule, change: Change) -> Review | None:
    shift = _denominator_shift(case, rule, change)
    if shift is None:
        return None
    assert change.first is not None  # a shift lies before a first low sample
    amount = cutoff_for(rule, change.first.sample).amount
    return Review(
        sentence=f"Copies/µg fell below {amount} on {wording.day(change.first.day)} but copies/µL did not "
        f"({shift.per_ul_before} to {shift.per_ul_after}): a person reviews the denominator before it is a loss.",
        missing="a person's review of copies/µg against copies/µL",
    )


def _denominator_shift(case: Case, rule: TransgeneLossRule, change: Change) -> Divergence | None:
    """A fall in copies/µg alone, between the two ends of the bracket, where a discordance rule watches this one."""
    if change.last_against is None or change.first is None:
        return None
    watching = next(
        (each for each in case.protocol.rules if isinstance(each, DiscordanceRule) and each.transgene == rule.id), None
    )
    if watching is None:
        return None
    found = divergence_between(
        case, watching, rule.specimen_type, change.last_against.collected_on, change.first.collected_on
    )
    return found if found is not None and found.per_ug_fell else None


def _thresholds(case: Case, rule: TransgeneLossRule, judged: Judged | None = None) -> tuple[Threshold, ...]:
    if not case.is_worded:
        return ()
    stated = (rule.cutoff.threshold("cutoff"), rule.lod.threshold("LOD"))
    applied = cutoff_for(rule, judged.sample) if judged is not None else rule.cutoff
    return stated if applied is rule.cutoff else (applied.threshold("cutoff applied"), *stated)
