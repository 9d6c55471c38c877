"""The demo study: its export files are written, imported the way a technician imports them, and what they show left."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from labmon.assays.mapping import MappingRule
from labmon.demo import write_demo_files
from labmon.domain.actor import Actor
from labmon.domain.errors import UserError
from labmon.instruments.child import IsolatedReader
from labmon.records.study import Study
from labmon.reports.figures import FigureSpec
from labmon.workflow.assess import Assess, Assessment, figure_of, flagged, plain_assessments
from labmon.workflow.import_files import ImportFiles
from labmon.workflow.open_study import DEFAULT_PROTOCOL
from labmon.workflow.report import Report

FILES_FOLDER = "files"
STUDY_FILE = "demo.labmon"
Say = Callable[[int, int, str], None]
"""How far it is: done, of how many, which file."""
Draw = Callable[[FigureSpec, Path], None]
"""Draws a figure as PNG; only a process with Qt can."""


def make_demo_study(folder: Path, actor: Actor, say: Say, *, seed: int | None = None) -> Path:
    """The path of a freshly imported demo study in `folder`; an earlier one there is replaced.

    Raises UserError R804 when the folder cannot be written, R802 when the earlier study is in use.
    """
    files = folder / FILES_FOLDER
    study_path = folder / STUDY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(files)
        for leftover in (study_path, *folder.glob(f"{STUDY_FILE}-*")):
            leftover.unlink(missing_ok=True)
    except OSError as error:
        raise UserError("R804", path=folder) from error
    demo = write_demo_files(files, seed=seed)
    study = Study.create(
        study_path,
        study_code="NCT06389305",
        title="Demo study of invented patients",
        site="Demo site",
        protocol_id=DEFAULT_PROTOCOL,
        actor=actor,
        as_of=demo.as_of,
    )
    with contextlib.closing(study), IsolatedReader(spares=1) as reader:
        importing = ImportFiles(study, actor, reader)
        for rule in demo.mapping_rules:
            importing.remember(MappingRule.from_plain(rule))
        for done, path in enumerate(demo.paths):
            say(done, len(demo.paths), path.name)
            plan = importing.plan(importing.read(path))
            importing.commit(path, plan)
        say(len(demo.paths), len(demo.paths), "")
    return study_path


def leave_files(study_path: Path, out: Path, actor: Actor, draw: Draw | None) -> tuple[Assessment, ...]:
    """Leave findings.json, report.xlsx and, with `draw`, a PNG of each flagged patient in `out`; all assessments back.

    Raises UserError R803, R804 when the folder cannot be written.
    """
    with contextlib.closing(Study.open(study_path)) as study:
        assess = Assess(study)
        assessments = assess.all_patients()
        plain = plain_assessments(assessments, assess.protocol, study.info.study_code)
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / "findings.json").write_text(text, encoding="utf-8")
            if draw is not None:
                for assessment in assessments:  # an earlier study may have flagged others
                    (out / f"{assessment.patient_code}.png").unlink(missing_ok=True)
                for assessment in flagged(assessments):
                    draw(figure_of(assessment, assess.protocol), out / f"{assessment.patient_code}.png")
        except OSError as error:
            raise UserError("R804", path=out) from error
        Report(study, assess, actor).write_cohort(out / "report.xlsx")
    return assessments
