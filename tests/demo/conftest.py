from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from labmon.assays.mapping import MappingRule
from labmon.demo import DemoFiles, write_demo_files
from labmon.domain.actor import Actor
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path
from labmon.records.study import Study
from labmon.workflow.assess import Assess, Assessment
from labmon.workflow.import_files import ImportFiles
from labmon.workflow.import_plan import ImportPlan

ACTOR = Actor(person="tester", role="technician", workstation="here")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDemo:
    """A demo study imported the way a technician would, and the plan each file had before it was accepted."""

    files: DemoFiles
    study: Study
    plans: dict[str, ImportPlan]
    assessments: dict[str, Assessment]


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo_files(tmp_path_factory.mktemp("demo-files"))


@pytest.fixture(scope="session", params=[None, 7], ids=["shipped seed", "another seed"])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImportedDemo]:
    folder = tmp_path_factory.mktemp("demo")
    files = write_demo_files(folder / "files", seed=request.param)
    study = Study.create(
        folder / "demo.labmon",
        study_code="DEMO",
        title="Demo study",
        site="Demo site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=files.as_of,
    )
    # Files are read in this process: that the child reads the same is the child's own test.
    with IsolatedReader(spares=0) as reader:
        imports = ImportFiles(study, ACTOR, reader)
        for rule in files.mapping_rules:
            imports.remember(MappingRule.from_plain(rule))
        plans = {}
        for path in files.paths:
            plans[path.name] = imports.plan(read_path(path, ReadOptions()))
            imports.commit(path, plans[path.name])
    assessments = {each.patient_code: each for each in Assess(study).all_patients()}
    yield ImportedDemo(files=files, study=study, plans=plans, assessments=assessments)
    study.close()
