"""Answers a criterion by a person's dated attestation, where no instrument measures it."""

from __future__ import annotations

from labmon.criteria.trial_sections import EligibilityCriterion
from labmon.domain.clinical import AttestedState
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence
from labmon.trial.answering import LookedAt, made


def by_person(criterion: EligibilityCriterion, asked_of: str, looked_at: LookedAt) -> CriterionAnswer:
    given = [
        each
        for each in looked_at.record.attestations
        if each.criterion_id == criterion.id and each.attested_on <= looked_at.as_of
    ]
    if not given:
        return made(
            criterion,
            CriterionState.NEEDS_DECISION,
            f"No instrument measures this: the {asked_of} attests it.",
            brief=f"{criterion.id} needs a person",
            missing=(f"attestation by the {asked_of}",),
            would_change=(
                (CriterionState.MET, f"attested as met by the {asked_of}"),
                (CriterionState.NOT_MET, f"attested as not met by the {asked_of}"),
            ),
        )
    latest = max(each.attested_on for each in given)
    last = [each for each in given if each.attested_on == latest]
    evidence = tuple(
        Evidence(
            text=f"{each.attested_state.value.replace('_', ' ')}, attested by {each.attested_by}"
            + (f": {each.note}" if each.note else ""),
            role="attestation",
            day=looked_at.day(each.attested_on),
            collected_on=each.attested_on,
        )
        for each in last
    )
    if len({each.attested_state for each in last}) > 1:
        return made(
            criterion,
            CriterionState.CONFLICT,
            f"Two attestations of {looked_at.said_of(latest)} contradict each other.",
            brief=f"{criterion.id} in conflict: a person decides",
            evidence=evidence,
            missing=(f"one attestation by the {asked_of}",),
            would_change=((CriterionState.MET, "a later attestation as met"),),
        )
    is_met = last[0].attested_state is AttestedState.MET
    return made(
        criterion,
        CriterionState.MET if is_met else CriterionState.NOT_MET,
        f"Attested as {'met' if is_met else 'not met'} by {last[0].attested_by} on {looked_at.said_of(latest)}.",
        evidence=evidence,
        would_change=(
            (CriterionState.NOT_MET if is_met else CriterionState.MET, "a later attestation that says otherwise"),
        ),
    )
