"""Hematogones (R3): normal B precursors in a marrow inside the window, as the laboratory reported them."""

from __future__ import annotations

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import drug_effects, product_obstacle, target_obstacle
from labmon.criteria.case import Case
from labmon.criteria.closing import nothing_more_comes, surveillance_only
from labmon.criteria.rule_kinds import HematogonesRule
from labmon.criteria.window import Placement, place
from labmon.domain import wording
from labmon.domain.clinical import DiseaseAssessment, HematogonesState
from labmon.domain.finding import Evidence, Finding, FlagState


def judge(case: Case, rule: HematogonesRule) -> Finding:
    """A single marrow counts; nobody published how many hematogones are enough."""
    obstacle = product_obstacle(case) or target_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle)
    marrows = _marrows(case)
    assessed = [each for each in marrows if each.hematogones_state is not HematogonesState.NOT_ASSESSED]
    present = next((each for each in assessed if each.hematogones_state is HematogonesState.PRESENT), None)
    if not assessed:
        said = "The laboratory did not assess hematogones." if marrows else "There is no marrow since the infusion."
        return cannot_say(case, rule, Obstacle(sentence=said, missing=("hematogones in a marrow",)))
    if present is None:
        last = assessed[-1]
        day = wording.day(case.timeline.day_of(last.assessed_on))
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            f"No hematogones in the marrow of {day}.",
            evidence=(_evidence(case, last, "absent"),),
            would_change=()
            if nothing_more_comes(case)
            else ((FlagState.MET, "hematogones in a later marrow inside the window"),),
            cautions=surveillance_only(case),
            has_window=True,
        )
    absent = [each for each in assessed if each.assessed_on < present.assessed_on]
    left = absent[-1].assessed_on if absent else case.infused_on
    evidence = (
        *(_evidence(case, each, "last absent") for each in absent[-1:]),
        _evidence(case, present, "first present"),
    )
    bracket = (case.timeline.day_of(left), case.timeline.day_of(present.assessed_on))
    placement = place(left, present.assessed_on, case.window_end)
    day, end = wording.day(bracket[1]), wording.day(case.window_end_day)
    state, sentence = {
        Placement.INSIDE: (FlagState.MET, f"Hematogones in the marrow of {day}, inside the window that ends on {end}."),
        Placement.OUTSIDE: (FlagState.NOT_MET, f"Hematogones first on {day}, after the window that ended on {end}."),
        Placement.STRADDLES: (
            FlagState.NOT_EVALUABLE,
            f"Hematogones may have come by {day}; the window ended on {end}, before this marrow: not shown by it.",
        ),
    }[placement]
    return answer(
        case,
        rule,
        state,
        sentence,
        evidence=evidence,
        cautions=("single specimen", *surveillance_only(case)),
        bracket=bracket,
        confirmed_day=bracket[1] if state is FlagState.MET else None,
        has_window=True,
    )


def _marrows(case: Case) -> list[DiseaseAssessment]:
    """The marrows of this course that a depleting drug or a transplant does not explain."""
    drugs = drug_effects(case)
    end = case.course_end
    return sorted(
        (
            each
            for each in case.timeline.record.disease_assessments
            if case.infused_on < each.assessed_on <= case.until
            and (end is None or each.assessed_on < end.on)
            and not any(drug.covers(each.assessed_on) for drug in drugs)
            and (each.marrow_blasts_pct is not None or each.hematogones_state is not HematogonesState.NOT_ASSESSED)
        ),
        key=lambda each: each.assessed_on,
    )


def _evidence(case: Case, assessment: DiseaseAssessment, role: str) -> Evidence:
    return Evidence(
        text=f"hematogones {assessment.hematogones_state.value}",
        role=role,
        day=case.timeline.day_of(assessment.assessed_on),
        collected_on=assessment.assessed_on,
    )
