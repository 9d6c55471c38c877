"""The TEXT of an event file: keywords and values in turn, with the sign it begins with between them."""

from __future__ import annotations

from collections.abc import Iterator

from labmon.instruments.source import is_chinese

_AT_ITS_END = " \r\n\t\x00"


def keywords_of(segment: bytes) -> dict[str, str]:
    """Values by keyword in capitals; of a keyword that stands twice the first."""
    text = _decoded(segment)
    found: dict[str, str] = {}
    for name, value in _pairs(text[1:], text[:1]):
        found.setdefault(name.strip().upper(), value.strip("\x00"))
    return found


def _pairs(body: str, delimiter: str) -> Iterator[tuple[str, str]]:
    """Keywords and values. A delimiter inside a value stands doubled; a keyword has none, so that a value that begins
    with one delimiter alone is a value left empty."""
    if not delimiter:
        return
    if not delimiter.isspace():
        body = body.rstrip(_AT_ITS_END)
    pieces = body.removesuffix(delimiter).split(delimiter)
    at = 0
    while at + 1 < len(pieces):
        name, value = pieces[at : at + 2]
        if not name:  # a delimiter too many between a value and the next keyword
            at += 1
            continue
        at += 2
        while at + 1 < len(pieces) and not pieces[at]:
            value += delimiter + pieces[at + 1]
            at += 2
        yield name, value


def _decoded(segment: bytes) -> str:
    """As UTF-8, in which the standard is written since 3.1; else as what the instrument's computer was set to."""
    try:
        return segment.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return segment.decode("gb18030" if is_chinese(segment) else "cp1252")
    except UnicodeDecodeError:
        return segment.decode("latin-1")
