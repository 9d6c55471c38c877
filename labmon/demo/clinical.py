"""The demo's clinical facts, in labmon's own template: who, which product, when, what else happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta

from labmon.demo.chance import Chance
from labmon.demo.courses import Course
from labmon.demo.plan import DemoPatient, DemoPlan
from labmon.demo.visits import Drawn
from labmon.domain.clinical import (
    Attestation,
    AttestedState,
    BaselineState,
    BCellBaseline,
    ClinicalEvent,
    ClinicalFact,
    Consent,
    ConsentKind,
    DiseaseAssessment,
    DrugClass,
    EmdState,
    EventKind,
    HematogonesState,
    Infusion,
    InfusionKind,
    Medication,
    Patient,
    ResponseCategory,
    Specimen,
    SpecimenType,
)
from labmon.domain.template import TemplateId
from labmon.reports.templates import filled_template_bytes

_ATTESTED = ("A4", "A5", "A6")
_ATTESTED_ON_DAY = 100
_CONSENTED_ON_DAY = -12
_ASSENT_FROM = 8
_ADULT_FROM = 18
_VOLUMES_EVERY = 7
"""Every so many specimens the volumes were not written down, so copies/µL cannot be had."""


def workbooks(
    plan: DemoPlan, specimens: Sequence[Drawn], courses: dict[str, Course], chance: Chance
) -> list[tuple[str, bytes]]:
    """Three workbooks, in the order they must be imported: enrolment, specimens, follow-up."""
    enrolment = [fact for patient in plan.patients for fact in _enrolment(patient, courses[patient.code])]
    drawn = [_specimen(plan, index, each) for index, each in enumerate(specimens)]
    follow_up: list[ClinicalFact] = []
    for patient in plan.patients:
        own = [each for each in specimens if each.patient is patient]
        follow_up += _follow_up(plan, patient, own, chance)
    return [
        ("1_enrolment", _workbook(enrolment)),
        ("2_specimens", _workbook(drawn)),
        ("3_follow-up", _workbook(follow_up)),
    ]


def _workbook(facts: Iterable[ClinicalFact]) -> bytes:
    rows: dict[str, list[dict[str, object]]] = {}
    for fact in facts:
        cells = {field.name: getattr(fact, field.name) for field in fields(fact)}
        if isinstance(fact, Specimen) and fact.collected_at is not None:
            cells["collected_at"] = fact.collected_at.isoformat(timespec="minutes")  # keeps the site's offset
        rows.setdefault(fact.sheet, []).append(cells)
    return filled_template_bytes(TemplateId.CLINICAL, rows)


def _enrolment(patient: DemoPatient, course: Course) -> Iterator[ClinicalFact]:
    code = patient.code
    yield Patient(patient_code=code, sex=patient.sex, birth_date=patient.birth_date)
    yield Infusion(
        patient_code=code,
        infused_on=patient.infused_on,
        infusion_kind=InfusionKind.CAR_T,
        product=patient.product,
        car_target=patient.target,
        car_costimulation=patient.costimulation,
    )
    if patient.second_infusion_on is not None:
        yield Infusion(
            patient_code=code,
            infused_on=patient.second_infusion_on,
            infusion_kind=InfusionKind.CAR_T,
            product=patient.second_product,
            car_target=patient.second_target,
            car_costimulation=patient.costimulation,
        )
    if not patient.no_baseline:
        blood = course.blood(-7)
        yield BCellBaseline(
            patient_code=code,
            measured_on=_day(patient, -7),
            baseline_state=BaselineState.PRESENT,
            cd19_pct_of_lymphocytes=round(100 * blood.cd19_per_ul / blood.lymphocytes_per_ul, 1),
            cd19_cells_per_ul=round(blood.cd19_per_ul),
        )
    if not patient.no_consent:
        yield from _consents(patient)


def _consents(patient: DemoPatient) -> Iterator[ClinicalFact]:
    on = _day(patient, _CONSENTED_ON_DAY)
    age = patient.age_on(on)
    kinds = [ConsentKind.CONSENT] if age >= _ADULT_FROM else [ConsentKind.GUARDIAN_CONSENT]
    if _ASSENT_FROM <= age < _ADULT_FROM and "A7" not in patient.not_attested:
        kinds.append(ConsentKind.ASSENT)
    for kind in kinds:
        yield Consent(patient_code=patient.code, consent_kind=kind, consented_on=on)


def _specimen(plan: DemoPlan, index: int, drawn: Drawn) -> Specimen:
    settings = plan.study["qpcr"]
    has_volumes = drawn.has_transgene_test and index % _VOLUMES_EVERY != 0
    return Specimen(
        specimen_code=drawn.code,
        patient_code=drawn.patient.code,
        specimen_type=drawn.specimen_type,
        collected_on=drawn.collected_on,
        collected_at=drawn.collected_at,
        blood_volume_ul=settings["blood_volume_ul"] if has_volumes else None,
        elution_volume_ul=settings["elution_volume_ul"] if has_volumes else None,
    )


def _follow_up(
    plan: DemoPlan, patient: DemoPatient, specimens: Sequence[Drawn], chance: Chance
) -> Iterator[ClinicalFact]:
    yield DiseaseAssessment(
        patient_code=patient.code,
        assessed_on=_day(patient, -14),
        marrow_blasts_pct=11.0 if patient.number == 16 else float(chance.integer(24, 88, patient.code, "blasts")),
        emd_state=EmdState.ABSENT,
    )
    for drawn in specimens:
        if drawn.specimen_type is SpecimenType.BONE_MARROW:
            yield _assessment(patient, drawn, chance)
    yield from (fact for fact in _medications(patient) if fact.started_on <= plan.as_of)
    yield from _events(plan, patient, specimens)
    attested_on = _day(patient, _ATTESTED_ON_DAY)
    if attested_on <= plan.as_of:
        for criterion in _ATTESTED:
            if criterion not in patient.not_attested:
                yield Attestation(
                    patient_code=patient.code,
                    criterion_id=criterion,
                    attested_on=attested_on,
                    attested_state=AttestedState.MET,
                    attested_by="LW" if patient.number % 2 else "CH",
                )


def _assessment(patient: DemoPatient, drawn: Drawn, chance: Chance) -> DiseaseAssessment:
    planned = drawn.course == 1
    blasts = patient.marrow_blasts.get(drawn.visit) if planned else None
    if blasts is None:
        blasts = chance.integer(2, 18, drawn.code, "blasts") / 10
    unknown_from = patient.emd_unknown_from_day
    response = patient.response
    if planned and patient.relapse_on_day is not None and drawn.day >= patient.relapse_on_day:
        response = ResponseCategory.RELAPSE
    back = patient.b_cells_back_from_day
    hematogones = HematogonesState.ABSENT
    if planned and back is not None and drawn.day >= back:
        hematogones = HematogonesState.PRESENT
    elif chance.uniform(drawn.code, "hematogones") < 0.2:
        hematogones = HematogonesState.NOT_ASSESSED
    return DiseaseAssessment(
        patient_code=patient.code,
        assessed_on=drawn.collected_on,
        marrow_blasts_pct=blasts,
        emd_state=EmdState.UNKNOWN if unknown_from is not None and drawn.day >= unknown_from else EmdState.ABSENT,
        hematogones_state=hematogones,
        response_category=response,
    )


def _medications(patient: DemoPatient) -> Iterator[Medication]:
    def drug(name: str, drug_class: DrugClass, first: int, last: int) -> Medication:
        return Medication(
            patient_code=patient.code,
            drug=name,
            drug_class=drug_class,
            started_on=_day(patient, first),
            ended_on=_day(patient, last),
        )

    starts = [0]
    if patient.second_infusion_on is not None:
        starts.append((patient.second_infusion_on - patient.infused_on).days)
    for start in starts:
        yield drug("fludarabine", DrugClass.LYMPHODEPLETION, start - 5, start - 3)
        yield drug("cyclophosphamide", DrugClass.LYMPHODEPLETION, start - 5, start - 4)
    if patient.number % 3 == 1:
        yield drug("tocilizumab", DrugClass.TOCILIZUMAB, 6, 6)
    if patient.number % 4 == 1:
        yield drug("dexamethasone", DrugClass.STEROID, 7, 10)
    if patient.number % 5 == 2:
        yield drug("filgrastim", DrugClass.G_CSF, 9, 13)
    depletion = patient.b_cell_depleting
    if depletion is not None:
        yield drug(depletion.drug, DrugClass.B_CELL_DEPLETING, depletion.from_day, depletion.to_day)


def _events(plan: DemoPlan, patient: DemoPatient, specimens: Sequence[Drawn]) -> Iterator[ClinicalEvent]:
    dated = (
        (EventKind.HSCT, patient.hsct_on_day, "allogeneic, sibling donor"),
        (EventKind.RELAPSE, patient.relapse_on_day, "bone marrow"),
        (EventKind.DEATH, patient.death_on_day, None),
    )
    for kind, day, note in dated:
        if day is not None and _day(patient, day) <= plan.as_of:
            yield ClinicalEvent(patient_code=patient.code, event_kind=kind, occurred_on=_day(patient, day), note=note)
    if patient.death_on_day is None and specimens:
        seen = max(each.collected_on for each in specimens)
        yield ClinicalEvent(patient_code=patient.code, event_kind=EventKind.LAST_CONTACT, occurred_on=seen)


def _day(patient: DemoPatient, day: int) -> date:
    return patient.infused_on + timedelta(days=day)
