"""The demo's flow exports: gate counts of a month as a FlowJo table, with counting beads and formula columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, stdev

from labmon.demo.chance import Chance
from labmon.demo.clock import fcs_date
from labmon.demo.courses import Course
from labmon.demo.plan import DemoPlan
from labmon.demo.visits import Drawn
from labmon.reports.reproducible import workbook_bytes

_WBC = "Leukocytes"
_LYMPHOCYTES = f"{_WBC}/Lymphocytes"
_CD3 = f"{_LYMPHOCYTES}/CD3+"
_CAR = f"{_CD3}/CAR+"
_CD19 = f"{_LYMPHOCYTES}/CD19+"
_BEADS = "Beads"
_MARKERS = ("PD-1+", "TIM-3+", "LAG-3+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """One acquired tube: events by gate path."""

    specimen: Drawn
    acquired_at: datetime
    events: Mapping[str, int]

    @property
    def sample_name(self) -> str:
        return f"{self.specimen.code}.fcs"

    def per_ul(self, gate: str, beads_per_ul: float) -> float:
        return beads_per_ul * self.events[gate] / self.events[_BEADS]


def make_tubes(
    plan: DemoPlan, specimens: Iterable[Drawn], courses: Mapping[str, Course], chance: Chance
) -> tuple[Tube, ...]:
    """Every tube acquired up to the day the demo is looked at, in order of time."""
    tubes = [_tube(plan, s, courses[s.patient.code], chance) for s in specimens if s.has_flow(plan)]
    return tuple(
        sorted(
            (tube for tube in tubes if tube.acquired_at.date() <= plan.as_of),
            key=lambda tube: (tube.acquired_at, tube.sample_name),
        )
    )


def _tube(plan: DemoPlan, specimen: Drawn, course: Course, chance: Chance) -> Tube:
    settings, patient = plan.study["flow"], specimen.patient
    planned = specimen.course == 1
    car_share = patient.car_share.get(specimen.visit, 1.0) if planned else 1.0
    blood = course.blood(specimen.day, car_share)
    wanted = patient.cd3_events.get(specimen.visit) if planned else None
    scatter = 1 + 0.12 * chance.normal(specimen.code, "volume", within=2.0)
    cd3_events = wanted or settings["cd3_events"] * scatter
    volume = min(cd3_events / blood.cd3_per_ul, settings["most_volume_ul"])

    def count(per_ul: float, gate: str, most: int | None = None) -> int:
        events = chance.poisson(per_ul * volume, specimen.code, gate)
        return events if most is None else min(events, most)

    wbc = count(blood.wbc_per_ul, _WBC)
    lymphocytes = count(blood.lymphocytes_per_ul, _LYMPHOCYTES, wbc)
    cd3 = count(blood.cd3_per_ul, _CD3, lymphocytes)
    car = count(blood.car_pos_per_ul, _CAR, cd3)
    events = {
        _WBC: wbc,
        _LYMPHOCYTES: lymphocytes,
        _CD3: cd3,
        _CAR: car,
        **{
            f"{_CAR}/{marker}": min(
                chance.poisson(car * course.marker_pct(marker, specimen.day) / 100, specimen.code, marker), car
            )
            for marker in _MARKERS
        },
        _CD19: count(blood.cd19_per_ul, _CD19, lymphocytes - cd3),
        _BEADS: count(settings["beads_per_ul"], _BEADS),
    }
    age_h = patient.flow_age_h.get(specimen.visit) if planned else None
    waited = timedelta(hours=age_h) if age_h else timedelta(minutes=chance.integer(150, 420, specimen.code, "waited"))
    return Tube(specimen=specimen, acquired_at=specimen.collected_at + waited, events=events)


def as_table(plan: DemoPlan, tubes: Iterable[Tube], *, prints_percent_sign: bool) -> bytes:
    """The table FlowJo saves: first heading empty, one row a tube, then the rows Mean and SD."""
    from openpyxl import Workbook

    beads_per_ul = plan.study["flow"]["beads_per_ul"]
    tubes = tuple(tubes)
    gates = tuple(tubes[0].events)
    shares = ((_CAR, _CD3), (_CD19, _LYMPHOCYTES))
    of_parent = "Freq. of Parent" + ("" if prints_percent_sign else " (%)")
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None  # a new workbook has one sheet
    sheet.title = "Sheet0"
    formulas = {"CAR/uL": _CAR, "CD19/uL": _CD19}
    headings = [*(f"{gate} | Count" for gate in gates), *(f"{gate} | {of_parent}" for gate, _ in shares), *formulas]
    sheet.append([None, *headings, "$DATE", "$BTIM"])
    columns: list[list[float]] = []
    for tube in tubes:
        percents = [_pct(tube.events[gate], tube.events[parent]) for gate, parent in shares]
        formula_values = [tube.per_ul(gate, beads_per_ul) for gate in formulas.values()]
        columns.append([*(float(tube.events[gate]) for gate in gates), *percents])
        shown = [f"{pct} %" if prints_percent_sign else pct for pct in percents]
        acquired = (fcs_date(tube.acquired_at), f"{tube.acquired_at:%H:%M:%S}")
        sheet.append([tube.sample_name, *(tube.events[gate] for gate in gates), *shown, *formula_values, *acquired])
    for name, statistic in (("Mean", fmean), ("SD", stdev)):
        if len(columns) > 1:
            sheet.append([name, *(float(f"{statistic(column):.4g}") for column in zip(*columns, strict=True))])
    workbook.properties.creator = "FlowJo"
    return workbook_bytes(workbook)


def _pct(part: int, whole: int) -> float:
    """A percentage with FlowJo's three figures."""
    return float(f"{100 * part / whole:.3g}") if whole else 0.0
