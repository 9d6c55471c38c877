"""Small FCS files, right or wrong in one thing, made when a test runs."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

TEXT_AT = 256


def fcs(
    data: bytes,
    *,
    events: int,
    bits: Sequence[int] = (16, 16),
    ranges: Sequence[object] | None = None,
    keywords: Mapping[str, str] | None = None,
    delimiter: str = "/",
    version: str = "FCS3.0",
    in_header: tuple[int, int] | None = None,
    in_text: tuple[int, int] | None = None,
    data_at: int = 1024,
) -> bytes:
    """A data set whose events begin at `data_at`; HEADER and TEXT name that segment unless they are told otherwise."""
    segment = (data_at, data_at + len(data) - 1)
    first, last = in_text or segment
    words = {
        "$BEGINDATA": str(first),
        "$ENDDATA": str(last),
        "$BYTEORD": "1,2,3,4",
        "$DATATYPE": "I",
        "$MODE": "L",
        "$NEXTDATA": "0",
        "$PAR": str(len(bits)),
        "$TOT": str(events),
    }
    for number, width in enumerate(bits, 1):
        words[f"$P{number}N"] = f"FL{number}"
        words[f"$P{number}B"] = str(width)
        words[f"$P{number}R"] = str(ranges[number - 1] if ranges else 1 << width)
    words |= keywords or {}
    text = delimiter + "".join(
        f"{name}{delimiter}{value.replace(delimiter, 2 * delimiter)}{delimiter}" for name, value in words.items()
    )
    body = text.encode("utf-8")
    first, last = in_header or segment
    header = f"{version}    {TEXT_AT:>8}{TEXT_AT + len(body) - 1:>8}{first:>8}{last:>8}{0:>8}{0:>8}".encode()
    assert TEXT_AT + len(body) <= data_at
    return header.ljust(TEXT_AT, b" ") + body.ljust(data_at - TEXT_AT, b" ") + data


def of_16_bits(*values: int, order: str = "<") -> bytes:
    return struct.pack(f"{order}{len(values)}H", *values)
