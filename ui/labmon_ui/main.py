"""Where `labmon` and `labmonw` start: without a subcommand the window, with one the command line, which needs no Qt."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

STUDY_OPTION = "--study"


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window (`labmon`, `labmon --study FILE`), or hand everything else to the command line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    match arguments:
        case []:
            from labmon.workflow.locations import default_study_path

            return _open_window(default_study_path())
        case [option, path] if option == STUDY_OPTION:
            return _open_window(Path(path))
        case _:
            from labmon.cli import main as command_line

            return command_line(arguments)


def _open_window(study_path: Path) -> int:
    from labmon_ui.application import run

    return run(study_path)
