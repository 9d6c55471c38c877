"""The demo's MRD results, a workbook a month, in labmon's own template."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from labmon.demo.chance import Chance
from labmon.demo.plan import DemoPlan
from labmon.demo.visits import Drawn
from labmon.domain.analyte import MrdMethod
from labmon.domain.clinical import SpecimenType
from labmon.domain.template import MRD_SHEETS, MrdDenominator, MrdState, TemplateId, YesNo
from labmon.reports.templates import filled_template_bytes

Row = dict[str, object]

_SENSITIVITY = 1e-5
_QUANTITATIVE_RANGE = 1e-4
_REPORTED_AFTER = {MrdMethod.FLOW: 1, MrdMethod.RQ_PCR: 6, MrdMethod.NGS: 12}
_CLONES = ("IGH VH3-21/JH4", "IGH VH1-69/JH6", "IGK Vk3-20/Kde", "TRG Vg9/Jg1.3")


def workbooks(plan: DemoPlan, specimens: Iterable[Drawn], chance: Chance) -> list[tuple[date, bytes]]:
    """The day each month's workbook was closed, and the workbook; a month without marrow has none."""
    rows: dict[tuple[int, int], dict[MrdMethod, list[Row]]] = {}
    for specimen in specimens:
        if specimen.specimen_type is not SpecimenType.BONE_MARROW:
            continue
        for method in _methods(specimen):
            analysed_on = specimen.collected_on + timedelta(days=_REPORTED_AFTER[method])
            if analysed_on <= plan.as_of:
                of_month = rows.setdefault((analysed_on.year, analysed_on.month), {})
                of_month.setdefault(method, []).append(_row(specimen, method, analysed_on, chance))
    closed = []
    titles = {sheet.method: sheet.title for sheet in MRD_SHEETS}
    for (year, month), by_method in sorted(rows.items()):
        filled = {titles[method]: by_method[method] for method in MrdMethod if method in by_method}
        closed.append((_last_day(year, month), filled_template_bytes(TemplateId.MRD, filled)))
    return closed


def _last_day(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _methods(specimen: Drawn) -> Sequence[MrdMethod]:
    """Flow on every marrow; the molecular methods where the patient has a marker."""
    number = specimen.patient.number
    has = {MrdMethod.FLOW: True, MrdMethod.RQ_PCR: number % 3 == 0, MrdMethod.NGS: number % 4 == 1}
    return [
        m for m in (MrdMethod.FLOW, MrdMethod.RQ_PCR, MrdMethod.NGS) if has[m] and m in specimen.patient.mrd_methods
    ]


def _row(specimen: Drawn, method: MrdMethod, analysed_on: date, chance: Chance) -> Row:
    fraction = specimen.patient.mrd_fraction.get(specimen.visit, 0.0) if specimen.course == 1 else 0.0
    fraction *= math.exp(0.1 * chance.normal(specimen.code, method, within=2.0))
    row: Row = {"specimen_code": specimen.code, "analysed_on": analysed_on}
    if method is MrdMethod.FLOW:
        return row | _flow(specimen, fraction, chance)
    row["marker"] = _CLONES[specimen.patient.number % len(_CLONES)]
    return row | (_rq_pcr(fraction) if method is MrdMethod.RQ_PCR else _ngs(specimen, fraction, chance))


def _flow(specimen: Drawn, fraction: float, chance: Chance) -> Row:
    cells = 1000 * chance.integer(1500, 3900, specimen.code, "cells")
    if specimen.course == 1:
        cells = specimen.patient.mrd_cells.get(specimen.visit, cells)
    events = chance.poisson(fraction * cells, specimen.code, "mrd events") if fraction else 0
    return {
        "marker": "CD22/CD24/CD10/CD34/CD45",
        "mrd_denominator": MrdDenominator.NUCLEATED_CELLS,
        "mrd_total_cells": cells,
        "mrd_events": events,
        "mrd_fraction": float(f"{events / cells:.3g}") if events else None,
        "cd19_gating": YesNo.NO,
    }


def _rq_pcr(fraction: float) -> Row:
    row: Row = {"mrd_sensitivity_fraction": _SENSITIVITY, "mrd_lloq_fraction": _QUANTITATIVE_RANGE}
    if fraction >= _QUANTITATIVE_RANGE:
        return row | {"mrd_state": MrdState.POSITIVE_QUANTIFIED, "mrd_fraction": float(f"{fraction:.2g}")}
    is_seen = fraction >= _SENSITIVITY
    return row | {"mrd_state": MrdState.POSITIVE_NOT_QUANTIFIABLE if is_seen else MrdState.NOT_DETECTED}


def _ngs(specimen: Drawn, fraction: float, chance: Chance) -> Row:
    return {
        "mrd_copies_per_million": float(f"{fraction * 1e6:.3g}"),
        "input_cells": 1000 * chance.integer(900, 2100, specimen.code, "input cells"),
    }
