"""One file's bytes, its SHA-256 and, once somebody asks, its text or its workbook.

The bytes are read once and never more of them than labmon takes on; everything that opens them stands behind the guard.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from labmon.domain.errors import UserError
from labmon.instruments import guard
from labmon.instruments.markup import Element, one_tag_a_line, parse

if TYPE_CHECKING:
    from labmon.instruments.grids import Grid
    from labmon.instruments.workbook import Workbook

LARGEST_FILE = 100 << 20
"""No export of results comes near this; what is larger is refused unread ..."""
LARGEST_EVENT_FILE = 1 << 30
"""... but for the events of a cytometer."""

_HEAD = 256
"""Bytes that show what kind of thing a file is."""
_ZIP = b"PK"
_EVENTS = re.compile(rb"FCS[0-9]\.[0-9]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIRS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+\Z")
_FIRST_ELEMENT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_LINES_BEFORE_ROOT = 200
_BINARY_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Container(StrEnum):
    """What kind of thing the bytes are, before anything is known of their meaning."""

    ZIP = "zip"
    OLE = "ole"
    TEXT = "text"
    PDF = "pdf"
    IMAGE = "image"
    FCS = "fcs"
    XML = "xml"
    JSON = "json"
    EMPTY = "empty"


_SIGNATURES = (
    (b"%PDF", Container.PDF),
    (b"\x89PNG", Container.IMAGE),
    (b"\xff\xd8\xff", Container.IMAGE),
    (b"GIF8", Container.IMAGE),
    (b"II*\x00", Container.IMAGE),
    (b"MM\x00*", Container.IMAGE),
)
_OPENINGS = {"<": Container.XML, "{": Container.JSON}
"""The first sign of a text that is no table."""
_MARKUP_MEMBER = "rdml_data.xml"
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SINGLE_BYTE_OR_CHINESE = re.compile(
    r"(?i)(?:windows-?|cp)12[0-9]{2}|iso-?8859-?[0-9]{1,2}|latin-?1|gbk|gb2312|gb18030|big5"
)
"""Declared encodings that decide how bytes are read; the Unicode ones are seen in the bytes themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A decoded text with one kind of line end; `lines[0]` is line 1."""

    lines: tuple[str, ...]
    encoding: str
    ends_with_line_break: bool


class Source:
    """A file as it came: name, bytes, hash. Text and workbook are opened when first asked for and kept."""

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self.name = name
        self._given = data
        self.buffer = memoryview(data)
        """The bytes without a copy, however many they are."""
        self.text_grids: dict[int | None, Grid] = {}
        """The text split into cells, by how many rows were asked for: every format looks at the same ones."""

    @classmethod
    def from_path(cls, path: Path) -> Source:
        """The bytes of a file. Raises UserError: I011 when it cannot be opened, I012 when it is too large."""
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise UserError("I011", detail="it is a folder" if stat.S_ISDIR(status.st_mode) else "it is no file")
            with path.open("rb") as stream:
                holds_events = _EVENTS.match(stream.read(_HEAD)) is not None
                stream.seek(0)
                largest = LARGEST_EVENT_FILE if holds_events else LARGEST_FILE
                if status.st_size > largest:
                    raise _too_large(status.st_size, largest)
                # Asked for as much as the file has, not for the most there may be: that is set aside before it is read.
                data = _large(stream, status.st_size) if holds_events else stream.read(status.st_size + 1)
                if len(data) > status.st_size:  # somebody is still writing it
                    data = bytes(data) + stream.read(largest + 1 - len(data))
        except OSError as error:
            raise UserError("I011", detail=(error.strerror or type(error).__name__).lower()) from error
        except ValueError as error:  # a path with a NUL in it
            raise UserError("I011", detail="its name cannot be a file's name") from error
        if len(data) > largest:
            raise _too_large(len(data), largest)
        return cls(path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), data)

    @cached_property
    def data(self) -> bytes:
        """The bytes."""
        return self._given if isinstance(self._given, bytes) else bytes(self._given)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.buffer).hexdigest()

    @property
    def extension(self) -> str:
        return Path(self.name).suffix.lower()

    @cached_property
    def container(self) -> Container:
        head = bytes(self.buffer[:_HEAD])
        if not head:
            return Container.EMPTY
        if head.startswith(_ZIP):
            return Container.ZIP
        if head.startswith(_OLE):
            return Container.OLE
        if _EVENTS.match(head):
            return Container.FCS
        known = next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)
        return known or _OPENINGS.get(_first_sign(head), Container.TEXT)

    @cached_property
    def text(self) -> Text:
        """The file as text. Raises UserError I002 when it is none."""
        content, encoding = _decode(self.data)
        content = _one_kind_of_line_end(content)
        found = _BINARY_CONTROLS.search(content)
        if found:
            raise UserError("I002", detail=f"a byte that no text has stands at character {found.start() + 1}")
        lines = content.split("\n")
        ends_with_line_break = not lines[-1]
        if ends_with_line_break:
            lines.pop()
        return Text(lines=tuple(lines), encoding=encoding, ends_with_line_break=ends_with_line_break)

    @cached_property
    def workbook(self) -> Workbook:
        """The file as a workbook. Raises UserError: I002 damaged, I010 password, I012 too large, I018 unsafe."""
        from labmon.instruments.workbook import Workbook

        return Workbook(self.data)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in the archive, as they stand there. Raises UserError: I002, I010, I012, I018."""
        guard.check_zip(self.data)
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            return tuple(name for name in archive.namelist() if not name.endswith("/"))

    @cached_property
    def markup(self) -> Text:
        """The file's XML, or that of the one .xml member of an archive, in the form lines are counted in.

        Raises UserError: I002 when there is none, and as `members`.
        """
        data = self._markup_bytes
        if data is None:
            raise UserError("I002", detail="the archive does not hold the one XML file that is expected")
        declared = _DECLARED_ENCODING.match(data[:512])
        name = declared[1].decode("ascii") if declared else ""
        if _SINGLE_BYTE_OR_CHINESE.fullmatch(name):
            content, encoding = _strict(data, "gb18030" if name.lower().startswith("gb") else name), name.lower()
        else:
            content, encoding = _decode(data)
        content = one_tag_a_line(_one_kind_of_line_end(content))
        return Text(lines=tuple(content.split("\n")), encoding=encoding, ends_with_line_break=content.endswith("\n"))

    @cached_property
    def _markup_bytes(self) -> bytes | None:
        if self.container is not Container.ZIP:
            return self.data
        named = [name for name in self.members if name.lower().endswith(".xml")]
        member = next((name for name in named if name.lower() == _MARKUP_MEMBER), named[0] if len(named) == 1 else None)
        return None if member is None else self.member(member)

    def member(self, name: str) -> bytes:
        """What one of `members` unpacks to. Raises UserError I002."""
        try:
            with zipfile.ZipFile(BytesIO(self.data)) as archive:
                return archive.read(name)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, zlib.error) as error:
            raise UserError("I002", detail="a part of the archive cannot be unpacked") from error

    @cached_property
    def xml(self) -> Element:
        """The root of the file's XML. Raises UserError as `markup` and `markup.parse`."""
        return parse("\n".join(self.markup.lines))

    @cached_property
    def root_name(self) -> str:
        """The name of the first element, without its prefix; empty when there is none near the start."""
        if self._markup_bytes is None:
            return ""
        found = _FIRST_ELEMENT.search("\n".join(self.markup.lines[:_LINES_BEFORE_ROOT]))
        return found[1].rpartition(":")[2] if found else ""

    @cached_property
    def json(self) -> object:
        """The file as JSON. Raises UserError I002."""
        try:
            return json.loads("\n".join(self.text.lines))
        except (ValueError, RecursionError) as error:
            raise UserError("I002", detail="its JSON breaks off or is nested too deeply") from error


def _large(stream: BufferedReader, size: int) -> memoryview:
    """The whole of a file that may have a gigabyte, read once and kept once; numpy's memory takes a third of the time
    that `bytes` take. Raises UserError I011."""
    import numpy as np

    data = np.empty(size, np.uint8).data
    if stream.readinto(data) != size or stream.read(1):
        raise UserError("I011", detail="it changed while it was read; try again when it is written")
    return data


def is_workbook_archive(data: bytes) -> bool:
    """Whether a zip archive is a workbook, or was one before it was damaged."""
    # The names stand at the end, in the archive's directory; the first of them stands at the beginning as well.
    head, tail = data[: 1 << 12], data[-1 << 16 :]
    return b"[Content_Types].xml" in tail or b"[Content_Types].xml" in head or b"application/vnd.oasis" in head


def _one_kind_of_line_end(content: str) -> str:
    return content.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


def _first_sign(head: bytes) -> str:
    """The first sign of a text that is no white space, whatever Unicode encoding it is in."""
    bom, encoding = next(((bom, encoding) for bom, encoding in _BOMS if head.startswith(bom)), (b"", ""))
    encoding = encoding or _utf16_without_bom(head) or "latin-1"
    return head[len(bom) :].decode(encoding, "ignore").lstrip()[:1]


def _too_large(size: int, largest: int) -> UserError:
    return UserError("I012", detail=f"The file has {size / (1 << 20):.0f} MiB; labmon reads up to {largest >> 20} MiB")


def _decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding; the encoding is decided from the bytes, not from the machine."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding), encoding
    encoding = _utf16_without_bom(data[:4096]) or "utf-8"
    if encoding != "utf-8":
        return _strict(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if is_chinese(data):
        return _strict(data, "gb18030"), "gb18030"
    return _strict(data, "cp1252"), "cp1252"


def is_chinese(data: bytes) -> bool:
    """Whether text that is no UTF-8 is GB2312, which keeps its high bytes in pairs; a Western µ or é stands alone."""
    return all(_GB2312_PAIRS.match(run) for run in _HIGH_BYTES.findall(data))


def _utf16_without_bom(head: bytes) -> str | None:
    """UTF-16 shows itself by a NUL in every second byte of its Latin letters and digits."""
    half = len(head) // 2
    if half < 4:
        return None
    if head[1::2].count(0) > half * 0.4 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.4 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError("I002", detail=f"byte {error.start + 1} is no {encoding.upper()} text") from error
