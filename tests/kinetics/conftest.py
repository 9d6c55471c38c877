"""One patient's record with results, built by the day."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import (
    ClinicalEvent,
    EventKind,
    Infusion,
    InfusionKind,
    Patient,
    PatientRecord,
    Specimen,
    SpecimenType,
)
from labmon.domain.quantity import Quantity, ValueState
from labmon.domain.result import Result, ResultDraft

DAY_0 = date(2024, 3, 1)


class Study:
    """Grows a record and its results; days count from the first infusion."""

    def __init__(self) -> None:
        self.record = PatientRecord(
            patient=Patient(patient_code="P01"), infusions=(Infusion(patient_code="P01", infused_on=DAY_0),)
        )
        self.results: list[Result] = []

    def infuse(self, day: int, kind: InfusionKind = InfusionKind.CAR_T) -> None:
        infusion = Infusion(patient_code="P01", infused_on=DAY_0 + timedelta(days=day), infusion_kind=kind)
        self.record = replace(self.record, infusions=(*self.record.infusions, infusion))

    def happen(self, kind: EventKind, day: int) -> None:
        event = ClinicalEvent(patient_code="P01", event_kind=kind, occurred_on=DAY_0 + timedelta(days=day))
        self.record = replace(self.record, events=(*self.record.events, event))

    def measure(
        self,
        day: int,
        value: float | ValueState,
        analyte: Analyte = Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        *,
        lloq: float = 50,
        at: time | None = None,
        specimen_type: SpecimenType = SpecimenType.PERIPHERAL_BLOOD,
        **changes: Any,
    ) -> Result:
        collected_on = DAY_0 + timedelta(days=day)
        number = len(self.results) + 1
        specimen = Specimen(
            specimen_code=f"S{number}",
            patient_code="P01",
            specimen_type=specimen_type,
            collected_on=collected_on,
            collected_at=datetime.combine(collected_on, at, UTC) if at else None,
        )
        if isinstance(value, ValueState):
            quantity = Quantity.without_value(value, analyte.unit, lloq=lloq)
        else:
            quantity = Quantity(value=value, unit=analyte.unit, state=ValueState.QUANTIFIED, lloq=lloq)
        draft = ResultDraft(
            specimen_code=specimen.specimen_code,
            analyte=analyte,
            quantity=quantity,
            run_code=changes.pop("run_code", "R1"),
            basis=changes.pop("basis", {}),
            held_reason=changes.pop("held_reason", None),
            excluded_reason=changes.pop("excluded_reason", None),
        )
        recorded = datetime(2025, 1, 1, tzinfo=UTC)
        result = Result(
            result_id=number,
            version=1,
            patient_code="P01",
            draft=draft,
            recorded_at=recorded,
            released_at=recorded,
            released_by="tech",
        )
        result = replace(result, **changes)
        self.record = replace(self.record, specimens=(*self.record.specimens, specimen))
        self.results.append(result)
        return result

    def measure_all(self, values: Sequence[tuple[int, float | ValueState]], **keywords: Any) -> None:
        for day, value in values:
            self.measure(day, value, **keywords)


@pytest.fixture
def study() -> Study:
    return Study()


@pytest.fixture
def as_of() -> Callable[[int], date]:
    """A date by its day since the first infusion."""
    return lambda day: DAY_0 + timedelta(days=day)


@pytest.fixture(scope="session")
def reference() -> list[dict[str, Any]]:
    """Profiles with the parameters another engine gives them; not part of the checkout."""
    path = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "kinetics_reference.json"
    if not path.is_file():
        pytest.skip("kinetics_reference.json not present: the comparison with the reference engine did not run")
    profiles: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["profiles"]
    return profiles
