"""MRD rows become a fraction or a state, with the method and the sensitivity that very sample earned.

A row is one marker of one specimen. Flow counts events among cells; Ig/TR qPCR reports a state with sensitivity and
quantitative range; NGS reports copies per million with the cells that went in. "Positive, not quantifiable" is
detected_below_lloq and never a number. Where a specimen has several markers of one method, the highest level counts; if
none was detected, the most sensitive marker does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from labmon.assays.assay_input import OMITTED, AssayInput, SpecimenReadings, plain_number, sort_to_specimens
from labmon.assays.definition import AssayDefinition, AssayKind, MrdSettings
from labmon.assays.detection_limits import mrd_sensitivity_fraction
from labmon.assays.made_results import MadeDraft, MadeRun, RejectedReadings
from labmon.assays.plausibility import implausible
from labmon.assays.specimen_age import impossible_age
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.domain.result import ResultDraft
from labmon.domain.run import Acceptance, Run
from labmon.domain.template import MrdState
from labmon.domain.wording import fraction

METHOD_OF = {
    AssayKind.MRD_FLOW: MrdMethod.FLOW,
    AssayKind.MRD_RQ_PCR: MrdMethod.RQ_PCR,
    AssayKind.MRD_NGS: MrdMethod.NGS,
}

_KINDS = frozenset(
    {
        ReadingKind.MRD_EVENTS,
        ReadingKind.MRD_TOTAL_CELLS,
        ReadingKind.MRD_FRACTION,
        ReadingKind.MRD_COPIES_PER_MILLION,
        ReadingKind.MRD_SENSITIVITY_FRACTION,
        ReadingKind.MRD_LLOQ_FRACTION,
        ReadingKind.MRD_STATE,
    }
)
_METHODS = frozenset(method.value for method in MrdMethod)
_ORDER = (
    ValueState.NO_RESULT,
    ValueState.INVALID,
    ValueState.NOT_DETECTED,
    ValueState.DETECTED_BELOW_LLOQ,
    ValueState.QUANTIFIED,
    ValueState.ABOVE_ULOQ,
)

_RowKey = tuple[str | None, int | None, str | None]


def methods_in(file: FileReading) -> frozenset[MrdMethod]:
    """The MRD methods a file holds rows of."""
    rows: dict[_RowKey, list[Reading]] = defaultdict(list)
    for reading in file.readings:
        rows[_row_key(reading)].append(reading)
    found = {_method_of(row) for row in rows.values()}
    return frozenset(method for method in found if method is not None)


def make_runs(file: AssayInput, definition: AssayDefinition, run_code: str) -> tuple[MadeRun, ...]:
    """One run with the MRD results of this definition's method."""
    assert definition.mrd is not None  # load_definition refuses an MRD assay without its settings
    method = METHOD_OF[definition.kind]
    rows: dict[_RowKey, list[int]] = defaultdict(list)
    for index, reading in enumerate(file.file.readings):
        rows[_row_key(reading)].append(index)
    wanted = [index for row in rows.values() if _method_of([file[i] for i in row]) is method for index in row]
    groups, rejected = sort_to_specimens(file, wanted, definition)
    made: list[MadeDraft] = []
    twice: list[RejectedReadings] = []
    for group in groups:
        found = _made_of_group(file, definition, definition.mrd, method, run_code, group)
        if isinstance(found, MadeDraft):
            made.append(found)
        else:
            twice.append(found)
    run = Run(
        run_code=run_code,
        file_sha256=file.file.sha256,
        assay_id=definition.id,
        assay_version=definition.version,
        acceptance=Acceptance.ACCEPTED,
        instrument=file.file.instrument,
        run_started_at=file.file.run_started_at,
    )
    return (MadeRun(run=run if wanted else None, made=tuple(made), rejected=(*rejected, *twice)),)


def _made_of_group(
    file: AssayInput,
    definition: AssayDefinition,
    settings: MrdSettings,
    method: MrdMethod,
    run_code: str,
    group: SpecimenReadings,
) -> MadeDraft | RejectedReadings:
    """The specimen's result of this method: of its one row, or of the marker that counts among several."""
    rows: dict[_RowKey, list[int]] = defaultdict(list)
    for index in group.indices:
        rows[_row_key(file[index])].append(index)
    parsed = [_Row(file, tuple(indices)) for indices in rows.values()]
    markers = [row.marker for row in parsed]
    if len(set(markers)) < len(markers):
        parameters = {"specimen": group.specimen.specimen_code, "analyte": f"MRD by {method.value}"}
        return file.rejected(group.indices, Issue(code="I205", place=parsed[0].place, parameters=parameters))
    drafts = [_draft_of_row(row, file, definition, settings, method, run_code, group) for row in parsed]
    draft = max(drafts, key=_level)
    if len(drafts) == 1:
        return MadeDraft(draft=draft, indices=tuple(sorted(group.indices)))
    draft = replace(
        draft,
        basis={**draft.basis, "markers_measured": float(len(drafts))},
        provenance=file.provenance(group.indices),
    )
    return MadeDraft(draft=draft, indices=tuple(sorted(group.indices)))


def _level(draft: ResultDraft) -> tuple[int, float, float, str]:
    """Which of several markers counts: the highest level, then the best sensitivity, then the name."""
    sensitivity = draft.sensitivity_fraction
    return (
        _ORDER.index(draft.quantity.state),
        draft.quantity.value or 0.0,
        -sensitivity if sensitivity is not None else float("-inf"),
        str(draft.basis.get("marker", "")),
    )


class _Row:
    """The cells of one row, by what kind of reading they are."""

    def __init__(self, file: AssayInput, indices: tuple[int, ...]) -> None:
        self.indices = indices
        readings = [file[index] for index in indices]
        self.place = readings[0].place
        self._by_kind = {reading.kind: reading for reading in readings}
        self.marker = next((reading.target for reading in readings if reading.target), None)
        self.is_omitted = any(reading.is_omitted for reading in readings)

    def number(self, kind: ReadingKind) -> float | None:
        """The plain number of a kind; None where there is none or it is below zero."""
        number = plain_number(self._by_kind.get(kind))
        return number if number is not None and number >= 0 else None

    def reading(self, kind: ReadingKind) -> Reading | None:
        return self._by_kind.get(kind)

    def word(self, kind: ReadingKind) -> str | None:
        """The word of a kind as its reader understood it, else as it stands, in lower case; None if there is none."""
        reading = self._by_kind.get(kind)
        if reading is None:
            return None
        text = reading.value if isinstance(reading.value, str) else reading.raw
        return text.strip().casefold() or None


def _draft_of_row(
    row: _Row,
    file: AssayInput,
    definition: AssayDefinition,
    settings: MrdSettings,
    method: MrdMethod,
    run_code: str,
    group: SpecimenReadings,
) -> ResultDraft:
    total = row.number(ReadingKind.MRD_TOTAL_CELLS)
    issues = list(file.issues_about(row.indices, whole_rows=True))
    sensitivity = _sensitivity(row, settings, total)
    if sensitivity is None:
        issues.append(Issue(code="M401", place=row.place))
    analysed_on = row.word(ReadingKind.ACQUIRED_AT)
    issues.extend(impossible_age(group.specimen, analysed_on))
    stated = _stated_state(row, settings)
    if method is MrdMethod.FLOW:
        quantity, found = _flow_quantity(row, settings, total, stated)
        issues.extend(found)
    elif method is MrdMethod.NGS:
        per_million = row.number(ReadingKind.MRD_COPIES_PER_MILLION)
        value = per_million / 1e6 if per_million is not None else row.number(ReadingKind.MRD_FRACTION)
        quantity = _reported_quantity(value, stated, row.number(ReadingKind.MRD_LLOQ_FRACTION), sensitivity)
    else:
        value = row.number(ReadingKind.MRD_FRACTION)
        quantity = _reported_quantity(value, stated, row.number(ReadingKind.MRD_LLOQ_FRACTION), sensitivity)
    band = definition.plausible.get(Analyte.MRD_FRACTION)
    if band is not None:
        issues.extend(implausible(Analyte.MRD_FRACTION.label, quantity, low=band.low, high=band.high))
    basis: dict[str, float | str | None] = {
        "mrd_events": row.number(ReadingKind.MRD_EVENTS),
        "mrd_total_cells": total,
        "mrd_denominator": row.word(ReadingKind.MRD_DENOMINATOR),
        "mrd_state": row.word(ReadingKind.MRD_STATE),
        "marker": row.marker,
        "analysed_on": analysed_on,
        "mrd_lloq_fraction": quantity.lloq,
    }
    return ResultDraft(
        specimen_code=group.specimen.specimen_code,
        analyte=Analyte.MRD_FRACTION,
        quantity=quantity,
        run_code=run_code,
        method=method,
        sensitivity_fraction=sensitivity,
        basis={name: value for name, value in basis.items() if value is not None},
        provenance=file.provenance(row.indices),
        issues=tuple(issues),
        excluded_reason=OMITTED if row.is_omitted else None,
    )


def _sensitivity(row: _Row, settings: MrdSettings, total: float | None) -> float | None:
    """What this sample could have shown; the validated limit alone says nothing about a sample (M401)."""
    stated = row.number(ReadingKind.MRD_SENSITIVITY_FRACTION)
    k = settings.sensitivity_events.value if settings.sensitivity_events is not None else None
    has_cells = bool(total) and k is not None
    if not has_cells and stated is None:
        return None
    validated = settings.sensitivity_limit_fraction.value if settings.sensitivity_limit_fraction is not None else None
    return mrd_sensitivity_fraction(total_cells=total, k_events=k, validated=(stated, validated))


def _stated_state(row: _Row, settings: MrdSettings) -> ValueState | None:
    """The state a report writes out instead of a number, in the template's words or the laboratory's."""
    words = [row.word(ReadingKind.MRD_STATE)]
    for kind in (ReadingKind.MRD_FRACTION, ReadingKind.MRD_COPIES_PER_MILLION, ReadingKind.MRD_EVENTS):
        reading = row.reading(kind)
        if reading is not None:
            if reading.qualifier is Qualifier.UNDETERMINED:
                return ValueState.NOT_DETECTED
            words.append(reading.raw.strip().casefold())
    if any(word in settings.not_quantifiable_words for word in words):
        return ValueState.DETECTED_BELOW_LLOQ
    if any(word in settings.not_detected_words for word in words):
        return ValueState.NOT_DETECTED
    if MrdState.NOT_EVALUABLE.value in words:
        return ValueState.NO_RESULT
    return None


def _flow_quantity(
    row: _Row, settings: MrdSettings, total: float | None, stated: ValueState | None
) -> tuple[Quantity, list[Issue]]:
    """Events among cells, classified by the events; a fraction without its cells is kept (and held by M401)."""
    events = row.number(ReadingKind.MRD_EVENTS)
    reported = row.number(ReadingKind.MRD_FRACTION)
    lod_events = settings.lod_events.value if settings.lod_events is not None else 1.0
    lloq_events = settings.lloq_events.value if settings.lloq_events is not None else lod_events
    if not total:
        return _reported_quantity(reported, stated, None, None), []
    lod, lloq = lod_events / total, lloq_events / total
    if events is None:
        return _reported_quantity(reported, stated, lloq, lod), []
    if events > total:
        parameters = {
            "child": "MRD",
            "child_count": f"{events:g}",
            "parent": "all cells",
            "parent_count": f"{total:g}",
        }
        return (
            Quantity.without_value(ValueState.NO_RESULT, Unit.FRACTION, lod=lod, lloq=lloq),
            [Issue(code="F307", place=row.place, parameters=parameters)],
        )
    value = events / total
    if events < lod_events:
        quantity = Quantity.without_value(ValueState.NOT_DETECTED, Unit.FRACTION, lod=lod, lloq=lloq)
    elif events < lloq_events:
        quantity = Quantity.without_value(ValueState.DETECTED_BELOW_LLOQ, Unit.FRACTION, lod=lod, lloq=lloq)
    else:
        quantity = Quantity(value=value, unit=Unit.FRACTION, state=ValueState.QUANTIFIED, lod=lod, lloq=lloq)
    tolerance = settings.fraction_tolerance_pct.value / 100 if settings.fraction_tolerance_pct is not None else 0.0
    if reported is None or abs(reported - value) <= max(reported, value) * tolerance:
        return quantity, []
    printed, computed = (fraction(number) if number > 0 else "0" for number in (reported, value))
    parameters = {"what": "MRD", "printed": printed, "computed": computed}
    return quantity, [Issue(code="F312", place=row.place, parameters=parameters)]


def _reported_quantity(
    value: float | None, stated: ValueState | None, lloq: float | None, lod: float | None
) -> Quantity:
    """A reported level: a state in words wins over a number, and zero is never a level."""
    if stated is not None:
        return Quantity.without_value(stated, Unit.FRACTION, lod=lod, lloq=lloq)
    if value is None:
        return Quantity.without_value(ValueState.NO_RESULT, Unit.FRACTION, lod=lod, lloq=lloq)
    if value == 0:
        return Quantity.without_value(ValueState.NOT_DETECTED, Unit.FRACTION, lod=lod, lloq=lloq)
    if lloq is not None and value < lloq:
        return Quantity.without_value(ValueState.DETECTED_BELOW_LLOQ, Unit.FRACTION, lod=lod, lloq=lloq)
    return Quantity(value=value, unit=Unit.FRACTION, state=ValueState.QUANTIFIED, lod=lod, lloq=lloq)


def _row_key(reading: Reading) -> _RowKey:
    return reading.place.sheet, reading.place.row, reading.place.element


def _method_of(row: Sequence[Reading]) -> MrdMethod | None:
    """The method of a row: what its target begins with ("flow:LAIP 1"), else what its readings can only belong to."""
    kinds = {reading.kind for reading in row}
    if not kinds & _KINDS:
        return None
    named = (row[0].target or "").partition(":")[0]
    if named in _METHODS:
        return MrdMethod(named)
    if ReadingKind.MRD_COPIES_PER_MILLION in kinds:
        return MrdMethod.NGS
    if kinds & {ReadingKind.MRD_EVENTS, ReadingKind.MRD_TOTAL_CELLS}:
        return MrdMethod.FLOW
    return MrdMethod.RQ_PCR
