"""The sheets of labmon's own workbooks: their columns, what a cell may hold and how to fill it.

The clinical sheets are the clinical facts themselves; the MRD sheets are written out here. What makes the workbooks and
what reads them both start from these tables, so a heading cannot mean one thing to the one and another to the other.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import get_args, get_type_hints

from labmon.domain.analyte import MrdMethod
from labmon.domain.clinical import CLINICAL_FACTS, ClinicalFact

MARK_SHEET = "labmon"
"""The sheet that marks a workbook as ours: A1 `MARK`, B1 the template's id, A2 `VERSION_MARK`, B2 its version."""
MARK = "labmon template"
VERSION_MARK = "version"


class TemplateId(StrEnum):
    CLINICAL = "clinical"
    MRD = "mrd"

    @property
    def label(self) -> str:
        return {TemplateId.CLINICAL: "clinical facts", TemplateId.MRD: "MRD results"}[self]


VERSIONS = {TemplateId.CLINICAL: 2, TemplateId.MRD: 1}
"""Raised when a column is added; a reader reads every version up to its own."""


class CellKind(StrEnum):
    TEXT = "text"
    DATE = "date"
    DATE_TIME = "date and time"
    NUMBER = "number"
    COUNT = "whole number"
    CHOICE = "choice"


class YesNo(StrEnum):
    YES = "yes"
    NO = "no"


class MrdState(StrEnum):
    """What an MRD report says when it does not say a number (`mrd_state`)."""

    POSITIVE_QUANTIFIED = "positive_quantified"
    POSITIVE_NOT_QUANTIFIABLE = "positive_not_quantifiable"
    NOT_DETECTED = "not_detected"
    NOT_EVALUABLE = "not_evaluable"


class MrdDenominator(StrEnum):
    """The cells an MRD fraction is a fraction of (`mrd_denominator`)."""

    NUCLEATED_CELLS = "nucleated_cells"
    LEUKOCYTES = "leukocytes"
    MONONUCLEAR_CELLS = "mononuclear_cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading as written in row 1, and what its cells may hold."""

    heading: str
    kind: CellKind
    help: str
    is_required: bool = False
    choices: type[StrEnum] | None = None
    low: float | None = None
    high: float | None = None
    """The range by definition (a fraction lies between 0 and 1); outside it the cell is flagged, never clamped."""

    @property
    def expected(self) -> str:
        """What a cell should be, in words: "one of female, male, unknown"."""
        if self.choices is not None:
            return "one of " + ", ".join(self.choices)
        return {
            CellKind.TEXT: "text",
            CellKind.DATE: "a date (2026-04-13)",
            CellKind.DATE_TIME: "a date and time (2026-04-13 09:30)",
            CellKind.NUMBER: "a number" + self._span,
            CellKind.COUNT: "a whole number" + self._span,
            CellKind.CHOICE: "a choice",
        }[self.kind]

    @property
    def _span(self) -> str:
        if self.high is not None:
            return f" from {self.low or 0:g} to {self.high:g}"
        return f" of at least {self.low:g}" if self.low is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: headings in row 1, one row a fact or result from row 2 on."""

    title: str
    purpose: str
    columns: tuple[Column, ...]
    fact: type[ClinicalFact] | None = None
    """Clinical sheets: the fact a row is."""
    method: MrdMethod | None = None
    """MRD sheets: how the rows were measured."""

    def column(self, heading: str) -> Column:
        return next(column for column in self.columns if column.heading == heading)


_DAY = "Date, best as 2026-04-13."
_PATIENT = "The patient's code in the study. No names, no record numbers."

_CLINICAL_HELP = {
    "patient_code": _PATIENT,
    "sex": "As recorded at birth.",
    "birth_date": "Needed for the age at consent. " + _DAY,
    "infused_on": "Day 0 of the course. " + _DAY,
    "infusion_kind": "car_t begins a course; study_cells are the cells given within the study.",
    "product": "The product's name or code.",
    "car_target": "Target antigens, joined by +, as CD19 or CD19+CD22.",
    "car_costimulation": "From the product's certificate. Leave unknown if you do not know: nothing is guessed.",
    "specimen_code": "The code on the tube, as the instruments' sample names will say it.",
    "specimen_type": "What was drawn.",
    "collected_on": _DAY,
    "collected_at": "Date and time, if the time is known: flow cytometry needs it to know the specimen's age.",
    "blood_volume_ul": "Microlitres of blood the DNA was extracted from; needed for copies per microlitre.",
    "elution_volume_ul": "Microlitres the DNA was eluted in; needed for copies per microlitre.",
    "measured_on": _DAY,
    "baseline_state": "Were there B cells before the infusion?",
    "cd19_pct_of_lymphocytes": "CD19+ cells, percent of lymphocytes, 0 to 100.",
    "cd19_cells_per_ul": "CD19+ cells per microlitre of blood.",
    "assessed_on": _DAY,
    "marrow_blasts_pct": "Blasts in the marrow, percent, 0 to 100. Empty if no marrow was taken.",
    "emd_state": "Extramedullary disease. Unknown is not absent.",
    "hematogones_state": "Normal B precursors in the marrow, as the laboratory reported.",
    "response_category": "As the clinician reported it.",
    "drug": "The drug's name.",
    "started_on": _DAY,
    "drug_class": "b_cell_depleting for rituximab, blinatumomab and the like: they make B cells uninterpretable.",
    "ended_on": "Empty while it goes on. " + _DAY,
    "event_kind": "What happened.",
    "occurred_on": _DAY,
    "note": "Free text without names.",
    "consent_kind": "Which consent, or its withdrawal.",
    "consented_on": _DAY,
    "criterion_id": "The criterion's id in the protocol, as A4.",
    "attested_on": _DAY,
    "attested_state": "What you attest.",
    "attested_by": "Who attests: initials or staff code.",
    "lab_analyte": "What was measured; blood_blasts are blasts in the blood count.",
    "value": "The number as reported, in the unit beside it.",
    "lab_unit": "As reported. A unit that does not fit the analyte is not guessed.",
    "lower_limit": "Of the laboratory's reference range on that report, in the value's unit.",
    "upper_limit": "Of the laboratory's reference range on that report, in the value's unit: times ULN rests on it.",
    "blood_product": "What was transfused.",
    "given_on": _DAY,
    "ecog_score": "Performance status, 0 to 5.",
    "lvef_fraction": "Ejection fraction by echocardiography, 0 to 1: 0.55 is 55 %.",
    "nyha_class": "Functional class; none for a heart without disease.",
    "antigen": "The target antigen, as CD19.",
    "target_pct_of_blasts": "Blasts that carry the target, percent, 0 to 100.",
    "virus": "Which infection was looked for.",
    "tested_on": _DAY,
    "infection_state": "As the laboratory or the clinician read it.",
    "csf_blasts": "Blasts in the cerebrospinal fluid. Unknown is not absent.",
    "csf_wbc_per_ul": "White cells per microlitre of cerebrospinal fluid.",
    "csf_rbc_per_ul": "Red cells per microlitre of cerebrospinal fluid; from 10 on the puncture counts as traumatic.",
    "blood_wbc_per_ul": "White cells per microlitre of blood on that day: 6.2 x 10e9/L is 6200.",
    "blood_rbc_per_ul": "Red cells per microlitre of blood on that day: 3.1 x 10e12/L is 3100000.",
    "cns_signs": "Clinical signs of leukaemia of the central nervous system.",
}

_PERCENT = (0.0, 100.0)
_FRACTION = (0.0, 1.0)


def _range_of(heading: str) -> tuple[float | None, float | None]:
    """The range a heading's unit suffix implies."""
    if "_pct" in heading:
        return _PERCENT
    if heading.endswith("_fraction"):
        return _FRACTION
    return 0.0, None


def _fact_column(name: str, annotation: object, is_required: bool) -> Column:
    kinds = [part for part in get_args(annotation) if part is not NoneType] or [annotation]
    (kind,) = kinds  # every field is one type, or that type and None
    choices = kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None
    cell_kind = CellKind.CHOICE if choices else _KIND_OF_TYPE[kind]
    low, high = _range_of(name) if cell_kind is CellKind.NUMBER else (None, None)
    return Column(
        heading=name,
        kind=cell_kind,
        help=_CLINICAL_HELP[name],
        is_required=is_required,
        choices=choices,
        low=low,
        high=high,
    )


_KIND_OF_TYPE: dict[object, CellKind] = {
    str: CellKind.TEXT,
    date: CellKind.DATE,
    datetime: CellKind.DATE_TIME,
    float: CellKind.NUMBER,
}


def _fact_sheet(fact: type[ClinicalFact]) -> Sheet:
    hints = get_type_hints(fact)
    return Sheet(
        title=fact.sheet,
        purpose=(fact.__doc__ or "").strip(),
        columns=tuple(_fact_column(field.name, hints[field.name], field.default is MISSING) for field in fields(fact)),
        fact=fact,
    )


_SPECIMEN = Column(
    heading="specimen_code",
    kind=CellKind.TEXT,
    help="The code on the tube, as in the clinical workbook.",
    is_required=True,
)
_ANALYSED = Column(heading="analysed_on", kind=CellKind.DATE, help="Day of the measurement. " + _DAY)


def _fraction_column(heading: str, help_text: str) -> Column:
    return Column(
        heading=heading,
        kind=CellKind.NUMBER,
        help=help_text + " As a fraction: 0.0001 is 0.01 %.",
        low=_FRACTION[0],
        high=_FRACTION[1],
    )


def _count_column(heading: str, help_text: str, *, is_required: bool = False) -> Column:
    return Column(heading=heading, kind=CellKind.COUNT, help=help_text, is_required=is_required, low=0.0)


MRD_SHEETS: tuple[Sheet, ...] = (
    Sheet(
        title="Flow MRD",
        purpose="MRD by flow cytometry: cells acquired and MRD events; the sensitivity follows from the cells.",
        method=MrdMethod.FLOW,
        columns=(
            _SPECIMEN,
            _ANALYSED,
            Column(heading="marker", kind=CellKind.TEXT, help="The phenotype the MRD events were found by."),
            Column(
                heading="mrd_denominator",
                kind=CellKind.CHOICE,
                help="The cells that mrd_total_cells counts.",
                is_required=True,
                choices=MrdDenominator,
            ),
            _count_column("mrd_total_cells", "Cells acquired, of the denominator; the sensitivity follows from them."),
            _count_column("mrd_events", "MRD events among them; 0 if none was found.", is_required=True),
            _fraction_column("mrd_fraction", "The fraction as reported; labmon compares it with the counts."),
            _fraction_column("mrd_lod_fraction", "The assay's validated limit of detection, if there is one."),
            Column(
                heading="cd19_gating",
                kind=CellKind.CHOICE,
                help="yes if the blasts were looked for inside a CD19 gate although the patient has had"
                " CD19-directed therapy; else no.",
                choices=YesNo,
            ),
        ),
    ),
    Sheet(
        title="Ig-TR qPCR",
        purpose="MRD by real-time PCR of a clonal immunoglobulin or T-cell receptor rearrangement.",
        method=MrdMethod.RQ_PCR,
        columns=(
            _SPECIMEN,
            _ANALYSED,
            Column(
                heading="marker",
                kind=CellKind.TEXT,
                help="The clonal rearrangement, as IGH VH3-21/JH4. One row a marker.",
                is_required=True,
            ),
            Column(
                heading="mrd_state",
                kind=CellKind.CHOICE,
                help="positive_not_quantifiable is never a number: leave mrd_fraction empty.",
                is_required=True,
                choices=MrdState,
            ),
            _fraction_column("mrd_fraction", "Only if mrd_state is positive_quantified."),
            _fraction_column("mrd_sensitivity_fraction", "The sensitivity this sample reached."),
            _fraction_column("mrd_lloq_fraction", "The lower end of the quantitative range."),
        ),
    ),
    Sheet(
        title="NGS MRD",
        purpose="MRD by sequencing: copies of the clone per million cells, and the cells the DNA came from.",
        method=MrdMethod.NGS,
        columns=(
            _SPECIMEN,
            _ANALYSED,
            Column(
                heading="marker",
                kind=CellKind.TEXT,
                help="The clone or sequence followed. One row a clone.",
                is_required=True,
            ),
            Column(
                heading="mrd_copies_per_million",
                kind=CellKind.NUMBER,
                help="Copies of the clone per million nucleated cells; 0 if none was found.",
                is_required=True,
                low=0.0,
                high=1e6,
            ),
            _count_column("input_cells", "Nucleated cells the DNA came from; the sensitivity follows from them."),
            _fraction_column("mrd_sensitivity_fraction", "The limit of detection the report states, if it does."),
            _fraction_column("mrd_lloq_fraction", "The limit of quantification the report states, if it does."),
        ),
    ),
)


@cache
def sheets_of(template: TemplateId) -> tuple[Sheet, ...]:
    """The sheets of a template in the order of its tabs."""
    return MRD_SHEETS if template is TemplateId.MRD else tuple(_fact_sheet(fact) for fact in CLINICAL_FACTS)
