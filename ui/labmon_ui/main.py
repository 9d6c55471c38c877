"""Where `labmon` and `labmonw` start: without a subcommand the window, with one the command line, which needs no Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labmon.cli.demo import Screen
    from labmon.reports.figures import FigureSpec

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

            return command_line(arguments, screen=_screen() if arguments[:1] == ["demo"] else None)


def _screen() -> Screen:
    """What the demo borrows from the window; Qt loads when it is used."""
    from labmon.cli.demo import Screen

    return Screen(has_display=_has_display, open_window=_open_window, draw=_draw)


def _has_display() -> bool:
    """Whether a window would be seen. Only X11 and Wayland can be absent, or Qt be told to draw offscreen."""
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal")):
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _draw(spec: FigureSpec, path: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from labmon_ui.application import make_qt_application
    from labmon_ui.palette import LIGHT
    from labmon_ui.plotting.export import render_png

    application = make_qt_application()
    render_png(spec, path, LIGHT)
    del application  # Qt ends with its last reference: it is held until the picture is written


def _open_window(study_path: Path) -> int:
    from labmon_ui.application import run

    return run(study_path)
