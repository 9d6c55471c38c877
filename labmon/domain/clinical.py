"""Clinical facts about a patient: who, which product, when infused, which specimens, what happened since.

Each fact is one frozen class. Its fields are the columns of the clinical workbook's sheet, of its table in the records
and of its form: `CLINICAL_FACTS` is the one list they are made from. `key` names the fields that make two rows the same
fact; the others are what a later row may contradict. `fact` is the fact's name in `ClinicalRow` and in the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, ClassVar, get_args, get_type_hints


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Costimulation(StrEnum):
    """The costimulatory domain of the product (`car_costimulation`)."""

    FOUR_1BB = "4_1bb"
    CD28 = "cd28"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"4_1bb": "4-1BB", "cd28": "CD28"}.get(self.value, self.value)


class InfusionKind(StrEnum):
    CAR_T = "car_t"
    STUDY_CELLS = "study_cells"


class SpecimenType(StrEnum):
    __hash__ = str.__hash__  # Enum's own is a Python function, and series are looked up by it all day
    PERIPHERAL_BLOOD = "peripheral_blood"
    BONE_MARROW = "bone_marrow"
    CSF = "csf"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"peripheral_blood": "blood", "bone_marrow": "marrow", "csf": "CSF"}.get(self.value, self.value)


class EmdState(StrEnum):
    """Extramedullary disease (`emd_state`)."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class HematogonesState(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    NOT_ASSESSED = "not_assessed"


class ResponseCategory(StrEnum):
    """Response as the clinician reported it (`response_category`)."""

    CR = "CR"
    CRH = "CRh"
    CRI = "CRi"
    MLFS = "MLFS"
    APLASTIC_MARROW = "aplastic_marrow"
    PR = "PR"
    NO_RESPONSE = "no_response"
    PROGRESSION = "progression"
    RELAPSE = "relapse"
    NOT_EVALUABLE = "not_evaluable"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class BaselineState(StrEnum):
    """Whether B cells were there before the infusion."""

    PRESENT = "present"
    ABSENT = "absent"


class DrugClass(StrEnum):
    LYMPHODEPLETION = "lymphodepletion"
    STEROID = "steroid"
    TOCILIZUMAB = "tocilizumab"
    B_CELL_DEPLETING = "b_cell_depleting"
    IMMUNOTHERAPY = "immunotherapy"
    IFN_ALPHA = "ifn_alpha"
    G_CSF = "g_csf"
    OTHER = "other"


class EventKind(StrEnum):
    HSCT = "hsct"
    RELAPSE = "relapse"
    DEATH = "death"
    LAST_CONTACT = "last_contact"


class ConsentKind(StrEnum):
    CONSENT = "consent"
    GUARDIAN_CONSENT = "guardian_consent"
    ASSENT = "assent"
    WITHDRAWAL = "withdrawal"


class AttestedState(StrEnum):
    """What a person attests about a criterion."""

    MET = "met"
    NOT_MET = "not_met"


class LabAnalyte(StrEnum):
    """What a routine laboratory measures and a criterion or a response rule reads."""

    ANC = "anc"
    PLATELETS = "platelets"
    BLOOD_BLASTS = "blood_blasts"
    AST = "ast"
    ALT = "alt"
    BILIRUBIN = "bilirubin"

    @property
    def label(self) -> str:
        return {"anc": "ANC", "ast": "AST", "alt": "ALT"}.get(self.value, self.value.replace("_", " "))

    @property
    def unit(self) -> LabUnit:
        """The unit criteria read it in."""
        return next(iter(_LAB_UNITS[self]))


class LabUnit(StrEnum):
    """The units a routine laboratory reports in."""

    CELLS_10E9_PER_L = "10e9/L"
    CELLS_PER_UL = "/uL"
    PERCENT = "%"
    UNITS_PER_L = "U/L"
    MICROKATAL_PER_L = "ukat/L"
    MG_PER_DL = "mg/dL"
    UMOL_PER_L = "umol/L"


_LAB_UNITS: Mapping[LabAnalyte, Mapping[LabUnit, float]] = {
    LabAnalyte.ANC: {LabUnit.CELLS_10E9_PER_L: 1, LabUnit.CELLS_PER_UL: 1e-3},
    LabAnalyte.PLATELETS: {LabUnit.CELLS_10E9_PER_L: 1, LabUnit.CELLS_PER_UL: 1e-3},
    LabAnalyte.BLOOD_BLASTS: {LabUnit.PERCENT: 1},
    LabAnalyte.AST: {LabUnit.UNITS_PER_L: 1, LabUnit.MICROKATAL_PER_L: 60},
    LabAnalyte.ALT: {LabUnit.UNITS_PER_L: 1, LabUnit.MICROKATAL_PER_L: 60},
    LabAnalyte.BILIRUBIN: {LabUnit.MG_PER_DL: 1, LabUnit.UMOL_PER_L: 1 / 17.1},
}
"""By analyte, what a number of each unit is multiplied by to stand in the first one; other units do not fit it."""


class EcogScore(StrEnum):
    """The performance status of the Eastern Cooperative Oncology Group."""

    FULLY_ACTIVE = "0"
    RESTRICTED = "1"
    AMBULATORY = "2"
    LIMITED = "3"
    DISABLED = "4"
    DEAD = "5"


class NyhaClass(StrEnum):
    """The functional class of the New York Heart Association; none is a heart without disease."""

    NONE = "none"
    I = "I"  # noqa: E741 - the class is called so
    II = "II"
    III = "III"
    IV = "IV"


class Virus(StrEnum):
    HBV = "HBV"
    HCV = "HCV"
    HIV = "HIV"


class InfectionState(StrEnum):
    """Whether an infection is active, as its serology or nucleic acid test was read."""

    ACTIVE = "active"
    NOT_ACTIVE = "not_active"
    INDETERMINATE = "indeterminate"


class BloodProduct(StrEnum):
    RED_CELLS = "red_cells"
    PLATELETS = "platelets"

    @property
    def label(self) -> str:
        return {"red_cells": "red-cell", "platelets": "platelet"}[self.value]


class SignState(StrEnum):
    """Whether something was found where it was looked for."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient, by code; names are kept elsewhere."""

    fact: ClassVar[str] = "patient"
    sheet: ClassVar[str] = "Patients"
    key: ClassVar[tuple[str, ...]] = ("patient_code",)

    patient_code: str
    sex: Sex = Sex.UNKNOWN
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Infusion:
    """An infusion of cells; each CAR-T infusion begins a course with its own day 0."""

    fact: ClassVar[str] = "infusion"
    sheet: ClassVar[str] = "Infusions"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "infused_on", "infusion_kind")

    patient_code: str
    infused_on: date
    infusion_kind: InfusionKind = InfusionKind.CAR_T
    product: str | None = None
    car_target: str | None = None
    """Target antigens, separated by "+": "CD19", "CD19+CD22"."""
    car_costimulation: Costimulation = Costimulation.UNKNOWN

    @property
    def car_targets(self) -> frozenset[str]:
        return frozenset(part.strip().upper() for part in (self.car_target or "").split("+") if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A specimen of a patient with its collection time; results belong to specimens, never to wells."""

    fact: ClassVar[str] = "specimen"
    sheet: ClassVar[str] = "Specimens"
    key: ClassVar[tuple[str, ...]] = ("specimen_code",)

    specimen_code: str
    patient_code: str
    specimen_type: SpecimenType
    collected_on: date
    collected_at: datetime | None = None
    """The instant, when the time of day is known (site's zone kept in the value's offset)."""
    blood_volume_ul: float | None = None
    """Volume the DNA was extracted from."""
    elution_volume_ul: float | None = None
    """Volume the DNA was eluted in."""

    @property
    def sampled_at(self) -> datetime | date:
        return self.collected_at or self.collected_on


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellBaseline:
    """B cells before the infusion: without them, their return means nothing."""

    fact: ClassVar[str] = "b_cell_baseline"
    sheet: ClassVar[str] = "B-cell baseline"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "measured_on")

    patient_code: str
    measured_on: date
    baseline_state: BaselineState
    cd19_pct_of_lymphocytes: float | None = None
    cd19_cells_per_ul: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseAssessment:
    """Marrow and extramedullary status on a date."""

    fact: ClassVar[str] = "disease_assessment"
    sheet: ClassVar[str] = "Disease"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "assessed_on")

    patient_code: str
    assessed_on: date
    marrow_blasts_pct: float | None = None
    emd_state: EmdState = EmdState.UNKNOWN
    hematogones_state: HematogonesState = HematogonesState.NOT_ASSESSED
    response_category: ResponseCategory = ResponseCategory.NOT_EVALUABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication:
    """A drug that changes how the cells or the B cells are read."""

    fact: ClassVar[str] = "medication"
    sheet: ClassVar[str] = "Medications"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "drug", "started_on")

    patient_code: str
    drug: str
    started_on: date
    drug_class: DrugClass = DrugClass.OTHER
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalEvent:
    """Something that happened: transplant, relapse, death, last contact."""

    fact: ClassVar[str] = "clinical_event"
    sheet: ClassVar[str] = "Events"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "event_kind", "occurred_on")

    patient_code: str
    event_kind: EventKind
    occurred_on: date
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Consent or assent to the study, or its withdrawal."""

    fact: ClassVar[str] = "consent"
    sheet: ClassVar[str] = "Consent"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "consent_kind", "consented_on")

    patient_code: str
    consent_kind: ConsentKind
    consented_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A person's word on a criterion no instrument can measure."""

    fact: ClassVar[str] = "attestation"
    sheet: ClassVar[str] = "Attestations"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "criterion_id", "attested_on")

    patient_code: str
    criterion_id: str
    attested_on: date
    attested_state: AttestedState
    attested_by: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabValue:
    """A routine laboratory value with the limits its own report states."""

    fact: ClassVar[str] = "lab_value"
    sheet: ClassVar[str] = "Laboratory"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "lab_analyte", "measured_on")

    patient_code: str
    lab_analyte: LabAnalyte
    measured_on: date
    value: float
    lab_unit: LabUnit
    lower_limit: float | None = None
    upper_limit: float | None = None
    """Of the reference range, in the value's unit."""

    @property
    def read_value(self) -> float | None:
        """The value in the unit criteria read the analyte in; None when its unit does not fit the analyte."""
        factor = _LAB_UNITS[self.lab_analyte].get(self.lab_unit)
        return None if factor is None else self.value * factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfusion:
    """A transfusion: counts after it are not the marrow's own."""

    fact: ClassVar[str] = "transfusion"
    sheet: ClassVar[str] = "Transfusions"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "blood_product", "given_on")

    patient_code: str
    blood_product: BloodProduct
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceStatus:
    """ECOG performance status on a date."""

    fact: ClassVar[str] = "performance_status"
    sheet: ClassVar[str] = "Performance"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "assessed_on")

    patient_code: str
    assessed_on: date
    ecog_score: EcogScore


@dataclass(frozen=True, slots=True, kw_only=True)
class CardiacStatus:
    """Ejection fraction by echocardiography and NYHA class, as far as each was assessed."""

    fact: ClassVar[str] = "cardiac_status"
    sheet: ClassVar[str] = "Heart"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "assessed_on")

    patient_code: str
    assessed_on: date
    lvef_fraction: float | None = None
    nyha_class: NyhaClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetExpression:
    """The product's target on the leukaemia, by flow cytometry."""

    fact: ClassVar[str] = "target_expression"
    sheet: ClassVar[str] = "Target expression"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "antigen", "measured_on")

    patient_code: str
    antigen: str
    measured_on: date
    target_pct_of_blasts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Serology:
    """Whether a viral infection is active, by serology or nucleic acid test."""

    fact: ClassVar[str] = "serology"
    sheet: ClassVar[str] = "Serology"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "virus", "tested_on")

    patient_code: str
    virus: Virus
    tested_on: date
    infection_state: InfectionState


@dataclass(frozen=True, slots=True, kw_only=True)
class CsfAssessment:
    """Cells of a lumbar puncture, and those of the blood of that day to tell a traumatic one."""

    fact: ClassVar[str] = "csf_assessment"
    sheet: ClassVar[str] = "CSF"
    key: ClassVar[tuple[str, ...]] = ("patient_code", "assessed_on")

    patient_code: str
    assessed_on: date
    csf_blasts: SignState = SignState.UNKNOWN
    csf_wbc_per_ul: float | None = None
    csf_rbc_per_ul: float | None = None
    blood_wbc_per_ul: float | None = None
    blood_rbc_per_ul: float | None = None
    cns_signs: SignState = SignState.UNKNOWN
    """Clinical signs of leukaemia of the central nervous system."""


ClinicalFact = (
    Patient
    | Infusion
    | Specimen
    | BCellBaseline
    | DiseaseAssessment
    | Medication
    | ClinicalEvent
    | Consent
    | Attestation
    | LabValue
    | Transfusion
    | PerformanceStatus
    | CardiacStatus
    | TargetExpression
    | Serology
    | CsfAssessment
)

CLINICAL_FACTS: tuple[type[ClinicalFact], ...] = (
    Patient,
    Infusion,
    Specimen,
    BCellBaseline,
    DiseaseAssessment,
    Medication,
    ClinicalEvent,
    Consent,
    Attestation,
    LabValue,
    Transfusion,
    PerformanceStatus,
    CardiacStatus,
    TargetExpression,
    Serology,
    CsfAssessment,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactField:
    """One field of a fact: its plain type, and whether it may be left empty."""

    name: str
    type: type
    may_be_empty: bool

    def typed(self, cell: object) -> object:
        """A cell as the field holds it: the words of a closed list become its members, ISO text an instant."""
        if isinstance(cell, str) and issubclass(self.type, Enum):
            return self.type(cell)
        if isinstance(cell, str) and issubclass(self.type, datetime):
            return datetime.fromisoformat(cell)
        return cell


def fact_fields(kind: type[ClinicalFact]) -> tuple[FactField, ...]:
    """The fields of a fact class, in the order of its columns."""
    return _FACT_FIELDS[kind]


def _fields_of(kind: type[ClinicalFact]) -> tuple[FactField, ...]:
    hints = get_type_hints(kind)
    found = []
    for field in fields(kind):
        options = get_args(hints[field.name]) or (hints[field.name],)
        plain = next(option for option in options if option is not NoneType)
        found.append(FactField(name=field.name, type=plain, may_be_empty=NoneType in options))
    return tuple(found)


_FACT_FIELDS = {kind: _fields_of(kind) for kind in CLINICAL_FACTS}


def fact_from_cells(kind: type[ClinicalFact], cells: Mapping[str, object]) -> ClinicalFact:
    """A fact from its cells; an empty cell leaves the field at what says that nothing is known.

    Raises ValueError for a word outside its closed list, TypeError for a required field that is empty.
    """
    typed: dict[str, Any] = {
        field.name: field.typed(cell) for field in fact_fields(kind) if (cell := cells.get(field.name)) is not None
    }
    return kind(**typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """All clinical facts of one patient, each tuple in order of its date."""

    patient: Patient
    infusions: tuple[Infusion, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    b_cell_baselines: tuple[BCellBaseline, ...] = ()
    disease_assessments: tuple[DiseaseAssessment, ...] = ()
    medications: tuple[Medication, ...] = ()
    events: tuple[ClinicalEvent, ...] = ()
    consents: tuple[Consent, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    lab_values: tuple[LabValue, ...] = ()
    transfusions: tuple[Transfusion, ...] = ()
    performance_statuses: tuple[PerformanceStatus, ...] = ()
    cardiac_statuses: tuple[CardiacStatus, ...] = ()
    target_expressions: tuple[TargetExpression, ...] = ()
    serologies: tuple[Serology, ...] = ()
    csf_assessments: tuple[CsfAssessment, ...] = ()

    @property
    def patient_code(self) -> str:
        return self.patient.patient_code
