"""Try a modified protocol on the whole cohort without writing anything: who changes state, and why."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from labmon.criteria.bench import affected_rules, states_under
from labmon.criteria.evaluate import evaluate_rule
from labmon.criteria.modify import numbers_of, with_threshold
from labmon.criteria.protocol import Protocol
from labmon.domain.errors import UserError
from labmon.domain.finding import Finding, FlagState
from labmon.kinetics.timeline import Timeline
from labmon.workflow.assess import Assess

__all__ = ["BenchNumber", "Change", "RuleBench", "Trial", "bench", "with_threshold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rule that says something else of one patient."""

    patient_code: str
    rule_id: str
    from_state: FlagState | None
    """None: the protocol as it is has no such rule."""
    to_state: FlagState | None
    """None: the modified protocol has no such rule."""
    timeline: Timeline = field(repr=False, compare=False)
    protocol: Protocol = field(repr=False, compare=False)
    """The modified one; the old one where the rule is gone."""

    @property
    def why(self) -> str:
        """What the protocol says, in one sentence made when it is asked for."""
        return evaluate_rule(self.timeline, self.protocol, self.rule_id).sentence

    @property
    def text(self) -> str:
        """ "P-001 R6: not met became met"."""
        old = self.from_state.label if self.from_state else "not asked"
        new = self.to_state.label if self.to_state else "no longer asked"
        return f"{self.patient_code} {self.rule_id}: {old} became {new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchNumber:
    """A number of the protocol that can be moved."""

    path: str
    """ "R1.cutoff"."""
    title: str
    """ "R1 Transgene loss: cutoff"."""
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A number moved over the whole cohort."""

    number: BenchNumber
    value: float
    patients: int
    """How many were judged: those with a course."""
    changes: tuple[Change, ...]

    @property
    def patients_changed(self) -> int:
        return len({change.patient_code for change in self.changes})


class RuleBench:
    """Tries another number of the study's protocol on everybody; writes nothing."""

    def __init__(self, assess: Assess) -> None:
        self._assess = assess

    def numbers(self) -> tuple[BenchNumber, ...]:
        """Every number the rules read, in the order of the protocol file."""
        protocol = self._assess.protocol
        titles = {rule.id: f"{rule.id} {rule.title}" for rule in protocol.rules}
        window, confirmation = protocol.window, protocol.confirmation
        unit = window.words.removeprefix(f"{window.length} ")
        found = [
            BenchNumber(
                path="window.length", title="window: length", value=window.length, unit=unit, source=window.source
            ),
            BenchNumber(
                path="confirmation.samples",
                title="confirmation: samples",
                value=confirmation.samples,
                unit="samples",
                source=confirmation.min_days_apart.source,
            ),
        ]
        for path, limit in numbers_of(protocol).items():
            first, _, rest = path.partition(".")
            title = f"{titles.get(first) or _worded(first)}: {_worded(rest)}"
            source = f"{limit.source} ({limit.status.label})"
            found.append(BenchNumber(path=path, title=title, value=limit.value, unit=limit.unit, source=source))
        return tuple(found)

    def try_out(self, path: str, value: float) -> Trial:
        """Who would change state with another number. Raises P701 for a path the protocol lacks, P710 for a number
        that makes no sense there.
        """
        number = next((each for each in self.numbers() if each.path == path), None)
        if number is None:
            raise UserError("P701", detail=f'there is no number at "{path}"')
        _refuse_nonsense(number, value)
        assessments = [each for each in self._assess.all_patients() if each.timeline is not None]
        protocol = self._assess.protocol
        changes = bench(
            (each.timeline for each in assessments if each.timeline is not None),
            protocol,
            with_threshold(protocol, path, value),
            {each.patient_code: each.findings for each in assessments},
        )
        return Trial(number=number, value=value, patients=len(assessments), changes=changes)


_MOST = {"d": 36_500, "days": 36_500, "calendar months": 240}
"""By unit; more than these no calendar holds."""


def _refuse_nonsense(number: BenchNumber, value: float) -> None:
    is_count, most = type(number.value) is int, _MOST.get(number.unit, 1e15)
    least = 1 if is_count else -most if number.value < 0 else 0
    is_whole = is_count or number.unit == "d"
    if not least <= value <= most or (is_whole and value % 1):
        asked = f"a {'whole ' if is_whole else ''}number from {least:g} to {most:g}"
        raise UserError("P710", what=number.title, value=f"{value:g}", expected=asked)


_WORDS = {
    "pct of": "% of",
    "lod": "LOD",
    "cd3 events": "CD3+ events",
    "tmax": "Tmax",
    "cmax": "Cmax",
    "ngs": "NGS",
    "rq pcr": "Ig/TR qPCR",
    "wbc": "WBC",
    "b cell": "B-cell",
}


def _worded(name: str) -> str:
    """A path of the file as people say it: "pct_of_wbc" is "% of WBC"."""
    text = name.replace("_", " ").replace(".", ", ")
    for written, said in _WORDS.items():
        text = text.replace(written, said)
    return text


def bench(
    timelines: Iterable[Timeline],
    protocol: Protocol,
    modified: Protocol,
    findings: Mapping[str, Sequence[Finding]] | None = None,
) -> tuple[Change, ...]:
    """Every patient and rule whose state differs, in the order of the timelines and of the rules.

    `findings`: by patient code, those made of these very timelines under `protocol`, so that they are not made again.
    """
    rule_ids = affected_rules(protocol, modified)
    with _without_collecting():
        return tuple(_changes(timelines, protocol, modified, rule_ids, findings or {}))


def _changes(
    timelines: Iterable[Timeline],
    protocol: Protocol,
    modified: Protocol,
    rule_ids: Sequence[str],
    findings: Mapping[str, Sequence[Finding]],
) -> Iterator[Change]:
    for timeline in timelines:
        made = findings.get(timeline.record.patient_code)
        known = {finding.rule_id: finding for finding in made} if made is not None else None
        for rule_id, old, new in states_under(timeline, protocol, modified, rule_ids, known):
            yield Change(
                patient_code=timeline.record.patient_code,
                rule_id=rule_id,
                from_state=old,
                to_state=new,
                timeline=timeline,
                protocol=protocol if new is None else modified,
            )


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing made for a verdict refers back to itself, and the collector would walk the whole cohort to find that."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
