"""Discordance (R7): two methods that ought to agree do not, on samples near enough to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.case import Case, Sample
from labmon.criteria.protocol import rule_of
from labmon.criteria.rule_kinds import BCellRecoveryRule, DiscordanceRule, FlowLossRule, TransgeneLossRule
from labmon.criteria.rules.b_cell_recovery import limits, said
from labmon.criteria.rules.divergence import divergence_between
from labmon.criteria.rules.flow_loss import specimen_age_h, undecided_because
from labmon.criteria.rules.transgene_loss import cutoff_for, read_transgene
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.finding import Evidence, Finding, FlagState
from labmon.domain.quantity import ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One discordance seen."""

    sentence: str
    """What is discordant, with numbers and days."""
    advice: str
    evidence: tuple[Evidence, ...]
    needs_person: bool = True
    """False: expected biology, shown as a caution."""
    contradicts: tuple[str, ...] = ()
    """The rules that cannot be called met while it stands, until a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """What was compared; no pattern means the methods agree."""

    patterns: tuple[Pattern, ...]
    compared: tuple[str, ...]
    samples: tuple[Sample, ...]


def contradicted(case: Case, rule_id: str) -> Mapping[str, str]:
    """By rule id, the discordance that speaks against calling it met."""
    rule = rule_of(case.protocol, rule_id, DiscordanceRule)
    return {
        name: f"{pattern.sentence}; {pattern.advice}."
        for pattern in _compare(case, rule).patterns
        for name in pattern.contradicts
    }


def judge(case: Case, rule: DiscordanceRule) -> Finding:
    thresholds = (
        rule.days_between.threshold("days between two samples compared"),
        rule.fall.threshold("fall"),
        rule.stable.threshold("stable"),
    )
    found = _compare(case, rule)
    if not found.compared:
        obstacle = Obstacle(
            sentence=f"No two methods were measured within {rule.days_between.amount} of each other.",
            missing=("transgene, flow or B cells of one visit",),
        )
        return cannot_say(case, rule, obstacle, thresholds=thresholds)
    if not found.patterns:
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            f"No discordance: {', '.join(found.compared)} agree.",
            evidence=tuple(dict.fromkeys(sample.evidence("agrees") for sample in found.samples)),
            thresholds=thresholds,
            would_change=((FlagState.CONFLICT, "B cells back while the transgene is quantified"),),
        )
    grave = [pattern for pattern in found.patterns if pattern.needs_person]
    leading = (grave or list(found.patterns))[0]
    return answer(
        case,
        rule,
        FlagState.CONFLICT if grave else FlagState.MET,
        f"{leading.sentence}: {leading.advice}.",
        evidence=tuple(dict.fromkeys(e for pattern in found.patterns for e in pattern.evidence)),
        thresholds=thresholds,
        missing=("a person's decision, with the reason",) if grave else (),
        would_change=((FlagState.NOT_MET, "the next samples of both methods agree"),),
        cautions=tuple(f"{p.sentence}: {p.advice}" for p in found.patterns if p is not leading),
    )


def _compare(case: Case, rule: DiscordanceRule) -> _Comparison:
    return case.read_once(f"compared by {rule.id}", lambda: _compared(case, rule))


def _compared(case: Case, rule: DiscordanceRule) -> _Comparison:
    transgene_rule = rule_of(case.protocol, rule.transgene, TransgeneLossRule)
    flow_rule = rule_of(case.protocol, rule.flow, FlowLossRule)
    b_cell_rule = rule_of(case.protocol, rule.b_cells, BCellRecoveryRule)
    patterns: list[Pattern] = []
    compared: list[str] = []
    samples: list[Sample] = []
    for found in (
        _b_cells_against_transgene(case, rule, transgene_rule, b_cell_rule),
        _flow_against_transgene(case, rule, transgene_rule, flow_rule),
        _units(case, rule, transgene_rule),
    ):
        if found is not None:
            patterns += found.patterns
            compared += found.compared
            samples += found.samples
    return _Comparison(patterns=tuple(patterns), compared=tuple(compared), samples=tuple(samples))


def _latest_pair(rule: DiscordanceRule, one: Sequence[Sample], other: Sequence[Sample]) -> tuple[Sample, Sample] | None:
    """The most recent samples of two series that lie near enough to be compared."""
    best: tuple[Sample, Sample] | None = None
    best_rank: tuple[date, date, int, int] | None = None
    for a in reversed(one):  # both are in order of date: the best pair comes early, the rest is passed over
        if best_rank is not None and a.collected_on < best_rank[0]:
            break
        for b in reversed(other):
            if best_rank is not None and b.collected_on < best_rank[0]:
                break
            is_first = a.collected_on <= b.collected_on
            earlier, later = (a.collected_on, b.collected_on) if is_first else (b.collected_on, a.collected_on)
            rank = (earlier, later, a.result.result_id, b.result.result_id)
            if (best_rank is None or rank > best_rank) and rule.days_between.holds((later - earlier).days):
                best, best_rank = (a, b), rank
    return best


def _b_cells_against_transgene(
    case: Case, rule: DiscordanceRule, transgene_rule: TransgeneLossRule, b_cell_rule: BCellRecoveryRule
) -> _Comparison | None:
    transgene = case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, transgene_rule.specimen_type)
    b_cells = [
        (sample.beside(limit.value), recovered)
        for analyte, limit in limits(b_cell_rule)
        for sample in case.samples(analyte, b_cell_rule.specimen_type)
        if (recovered := limit.holds_for(sample.quantity)) is not None
    ]
    pair = _latest_pair(rule, transgene, [sample for sample, _ in b_cells])
    if pair is None:
        return None
    copies, cells = pair
    of_that_date = [(s, r) for s, r in b_cells if s.collected_on == cells.collected_on]
    back = next((sample for sample, recovered in of_that_date if recovered), None)
    cutoff = cutoff_for(transgene_rule, copies)
    copies, lost = copies.beside(cutoff.value), cutoff.holds_for(copies.quantity)
    found: list[Pattern] = []
    if back is not None and lost is False:
        found.append(
            Pattern(
                sentence=f"Transgene {copies.words} on {wording.day(copies.day)} although B cells are back "
                f"({said(back)} on {wording.day(back.day)})",
                advice="check antigen, product target, gating, non-functional CAR-T",
                evidence=(copies.evidence("transgene quantified"), back.evidence("B cells back")),
                contradicts=(b_cell_rule.id,),
            )
        )
    if back is None and lost and read_transgene(case, transgene_rule).change.confirmed_by is not None:
        found.append(
            Pattern(
                sentence=f"Transgene lost ({copies.words} on {wording.day(copies.day)}) while B-cell aplasia persists "
                f"({said(cells)} on {wording.day(cells.day)})",
                advice="aplasia can outlast detection; check B-depleting drugs, sampling",
                evidence=(copies.evidence("transgene lost"), cells.evidence("aplasia")),
                needs_person=False,
            )
        )
    return _Comparison(patterns=tuple(found), compared=("transgene and B cells",), samples=pair)


def _flow_against_transgene(
    case: Case, rule: DiscordanceRule, transgene_rule: TransgeneLossRule, flow_rule: FlowLossRule
) -> _Comparison | None:
    """After study cells the pair could tell the arm (an mRNA product is seen by flow alone): it is not looked at."""
    given_on = case.study_cells_on
    if given_on is not None:
        case = case.cut_off(given_on)
    transgene = case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, transgene_rule.specimen_type)
    flow = case.samples(Analyte.CAR_POS_PCT_OF_CD3, flow_rule.specimen_type)
    pair = _latest_pair(rule, transgene, flow)
    if pair is None:
        return None
    copies, cells = pair
    cutoff = cutoff_for(transgene_rule, copies)
    copies, cells = copies.beside(cutoff.value), cells.beside(flow_rule.cutoff.value)
    flow_below = flow_rule.cutoff.holds_for(cells.quantity)
    transgene_below = cutoff.holds_for(copies.quantity)
    values = f"({cells.words} on {wording.day(cells.day)}, {copies.words} on {wording.day(copies.day)})"
    evidence = (cells.evidence("CAR flow"), copies.evidence("transgene"))
    found: list[Pattern] = []
    if flow_below and transgene_below is False:
        age = specimen_age_h(cells)
        undecided = undecided_because(flow_rule, cells, is_above=False)
        why = undecided.why if undecided is not None else None
        stated = why or (
            f"the specimen was {wording.number(age)} h old" if age is not None else "its age is not on record"
        )
        found.append(
            Pattern(
                sentence=f"CAR flow negative, qPCR quantified {values}",
                advice=f"check specimen age, events, reagent; {stated}",
                evidence=evidence,
                contradicts=(flow_rule.id,),
            )
        )
    if flow_below is False and copies.quantity.state is ValueState.NOT_DETECTED:
        found.append(
            Pattern(
                sentence=f"CAR flow positive, qPCR not detected {values}",
                advice="check DNA input; mRNA-modified cells",
                evidence=evidence,
                contradicts=(transgene_rule.id,),
            )
        )
    return _Comparison(patterns=tuple(found), compared=("flow and qPCR",), samples=pair)


def _units(case: Case, rule: DiscordanceRule, transgene_rule: TransgeneLossRule) -> _Comparison | None:
    """Across the bracket of a loss where there is one, else between the last two dates both units were measured on."""
    where = transgene_rule.specimen_type
    per_ug = case.samples(Analyte.TRANSGENE_COPIES_PER_UG_DNA, where)
    per_ul = case.samples(Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, where)
    both = sorted({s.collected_on for s in per_ug} & {s.collected_on for s in per_ul})
    if len(both) < 2:
        return None
    spans = [(both[-2], both[-1])]
    change = read_transgene(case, transgene_rule).change
    if change.last_against is not None and change.first is not None:
        spans.insert(0, (change.last_against.collected_on, change.first.collected_on))
    for earlier, later in spans:  # what the loss rests on is looked at first
        found = divergence_between(case, rule, where, earlier, later)
        if found is None:
            continue
        ug = f"copies/µg {found.per_ug_before} to {found.per_ug_after}"
        ul = f"copies/µL {found.per_ul_before} to {found.per_ul_after}"
        days = f"{wording.day(case.timeline.day_of(earlier))} to {wording.day(case.timeline.day_of(later))}"
        what = "Copies/µg fell, copies/µL did not" if found.per_ug_fell else "Copies/µL fell, copies/µg did not"
        pattern = Pattern(
            sentence=f"{what} from {days} ({ug}, {ul})",
            advice="denominator shift after lymphodepletion",
            evidence=tuple(sample.evidence("units compared") for sample in found.samples),
        )
        return _Comparison(patterns=(pattern,), compared=("copies/µg and copies/µL",), samples=found.samples)
    latest = tuple(s for s in (*per_ug, *per_ul) if s.collected_on in both[-2:])
    return _Comparison(patterns=(), compared=("copies/µg and copies/µL",), samples=latest)
