"""Where studies lie on this machine unless somebody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

STUDY_VARIABLE = "LABMON_STUDY"


def default_study_path() -> Path:
    """The record that opens when none is named: `LABMON_STUDY`, else the user's own data folder."""
    named = os.environ.get(STUDY_VARIABLE)
    return Path(named).expanduser() if named else user_data_path("labmon", appauthor=False) / "study.labmon"


def demo_folder() -> Path:
    """Where the demo study and its export files are made."""
    return user_data_path("labmon", appauthor=False) / "demo"
