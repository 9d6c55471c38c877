"""`labmon protocol`: check a protocol file, compare two versions, try a number, or move a study to a new version."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from labmon.domain.errors import UserError
from labmon.workflow.actor import operating_system_actor
from labmon.workflow.adopt_protocol import AdoptProtocol
from labmon.workflow.assess import Assess
from labmon.workflow.locations import default_study_path
from labmon.workflow.open_study import open_study
from labmon.workflow.protocol_files import check_protocol, compare_protocols
from labmon.workflow.rule_bench import RuleBench


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    check = acts.add_parser("check", help="say in words what a protocol file states, or on which line it does not fit")
    check.add_argument("file", metavar="FILE", help="a protocol file, or the id of a shipped protocol")
    diff = acts.add_parser("diff", help="say in words what differs between two versions")
    diff.add_argument("old", metavar="A")
    diff.add_argument("new", metavar="B")
    trial = acts.add_parser("try", help="say who would change state with another number; nothing is adopted")
    trial.add_argument("number", metavar="PATH=VALUE", help="for example R1.cutoff=100 or window.length=4")
    trial.add_argument("--study", type=Path, metavar="FILE", help="the record (default: the one that opens)")
    adopt = acts.add_parser("adopt", help="judge a study by another version from now on, with a reason, audited")
    adopt.add_argument("file", metavar="FILE", type=Path)
    adopt.add_argument("--study", type=Path, metavar="FILE", help="the record (default: the one that opens)")
    adopt.add_argument("--reason", required=True, help="why this version is adopted")
    adopt.add_argument("--dry-run", action="store_true", help="only show what would change")


def run(arguments: argparse.Namespace) -> int:
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks the micro sign
    match arguments.act:
        case "check":
            print("\n".join(check_protocol(arguments.file)))
        case "diff":
            said = compare_protocols(arguments.old, arguments.new)
            print("\n".join(said) or "Both say the same.")
        case "try":
            with closing(open_study(arguments.study or default_study_path())) as study:
                _try_out(RuleBench(Assess(study)), arguments.number)
        case "adopt":
            with closing(open_study(arguments.study or default_study_path())) as study:
                _adopt(AdoptProtocol(study, operating_system_actor()), arguments)
    return 0


def _try_out(bench: RuleBench, moved: str) -> None:
    path, _, text = moved.partition("=")
    try:
        value = float(text)
    except ValueError as error:
        raise UserError("P710", what=path, value=text or "nothing", expected="a number after =") from error
    trial = bench.try_out(path, value)
    print(f"{trial.number.title}, {trial.number.value:g} {trial.number.unit}, tried as {value:g}")
    print(f"{trial.patients_changed} of {trial.patients} patients change state" + (":" if trial.changes else "."))
    for change in trial.changes:
        print(f"  {change.text}: {change.why}")


def _adopt(adopting: AdoptProtocol, arguments: argparse.Namespace) -> None:
    plan = adopting.plan(arguments.file)
    print(f"{plan.version.protocol.id}: version {plan.old_version} to {plan.version.protocol.version}")
    print("\n".join(f"  {said}" for said in plan.differences) or "  both say the same")
    print(f"{len(plan.changes)} findings change state" + (":" if plan.changes else "."))
    for change in plan.changes:
        print(f"  {change.text}: {change.why}")
    if arguments.dry_run:
        print("Nothing was written.")
    elif adopting.adopt(plan, arguments.reason):
        print(f"Adopted: {arguments.reason}")
    else:
        print("This version is in use already; nothing was written.")
