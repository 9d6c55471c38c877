"""Whether a patient may enter the trial: every criterion with its state, its reason and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.criteria.protocol import Protocol
from labmon.criteria.trial_sections import (
    AgeAtConsent,
    AnsweredByPerson,
    AnsweredByRule,
    ConsentByAge,
    EligibilityCriterion,
    MarrowBeforeInfusion,
)
from labmon.domain import wording
from labmon.domain.clinical import AttestedState, Consent, ConsentKind, DiseaseAssessment, PatientRecord
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence, Finding, FlagState
from labmon.kinetics.timeline import Timeline
from labmon.trial.age import completed_years


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
    """The criteria that are neither met nor failed."""
    failed_criteria: tuple[str, ...] = ()


def decide(answers: Sequence[CriterionAnswer]) -> EligibilityDecision:
    """Eligible only when all are met; one that is not met ends it, whatever else is open."""
    failed = tuple(a.criterion_id for a in answers if a.state is CriterionState.NOT_MET)
    still_open = [a for a in answers if a.state not in (CriterionState.MET, CriterionState.NOT_MET)]
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
) -> tuple[CriterionAnswer, ...]:
    """One answer a criterion, in the order of the protocol, from what was on record with a date up to `as_of`."""
    looked_at = _LookedAt(timeline=timeline, record=record, findings=tuple(findings), protocol=protocol, as_of=as_of)
    return tuple(_answer(criterion, looked_at) for criterion in protocol.criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LookedAt:
    timeline: Timeline | None
    record: PatientRecord
    findings: tuple[Finding, ...]
    protocol: Protocol
    as_of: date

    def day(self, when: date) -> float | None:
        return self.timeline.day_of(when) if self.timeline is not None else None

    def said_of(self, when: date) -> str:
        """The day since the infusion; the date where there is none."""
        day = self.day(when)
        return wording.day(day) if day is not None else when.isoformat()

    def consents(self, *kinds: ConsentKind) -> tuple[Consent, ...]:
        return tuple(
            sorted(
                (c for c in self.record.consents if c.consent_kind in kinds and c.consented_on <= self.as_of),
                key=lambda consent: consent.consented_on,
            )
        )


def _answer(criterion: EligibilityCriterion, looked_at: _LookedAt) -> CriterionAnswer:
    match criterion.answered_by:
        case MarrowBeforeInfusion() as binding:
            return _marrow_before_infusion(criterion, binding, looked_at)
        case AnsweredByRule() as binding:
            return _by_rule(criterion, binding, looked_at)
        case AgeAtConsent() as binding:
            return _age_at_consent(criterion, binding, looked_at)
        case AnsweredByPerson() as binding:
            return _by_person(criterion, binding, looked_at)
        case ConsentByAge() as binding:
            return _consent_by_age(criterion, binding, looked_at)


def _made(
    criterion: EligibilityCriterion,
    state: CriterionState,
    sentence: str,
    *,
    brief: str = "",
    evidence: tuple[Evidence, ...] = (),
    missing: tuple[str, ...] = (),
    would_change: tuple[tuple[CriterionState, str], ...] = (),
    findings: tuple[Finding, ...] = (),
) -> CriterionAnswer:
    defect = " ".join(said for said in (criterion.defect, criterion.reading) if said) or None
    return CriterionAnswer(
        criterion_id=criterion.id,
        title=criterion.title,
        wording=criterion.wording,
        state=state,
        sentence=sentence,
        brief=brief,
        evidence=evidence,
        missing=missing,
        would_change=would_change,
        defect=defect,
        findings=findings,
    )


def _unknown(criterion: EligibilityCriterion, sentence: str, *missing: str) -> CriterionAnswer:
    """A datum is missing: that is never "not met"."""
    return _made(
        criterion,
        CriterionState.UNKNOWN,
        sentence,
        brief=_missing(missing),
        missing=missing,
        would_change=tuple((CriterionState.MET, f"{what} entered, and within the criterion") for what in missing),
    )


def _missing(missing: Sequence[str]) -> str:
    return f"{len(missing)} missing: {', '.join(missing)}" if missing else ""


# --- marrow before the infusion ---------------------------------------------------------------------------------------


def _marrow_before_infusion(
    criterion: EligibilityCriterion, binding: MarrowBeforeInfusion, looked_at: _LookedAt
) -> CriterionAnswer:
    timeline = looked_at.timeline
    if timeline is None:
        return _unknown(criterion, "No CAR-T infusion is on record.", "CAR-T infusion")
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
        return _unknown(
            criterion,
            f"No marrow of the episode before the infusion is on record{older}.",
            "marrow before the infusion",
        )
    highest = max(episode, key=lambda each: (each.marrow_blasts_pct or 0, each.assessed_on))
    is_met = binding.blasts.holds(highest.marrow_blasts_pct or 0)
    said = (
        f"Marrow blasts {_blasts(highest)} on {wording.day(timeline.day_of(highest.assessed_on))}, before the infusion"
    )
    evidence = Evidence(
        text=f"marrow blasts {_blasts(highest)}",
        role="marrow before the infusion",
        day=timeline.day_of(highest.assessed_on),
        collected_on=highest.assessed_on,
    )
    if is_met:
        sentence = f"{said}: {binding.blasts.words}."
        change = (CriterionState.NOT_MET, f"the marrow amended to less than {binding.blasts.amount}")
        return _made(criterion, CriterionState.MET, sentence, evidence=(evidence,), would_change=(change,))
    return _made(
        criterion,
        CriterionState.NOT_MET,
        f"{said}: not {binding.blasts.words}.",
        evidence=(evidence,),
        would_change=((CriterionState.MET, f"another marrow of this episode with {binding.blasts.text}"),),
    )


def _blasts(assessment: DiseaseAssessment) -> str:
    return f"{wording.limit(assessment.marrow_blasts_pct or 0)}{wording.NO_BREAK_SPACE}%"


# --- a rule -----------------------------------------------------------------------------------------------------------


def _by_rule(criterion: EligibilityCriterion, binding: AnsweredByRule, looked_at: _LookedAt) -> CriterionAnswer:
    finding = next((f for f in looked_at.findings if f.rule_id == binding.rule), None)
    if looked_at.timeline is None or finding is None:
        return _unknown(criterion, "No CAR-T infusion is on record, so no rule can be applied.", "CAR-T infusion")
    return _made(
        criterion,
        CriterionState(finding.flag_state.value),
        finding.sentence,
        brief=_brief(criterion, finding, looked_at.timeline, looked_at),
        evidence=finding.evidence,
        missing=finding.missing,
        would_change=tuple((CriterionState(state.value), what) for state, what in finding.would_change),
        findings=(finding,),
    )


def _brief(criterion: EligibilityCriterion, finding: Finding, timeline: Timeline, looked_at: _LookedAt) -> str:
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
            return _missing(finding.missing)
        case FlagState.NOT_EVALUABLE:
            kind = timeline.infusion.car_costimulation
            applies = kind in looked_at.protocol.product.costimulation
            return f"{criterion.id} not evaluable" if applies else f"{kind.label} product"
        case _:
            return ""


# --- age --------------------------------------------------------------------------------------------------------------


def _age_at_consent(criterion: EligibilityCriterion, binding: AgeAtConsent, looked_at: _LookedAt) -> CriterionAnswer:
    born = looked_at.record.patient.birth_date
    given = looked_at.consents(ConsentKind.CONSENT, ConsentKind.GUARDIAN_CONSENT)
    lacking = [name for name, known in (("birth date", born), ("consent date", given)) if not known]
    if born is None or not given:
        return _unknown(criterion, f"The {' and the '.join(lacking)} {_are(lacking)} not on record.", *lacking)
    signed = given[-1].consented_on
    age = completed_years(born, signed)
    evidence = (
        Evidence(text=f"born {born.isoformat()}", role="birth date", collected_on=born),
        Evidence(text="consent", role="consent", day=looked_at.day(signed), collected_on=signed),
    )
    is_met = binding.youngest.holds(age) and binding.oldest.holds(age)
    limits = f"{wording.limit(binding.youngest.value)} to {wording.limit(binding.oldest.value)}"
    return _made(
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


# --- a person ---------------------------------------------------------------------------------------------------------


def _by_person(criterion: EligibilityCriterion, binding: AnsweredByPerson, looked_at: _LookedAt) -> CriterionAnswer:
    given = [
        each
        for each in looked_at.record.attestations
        if each.criterion_id == criterion.id and each.attested_on <= looked_at.as_of
    ]
    if not given:
        return _made(
            criterion,
            CriterionState.NEEDS_DECISION,
            f"No instrument measures this: the {binding.asked_of} attests it.",
            brief=f"{criterion.id} needs a person",
            missing=(f"attestation by the {binding.asked_of}",),
            would_change=(
                (CriterionState.MET, f"attested as met by the {binding.asked_of}"),
                (CriterionState.NOT_MET, f"attested as not met by the {binding.asked_of}"),
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
        return _made(
            criterion,
            CriterionState.CONFLICT,
            f"Two attestations of {looked_at.said_of(latest)} contradict each other.",
            brief=f"{criterion.id} in conflict: a person decides",
            evidence=evidence,
            missing=(f"one attestation by the {binding.asked_of}",),
            would_change=((CriterionState.MET, "a later attestation as met"),),
        )
    is_met = last[0].attested_state is AttestedState.MET
    return _made(
        criterion,
        CriterionState.MET if is_met else CriterionState.NOT_MET,
        f"Attested as {'met' if is_met else 'not met'} by {last[0].attested_by} on {looked_at.said_of(latest)}.",
        evidence=evidence,
        would_change=(
            (CriterionState.NOT_MET if is_met else CriterionState.MET, "a later attestation that says otherwise"),
        ),
    )


# --- consent ----------------------------------------------------------------------------------------------------------


def _consent_by_age(criterion: EligibilityCriterion, binding: ConsentByAge, looked_at: _LookedAt) -> CriterionAnswer:
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
        return _made(
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
        return _unknown(criterion, "No consent is on record.", "consent")
    if born is None:
        return _unknown(criterion, "The birth date is not on record; it decides whose consent is needed.", "birth date")
    age = completed_years(born, max(each.consented_on for each in given))
    needed = _needed(binding, age)
    lacking = [kind.value.replace("_", " ") for kind in needed if kind not in valid]
    if lacking:
        answer = _unknown(
            criterion,
            f"At {age} years the {' and the '.join(lacking)} {_are(lacking)} needed and not on record.",
            *lacking,
        )
        return _made(
            criterion,
            answer.state,
            answer.sentence,
            brief=answer.brief,
            evidence=evidence,
            missing=answer.missing,
            would_change=tuple((CriterionState.MET, f"{what} signed") for what in lacking),
        )
    words = " and ".join(kind.value.replace("_", " ") for kind in needed)
    return _made(
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
