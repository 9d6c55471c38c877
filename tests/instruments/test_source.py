import os
from pathlib import Path

import pytest

from labmon.domain.errors import UserError
from labmon.instruments.source import LARGEST_FILE, Container, Source

TEXT = "Sample;µL\nLM-001;1,5\nLM-002;2,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "gb18030"])
def test_that_a_text_is_decoded_from_its_bytes_alone(encoding: str) -> None:
    text = TEXT if encoding != "gb18030" else "样品编号;浓度\nLM-001;1,5\n"

    assert tuple(text.splitlines()) == Source("x.csv", text.encode(encoding)).text.lines


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\r\r\n"])
def test_that_every_kind_of_line_end_ends_a_line(line_break: str) -> None:
    text = Source("x.csv", TEXT.replace("\n", line_break).encode()).text

    assert ("Sample;µL", "LM-001;1,5", "LM-002;2,5") == text.lines
    assert text.ends_with_line_break


def test_that_a_text_cut_short_is_seen_to_end_without_a_line_break() -> None:
    assert not Source("x.csv", TEXT[:-1].encode()).text.ends_with_line_break


@pytest.mark.parametrize("data", [b"Well,Cq\nA1,\x0012\n", b"\xff\xfea\x00b", b"caf\x81\x8d\n", b"abc\x01def"])
def test_that_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(UserError, match=r"^I002"):
        _ = Source("x.csv", data).text


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"", Container.EMPTY),
        (b"PK\x03\x04rest", Container.ZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", Container.OLE),
        (b"%PDF-1.7", Container.PDF),
        (b"\x89PNG\r\n", Container.IMAGE),
        (b"FCS3.1    ", Container.FCS),
        (b"Well,Cq", Container.TEXT),
    ],
)
def test_that_the_first_bytes_say_what_kind_of_file_it_is(head: bytes, container: Container) -> None:
    assert container is Source("lies.xlsx", head).container


def test_that_a_file_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(200 << 20)  # sparse: it takes no room on the disk

    with pytest.raises(UserError, match=r"^I012 The file has 200 MiB"):
        Source.from_path(path)

    assert path.stat().st_size > LARGEST_FILE


def test_that_what_cannot_be_opened_is_refused_with_the_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, reason in (
        (tmp_path / "vanished.csv", "no such file"),
        (tmp_path, "it is a folder"),
        (tmp_path / "pipe.csv", "it is no file"),
        (tmp_path / ("x" * 300), "file name too long"),
        (Path("a\0b"), "cannot be a file's name"),
    ):
        with pytest.raises(UserError, match=rf"^I011 .*{reason}"):
            Source.from_path(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything: a file without permission was not tried")
def test_that_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "locked.csv"
    path.write_text("x")
    path.chmod(0)

    with pytest.raises(UserError, match=r"^I011 .*permission denied"):
        Source.from_path(path)
