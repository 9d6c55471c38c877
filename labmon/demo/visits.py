"""When each invented patient was seen, and which specimens were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from labmon.demo.chance import Chance
from labmon.demo.plan import DemoPatient, DemoPlan
from labmon.domain.clinical import SpecimenType

SITE_ZONE = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One specimen: whose, of which planned visit, on which day."""

    patient: DemoPatient
    visit: int
    """The planned day, counted from the infusion of its course."""
    course: int
    day: int
    """Days from the first infusion."""
    specimen_type: SpecimenType
    collected_on: date
    collected_at: datetime

    @property
    def code(self) -> str:
        first = self.patient.infused_on
        start = self.patient.second_infusion_on if self.course == 2 and self.patient.second_infusion_on else first
        day = (self.collected_on - start).days
        label = f"D{day:03d}" if day >= 0 else f"DM{-day:02d}"
        course = "C2" if self.course == 2 else ""
        material = {SpecimenType.PERIPHERAL_BLOOD: "PB", SpecimenType.BONE_MARROW: "BM"}[self.specimen_type]
        return f"{self.patient.code}-{course}{label}-{material}"

    @property
    def has_transgene_test(self) -> bool:
        return self.specimen_type is SpecimenType.PERIPHERAL_BLOOD and self.visit > 0

    def has_flow(self, plan: DemoPlan) -> bool:
        if self.specimen_type is not SpecimenType.PERIPHERAL_BLOOD or self.visit in self.patient.no_flow:
            return False
        return self.visit in plan.study["visits"]["flow"] or self.visit in self.patient.extra_visits


def specimens_of(plan: DemoPlan, patient: DemoPatient, chance: Chance) -> tuple[Drawn, ...]:
    """Everything drawn from a patient up to the day the demo is looked at, in order of time."""
    drawn = [*_course(plan, patient, chance, 1)]
    if patient.second_infusion_on is not None:
        drawn = [each for each in drawn if each.collected_on < patient.second_infusion_on - timedelta(days=8)]
        drawn.extend(_course(plan, patient, chance, 2))
    last = plan.as_of
    if patient.death_on_day is not None:
        last = min(last, patient.infused_on + timedelta(days=patient.death_on_day - 1))
    return tuple(
        sorted(
            (each for each in drawn if each.collected_on <= last),
            key=lambda each: (each.collected_on, each.specimen_type),
        )
    )


def _course(plan: DemoPlan, patient: DemoPatient, chance: Chance, course: int) -> list[Drawn]:
    visits = plan.study["visits"]
    windows = dict(zip(visits["days"], zip(visits["earliest"], visits["latest"], strict=True), strict=True))
    is_first = course == 1
    missed = patient.missed if is_first else ()
    blood = [day for day in (*visits["days"], *(patient.extra_visits if is_first else ())) if day not in missed]
    if patient.no_baseline:
        blood.remove(visits["days"][0])
    marrow = patient.marrow if patient.marrow is not None else [d for d in visits["marrow"] if d not in missed]
    actual = {}
    for visit in (*blood, *marrow):
        earliest, latest = windows.get(visit, (0, 0))
        moved = visit + chance.integer(earliest, latest, patient.code, course, "visit", visit)
        actual[visit] = patient.on_day.get(visit, moved) if is_first else moved
    found = [_drawn(patient, chance, course, visit, actual[visit], SpecimenType.PERIPHERAL_BLOOD) for visit in blood]
    extra = patient.extra_marrow if is_first else ()
    found += [_drawn(patient, chance, course, visit, actual[visit], SpecimenType.BONE_MARROW) for visit in marrow]
    found += [_drawn(patient, chance, course, visit, visit, SpecimenType.BONE_MARROW) for visit in extra]
    return found


def _drawn(
    patient: DemoPatient, chance: Chance, course: int, visit: int, day: int, specimen_type: SpecimenType
) -> Drawn:
    start = patient.second_infusion_on if course == 2 and patient.second_infusion_on else patient.infused_on
    collected_on = start + timedelta(days=day)
    minute = chance.integer(0, 110, patient.code, course, "minute", visit, specimen_type)
    clock = datetime(collected_on.year, collected_on.month, collected_on.day, 7, 30, tzinfo=SITE_ZONE)
    return Drawn(
        patient=patient,
        visit=visit,
        course=course,
        day=(collected_on - patient.infused_on).days,
        specimen_type=specimen_type,
        collected_on=collected_on,
        collected_at=clock + timedelta(minutes=minute),
    )
