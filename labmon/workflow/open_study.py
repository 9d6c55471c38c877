"""Open a study's record for the command line, which knows nothing of records."""

from __future__ import annotations

from pathlib import Path

from labmon.records.study import Study

DEFAULT_PROTOCOL = "nct06389305"


def open_study(path: Path) -> Study:
    """An older record is backed up and brought up to date. Raises UserError R801, R805, R806, R809, R811."""
    return Study.open(path)
