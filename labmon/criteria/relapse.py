"""Freedom from relapse: what was recorded, what marrow and extramedullary status show, what MRD leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from labmon.criteria.case import Case
from labmon.criteria.protocol import Answer
from labmon.criteria.rule_kinds import EarlyFunctionalLossRule
from labmon.domain import wording
from labmon.domain.clinical import DiseaseAssessment, EmdState
from labmon.domain.finding import Evidence, Finding, FlagState


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseStatus:
    """What is known about the disease from shortly before the loss on."""

    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    signs: str = ""
    """Disease seen although no relapse is recorded."""
    stale: str = ""


def relapse_of(case: Case, rule: EarlyFunctionalLossRule, findings: Mapping[str, Finding]) -> Evidence | None:
    """The relapse on record since the infusion, MRD recurrence among them where the protocol says so."""
    dates = case.relapses
    if dates:
        day = case.timeline.day_of(dates[0])
        return Evidence(text="relapse", role="relapse", day=day, collected_on=dates[0])
    mrd = findings.get(rule.mrd)
    counts = case.protocol.relapse.mrd_recurrence_is_relapse is Answer.YES
    if counts and mrd is not None and mrd.flag_state is FlagState.MET and mrd.evidence:
        first = mrd.evidence[0]
        return Evidence(
            text=f"MRD recurrence, which this protocol counts as relapse ({first.text})",
            role="relapse",
            day=first.day,
            collected_on=first.collected_on,
            result_id=first.result_id,
            run_code=first.run_code,
        )
    return None


def disease_around(case: Case, first: date) -> DiseaseStatus:
    """Marrow and extramedullary status from shortly before the first qualifying sample, or any time after it.

    One from before the infusion counts too when it is fresh enough and shows no disease; disease seen then is what the
    infusion was given for, and no relapse.
    """
    limit = case.protocol.relapse.max_age
    assessments = [each for each in case.timeline.record.disease_assessments if each.assessed_on <= case.until]
    marrow = [
        each for each in assessments if each.marrow_blasts_pct is not None and _counts(case, each, is_marrow=True)
    ]
    emd = [
        each for each in assessments if each.emd_state is not EmdState.UNKNOWN and _counts(case, each, is_marrow=False)
    ]
    evidence: list[Evidence] = []
    missing: list[str] = []
    stale: list[str] = []
    signs: list[str] = []
    for known, name in ((marrow, "marrow status"), (emd, "extramedullary status")):
        latest = max(known, key=lambda each: each.assessed_on, default=None)
        if latest is None:
            missing.append(name)
            stale.append(f"no {name} is on record")
            continue
        day = case.timeline.day_of(latest.assessed_on)
        if not limit.holds((first - latest.assessed_on).days):
            missing.append(name)
            stale.append(f"the {name} is of {wording.day(day)}, more than {limit.amount} before the loss")
            continue
        text, sign = _status(case, latest, is_marrow=known is marrow)
        evidence.append(
            Evidence(text=text, role="disease" if sign else "no relapse", day=day, collected_on=latest.assessed_on)
        )
        if sign:
            signs.append(f"{text} on {wording.day(day)}")
    return DiseaseStatus(
        evidence=tuple(evidence), missing=tuple(missing), stale=" and ".join(stale), signs=" and ".join(signs)
    )


def _counts(case: Case, assessment: DiseaseAssessment, *, is_marrow: bool) -> bool:
    return assessment.assessed_on > case.infused_on or not _status(case, assessment, is_marrow=is_marrow)[1]


def _status(case: Case, assessment: DiseaseAssessment, *, is_marrow: bool) -> tuple[str, bool]:
    """The status in words, and whether it is a sign of disease."""
    if not is_marrow:
        is_present = assessment.emd_state is EmdState.PRESENT
        return f"extramedullary disease {assessment.emd_state}", is_present
    blasts = assessment.marrow_blasts_pct
    assert blasts is not None  # the caller chose assessments that state them
    limit = case.protocol.relapse.marrow_blasts
    text = f"marrow blasts {wording.count_beside(blasts, limit.value)}{wording.NO_BREAK_SPACE}%"
    return text, not limit.holds(blasts)


def mrd_question(case: Case, rule: EarlyFunctionalLossRule, findings: Mapping[str, Finding]) -> tuple[str, ...]:
    """What the coordinator is asked when MRD is back and the protocol has no answer to it."""
    mrd = findings.get(rule.mrd)
    is_open = case.protocol.relapse.mrd_recurrence_is_relapse is Answer.UNANSWERED
    if not is_open or mrd is None or mrd.flag_state is not FlagState.MET:
        return ()
    question = (
        "MRD is positive without morphological relapse: does the protocol count MRD recurrence as relapse? "
        "The coordinator answers once per protocol."
    )
    return (question,)
