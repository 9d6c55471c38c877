"""Try a modified protocol on the whole cohort without writing anything: who changes state, and why."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from labmon.criteria.bench import affected_rules, states_under
from labmon.criteria.evaluate import evaluate_rule
from labmon.criteria.modify import with_threshold
from labmon.criteria.protocol import Protocol
from labmon.domain.finding import Finding, FlagState
from labmon.kinetics.timeline import Timeline

__all__ = ["Change", "bench", "with_threshold"]


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
