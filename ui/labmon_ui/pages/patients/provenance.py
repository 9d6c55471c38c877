"""One result on its way back to the bytes: its value in words, its run, its files, its versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.issue import Place
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.result import Provenance, Result, ResultDraft
from labmon.domain.run import Acceptance, CheckOutcome, Run
from labmon.workflow.patients import ResultHistory
from labmon_ui.palette import Tone
from labmon_ui.texts import issue_sentence, tr, tr_count
from labmon_ui.widgets.key_value import KeyValue

_SPACE = wording.NO_BREAK_SPACE
_HOURS_OF_DAYS = 72.0
"""From three days on an age is told in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalPlaces:
    """The places of one file a result was made of; the target of a link to the original."""

    file_name: str
    provenances: tuple[Provenance, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(provenance.place for provenance in self.provenances)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a result."""

    version: int
    recorded_at: str
    value: str
    standing: str
    released_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFacts:
    """Everything the page shows about one result."""

    result_id: int
    heading: str
    big: str
    rest: str
    pairs: tuple[KeyValue, ...]
    originals: tuple[OriginalPlaces, ...]
    is_excluded: bool
    held_run: str | None
    """The run a person may accept; None when the run is not held or its own value holds the result."""
    held_because: str
    versions: tuple[VersionRow, ...]
    title: str
    """For a dialog: "Transgene, day 88: not detected"."""


def point_facts(history: ResultHistory, day: float | None) -> PointFacts:
    """The facts of the newest version of a result."""
    result = history.versions[0]
    draft, quantity = result.draft, result.quantity
    big, rest = _value(quantity)
    if draft.sensitivity_fraction and quantity.state is ValueState.NOT_DETECTED:
        rest = tr("at a sensitivity of {fraction}", fraction=wording.fraction(draft.sensitivity_fraction))
    heading = _name(result) if day is None else f"{_name(result)}, {wording.day(day)}"
    originals = _originals(draft.provenance)
    run_held = history.run.acceptance is Acceptance.HELD
    return PointFacts(
        result_id=result.result_id,
        heading=heading,
        big=big,
        rest=rest,
        pairs=tuple(pair for pair in _pairs(history, result, originals) if pair.value),
        originals=originals,
        is_excluded=result.is_excluded,
        held_run=history.run.run_code if run_held and result.is_held else None,
        held_because=history.run.held_because or "",
        versions=tuple(_version(version) for version in history.versions),
        title=f"{heading}: {wording.quantity(quantity)}",
    )


def _name(result: Result) -> str:
    method = f" {tr('by')} {_METHODS[result.method.value]}" if result.method is not None else ""
    return f"{result.analyte.label}{method}"


_METHODS = {"flow": "flow", "ngs": "NGS", "rq_pcr": "Ig/TR qPCR"}


def _value(quantity: Quantity) -> tuple[str, str]:
    """The number to set large, and the words after it: "< 50" and "copies/µg (detected)"."""
    words = wording.quantity(quantity)
    symbol = quantity.unit.symbol
    if symbol and quantity.unit is not Unit.FRACTION and f"{_SPACE}{symbol}" in words:
        big, _, after = words.partition(f"{_SPACE}{symbol}")
        return big, f"{symbol}{after}"
    return words, ""


def _pairs(history: ResultHistory, result: Result, originals: tuple[OriginalPlaces, ...]) -> Iterable[KeyValue]:
    draft, quantity, run = result.draft, result.quantity, history.run
    state = wording.state(quantity.state)
    if result.is_excluded:
        yield KeyValue(name=tr("State"), value=tr("{state}, excluded", state=state))
        who = f" ({result.excluded_by})" if result.excluded_by else ""
        yield KeyValue(name=tr("Excluded"), value=f"{draft.excluded_reason}{who}")
    else:
        yield KeyValue(name=tr("State"), value=tr("{state}, held", state=state) if result.is_held else state)
    if result.is_held:
        yield KeyValue(name=tr("Held"), value=draft.held_reason or "", tone=Tone.RED)
    yield KeyValue(name=tr("LLOQ · LOD"), value=_limits(quantity))
    yield from _basis(result.analyte, draft)
    yield KeyValue(name=tr("Specimen"), value=_specimen(history, draft))
    is_held = run.acceptance is Acceptance.HELD
    standing = tr("held") if is_held else tr("accepted")
    yield KeyValue(name=tr("Run"), value=f"{run.run_code} · {standing}", tone=Tone.RED if is_held else Tone.TEXT)
    if run.curve is not None:
        curve = run.curve
        yield KeyValue(
            name=tr("Curve"),
            value=tr(
                "slope {slope}, {efficiency}, R² {r2}",
                slope=wording.number(curve.slope),
                efficiency=wording.amount(curve.efficiency_pct, Unit.PERCENT),
                r2=f"{curve.r_squared:.3f}",
            ),
        )
    yield KeyValue(name=tr("Controls"), value=_controls(run))
    for original in originals:
        yield KeyValue(
            name=tr("File") if original is originals[0] else "",
            value=f"{original.file_name}\n{_place_words(original.places)}",
            target=original,
        )
    yield KeyValue(name=tr("Released"), value=_released(result))
    yield KeyValue(name=tr("Amended"), value=_amended(history.versions))
    for issue in draft.issues:
        yield KeyValue(name=issue.code, value=issue_sentence(issue))


def _limits(quantity: Quantity) -> str:
    limits = [quantity.lloq, quantity.lod]
    if limits == [None, None]:
        return ""
    words = [_bare(limit, quantity.unit) for limit in limits]
    symbol = quantity.unit.symbol
    return " · ".join(words) + (f"{_SPACE}{symbol}" if symbol else "")


def _bare(limit: float | None, unit: Unit) -> str:
    if limit is None:
        return "–"
    return wording.fraction(limit) if unit is Unit.FRACTION and limit > 0 else wording.limit(limit)


_COUNTED_IN = {
    Analyte.CAR_POS_PCT_OF_CD3: ("car_pos_events", "cd3_events", "CD3+"),
    Analyte.CD19_PCT_OF_WBC: ("cd19_events", "wbc_events", "WBC"),
    Analyte.CD19_PCT_OF_LYMPHOCYTES: ("cd19_events", "lymphocyte_events", "lymphocyte"),
    Analyte.CAR_POS_CELLS_PER_UL: ("car_pos_events", "bead_events", "bead"),
    Analyte.CD19_CELLS_PER_UL: ("cd19_events", "bead_events", "bead"),
    Analyte.MRD_FRACTION: ("mrd_events", "mrd_total_cells", ""),
    Analyte.PD1_PCT_OF_CAR_POS: ("pd1_car_pos_events", "car_pos_events", "CAR+"),
    Analyte.TIM3_PCT_OF_CAR_POS: ("tim3_car_pos_events", "car_pos_events", "CAR+"),
    Analyte.LAG3_PCT_OF_CAR_POS: ("lag3_car_pos_events", "car_pos_events", "CAR+"),
    Analyte.TIGIT_PCT_OF_CAR_POS: ("tigit_car_pos_events", "car_pos_events", "CAR+"),
    Analyte.CD39_PCT_OF_CAR_POS: ("cd39_car_pos_events", "car_pos_events", "CAR+"),
}


def _basis(analyte: Analyte, draft: ResultDraft) -> Iterable[KeyValue]:
    """The numbers a value was made of, in words."""
    basis = draft.basis
    yield KeyValue(name=tr("Replicates"), value=_replicates(basis))
    if analyte in _COUNTED_IN:
        part, whole, population = _COUNTED_IN[analyte]
        words = tr("{population} events", population=population) if population else ""
        if analyte is Analyte.MRD_FRACTION:
            words = str(basis.get("mrd_denominator", "cells")).replace("_", " ")
        counts = [_count(basis[name]) for name in (part, whole) if isinstance(basis.get(name), int | float)]
        if len(counts) == 2:
            join = tr("{part} against {whole} {what}") if whole == "bead_events" else tr("{part} of {whole} {what}")
            yield KeyValue(name=tr("Events"), value=join.format(part=counts[0], whole=counts[1], what=words))
        elif counts and analyte is Analyte.MRD_FRACTION:
            yield KeyValue(name=tr("Input"), value=tr("{n} cells", n=counts[0]))
    marker = basis.get("marker")
    if isinstance(marker, str):
        yield KeyValue(name=tr("Marker"), value=marker.partition(":")[2] or marker)
    mass, concentration = basis.get("gdna_ng_per_reaction"), basis.get("gdna_conc_ng_per_ul")
    if isinstance(mass, int | float):
        words = tr("{mass} a reaction", mass=f"{wording.number(mass)}{_SPACE}ng")
        if isinstance(concentration, int | float):
            words += f" ({wording.amount(concentration, Unit.NG_PER_UL)})"
        yield KeyValue(name=tr("DNA"), value=words)


def _replicates(basis: Mapping[str, float | str]) -> str:
    detected, total = basis.get("replicates_detected"), basis.get("replicates_total")
    if not (isinstance(detected, int | float) and isinstance(total, int | float)):
        return ""
    parts = [tr("{n} of {all} with Cq", n=round(detected), all=round(total))]
    mean, scatter = basis.get("cq_mean_cycles"), basis.get("replicate_cv_pct")
    if isinstance(mean, int | float):
        parts.append(tr("mean {cq}", cq=f"{mean:.1f}"))
    if isinstance(scatter, int | float):
        parts.append(tr("CV {percent}", percent=wording.amount(scatter, Unit.PERCENT)))
    omitted = basis.get("replicates_omitted")
    if isinstance(omitted, int | float) and omitted:
        parts.append(tr("{n} omitted", n=round(omitted)))
    return ", ".join(parts)


def _count(number: float | str) -> str:
    digits = f"{round(float(number)):,}"
    return digits.replace(",", wording.THIN_SPACE if float(number) >= 10_000 else "")


def _specimen(history: ResultHistory, draft: ResultDraft) -> str:
    parts = [history.specimen.specimen_type.label, history.specimen.specimen_code]
    own = draft.basis.get("specimen_age_h")
    age = history.specimen_age
    if isinstance(own, int | float):
        parts.append(_age(own, is_exact=True))
    elif age is not None:
        exact = age.exact_h
        parts.append(_age(exact if exact is not None else max(age.least_h, 0.0), is_exact=exact is not None))
    return ", ".join(parts)


def _age(hours: float, *, is_exact: bool) -> str:
    in_days = hours >= _HOURS_OF_DAYS
    words = f"{hours / 24:.0f}{_SPACE}d" if in_days else f"{wording.number(hours, 2)}{_SPACE}h"
    return tr("age {age}", age=words) if is_exact else tr("age at least {age}", age=words)


def _controls(run: Run) -> str:
    parts = []
    for check in run.checks:
        is_control = check.check_id == "ntc_outcome" or check.check_id.startswith("control:")
        if not is_control and check.outcome is CheckOutcome.PASSED:
            continue
        if not is_control and check.check_id.startswith(("curve_", "pcr_")) and run.curve is not None:
            continue  # the curve's line says them
        words = f"{check.title.removeprefix('Control ')} {check.observed}"
        parts.append(words if check.outcome is CheckOutcome.PASSED else f"{words} ({tr('limit')} {check.limit})")
    return " · ".join(parts)


def _released(result: Result) -> str:
    if result.released_at is None:
        return tr("not yet")
    return f"{result.released_by}, {moment(result.released_at)}"


def _amended(versions: tuple[Result, ...]) -> str:
    if len(versions) == 1:
        return tr("never")
    times = tr_count(len(versions) - 1, "once", "{n} times")
    return f"{times}, {tr('last')} {moment(versions[0].recorded_at)}"


def moment(at: datetime) -> str:
    """An instant as people at the site read it."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _version(result: Result) -> VersionRow:
    draft = result.draft
    if result.is_excluded:
        standing = tr("excluded: {reason}", reason=draft.excluded_reason)
    elif result.is_held:
        standing = tr("held: {reason}", reason=draft.held_reason)
    else:
        standing = tr("released") if result.released_at is not None else tr("awaits release")
    return VersionRow(
        version=result.version,
        recorded_at=moment(result.recorded_at),
        value=wording.quantity(result.quantity),
        standing=standing,
        released_by=result.excluded_by or result.released_by or "",
    )


def _originals(provenance: Iterable[Provenance]) -> tuple[OriginalPlaces, ...]:
    by_file: dict[tuple[str, str], list[Provenance]] = {}
    for one in provenance:
        by_file.setdefault((one.file_sha256, one.file_name), []).append(one)
    return tuple(OriginalPlaces(file_name=name, provenances=tuple(ones)) for (_, name), ones in by_file.items())


def _place_words(places: tuple[Place, ...]) -> str:
    """Where the readings stand, rows run together: "line 93–95", "Results, row 58"."""
    rows = sorted({place.row for place in places if place.row is not None})
    sheet = next((place.sheet for place in places if place.sheet is not None), None)
    if not rows:
        return ", ".join(dict.fromkeys(str(place) for place in places))
    spans = []
    for _, group in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        run = [row for _, row in group]
        spans.append(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}")
    where = ", ".join(spans)
    return tr("{sheet}, row {rows}", sheet=sheet, rows=where) if sheet else tr("line {rows}", rows=where)
