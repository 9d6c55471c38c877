"""Small FCS files, right or wrong in one thing; those under tests/data/fcs were made by `golden_files`."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

TEXT_AT = 256


def fcs(
    data: bytes,
    *,
    events: int | None,
    bits: Sequence[object] = (16, 16),
    ranges: Sequence[object] | None = None,
    keywords: Mapping[str, str | None] | None = None,
    delimiter: str = "/",
    version: str = "FCS3.0",
    in_header: tuple[int, int] | None = None,
    in_text: tuple[int, int] | None = None,
    data_at: int = 1024,
    encoding: str = "utf-8",
    raw_text: bytes = b"",
) -> bytes:
    """A data set whose events begin at `data_at`; HEADER and TEXT name that segment unless they are told otherwise.

    A keyword of None is left out; `raw_text` stands before the others as it is.
    """
    segment = (data_at, data_at + len(data) - 1)
    first, last = in_text or segment
    words: dict[str, str | None] = {
        "$BEGINDATA": str(first),
        "$ENDDATA": str(last),
        "$BYTEORD": "1,2,3,4",
        "$DATATYPE": "I",
        "$MODE": "L",
        "$NEXTDATA": "0",
        "$PAR": str(len(bits)),
        "$TOT": None if events is None else str(events),
    }
    for number, width in enumerate(bits, 1):
        words[f"$P{number}N"] = f"FL{number}"
        words[f"$P{number}B"] = str(width)
        words[f"$P{number}R"] = str(ranges[number - 1] if ranges else 1 << width if isinstance(width, int) else 1024)
    words |= keywords or {}
    text = "".join(
        f"{name}{delimiter}{value.replace(delimiter, 2 * delimiter)}{delimiter}"
        for name, value in words.items()
        if value is not None
    )
    body = delimiter.encode() + raw_text + text.encode(encoding)
    first, last = in_header or segment
    header = f"{version}    {TEXT_AT:>8}{TEXT_AT + len(body) - 1:>8}{first:>8}{last:>8}{0:>8}{0:>8}".encode()
    assert TEXT_AT + len(body) <= data_at
    return header.ljust(TEXT_AT, b" ") + body.ljust(data_at - TEXT_AT, b" ") + data


def of_16_bits(*values: int, order: str = "<") -> bytes:
    return struct.pack(f"{order}{len(values)}H", *values)


def _in_bits(values: Sequence[int], width: int, order: str) -> bytes:
    """Values behind each other without a gap: the first in the lowest bits, or in the highest ones."""
    packed = 0
    for value in values if order == "big" else reversed(values):
        packed = packed << width | value
    size = (len(values) * width + 7) // 8
    return (packed << (8 * size - len(values) * width) if order == "big" else packed).to_bytes(size, order)  # type: ignore[arg-type]


def golden_files() -> dict[str, bytes]:
    """The files under tests/data/fcs by name, each of several traps."""
    sample = {"$CYT": "Gallios", "SAMPLE ID": "D014 第二管", "$DATE": "19-JUN-2015", "$BTIM": "13:10:33:20"}
    channels = {"$P1N": "FS INT", "$P1S": "", "$P2N": "FL1 INT", "$P2S": "CD19", "$P3N": "FL1 INT", "$P3S": "CD3"}
    first = fcs(
        of_16_bits(1, 0xFC02, 3, 4, 5, 6),
        events=2,
        bits=(10, 10, 10),
        ranges=(1024, 1024, 1024),
        keywords=sample | channels | {"$NEXTDATA": "1036", "$BEGINDATA": None, "$ENDDATA": None},
        delimiter="\\",
        version="FCS2.0",
        encoding="gb18030",
    )
    second = fcs(
        struct.pack("<8I", 1023, 2, 1 << 19, 7, 5, 6, 8, (1 << 20) - 1),
        events=2,
        bits=(32,) * 4,
        ranges=(1 << 20,) * 4,
        keywords=sample | channels | {"$P4N": "TIME", "@COMPENSATION": "none"},
        delimiter="\\",
        encoding="gb18030",
    )
    return {
        "two_data_sets.lmd": first + second,
        "offsets_in_text_big_endian_floats.fcs": fcs(
            struct.pack(">6f", 1.5, -2.25, 3.0, 4.0, 5.5, 1e6),
            events=3,
            bits=(32, 32),
            ranges=(262144, 262144.0),
            keywords={
                "$DATATYPE": "F", "$BYTEORD": "4,3,2,1", "$TOT": "  3       ", "$P1N": "FSC-A", "$P2N": "PE-A",
                "$P2S": "CAR", "$CYT": "LSRFortessa", "$DATE": "28-06-2006", "$BTIM": "09:08:07", "$FIL": "00017.fcs",
                "TUBE NAME": "D028/CAR", "CREATOR": "BD FACSDiva Software Version 8.0.2",
                "$SPILLOVER": "2,FSC-A,PE-A,1,0,0,1",
            },
            in_header=(0, 0),
            version="FCS3.1",
        ),
        "nine_bits_packed.fcs": fcs(
            _in_bits((1, 511, 300, 4, 5, 256), 9, "big"),
            events=2,
            bits=(9, 9, 9),
            keywords={"$BYTEORD": "2,1", "$SRC": "blood", "$DATE": "21 Dec 2010", "$CYT": "Cytoron"},
            version="FCS2.0",
            delimiter="\f",
        ),
        "types_by_parameter.fcs": fcs(
            struct.pack("<HfdHfd", 7, 0.5, 2.25, 8, 1.5, -4.0),
            events=None,
            bits=(16, 32, 64),
            keywords={
                "$P2DATATYPE": "F", "$P3DATATYPE": "D", "$BEGINDATETIME": "2024-03-05T10:11:12.5+02:00",
                "$SRC": "apheresis", "$CYT": "FACSLyric", "$CYTSN": "Z66",
            },
            version="FCS3.2",
            delimiter="|",
        ),
        "text_with_delimiters.fcs": fcs(
            b"1 2,3\r\n40\t50 60", events=2, bits=("*",) * 3, keywords={"$DATATYPE": "A", "$DATE": "2013-Jul-19"}
        ),
    }  # fmt: skip
