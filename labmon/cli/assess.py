"""`labmon assess`: every patient's findings as a table in words, or as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from labmon.cli.looking_back import add_looking_back
from labmon.domain.finding import Finding
from labmon.workflow.assess import Assess, Assessment, plain_assessments, preset_findings
from labmon.workflow.locations import default_study_path
from labmon.workflow.open_study import open_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study", type=Path, metavar="FILE", help="the record to look at (default: the one that opens)"
    )
    parser.add_argument("--patient", metavar="CODE", help="only this patient")
    add_looking_back(parser)
    parser.add_argument(
        "--preset", action="append", metavar="ID", help="also the answer of this definition of loss (repeatable)"
    )
    parser.add_argument("--presets", action="store_true", help="also the answers of all shipped definitions of loss")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    with closing(open_study(arguments.study or default_study_path())) as study:
        assess = Assess(study)
        as_of, known_on = arguments.as_of, arguments.known_on
        if arguments.patient:
            assessments: tuple[Assessment, ...] = (assess.patient(arguments.patient, as_of=as_of, known_on=known_on),)
        else:
            assessments = assess.all_patients(as_of=as_of, known_on=known_on)
        presets: dict[str, Mapping[str, Finding]] | None = None
        if arguments.presets or arguments.preset:
            chosen = None if arguments.presets else arguments.preset
            presets = {each.patient_code: preset_findings(each, assess.protocol, chosen) for each in assessments}
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks the micro sign
        if arguments.json:
            plain = plain_assessments(
                assessments, assess.protocol, study.info.study_code, known_on=known_on, presets=presets
            )
            print(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1))
        else:
            pages = (page(each, (presets or {}).get(each.patient_code)) for each in assessments)
            print("\n\n".join(pages) or "No patients on record.")
    return 0


def page(assessment: Assessment, presets: Mapping[str, Finding] | None = None) -> str:
    """One patient for a person: a heading, a line a finding and the decision, then the presets side by side."""
    timeline = assessment.timeline
    day = f"day {timeline.day_of(assessment.as_of)}" if timeline else "no infusion on record"
    flags = ", ".join(f.rule_id for f in assessment.flags)
    lines = [f"{assessment.patient_code}  {day}" + (f"  FLAG FOR REVIEW: {flags}" if flags else "")]
    lines += [f"  {f.rule_id:<4} {f.flag_state.label:<14} {f.sentence}" for f in assessment.findings]
    lines += [f"  {issue.code} {issue.message}" for issue in assessment.issues]
    lines.append(f"  eligibility: {assessment.decision.text}")
    if presets:
        lines.append("  presets, side by side:")
        for preset_id, finding in presets.items():
            lines.append(f"    {preset_id:<33}{finding.flag_state.label:<14} {finding.sentence}")
            lines += [f"      {state.label} if: {what}" for state, what in finding.would_change]
    return "\n".join(lines)
