"""`labmon response`: each patient's response by every rule set side by side, in words or as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from labmon import __version__
from labmon.cli.looking_back import add_looking_back
from labmon.workflow.assess import Assess, Assessment
from labmon.workflow.locations import default_study_path
from labmon.workflow.open_study import open_study
from labmon.workflow.respond import Responses, SetResponse, responses_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study", type=Path, metavar="FILE", help="the record to look at (default: the one that opens)"
    )
    parser.add_argument("--patient", metavar="CODE", help="only this patient")
    add_looking_back(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    with closing(open_study(arguments.study or default_study_path())) as study:
        assess = Assess(study)
        as_of, known_on = arguments.as_of, arguments.known_on
        if arguments.patient:
            assessments: tuple[Assessment, ...] = (
                assess.patient(arguments.patient, as_of=arguments.as_of, known_on=arguments.known_on),
            )
        else:
            assessments = assess.all_patients(as_of=as_of, known_on=known_on)
        found = [(assessment.patient_code, responses_of(assessment)) for assessment in assessments]
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks ≥
        if arguments.json:
            plain = {"labmon_version": __version__, "patients": [_plain(code, each) for code, each in found]}
            print(json.dumps(plain, ensure_ascii=False, indent=1))
        else:
            print("\n\n".join(_page(code, each) for code, each in found) or "No patients on record.")
    return 0


def _page(code: str, responses: Responses | None) -> str:
    if responses is None:
        return f"{code}  no CAR-T infusion on record"
    lines = [f"{code}  {responses.on.isoformat()}"]
    for each in responses.sets:
        call = each.call
        used = ", ".join(f"{used.what} {used.text} ({used.age_days} d old)" for used in call.used)
        lines.append(f"  {call.rule_set} {call.rule_version:<3} {call.category:<15} best {each.best}; {used}")
        if call.missing:
            best = f" for {call.at_best}" if call.at_best else ""
            lines.append(f"      missing{best}: {'; '.join(call.missing)}")
        lines += [f"      {caution}" for caution in call.cautions]
    lines += [f"  MRD: {responses.mrd.sentence}"] if responses.mrd else []
    lines += [f"  CNS: {responses.cns.status} on {responses.cns.on.isoformat()}"] if responses.cns else []
    return "\n".join(lines)


def _plain(code: str, responses: Responses | None) -> dict[str, Any]:
    if responses is None:
        return {"patient_code": code, "on": None, "sets": [], "mrd": None, "cns": None}
    mrd, cns = responses.mrd, responses.cns
    return {
        "patient_code": code,
        "on": responses.on.isoformat(),
        "sets": [_plain_set(each) for each in responses.sets],
        "mrd": None
        if mrd is None
        else {
            "claim": mrd.claim.value,
            "sentence": mrd.sentence,
            "mrd_sensitivity_fraction": mrd.sensitivity_fraction,
            "cells_needed": mrd.cells_needed,
            "by_variant": dict(mrd.by_variant),
        },
        "cns": None
        if cns is None
        else {
            "status": cns.status.value,
            "on": cns.on.isoformat(),
            "missing": list(cns.missing),
            "cautions": list(cns.cautions),
        },
    }


def _plain_set(each: SetResponse) -> dict[str, Any]:
    call, relapse = each.call, each.relapse
    return {
        "response_rule_set": call.rule_set,
        "rule_version": call.rule_version,
        "response_category": call.category.value,
        "best_response": each.best.value,
        "at_best": call.at_best.value if call.at_best else None,
        "missing": list(call.missing),
        "cautions": list(call.cautions),
        "sustained": call.sustained,
        "remission_on": _iso(each.remission_on),
        "treatment_failure_on": _iso(each.failed_on),
        "relapse": None
        if relapse is None
        else {
            "state": relapse.state.value,
            "relapsed_on": _iso(relapse.relapsed_on),
            "first_seen_on": _iso(relapse.first_seen_on),
            "gap_days": relapse.gap_days,
            "missing": list(relapse.missing),
        },
        "used": [
            {"what": u.what, "text": u.text, "on": _iso(u.on), "age_days": u.age_days, "result_id": u.result_id}
            for u in call.used
        ],
    }


def _iso(when: date | None) -> str | None:
    return None if when is None else when.isoformat()
