"""`labmon templates`: write the empty workbooks for clinical facts and MRD results."""

from __future__ import annotations

import argparse
from pathlib import Path

from labmon.workflow.templates import write_templates


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path(), help="where they go (default: here)")


def run(arguments: argparse.Namespace) -> int:
    for path in write_templates(arguments.out):
        print(path)
    return 0
