"""How long kinetics take: parameters of 10,000 profiles at once against a plain loop, and of one patient."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Costimulation, Infusion, Patient, PatientRecord, Specimen, SpecimenType
from labmon.domain.quantity import Quantity
from labmon.domain.result import Result, ResultDraft
from labmon.kinetics.cohort_nca import CohortSamples, analyse_cohort
from labmon.kinetics.curve_fit import fit_curve
from labmon.kinetics.curve_priors import load_priors
from labmon.kinetics.nca import Sample, analyse
from labmon.kinetics.parameters import kinetic_parameters
from labmon.kinetics.population import Duration, curve_of
from labmon.kinetics.timeline import KINETIC_ANALYTES, build_timeline

PROFILES = 10_000
DAYS = (0, 4, 7, 10, 14, 21, 28, 56, 84, 120, 180, 365)
DAY_0 = date(2024, 3, 1)


def quantity(rng: random.Random, day: float, analyte: Analyte = Analyte.TRANSGENE_COPIES_PER_UG_DNA) -> Quantity:
    peak, tmax = rng.lognormvariate(10, 1), rng.uniform(7, 13)
    level = peak * math.exp(0.9 * (day - tmax)) if day < tmax else peak * math.exp(-0.12 * (day - tmax)) + peak / 300
    return Quantity.from_measurement(level * rng.lognormvariate(0, 0.4), analyte.unit, lod=10, lloq=50)


def best_of(rounds: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_ten_thousand_profiles_at_once_and_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(1)
    profiles = [
        [Sample(day, found.value, found.state, found.lloq) for day in DAYS for found in (quantity(rng, day),)]
        for _ in range(PROFILES)
    ]
    loop = best_of(3, lambda: [analyse(profile) for profile in profiles])
    analyse_cohort(CohortSamples.of(profiles[:1]))  # the import of numpy is nobody's arithmetic
    filling = best_of(3, lambda: CohortSamples.of(profiles))
    samples = CohortSamples.of(profiles)
    at_once = best_of(5, lambda: analyse_cohort(samples))
    with capsys.disabled():
        print(
            f"\nNCA, {PROFILES} profiles of {len(DAYS)} samples: plain loop {loop:.3f} s = {PROFILES / loop:,.0f}/s; "
            f"at once {at_once * 1e3:.1f} ms = {PROFILES / at_once:,.0f}/s, {loop / at_once:.1f} × the loop; with "
            f"filling the arrays from samples ({filling * 1e3:.0f} ms) {loop / (at_once + filling):.1f} ×"
        )


def test_the_timeline_and_parameters_of_one_patient(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(2)
    recorded = datetime(2025, 6, 1, tzinfo=UTC)
    specimens = tuple(
        Specimen(
            specimen_code=f"S{day}",
            patient_code="P01",
            specimen_type=SpecimenType.PERIPHERAL_BLOOD,
            collected_on=DAY_0 + timedelta(days=day),
        )
        for day in DAYS
    )
    record = PatientRecord(
        patient=Patient(patient_code="P01"),
        infusions=(Infusion(patient_code="P01", infused_on=DAY_0),),
        specimens=specimens,
    )
    blank = Result(
        result_id=0,
        version=1,
        patient_code="P01",
        draft=ResultDraft(
            specimen_code="S0",
            analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
            quantity=quantity(rng, 0),
            run_code="R1",
        ),
        recorded_at=recorded,
        released_at=recorded,
        released_by="tech",
    )
    results = [
        replace(
            blank,
            result_id=number,
            draft=replace(blank.draft, specimen_code=f"S{day}", analyte=analyte, quantity=quantity(rng, day, analyte)),
        )
        for number, (day, analyte) in enumerate((day, analyte) for day in DAYS for analyte in KINETIC_ANALYTES)
    ]
    as_of = DAY_0 + timedelta(days=400)

    def build() -> object:
        return [build_timeline(record, results, as_of=as_of) for _ in range(100)]

    timeline = build_timeline(record, results, as_of=as_of)
    assert timeline is not None
    building = best_of(3, build) / 100
    computing = best_of(3, lambda: [kinetic_parameters(timeline) for _ in range(100)]) / 100
    with capsys.disabled():
        print(
            f"\none patient, {len(KINETIC_ANALYTES)} series of {len(DAYS)}: timeline {building * 1e3:.2f} ms; "
            f"parameters {computing * 1e3:.2f} ms = {computing / building:.1f} × building the timeline"
        )


def test_the_curve_and_the_persistence_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(3)
    priors = load_priors()
    patients = [
        tuple(Sample(day, found.value, found.state, found.lloq) for day in DAYS for found in (quantity(rng, day),))
        for _ in range(60)
    ]
    fit_curve(patients[0], Costimulation.FOUR_1BB, priors)
    each = sorted(best_of(1, lambda one=one: fit_curve(one, Costimulation.FOUR_1BB, priors)) for one in patients[1:])
    group = [
        Duration(left, None if rng.random() < 0.4 else left + rng.choice((14, 28, 60)))
        for left in (rng.choice(DAYS) for _ in range(1000))
    ]
    curve = best_of(3, lambda: curve_of(group))
    with capsys.disabled():
        print(
            f"\nmodel-assisted curve of one patient: median {each[len(each) // 2] * 1e3:.1f} ms, "
            f"slowest of {len(each)} {each[-1] * 1e3:.1f} ms; "
            f"Turnbull's curve of {len(group)} courses {curve * 1e3:.0f} ms"
        )
