"""A patient's response by every rule set side by side, with marrow relapse, CNS status and what MRD may be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labmon.domain.clinical import ResponseCategory
from labmon.trial.cns import CnsCall, cns_status
from labmon.trial.marrow_relapse import RelapseCall, RelapseState, marrow_relapse, marrows_of
from labmon.trial.mrd_status import MrdStatus, mrd_status
from labmon.trial.observations import Observations, observations_of
from labmon.trial.response import ResponseCall, course_of_response, side_by_side
from labmon.trial.response_dates import best_response, remission_on, treatment_failure_on
from labmon.trial.response_rules import (
    ResponseRuleSet,
    load_cns_definition,
    load_mrd_definitions,
    load_relapse_table,
    load_rule_sets,
)
from labmon.workflow.assess import Assessment

__all__ = ["ResponseCall", "Responses", "SetResponse", "responses_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResponse:
    """One rule set over the course."""

    rules: ResponseRuleSet
    call: ResponseCall
    """On the day the patient is looked at."""
    last: ResponseCall | None
    """On the last day somebody assessed the disease; None when nobody did."""
    best: ResponseCategory
    remission_on: date | None
    failed_on: date | None
    """Primary refractory: the assessment that establishes it."""
    relapse: RelapseCall | None
    """Marrow relapse with MRD after this set's remission; None without one."""

    @property
    def sentence(self) -> str:
        """ "CRi by ELN 2024: platelets 100 · 10⁹/L is a boundary value; CR needs …"."""
        call = self.call
        said = f"{call.category.label} by {self.rules.title}"
        if call.missing:
            better = f"{call.at_best.label} would need" if call.at_best is not None else "a call needs"
            said += f"; {better} {', '.join(call.missing)}"
        if call.sustained is False and call.sustained_from is not None:
            said += f"; not shown to last before {call.sustained_from.isoformat()}"
        return f"{said[0].upper()}{said[1:]}."

    @property
    def event_text(self) -> str:
        """The relapse or treatment failure that ended the response, or what leaves it open; empty without one."""
        relapse = self.relapse
        if relapse is not None and relapse.relapsed_on is not None:
            return f"relapse {relapse.relapsed_on.isoformat()}"
        if relapse is not None and relapse.state is RelapseState.UNCONFIRMED:
            return f"unconfirmed relapse, {'; '.join(relapse.missing)}"
        return f"failure {self.failed_on.isoformat()}" if self.failed_on is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    patient_code: str
    on: date
    sets: tuple[SetResponse, ...]
    cns: CnsCall | None
    """Of the last lumbar puncture."""
    mrd: MrdStatus | None
    """Of the last marrow."""


def responses_of(assessment: Assessment) -> Responses | None:
    """None without an infusion: a response is counted from one."""
    if assessment.timeline is None:
        return None
    observations = observations_of(assessment.timeline)
    definitions = load_mrd_definitions()
    punctures = [cns_status(csf, load_cns_definition()) for csf in observations.csf]
    return Responses(
        patient_code=assessment.patient_code,
        on=assessment.as_of,
        sets=tuple(_set_response(observations, rules, assessment.as_of) for rules in load_rule_sets()),
        cns=punctures[-1] if punctures else None,
        mrd=mrd_status(observations.mrd[-1], definitions) if observations.mrd else None,
    )


def _set_response(observations: Observations, rules: ResponseRuleSet, on: date) -> SetResponse:
    (call,) = side_by_side(observations, (rules,), on)
    calls = course_of_response(observations, rules)
    remitted_on = remission_on(calls, rules)
    return SetResponse(
        rules=rules,
        call=call,
        last=calls[-1] if calls else None,
        best=best_response(calls, rules),
        remission_on=remitted_on,
        failed_on=treatment_failure_on(calls, rules, observations),
        relapse=None
        if remitted_on is None
        else marrow_relapse(marrows_of(observations), load_relapse_table(), remission_on=remitted_on),
    )
