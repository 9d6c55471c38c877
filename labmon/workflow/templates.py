"""Hand out labmon's own workbooks, empty: the clinical facts and the MRD results."""

from __future__ import annotations

from pathlib import Path

from labmon.domain.errors import UserError
from labmon.reports import templates


def write_templates(folder: Path) -> tuple[Path, ...]:
    """The paths of the workbooks written into the folder. Raises UserError R804 when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(templates.write_templates(folder))
    except OSError as error:
        raise UserError("R804", path=folder) from error
