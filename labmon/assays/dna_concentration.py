"""DNA concentrations of eluates, by specimen; a row that is no DNA concentration is rejected with its reason."""

from __future__ import annotations

from collections import defaultdict

from labmon.assays.assay_input import OMITTED, AssayInput, plain_number, sort_to_specimens
from labmon.assays.definition import AssayDefinition
from labmon.assays.made_results import MadeDraft, MadeRun, RejectedReadings
from labmon.assays.plausibility import implausible
from labmon.domain.analyte import Analyte
from labmon.domain.issue import Issue, Severity
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import Qualifier, Reading, ReadingKind
from labmon.domain.result import ResultDraft
from labmon.domain.run import Acceptance, Run


def concerns(reading: Reading) -> bool:
    """Whether a reading is the concentration of an eluate, of DNA or not; that of a target (digital PCR) is none."""
    if reading.kind is ReadingKind.CONCENTRATION:
        return reading.target is None
    return reading.kind is ReadingKind.DNA_NG_PER_UL


def make_runs(file: AssayInput, definition: AssayDefinition, run_code: str) -> tuple[MadeRun, ...]:
    """One run with a concentration for each row of the file; make_results refuses a specimen measured twice (I205)."""
    indices = [i for i, reading in enumerate(file.file.readings) if reading.kind is ReadingKind.DNA_NG_PER_UL]
    groups, unplaced = sort_to_specimens(file, indices, definition)
    others = [i for i, reading in enumerate(file.file.readings) if concerns(reading) and i not in set(indices)]
    rejected = (*unplaced, *(_rejected(file, index) for index in others))
    run = Run(
        run_code=run_code,
        file_sha256=file.file.sha256,
        assay_id=definition.id,
        assay_version=definition.version,
        acceptance=Acceptance.ACCEPTED,
        instrument=file.file.instrument,
        run_started_at=file.file.run_started_at,
    )
    band = definition.plausible.get(Analyte.GDNA_CONC_NG_PER_UL)
    made = []
    for group in groups:
        ratios = _ratios_by_row(file, group.sample)
        for index in group.indices:
            quantity = _quantity(file[index])
            outside = (
                implausible(Analyte.GDNA_CONC_NG_PER_UL.label, quantity, low=band.low, high=band.high) if band else ()
            )
            draft = ResultDraft(
                specimen_code=group.specimen.specimen_code,
                analyte=Analyte.GDNA_CONC_NG_PER_UL,
                quantity=quantity,
                run_code=run_code,
                basis={"sample_name": group.sample, **ratios.get(_row(file[index]), {})},
                provenance=file.provenance([index]),
                issues=(*_issues(file, index, quantity), *outside),
                excluded_reason=OMITTED if file[index].is_omitted else None,
            )
            made.append(MadeDraft(draft=draft, indices=(index,)))
    return (MadeRun(run=run if indices else None, made=tuple(made), rejected=rejected),)


def _quantity(reading: Reading) -> Quantity:
    value = plain_number(reading)
    if reading.qualifier is Qualifier.SATURATED:
        return Quantity.without_value(ValueState.ABOVE_ULOQ, Unit.NG_PER_UL)
    if value is None or value <= 0:
        return Quantity.without_value(ValueState.NO_RESULT, Unit.NG_PER_UL)
    return Quantity(value=value, unit=Unit.NG_PER_UL, state=ValueState.QUANTIFIED)


def _issues(file: AssayInput, index: int, quantity: Quantity) -> tuple[Issue, ...]:
    """The reader's issues about a row, and Q107 if the row gives no concentration and nobody has said so."""
    found = file.issues_about([index])
    if quantity.value is None and not any(issue.code == "Q107" for issue in found):
        detail = f'"{file[index].raw}" is no DNA concentration'
        found += (Issue(code="Q107", place=file[index].place, parameters={"detail": detail}),)
    return found


def _rejected(file: AssayInput, index: int) -> RejectedReadings:
    """A concentration that is none of DNA, with the reader's reason where it gave one."""
    holding = [issue for issue in file.issues_about([index]) if issue.severity is Severity.HOLDS]
    reason = next((issue for issue in holding if issue.code == "Q107"), next(iter(holding), None))
    if reason is None:
        detail = f'"{file[index].raw}" is no DNA concentration'
        reason = Issue(code="Q107", place=file[index].place, parameters={"detail": detail})
    return file.rejected([index], reason)


def _ratios_by_row(file: AssayInput, sample: str) -> dict[object, dict[str, float | str]]:
    """Purity ratios (NanoDrop) of a sample, by the row they stand in."""
    found: dict[object, dict[str, float | str]] = defaultdict(dict)
    for reading in file.file.readings:
        is_ratio = reading.kind in (ReadingKind.RATIO_260_280, ReadingKind.RATIO_260_230)
        if is_ratio and (reading.sample or "").strip() == sample and isinstance(reading.value, int | float):
            found[_row(reading)][reading.kind.value] = float(reading.value)
    return found


def _row(reading: Reading) -> tuple[str | None, int | None]:
    return reading.place.sheet, reading.place.row
