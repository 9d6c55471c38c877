"""The dated observations a response is judged from, each as old as it is: nothing is carried, nothing is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from labmon.criteria.limit import Limit
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import (
    BloodProduct,
    CsfAssessment,
    EmdState,
    LabAnalyte,
    PatientRecord,
    SpecimenType,
    Transfusion,
)
from labmon.domain.quantity import Quantity
from labmon.kinetics.timeline import Timeline
from labmon.trial.course_issues import read_up_to


class Dated(Protocol):
    @property
    def on(self) -> date: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number of one day, in the unit its rules are written in."""

    on: date
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmdSeen:
    on: date
    is_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdMeasured:
    """One MRD result of the marrow with the sensitivity that very sample reached."""

    on: date
    method: MrdMethod
    quantity: Quantity
    sensitivity_fraction: float | None
    total_cells: float | None
    result_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """One patient, in order of date; `infused_on` is day 0 of the course."""

    patient_code: str
    infused_on: date
    marrow: tuple[Measured, ...] = ()
    anc: tuple[Measured, ...] = ()
    platelets: tuple[Measured, ...] = ()
    blood_blasts: tuple[Measured, ...] = ()
    emd: tuple[EmdSeen, ...] = ()
    mrd: tuple[MrdMeasured, ...] = ()
    transfusions: tuple[Transfusion, ...] = ()
    csf: tuple[CsfAssessment, ...] = ()

    def days_to_judge(self) -> tuple[date, ...]:
        """Every day since the infusion on which a marrow, a blood count or extramedullary disease was looked at."""
        seen: tuple[Measured | EmdSeen, ...] = (*self.marrow, *self.anc, *self.platelets, *self.emd)
        return tuple(sorted({each.on for each in seen if each.on > self.infused_on}))

    @property
    def baseline_blasts(self) -> Measured | None:
        """The last marrow up to the infusion."""
        return max((m for m in self.marrow if m.on <= self.infused_on), key=lambda m: m.on, default=None)

    def transfused(self, products: tuple[BloodProduct, ...], on: date, free: Limit) -> Transfusion | None:
        """The last transfusion that is too near to a day."""
        near = [
            each
            for each in self.transfusions
            if each.blood_product in products and each.given_on <= on and not free.holds((on - each.given_on).days)
        ]
        return max(near, key=lambda each: each.given_on, default=None)


def latest(series: tuple[D, ...], on: date, max_age: Limit) -> D | None:
    """The last observation up to a day, unless it is older than the rule set lets it be."""
    known = [each for each in series if each.on <= on and max_age.holds((on - each.on).days)]
    newest: D | None = None
    for each in known:
        if newest is None or each.on > newest.on:
            newest = each
    return newest


def observations_of(timeline: Timeline, *, as_of: date | None = None) -> Observations:
    """What the record of a course holds up to the as-of day; what is dated after a death is left out.

    A laboratory value in a unit that does not fit its analyte is no observation, and a held result none either.
    """
    record: PatientRecord = timeline.record
    until = read_up_to(record, as_of or timeline.as_of)

    def laboratory(analyte: LabAnalyte) -> tuple[Measured, ...]:
        return tuple(
            Measured(on=each.measured_on, value=read)
            for each in record.lab_values
            if each.lab_analyte is analyte and each.measured_on <= until and (read := each.read_value) is not None
        )

    assessed = [each for each in record.disease_assessments if each.assessed_on <= until]
    return Observations(
        patient_code=record.patient_code,
        infused_on=timeline.infusion.infused_on,
        marrow=tuple(
            Measured(on=each.assessed_on, value=each.marrow_blasts_pct)
            for each in assessed
            if each.marrow_blasts_pct is not None
        ),
        anc=laboratory(LabAnalyte.ANC),
        platelets=laboratory(LabAnalyte.PLATELETS),
        blood_blasts=laboratory(LabAnalyte.BLOOD_BLASTS),
        emd=tuple(
            EmdSeen(on=each.assessed_on, is_present=each.emd_state is EmdState.PRESENT)
            for each in assessed
            if each.emd_state is not EmdState.UNKNOWN
        ),
        mrd=_mrd(timeline, until),
        transfusions=tuple(each for each in record.transfusions if each.given_on <= until),
        csf=tuple(each for each in record.csf_assessments if each.assessed_on <= until),
    )


def _mrd(timeline: Timeline, until: date) -> tuple[MrdMeasured, ...]:
    found = []
    for method in MrdMethod:
        for point in timeline.evaluable(Analyte.MRD_FRACTION, SpecimenType.BONE_MARROW, method):
            if point.collected_on > until:
                continue
            draft = point.result.draft
            cells = draft.basis.get("mrd_total_cells")
            found.append(
                MrdMeasured(
                    on=point.collected_on,
                    method=method,
                    quantity=draft.quantity,
                    sensitivity_fraction=draft.sensitivity_fraction,
                    total_cells=float(cells) if cells is not None else None,
                    result_id=point.result.result_id,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.on, each.method.value)))
