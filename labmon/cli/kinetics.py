"""`labmon kinetics`: the parameters of the profiles in a table, as text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from labmon.domain import wording
from labmon.workflow.analyse_profiles import COLUMNS, ProfileParameters, analyse_profiles, settings_in_words

_SHOWN = ("cmax", "tmax", "tlast", "auc_0_28", "auc_0_84", "half_life")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=f"comma-separated text with the columns {', '.join(COLUMNS)}")
    parser.add_argument("--json", action="store_true", help="every parameter, with the reason of each withheld one")


def run(arguments: argparse.Namespace) -> int:
    """Print the parameters of every profile. Raises UserError for a table that cannot be read whole."""
    profiles = analyse_profiles(arguments.file)
    if arguments.json:
        document = {
            "settings": settings_in_words(),
            "profiles": [
                {"profile": one.profile, **one.parameters, "withheld": dict(one.withheld)} for one in profiles
            ],
        }
        json.dump(document, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_table(profiles))
    return 0


def _table(profiles: Sequence[ProfileParameters]) -> str:
    rows = [("profile", *_SHOWN), *((one.profile, *(_cell(one, name) for name in _SHOWN)) for one in profiles)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", settings_in_words(), ""])


def _cell(one: ProfileParameters, name: str) -> str:
    value = one.parameters[name]
    return one.withheld[name] if value is None else wording.number(value)
