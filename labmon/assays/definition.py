"""Assay definitions: the versioned limits an assay is judged by, each with unit, source and status mark.

A definition is a file of resources/assays (or of the site). Loading is strict: a key that is not known, a wrong type or
a limit without its source is P702 with file, key and the nearest known key. A change is a new version of the file; the
limits that held at import are copied onto the run's results, so a new version changes nothing already made.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from labmon.domain.analyte import Analyte, Measurand
from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.domain.wording import limit as limit_text


class AssayKind(StrEnum):
    """What an assay measures, which decides how its readings are put together."""

    QPCR_TRANSGENE = "qpcr_transgene"
    DPCR_TRANSGENE = "dpcr_transgene"
    FLOW_CAR = "flow_car"
    MRD_FLOW = "mrd_flow"
    MRD_RQ_PCR = "mrd_rq_pcr"
    MRD_NGS = "mrd_ngs"
    DNA_CONCENTRATION = "dna_concentration"


class Mark(StrEnum):
    """How well a limit is founded."""

    SOURCED = "S"
    MEASURED = "M"
    UNVERIFIED = "U"
    OWN_CHOICE = "O"


class ReplicateMean(StrEnum):
    """How the replicates of a specimen become one value."""

    ARITHMETIC = "arithmetic"


class NtcRule(StrEnum):
    """When a no-template control is clean."""

    NO_CQ = "no_cq"
    CYCLES_AFTER_LOWEST_STANDARD = "cycles_after_lowest_standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One number of a definition, with where it comes from."""

    value: float
    unit: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range a number must lie in; both ends belong to it. `decimals`: compared at the precision it is stated in."""

    low: float | None = None
    high: float | None = None
    unit: str
    source: str
    mark: Mark
    decimals: int | None = None

    def holds(self, value: float) -> bool:
        if self.decimals is not None:
            value = round(value, self.decimals)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        match self.low, self.high:
            case None, None:
                return "any"
            case low, None if low is not None:
                return f"≥ {limit_text(low)}"
            case None, high if high is not None:
                return f"≤ {limit_text(high)}"
            case low, high:
                return f"{limit_text(low or 0)} to {limit_text(high or 0)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLimits:
    """What a standard curve must show for its run to be accepted."""

    slope: Band
    efficiency_pct: Band
    r_squared: Band
    levels_minimum: Limit
    recovery_pct: Limit
    """How far a standard may lie from its given copies, calculated back from the curve."""
    recovery_share_pct: Limit
    """The share of levels that must lie within `recovery_pct`."""
    slope_tolerance: Limit
    intercept_tolerance: Limit
    r_squared_tolerance: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class NtcLimits:
    """How a no-template control is known and judged."""

    rule: NtcRule
    names: tuple[re.Pattern[str], ...]
    cycles_after_lowest_standard: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class PositiveControl:
    """A control of known copies, known by its sample name."""

    name: str
    names: tuple[re.Pattern[str], ...]
    expected_copies: Limit
    tolerance_pct: Limit
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QpcrSettings:
    """Limits of a transgene qPCR."""

    quantity_units: tuple[str, ...]
    """Spellings of copies per reaction; an export that states another unit is I006."""
    replicate_mean: ReplicateMean
    template_volume_ul: Limit
    dilution_factor: Limit
    gdna_ng_nominal: Limit
    gdna_ng_minimum: Limit
    lod_copies_per_reaction: Limit
    lloq_copies_per_reaction: Limit
    uloq_copies_per_reaction: Limit
    lod_copies_per_ug_dna: Limit
    lloq_copies_per_ug_dna: Limit
    cv_limit_pct: Limit
    quantity_tolerance_pct: Limit
    reference_cq_max_cycles: Limit
    curve: CurveLimits
    ntc: NtcLimits
    controls: tuple[PositiveControl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DpcrSettings:
    """Limits of a transgene digital PCR."""

    reaction_volume_ul: Limit
    """Of the reaction whose concentration the instrument states."""
    partitions_minimum: Limit
    gdna_ng_minimum: Limit
    lod_copies_per_reaction: Limit
    lloq_copies_per_reaction: Limit
    uloq_copies_per_reaction: Limit
    lod_copies_per_ug_dna: Limit
    lloq_copies_per_ug_dna: Limit
    cv_limit_pct: Limit
    ntc_names: tuple[re.Pattern[str], ...]
    ntc_positives_maximum: Limit
    template_volume_ul: Limit | None = None
    dilution_factor: Limit | None = None
    """Without either of the two nothing is made of a reaction's concentration (D204)."""
    controls: tuple[PositiveControl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BeadLot:
    """Counting beads: cells per µL = cells / beads × beads per test / test volume."""

    lot: str
    beads_per_test: Limit
    test_volume_ul: Limit

    @property
    def beads_per_ul(self) -> float:
        return self.beads_per_test.value / self.test_volume_ul.value


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettings:
    """Limits of a CAR T-cell panel."""

    lloq_events: Limit
    lod_events: Limit
    lloq_pct_of_cd3: Limit
    cd3_events_to_quantify: Limit
    cd3_events_to_exclude: Limit
    specimen_age_limit_h: Limit
    formula_tolerance_pct: Limit
    beads: BeadLot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdSettings:
    """Limits of an MRD method, and the words its reports use for a state."""

    not_detected_words: tuple[str, ...]
    not_quantifiable_words: tuple[str, ...]
    lod_events: Limit | None = None
    lloq_events: Limit | None = None
    sensitivity_events: Limit | None = None
    """k of the claim rule k/N; absent for a method whose report states the sample's own sensitivity."""
    fraction_tolerance_pct: Limit | None = None
    """How far a reported fraction may lie from its counts."""
    sensitivity_limit_fraction: Limit | None = None
    """What the validated assay can show at best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayDefinition:
    """One version of one assay: what its targets stand for and the limits it is judged by."""

    id: str
    version: str
    title: str
    kind: AssayKind
    targets: Mapping[Measurand, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    plausible: Mapping[Analyte, Band] = field(default_factory=dict)
    qpcr: QpcrSettings | None = None
    dpcr: DpcrSettings | None = None
    flow: FlowSettings | None = None
    mrd: MrdSettings | None = None

    def measurand_of(self, target: str) -> Measurand | None:
        """What a target stands for by this definition's own patterns; None when none of them matches."""
        for measurand, patterns in self.targets.items():
            if any(pattern.fullmatch(target) for pattern in patterns):
                return measurand
        return None


_SECTION = {
    AssayKind.QPCR_TRANSGENE: "qpcr",
    AssayKind.DPCR_TRANSGENE: "dpcr",
    AssayKind.FLOW_CAR: "flow",
    AssayKind.MRD_FLOW: "mrd",
    AssayKind.MRD_RQ_PCR: "mrd",
    AssayKind.MRD_NGS: "mrd",
}


def load_definitions(folder: Path | None = None) -> tuple[AssayDefinition, ...]:
    """Every definition of a folder (the shipped ones by default), in order of file name. Raises UserError P702."""
    if folder is None:
        from labmon.resources import resource_path

        folder = resource_path("assays")
    definitions = tuple(load_definition(path) for path in sorted(folder.glob("*.toml")))
    seen: dict[tuple[str, str], str] = {}
    for path, definition in zip(sorted(folder.glob("*.toml")), definitions, strict=True):
        key = (definition.id, definition.version)
        if key in seen:
            raise _refusal(path.name, "id", f'"{definition.id}" version {definition.version} is also in {seen[key]}')
        seen[key] = path.name
    return definitions


def load_definition(path: Path) -> AssayDefinition:
    """One definition file. Raises UserError P702 naming file, key and what would fit."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(path.name, "", f"no TOML: {error}") from error
    definition: AssayDefinition = _Reader(path.name).build(AssayDefinition, table, "")
    section = _SECTION.get(definition.kind)
    for name in ("qpcr", "dpcr", "flow", "mrd"):
        if (getattr(definition, name) is not None) != (name == section):
            needed = f"an assay of kind {definition.kind} needs it" if name == section else f"not for {definition.kind}"
            raise _refusal(path.name, name, needed)
    return definition


def _refusal(file: str, key: str, what: str) -> UserError:
    where = f"{file}, {key}" if key else file
    return UserError("P702", place=Place(element=key or None), detail=f"{where}: {what}")


class _Reader:
    """Builds the dataclasses above from TOML tables by their type hints, refusing what does not fit."""

    def __init__(self, file: str) -> None:
        self._file = file

    def build(self, cls: type[Any], table: object, key: str) -> Any:
        if not isinstance(table, dict):
            raise _refusal(self._file, key, "a table is expected")
        hints = get_type_hints(cls)
        fields = {f.name: f for f in dataclasses.fields(cls)}
        for name in table:
            if name not in fields:
                raise _refusal(self._file, _join(key, name), f"unknown key{_suggestion(name, fields)}")
        values = {}
        for name, f in fields.items():
            if name in table:
                values[name] = self._value(hints[name], table[name], _join(key, name))
            elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise _refusal(self._file, _join(key, name), "is missing")
        return cls(**values)

    def _value(self, hint: Any, value: object, key: str) -> object:
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            (hint,) = (part for part in get_args(hint) if part is not type(None))
            return self._value(hint, value, key)
        if origin is tuple:
            if not isinstance(value, list):
                raise _refusal(self._file, key, "a list is expected")
            return tuple(self._value(get_args(hint)[0], item, f"{key}[{n}]") for n, item in enumerate(value, 1))
        if origin is re.Pattern:
            return self._pattern(value, key)
        if origin is not None:  # Mapping[enum, something]
            if not isinstance(value, dict):
                raise _refusal(self._file, key, "a table is expected")
            of_key, of_value = get_args(hint)
            return {
                self._value(of_key, name, _join(key, name)): self._value(of_value, item, _join(key, name))
                for name, item in value.items()
            }
        if isinstance(hint, type) and issubclass(hint, Enum):
            allowed = [str(member.value) for member in hint]
            if value not in allowed:
                raise _refusal(self._file, key, f'"{value}" is not one of {", ".join(allowed)}')
            return hint(value)
        if dataclasses.is_dataclass(hint):
            return self.build(hint, value, key)  # type: ignore[arg-type] # is_dataclass does not narrow Any to a type
        return self._plain(hint, value, key)

    def _plain(self, hint: type, value: object, key: str) -> object:
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
            words = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
            raise _refusal(self._file, key, f"{words[hint]} is expected, not {value!r}")
        if isinstance(value, float) and not abs(value) < float("inf"):
            raise _refusal(self._file, key, f"a finite number is expected, not {value!r}")
        return value

    def _pattern(self, value: object, key: str) -> re.Pattern[str]:
        if not isinstance(value, str):
            raise _refusal(self._file, key, f"a regular expression is expected, not {value!r}")
        try:
            return re.compile(value, re.IGNORECASE)
        except re.error as error:
            raise _refusal(self._file, key, f"no regular expression: {error}") from error


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _suggestion(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known are {', '.join(sorted(known))}"
