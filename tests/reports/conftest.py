"""Two invented patients as the workbook report takes them: one with every kind of value, one without an infusion."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import (
    ClinicalEvent,
    Costimulation,
    DiseaseAssessment,
    EmdState,
    EventKind,
    Infusion,
    InfusionKind,
    Medication,
    Patient,
    PatientRecord,
    Specimen,
    SpecimenType,
)
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold
from labmon.domain.issue import Place
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.result import Provenance, Result, ResultDraft
from labmon.domain.run import Acceptance, CheckOutcome, Run, RunCheck
from labmon.kinetics.parameters import kinetic_parameters
from labmon.kinetics.timeline import build_timeline
from labmon.reports.workbook import CourseReport, ReportHead

DAY_0 = date(2024, 3, 1)
AS_OF = DAY_0 + timedelta(days=200)
COPIES = Analyte.TRANSGENE_COPIES_PER_UG_DNA
FILE = "20240310 qpcr.xls"

VALUES: tuple[tuple[int, float | ValueState], ...] = (
    (-3, ValueState.NOT_DETECTED),
    (4, ValueState.DETECTED_BELOW_LLOQ),
    (7, 4000.5),
    (10, 41_300.0),
    (14, 20_000.0),
    (21, 4000.0),
    (28, 800.0),
    (60, 214.0),
    (88, ValueState.DETECTED_BELOW_LLOQ),
    (116, ValueState.NOT_DETECTED),
    (150, ValueState.NO_RESULT),
)


def result(number: int, specimen: Specimen, analyte: Analyte, quantity: Quantity, **changes: object) -> Result:
    released = datetime(2024, 9, 1, 8, 30, tzinfo=UTC)
    draft = ResultDraft(
        specimen_code=specimen.specimen_code,
        analyte=analyte,
        quantity=quantity,
        run_code="R1",
        provenance=(
            Provenance(file_sha256="ab" * 32, file_name=FILE, place=Place(row=40 + number), raw="=1+1"),
            Provenance(file_sha256="cd" * 32, file_name="qubit.csv", place=Place(row=number), raw="51.2"),
        ),
    )
    names = {"held_reason", "excluded_reason", "run_code", "method", "sensitivity_fraction"}
    draft = replace(draft, **{k: v for k, v in changes.items() if k in names})
    made = Result(
        result_id=number,
        version=1,
        patient_code=specimen.patient_code,
        draft=draft,
        recorded_at=released,
        released_at=released,
        released_by="lin",
    )
    return replace(made, **{k: v for k, v in changes.items() if k not in names})


def specimen(day: int, *, marrow: bool = False, at_hour: int | None = None) -> Specimen:
    collected_on = DAY_0 + timedelta(days=day)
    return Specimen(
        specimen_code=f"P01-{'BM' if marrow else 'PB'}{day:+04d}",
        patient_code="P01",
        specimen_type=SpecimenType.BONE_MARROW if marrow else SpecimenType.PERIPHERAL_BLOOD,
        collected_on=collected_on,
        collected_at=datetime(collected_on.year, collected_on.month, collected_on.day, at_hour, tzinfo=UTC)
        if at_hour is not None
        else None,
    )


@pytest.fixture(scope="session")
def head() -> ReportHead:
    return ReportHead(
        study="=Demo study",
        labmon_version="0.1.0",
        generated_at=datetime(2024, 10, 1, 12, 0, tzinfo=UTC),
        as_of=AS_OF,
    )


@pytest.fixture(scope="session")
def course() -> CourseReport:
    specimens: list[Specimen] = []
    results: list[Result] = []
    for day, value in VALUES:
        specimens.append(specimen(day, at_hour=18 if day == 10 else None))
        lloq = 50.0 if day < 80 else 14.0
        if isinstance(value, ValueState):
            quantity = Quantity.without_value(value, COPIES.unit, lod=5, lloq=lloq)
        else:
            quantity = Quantity(value=value, unit=COPIES.unit, state=ValueState.QUANTIFIED, lod=5, lloq=lloq)
        run_code = "R1" if day < 80 else "R3"  # a limit is its run's
        results.append(result(len(results) + 1, specimens[-1], COPIES, quantity, run_code=run_code))
    for day, changes in ((35, {"held_reason": "slope −3.9", "run_code": "R2"}), (42, {"excluded_reason": "@swapped"})):
        specimens.append(specimen(day))
        quantity = Quantity(value=9000, unit=COPIES.unit, state=ValueState.QUANTIFIED, lod=5, lloq=50)
        results.append(result(len(results) + 1, specimens[-1], COPIES, quantity, **changes))
    specimens.append(specimen(28, marrow=True))
    negative = Quantity.without_value(ValueState.NOT_DETECTED, Unit.FRACTION)
    results.append(
        result(
            len(results) + 1,
            specimens[-1],
            Analyte.MRD_FRACTION,
            negative,
            method=MrdMethod.FLOW,
            sensitivity_fraction=3.1e-5,
        )
    )
    record = PatientRecord(
        patient=Patient(patient_code="P01"),
        infusions=(
            Infusion(
                patient_code="P01",
                infused_on=DAY_0,
                product="+product",
                car_target="CD19",
                car_costimulation=Costimulation.FOUR_1BB,
            ),
            Infusion(
                patient_code="P01",
                infused_on=DAY_0 + timedelta(days=160),
                infusion_kind=InfusionKind.STUDY_CELLS,
                product="mRNA-CIK",
            ),
        ),
        specimens=tuple(specimens),
        disease_assessments=(
            DiseaseAssessment(
                patient_code="P01",
                assessed_on=DAY_0 + timedelta(days=28),
                marrow_blasts_pct=0.5,
                emd_state=EmdState.ABSENT,
            ),
        ),
        medications=(Medication(patient_code="P01", drug="tocilizumab", started_on=DAY_0 + timedelta(days=3)),),
        events=(
            ClinicalEvent(
                patient_code="P01", event_kind=EventKind.LAST_CONTACT, occurred_on=AS_OF, note="-by telephone"
            ),
            ClinicalEvent(
                patient_code="P01", event_kind=EventKind.RELAPSE, occurred_on=AS_OF + timedelta(days=1), note="later"
            ),
        ),
    )
    timeline = build_timeline(record, results, as_of=AS_OF)
    assert timeline is not None
    finding = Finding(
        rule_id="R6",
        title="Early functional loss",
        patient_code="P01",
        flag_state=FlagState.MET,
        sentence="Transgene lost in (60, 88], confirmed on day 116.",
        protocol_id="nct06389305",
        protocol_version="1.0",
        as_of=AS_OF,
        is_labmon_definition=True,
        raises_flag=True,
        evidence=(Evidence(text="214 copies/µg", role="last good", day=60, run_code="R1"),),
        thresholds=(Threshold(name="copies", value=50, unit="copies/µg", source="Awasthi 2025"),),
        would_change=((FlagState.CONFLICT, "a quantified value"),),
        bracket_left_day=60,
        bracket_right_day=88,
        confirmed_day=116,
        window_end_day=184,
        repeat_by=DAY_0 + timedelta(days=184),
    )
    runs = {
        "R1": Run(run_code="R1", file_sha256="ab", assay_id="a", assay_version="1", acceptance=Acceptance.ACCEPTED),
        "R2": Run(
            run_code="R2",
            file_sha256="ab",
            assay_id="a",
            assay_version="1",
            acceptance=Acceptance.HELD,
            checks=(
                RunCheck(
                    check_id="curve_slope",
                    title="Slope",
                    observed="−3.9",
                    limit="−3.6 to −3.1",
                    outcome=CheckOutcome.FAILED,
                ),
            ),
        ),
    }
    return CourseReport(
        record=record,
        timeline=timeline,
        parameters=kinetic_parameters(timeline),
        findings=(finding,),
        runs=runs,
    )


@pytest.fixture(scope="session")
def course_without_infusion() -> CourseReport:
    return CourseReport(record=PatientRecord(patient=Patient(patient_code="P02")), timeline=None)
