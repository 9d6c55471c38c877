"""Readings as readers hand them over, laid out well by well, tube by tube, row by row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import pytest

from labmon.assays.definition import AssayDefinition, load_definitions
from labmon.assays.made_results import MadeResults
from labmon.assays.make_results import make_results
from labmon.assays.mapping import MappingRule, NameMapping
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Specimen, SpecimenType
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.domain.result import ResultDraft

SLOPE, INTERCEPT = -3.35, 38.5


class Sheet:
    """A file that is being filled: readings with places that do not repeat."""

    def __init__(self, name: str | None = "Results") -> None:
        self.name = name
        self.readings: list[Reading] = []
        self.issues: list[Issue] = []
        self.row = 1

    def next_row(self) -> None:
        self.row += 1

    def add(
        self,
        kind: ReadingKind,
        value: float | str | None,
        *,
        sample: str | None = None,
        target: str | None = None,
        well: str | None = None,
        task: Task | None = None,
        unit: str | None = None,
        qualifier: Qualifier | None = None,
        omitted: bool = False,
        raw: str | None = None,
    ) -> Reading:
        column = 1 + sum(reading.place.row == self.row for reading in self.readings)
        reading = Reading(
            kind=kind,
            place=Place(sheet=self.name, row=self.row, column=column),
            value=value,
            raw=raw
            if raw is not None
            else ("" if value is None else f"{value:g}" if value != str(value) else str(value)),
            sample=sample,
            target=target,
            well=well,
            task=task,
            unit=unit,
            qualifier=qualifier,
            is_omitted=omitted,
        )
        self.readings.append(reading)
        return reading

    def file(self, *, run_started_at: str | None = None, readings: Sequence[Reading] | None = None) -> FileReading:
        return FileReading(
            file_name="export.txt",
            sha256="0" * 64,
            size_bytes=1,
            format_id="quantstudio_text",
            format_title="QuantStudio text",
            reader_version=1,
            run_started_at=run_started_at,
            readings=tuple(self.readings if readings is None else readings),
            issues=tuple(self.issues),
        )


class Plate(Sheet):
    """A qPCR plate. `acceptable` is one with a curve, a clean NTC and both controls."""

    def __init__(self, target: str = "CAR") -> None:
        super().__init__()
        self.target = target
        self.wells = 0

    @classmethod
    def acceptable(cls, **changes: float) -> "Plate":
        plate = cls()
        plate.standards(**changes)
        plate.well("NTC", None, task=Task.NTC)
        plate.copies("PC low", 200)
        plate.copies("PC high", 20_000)
        return plate

    def well(
        self,
        sample: str | None,
        cq: float | None,
        *,
        quantity: float | None = None,
        target: str | None = None,
        task: Task = Task.UNKNOWN,
        qualifier: Qualifier | None = None,
        omitted: bool = False,
        unit: str | None = None,
    ) -> None:
        self.next_row()
        self.wells += 1
        about = {
            "sample": sample,
            "target": target or self.target,
            "well": f"{'ABCDEFGHIJKLMNOP'[(self.wells - 1) // 24]}{(self.wells - 1) % 24 + 1}",
            "task": task,
            "omitted": omitted,
        }
        if cq is None and qualifier is None:
            qualifier = Qualifier.UNDETERMINED
        self.add(ReadingKind.CQ, cq, qualifier=qualifier, **about)  # type: ignore[arg-type] # a dict of mixed values
        if quantity is not None:
            self.add(ReadingKind.QUANTITY, quantity, unit=unit, **about)  # type: ignore[arg-type] # likewise

    def copies(self, sample: str | None, *copies: float, omitted: bool = False) -> None:
        """Wells whose Cq is that of these copies."""
        for each in copies:
            self.well(sample, cq_of(each), quantity=each, omitted=omitted)

    def standards(
        self,
        *,
        slope: float = SLOPE,
        intercept: float = INTERCEPT,
        printed_slope: float | None = None,
        r2: float = 0.999,
        levels: int = 6,
    ) -> None:
        for level in range(1, levels + 1):
            for _ in range(2):
                self.well("STD", intercept + slope * level, quantity=10.0**level, task=Task.STANDARD)
        printed = slope if printed_slope is None else printed_slope
        self.next_row()
        self.add(ReadingKind.SLOPE, printed, target=self.target)
        self.add(ReadingKind.INTERCEPT, intercept, target=self.target)
        self.add(ReadingKind.R2, r2, target=self.target)
        self.add(ReadingKind.EFFICIENCY, (10 ** (-1 / printed) - 1) * 100, target=self.target)


class Tubes(Sheet):
    """A FlowJo table: one row a sample, one column a gate; measured three hours after `specimen` was collected."""

    def file(
        self, *, run_started_at: str | None = "2026-03-01T12:00:00", readings: Sequence[Reading] | None = None
    ) -> FileReading:
        return super().file(run_started_at=run_started_at, readings=readings)

    def tube(
        self, sample: str, counts: Mapping[str, float | None], formulas: Mapping[str, float] | None = None
    ) -> None:
        self.next_row()
        for gate, count in counts.items():
            qualifier = Qualifier.NOT_COMPUTED if count is None else None
            self.add(ReadingKind.COUNT, count, sample=sample, target=gate, unit="events", qualifier=qualifier)
        for name, value in (formulas or {}).items():
            self.add(ReadingKind.STATISTIC, value, sample=sample, target=name)


class MrdRows(Sheet):
    """One sheet of the MRD workbook."""

    def mrd(self, sample: str, marker: str = "m", **cells: float | str) -> None:
        self.next_row()
        for kind, value in cells.items():
            self.add(ReadingKind(f"mrd_{kind}"), value, sample=sample, target=marker)


def cq_of(copies: float) -> float:
    from math import log10

    return INTERCEPT + SLOPE * log10(copies)


def specimen(code: str = "S1", **changes: object) -> Specimen:
    facts = {
        "patient_code": "P1",
        "specimen_type": SpecimenType.PERIPHERAL_BLOOD,
        "collected_on": date(2026, 3, 1),
        "collected_at": datetime(2026, 3, 1, 9, 0),  # noqa: DTZ001 - the site's clock, as a workbook states it
        **changes,
    }
    return Specimen(specimen_code=code, **facts)  # type: ignore[arg-type] # a dict of mixed values


def dna(code: str = "S1", conc: float = 40.0, **changes: object) -> ResultDraft:
    facts = {
        "specimen_code": code,
        "analyte": Analyte.GDNA_CONC_NG_PER_UL,
        "quantity": Quantity(value=conc, unit=Unit.NG_PER_UL, state=ValueState.QUANTIFIED),
        "run_code": "qubit",
        **changes,
    }
    return ResultDraft(**facts)  # type: ignore[arg-type] # a dict of mixed values


def made(
    file: FileReading,
    *,
    codes: Iterable[str] = ("S1",),
    specimens: Mapping[str, Specimen] | None = None,
    dna: Mapping[str, ResultDraft] | None = None,
    rules: tuple[MappingRule, ...] = (),
    definitions: Sequence[AssayDefinition] | None = None,
) -> MadeResults:
    """Everything made of a file, with the shipped definitions unless others are given."""
    known = specimens if specimens is not None else {code: specimen(code) for code in codes}
    return make_results(
        file,
        definitions=load_definitions() if definitions is None else definitions,
        mapping=NameMapping(rules=rules, specimens=frozenset(known)),
        specimens=known,
        dna=dna or {},
        run_code="RUN-1",
    )


class Bench:
    """What the tests of this folder work with."""

    Plate = Plate
    Tubes = Tubes
    MrdRows = MrdRows
    Sheet = Sheet
    cq_of = staticmethod(cq_of)
    specimen = staticmethod(specimen)
    dna = staticmethod(dna)
    made = staticmethod(made)

    @staticmethod
    def draft(results: MadeResults, analyte: Analyte, code: str = "S1") -> ResultDraft:
        (found,) = [d for d in results.drafts if d.analyte is analyte and d.specimen_code == code]
        return found

    @staticmethod
    def codes(draft: ResultDraft) -> list[str]:
        return [issue.code for issue in draft.issues]


@pytest.fixture(scope="session")
def bench() -> type[Bench]:
    return Bench


@pytest.fixture(scope="session")
def definitions() -> dict[str, AssayDefinition]:
    return {definition.id: definition for definition in load_definitions()}
