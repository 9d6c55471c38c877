"""Every page in light and dark, looked at by a machine here and by a person in docs/screenshots.

The pictures are always drawn into a temporary folder and judged; `MAKE_SCREENSHOTS=1 uv run pytest
tests/e2e/window/test_screenshots.py` also puts them into docs/screenshots.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QWidget

from labmon.domain.quantity import ValueState
from labmon_ui.pages.eligibility.bench_dialog import BenchDialog
from labmon_ui.theme import Mode
from labmon_ui.widgets.label import ElidedLabel
from tests.e2e.conftest import DemoRun
from tests.e2e.window.conftest import SitDown
from tests.e2e.window.person import Person

SIZE = (1440, 900)
LARGEST_BYTES = 300_000
SURFACE_PIXELS = 500
"""A colour that covers as much is a surface or a line, not the edge of a letter."""
FOLDER = Path(__file__).parents[3] / "docs" / "screenshots"
DISCORDANT = "DEMO-005"
HELD_RUN = "2026-07-28_CAR_qPCR_run18.txt"


def show_worklist(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Worklist")
    return "Flags for review", "Runs awaiting acceptance"


def show_import(person: Person, demo: DemoRun) -> tuple[str, ...]:
    files = demo.study.parent / "files"
    person.open_page("Import")
    if not person.file_states:
        person.drop(*(files / name for name in ("2026-07-16_CAR_qPCR_run17.txt", HELD_RUN, "2026-07_CAR_flow.xlsx")))
        person.settle()
    person.select_file(HELD_RUN)
    return "held", "Slope"


def show_patients(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Patients")
    person.application.navigation.open_patient("DEMO-014")
    person.settle()
    return "DEMO-014", "Rests on", "Kinetics"


def show_provenance(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Patients")
    person.application.navigation.open_patient("DEMO-001")
    person.settle()
    person.pick(person.marks(lambda mark: mark.state is ValueState.NOT_DETECTED and "qPCR" in mark.run)[0])
    return "Selected point", "not detected", "0 of 3 with Cq"


def show_eligibility(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Eligibility")
    person.application.navigation.open_criterion("DEMO-008", "A2")
    person.settle()
    return "DEMO-008", "What is missing"


def show_discordant(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Patients")
    person.application.navigation.open_patient(DISCORDANT)
    person.settle()
    return DISCORDANT, "contradicted"


def show_rule_bench(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Eligibility")
    person.press(person.eligibility, "Rule bench…")
    dialog = person.sees(BenchDialog)
    dialog.choose("window.length")
    dialog.value.setText("4")
    person.press(dialog, "Try")
    return "Rule bench", "would change state", "Nothing is written."


def show_response(person: Person, _demo: DemoRun) -> tuple[str, ...]:
    person.open_page("Patients")
    person.application.navigation.open_patient("DEMO-014")
    person.settle()
    person.press(person.patients.heading, "Response…")
    return "Response of DEMO-014", "Rests on"


PAGES: dict[str, Callable[[Person, DemoRun], tuple[str, ...]]] = {
    "worklist": show_worklist,
    "import": show_import,
    "patients": show_patients,
    "provenance": show_provenance,
    "eligibility": show_eligibility,
    "discordant": show_discordant,
    "rule-bench": show_rule_bench,
    "response": show_response,
}


def colours(image: QImage) -> set[int]:
    """A sample of the colours of a picture."""
    return {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def cut_texts(window: QWidget) -> list[str]:
    """Labels and buttons that are smaller than their words; what elides on purpose says the whole in its tooltip."""
    cut = []
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.text() and not isinstance(label, ElidedLabel):
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.minimumSizeHint().height()
            is_narrow = not label.wordWrap() and label.width() < label.sizeHint().width() - 1
            if label.height() < needed - 1 or is_narrow:
                cut.append(label.text())
    for button in window.findChildren(QPushButton):
        if button.isVisible() and button.text() and not button.toolTip() and "…" not in button.text():
            words = button.fontMetrics().horizontalAdvance(button.text())
            if button.width() < words:
                cut.append(button.text())
    return cut


def with_fewer_shades(image: QImage) -> QImage:
    """The picture with the rare shades at the edges of letters rounded: no surface changes, and the bytes are fewer."""
    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    found, where, counts = np.unique(
        np.frombuffer(whole.constBits(), dtype=np.uint32), return_inverse=True, return_counts=True
    )
    channels = found.view(np.uint8).astype(np.float64)
    rounded = (np.round(channels / 255 * 17) * 15).astype(np.uint8).view(np.uint32)
    data = np.where(counts >= SURFACE_PIXELS, found, rounded)[where].astype(np.uint32).tobytes()
    return QImage(data, whole.width(), whole.height(), QImage.Format.Format_RGB32).copy()


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_that_every_page_is_drawn_whole_with_its_content(
    sit_down: SitDown,
    demo_study: Path,
    demo_run: DemoRun,
    tmp_path: Path,
    mode: Mode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "clinician C")
    person = sit_down(demo_study, mode)
    person.window.resize(*SIZE)
    for name, show in PAGES.items():
        wanted = show(person, demo_run)
        person.settle()
        front = QApplication.activeModalWidget() or person.window
        said = person.reads(front)
        for words in wanted:
            assert words in said or any(words in str(text) for text in table_words(front)), (name, words)
        picture = tmp_path / f"{name}-{mode.value}.png"
        image = front.grab().toImage()
        image.setDevicePixelRatio(1)
        assert front is not person.window or SIZE == (image.width(), image.height())
        assert len(colours(image)) > 40, name  # not blank
        assert (person.application.look.theme.palette.is_dark) == (image.pixelColor(700, 60).lightnessF() < 0.5)
        assert [] == cut_texts(front), name
        with_fewer_shades(image).save(str(picture), "PNG", 0)  # 0: as small as it gets
        assert picture.stat().st_size < LARGEST_BYTES, name
        if os.environ.get("MAKE_SCREENSHOTS"):
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / picture.name).write_bytes(picture.read_bytes())
        if front is not person.window:
            front.close()


def table_words(front: QWidget) -> list[object]:
    """What stands in the tables in front."""
    words = []
    for table in front.findChildren(QTableView):
        if table.isVisible():
            model = table.model()
            words += [
                model.index(row, column).data()
                for row in range(model.rowCount())
                for column in range(model.columnCount())
            ]
    return words
