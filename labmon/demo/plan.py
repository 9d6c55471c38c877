"""What the demo study is made from, as resources/demo states it: study, laboratory and 24 invented patients."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from labmon.domain.clinical import Costimulation, ResponseCategory, Sex
from labmon.resources import read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Depletion:
    """A B-cell-depleting drug after the infusion."""

    drug: str
    from_day: int
    to_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedSample:
    """A sample name that means no specimen, on the plate of a visit."""

    visit: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPatient:
    """One invented patient. Days count from the first infusion; a visit is named by its planned day."""

    code: str
    sex: Sex
    birth_date: date
    infused_on: date
    persistence_copies: float
    costimulation: Costimulation = Costimulation.FOUR_1BB
    product: str = "DEMO-CAR19-BB"
    target: str = "CD19"
    second_infusion_on: date | None = None
    second_product: str | None = None
    second_target: str | None = None

    cmax_copies: float | None = None
    tmax_days: float | None = None
    lost_from_day: int | None = None
    b_cells_back_from_day: int | None = None
    response: ResponseCategory = ResponseCategory.CR
    marrow_blasts: Mapping[int, float] = field(default_factory=dict)
    mrd_fraction: Mapping[int, float] = field(default_factory=dict)
    mrd_cells: Mapping[int, int] = field(default_factory=dict)
    mrd_methods: Sequence[str] = ("flow", "rq_pcr", "ngs")
    emd_unknown_from_day: int | None = None
    relapse_on_day: int | None = None
    death_on_day: int | None = None
    hsct_on_day: int | None = None
    b_cell_depleting: Depletion | None = None

    on_day: Mapping[int, int] = field(default_factory=dict)
    missed: Sequence[int] = ()
    extra_visits: Sequence[int] = ()
    marrow: Sequence[int] | None = None
    extra_marrow: Sequence[int] = ()
    no_flow: Sequence[int] = ()
    no_baseline: bool = False
    no_consent: bool = False
    not_attested: Sequence[str] = ()

    discrepant: Sequence[int] = ()
    """Visits whose PCR fails to amplify what is there."""
    undetermined: Mapping[int, int] = field(default_factory=dict)
    """Wells without a Cq, by visit."""
    omitted_well: Sequence[int] = ()
    unmapped_sample: UnmappedSample | None = None
    dna_ng_per_ul: Mapping[int, float] = field(default_factory=dict)
    dna_missing: Sequence[int] = ()
    cd3_events: Mapping[int, int] = field(default_factory=dict)
    car_share: Mapping[int, float] = field(default_factory=dict)
    """What the flow laboratory sees of the CAR+ cells, as a share."""
    flow_age_h: Mapping[int, float] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return int(self.code[-3:])

    def age_on(self, when: date) -> int:
        birthday_is_ahead = (when.month, when.day) < (self.birth_date.month, self.birth_date.day)
        return when.year - self.birth_date.year - birthday_is_ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialRun:
    """A PCR run apart from the schedule, with wanted trouble; specimens by patient and planned visit."""

    date: date
    trouble: str
    specimens: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """Everything resources/demo says. `study` is study.toml, whose comments explain its keys."""

    as_of: date
    seed: int
    study: Mapping[str, Any]
    patients: tuple[DemoPatient, ...]

    @property
    def special_runs(self) -> tuple[SpecialRun, ...]:
        return tuple(
            SpecialRun(
                date=run["date"],
                trouble=run["trouble"],
                specimens=tuple((code, visit) for code, visit in run["specimens"]),
            )
            for run in self.study["qpcr"]["special_run"]
        )


def load_plan() -> DemoPlan:
    """The shipped plan."""
    study = tomllib.loads(read_text("demo", "study.toml"))
    patients = tomllib.loads(read_text("demo", "patients.toml"))["patient"]
    return DemoPlan(
        as_of=study["as_of"],
        seed=study["seed"],
        study=study,
        patients=tuple(_patient(table) for table in patients),
    )


_BY_VISIT = ("marrow_blasts", "mrd_fraction", "mrd_cells", "on_day", "undetermined", "dna_ng_per_ul")
_BY_VISIT_FLOW = ("cd3_events", "car_share", "flow_age_h")


def _patient(table: Mapping[str, Any]) -> DemoPatient:
    values = dict(table)
    for name in (*_BY_VISIT, *_BY_VISIT_FLOW):
        if name in values:
            values[name] = {int(day): value for day, value in values[name].items()}
    values["sex"] = Sex(values["sex"])
    if "costimulation" in values:
        values["costimulation"] = Costimulation(values["costimulation"])
    if "response" in values:
        values["response"] = ResponseCategory(values["response"])
    if "b_cell_depleting" in values:
        values["b_cell_depleting"] = Depletion(**values["b_cell_depleting"])
    if "unmapped_sample" in values:
        values["unmapped_sample"] = UnmappedSample(**values["unmapped_sample"])
    return DemoPatient(**values)
