"""Open a study's record for the command line, which knows nothing of records."""

from __future__ import annotations

from pathlib import Path

from labmon.records.study import Study

DEFAULT_PROTOCOL = "nct06389305"


def open_study(path: Path) -> Study:
    """Raises UserError R801, R805, R806, R809, R810."""
    return Study.open(path)
