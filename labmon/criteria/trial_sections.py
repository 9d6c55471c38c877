"""What a protocol file says about the trial itself: eligibility criteria with what answers them, and visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from labmon.criteria.limit import Limit, SourceStatus
from labmon.domain.clinical import InfusionKind

Percent, Days, Years = {"unit": "%"}, {"unit": "d"}, {"unit": "a"}


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


Binding = MarrowBeforeInfusion | AnsweredByRule | AgeAtConsent | AnsweredByPerson | ConsentByAge
BINDING_KINDS: Mapping[str, type[Binding]] = {
    cls.kind: cls for cls in (MarrowBeforeInfusion, AnsweredByRule, AgeAtConsent, AnsweredByPerson, ConsentByAge)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityCriterion:
    """A criterion of the registry, its own words, what is unclear in them, and what answers it here."""

    id: str
    title: str
    wording: str
    answered_by: Binding = field(metadata={"variants": BINDING_KINDS})
    defect: str | None = None
    reading: str | None = None


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
