"""Flow Cytometry Standard 2.0 to 3.2 and Beckman's LMD: keywords and events of every data set in a file.

HEADER and TEXT may disagree about where the events lie, and either may be wrong: the segment is chosen by arithmetic.
Events come as they are stored, integers masked to their range; no gain, scale or compensation is applied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labmon.domain.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER_LENGTH = 58
_MAGIC = re.compile(rb"FCS[0-9]\.[0-9]")
_MOST_DATA_SETS = 64
_MOST_PARAMETERS = 10_000
_MOST_BITS = 64
_FEW_BYTES = 16
"""How much longer than its events a segment may be: writers pad, or count its end once too often."""
_TEXT_ENCODINGS = ("utf-8", "gb18030")
_BITS = {"F": 32, "D": 64}
_CHUNK_EVENTS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One channel; its key is its number, for names may repeat."""

    number: int
    name: str
    marker: str
    bits: int
    """Of one value; for values written as text the number of its characters, 0 where a delimiter ends it."""
    range: int
    data_type: str
    """I integer, F or D floating point, A text."""


class DataSet:
    """One data set of a file. Raises UserError: F301, I002 or I020 where it cannot be read for certain."""

    def __init__(self, data: memoryview, start: int) -> None:
        self._data = data
        self.start = start
        header = bytes(data[start : start + _HEADER_LENGTH])
        if not _MAGIC.match(header):
            raise UserError("I002", detail=f"there is no FCS data set at byte {start:,}")
        if len(header) < _HEADER_LENGTH:
            raise UserError("I002", detail="its HEADER is cut short")
        self.version = header[:6].decode("ascii")
        offsets = [_offset(header[at : at + 8]) for at in range(10, 58, 8)]
        self._header_data = (offsets[2], offsets[3])
        self.keywords = self._keywords(offsets[0], offsets[1])

    def _keywords(self, first: int, last: int) -> Mapping[str, str]:
        found = _parse_text(self._segment(first, last, "TEXT"))
        if "$PAR" not in found:
            raise UserError("I002", detail="its TEXT segment names no parameters ($PAR)")
        begin, end = (_whole(found, name) or 0 for name in ("$BEGINSTEXT", "$ENDSTEXT"))
        if begin != first and _HEADER_LENGTH <= begin < end and self.start + end < len(self._data):
            return {**_parse_text(self._segment(begin, end, "supplemental TEXT")), **found}
        return found

    def _segment(self, first: int, last: int, name: str) -> bytes:
        if first < _HEADER_LENGTH or last <= first or self.start + last >= len(self._data) + 1:
            raise UserError("I002", detail=f"its {name} segment (bytes {first:,} to {last:,}) does not lie in the file")
        return bytes(self._data[self.start + first : self.start + last + 1])

    @property
    def next_start(self) -> int | None:
        """Where the next data set begins in the file; None when this is the last."""
        offset = _whole(self.keywords, "$NEXTDATA") or 0
        start = self.start + offset
        if offset <= 0 or start + _HEADER_LENGTH > len(self._data):
            return None
        return start if _MAGIC.match(bytes(self._data[start : start + 6])) else None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        count = _whole(self.keywords, "$PAR")
        if count is None or not 0 < count <= _MOST_PARAMETERS:
            raise UserError("I002", detail=f"it declares {self.keywords.get('$PAR', 'no number of')} parameters")
        return tuple(self._parameter(number) for number in range(1, count + 1))

    def _parameter(self, number: int) -> Parameter:
        def keyword(letter: str) -> str:
            return self.keywords.get(f"$P{number}{letter}", "").strip()

        data_type = (keyword("DATATYPE") or self.data_type).upper()
        bits = _BITS.get(data_type) or (0 if keyword("B") == "*" else _whole(self.keywords, f"$P{number}B"))
        if bits is None or not 0 <= bits <= _MOST_BITS or (bits == 0 and data_type != "A"):
            raise UserError("I002", detail=f"the width of parameter {number} is {keyword('B') or 'not stated'}")
        return Parameter(
            number=number,
            name=keyword("N"),
            marker=keyword("S"),
            bits=bits,
            range=_range(keyword("R")),
            data_type=data_type,
        )

    @property
    def data_type(self) -> str:
        return self.keywords.get("$DATATYPE", "").strip().upper()

    @cached_property
    def event_count(self) -> int:
        """$TOT, which must be that of the segment; where it is not stated, what the segment holds."""
        stated = self.keywords.get("$TOT", "").strip()
        if not stated:
            return self._events_by_length()
        count = _whole(self.keywords, "$TOT")
        if count is None or count < 0:
            raise UserError("I002", detail=f'"{stated}" is no number of events')
        return count

    @property
    def _bits_an_event(self) -> int:
        """0 where a delimiter ends each value: their length is then no matter of arithmetic."""
        if any(parameter.bits == 0 for parameter in self.parameters):
            return 0
        return sum(parameter.bits * (8 if parameter.data_type == "A" else 1) for parameter in self.parameters)

    def _candidates(self) -> tuple[tuple[int, int], ...]:
        """The DATA segments HEADER and TEXT name, first byte and length."""
        of_text = (_whole(self.keywords, "$BEGINDATA") or 0, _whole(self.keywords, "$ENDDATA") or 0)
        named = dict.fromkeys((self._header_data, of_text))
        return tuple((first, last - first + 1) for first, last in named if 0 < first <= last)

    def _events_by_length(self) -> int:
        candidates = self._candidates()
        if not candidates or not self._bits_an_event:
            raise UserError("F301", detail="The number of events is not stated ($TOT), and no segment gives it")
        return candidates[0][1] * 8 // self._bits_an_event

    @cached_property
    def data_segment(self) -> tuple[int, int]:
        """First byte of the events in the file, and their length. Raises UserError F301, I002."""
        exact = math.ceil(self.event_count * self._bits_an_event / 8)
        # Some instruments declare 10 bits and store each value in two bytes.
        needed = {exact: False}
        if self._is_narrow_integer:
            needed[self.event_count * len(self.parameters) * 2] = True
        if not self.event_count:
            return self.start, 0
        candidates = self._candidates()
        if not exact:
            first, length = next(((at, size) for at, size in candidates if self._holds(at, size)), (0, 0))
            return self.start + first, length
        for few in range(_FEW_BYTES + 1):
            for first, length in candidates:
                for wanted in needed:
                    if length - few == wanted and self._holds(first, wanted):
                        return self.start + first, wanted
        for first, length in candidates:
            if length == exact - 1 and self._holds(first, exact):
                return self.start + first, exact
        raise self._refusal(exact, candidates)

    def _holds(self, first: int, length: int) -> bool:
        return self.start + first + length <= len(self._data)

    def _refusal(self, needed: int, candidates: Sequence[tuple[int, int]]) -> UserError:
        if any(length >= needed and not self._holds(first, needed) for first, length in candidates) or needed > len(
            self._data
        ):
            return UserError("I002", detail=f"its events take {needed:,} bytes, which the file does not hold")
        named = " and ".join(f"{length:,} bytes from byte {first:,}" for first, length in candidates) or "none"
        detail = f"{self.event_count:,} events take {needed:,} bytes; the segments named are {named}"
        return UserError("F301", detail=detail)

    @property
    def _is_narrow_integer(self) -> bool:
        return self.data_type == "I" and all(8 < parameter.bits < 16 for parameter in self.parameters)

    @property
    def _is_little_endian(self) -> bool:
        order = self._byte_order
        return len(order) < 2 or order[0] < order[1]

    @cached_property
    def _byte_order(self) -> tuple[int, ...]:
        ranks = [part.strip() for part in self.keywords.get("$BYTEORD", "").split(",")]
        if ranks == [""]:
            return (1, 2, 3, 4)
        if not all(rank.isdigit() for rank in ranks) or sorted(map(int, ranks)) != list(range(1, len(ranks) + 1)):
            raise UserError("I002", detail=f'"{self.keywords["$BYTEORD"]}" is no order of bytes')
        return tuple(map(int, ranks))

    def events(self) -> NDArray[Any]:
        """The events as stored, one row each; without a copy where numpy can see them as they lie.

        Shape (events, parameters). Raises UserError: F301, I002, I020 for what is no list of events.
        """
        mode = self.keywords.get("$MODE", "L").strip().upper() or "L"
        if mode != "L":
            raise UserError("I020", part=f"The list of events (the file holds histograms, $MODE {mode})")
        types = {parameter.data_type for parameter in self.parameters}
        if not types <= {"I", "F", "D", "A"}:
            raise UserError("I002", detail=f'"{", ".join(sorted(types))}" is no type of data')
        first, length = self.data_segment
        data = self._data[first : first + length]
        if types == {"A"}:
            return _from_text(bytes(data), self.parameters, self.event_count)
        if "A" in types:
            raise UserError("I002", detail="it mixes values as text with binary ones")
        if types <= {"F", "D"} and len(types) == 1:
            return self._uniform(data, f"f{self.parameters[0].bits // 8}")
        if types == {"I"}:
            return self._integers(data)
        return self._mixed(data)

    def _uniform(self, data: memoryview, kind: str) -> NDArray[Any]:
        import numpy as np

        order = self._byte_order
        width = int(kind[1:])
        dtype = np.dtype(kind).newbyteorder("<" if self._is_little_endian else ">")
        if len(order) == width and order not in (tuple(range(1, width + 1)), tuple(range(width, 0, -1))):
            shuffled = np.frombuffer(data, np.uint8).reshape(-1, width)[:, [order.index(r + 1) for r in range(width)]]
            return np.ascontiguousarray(shuffled).view(np.dtype(kind).newbyteorder("<")).reshape(self._shape)
        return np.frombuffer(data, dtype).reshape(self._shape)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.event_count, len(self.parameters)

    def _integers(self, data: memoryview) -> NDArray[Any]:
        import numpy as np

        widths = {parameter.bits for parameter in self.parameters}
        if self._is_narrow_integer and len(data) == self.event_count * len(self.parameters) * 2:
            widths = {16}
        if len(widths) == 1 and (bits := min(widths)) in (8, 16, 32, 64):
            stored = self._uniform(data, f"u{bits // 8}")
            masks = np.array([_mask(parameter.range, bits) for parameter in self.parameters], dtype=stored.dtype)
            whole = (1 << bits) - 1
            return stored if all(int(mask) == whole for mask in masks) else stored & masks
        if all(parameter.bits % 8 == 0 for parameter in self.parameters):
            return self._mixed(data)
        return _packed(data, self.parameters, self.event_count, is_little_endian=self._is_little_endian)

    def _mixed(self, data: memoryview) -> NDArray[Any]:
        """Values of several widths or types, each of whole bytes."""
        import numpy as np

        if any(parameter.bits % 8 for parameter in self.parameters):
            raise UserError("F301", detail="Values of several types are not of whole bytes")
        rows = np.frombuffer(data, np.uint8).reshape(self.event_count, self._bits_an_event // 8)
        is_integer = all(parameter.data_type == "I" for parameter in self.parameters)
        events = np.empty(self._shape, np.uint64 if is_integer else np.float64)
        at = 0
        for column, parameter in enumerate(self.parameters):
            width = parameter.bits // 8
            part = rows[:, at : at + width]
            part = part if self._is_little_endian else part[:, ::-1]
            if parameter.data_type == "I":
                value = np.zeros(self.event_count, np.uint64)
                for byte in range(width):
                    value |= part[:, byte].astype(np.uint64) << np.uint64(8 * byte)
                events[:, column] = value & np.uint64(_mask(parameter.range, parameter.bits))
            else:
                events[:, column] = np.ascontiguousarray(part).view(f"<f{width}")[:, 0]
            at += width
        return events


def data_sets(data: bytes) -> tuple[DataSet, ...]:
    """Every data set of a file, in its order. Raises UserError as `DataSet`."""
    view = memoryview(data)
    found = [DataSet(view, 0)]
    while (start := found[-1].next_start) is not None:
        if len(found) == _MOST_DATA_SETS:
            raise UserError("I018", detail=f"it chains more than {_MOST_DATA_SETS} data sets")
        found.append(DataSet(view, start))
    return tuple(found)


def _offset(text: bytes) -> int:
    """A number of HEADER; 0 where it is blank or none, for then TEXT says it."""
    stripped = text.strip(b" \x00")
    return int(stripped) if stripped.isdigit() else 0


def _whole(keywords: Mapping[str, str], name: str) -> int | None:
    text = keywords.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def _range(text: str) -> int:
    """$PnR as a whole number; 0 where there is none, which masks nothing. 262144.0 and 4.2e9 occur."""
    try:
        number = float(text)
    except ValueError:
        return 0
    return int(number) if 0 < number < 2.0**64 else 0


def _mask(highest: int, bits: int) -> int:
    """The bits a value of this range can have; flags of the instrument stand above them."""
    whole = (1 << bits) - 1
    return whole if highest <= 1 else min(whole, (1 << (highest - 1).bit_length()) - 1)


def _parse_text(segment: bytes) -> dict[str, str]:
    """Keywords by name in capitals. A doubled delimiter is one sign of a value, or, in files that do not pair up
    otherwise, an empty value."""
    text = _decoded(segment)
    delimiter = text[0]
    body = text[1:]
    if body.rstrip(" \r\n\t\x00").endswith(delimiter) and not delimiter.isspace():
        body = body.rstrip(" \r\n\t\x00")
    best: dict[str, str] = {}
    for tokens in (_paired(body, delimiter), body.removesuffix(delimiter).split(delimiter)):
        found: dict[str, str] = {}
        for name, value in zip(tokens[::2], tokens[1::2], strict=False):
            found.setdefault(name.strip().upper(), value)
        if "$PAR" in found and len(tokens) % 2 == 0:
            return found
        best = best if "$PAR" in best else found
    return best


def _paired(body: str, delimiter: str) -> list[str]:
    """Tokens, with a doubled delimiter as one sign within them."""
    tokens: list[str] = []
    open_token = ""
    pieces = body.removesuffix(delimiter).split(delimiter)
    at = 0
    while at < len(pieces):
        open_token += pieces[at]
        if at + 1 < len(pieces) and pieces[at + 1] == "" and at + 2 < len(pieces):
            open_token += delimiter
            at += 2
            continue
        tokens.append(open_token)
        open_token = ""
        at += 1
    if open_token:
        tokens.append(open_token)
    return tokens


def _decoded(segment: bytes) -> str:
    for encoding in _TEXT_ENCODINGS:
        try:
            return segment.decode(encoding)
        except UnicodeDecodeError:
            continue
    return segment.decode("latin-1")


def _from_text(data: bytes, parameters: Sequence[Parameter], event_count: int) -> NDArray[Any]:
    import numpy as np

    wanted = event_count * len(parameters)
    if all(parameter.bits for parameter in parameters):
        texts = list(_fixed(data.decode("ascii", "replace"), parameters, event_count))
    else:
        texts = re.split(r"[\s,]+", data.decode("ascii", "replace").strip())
    try:
        values = np.array(texts, dtype=np.float64)
    except ValueError as error:
        raise UserError("I002", detail="an event holds what is no number") from error
    if len(values) != wanted:
        raise UserError("I002", detail=f"{wanted:,} values are declared and {len(values):,} stand there")
    return values.reshape(event_count, len(parameters))


def _fixed(text: str, parameters: Sequence[Parameter], event_count: int) -> Iterator[str]:
    at = 0
    for _ in range(event_count):
        for parameter in parameters:
            width = parameter.bits
            yield text[at : at + width]
            at += width


def _packed(
    data: memoryview, parameters: Sequence[Parameter], event_count: int, *, is_little_endian: bool
) -> NDArray[Any]:
    """Values that follow each other without a gap, bit by bit."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little" if is_little_endian else "big")
    an_event = sum(parameter.bits for parameter in parameters)
    rows = bits[: event_count * an_event].reshape(event_count, an_event)
    events = np.zeros((event_count, len(parameters)), np.uint64)
    at = 0
    for column, parameter in enumerate(parameters):
        for bit in range(parameter.bits):
            weight = bit if is_little_endian else parameter.bits - 1 - bit
            events[:, column] |= rows[:, at + bit].astype(np.uint64) << np.uint64(weight)
        events[:, column] &= np.uint64(_mask(parameter.range, parameter.bits))
        at += parameter.bits
    return events
