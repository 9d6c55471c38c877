"""`labmon assess`: every patient's findings as a table in words, or as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from labmon.workflow.assess import Assess, Assessment, plain_assessments
from labmon.workflow.locations import default_study_path
from labmon.workflow.open_study import open_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study", type=Path, metavar="FILE", help="the record to look at (default: the one that opens)"
    )
    parser.add_argument("--patient", metavar="CODE", help="only this patient")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="DATE",
        help="leave out what was collected after this day (YYYY-MM-DD)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    with closing(open_study(arguments.study or default_study_path())) as study:
        assess = Assess(study)
        if arguments.patient:
            assessments: tuple[Assessment, ...] = (assess.patient(arguments.patient, as_of=arguments.as_of),)
        else:
            assessments = assess.all_patients(as_of=arguments.as_of)
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks the micro sign
        if arguments.json:
            plain = plain_assessments(assessments, assess.protocol, study.info.study_code)
            print(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1))
        else:
            print("\n\n".join(page(assessment) for assessment in assessments) or "No patients on record.")
    return 0


def page(assessment: Assessment) -> str:
    """One patient for a person: a heading, then a line a finding and the decision."""
    timeline = assessment.timeline
    day = f"day {timeline.day_of(assessment.as_of)}" if timeline else "no infusion on record"
    flags = ", ".join(f.rule_id for f in assessment.flags)
    lines = [f"{assessment.patient_code}  {day}" + (f"  FLAG FOR REVIEW: {flags}" if flags else "")]
    lines += [f"  {f.rule_id:<4} {f.flag_state.label:<14} {f.sentence}" for f in assessment.findings]
    lines += [f"  {issue.code} {issue.message}" for issue in assessment.issues]
    lines.append(f"  eligibility: {assessment.decision.text}")
    return "\n".join(lines)
