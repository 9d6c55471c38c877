"""`labmon kinetics`: the parameters of the profiles in a table, as text or JSON."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from labmon.domain import wording
from labmon.workflow.analyse_profiles import (
    AUC_RULES,
    BLQ_TREATMENTS,
    COLUMNS,
    ESTIMATORS,
    GroupPersistence,
    ProfileParameters,
    analyse_profiles,
    group_persistence,
    nca_settings,
)

_SHOWN = ("cmax", "tmax", "tlast", "auc_0_28", "auc_0_84", "half_life")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=f"comma-separated text with the columns {', '.join(COLUMNS)}")
    parser.add_argument("--json", action="store_true", help="every parameter, with the reason of each withheld one")
    policy = parser.add_argument_group("settings", "recorded with the result")
    default = nca_settings()
    policy.add_argument("--auc-rule", choices=AUC_RULES, default=default.auc_rule.value)
    for stretch, where, treatment in (
        ("first", "before the first quantified one", default.blq_first),
        ("middle", "between quantified ones", default.blq_middle),
        ("last", "after the last quantified one; read with --auc-to-first-blq only", default.blq_last),
    ):
        policy.add_argument(
            f"--blq-{stretch}",
            choices=BLQ_TREATMENTS,
            default=treatment.value,
            help=f"what a value below LLOQ counts as {where} (default: {treatment.value})",
        )
    policy.add_argument("--persistence-by", choices=ESTIMATORS, default=ESTIMATORS[0], help="curve of all profiles")
    policy.add_argument("--auc-to-first-blq", action="store_true", help="areas go on to the first sample below LLOQ")


def run(arguments: argparse.Namespace) -> int:
    """Print the parameters of every profile. Raises UserError for a table that cannot be read whole."""
    settings = nca_settings(
        auc_rule=arguments.auc_rule,
        blq_first=arguments.blq_first,
        blq_middle=arguments.blq_middle,
        blq_last=arguments.blq_last,
        auc_to_first_blq=arguments.auc_to_first_blq,
    )
    profiles = analyse_profiles(arguments.file, settings)
    group = group_persistence(profiles, arguments.persistence_by)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a console's own code page lacks the micro sign
    if arguments.json:
        document = {
            "settings": settings.words,
            "profiles": [_plain(one) for one in profiles],
            "persistence": _plain_group(group),
        }
        json.dump(document, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_table(profiles, group, settings.words))
    return 0


def _plain(one: ProfileParameters) -> dict[str, object]:
    return {
        "profile": one.profile,
        **one.parameters,
        "withheld": dict(one.withheld),
        "persistence": {
            "state": one.persistence.state.value,
            "left_day": one.persistence.left_day,
            "right_day": one.persistence.right_day,
        },
        "issues": [{"code": issue.code, "message": issue.message} for issue in one.issues],
    }


def _plain_group(group: GroupPersistence) -> dict[str, object]:
    return {
        "estimator": group.estimator.value,
        "courses": group.courses,
        "losses": group.losses,
        "censored": group.censored,
        "not_established": group.not_established,
        "median_days": group.median,
        "median_confidence_days": group.median_confidence,
        "steps": [
            {
                "from_day": step.from_day,
                "day": step.day,
                "survival": step.survival,
                "confidence": None if step.low is None else [step.low, step.high],
            }
            for step in group.steps
        ],
    }


def _group_in_words(group: GroupPersistence) -> str:
    if group.median is None:
        median = "median not reached"
    else:
        left, right = group.median
        median = (
            f"median {wording.decimal_day(left)} d" if left == right else f"median in {wording.interval(left, right)} d"
        )
    counts = f"{group.courses} courses, {group.losses} losses, {group.not_established} never above LLOQ"
    return f"persistence: {median}; {counts} ({group.estimator.label})"


def _table(profiles: Sequence[ProfileParameters], group: GroupPersistence, settings: str) -> str:
    rows = [("profile", *_SHOWN), *((one.profile, *(_cell(one, name) for name in _SHOWN)) for one in profiles)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    issues = [f"{issue.code} {issue.message} {issue.advice}" for one in profiles for issue in one.issues]
    return "\n".join([*lines, "", *issues, _group_in_words(group), settings, ""])


def _cell(one: ProfileParameters, name: str) -> str:
    value = one.parameters[name]
    return one.withheld[name] if value is None else wording.number(value)
