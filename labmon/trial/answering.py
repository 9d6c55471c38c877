"""What every criterion's answer is made from: the facts up to a day, and the answer with the registry's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from labmon.criteria.limit import Limit
from labmon.criteria.protocol import Protocol
from labmon.criteria.trial_sections import EligibilityCriterion
from labmon.domain import wording
from labmon.domain.clinical import Consent, ConsentKind, InfusionKind, PatientRecord
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence, Finding
from labmon.domain.protocol_confirmation import ProtocolConfirmation
from labmon.kinetics.timeline import Timeline

F = TypeVar("F")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """One patient as of a day, under one protocol."""

    timeline: Timeline | None
    record: PatientRecord
    findings: tuple[Finding, ...]
    protocol: Protocol
    as_of: date
    confirmed: Mapping[str, ProtocolConfirmation] = field(default_factory=dict)
    """What persons confirmed of this protocol, by criterion."""

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

    @property
    def read_on(self) -> date:
        """The day the criteria are read at: the infusion the subject was enrolled for, until then the as-of day.

        It is the first infusion of the trial's kind from the consent on; an infusion before the consent was no
        part of the trial.
        """
        given = self.consents(ConsentKind.CONSENT, ConsentKind.GUARDIAN_CONSENT)
        kind = self.protocol.trial.read_before if self.protocol.trial is not None else InfusionKind.STUDY_CELLS
        if not given:
            return self.as_of
        return min(
            (
                infusion.infused_on
                for infusion in self.record.infusions
                if infusion.infusion_kind is kind and given[0].consented_on <= infusion.infused_on <= self.as_of
            ),
            default=self.as_of,
        )

    def latest(self, facts: Iterable[F], date_field: str, max_age: Limit) -> tuple[F | None, str]:
        """The last fact not after the day the criteria are read at; None with the reason when it is missing or old."""

        def dated(fact: F) -> date:
            when: date = getattr(fact, date_field)
            return when

        known = [fact for fact in facts if dated(fact) <= self.read_on]
        if not known:
            return None, "is not on record"
        last = max(known, key=dated)
        if not max_age.holds((self.read_on - dated(last)).days):
            return None, f"was last seen on {self.said_of(dated(last))}, more than {max_age.amount} ago"
        return last, ""

    def seen(self, text: str, role: str, when: date) -> Evidence:
        return Evidence(text=text, role=role, day=self.day(when), collected_on=when)


def made(
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


def unknown(criterion: EligibilityCriterion, sentence: str, *missing: str) -> CriterionAnswer:
    """A datum is missing: that is never "not met"."""
    return made(
        criterion,
        CriterionState.UNKNOWN,
        sentence,
        brief=named(missing),
        missing=missing,
        would_change=tuple((CriterionState.MET, f"{what} entered, and within the criterion") for what in missing),
    )


def judged(
    criterion: EligibilityCriterion, is_met: bool, sentence: str, evidence: Evidence, change: str
) -> CriterionAnswer:
    """Met or not met on one dated fact; `change` is the observation that would turn it."""
    return made(
        criterion,
        CriterionState.MET if is_met else CriterionState.NOT_MET,
        sentence,
        evidence=(evidence,),
        would_change=((CriterionState.NOT_MET if is_met else CriterionState.MET, change),),
    )


def named(missing: Sequence[str]) -> str:
    return f"{len(missing)} missing: {', '.join(missing)}" if missing else ""
