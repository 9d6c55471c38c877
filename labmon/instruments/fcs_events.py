"""The events of an FCS data set: bytes to numbers, as they are stored.

Integers are masked to their range, for instruments keep flags above it; no gain, scale or compensation is applied.
Values of odd widths are unpacked a part at a time: the memory taken is that of the numbers asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from labmon.domain.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MACHINE_WIDTHS = (8, 16, 32, 64)
_PART = 1 << 13
"""Events unpacked at a time; a multiple of 8, so that every part of packed ones begins with a byte."""
_WORDS_SWAPPED = (3, 4, 1, 2)
"""The byte order of the PDP-11: the higher of two words first, the lower byte of each first."""
_TOKEN = re.compile(rb"[^\s,]+")
_EXACT_IN_SINGLE = 24
"""Bits of the widest whole number every one of which a 32-bit floating-point number can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One channel; its key is its number, for names may repeat."""

    number: int
    name: str
    marker: str
    bits: int
    """Of one value; for values written as text the number of its characters, 0 where a delimiter ends it."""
    range: int
    """One more than its highest value; 0 where it is not stated."""
    data_type: str
    """I integer, F or D floating point, A text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one event is stored: the parameters in their order, and the bits each of them takes."""

    parameters: tuple[Parameter, ...]
    widths: tuple[int, ...]
    """In bits; 0 where a delimiter ends a value."""
    byte_order: tuple[int, ...]
    """The rank of each byte as stored, 1 the lowest."""

    @property
    def bits_an_event(self) -> int:
        """0 where delimiters end values: how long they are is then no matter of arithmetic."""
        return sum(self.widths) if all(self.widths) else 0

    @property
    def is_little_endian(self) -> bool:
        return len(self.byte_order) < 2 or self.byte_order[0] < self.byte_order[1]

    @property
    def is_plainly_ordered(self) -> bool:
        return list(self.byte_order) in (sorted(self.byte_order), sorted(self.byte_order, reverse=True))

    def decode(self, segment: memoryview, first: int, count: int, total: int) -> NDArray[Any]:
        """Events `first` to `first + count` of the `total` in a segment, one row each.

        Without a copy where numpy can see them as they lie. Raises UserError: F301 for a mixture that has no meaning,
        I002 for text that is no number.
        """
        types = {parameter.data_type for parameter in self.parameters}
        if types == {"A"}:
            return self._from_text(segment, first, count, total)
        if "A" in types:
            raise UserError("I002", detail="it mixes values as text with binary ones")
        is_uniform = len(types) == 1 and len(set(self.widths)) == 1
        if not (self.is_plainly_ordered or (is_uniform and self.widths[0] in (8, 16, 32))):
            order = ",".join(map(str, self.byte_order))
            raise UserError("I002", detail=f"the order of bytes {order} has no meaning for values of its widths")
        if any(width % 8 for width in self.widths):
            if types != {"I"}:
                raise UserError("F301", detail="Values of several types are not of whole bytes")
            return self._in_parts(segment, first, count, self._packed)
        size = self.bits_an_event // 8
        wanted = segment[first * size : (first + count) * size]
        if is_uniform:
            return self._uniform(wanted, types.pop())
        return self._in_parts(segment, first, count, self._mixed)

    def _uniform(self, data: memoryview, data_type: str) -> NDArray[Any]:
        """Values of one type and one width of whole bytes."""
        import numpy as np

        width = self.widths[0]
        sign = "<" if self.is_little_endian else ">"
        if data_type != "I":
            values = np.frombuffer(self._with_words_in_order(data), f"{sign}f{width // 8}")
        elif width in _MACHINE_WIDTHS:
            values = np.frombuffer(self._with_words_in_order(data), f"{sign}u{width // 8}")
        else:
            stored = np.frombuffer(data, np.uint8).reshape(-1, width // 8)
            values = _widened(stored if self.is_little_endian else stored[:, ::-1], 4 if width < 32 else 8)
        events = values.reshape(-1, len(self.parameters))
        if data_type != "I":
            return events
        return self._masked(events, into=events if width not in _MACHINE_WIDTHS else None)

    def _with_words_in_order(self, data: memoryview) -> memoryview:
        import numpy as np

        if self.is_plainly_ordered or self.widths[0] != 32:
            return data
        if self.byte_order != _WORDS_SWAPPED:
            raise UserError("I002", detail=f'"{",".join(map(str, self.byte_order))}" is no order of bytes in use')
        words = np.frombuffer(data, np.uint16).reshape(-1, 2)
        return np.ascontiguousarray(words[:, ::-1]).data.cast("B")

    def _masked(self, events: NDArray[Any], into: NDArray[Any] | None) -> NDArray[Any]:
        import numpy as np

        whole = (1 << 8 * events.dtype.itemsize) - 1
        masks = [_mask(each.range, width) for each, width in zip(self.parameters, self.widths, strict=True)]
        if all(mask == whole for mask in masks):
            return events
        masked: NDArray[Any] = np.bitwise_and(events, np.array(masks, events.dtype), out=into)
        return masked

    def _in_parts(self, segment: memoryview, first: int, count: int, part: Any) -> NDArray[Any]:
        import numpy as np

        events = np.empty((count, len(self.parameters)), self._narrowest_type())
        for at in range(0, count, _PART):
            rows = events[at : at + _PART]
            part(segment, first + at, rows)
        return self._masked(events, into=events) if events.dtype.kind == "u" else events

    def _narrowest_type(self) -> np.dtype[Any]:
        """What holds every value exactly."""
        import numpy as np

        whole = max((w for p, w in zip(self.parameters, self.widths, strict=True) if p.data_type == "I"), default=0)
        if all(parameter.data_type == "I" for parameter in self.parameters):
            return np.dtype(f"u{next(width for width in _MACHINE_WIDTHS if whole <= width) // 8}")
        is_single = whole <= _EXACT_IN_SINGLE and all(parameter.data_type != "D" for parameter in self.parameters)
        return np.dtype(np.float32 if is_single else np.float64)

    def _mixed(self, segment: memoryview, first: int, rows: NDArray[Any]) -> None:
        """Values of several widths or types, each of whole bytes."""
        import numpy as np

        size = self.bits_an_event // 8
        stored = np.frombuffer(segment[first * size : (first + len(rows)) * size], np.uint8).reshape(-1, size)
        at = 0
        for column, (parameter, width) in enumerate(zip(self.parameters, self.widths, strict=True)):
            value = stored[:, at : at + width // 8]
            value = value if self.is_little_endian else value[:, ::-1]
            if parameter.data_type == "I":
                rows[:, column] = _widened(value, 8) & np.uint64(_mask(parameter.range, width))
            else:
                rows[:, column] = np.ascontiguousarray(value).view(f"<f{width // 8}")[:, 0]
            at += width // 8

    def _packed(self, segment: memoryview, first: int, rows: NDArray[Any]) -> None:
        """Whole numbers that follow each other without a gap, bit by bit."""
        import numpy as np

        begin = first * self.bits_an_event
        end = begin + len(rows) * self.bits_an_event
        packed = np.frombuffer(segment[begin // 8 : (end + 7) // 8], np.uint8)
        order: Literal["little", "big"] = "little" if self.is_little_endian else "big"
        bits = np.unpackbits(packed, bitorder=order)[begin % 8 : begin % 8 + end - begin].reshape(len(rows), -1)
        at = 0
        for column, width in enumerate(self.widths):
            wide = np.zeros((len(rows), 64), np.uint8)
            place = slice(width) if self.is_little_endian else slice(64 - width, 64)
            wide[:, place] = bits[:, at : at + width]
            value = np.packbits(wide, axis=1, bitorder=order).view("<u8" if self.is_little_endian else ">u8")
            rows[:, column] = value[:, 0]
            at += width

    def _from_text(self, segment: memoryview, first: int, count: int, total: int) -> NDArray[Any]:
        import numpy as np

        try:
            if not self.bits_an_event:
                return _delimited(segment, first, count, total, len(self.parameters))
            size = self.bits_an_event // 8
            rows = np.frombuffer(
                segment[first * size : (first + count) * size], [("", f"S{width // 8}") for width in self.widths]
            )
            events = np.empty((count, len(self.parameters)))
            for column, name in enumerate(rows.dtype.names or ()):
                events[:, column] = rows[name].astype(np.float64)
        except ValueError as error:
            raise UserError("I002", detail="an event holds what is no number") from error
        return events


def _delimited(segment: memoryview, first: int, count: int, total: int, width: int) -> NDArray[Any]:
    import numpy as np

    if 2 * total * width > len(segment) + 1:  # a value has a digit and a delimiter
        raise UserError("I002", detail=f"{total * width:,} values do not fit into {len(segment):,} bytes")
    events = np.empty(count * width)
    stand_there = at = 0
    tokens = (each[0] for each in _TOKEN.finditer(segment))
    while part := list(islice(tokens, _PART)):
        begin, end = max(first * width - stand_there, 0), (first + count) * width - stand_there
        wanted = part[begin:end] if end > 0 else []
        events[at : at + len(wanted)] = np.array(wanted, np.bytes_).astype(np.float64)
        at += len(wanted)
        stand_there += len(part)
    if stand_there != total * width:
        raise UserError("I002", detail=f"{total * width:,} values are declared and {stand_there:,} stand there")
    return events.reshape(count, width)


def _widened(little_endian: NDArray[Any], size: int) -> NDArray[Any]:
    """Unsigned numbers of some bytes, the lowest first, as numbers of `size` bytes."""
    import numpy as np

    wide = np.zeros((len(little_endian), size), np.uint8)
    wide[:, : little_endian.shape[1]] = little_endian
    return wide.view(f"<u{size}")[:, 0]


def _mask(highest: int, bits: int) -> int:
    """The bits a value of this range can have; flags of the instrument stand above them."""
    whole = (1 << bits) - 1
    return whole if highest <= 1 else min(whole, (1 << (highest - 1).bit_length()) - 1)


def possible_widths(parameters: Sequence[Parameter]) -> Iterator[tuple[int, ...]]:
    """The bits each value may take, as declared first.

    Some instruments declare 10 bits and store them in two bytes, or in the whole bytes they need.
    """
    declared = tuple(each.bits * (8 if each.data_type == "A" else 1) for each in parameters)
    yield declared
    if any(width % 8 for width in declared) and all(each.data_type == "I" for each in parameters):
        yield tuple(next(machine for machine in _MACHINE_WIDTHS if width <= machine) for width in declared)
        yield tuple((width + 7) // 8 * 8 for width in declared)
