import tomllib
from pathlib import Path

import labmon


def test_that_the_program_and_the_package_state_one_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == labmon.__version__
