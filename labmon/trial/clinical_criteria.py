"""Answers criteria from clinical facts: marrow, performance, target, heart, laboratory, infections, other therapy."""

from __future__ import annotations

from labmon.criteria.limit import Limit
from labmon.criteria.trial_sections import (
    ActiveInfection,
    EcogWithin,
    EjectionFraction,
    EligibilityCriterion,
    LabAgainstLimit,
    LabAgainstUln,
    MarrowOnRecord,
    NoImmunotherapy,
    NyhaAmong,
    TargetOnLeukaemia,
)
from labmon.domain import wording
from labmon.domain.clinical import InfectionState, InfusionKind, LabValue
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence
from labmon.trial.answering import LookedAt, judged, made, unknown
from labmon.trial.attestation import by_person

_UNSEEN = "is not on record"


def marrow_on_record(criterion: EligibilityCriterion, part: MarrowOnRecord, looked_at: LookedAt) -> CriterionAnswer:
    marrows = [each for each in looked_at.record.disease_assessments if each.marrow_blasts_pct is not None]
    marrow, why = looked_at.latest(marrows, "assessed_on", part.max_age)
    if marrow is None:
        return unknown(criterion, f"The marrow of this episode {why}.", "marrow of this episode")
    text = f"marrow blasts {wording.limit(marrow.marrow_blasts_pct or 0)}{wording.NO_BREAK_SPACE}%"
    evidence = looked_at.seen(text, "marrow", marrow.assessed_on)
    sentence = f"Marrow on {looked_at.said_of(marrow.assessed_on)}: {text.removeprefix('marrow ')}."
    return made(
        criterion,
        CriterionState.MET,
        sentence,
        evidence=(evidence,),
        would_change=((CriterionState.UNKNOWN, "the marrow taken back from the record"),),
    )


def ecog(criterion: EligibilityCriterion, part: EcogWithin, looked_at: LookedAt) -> CriterionAnswer:
    status, why = looked_at.latest(looked_at.record.performance_statuses, "assessed_on", part.max_age)
    if status is None:
        return unknown(criterion, f"ECOG {why}.", "ECOG")
    score = status.ecog_score.value
    asked = f"{part.ecog.comparison.words} {wording.limit(part.ecog.value)}"
    return judged(
        criterion,
        part.ecog.holds(float(score)),
        f"ECOG {score} on {looked_at.said_of(status.assessed_on)}, {asked} asked.",
        looked_at.seen(f"ECOG {score}", "performance", status.assessed_on),
        "a later ECOG score on the other side",
    )


def target(criterion: EligibilityCriterion, part: TargetOnLeukaemia, looked_at: LookedAt) -> CriterionAnswer:
    """Each target of the product must be expressed; while the product is unknown, one measured antigen is taken."""
    measured = looked_at.record.target_expressions
    infusion = next((i for i in looked_at.record.infusions if i.infused_on == looked_at.read_on), None)
    antigens = sorted(infusion.car_targets) if infusion is not None else []
    if not antigens:
        antigens = sorted({each.antigen.strip().upper() for each in measured})
        if len(antigens) > 1:
            return unknown(
                criterion, f"{' and '.join(antigens)} were measured; which the product aims at {_UNSEEN}.", "CAR target"
            )
    if not antigens:
        return unknown(criterion, f"Target expression on the leukaemia {_UNSEEN}.", "target expression by flow")
    said, evidence, lacking, failed = [], [], [], []
    for antigen in antigens:
        of_antigen = [each for each in measured if each.antigen.strip().upper() == antigen]
        last, why = looked_at.latest(of_antigen, "measured_on", part.max_age)
        if last is None:
            lacking.append(f"{antigen} expression by flow")
            said.append(f"{antigen} on the leukaemia {why}")
            continue
        text = f"{antigen} on {wording.limit(last.target_pct_of_blasts)}{wording.NO_BREAK_SPACE}% of blasts"
        evidence.append(looked_at.seen(text, "target", last.measured_on))
        said.append(f"{text} on {looked_at.said_of(last.measured_on)}")
        if not part.positive.holds(last.target_pct_of_blasts):
            failed.append(antigen)
    sentence = f"{'; '.join(said)}: {part.positive.words} asked."
    if lacking and not failed:
        answer = unknown(criterion, sentence, *lacking)
        return made(
            criterion,
            answer.state,
            answer.sentence,
            brief=answer.brief,
            evidence=tuple(evidence),
            missing=answer.missing,
            would_change=answer.would_change,
        )
    return made(
        criterion,
        CriterionState.NOT_MET if failed else CriterionState.MET,
        sentence,
        evidence=tuple(evidence),
        would_change=(
            (CriterionState.MET if failed else CriterionState.NOT_MET, "a later measurement on the other side"),
        ),
    )


def ejection_fraction(criterion: EligibilityCriterion, part: EjectionFraction, looked_at: LookedAt) -> CriterionAnswer:
    measured = [each for each in looked_at.record.cardiac_statuses if each.lvef_fraction is not None]
    status, why = looked_at.latest(measured, "assessed_on", part.max_age)
    if status is None or status.lvef_fraction is None:
        return unknown(criterion, f"LVEF {why}.", "LVEF")
    text = f"LVEF {wording.limit(100 * status.lvef_fraction)}{wording.NO_BREAK_SPACE}%"
    return judged(
        criterion,
        part.lvef.holds(status.lvef_fraction),
        f"{text} on {looked_at.said_of(status.assessed_on)}, {part.lvef.words} asked.",
        looked_at.seen(text, "heart", status.assessed_on),
        "a later echocardiography on the other side",
    )


def nyha(criterion: EligibilityCriterion, part: NyhaAmong, looked_at: LookedAt) -> CriterionAnswer:
    classed = [each for each in looked_at.record.cardiac_statuses if each.nyha_class is not None]
    status, why = looked_at.latest(classed, "assessed_on", part.max_age)
    if status is None or status.nyha_class is None:
        return unknown(criterion, f"The NYHA class {why}.", "NYHA class")
    asked = " or ".join(each.value for each in part.classes)
    return judged(
        criterion,
        status.nyha_class in part.classes,
        f"NYHA class {status.nyha_class} on {looked_at.said_of(status.assessed_on)}, {asked} asked.",
        looked_at.seen(f"NYHA class {status.nyha_class}", "heart", status.assessed_on),
        "a later NYHA class on the other side",
    )


def laboratory(
    criterion: EligibilityCriterion, part: LabAgainstLimit | LabAgainstUln, looked_at: LookedAt
) -> CriterionAnswer:
    """Against a number, or against the upper limit of the very report the value stood on."""
    analyte = part.lab_analyte
    values = [each for each in looked_at.record.lab_values if each.lab_analyte is analyte]
    value, why = looked_at.latest(values, "measured_on", part.max_age)
    label = analyte.label[:1].upper() + analyte.label[1:]
    if value is None:
        return unknown(criterion, f"{label} {why}.", analyte.label)
    when = looked_at.said_of(value.measured_on)
    read = value.read_value
    if read is None:
        return unknown(
            criterion,
            f"{label} of {when} is reported in {value.lab_unit}, which does not fit it.",
            f"{analyte.label} in {analyte.unit}",
        )
    if isinstance(part, LabAgainstUln):
        if not value.upper_limit:
            return unknown(
                criterion,
                f"The report of {analyte.label} of {when} states no upper limit of normal.",
                f"upper limit of normal of {analyte.label} on {value.measured_on.isoformat()}",
            )
        number, shown = value.value / value.upper_limit, _times(value)
    else:
        number, shown = read, f"{wording.number(read)}{wording.NO_BREAK_SPACE}{analyte.unit}"
    return _against(criterion, part.limit, number, f"{analyte.label} {shown}", value, looked_at)


def _times(value: LabValue) -> str:
    assert value.upper_limit  # the caller asked
    times = wording.number(value.value / value.upper_limit)
    return f"{wording.number(value.value)}{wording.NO_BREAK_SPACE}{value.lab_unit} ({times} x ULN)"


def _against(
    criterion: EligibilityCriterion, limit: Limit, number: float, text: str, value: LabValue, looked_at: LookedAt
) -> CriterionAnswer:
    holds = limit.holds(number)
    words = limit.words if holds else f"not {limit.words}"
    return judged(
        criterion,
        holds,
        f"{text[:1].upper()}{text[1:]} on {looked_at.said_of(value.measured_on)}: {words}.",
        looked_at.seen(text, "laboratory", value.measured_on),
        f"a later {value.lab_analyte.label} on the other side of {limit.amount}",
    )


def active_infection(criterion: EligibilityCriterion, part: ActiveInfection, looked_at: LookedAt) -> CriterionAnswer:
    tests = [each for each in looked_at.record.serologies if each.virus is part.virus]
    test, why = looked_at.latest(tests, "tested_on", part.max_age)
    if test is None:
        return unknown(criterion, f"A test for {part.virus} {why}.", f"{part.virus} serology")
    when = looked_at.said_of(test.tested_on)
    text = f"{part.virus} {test.infection_state.value.replace('_', ' ')}"
    evidence = looked_at.seen(text, "serology", test.tested_on)
    if test.infection_state is InfectionState.INDETERMINATE:
        return unknown(criterion, f"The {part.virus} test of {when} is indeterminate.", f"{part.virus} repeat test")
    is_active = test.infection_state is InfectionState.ACTIVE
    return judged(
        criterion, is_active, f"{text} on {when}.", evidence, f"a later {part.virus} test that says otherwise"
    )


def no_immunotherapy(criterion: EligibilityCriterion, part: NoImmunotherapy, looked_at: LookedAt) -> CriterionAnswer:
    """A drug or an infusion inside the window fails it; an empty list proves nothing until a person vouches for it."""
    read_on = looked_at.read_on
    found: list[Evidence] = []
    for drug in looked_at.record.medications:
        if drug.drug_class not in part.drug_classes or drug.started_on > read_on:
            continue
        last = min(drug.ended_on or read_on, read_on)
        if part.window.end(last) >= read_on:
            found.append(looked_at.seen(f"{drug.drug}, last on {last.isoformat()}", "other immunotherapy", last))
    for infusion in looked_at.record.infusions:
        is_earlier = infusion.infusion_kind is InfusionKind.CAR_T and infusion.infused_on < read_on
        if is_earlier and part.window.end(infusion.infused_on) >= read_on:
            text = f"CAR-T cells, infused on {infusion.infused_on.isoformat()}"
            found.append(looked_at.seen(text, "other immunotherapy", infusion.infused_on))
    if found:
        until = f"{part.window.words} before {read_on.isoformat()}"
        return made(
            criterion,
            CriterionState.NOT_MET,
            f"{'; '.join(each.text for each in found)}: within {until}.",
            evidence=tuple(found),
            would_change=((CriterionState.MET, f"{part.window.words} passed since the last dose"),),
        )
    answer = by_person(criterion, part.asked_of, looked_at)
    nothing = f"No other immunotherapy on record within {part.window.words} before {read_on.isoformat()}."
    asked = f" The {part.asked_of} attests that the record is complete."
    return made(
        criterion,
        answer.state,
        nothing + (asked if answer.state is CriterionState.NEEDS_DECISION else f" {answer.sentence}"),
        brief=answer.brief,
        evidence=answer.evidence,
        missing=answer.missing,
        would_change=answer.would_change,
    )
