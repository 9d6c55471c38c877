"""`labmon demo`: make the demo study and show it: in the window, or as files when there is no display."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labmon.workflow.actor import operating_system_actor
from labmon.workflow.assess import Assessment, flagged
from labmon.workflow.demo import Draw, leave_files, make_demo_study
from labmon.workflow.locations import demo_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What only a process with Qt can do; the window's entry point brings it along."""

    has_display: Callable[[], bool]
    open_window: Callable[[Path], int]
    draw: Draw


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="do not open the window, even with a display")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the pictures, findings.json and report.xlsx go")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the study and its files are made")
    parser.add_argument("--seed", type=int, help="another seed makes another study with the same troubles")


def run(arguments: argparse.Namespace) -> int:
    screen: Screen | None = arguments.screen
    folder: Path = arguments.folder or demo_folder()
    study_path = make_demo_study(folder, operating_system_actor(), _say, seed=arguments.seed)
    print(f"The demo study is in {study_path}, its export files in {study_path.parent / 'files'}.", file=sys.stderr)
    if screen is not None and not arguments.headless and arguments.out is None and screen.has_display():
        return screen.open_window(study_path)
    out: Path = arguments.out or Path("labmon-demo")
    assessments = leave_files(study_path, out, operating_system_actor(), screen.draw if screen is not None else None)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's own code page lacks the micro sign
    print(flag_table(assessments))
    pictures = "" if screen is None else "a picture of each flagged patient, "
    print(f"\nIn {out}: {pictures}findings.json, report.xlsx.")
    return 0


def flag_table(assessments: tuple[Assessment, ...]) -> str:
    """The flags as a table: patient, day, rule, and the sentence that says why."""
    rows = [
        (
            assessment.patient_code,
            f"day {assessment.timeline.day_of(assessment.as_of)}",
            finding.rule_id,
            finding.sentence,
        )
        for assessment in flagged(assessments)
        if assessment.timeline is not None
        for finding in assessment.flags
    ]
    head = f"{len(rows)} of {len(assessments)} patients flagged for review"
    lines = [f"{code:<10} {day:<8} {rule:<4} {sentence}" for code, day, rule, sentence in rows]
    return "\n".join([head, "-" * len(head), *lines])


def _say(done: int, total: int, name: str) -> None:
    """Progress on one line of a terminal; nothing where nobody watches."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r\x1b[2KImporting the demo's files: {done} of {total} {name}", end=end, file=sys.stderr, flush=True)
