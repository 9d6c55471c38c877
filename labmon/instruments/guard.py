"""Refuses a dangerous container before any parser sees it: too many, too large, too dense, encrypted, escaping, a DTD.

What the guard lets through can still kill a parser; that is why parsing happens in a child process.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import IO
from xml.parsers import expat

from labmon.domain.errors import UserError

_MOST_MEMBERS = 2_000
_LARGEST_MEMBER = 200 << 20
_LARGEST_TOTAL = 500 << 20
_DENSEST = 100
"""Times a member may be larger than its packed bytes ..."""
_DENSE_IS_HARMLESS_BELOW = 1 << 20
"""... unless it is small anyway."""
_LOCAL_HEADER = 30
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAMS = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))


class _FirstElement(Exception):  # noqa: N818 - a way out of a parser, not an error
    """Everything before the first element was seen."""


def check_workbook(data: bytes) -> None:
    """Raise UserError when the bytes must not be given to a parser: I002, I010, I012, I018."""
    if data.startswith(_OLE):
        if any(name in data for name in _ENCRYPTED_STREAMS):
            raise UserError("I010")
        return
    check_zip(data)


def check_zip(data: bytes) -> None:
    """Raise UserError when an archive is damaged (I002), encrypted (I010), too large (I012) or unsafe (I018)."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UserError("I002", detail="the archive inside cannot be opened") from error
    with archive:
        members = archive.infolist()
        _check_sizes(members)
        _check_names(members)
        _check_overlaps(members)
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_member(archive, member)


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise UserError("I018", detail=f"it holds {len(members):,} members, at most {_MOST_MEMBERS:,} are opened")
    total = 0
    for member in members:
        if member.flag_bits & 0x1:
            raise UserError("I010")
        total += member.file_size
        packed = max(member.compress_size, 1)
        if member.file_size > _DENSE_IS_HARMLESS_BELOW and member.file_size > _DENSEST * packed:
            raise UserError("I018", detail=f"a part of it unpacks to {member.file_size // packed} times its size")
        if member.file_size > _LARGEST_MEMBER or total > _LARGEST_TOTAL:
            raise UserError("I012", detail=f"A part of it unpacks to {member.file_size >> 20} MiB")


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        name = member.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise UserError("I018", detail="a member's path leads out of the archive")


def _check_overlaps(members: list[zipfile.ZipInfo]) -> None:
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise UserError("I018", detail="members of the archive overlap")
        end = member.header_offset + _LOCAL_HEADER + len(member.orig_filename.encode()) + member.compress_size


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    try:
        with archive.open(member) as stream:
            refuse_doctype(stream)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, zlib.error) as error:
        raise UserError("I002", detail="a part of the archive cannot be unpacked") from error


def refuse_doctype(stream: IO[bytes]) -> None:
    """Let expat itself find a document type: a late one, or one in another encoding, passes a search for the text.

    Raises UserError I018 for a document type and I002 for what is no XML before its first element.
    """

    def doctype(*_: object) -> None:
        raise UserError("I018", detail="it declares a document type")

    def element(*_: object) -> None:
        raise _FirstElement

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        while chunk := stream.read(1 << 16):
            parser.Parse(chunk, False)
    except _FirstElement:
        return
    except expat.ExpatError as error:
        raise UserError("I002", detail="a part of it is no XML") from error
