"""Whatever the order in which files arrive, and however often, the record ends the same."""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labmon.assays.mapping import MappingRule
from labmon.demo import write_demo_files
from labmon.domain.reading import FileReading
from labmon.instruments.child import IsolatedReader
from labmon.records.study import Study
from labmon.workflow.import_files import ImportFiles

from .conftest import ACTOR

NAMES = (
    "clinical_1_enrolment.xlsx",
    "clinical_2_specimens.xlsx",
    "2025-11-18_Qubit_run01.csv",
    "2025-11-18_CAR_qPCR_run01.txt",
    "2025-11_CAR_flow.xlsx",
    "2025-12_MRD.xlsx",
)


@dataclass(frozen=True)
class Demo:
    empty: Path
    readings: dict[str, FileReading]
    paths: dict[str, Path]
    results: frozenset[str]
    """What the technician's order leaves on record."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("order")
    files = write_demo_files(folder / "files")
    empty = folder / "empty.labmon"
    study = Study.create(
        empty, study_code="D", title="D", site="D", protocol_id="nct06389305", actor=ACTOR, as_of=files.as_of
    )
    with closing(study), IsolatedReader(spares=0) as reader:
        importing = ImportFiles(study, ACTOR, reader)
        for rule in files.mapping_rules:
            importing.remember(MappingRule.from_plain(rule))
        paths = {path.name: path for path in files.paths if path.name in NAMES}
        readings = {name: reader.read(path) for name, path in paths.items()}
    made = Demo(empty, readings, paths, frozenset())
    with record_of(made) as study:
        bring(study, made, NAMES)
        expected = current(study)
    assert len(expected) > 50
    return replace(made, results=expected)


class record_of:  # noqa: N801 - reads as a function where it is used
    """A copy of the empty record, open while the block lasts."""

    def __init__(self, demo: Demo) -> None:
        self._folder = TemporaryDirectory(prefix="labmon-order-")
        path = Path(self._folder.name) / "study.labmon"
        shutil.copy(demo.empty, path)
        self._study = Study.open(path)

    def __enter__(self) -> Study:
        return self._study

    def __exit__(self, *_: object) -> None:
        self._study.close()
        self._folder.cleanup()


def bring(study: Study, demo: Demo, names: tuple[str, ...] | list[str]) -> int:
    """Import the files as they come; how many entries were written."""
    written = 0
    with IsolatedReader(spares=0) as reader:
        importing = ImportFiles(study, ACTOR, reader)
        for name in names:
            plan = importing.plan(demo.readings[name])
            assert plan.is_ready, f"{name} asks a question"
            written += importing.commit(demo.paths[name], plan).written
    return written


def current(study: Study) -> frozenset[str]:
    """The standing results, without their numbers in this record."""
    with study.reading() as record:
        return frozenset(f"{result.patient_code} {result.draft}" for result in record.results())


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(NAMES), again=st.lists(st.sampled_from(NAMES), max_size=3), seed=st.randoms())
def test_that_any_order_with_repetitions_ends_in_the_same_results(demo: Demo, order, again, seed) -> None:
    mixed = [*order, *again]
    seed.shuffle(mixed)
    with record_of(demo) as study:
        bring(study, demo, mixed)
        # What came before its specimens was rejected; bringing it again is all a technician has to do.
        rounds = 0
        while bring(study, demo, order):
            rounds += 1
            assert rounds <= 3

        assert demo.results == current(study)
        with study.reading() as record:
            assert len(NAMES) == len(record.files())
            assert record.first_broken_audit_entry() is None


def test_that_every_file_again_leaves_the_record_untouched_byte_for_byte(demo: Demo) -> None:
    with record_of(demo) as study:
        bring(study, demo, NAMES)
        before = study.path.read_bytes()

        bring(study, demo, [*NAMES, *reversed(NAMES)])

        assert before == study.path.read_bytes()
