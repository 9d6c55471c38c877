"""Save a workbook as bytes that depend on its content alone, not on the hour it was saved."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

_MADE = "2026-01-01T00:00:00Z"
_MEMBER_TIME = (2026, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def workbook_bytes(workbook: Workbook, made: datetime | None = None) -> bytes:
    """The workbook as .xlsx; the same content gives the same bytes. `made` (UTC) is what its properties say."""
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ") if made is not None else _MADE
    saved = io.BytesIO()
    workbook.save(saved)
    pinned = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(pinned, "w", zipfile.ZIP_DEFLATED) as target:
        for member in sorted(source.infolist(), key=_content_types_first):
            content = source.read(member)
            if member.filename == "docProps/core.xml":  # openpyxl stamps the moment of saving
                content = _STAMP.sub(rb"\g<1>" + stamp.encode() + rb"\g<3>", content)
            info = zipfile.ZipInfo(member.filename, _MEMBER_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, content)
    return pinned.getvalue()


def _content_types_first(member: zipfile.ZipInfo) -> tuple[bool, str]:
    return member.filename != "[Content_Types].xml", member.filename
