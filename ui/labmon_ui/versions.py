"""Which versions are at work: what About shows and a crash report carries."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import version

from PySide6.QtCore import qVersion


def versions() -> tuple[tuple[str, str], ...]:
    """Name and version of labmon and of what it stands on."""
    return (
        ("labmon", version("labmon")),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        ("PySide6", version("PySide6-Essentials")),
        ("pyqtgraph", version("pyqtgraph")),
        ("SQLAlchemy", version("SQLAlchemy")),
        ("SQLite", sqlite3.sqlite_version),
    )
