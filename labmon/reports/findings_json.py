"""Assessments as plain values for JSON: findings with their evidence, criteria and the decision text, in study days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from labmon.domain.finding import CriterionAnswer, Evidence, Finding
from labmon.kinetics.parameters import Parameter, SeriesParameters
from labmon.kinetics.timeline import Point, Timeline


def plain_finding(finding: Finding, timeline: Timeline) -> dict[str, Any]:
    """A finding by its glossary names; dates are given as days since infusion."""

    def day_of(when: date | None) -> int | None:
        return None if when is None else timeline.day_of(when)

    return {
        "rule_id": finding.rule_id,
        "title": finding.title,
        "flag_state": finding.flag_state.value,
        "raises_flag": finding.raises_flag,
        "is_labmon_definition": finding.is_labmon_definition,
        "sentence": finding.sentence,
        "bracket_left_day": finding.bracket_left_day,
        "bracket_right_day": finding.bracket_right_day,
        "confirmed_day": finding.confirmed_day,
        "window_end_day": finding.window_end_day,
        "repeat_from_day": day_of(finding.repeat_from),
        "repeat_by_day": day_of(finding.repeat_by),
        "evidence": plain_evidence(finding.evidence, timeline),
        "thresholds": [
            {"name": t.name, "value": t.value, "unit": t.unit, "source": t.source} for t in finding.thresholds
        ],
        "missing": list(finding.missing),
        "would_change": [{"flag_state": state.value, "what": what} for state, what in finding.would_change],
        "cautions": list(finding.cautions),
    }


def plain_criterion(answer: CriterionAnswer, timeline: Timeline | None) -> dict[str, Any]:
    return {
        "criterion_id": answer.criterion_id,
        "title": answer.title,
        "state": answer.state.value,
        "sentence": answer.sentence,
        "missing": list(answer.missing),
        "evidence": plain_evidence(answer.evidence, timeline),
    }


def plain_parameters(series: Sequence[SeriesParameters]) -> list[dict[str, Any]]:
    return [
        {
            "analyte": each.key.analyte.value,
            "unit": each.key.analyte.unit.value,
            "parameters": {parameter.name: _parameter(parameter) for parameter in each.parameters},
        }
        for each in series
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "value": parameter.value,
        "interval": list(parameter.interval) if parameter.interval else None,
        "confidence": list(parameter.confidence) if parameter.confidence else None,
        "unit": parameter.unit.replace("µ", "u"),
        "n": parameter.n,
        "withheld": parameter.withheld.value if parameter.withheld else None,
        "text": parameter.text,
    }


def plain_evidence(evidence: Sequence[Evidence], timeline: Timeline | None) -> list[dict[str, Any]]:
    """What a finding rests on; evidence that is a result carries its number, unit, state and run."""
    wanted = {each.result_id for each in evidence}
    points = timeline.series.values() if timeline is not None else ()
    results = {
        point.result.result_id: point for series in points for point in series if point.result.result_id in wanted
    }
    return [
        {
            "day": each.day,
            "role": each.role,
            "text": each.text,
            "run_code": each.run_code,
            "result": _result(results[each.result_id]) if each.result_id in results else None,
        }
        for each in evidence
    ]


def _result(point: Point) -> dict[str, Any]:
    result, quantity = point.result, point.result.quantity
    return {
        "result_id": result.result_id,
        "version": result.version,
        "specimen_code": result.specimen_code,
        "specimen_type": point.specimen.specimen_type.value,
        "analyte": result.analyte.value,
        "method": result.method.value if result.method else None,
        "value": quantity.value,
        "unit": quantity.unit.value,
        "value_state": quantity.state.value,
        "lod": quantity.lod,
        "lloq": quantity.lloq,
        "mrd_sensitivity_fraction": result.draft.sensitivity_fraction,
        "run_code": result.draft.run_code,
        "released_by": result.released_by,
        "basis": dict(result.draft.basis),
    }
