"""Builds invented patients for scenarios: facts and results by day since the infusion, through the real timeline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from labmon.criteria.evaluate import evaluate
from labmon.criteria.protocol import Protocol, load_protocol
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import (
    BaselineState,
    BCellBaseline,
    ClinicalEvent,
    Costimulation,
    DiseaseAssessment,
    DrugClass,
    EmdState,
    EventKind,
    HematogonesState,
    Infusion,
    InfusionKind,
    Medication,
    Patient,
    PatientRecord,
    Specimen,
    SpecimenType,
)
from labmon.domain.finding import Finding
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.result import Result, ResultDraft
from labmon.kinetics.timeline import Timeline, build_timeline

DAY_0 = date(2024, 3, 1)
"""Six calendar months from here end on 2024-09-01, day 184."""
BLOOD, MARROW = SpecimenType.PERIPHERAL_BLOOD, SpecimenType.BONE_MARROW


def on(day: int, origin: date = DAY_0) -> date:
    return origin + timedelta(days=day)


def copies(value: float | None, *, lloq: float = 50, lod: float | None = 18) -> Quantity:
    """Copies/µg: a number, or None for "not detected"; a number below the LLOQ is "detected"."""
    unit = Unit.COPIES_PER_UG_DNA
    if value is None:
        return Quantity.without_value(ValueState.NOT_DETECTED, unit, lod=lod, lloq=lloq)
    return Quantity.from_measurement(value, unit, lod=lod, lloq=lloq, uloq=1e7)


def percent(value: float | None, *, lloq: float = 0.01) -> Quantity:
    if value is None:
        return Quantity.without_value(ValueState.NOT_DETECTED, Unit.PERCENT, lloq=lloq)
    return Quantity.from_measurement(value, Unit.PERCENT, lloq=lloq)


@dataclass(kw_only=True)
class Scenario:
    """A patient of the default kind: CD19-directed 4-1BB product, B cells before, nothing measured since."""

    origin: date = DAY_0
    costimulation: Costimulation = Costimulation.FOUR_1BB
    target: str | None = "CD19"
    record: PatientRecord = field(init=False)
    results: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.record = PatientRecord(
            patient=Patient(patient_code="P-001"),
            infusions=(
                Infusion(
                    patient_code="P-001",
                    infused_on=self.origin,
                    car_target=self.target,
                    car_costimulation=self.costimulation,
                ),
            ),
            b_cell_baselines=(
                BCellBaseline(
                    patient_code="P-001", measured_on=on(-7, self.origin), baseline_state=BaselineState.PRESENT
                ),
            ),
        )

    def _with(self, **facts: object) -> Scenario:
        self.record = replace(self.record, **facts)  # type: ignore[arg-type] # the field's own type is the caller's
        return self

    def add(
        self,
        day: int,
        analyte: Analyte,
        quantity: Quantity,
        *,
        specimen_type: SpecimenType = BLOOD,
        method: MrdMethod | None = None,
        sensitivity: float | None = None,
        held: str | None = None,
        excluded: str | None = None,
        released: bool = True,
        run: str | None = None,
        basis: dict[str, float | str] | None = None,
    ) -> Scenario:
        code = f"{specimen_type.value}-{day}"
        if all(specimen.specimen_code != code for specimen in self.record.specimens):
            specimen = Specimen(
                specimen_code=code, patient_code="P-001", specimen_type=specimen_type, collected_on=on(day, self.origin)
            )
            self._with(specimens=(*self.record.specimens, specimen))
        moment = datetime(2025, 1, 1, tzinfo=UTC)
        self.results.append(
            Result(
                result_id=len(self.results) + 1,
                version=1,
                patient_code="P-001",
                draft=ResultDraft(
                    specimen_code=code,
                    analyte=analyte,
                    quantity=quantity,
                    run_code=run or f"RUN-{day}",
                    method=method,
                    sensitivity_fraction=sensitivity,
                    basis=basis or {},
                    held_reason=held,
                    excluded_reason=excluded,
                ),
                recorded_at=moment,
                released_at=moment if released else None,
                released_by="verifier" if released else None,
            )
        )
        return self

    def transgene(
        self, day: int, value: float | None, *, lloq: float = 50, lod: float | None = 18, **more: object
    ) -> Scenario:
        quantity = copies(value, lloq=lloq, lod=lod)
        return self.add(day, Analyte.TRANSGENE_COPIES_PER_UG_DNA, quantity, **more)  # type: ignore[arg-type]

    def per_ul(self, day: int, value: float) -> Scenario:
        quantity = Quantity.from_measurement(value, Unit.COPIES_PER_UL_BLOOD, lloq=0.5)
        return self.add(day, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, quantity)

    def flow(
        self, day: int, value: float | None, *, cd3: float | None = 40000, age: float | None = 4, **more: object
    ) -> Scenario:
        basis: dict[str, float | str] = {}
        if cd3 is not None:
            basis |= {"cd3_events": cd3, "car_pos_events": round(cd3 * (value or 0) / 100)}
        if age is not None:
            basis["specimen_age_h"] = age
        return self.add(day, Analyte.CAR_POS_PCT_OF_CD3, percent(value), basis=basis, **more)  # type: ignore[arg-type]

    def lymphocytes(self, day: int, value: float | None, **more: object) -> Scenario:
        return self.add(day, Analyte.CD19_PCT_OF_LYMPHOCYTES, percent(value), **more)  # type: ignore[arg-type]

    def wbc(self, day: int, value: float | None, **more: object) -> Scenario:
        return self.add(day, Analyte.CD19_PCT_OF_WBC, percent(value), **more)  # type: ignore[arg-type]

    def mrd(
        self,
        day: int,
        fraction: float | None,
        *,
        method: MrdMethod = MrdMethod.FLOW,
        sensitivity: float | None = 1e-5,
        lloq: float = 1e-5,
        **more: object,
    ) -> Scenario:
        if fraction is None:
            quantity = Quantity.without_value(ValueState.NOT_DETECTED, Unit.FRACTION, lloq=lloq)
        else:
            quantity = Quantity.from_measurement(fraction, Unit.FRACTION, lloq=lloq)
        return self.add(
            day,
            Analyte.MRD_FRACTION,
            quantity,
            specimen_type=MARROW,
            method=method,
            sensitivity=sensitivity,
            **more,  # type: ignore[arg-type]
        )

    def marrow(
        self,
        day: int,
        blasts: float | None = 1,
        emd: EmdState = EmdState.ABSENT,
        hematogones: HematogonesState = HematogonesState.NOT_ASSESSED,
    ) -> Scenario:
        assessment = DiseaseAssessment(
            patient_code="P-001",
            assessed_on=on(day, self.origin),
            marrow_blasts_pct=blasts,
            emd_state=emd,
            hematogones_state=hematogones,
        )
        return self._with(disease_assessments=(*self.record.disease_assessments, assessment))

    def event(self, day: int, kind: EventKind) -> Scenario:
        event = ClinicalEvent(patient_code="P-001", event_kind=kind, occurred_on=on(day, self.origin))
        return self._with(events=(*self.record.events, event))

    def drug(self, day: int, until: int | None = None, name: str = "blinatumomab") -> Scenario:
        medication = Medication(
            patient_code="P-001",
            drug=name,
            started_on=on(day, self.origin),
            ended_on=on(until, self.origin) if until is not None else None,
            drug_class=DrugClass.B_CELL_DEPLETING,
        )
        return self._with(medications=(*self.record.medications, medication))

    def study_cells(self, day: int) -> Scenario:
        infusion = Infusion(
            patient_code="P-001", infused_on=on(day, self.origin), infusion_kind=InfusionKind.STUDY_CELLS
        )
        return self._with(infusions=(*self.record.infusions, infusion))

    def without_baseline(self) -> Scenario:
        return self._with(b_cell_baselines=())

    def timeline(self, day: int = 120) -> Timeline:
        timeline = build_timeline(self.record, self.results, as_of=on(day, self.origin))
        assert timeline is not None
        return timeline

    def findings(self, day: int = 120, protocol: Protocol | None = None) -> dict[str, Finding]:
        found = evaluate(self.timeline(day), protocol or load_protocol("nct06389305"))
        return {finding.rule_id: finding for finding in found}

    def finding(self, rule_id: str, day: int = 120, protocol: Protocol | None = None) -> Finding:
        return self.findings(day, protocol)[rule_id]


def flagged_patient() -> Scenario:
    """The patient of the textbook: expansion, loss by day 88 confirmed on day 116, B cells back, no relapse."""
    scenario = Scenario()
    for day, value in ((7, 14000), (10, 41300), (14, 24000), (28, 3200), (42, 1100), (60, 214)):
        scenario.transgene(day, value)
    scenario.transgene(88, 30).transgene(116, None)
    scenario.lymphocytes(28, 0.05).lymphocytes(60, 0.2).lymphocytes(88, 3.4).lymphocytes(116, 9.8)
    return scenario.marrow(28).marrow(89).mrd(28, None).mrd(89, None)
