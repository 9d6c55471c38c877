"""The families of rules a protocol file may name by `kind`, each with the limits it reads and their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from labmon.criteria.limit import Limit, SourceStatus
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import SpecimenType

Copies, Percent, Fraction = {"unit": "copies/ug"}, {"unit": "%"}, {"unit": "fraction"}
Days, Hours, Events, Log10 = {"unit": "d"}, {"unit": "h"}, {"unit": "events"}, {"unit": "log10"}
Samples, CellsPerUl = {"unit": "samples"}, {"unit": "cells/uL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """How many consecutive samples on different dates make a change certain."""

    samples: int
    min_days_apart: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule states about itself."""

    kind: ClassVar[str]

    id: str
    title: str
    source: str
    status: SourceStatus
    information_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisLimit:
    """A limit on a number a result was made of, by its glossary name: curve_slope, replicate_cv_pct."""

    basis: str
    label: str
    limit: Limit
    quantified_only: bool = False
    """Replicates of a value below the LLOQ may scatter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQualityRule(Rule):
    kind: ClassVar[str] = "data_quality"

    limits: tuple[BasisLimit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransgeneLossRule(Rule):
    kind: ClassVar[str] = "transgene_loss"

    specimen_type: SpecimenType
    cutoff: Limit = field(metadata=Copies)
    """Raised to the LLOQ of the run where that is higher."""
    lod: Limit = field(metadata=Copies)
    """The LOD a run must reach before its samples say anything about loss."""
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLossRule(Rule):
    kind: ClassVar[str] = "flow_loss"

    specimen_type: SpecimenType
    cutoff: Limit = field(metadata=Percent)
    cd3_events_to_quantify: Limit = field(metadata=Events)
    cd3_events_to_exclude: Limit = field(metadata=Events)
    specimen_age: Limit = field(metadata=Hours)
    times_are_recorded: bool = True
    """False: the laboratory records no times of day, so an unknown age of a specimen is a caution and stops nothing."""
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A name for a recovery that began within so many calendar months; without months, for every later one."""

    name: str
    within_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellRecoveryRule(Rule):
    kind: ClassVar[str] = "b_cell_recovery"

    specimen_type: SpecimenType
    strata: tuple[Stratum, ...]
    pct_of_wbc: Limit | None = field(default=None, metadata=Percent)
    pct_of_lymphocytes: Limit | None = field(default=None, metadata=Percent)
    cells_per_ul: Limit | None = field(default=None, metadata=CellsPerUl)
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HematogonesRule(Rule):
    kind: ClassVar[str] = "hematogones"


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdRule(Rule):
    kind: ClassVar[str] = "mrd"

    flow: Limit = field(metadata=Fraction)
    ngs: Limit = field(metadata=Fraction)
    rq_pcr: Limit = field(metadata=Fraction)
    sensitivity: Limit = field(metadata=Fraction)
    """What a sample must have been able to show before "not detected" counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoorExpansionRule(Rule):
    kind: ClassVar[str] = "poor_expansion"

    specimen_type: SpecimenType
    tmax: Limit = field(metadata=Days)
    samples_from: Limit = field(metadata=Days)
    samples_to: Limit = field(metadata=Days)
    samples: Limit = field(metadata=Samples)
    cmax: Limit | None = field(default=None, metadata=Copies)
    """Only from the site's own reference set; no published cutoff exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordanceRule(Rule):
    """Compares what the named rules read."""

    kind: ClassVar[str] = "discordance"

    transgene: str
    flow: str
    b_cells: str
    days_between: Limit = field(metadata=Days)
    """How far apart two samples may lie and still be compared."""
    fall: Limit = field(metadata=Log10)
    stable: Limit = field(metadata=Log10)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyFunctionalLossRule(Rule):
    """Any of the named rules met with the loss inside the window, in the product named above, without relapse."""

    kind: ClassVar[str] = "early_functional_loss"

    any_of: tuple[str, ...]
    required: tuple[str, ...]
    """Without an answer of these the rule has none; the others count when they were measured."""
    mrd: str
    discordance: str
    is_labmon_definition: bool
    raises_flag: bool


class WindowEvent(StrEnum):
    """What the days of a threshold's window are counted from."""

    INFUSION = "infusion"
    STUDY_CELLS = "study_cells"
    RELAPSE = "relapse"

    @property
    def words(self) -> str:
        return {"infusion": "the infusion", "study_cells": "the study cells", "relapse": "the relapse"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWindow:
    """The days after an event in which a first qualifying sample counts; both ends belong to it."""

    event: WindowEvent
    source: str
    status: SourceStatus
    from_day: int = 0
    """Samples before this day after the event are not read."""
    to_day: int | None = None
    """Without it the window has no end."""
    confirmation_inside: bool = False
    """True: the confirming sample must lie inside too; else it may follow later and is shown as such."""


class Baseline(StrEnum):
    """What must have been seen before a threshold says anything."""

    NONE = "none"
    B_CELLS_PRESENT = "b_cells_present"
    """B cells before the infusion."""
    MEASURED = "measured"
    """A sample of the same analyte up to the day of the infusion."""
    QUANTIFIED_BEFORE = "quantified_before"
    """A sample since the infusion that does not qualify: what was never there cannot be lost."""


class Exclusion(StrEnum):
    """What takes a patient, or a sample, out of a threshold."""

    PRODUCT = "product"
    """A product whose costimulation the protocol does not name."""
    TARGET = "target"
    """A product directed at something else than the protocol's target."""
    B_CELL_DEPLETING_DRUG = "b_cell_depleting_drug"
    """Samples under a B-cell-depleting drug or its washout are passed over."""
    HSCT = "hsct"
    """After a transplant since the infusion the rule has no answer, not even from samples before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule(Rule):
    """A criterion of the site's own: an analyte beyond a limit, in a window, confirmed."""

    kind: ClassVar[str] = "threshold"

    analyte: Analyte
    specimen_type: SpecimenType
    limit: Limit
    """Its unit is the analyte's."""
    method: MrdMethod | None = None
    """For analyte mrd_fraction only, where it must be given: methods are never mixed."""
    window: EventWindow | None = None
    confirmation: Confirmation | None = None
    """Without it the protocol's own."""
    baseline: Baseline = Baseline.NONE
    exclusions: tuple[Exclusion, ...] = ()


class Need(StrEnum):
    """How many of a combination's rules must be met."""

    ANY = "any"
    ALL = "all"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationRule(Rule):
    """Other rules taken together, in three-valued logic: what is open stays open until it cannot matter."""

    kind: ClassVar[str] = "combination"

    of: tuple[str, ...]
    """The ids of the rules that count."""
    need: Need
    n: int | None = None
    """With need "at_least": how many."""
    inside_window: bool = False
    """True: a loss counts only when its bracket lies inside the protocol's window."""
    supporting_only: tuple[str, ...] = ()
    """The ids of rules whose evidence is shown beside and never counts."""
    raises_flag: bool = False

    @property
    def needed(self) -> int:
        """How many of its rules must be met."""
        return {Need.ANY: 1, Need.ALL: len(self.of), Need.AT_LEAST: self.n or 0}[self.need]


AnyRule = (
    DataQualityRule
    | TransgeneLossRule
    | FlowLossRule
    | BCellRecoveryRule
    | HematogonesRule
    | MrdRule
    | PoorExpansionRule
    | DiscordanceRule
    | EarlyFunctionalLossRule
    | ThresholdRule
    | CombinationRule
)
RULE_KINDS: Mapping[str, type[AnyRule]] = {
    cls.kind: cls
    for cls in (
        DataQualityRule,
        TransgeneLossRule,
        FlowLossRule,
        BCellRecoveryRule,
        HematogonesRule,
        MrdRule,
        PoorExpansionRule,
        DiscordanceRule,
        EarlyFunctionalLossRule,
        ThresholdRule,
        CombinationRule,
    )
}

COMPOSED_RULES = (EarlyFunctionalLossRule, CombinationRule)
"""The families that are judged from the findings of other rules."""

LOSS_RULES = (TransgeneLossRule, FlowLossRule, BCellRecoveryRule, HematogonesRule, ThresholdRule)
"""The families whose findings carry a bracket, so that a window can be laid over them."""
