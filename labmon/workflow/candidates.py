"""What the Eligibility page asks for: one row a patient, with the findings its criteria rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from labmon.criteria.protocol import Protocol, rule_of
from labmon.criteria.rule_kinds import EarlyFunctionalLossRule
from labmon.criteria.trial_sections import AnsweredByRule
from labmon.domain.finding import CriterionAnswer, Finding
from labmon.trial.eligibility import DecisionState
from labmon.workflow.assess import Assessment

__all__ = ["CandidateRow", "DecisionState", "candidate_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """One patient of the matrix."""

    patient_code: str
    as_of: date
    day: int | None
    """Days since the infusion on the day the study is looked at; None without an infusion."""
    answers: tuple[CriterionAnswer, ...]
    """One a criterion, in the order of the protocol."""
    decision: DecisionState
    decision_text: str
    behind: Mapping[str, tuple[Finding, ...]]
    """The findings of the rules a criterion's own rule looks at, by the criterion's id."""


def candidate_rows(assessments: Iterable[Assessment], protocol: Protocol) -> tuple[CandidateRow, ...]:
    """The matrix, in order of the patients' codes."""
    rules = _rules_behind(protocol)
    return tuple(_row(assessment, rules) for assessment in assessments)


def _row(assessment: Assessment, rules: Mapping[str, tuple[str, ...]]) -> CandidateRow:
    timeline = assessment.timeline
    return CandidateRow(
        patient_code=assessment.patient_code,
        as_of=assessment.as_of,
        day=timeline.day_of(assessment.as_of) if timeline else None,
        answers=assessment.criteria,
        decision=assessment.decision.state,
        decision_text=assessment.decision.text,
        behind={
            criterion_id: tuple(finding for finding in assessment.findings if finding.rule_id in wanted)
            for criterion_id, wanted in rules.items()
        },
    )


def _rules_behind(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """For each criterion that a rule answers: the rules this one looks at."""
    found = {}
    for criterion in protocol.criteria:
        if isinstance(criterion.answered_by, AnsweredByRule):
            rule = rule_of(protocol, criterion.answered_by.rule, EarlyFunctionalLossRule)
            found[criterion.id] = (*rule.any_of, rule.mrd, rule.discordance)
    return found
