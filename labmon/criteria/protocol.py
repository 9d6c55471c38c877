"""A versioned protocol file as frozen values: rules, thresholds, window, eligibility criteria and visits.

A threshold is a table `{comparison, value, unit, source, status}`; `status` is S (sourced), M (measured), U
(unverified) or O (labmon's own choice). A rule names its family by `kind`; several rules may be of one kind, with other
numbers. Loading is strict: an unknown key, a wrong unit or an impossible window is P701 with file, line and a
suggestion.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from labmon.criteria.limit import Comparison, Limit, SourceStatus
from labmon.criteria.rule_kinds import (
    COMPOSED_RULES,
    LOSS_RULES,
    RULE_KINDS,
    AnyRule,
    BCellRecoveryRule,
    CombinationRule,
    Confirmation,
    Days,
    DiscordanceRule,
    EarlyFunctionalLossRule,
    FlowLossRule,
    MrdRule,
    Need,
    Percent,
    Rule,
    ThresholdRule,
    TransgeneLossRule,
)
from labmon.criteria.strict_toml import Step, TomlFile, decode
from labmon.criteria.trial_sections import (
    AgeAtConsent,
    AnsweredByRule,
    EligibilityCriterion,
    TrialDesign,
    VisitSchedule,
    complaints,
)
from labmon.criteria.window import Counting, WindowRule
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Costimulation
from labmon.domain.errors import UserError
from labmon.resources import resource_path

SCHEMA = 1
_LONGEST_WINDOW = {Counting.CALENDAR_MONTHS: 240, Counting.DAYS: 7305}  # twenty years: more is a typing error


class Answer(StrEnum):
    """A question a registry leaves open, answered once per protocol."""

    UNANSWERED = "unanswered"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveillance:
    """When the time between two samples is shown as a gap, and how long a repeat is useful."""

    gap: Limit = field(metadata=Days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductNote:
    """What is said of a product the rules do not apply to."""

    costimulation: Costimulation
    sentence: str
    source: str
    status: SourceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRestriction:
    """The products in which loss means loss."""

    costimulation: tuple[Costimulation, ...]
    target: str
    source: str
    status: SourceStatus
    notes: tuple[ProductNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellEvidence:
    """When the presence or absence of B cells says something."""

    baseline_required: bool
    washout: Limit = field(metadata=Days)
    """How long after its last dose a B-cell-depleting drug still explains what is seen."""
    blasts_within: Limit = field(metadata=Days)
    """How near to a sample a positive MRD or a relapse makes its CD19+ events suspect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseEvidence:
    """What shows that there is no relapse."""

    max_age: Limit = field(metadata=Days)
    """How long before the first qualifying sample a marrow or extramedullary status may lie."""
    marrow_blasts: Limit = field(metadata=Percent)
    """The marrow of a patient without relapse."""
    mrd_recurrence_is_relapse: Answer = Answer.UNANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConcept:
    """The criterion as the site's signed protocol words it, and the rule that says it here."""

    text: str
    rule: str
    source: str
    status: SourceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of one protocol; immutable once a finding was made under it."""

    schema: int
    id: str
    version: str
    title: str
    registry_id: str
    preset: str
    window: WindowRule
    confirmation: Confirmation
    surveillance: Surveillance
    product: ProductRestriction
    b_cell_evidence: BCellEvidence
    relapse: RelapseEvidence
    rules: tuple[AnyRule, ...] = field(metadata={"variants": RULE_KINDS})
    criteria: tuple[EligibilityCriterion, ...] = ()
    visits: VisitSchedule | None = None
    trial: TrialDesign | None = None
    registry_concept: RegistryConcept | None = None

    def rule(self, rule_id: str) -> AnyRule:
        """The rule of this id; KeyError when the protocol has none (references inside a protocol are checked)."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def confirmation_of(
        self, rule: TransgeneLossRule | FlowLossRule | BCellRecoveryRule | ThresholdRule
    ) -> Confirmation:
        return rule.confirmation or self.confirmation


R = TypeVar("R", bound=Rule)


def rule_of(protocol: Protocol, rule_id: str, cls: type[R]) -> R:
    """The rule of this id and family; loading made sure that it is of this family."""
    rule = protocol.rule(rule_id)
    assert isinstance(rule, cls)
    return rule


def load_protocol(path_or_id: Path | str) -> Protocol:
    """A protocol from a file, or a shipped one by its id ("nct06389305"). Raises UserError P701."""
    return read_protocol(*protocol_text(path_or_id))


def protocol_text(path_or_id: Path | str) -> tuple[str, str]:
    """The text of a protocol file, or of a shipped one, and the file's name. Raises UserError P701."""
    path = path_or_id if isinstance(path_or_id, Path) else _shipped(path_or_id)
    try:
        return path.read_text(encoding="utf-8"), path.name
    except OSError as error:
        raise UserError("P701", detail=f"{path.name} could not be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError("P701", detail=f"{path.name} is not UTF-8 text") from error


@cache
def read_protocol(text: str, name: str) -> Protocol:
    """The protocol a TOML text describes; `name` is the file's, for the errors. Raises UserError P701."""
    file = TomlFile(name=name, text=text, code="P701")
    table = file.parse()
    if table.get("schema") != SCHEMA:
        raise file.refusal(("schema",), f"schema is {table.get('schema')!r}; this labmon reads schema {SCHEMA}")
    protocol = decode(Protocol, table, file)
    _check(protocol, file)
    return protocol


def _shipped(name: str) -> Path:
    if name.endswith(".toml"):
        return Path(name)
    path = resource_path("protocols", f"{name.lower()}.toml")
    if not path.is_file():
        known = sorted(each.stem for each in resource_path("protocols").glob("*.toml"))
        near = difflib.get_close_matches(name.lower(), known, n=1)
        advice = f'; did you mean "{near[0]}"?' if near else f"; shipped are {', '.join(known)}"
        raise UserError("P701", detail=f'no protocol is called "{name}"{advice}')
    return path


def _check(protocol: Protocol, file: TomlFile) -> None:
    """What types cannot say: windows that can exist, references that lead somewhere, ids given once."""
    longest = _LONGEST_WINDOW[protocol.window.counting]
    if not 1 <= protocol.window.length <= longest:
        what = f"a window of {protocol.window.words} is impossible; 1 to {longest} are not"
        raise file.refusal(("window", "length"), what)
    _check_confirmation(protocol.confirmation, file, ("confirmation",))
    ids = [rule.id for rule in protocol.rules]
    for index, rule_id in enumerate(ids):
        if rule_id in ids[:index]:
            raise file.refusal(("rules", index, "id"), f'the rule id "{rule_id}" is given twice')
    for index, rule in enumerate(protocol.rules):
        check_rule(rule, protocol, file, ("rules", index))
    if protocol.registry_concept is not None and protocol.registry_concept.rule not in ids:
        name = protocol.registry_concept.rule
        raise file.refusal(("registry_concept", "rule"), f'no rule is called "{name}"', near=name, known=ids)
    for where, what in complaints(protocol.criteria, protocol.trial):
        raise file.refusal(where, what)
    criterion_ids = [criterion.id for criterion in protocol.criteria]
    for index, criterion in enumerate(protocol.criteria):
        if criterion.id in criterion_ids[:index]:
            raise file.refusal(("criteria", index, "id"), f'the criterion id "{criterion.id}" is given twice')
        binding = criterion.answered_by
        if isinstance(binding, AnsweredByRule):
            path: tuple[Step, ...] = ("criteria", index, "answered_by", "rule")
            _check_reference(binding.rule, EarlyFunctionalLossRule, protocol, file, path)
        elif isinstance(binding, AgeAtConsent) and binding.youngest.value > binding.oldest.value:
            raise file.refusal(("criteria", index), "the youngest age is higher than the oldest")
    for index, group in enumerate(protocol.visits.groups if protocol.visits else ()):
        if group.days_before < 0 or group.days_after < 0 or not group.days:
            raise file.refusal(("visits", "groups", index), "a visit needs days and a window that does not end early")


def _check_confirmation(confirmation: Confirmation, file: TomlFile, path: tuple[Step, ...]) -> None:
    if confirmation.samples < 1:
        raise file.refusal((*path, "samples"), f"{confirmation.samples} samples confirm nothing; at least 1 is needed")
    if confirmation.min_days_apart.value < 0:
        raise file.refusal((*path, "min_days_apart"), "samples cannot lie less than 0 days apart")


def check_rule(rule: AnyRule, protocol: Protocol, file: TomlFile, path: tuple[Step, ...]) -> None:
    """What types cannot say of one rule among those of its protocol. Raises UserError P701."""
    match rule:
        case TransgeneLossRule() | FlowLossRule():
            if rule.cutoff.comparison not in (Comparison.BELOW, Comparison.AT_MOST):
                raise file.refusal((*path, "cutoff"), f'a loss is "<" or "<=" a cutoff, not "{rule.cutoff.comparison}"')
        case BCellRecoveryRule():
            if rule.pct_of_wbc is None and rule.pct_of_lymphocytes is None and rule.cells_per_ul is None:
                raise file.refusal(
                    path, f"{rule.id} names no threshold: pct_of_wbc, pct_of_lymphocytes or cells_per_ul"
                )
            if not rule.strata or rule.strata[-1].within_months is not None:
                raise file.refusal(
                    (*path, "strata"), "the last stratum has no within_months: it holds whatever is later"
                )
        case DiscordanceRule():
            _check_reference(rule.transgene, TransgeneLossRule, protocol, file, (*path, "transgene"))
            _check_reference(rule.flow, FlowLossRule, protocol, file, (*path, "flow"))
            _check_reference(rule.b_cells, BCellRecoveryRule, protocol, file, (*path, "b_cells"))
        case EarlyFunctionalLossRule():
            for name in rule.any_of:
                _check_reference(name, LOSS_RULES, protocol, file, (*path, "any_of"))
            for name in rule.required:
                if name not in rule.any_of:
                    what = f'"{name}" is required but not among any_of'
                    raise file.refusal((*path, "required"), what, near=name, known=rule.any_of)
            _check_reference(rule.mrd, MrdRule, protocol, file, (*path, "mrd"))
            _check_reference(rule.discordance, DiscordanceRule, protocol, file, (*path, "discordance"))
        case ThresholdRule():
            _check_threshold(rule, file, path)
        case CombinationRule():
            _check_combination(rule, protocol, file, path)
    own = getattr(rule, "confirmation", None)
    if own is not None:
        _check_confirmation(own, file, (*path, "confirmation"))


def _check_threshold(rule: ThresholdRule, file: TomlFile, path: tuple[Step, ...]) -> None:
    unit = rule.analyte.unit.value
    if rule.limit.unit != unit:
        what = f'the unit of the limit is "{rule.limit.unit}", {rule.analyte.value} is measured in "{unit}"'
        raise file.refusal((*path, "limit"), what)
    if rule.analyte.is_supporting and not rule.information_only:
        what = f"{rule.analyte.value} has no validated cutoff: a rule on it must be information_only = true"
        raise file.refusal((*path, "analyte"), what)
    if (rule.method is not None) != (rule.analyte is Analyte.MRD_FRACTION):
        what = "MRD needs its method (flow, ngs or rq_pcr)" if rule.method is None else "only MRD has a method"
        raise file.refusal((*path, "method"), what)
    window = rule.window
    if window is not None:
        last = window.from_day if window.to_day is None else window.to_day
        if window.from_day < 0 or last < window.from_day or last > _LONGEST_WINDOW[Counting.DAYS]:
            what = f"a window from day {window.from_day} to day {window.to_day} is impossible"
            raise file.refusal((*path, "window"), what)
        if window.confirmation_inside and window.to_day is None:
            raise file.refusal((*path, "window"), "a window without to_day has no inside to confirm in")


def _check_combination(rule: CombinationRule, protocol: Protocol, file: TomlFile, path: tuple[Step, ...]) -> None:
    known = {each.id: each for each in protocol.rules}
    for key, names in (("of", rule.of), ("supporting_only", rule.supporting_only)):
        for name in names:
            if name not in known:
                raise file.refusal((*path, key), f'no rule is called "{name}"', near=name, known=known)
    twice = next((name for index, name in enumerate(rule.of) if name in rule.of[:index]), None)
    if twice is not None:
        raise file.refusal((*path, "of"), f'"{twice}" is named twice; it counts once')
    both = next((name for name in rule.of if name in rule.supporting_only), None)
    if both is not None:
        raise file.refusal((*path, "supporting_only"), f'"{both}" counts already; it cannot be supporting only')
    weak = next((name for name in rule.of if known[name].information_only), None)
    if weak is not None:
        what = f'"{weak}" is for information only; name it under supporting_only'
        raise file.refusal((*path, "of"), what)
    if (rule.n is not None) != (rule.need is Need.AT_LEAST):
        what = 'n is missing: how many are "at_least"?' if rule.n is None else f'n means nothing with "{rule.need}"'
        raise file.refusal((*path, "n"), what)
    unplaced = next(
        (name for name in rule.of if rule.inside_window and not isinstance(known[name], LOSS_RULES + COMPOSED_RULES)),
        None,
    )
    if unplaced is not None:
        raise file.refusal((*path, "inside_window"), f'"{unplaced}" has no date that could lie inside the window')
    if not 1 <= rule.needed <= len(rule.of):
        raise file.refusal((*path, "of"), f"{rule.needed} of {len(rule.of)} rules can never be met")
    circle = _circle(rule.id, protocol)
    if circle:
        raise file.refusal((*path, "of"), f"{' needs '.join(circle)}: a rule cannot rest on itself")


def _circle(rule_id: str, protocol: Protocol) -> tuple[str, ...]:
    """The way from a rule back to itself; empty when there is none."""
    rules = {rule.id: rule for rule in protocol.rules}
    ways: list[tuple[str, ...]] = [(rule_id,)]
    while ways:
        way = ways.pop()
        for name in members(rules[way[-1]]) if way[-1] in rules else ():
            if name == rule_id:
                return (*way, name)
            if name not in way:
                ways.append((*way, name))
    return ()


def members(rule: AnyRule) -> tuple[str, ...]:
    """The ids of the rules whose findings a composed rule is judged from."""
    match rule:
        case EarlyFunctionalLossRule():
            return (*rule.any_of, rule.mrd)
        case CombinationRule():
            return (*rule.of, *rule.supporting_only)
        case _:
            return ()


def _check_reference(
    name: str,
    expected: type[AnyRule] | tuple[type[AnyRule], ...],
    protocol: Protocol,
    file: TomlFile,
    path: tuple[Step, ...],
) -> None:
    known = {rule.id: rule for rule in protocol.rules}
    if name not in known:
        raise file.refusal(path, f'no rule is called "{name}"', near=name, known=known)
    if not isinstance(known[name], expected):
        classes = expected if isinstance(expected, tuple) else (expected,)
        wanted = " or ".join(cls.kind for cls in classes)
        raise file.refusal(path, f'"{name}" is of kind {known[name].kind}; {wanted} is needed here')
