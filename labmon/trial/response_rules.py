"""The response rule sets, the relapse table, CNS and MRD definitions as frozen values, read from resources/response.

Every number has its unit, source and status in the file; loading is as strict as that of a protocol file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TypeVar

from labmon.criteria.limit import Limit, SourceStatus
from labmon.criteria.strict_toml import TomlFile, decode
from labmon.domain.clinical import BloodProduct, ResponseCategory
from labmon.domain.errors import UserError
from labmon.resources import read_text, resource_path

RULE_SETS = ("ewall_eln_2024", "nct04534634_registry", "cibmtr", "nci_2010", "nct06389305")
"""In the order they stand side by side."""

Percent, Days, Counts = {"unit": "%"}, {"unit": "d"}, {"unit": "10e9/L"}
Fraction, Cells, Tests, Times = {"unit": "fraction"}, {"unit": "/uL"}, {"unit": "tests"}, {"unit": "x"}
T = TypeVar("T")


class CountsNeeded(StrEnum):
    """Whether both counts must be on their side of the limit, or one of them."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """What one category of one set asks; what is left out is not asked."""

    category: ResponseCategory
    source: str
    status: SourceStatus
    is_undefined: bool = False
    """The source names the category and does not say what it is: it is never called."""
    blasts: Limit | None = field(default=None, metadata=Percent)
    blasts_from: Limit | None = field(default=None, metadata=Percent)
    fall: Limit | None = field(default=None, metadata=Percent)
    """Of the marrow's blasts, from the baseline."""
    anc: Limit | None = field(default=None, metadata=Counts)
    platelets: Limit | None = field(default=None, metadata=Counts)
    counts: CountsNeeded = CountsNeeded.ALL
    no_emd: bool = False
    no_blood_blasts: bool = False
    mrd: Limit | None = field(default=None, metadata=Fraction)
    """Asked only of an MRD result that is available."""
    transfusion_free: Limit | None = field(default=None, metadata=Days)
    transfusions: tuple[BloodProduct, ...] = ()
    sustained: Limit | None = field(default=None, metadata=Days)
    """How long it must last before it is called without a note."""
    notes: tuple[str, ...] = ()
    """What the source asks and no record holds: a person looks at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseRule:
    """Relapse after a remission; `after_pr` after a partial one. Extramedullary disease that is back is relapse."""

    marrow: Limit = field(metadata=Percent)
    after_pr: Limit = field(metadata=Percent)
    source: str
    status: SourceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressionRule:
    """Progression: blasts above the baseline by so many per cent of it, or new extramedullary disease."""

    rise: Limit = field(metadata=Percent)
    source: str
    status: SourceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRuleSet:
    """One set of definitions under its name and version; the better category stands first."""

    schema: int
    id: str
    version: str
    title: str
    source: str
    status: SourceStatus
    counts_max_age: Limit = field(metadata=Days)
    marrow_max_age: Limit = field(metadata=Days)
    failure_from: Limit = field(metadata=Days)
    """From which day after the infusion a missing response is a treatment failure."""
    remissions: tuple[ResponseCategory, ...]
    responses: tuple[ResponseCategory, ...]
    """What counts as response in the set's response rate."""
    categories: tuple[CategoryRule, ...]
    boundary: ResponseCategory | None = None
    """What is called when a count equals its limit, so that neither the better category nor this one holds."""
    relapse: RelapseRule | None = None
    progression: ProgressionRule | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseRow:
    """One row: what the first marrow showed, how many other tests of it agree, what a second marrow must show."""

    first_from: Limit = field(metadata=Percent)
    first_below: Limit | None = field(default=None, metadata=Percent)
    other_tests: Limit = field(metadata=Tests)
    second_marrow_tests: Limit = field(metadata=Tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseTable:
    """Marrow relapse with MRD."""

    schema: int
    id: str
    version: str
    title: str
    source: str
    status: SourceStatus
    agreeing: Limit = field(metadata=Percent)
    """From which level another test, or a test of the second marrow, agrees."""
    rows: tuple[RelapseRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CnsDefinition:
    schema: int
    id: str
    version: str
    title: str
    source: str
    status: SourceStatus
    many_white_cells: Limit = field(metadata=Cells)
    traumatic: Limit = field(metadata=Cells)
    excess: Limit = field(metadata=Times)
    """White to red cells of the CSF over white to red cells of the blood: more are not from the needle."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdVariant:
    """One published reading of an MRD result."""

    id: str
    title: str
    source: str
    status: SourceStatus
    complete: str
    """The word for "not detected" at the sensitivity asked for."""
    failure: str
    between: str
    sensitivity: Limit | None = field(default=None, metadata=Fraction)
    """None: not detected is complete at whatever sensitivity; its footnote was not read."""
    persists: Limit | None = field(default=None, metadata=Fraction)
    """None: any quantifiable result persists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdDefinitions:
    schema: int
    id: str
    version: str
    title: str
    claim: Limit = field(metadata=Fraction)
    """The sensitivity that earns the word negative."""
    variants: tuple[MrdVariant, ...]


@cache
def load_rule_set(set_id: str) -> ResponseRuleSet:
    """A shipped rule set. Raises UserError P703."""
    rules = _load(ResponseRuleSet, set_id)
    ranked = [rule.category for rule in rules.categories]
    for named in (*rules.remissions, *rules.responses, *((rules.boundary,) if rules.boundary else ())):
        if named not in ranked:
            raise UserError("P703", detail=f"{set_id}.toml names {named}, which is none of its categories")
    return rules


def load_rule_sets() -> tuple[ResponseRuleSet, ...]:
    return tuple(load_rule_set(set_id) for set_id in RULE_SETS)


@cache
def load_relapse_table() -> RelapseTable:
    return _load(RelapseTable, "ponte_di_legno")


@cache
def load_cns_definition() -> CnsDefinition:
    return _load(CnsDefinition, "cns_cog")


@cache
def load_mrd_definitions() -> MrdDefinitions:
    return _load(MrdDefinitions, "mrd")


def _load(cls: type[T], name: str) -> T:
    if not resource_path("response", f"{name}.toml").is_file():
        raise UserError("P703", detail=f'no response definitions are called "{name}"')
    file = TomlFile(name=f"{name}.toml", text=read_text("response", f"{name}.toml"), code="P703")
    table = file.parse()
    if table.get("schema") != 1:
        raise file.refusal(("schema",), f"schema is {table.get('schema')!r}; this labmon reads schema 1")
    return decode(cls, table, file)
