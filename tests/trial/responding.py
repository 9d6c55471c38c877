"""A patient's observations since an infusion, in days, for the response rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from labmon.domain.analyte import MrdMethod
from labmon.domain.clinical import BloodProduct, ResponseCategory, Transfusion
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.trial.observations import EmdSeen, Measured, MrdMeasured, Observations
from labmon.trial.response import ResponseCall, respond
from labmon.trial.response_rules import load_rule_set

DAY_0 = date(2026, 1, 10)


def on(day: int) -> date:
    return DAY_0 + timedelta(days=day)


def mrd(
    day: int,
    fraction: float | None,
    *,
    sensitivity: float | None = 1e-5,
    cells: float | None = None,
    state: ValueState | None = None,
    lloq: float | None = 1e-5,
) -> MrdMeasured:
    if fraction is None:
        quantity = Quantity.without_value(state or ValueState.NOT_DETECTED, Unit.FRACTION, lloq=lloq)
    else:
        quantity = Quantity(value=fraction, unit=Unit.FRACTION, state=ValueState.QUANTIFIED, lloq=lloq)
    return MrdMeasured(
        on=on(day),
        method=MrdMethod.FLOW,
        quantity=quantity,
        sensitivity_fraction=sensitivity,
        total_cells=cells,
        result_id=day,
    )


def transfusion(day: int, product: BloodProduct = BloodProduct.RED_CELLS) -> Transfusion:
    return Transfusion(patient_code="P-001", blood_product=product, given_on=on(day))


def observed(
    *,
    blasts: float | None = 2,
    baseline: float | None = 62,
    anc: float | None = 2.1,
    platelets: float | None = 180,
    blood_blasts: float | None = 0,
    emd: bool | None = False,
    day: int = 28,
    **more: object,
) -> Observations:
    """Everything of one day, and a marrow before the infusion; None leaves a datum out."""

    def seen(value: float | None, when: int = day) -> tuple[Measured, ...]:
        return () if value is None else (Measured(on=on(when), value=value),)

    found = Observations(
        patient_code="P-001",
        infused_on=DAY_0,
        marrow=(*seen(baseline, -5), *seen(blasts)),
        anc=seen(anc),
        platelets=seen(platelets),
        blood_blasts=seen(blood_blasts),
        emd=() if emd is None else (EmdSeen(on=on(day), is_present=emd),),
    )
    return replace(found, **more)  # type: ignore[arg-type] # the field's own type is the caller's


def call(rule_set: str, observations: Observations, day: int = 28) -> ResponseCall:
    return respond(observations, load_rule_set(rule_set), on(day))


def category(rule_set: str, observations: Observations, day: int = 28) -> ResponseCategory:
    return call(rule_set, observations, day).category
