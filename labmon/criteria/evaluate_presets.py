"""The answer of every preset for one course, side by side, each with the datum that would change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from labmon.criteria.evaluate import evaluate_rule
from labmon.criteria.preset import Preset, preset, shipped_presets
from labmon.criteria.protocol import Protocol
from labmon.domain.finding import Finding, FlagState
from labmon.kinetics.timeline import Timeline


def evaluate_presets(
    timeline: Timeline, protocol: Protocol, preset_ids: Iterable[str] | None = None
) -> Mapping[str, Finding]:
    """Preset id to its finding, all shipped presets by default; only the protocol's own preset may raise a flag.

    Raises UserError P701 for a preset nobody ships.
    """
    chosen = tuple(shipped_presets()) if preset_ids is None else tuple(preset_ids)
    return {preset_id: _answer(timeline, protocol, preset(preset_id)) for preset_id in chosen}


def _answer(timeline: Timeline, protocol: Protocol, chosen: Preset) -> Finding:
    if not chosen.answer:
        return _of_the_registry(timeline, protocol, chosen)
    finding = evaluate_rule(timeline, _laid_over(chosen, protocol), chosen.answer)
    return replace(
        finding,
        title=chosen.title,
        raises_flag=finding.raises_flag and chosen.id == protocol.preset,
        cautions=(*finding.cautions, *chosen.unknowns),
    )


def _of_the_registry(timeline: Timeline, protocol: Protocol, chosen: Preset) -> Finding:
    """The protocol's own text and rule, once a site has entered them; until then nothing but a proposal."""
    concept = protocol.registry_concept
    if concept is not None:
        return replace(evaluate_rule(timeline, protocol, concept.rule), title=chosen.title)
    proposed = evaluate_rule(timeline, _laid_over(chosen, protocol), chosen.proposes)
    said = f"proposed is {proposed.rule_id} ({proposed.flag_state.label}: {proposed.sentence.removesuffix('.')})"
    return replace(
        proposed,
        rule_id=chosen.id,
        title=chosen.title,
        flag_state=FlagState.NOT_EVALUABLE,
        sentence=f"The registry states no number and this protocol has not entered its own; {said}.",
        raises_flag=False,
        is_labmon_definition=False,
        evidence=(),
        thresholds=(),
        missing=("the protocol's own text and numbers, under registry_concept",),
        would_change=((proposed.flag_state, f"{proposed.rule_id} adopted as the protocol's own"),),
        cautions=(),
        bracket_left_day=None,
        bracket_right_day=None,
        confirmed_day=None,
        window_end_day=None,
        repeat_from=None,
        repeat_by=None,
    )


@lru_cache(maxsize=64)
def _laid_over(chosen: Preset, protocol: Protocol) -> Protocol:
    return chosen.laid_over(protocol)
