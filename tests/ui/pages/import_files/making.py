"""Files a technician might drop, and the page they are dropped on."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pytestqt.qtbot import QtBot

from labmon.domain.actor import Actor
from labmon.domain.template import TemplateId
from labmon.records.study import Study
from labmon.reports.templates import filled_template_bytes
from labmon.workflow.import_files import ImportFiles
from labmon_ui.changes import Changes
from labmon_ui.navigation import Navigation
from labmon_ui.pages.import_files.presenter import ImportPresenter
from labmon_ui.pages.import_files.queue import QueuedFile
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.tasks import Tasks

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")
SLOPE, INTERCEPT = -3.4, 38.4
HEADINGS = ("Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "CT", "Quantity")
SETTINGS = "settings.ini"
SPECIMENS = ("P-001-D007", "P-001-D014", "P-001-D028")


def quantstudio_text(samples: Mapping[str, Sequence[float]], *, started: str = "2026-01-20 10:19:00 AM CST") -> str:
    """A run with a good curve, clean NTC and both controls; `samples` are copies per reaction by sample name."""
    wells = [("", "STANDARD", 10.0**k) for k in range(6, 0, -1) for _ in range(2)]
    wells += [("NTC", "NTC", None)] * 3
    wells += [("PC low", "UNKNOWN", 200.0)] * 3 + [("PC high", "UNKNOWN", 20_000.0)] * 3
    wells += [(name, "UNKNOWN", copies) for name, values in samples.items() for copies in values]
    lines = [
        "* Block Type = 96-Well Block (0.2mL)",
        f"* Date Created = {started}",
        "* Experiment Name = CAR run",
        f"* Experiment Run End Time = {started}",
        "* Instrument Type = QuantStudio(TM) 7 Flex System",
        "",
        "[Results]",
        "\t".join(HEADINGS),
    ]
    for number, (name, task, copies) in enumerate(wells):
        position = f"{'ABCDEFGH'[number // 12]}{number % 12 + 1}"
        cq = "Undetermined" if copies is None else f"{INTERCEPT + SLOPE * math.log10(copies):.3f}"
        quantity = "" if copies is None else f"{copies:.3f}"
        lines.append("\t".join((str(number + 1), position, "false", name, "CAR", task, cq, quantity)))
    return "\n".join(lines) + "\n"


def clinical_workbook() -> bytes:
    """One patient with a product, an infusion and three specimens."""
    days = (7, 14, 28)
    return filled_template_bytes(
        TemplateId.CLINICAL,
        {
            "Patients": [{"patient_code": "P-001"}],
            "Infusions": [{"patient_code": "P-001", "infused_on": date(2026, 1, 5), "infusion_kind": "car_t"}],
            "Specimens": [
                {
                    "specimen_code": code,
                    "patient_code": "P-001",
                    "specimen_type": "peripheral_blood",
                    "collected_on": date(2026, 1, 5 + day) if day < 27 else date(2026, 2, 2),
                }
                for code, day in zip(SPECIMENS, days, strict=True)
            ],
        },
    )


class Bench:
    """The real page on a real study, and a person's hands."""

    def __init__(
        self,
        qtbot: QtBot,
        tasks: Tasks,
        view: ImportView,
        study: Study,
        importer: ImportFiles,
        changes: Changes,
        navigation: Navigation,
        folder: Path,
    ) -> None:
        self.qtbot = qtbot
        self.tasks = tasks
        self.view = view
        self.study = study
        self.importer = importer
        self.changes = changes
        self.navigation = navigation
        self.folder = folder
        presenter = view.findChild(ImportPresenter)
        assert presenter is not None
        self.presenter = presenter

    def settle(self) -> None:
        """Until no job runs and none was begun by the last one."""
        self.qtbot.waitUntil(lambda: not self.tasks.running, timeout=20_000)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def drop(self, *paths: Path) -> None:
        self.view.files_dropped.emit(paths)
        self.settle()

    def import_at_once(self, *paths: Path) -> None:
        """Put files on record before the page comes into play."""
        for path in paths:
            self.importer.commit(path, self.importer.plan(self.importer.read(path)))

    def file(self, name: str) -> QueuedFile:
        return next(file for file in self.presenter.files if file.path.name == name)

    def state(self, name: str) -> str:
        """What the queue says about a file in its last column."""
        rows = self.view.queue.row_model.rows
        return next(row.state.text for row in rows if row.name == name)

    def select(self, name: str) -> None:
        self.view.queue.select_key(self.file(name).number)
        self.settle()

    def results_on_record(self) -> int:
        with self.study.reading() as record:
            return len(record.results())
