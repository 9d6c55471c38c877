"""The command line: one subcommand a module, imported when it is chosen. Never imports Qt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import cast

from labmon import __version__
from labmon.domain.errors import Cancelled, UserError
from labmon.domain.issue import catalogue_entry

OK, REFUSED, INTERRUPTED = 0, 2, 130

# name -> what `labmon --help` says of it. The module labmon.cli.<name> (dashes as underscores) has
# `add_arguments(parser)` and `run(arguments) -> int`.
COMMANDS = {
    "read": "print every reading of an instrument's file, every issue, and what nobody read",
    "kinetics": "compute the kinetic parameters of the profiles in a table",
    "assess": "print what labmon says of each patient: findings, eligibility, kinetics",
    "templates": "write the empty workbooks for clinical facts and MRD results",
    "eligibility": "print which criteria of a trial each patient meets, and the datum that is missing",
    "protocol": "check a protocol file, compare two versions, or move a study to a new one",
    "response": "print each patient's response by every rule set side by side",
    "demo": "make the demo study of invented patients and show it",
    "issue-codes": "print the page of permanent issue codes",
}


def main(argv: Sequence[str] | None = None, *, screen: object = None) -> int:
    """Run one subcommand. 0 is success, 2 a refusal in one line on stderr, 130 Ctrl-C.

    `screen` is what a process with Qt lends to `demo`; None on a bare command line.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = next((each for each in arguments if not each.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="labmon", description="Monitoring of CAR-T cells in the laboratory and the clinic."
    )
    parser.add_argument("--version", action="version", version=f"labmon {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == chosen:
            _of_command(name, "add_arguments")(subparser)
    parsed = parser.parse_args(arguments, argparse.Namespace(screen=screen))
    try:
        return cast(int, _of_command(parsed.command, "run")(parsed))
    except UserError as error:
        print(one_line(error), file=sys.stderr)
        return REFUSED
    except (KeyboardInterrupt, Cancelled):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (`| head`) has seen enough; Python would complain while flushing.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends
        return OK


def one_line(error: UserError) -> str:
    """A refusal as one line: code, place, sentence, what to do."""
    return " ".join(f"{error} {catalogue_entry(error.code).advice}".split())


def _of_command(name: str, function: str) -> Callable[..., object]:
    module = import_module(f"labmon.cli.{name.replace('-', '_')}")
    return cast(Callable[..., object], getattr(module, function))
