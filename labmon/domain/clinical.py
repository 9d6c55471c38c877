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
    PR = "PR"
    NO_RESPONSE = "no_response"
    RELAPSE = "relapse"
    NOT_EVALUABLE = "not_evaluable"


class BaselineState(StrEnum):
    """Whether B cells were there before the infusion."""

    PRESENT = "present"
    ABSENT = "absent"


class DrugClass(StrEnum):
    LYMPHODEPLETION = "lymphodepletion"
    STEROID = "steroid"
    TOCILIZUMAB = "tocilizumab"
    B_CELL_DEPLETING = "b_cell_depleting"
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

    @property
    def patient_code(self) -> str:
        return self.patient.patient_code
