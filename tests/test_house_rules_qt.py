"""The pair of PySide6 and Python that the pins choose does not lose references, and the pins still choose it."""

import importlib.metadata
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PySide6.QtGui import QImage, QPainter, QPainterPath

PYPROJECT = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = {
    requirement.name.lower(): requirement for requirement in map(Requirement, PYPROJECT["project"]["dependencies"])
}


def test_that_drawing_a_path_does_not_lose_references_to_none() -> None:
    # PySide6 6.12.0 on Python 3.11 loses one with every call that returns nothing and aborts after some thousands.
    # Where None is immortal (Python 3.12 and later) the count never moves and this cannot fail.
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    path = QPainterPath()
    path.lineTo(8, 8)
    painter.drawPath(path)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        painter.drawPath(path)
    after = sys.getrefcount(None)
    painter.end()

    assert after > before - 100


@pytest.mark.parametrize(
    ("name", "too_old", "too_new"),
    [
        ("pyside6-essentials", "6.10.1", "6.11.0"),  # 6.11 breaks dock widgets, 6.12 loses references
        ("pyqtgraph", "0.13.7", "0.15.0"),  # what the plotting room works around belongs to 0.14
    ],
)
def test_that_the_pins_keep_to_the_versions_that_were_measured(name: str, too_old: str, too_new: str) -> None:
    pin = REQUIREMENTS[name].specifier

    assert importlib.metadata.version(name) in pin
    assert too_old not in pin
    assert too_new not in pin


def test_that_every_dependency_has_a_floor() -> None:
    without = [
        name
        for name, requirement in REQUIREMENTS.items()
        if not any(specifier.operator == ">=" for specifier in requirement.specifier)
    ]

    assert [] == without
