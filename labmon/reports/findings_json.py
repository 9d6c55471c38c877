"""Assessments as plain values for JSON: findings with their evidence, criteria and the decision text, in study days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from labmon.domain.finding import CriterionAnswer, Evidence, Finding
from labmon.kinetics.parameters import Parameter, SeriesParameters
from labmon.kinetics.timeline import Timeline


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
        "evidence": [_evidence(each) for each in finding.evidence],
        "thresholds": [
            {"name": t.name, "value": t.value, "unit": t.unit, "source": t.source} for t in finding.thresholds
        ],
        "missing": list(finding.missing),
        "would_change": [{"flag_state": state.value, "what": what} for state, what in finding.would_change],
        "cautions": list(finding.cautions),
    }


def plain_criterion(answer: CriterionAnswer) -> dict[str, Any]:
    return {
        "criterion_id": answer.criterion_id,
        "title": answer.title,
        "state": answer.state.value,
        "sentence": answer.sentence,
        "missing": list(answer.missing),
        "evidence": [_evidence(each) for each in answer.evidence],
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
        "unit": parameter.unit,
        "n": parameter.n,
        "withheld": parameter.withheld.value if parameter.withheld else None,
        "text": parameter.text,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "day": evidence.day,
        "role": evidence.role,
        "text": evidence.text,
        "result_id": evidence.result_id,
        "run_code": evidence.run_code,
    }
