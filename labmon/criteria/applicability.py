"""When loss or recovery means nothing: other products, other targets, no B cells before, drugs transplants since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from labmon.criteria.answer import Obstacle
from labmon.criteria.case import Case
from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import BaselineState, Costimulation, DrugClass, SpecimenType
from labmon.domain.finding import Evidence
from labmon.kinetics.timeline import CourseEnd, CourseEndKind


def product_obstacle(case: Case) -> Obstacle | None:
    """Loss is a sign of failure only in the products the protocol names."""
    restriction = case.protocol.product
    costimulation = case.timeline.infusion.car_costimulation
    if costimulation in restriction.costimulation:
        return None
    if costimulation is Costimulation.UNKNOWN:
        return Obstacle(
            sentence="The costimulation of the product is not on record, so loss cannot be read.",
            missing=("costimulation of the product",),
        )
    names = " or ".join(kind.label for kind in restriction.costimulation)
    note = next((note.sentence for note in restriction.notes if note.costimulation is costimulation), None)
    said = f"{note[0].upper()}{note[1:]}" if note else f"{costimulation.label} product"
    return Obstacle(sentence=f"{said}; the rule is for {names} products.")


def target_obstacle(case: Case) -> Obstacle | None:
    """B cells tell of CAR-T cells only when the product is directed at them."""
    targets = case.timeline.infusion.car_targets
    wanted = case.protocol.product.target
    if not targets:
        return Obstacle(
            sentence="The target of the product is not on record, so B cells cannot be read.",
            missing=("target of the product",),
        )
    if wanted.upper() not in targets:
        found = "+".join(sorted(targets))
        return Obstacle(sentence=f"The product is directed at {found}, not {wanted}; B cells say nothing about it.")
    return None


def baseline(case: Case) -> Evidence | Obstacle:
    """B cells before the infusion, as evidence; or why their return would mean nothing."""
    facts = [fact for fact in case.timeline.record.b_cell_baselines if fact.measured_on <= case.infused_on]
    if facts:
        last = max(facts, key=lambda fact: fact.measured_on)
        evidence = Evidence(
            text=f"B cells {last.baseline_state}",
            role="baseline",
            day=case.timeline.day_of(last.measured_on),
            collected_on=last.measured_on,
        )
        return evidence if last.baseline_state is BaselineState.PRESENT else _no_b_cells(evidence.day or 0)
    measured = [
        sample
        for analyte in (Analyte.CD19_PCT_OF_LYMPHOCYTES, Analyte.CD19_PCT_OF_WBC, Analyte.CD19_CELLS_PER_UL)
        for sample in case.baseline_samples(analyte, SpecimenType.PERIPHERAL_BLOOD)
    ]
    if not measured:
        return Obstacle(
            sentence="B cells were not measured before the infusion, so their return cannot be read.",
            missing=("B-cell baseline",),
        )
    latest = max(measured, key=lambda sample: (sample.collected_on, not sample.quantity.state.is_blq))
    return _no_b_cells(latest.day) if latest.quantity.state.is_blq else latest.evidence("baseline")


def _no_b_cells(day: float) -> Obstacle:
    return Obstacle(
        sentence=f"There were no B cells before the infusion ({wording.day(day)}); their absence means nothing."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugEffect:
    """A span in which a drug, not the CAR-T cells, may explain what B cells do."""

    drug: str
    first: date
    last: date | None
    """None while the drug is still given."""

    def covers(self, when: date) -> bool:
        return self.first <= when and (self.last is None or when <= self.last)


def drug_effects(case: Case) -> tuple[DrugEffect, ...]:
    """B-cell-depleting drugs begun since the infusion, each with its washout."""
    washout = timedelta(days=case.protocol.b_cell_evidence.washout.days)
    return tuple(
        DrugEffect(
            drug=medication.drug,
            first=medication.started_on,
            last=medication.ended_on + washout if medication.ended_on is not None else None,
        )
        for medication in case.timeline.record.medications
        if medication.drug_class is DrugClass.B_CELL_DEPLETING
        and medication.started_on <= case.until
        and (medication.ended_on is None or medication.ended_on >= case.infused_on)
    )


def said_of_end(end: CourseEnd) -> str:
    """ "the transplant of day 70"."""
    what = {CourseEndKind.HSCT: "the transplant", CourseEndKind.REINFUSION: "the next infusion"}[end.kind]
    return f"{what} of {wording.day(end.day)}"
