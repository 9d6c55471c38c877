"""Whether a patient may enter the trial: every criterion with its state, its reason and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from labmon.criteria.limit import Limit
from labmon.criteria.protocol import Protocol
from labmon.criteria.trial_sections import (
    ActiveInfection,
    AgeAtConsent,
    AllOf,
    AnsweredByPerson,
    AnsweredByRule,
    AnyOf,
    ConsentByAge,
    EcogWithin,
    EjectionFraction,
    EligibilityCriterion,
    LabAgainstLimit,
    LabAgainstUln,
    MarrowBeforeInfusion,
    MarrowOnRecord,
    NoImmunotherapy,
    NoneOf,
    NyhaAmong,
    Part,
    TargetOnLeukaemia,
)
from labmon.domain import wording
from labmon.domain.clinical import ConsentKind, DiseaseAssessment, PatientRecord
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence, Finding, FlagState
from labmon.domain.protocol_confirmation import ProtocolConfirmation, standing
from labmon.kinetics.timeline import Timeline
from labmon.trial import clinical_criteria
from labmon.trial.age import completed_years
from labmon.trial.answering import LookedAt, made, named, unknown
from labmon.trial.attestation import by_person


class DecisionState(StrEnum):
    """Where a patient stands before the signature."""

    READY_TO_SIGN = "ready_to_sign"
    OPEN = "open"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision:
    """All criteria together, in the few words of a matrix row."""

    state: DecisionState
    text: str
    open_criteria: tuple[str, ...] = ()
    """The criteria that are neither met nor failed for good."""
    failed_criteria: tuple[str, ...] = ()


def decide(answers: Sequence[CriterionAnswer]) -> EligibilityDecision:
    """Eligible only when all are met; one that is not met for good ends it, whatever else is open."""
    failed = tuple(a.criterion_id for a in answers if a.state is CriterionState.NOT_MET and a.is_final)
    still_open = [a for a in answers if a.state is not CriterionState.MET and a.criterion_id not in failed]
    ids = tuple(a.criterion_id for a in still_open)
    if failed:
        return EligibilityDecision(
            state=DecisionState.NOT_ELIGIBLE,
            text=f"not eligible: {', '.join(failed)}",
            open_criteria=ids,
            failed_criteria=failed,
        )
    if not answers:
        return EligibilityDecision(state=DecisionState.OPEN, text="the protocol states no criteria")
    if not still_open:
        return EligibilityDecision(state=DecisionState.READY_TO_SIGN, text="ready to sign")
    return EligibilityDecision(state=DecisionState.OPEN, text=_said_of_open(still_open), open_criteria=ids)


def _said_of_open(answers: list[CriterionAnswer]) -> str:
    if len(answers) == 1:
        return answers[0].brief or f"{answers[0].criterion_id} {answers[0].state.label}"
    if all(a.state in (CriterionState.UNKNOWN, CriterionState.NOT_EVALUABLE) and a.missing for a in answers):
        return f"{sum(len(a.missing) for a in answers)} missing"
    if all(a.state is CriterionState.NEEDS_DECISION for a in answers):
        return f"{', '.join(a.criterion_id for a in answers)} need a person"
    return f"{len(answers)} open"


def eligibility(
    timeline: Timeline | None,
    record: PatientRecord,
    findings: Sequence[Finding],
    protocol: Protocol,
    *,
    as_of: date,
    confirmations: Iterable[ProtocolConfirmation] = (),
) -> tuple[CriterionAnswer, ...]:
    """One answer a criterion, in the order of the protocol, from what was on record with a date up to `as_of`."""
    looked_at = LookedAt(
        timeline=timeline,
        record=record,
        findings=tuple(findings),
        protocol=protocol,
        as_of=as_of,
        confirmed=standing(confirmations, protocol_id=protocol.id, protocol_version=protocol.version, as_of=as_of),
    )
    return tuple(_answer(criterion, looked_at) for criterion in protocol.criteria)


def _answer(criterion: EligibilityCriterion, looked_at: LookedAt) -> CriterionAnswer:
    binding = criterion.answered_by
    if isinstance(binding, AllOf | AnyOf | NoneOf):
        answer = _together(criterion, binding, looked_at)
    else:
        answer = _answer_part(criterion, binding, looked_at)
    if criterion.needs_confirmation and criterion.id not in looked_at.confirmed:
        return _awaiting_confirmation(criterion, answer)
    return answer


def _answer_part(criterion: EligibilityCriterion, part: Part, looked_at: LookedAt) -> CriterionAnswer:
    match part:
        case MarrowBeforeInfusion():
            return _marrow_before_infusion(criterion, part, looked_at)
        case AnsweredByRule():
            return _by_rule(criterion, part, looked_at)
        case AgeAtConsent():
            return _age_at_consent(criterion, part, looked_at)
        case AnsweredByPerson():
            return by_person(criterion, part.asked_of, looked_at)
        case ConsentByAge():
            return _consent_by_age(criterion, part, looked_at)
        case MarrowOnRecord():
            return clinical_criteria.marrow_on_record(criterion, part, looked_at)
        case EcogWithin():
            return clinical_criteria.ecog(criterion, part, looked_at)
        case TargetOnLeukaemia():
            return clinical_criteria.target(criterion, part, looked_at)
        case EjectionFraction():
            return clinical_criteria.ejection_fraction(criterion, part, looked_at)
        case NyhaAmong():
            return clinical_criteria.nyha(criterion, part, looked_at)
        case LabAgainstLimit() | LabAgainstUln():
            return clinical_criteria.laboratory(criterion, part, looked_at)
        case ActiveInfection():
            return clinical_criteria.active_infection(criterion, part, looked_at)
        case NoImmunotherapy():
            return clinical_criteria.no_immunotherapy(criterion, part, looked_at)


_OPEN_STATES = (
    CriterionState.CONFLICT,
    CriterionState.HELD,
    CriterionState.UNKNOWN,
    CriterionState.NOT_EVALUABLE,
    CriterionState.UNCONFIRMED,
    CriterionState.NEEDS_DECISION,
)
"""In this order an open part names the state of the whole: what no person can settle by deciding comes first."""


def _together(criterion: EligibilityCriterion, binding: AllOf | AnyOf | NoneOf, looked_at: LookedAt) -> CriterionAnswer:
    """Three-valued: a part that settles the whole does so whatever is missing in the others."""
    answers = [_answer_part(criterion, part, looked_at) for part in binding.parts]
    settles, whole = {
        AllOf: (CriterionState.NOT_MET, CriterionState.NOT_MET),
        AnyOf: (CriterionState.MET, CriterionState.MET),
        NoneOf: (CriterionState.MET, CriterionState.NOT_MET),
    }[type(binding)]
    if settling := [each for each in answers if each.state is settles]:
        return _whole(criterion, whole, settling, settling, is_final=any(each.is_final for each in settling))
    if still_open := [each for each in answers if each.state in _OPEN_STATES]:
        state = min((each.state for each in still_open), key=_OPEN_STATES.index)
        missing = tuple(dict.fromkeys(what for each in still_open for what in each.missing))
        if isinstance(binding, AnyOf) and len(still_open) > 1 and missing:
            missing = (" or ".join(missing),)  # one of them is enough
        return _whole(criterion, state, still_open, answers, missing=missing)
    whole = CriterionState.MET if whole is CriterionState.NOT_MET else CriterionState.NOT_MET
    return _whole(criterion, whole, answers, answers, is_final=all(each.is_final for each in answers))


def _whole(
    criterion: EligibilityCriterion,
    state: CriterionState,
    said: Sequence[CriterionAnswer],
    shown: Sequence[CriterionAnswer],
    *,
    missing: tuple[str, ...] = (),
    is_final: bool = True,
) -> CriterionAnswer:
    """The answer of several parts: the sentences of those that decide, the evidence of all that were looked at."""
    if missing and state is not CriterionState.NEEDS_DECISION:
        brief = named(missing)
    else:
        brief = next((each.brief for each in said if each.brief), "")
    turned = {CriterionState.MET: CriterionState.NOT_MET, CriterionState.NOT_MET: CriterionState.MET}
    answer = made(
        criterion,
        state,
        " ".join(each.sentence for each in said),
        brief=brief,
        evidence=tuple(evidence for each in shown for evidence in each.evidence),
        missing=missing,
        would_change=tuple(
            (turned.get(state, CriterionState.MET), what) for each in said for _state, what in each.would_change[:1]
        ),
        findings=tuple(finding for each in shown for finding in each.findings),
    )
    return replace(answer, is_final=is_final)


def _awaiting_confirmation(criterion: EligibilityCriterion, answer: CriterionAnswer) -> CriterionAnswer:
    """Nobody is judged by a reading that differs from the registry's words before a person stands for it."""
    printed = f" as {criterion.printed_as}" if criterion.printed_as is not None else ""
    return made(
        criterion,
        CriterionState.NEEDS_DECISION,
        f"The registry prints this{printed}; labmon reads it as {criterion.role}. The coordinator confirms the reading"
        f" once for the protocol. By that reading: {answer.state.label}. {answer.sentence}",
        brief=f"{criterion.id}: reading not confirmed",
        evidence=answer.evidence,
        missing=(f"the coordinator's confirmation of how {criterion.id} is read", *answer.missing),
        would_change=((answer.state, "the reading confirmed against the signed protocol"),),
        findings=answer.findings,
    )


# --- marrow before the infusion ---------------------------------------------------------------------------------------


def _marrow_before_infusion(
    criterion: EligibilityCriterion, binding: MarrowBeforeInfusion, looked_at: LookedAt
) -> CriterionAnswer:
    timeline = looked_at.timeline
    if timeline is None:
        return unknown(criterion, "No CAR-T infusion is on record.", "CAR-T infusion")
    infused_on = timeline.infusion.infused_on
    before = [
        each
        for each in looked_at.record.disease_assessments
        if each.marrow_blasts_pct is not None and each.assessed_on <= infused_on
    ]
    episode = [each for each in before if binding.max_age.holds((infused_on - each.assessed_on).days)]
    if not episode:
        older = (
            f"; the last one, {wording.day(timeline.day_of(before[-1].assessed_on))}, is older than "
            f"{binding.max_age.amount}"
            if before
            else ""
        )
        return unknown(
            criterion,
            f"No marrow of the episode before the infusion is on record{older}.",
            "marrow before the infusion",
        )
    highest = max(episode, key=lambda each: (each.marrow_blasts_pct or 0, each.assessed_on))
    is_met = binding.blasts.holds(highest.marrow_blasts_pct or 0)
    day = wording.day(timeline.day_of(highest.assessed_on))
    said = f"Marrow blasts {_blasts(highest, binding.blasts)} on {day}, before the infusion"
    evidence = Evidence(
        text=f"marrow blasts {_blasts(highest, binding.blasts)}",
        role="marrow before the infusion",
        day=timeline.day_of(highest.assessed_on),
        collected_on=highest.assessed_on,
    )
    if is_met:
        sentence = f"{said}: {binding.blasts.words}."
        change = (CriterionState.NOT_MET, f"the marrow amended to less than {binding.blasts.amount}")
        return made(criterion, CriterionState.MET, sentence, evidence=(evidence,), would_change=(change,))
    return made(
        criterion,
        CriterionState.NOT_MET,
        f"{said}: not {binding.blasts.words}.",
        evidence=(evidence,),
        would_change=((CriterionState.MET, f"another marrow of this episode with {binding.blasts.text}"),),
    )


def _blasts(assessment: DiseaseAssessment, limit: Limit) -> str:
    return f"{wording.count_beside(assessment.marrow_blasts_pct or 0, limit.value)}{wording.NO_BREAK_SPACE}%"


# --- a rule -----------------------------------------------------------------------------------------------------------


def _by_rule(criterion: EligibilityCriterion, binding: AnsweredByRule, looked_at: LookedAt) -> CriterionAnswer:
    finding = next((f for f in looked_at.findings if f.rule_id == binding.rule), None)
    if looked_at.timeline is None or finding is None:
        return unknown(criterion, "No CAR-T infusion is on record, so no rule can be applied.", "CAR-T infusion")
    answer = made(
        criterion,
        CriterionState(finding.flag_state.value),
        finding.sentence,
        brief=_brief(criterion, finding, looked_at.timeline, looked_at),
        evidence=finding.evidence,
        missing=finding.missing,
        would_change=tuple((CriterionState(state.value), what) for state, what in finding.would_change),
        findings=(finding,),
    )
    return replace(answer, is_final=not _is_so_far(finding, looked_at.timeline, looked_at))


def _is_so_far(finding: Finding, timeline: Timeline, looked_at: LookedAt) -> bool:
    """Whether "not met" is what is known so far: the window is open and the finding says what would change it."""
    end = finding.window_end_day
    is_open = end is not None and timeline.day_of(looked_at.as_of) <= end
    return finding.flag_state is FlagState.NOT_MET and is_open and bool(finding.would_change)


def _brief(criterion: EligibilityCriterion, finding: Finding, timeline: Timeline, looked_at: LookedAt) -> str:
    match finding.flag_state:
        case FlagState.UNCONFIRMED if finding.repeat_by is not None:
            word = "by" if looked_at.as_of <= finding.repeat_by else "overdue since"
            return f"repeat {word} d {timeline.day_of(finding.repeat_by)}"
        case FlagState.HELD:
            runs = dict.fromkeys(e.run_code for e in finding.evidence if e.run_code and e.role.endswith("held"))
            return f"run {', '.join(runs)} held" if runs else f"{criterion.id} held"
        case FlagState.CONFLICT:
            return f"{criterion.id} in conflict: a person decides"
        case FlagState.NOT_EVALUABLE if finding.missing:
            return named(finding.missing)
        case FlagState.NOT_EVALUABLE:
            kind = timeline.infusion.car_costimulation
            applies = kind in looked_at.protocol.product.costimulation
            return f"{criterion.id} not evaluable" if applies else f"{kind.label} product"
        case FlagState.NOT_MET if _is_so_far(finding, timeline, looked_at):
            return f"{criterion.id} not met so far"
        case _:
            return ""


# --- age --------------------------------------------------------------------------------------------------------------


def _age_at_consent(criterion: EligibilityCriterion, binding: AgeAtConsent, looked_at: LookedAt) -> CriterionAnswer:
    born = looked_at.record.patient.birth_date
    given = looked_at.consents(ConsentKind.CONSENT, ConsentKind.GUARDIAN_CONSENT)
    lacking = [name for name, known in (("birth date", born), ("consent date", given)) if not known]
    if born is None or not given:
        return unknown(criterion, f"The {' and the '.join(lacking)} {_are(lacking)} not on record.", *lacking)
    signed = given[-1].consented_on
    age = completed_years(born, signed)
    evidence = (
        Evidence(text=f"born {born.isoformat()}", role="birth date", collected_on=born),
        Evidence(text="consent", role="consent", day=looked_at.day(signed), collected_on=signed),
    )
    is_met = binding.youngest.holds(age) and binding.oldest.holds(age)
    limits = f"{wording.limit(binding.youngest.value)} to {wording.limit(binding.oldest.value)}"
    return made(
        criterion,
        CriterionState.MET if is_met else CriterionState.NOT_MET,
        f"{age} completed years on the day of consent ({looked_at.said_of(signed)}), {limits} asked.",
        evidence=evidence,
        would_change=(
            (CriterionState.NOT_MET if is_met else CriterionState.MET, "the birth date or the consent date amended"),
        ),
    )


def _are(words: Sequence[str]) -> str:
    return "are" if len(words) > 1 else "is"


# --- consent ----------------------------------------------------------------------------------------------------------


def _consent_by_age(criterion: EligibilityCriterion, binding: ConsentByAge, looked_at: LookedAt) -> CriterionAnswer:
    given = looked_at.consents(ConsentKind.CONSENT, ConsentKind.GUARDIAN_CONSENT, ConsentKind.ASSENT)
    withdrawn = looked_at.consents(ConsentKind.WITHDRAWAL)
    evidence = tuple(
        Evidence(
            text=each.consent_kind.value.replace("_", " "),
            role="consent",
            day=looked_at.day(each.consented_on),
            collected_on=each.consented_on,
        )
        for each in (*given, *withdrawn[-1:])
    )
    if withdrawn and not any(each.consented_on > withdrawn[-1].consented_on for each in given):
        return made(
            criterion,
            CriterionState.NOT_MET,
            f"Consent was withdrawn on {looked_at.said_of(withdrawn[-1].consented_on)}.",
            evidence=evidence,
            would_change=((CriterionState.MET, "a new consent"),),
        )
    since = withdrawn[-1].consented_on if withdrawn else date.min
    valid = {each.consent_kind for each in given if each.consented_on > since}
    born = looked_at.record.patient.birth_date
    if not valid:
        return unknown(criterion, "No consent is on record.", "consent")
    if born is None:
        return unknown(criterion, "The birth date is not on record; it decides whose consent is needed.", "birth date")
    age = completed_years(born, max(each.consented_on for each in given))
    needed = _needed(binding, age)
    lacking = [kind.value.replace("_", " ") for kind in needed if kind not in valid]
    if lacking:
        answer = unknown(
            criterion,
            f"At {age} years the {' and the '.join(lacking)} {_are(lacking)} needed and not on record.",
            *lacking,
        )
        return made(
            criterion,
            answer.state,
            answer.sentence,
            brief=answer.brief,
            evidence=evidence,
            missing=answer.missing,
            would_change=tuple((CriterionState.MET, f"{what} signed") for what in lacking),
        )
    words = " and ".join(kind.value.replace("_", " ") for kind in needed)
    return made(
        criterion,
        CriterionState.MET,
        f"{words[0].upper()}{words[1:]} on record, as needed at {age} years.",
        evidence=evidence,
        would_change=((CriterionState.NOT_MET, "consent withdrawn"),),
    )


def _needed(binding: ConsentByAge, age: int) -> tuple[ConsentKind, ...]:
    if binding.adult_from.holds(age):
        return (ConsentKind.CONSENT,)
    if binding.assent_from.holds(age):
        return ConsentKind.GUARDIAN_CONSENT, ConsentKind.ASSENT
    return (ConsentKind.GUARDIAN_CONSENT,)
