"""What goes on in an invented patient: transgene, CAR+ cells and B cells on any day, from the published model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labmon.demo.chance import Chance
from labmon.demo.plan import DemoPatient, DemoPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """One infusion's cells: the model's parameters of this patient."""

    infused_on_day: int
    fold: float
    tmax_days: float
    cmax_copies: float
    alpha_per_day: float
    persistence_copies: float
    beta_per_day: float
    lost_from_day: float | None
    rejection_per_day: float

    def copies_per_ug(self, day: float) -> float:
        t = day - self.infused_on_day
        if t <= 0:
            return 0.0
        if t < self.tmax_days:
            grown = self.cmax_copies / self.fold * math.exp(math.log(self.fold) / self.tmax_days * t)
        else:
            since = t - self.tmax_days
            persistence = min(self.persistence_copies, self.cmax_copies)
            grown = (self.cmax_copies - persistence) * math.exp(-self.alpha_per_day * since)
            grown += persistence * math.exp(-self.beta_per_day * since)
        if self.lost_from_day is not None and day > self.lost_from_day:
            grown *= math.exp(-self.rejection_per_day * (day - self.lost_from_day))
        return grown


@dataclass(frozen=True, slots=True, kw_only=True)
class Blood:
    """One millilitre of blood, as far as a cytometer looks: cells per µL."""

    wbc_per_ul: float
    lymphocytes_per_ul: float
    cd3_per_ul: float
    car_pos_per_ul: float
    cd19_per_ul: float


class Course:
    """One patient's courses, drawn once for a seed."""

    def __init__(self, plan: DemoPlan, patient: DemoPatient, chance: Chance) -> None:
        self._cells: Mapping[str, Any] = plan.study["cells"]
        self._model: Mapping[str, Any] = plan.study["model"]
        self._patient = patient
        self._chance = chance
        self.expansions = [self._expansion(0, patient.lost_from_day, patient.cmax_copies, patient.tmax_days)]
        if patient.second_infusion_on is not None:
            second = (patient.second_infusion_on - patient.infused_on).days
            self.expansions.append(self._expansion(second, None, None, None))

    def _expansion(
        self, infused_on_day: int, lost_from_day: int | None, cmax: float | None, tmax: float | None
    ) -> Expansion:
        return Expansion(
            infused_on_day=infused_on_day,
            fold=self._drawn("fold_expansion", infused_on_day),
            tmax_days=tmax or self._drawn("tmax_days", infused_on_day),
            cmax_copies=cmax or self._drawn("cmax_copies_per_ug_dna", infused_on_day),
            alpha_per_day=self._drawn("alpha_per_day", infused_on_day),
            persistence_copies=self._patient.persistence_copies,
            beta_per_day=self._drawn("beta_per_day", infused_on_day),
            lost_from_day=lost_from_day,
            rejection_per_day=self._model["rejection_per_day"],
        )

    def _drawn(self, parameter: str, infused_on_day: int) -> float:
        """A parameter of the log-normal population, within the stated number of standard deviations."""
        typical, variance = self._model[parameter]["typical"], self._model[parameter]["variance"]
        z = self._chance.normal(self._patient.code, parameter, infused_on_day, within=self._model["within_sd"])
        return float(typical * math.exp(math.sqrt(variance) * z))

    def true_copies_per_ug(self, day: float) -> float:
        return sum(expansion.copies_per_ug(day) for expansion in self.expansions)

    def copies_per_ug(self, day: float) -> float:
        """What a specimen of that day holds: the model's value with its residual."""
        z = self._chance.normal(self._patient.code, "residual", day, within=self._model["residual_within_sd"])
        return self.true_copies_per_ug(day) * math.exp(self._model["residual_sd_ln"] * z)

    def blood(self, day: int, car_share: float = 1.0) -> Blood:
        cells = self._cells
        wbc = self._wbc(day) * self._scatter("wbc", day, 0.15)
        lymphocytes = wbc * cells["lymphocyte_fraction_of_wbc"] * self._scatter("lymphocytes", day, 0.1)
        cd19 = lymphocytes * self.cd19_pct(day) / 100
        cd3 = (lymphocytes - cd19) * cells["cd3_fraction_of_lymphocytes"]
        # copies/ug x ug per cell is copies per cell; divided by copies per CAR+ cell, CAR+ cells per cell.
        per_cell = self.copies_per_ug(day) * cells["pg_dna_per_cell"] * 1e-6
        car = wbc * per_cell / cells["vcn_copies_per_car_pos_cell"] * self._scatter("car", day, 0.2) * car_share
        return Blood(
            wbc_per_ul=wbc,
            lymphocytes_per_ul=lymphocytes,
            cd3_per_ul=cd3,
            car_pos_per_ul=min(car, 0.8 * cd3),
            cd19_per_ul=cd19,
        )

    def cd19_pct(self, day: int) -> float:
        """CD19+ of lymphocytes: there before the infusion, gone after it, back when the patient's cells are."""
        levels, patient = self._cells["cd19_pct_of_lymphocytes"], self._patient
        level = levels["baseline"] if day <= 0 else levels["aplasia"]
        back = patient.b_cells_back_from_day
        second = (patient.second_infusion_on - patient.infused_on).days if patient.second_infusion_on else None
        if back is not None and day >= back and (second is None or day < second):
            level = levels["recovered"]
        return float(level * self._scatter("cd19", day, 0.15))

    def marker_pct(self, marker: str, day: int) -> float:
        """A marker's share of the CAR+ cells: it rises with time where they go on to be lost."""
        course = max((e for e in self.expansions if e.infused_on_day <= max(day, 0)), key=lambda e: e.infused_on_day)
        since = max(day - course.infused_on_day, 0)
        rise = self._cells["marker_rise_per_day"] * since if course.lost_from_day is not None else 0.0
        start = self._cells["marker_pct_of_car_pos"][marker]
        return float(min(start * (1 + rise) * self._scatter(marker, day, 0.12), 95.0))

    def _wbc(self, day: int) -> float:
        """White cells fall with lymphodepletion before each infusion and come back."""
        wbc = self._cells["wbc_per_ul"]
        since = min((day - e.infused_on_day for e in self.expansions if day >= e.infused_on_day - 5), default=None)
        if since is None:
            return float(wbc["recovered"])
        span = wbc["recovered_by_day"] - wbc["nadir_until_day"]
        way = min(max((since - wbc["nadir_until_day"]) / span, 0.0), 1.0)
        return float(wbc["nadir"] * (wbc["recovered"] / wbc["nadir"]) ** way)

    def _scatter(self, what: str, day: int, sd_ln: float) -> float:
        return math.exp(sd_ln * self._chance.normal(self._patient.code, what, day, within=2.0))
