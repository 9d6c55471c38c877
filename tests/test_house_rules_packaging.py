"""A wheel carries both packages and the resources, and labmon finds them there as it does in a checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labmon.resources import read_text, resource_path

CHECKOUT = Path(__file__).resolve().parent.parent
RESOURCES = CHECKOUT / "resources"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder holding what the wheel would install."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    answer = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True, timeout=120)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    (wheel,) = folder.glob("labmon-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def test_that_a_wheel_installs_the_two_packages_and_nothing_else(installed: Path) -> None:
    folders = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}

    assert {"labmon", "labmon_ui"} == folders


def test_that_a_wheel_carries_every_resource_of_the_checkout(installed: Path) -> None:
    in_checkout = {path.relative_to(RESOURCES) for path in RESOURCES.rglob("*") if path.is_file()}
    in_wheel = {
        path.relative_to(installed / "labmon" / "_resources")
        for path in (installed / "labmon" / "_resources").rglob("*")
        if path.is_file()
    }

    assert in_checkout
    assert in_checkout == in_wheel


def test_that_an_installed_labmon_finds_its_own_resources(installed: Path) -> None:
    program = "import labmon.resources; print(labmon.resources.resource_path('fonts', 'OFL.txt'))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", program],  # -P: not from the folder it is started in
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )

    assert installed / "labmon" / "_resources" / "fonts" / "OFL.txt" == Path(answer.stdout.strip())


def test_that_a_checkout_reads_the_resources_folder_beside_the_packages() -> None:
    assert RESOURCES / "fonts" / "OFL.txt" == resource_path("fonts", "OFL.txt")
    assert "SIL OPEN FONT LICENSE" in read_text("fonts", "OFL.txt")


def test_that_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml"):
        read_text("protocols", "nowhere.toml")
