"""`labmon issue-codes`: the page of permanent issue codes, made from the catalogue."""

from __future__ import annotations

import argparse
import sys

from labmon.domain.issue import CATALOGUE

_FAMILIES = (
    ("I", "Files and readings in general"),
    ("Q", "Quantitative PCR and DNA"),
    ("D", "Digital PCR"),
    ("F", "Flow cytometry"),
    ("M", "Measurable residual disease"),
    ("C", "Clinical facts"),
    ("A", "Making results"),
    ("K", "Timelines and kinetics"),
    ("T", "A patient's course in the trial"),
    ("P", "Protocol files and assay definitions"),
    ("R", "Records"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "docs/issue-codes.md is this page: labmon issue-codes > docs/issue-codes.md"


def run(_arguments: argparse.Namespace) -> int:
    sys.stdout.write(page())
    return 0


def page() -> str:
    """The page in Markdown."""
    parts = [
        "# Issue codes\n",
        "<!-- Made by `labmon issue-codes` from labmon/domain/issue.py. Do not edit. -->\n",
        "A code is permanent: it is never given to another problem and never changes its meaning. Severity: an issue",
        "*blocks* the file, *holds* the value until a person has looked at it, or *warns*. Words in braces are",
        "filled in where the issue is shown.\n",
    ]
    for letter, title in _FAMILIES:
        entries = [entry for entry in CATALOGUE.values() if entry.code.startswith(letter)]
        if entries:
            parts.append(f"## {letter}: {title}\n")
            parts.append("| code | severity | meaning | what labmon says | what to do |")
            parts.append("| --- | --- | --- | --- | --- |")
            parts += [
                f"| {each.code} | {each.severity} | {each.meaning} | {each.template} | {each.advice} |"
                for each in sorted(entries, key=lambda entry: entry.code)
            ]
            parts.append("")
    return "\n".join(parts)
