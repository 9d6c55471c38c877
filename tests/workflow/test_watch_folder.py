import os
import shutil
from pathlib import Path

import pytest

from labmon.workflow.watch_folder import FolderLook, WatchFolder


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def names(look: FolderLook) -> list[str]:
    return [path.name for path, _ in look.arrived]


def test_that_a_file_arrives_once_it_has_stood_still_and_is_told_once(share: Path) -> None:
    watch = WatchFolder(folder=share)
    (share / "run.csv").write_text("Well,Cq\n")

    first, second, third = watch.look(), watch.look(), watch.look()

    assert ([], ["run.csv"], []) == (names(first), names(second), names(third))
    assert [share / "run.csv"] == list(first.unfinished)


def test_that_a_half_written_file_waits_until_it_no_longer_grows(share: Path) -> None:
    watch = WatchFolder(folder=share)
    path = share / "run.csv"
    path.write_text("Well,")
    watch.look()
    path.write_text("Well,Cq\nA1,2")
    growing = watch.look()
    path.write_text("Well,Cq\nA1,25.1\n")
    still_growing = watch.look()

    assert ([], []) == (names(growing), names(still_growing))
    assert ["run.csv"] == names(watch.look())


def test_that_an_empty_file_and_the_working_files_of_other_programs_never_arrive(share: Path) -> None:
    watch = WatchFolder(folder=share)
    (share / "begun.csv").touch()
    for name in ("~$run.xlsx", ".run.csv.swp", "run.csv.part", "run.tmp"):
        (share / name).write_text("x")

    looks = [watch.look() for _ in range(3)]

    assert [[], [], []] == [names(look) for look in looks]
    assert [share / "begun.csv"] == list(looks[-1].unfinished)


def test_that_a_share_that_vanishes_and_comes_back_brings_only_what_is_new(share: Path, tmp_path: Path) -> None:
    watch = WatchFolder(folder=share)
    (share / "old.csv").write_text("old")
    watch.look()
    watch.look()
    away = tmp_path / "away"
    share.rename(away)
    lost = watch.look()
    (away / "new.csv").write_text("new")
    away.rename(share)

    assert not lost.is_reachable
    assert [[], ["new.csv"]] == [names(watch.look()), names(watch.look())]


def test_that_a_renamed_file_and_a_copy_bring_the_same_bytes_only_once(share: Path) -> None:
    watch = WatchFolder(folder=share)
    (share / "run.csv").write_text("Well,Cq\n")
    watch.look()
    watch.look()
    (share / "run.csv").rename(share / "CAR run.csv")
    shutil.copy(share / "CAR run.csv", share / "copy of CAR run.csv")

    assert [[], [], []] == [names(watch.look()) for _ in range(3)]


def test_that_a_file_written_anew_under_its_name_arrives_again(share: Path) -> None:
    watch = WatchFolder(folder=share)
    path = share / "run.csv"
    path.write_text("Well,Cq\n")
    watch.look()
    watch.look()
    path.write_text("Well,Cq\nA1,25.1\n")

    assert [[], ["run.csv"]] == [names(watch.look()), names(watch.look())]


def test_that_folders_within_are_watched_and_hidden_ones_are_not(share: Path) -> None:
    watch = WatchFolder(folder=share)
    for folder in ("2026/March", ".trash"):
        (share / folder).mkdir(parents=True)
        (share / folder / f"{Path(folder).name.strip('.')}.csv").write_text(folder)
    watch.look()

    assert ["March.csv"] == names(watch.look())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything: a file without permission was not tried")
def test_that_a_file_another_program_holds_waits(share: Path) -> None:
    watch = WatchFolder(folder=share)
    path = share / "run.csv"
    path.write_text("Well,Cq\n")
    path.chmod(0)
    watch.look()
    held = watch.look()
    path.chmod(0o644)

    assert ([], [path]) == (names(held), list(held.unfinished))
    assert ["run.csv"] == names(watch.look())
