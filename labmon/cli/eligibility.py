"""`labmon eligibility`: the criteria of a trial for every patient, with reasons, as a table in words or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from labmon import __version__
from labmon.cli.looking_back import add_looking_back
from labmon.domain.decision import DecisionMeaning
from labmon.domain.errors import UserError
from labmon.domain.finding import CriterionAnswer
from labmon.workflow.actor import operating_system_actor
from labmon.workflow.assess import Assess, Assessment
from labmon.workflow.confirm_protocol import ConfirmProtocol
from labmon.workflow.decide import Decide, DecisionStanding, standing_decisions
from labmon.workflow.locations import default_study_path
from labmon.workflow.open_study import open_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trial", metavar="ID", help="nct06389305 or nct04534634 (default: the study's own)")
    parser.add_argument(
        "--study", type=Path, metavar="FILE", help="the record to look at (default: the one that opens)"
    )
    parser.add_argument("--patient", metavar="CODE", help="only this patient")
    add_looking_back(parser)
    parser.add_argument(
        "--confirm",
        metavar="SUBJECT",
        help="put on record that SUBJECT (a criterion, an arm) is read as labmon reads it, then print",
    )
    parser.add_argument(
        "--decide",
        choices=[meaning.value for meaning in DecisionMeaning],
        help="record this decision about --patient, with the snapshot it rests on and --reason, then print",
    )
    parser.add_argument("--reason", metavar="TEXT", help="why it is decided so")
    parser.add_argument(
        "--by", metavar="NAME", help="who confirms or decides (default: the signed-in user of this machine)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    if arguments.by is not None and arguments.confirm is None and arguments.decide is None:
        raise UserError("R808", detail="--by names who confirms.", help="Say with --confirm what is confirmed.")
    if arguments.decide is not None and not arguments.patient:
        raise UserError("R808", detail="--decide is about one patient.", help="Name the patient with --patient.")
    as_of, known_on = arguments.as_of, arguments.known_on
    if arguments.decide is not None and (as_of, known_on) != (None, None):
        raise UserError("R808", detail="A decision rests on today's record.", help="Leave --as-of and --known-on out.")
    with closing(open_study(arguments.study or default_study_path())) as study:
        assess = Assess(study, arguments.trial)
        actor = operating_system_actor()
        actor = replace(actor, person=arguments.by) if arguments.by else actor
        if arguments.confirm is not None:
            ConfirmProtocol(study, actor).confirm(assess.protocol, arguments.confirm)
        if arguments.decide is not None:
            decide = Decide(study, assess, actor)
            decide.record(decide.draft(arguments.patient), DecisionMeaning(arguments.decide), arguments.reason or "")
        if arguments.patient:
            assessments: tuple[Assessment, ...] = (assess.patient(arguments.patient, as_of=as_of, known_on=known_on),)
        else:
            assessments = assess.all_patients(as_of=as_of, known_on=known_on)
        standing = {each.decision.patient_code: each for each in standing_decisions(study, assess.protocol.id)}
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks ≥
        if arguments.json:
            print(json.dumps(_plain(assess, assessments, standing, known_on), ensure_ascii=False, indent=1))
        else:
            print(
                "\n\n".join(
                    [
                        _heading(assess, assessments),
                        *(_page(each, standing.get(each.patient_code)) for each in assessments),
                    ]
                )
            )
    return 0


def _heading(assess: Assess, assessments: tuple[Assessment, ...]) -> str:
    protocol = assess.protocol
    lines = [f"{protocol.id} {protocol.version}  {protocol.title}"]
    lines += [
        f"  arm {status.arm.code:<14} {'active' if status.is_active else 'inactive until confirmed'}"
        for status in assess.arms()
    ]
    counts = Counter(each.decision.state.value.replace("_", " ") for each in assessments)
    said = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
    lines.append(f"  {len(assessments)} patients: {said}" if assessments else "  No patients on record.")
    return "\n".join(lines)


def _page(assessment: Assessment, decided: DecisionStanding | None) -> str:
    """One patient: how things stand, what was decided, then a line a criterion."""
    lines = [f"{assessment.patient_code}  {assessment.decision.text}"]
    if decided is not None:
        lines += [f"  {decided.text}", *(f"    {change}" for change in decided.changes)]
    lines += [f"  {a.criterion_id:<4} {a.state.label:<14} {a.sentence}" for a in assessment.criteria]
    lines += [f"  {issue.code} {issue.message}" for issue in assessment.issues]
    return "\n".join(lines)


def _plain(
    assess: Assess,
    assessments: tuple[Assessment, ...],
    standing: Mapping[str, DecisionStanding],
    known_on: datetime | None,
) -> dict[str, Any]:
    protocol, trial = assess.protocol, assess.protocol.trial
    return {
        "labmon_version": __version__,
        "study": assess.study_code,
        "trial": {"id": protocol.id, "version": protocol.version, "title": protocol.title},
        "as_of": next((each.as_of for each in assessments), assess.as_of).isoformat(),
        "known_on": known_on.isoformat() if known_on is not None else None,
        "arms": [
            {
                "code": status.arm.code,
                "title": status.arm.title,
                "is_active": status.is_active,
                "source": status.arm.source,
                "status": status.arm.status.value,
                "confirmed_by": status.confirmation.confirmed_by if status.confirmation else None,
            }
            for status in assess.arms()
        ],
        "defects": [
            {"id": each.id, "says": each.says, "handling": each.handling, "concerns": list(each.concerns)}
            for each in (trial.defects if trial is not None else ())
        ],
        "patients": [
            {
                "patient_code": each.patient_code,
                "decision": each.decision.state.value,
                "decision_text": each.decision.text,
                "decided": _plain_decided(standing.get(each.patient_code)),
                "open_criteria": list(each.decision.open_criteria),
                "failed_criteria": list(each.decision.failed_criteria),
                "missing": list(dict.fromkeys(what for a in each.criteria for what in a.missing)),
                "criteria": [_plain_answer(answer) for answer in each.criteria],
                "issues": [{"code": issue.code, "message": issue.message} for issue in each.issues],
            }
            for each in assessments
        ],
    }


def _plain_decided(decided: DecisionStanding | None) -> dict[str, Any] | None:
    """What a person decided, and what changed since in what it rests on."""
    if decided is None:
        return None
    decision = decided.decision
    return {
        "meaning": decision.meaning.value,
        "reason": decision.reason,
        "decided_by": decision.recorded_by,
        "decided_at": decision.recorded_at.isoformat(),
        "protocol_version": decision.protocol_version,
        "snapshot_sha256": decision.snapshot_sha256,
        "is_intact": decided.is_intact,
        "changes_since": list(decided.changes),
        "snapshot": json.loads(decision.snapshot),
    }


def _plain_answer(answer: CriterionAnswer) -> dict[str, Any]:
    return {
        "criterion_id": answer.criterion_id,
        "title": answer.title,
        "wording": answer.wording,
        "defect": answer.defect,
        "state": answer.state.value,
        "sentence": answer.sentence,
        "missing": list(answer.missing),
        "evidence": [
            {
                "text": each.text,
                "role": each.role,
                "day": each.day,
                "collected_on": each.collected_on.isoformat() if each.collected_on else None,
                "result_id": each.result_id,
            }
            for each in answer.evidence
        ],
        "would_change": [{"state": state.value, "what": what} for state, what in answer.would_change],
    }
