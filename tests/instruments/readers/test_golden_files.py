import json
from pathlib import Path

import pytest

from labmon.cli.read import answer
from labmon.instruments.formats import FORMATS
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path

DATA = Path(__file__).parents[2] / "data"
TEMPLATES = {"clinical_template", "mrd_template"}
"""labmon's own workbooks have tests of their own: they go out and come back."""
WITH_GOLDEN_FILES = sorted(set(FORMATS) - TEMPLATES)
GOLDEN = sorted(path for name in WITH_GOLDEN_FILES for path in (DATA / name).iterdir() if path.suffix != ".json")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_that_a_file_reads_as_its_golden_answer_says(path: Path) -> None:
    """The answer beside each file was made by `labmon read FILE --json` and gone through by hand, line by line."""
    expected = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))

    assert expected == answer(read_path(path, ReadOptions()))


def test_that_every_format_with_a_reader_of_its_own_has_a_golden_file() -> None:
    assert set(WITH_GOLDEN_FILES) == {path.parent.name for path in GOLDEN}
