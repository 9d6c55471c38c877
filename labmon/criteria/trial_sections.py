"""What a protocol file says about the trial itself: arms, eligibility criteria and what answers them, visits.

The kinds of `answered_by`: marrow_before_infusion, marrow_on_record, finding, age_at_consent, attestation, consent,
performance_status, target_expression, ejection_fraction, nyha_class, lab_value, lab_times_uln, active_infection and
no_immunotherapy; all_of, any_of and none_of put several of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from labmon.criteria.limit import Limit, SourceStatus
from labmon.criteria.window import WindowRule
from labmon.domain.clinical import DrugClass, InfusionKind, LabAnalyte, NyhaClass, Virus

Percent, Days, Years = {"unit": "%"}, {"unit": "d"}, {"unit": "a"}
Score, Fraction, TimesUln = {"unit": "1"}, {"unit": "fraction"}, {"unit": "x ULN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowBeforeInfusion:
    """Answered by the marrow of the disease episode before the infusion."""

    kind: ClassVar[str] = "marrow_before_infusion"

    blasts: Limit = field(metadata=Percent)
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredByRule:
    """Answered by the finding of a rule."""

    kind: ClassVar[str] = "finding"

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeAtConsent:
    """Answered by birth date and consent date, in completed years."""

    kind: ClassVar[str] = "age_at_consent"

    youngest: Limit = field(metadata=Years)
    oldest: Limit = field(metadata=Years)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredByPerson:
    """Answered by a person's dated attestation."""

    kind: ClassVar[str] = "attestation"

    asked_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentByAge:
    """Answered by the consents on record: whose are needed depends on the age on that day."""

    kind: ClassVar[str] = "consent"

    assent_from: Limit = field(metadata=Years)
    adult_from: Limit = field(metadata=Years)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowOnRecord:
    """Holds when a marrow of the episode is on record; what it showed is evidence, not asked for."""

    kind: ClassVar[str] = "marrow_on_record"

    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class EcogWithin:
    """Answered by the last ECOG score before the day the criteria are read at."""

    kind: ClassVar[str] = "performance_status"

    ecog: Limit = field(metadata=Score)
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOnLeukaemia:
    """Answered by the flow cytometry of the leukaemia: the product's targets, every one of them."""

    kind: ClassVar[str] = "target_expression"

    positive: Limit = field(metadata=Percent)
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class EjectionFraction:
    """Answered by the last echocardiography."""

    kind: ClassVar[str] = "ejection_fraction"

    lvef: Limit = field(metadata=Fraction)
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class NyhaAmong:
    """Answered by the last NYHA class."""

    kind: ClassVar[str] = "nyha_class"

    classes: tuple[NyhaClass, ...]
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAgainstLimit:
    """Answered by the last laboratory value, read in the unit of the limit."""

    kind: ClassVar[str] = "lab_value"

    lab_analyte: LabAnalyte
    limit: Limit
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAgainstUln:
    """Answered by the last laboratory value, in multiples of the upper limit its own report states."""

    kind: ClassVar[str] = "lab_times_uln"

    lab_analyte: LabAnalyte
    limit: Limit = field(metadata=TimesUln)
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveInfection:
    """Holds when the last test of a virus found an active infection; no test is not absence."""

    kind: ClassVar[str] = "active_infection"

    virus: Virus
    max_age: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoImmunotherapy:
    """Answered by drugs and infusions on record, and by a person's word that nothing was left out of them."""

    kind: ClassVar[str] = "no_immunotherapy"

    window: WindowRule
    drug_classes: tuple[DrugClass, ...]
    asked_of: str


Part = (
    MarrowBeforeInfusion
    | AnsweredByRule
    | AgeAtConsent
    | AnsweredByPerson
    | ConsentByAge
    | MarrowOnRecord
    | EcogWithin
    | TargetOnLeukaemia
    | EjectionFraction
    | NyhaAmong
    | LabAgainstLimit
    | LabAgainstUln
    | ActiveInfection
    | NoImmunotherapy
)
PART_KINDS: Mapping[str, type[Part]] = {
    cls.kind: cls
    for cls in (
        MarrowBeforeInfusion,
        AnsweredByRule,
        AgeAtConsent,
        AnsweredByPerson,
        ConsentByAge,
        MarrowOnRecord,
        EcogWithin,
        TargetOnLeukaemia,
        EjectionFraction,
        NyhaAmong,
        LabAgainstLimit,
        LabAgainstUln,
        ActiveInfection,
        NoImmunotherapy,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Met when every part holds."""

    kind: ClassVar[str] = "all_of"

    parts: tuple[Part, ...] = field(metadata={"variants": PART_KINDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Met when one part holds, whatever the others say."""

    kind: ClassVar[str] = "any_of"

    parts: tuple[Part, ...] = field(metadata={"variants": PART_KINDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Met when no part holds: how an exclusion becomes a criterion to be met."""

    kind: ClassVar[str] = "none_of"

    parts: tuple[Part, ...] = field(metadata={"variants": PART_KINDS})


Binding = Part | AllOf | AnyOf | NoneOf
BINDING_KINDS: Mapping[str, type[Binding]] = {**PART_KINDS, **{cls.kind: cls for cls in (AllOf, AnyOf, NoneOf)}}


class CriterionRole(StrEnum):
    """Whether a criterion lets a patient in or keeps one out; met always means that it does not stand in the way."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityCriterion:
    """A criterion of the registry, its own words, what is unclear in them, and what answers it here."""

    id: str
    title: str
    wording: str
    answered_by: Binding = field(metadata={"variants": BINDING_KINDS})
    role: CriterionRole = CriterionRole.INCLUSION
    printed_as: CriterionRole | None = None
    """Where the registry prints it, when that is not how it is read here."""
    needs_confirmation: bool = False
    """The reading differs from the words: nobody is judged by it until a person confirmed it for the protocol."""
    defect: str | None = None
    reading: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A group of the trial. One that needs confirmation is not active before a person confirmed it."""

    code: str
    title: str
    source: str
    status: SourceStatus
    needs_confirmation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryDefect:
    """What is wrong or missing in the registry's record, and what labmon does about it."""

    id: str
    says: str
    handling: str
    concerns: tuple[str, ...] = ()
    """Criteria, arms or endpoints it touches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDesign:
    """The trial around the criteria."""

    sponsor: str
    planned_subjects: int
    allocation: str
    source: str
    status: SourceStatus
    read_before: InfusionKind
    """The infusion the subject is enrolled for: what comes after it is no longer baseline."""
    arms: tuple[Arm, ...] = ()
    defects: tuple[RegistryDefect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitGroup:
    """Visits that share an anchor and a window; days are counted from the anchor's infusion."""

    anchor: InfusionKind
    days: tuple[int, ...]
    days_before: int
    days_after: int
    title: str = ""
    """What the visit is called; "day 28" when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAssay:
    """What is measured at the visits of an anchor: on these days, or on all from a day on."""

    anchor: InfusionKind
    assay: str
    from_day: int | None = None
    days: tuple[int, ...] = ()

    def is_due_at(self, day: int) -> bool:
        return day in self.days or (self.from_day is not None and day >= self.from_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSchedule:
    source: str
    status: SourceStatus
    groups: tuple[VisitGroup, ...]
    assays: tuple[VisitAssay, ...] = ()


def complaints(
    criteria: tuple[EligibilityCriterion, ...], trial: TrialDesign | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What types cannot say: limits in a unit the analyte is not read in, combinations of nothing, ids given twice."""
    for index, criterion in enumerate(criteria):
        path = ("criteria", index, "answered_by")
        binding = criterion.answered_by
        parts: tuple[Part, ...] = binding.parts if isinstance(binding, AllOf | AnyOf | NoneOf) else (binding,)
        if not parts:
            yield path, f"{criterion.id} puts nothing together: parts is empty"
        for part in parts:
            if isinstance(part, LabAgainstLimit) and part.limit.unit != part.lab_analyte.unit.value:
                wanted = part.lab_analyte.unit.value
                yield path, f'{part.lab_analyte} is read in "{wanted}", the limit is in "{part.limit.unit}"'
            if isinstance(part, NyhaAmong) and not part.classes:
                yield path, f"{criterion.id} names no NYHA class"
    codes = [arm.code for arm in trial.arms] if trial is not None else []
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield ("trial", "arms", index), f'the arm "{code}" is given twice'
