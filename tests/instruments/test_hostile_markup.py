"""Damaged and wicked XML, plain and in archives, is a reading or a refusal with its code, in bounded time."""

import time
from pathlib import Path

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

from .test_hostile_files import DATA, mutant, outcome

FOLDERS = ("rdml", "rotorgene_run")
FILES = sorted(path for folder in FOLDERS for path in (DATA / folder).iterdir() if path.suffix != ".json")
MUTANTS = 120


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_that_markup_cut_anywhere_is_refused(path: Path) -> None:
    data = path.read_bytes()

    for end in range(0, len(data) - 2, max(1, len(data) // 60)):
        with pytest.raises(UserError, match=r"^I0"):
            read_source(Source(path.name, data[:end]), ReadOptions())


@pytest.mark.parametrize("seed", range(0, MUTANTS, 20))
def test_that_mutant_markup_is_a_reading_or_a_refusal(seed: int) -> None:
    for one in range(seed, seed + 20):
        path = FILES[one % len(FILES)]
        assert isinstance(outcome(Source(path.name, mutant(one, path.read_bytes()))), FileReading | UserError)


@pytest.mark.parametrize(
    "text",
    [
        "<rdml>" + "<a>" * 100_000,
        "<rdml><experiment>" + "<run>" * 300 + "</run>" * 300 + "</experiment></rdml>",
        '<!DOCTYPE rdml [<!ENTITY a "ha">]><rdml/>',
        "<Experiment><RexHeader>REX 3</RexHeader>" + "<Samples>" * 300,
    ],
    ids=["deep", "closed and deep", "document type", "deep run file"],
)
def test_that_wicked_markup_is_refused_soon(text: str) -> None:
    started = time.process_time()

    with pytest.raises(UserError, match=r"^I0(02|18)"):
        read_source(Source("file.xml", text.encode()), ReadOptions())
    assert time.process_time() - started < 5
