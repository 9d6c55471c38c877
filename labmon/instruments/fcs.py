"""Flow Cytometry Standard 2.0 to 3.2 and Beckman's LMD: keywords and events of every data set in a file.

HEADER and TEXT may disagree about where the events lie, and either may be wrong: the segment is chosen by arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labmon.domain.errors import UserError
from labmon.instruments.fcs_events import Layout, Parameter, possible_widths
from labmon.instruments.fcs_text import keywords_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER_LENGTH = 58
_MAGIC = re.compile(rb"FCS[0-9]\.[0-9]")
_MOST_DATA_SETS = 64
_MOST_PARAMETERS = 10_000
_MOST_BITS = 64
_FEW_BYTES = 16
"""How much longer than its events a segment may be: writers pad, or count its end once too often."""
_MOST_PADDING = 1 << 20
"""How much longer it may be where nothing but blanks and NULs follow the events."""
_BITS = {"F": 32, "D": 64}
_LIST_MODE = "L"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSegment:
    """Where the events lie: first byte in the file and length, and how each of them is stored."""

    first: int
    length: int
    layout: Layout
    doubt: str = ""
    """What speaks against the choice, in a sentence; empty where nothing does."""


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
        self._text = (offsets[0], offsets[1])
        self._named_in_header = (offsets[2], offsets[3])
        self._analysis_in_header = (offsets[4], offsets[5])
        self.missing: list[str] = []
        """What the data set declares and the file does not hold."""
        self.keywords = self._keywords()

    def _keywords(self) -> Mapping[str, str]:
        first, last = self._text
        if not self._holds(first, last - first):
            raise UserError("I002", detail=f"its TEXT segment (bytes {first:,} to {last:,}) does not lie in the file")
        found = keywords_of(self._bytes(first, last))
        if "$PAR" not in found:
            raise UserError("I002", detail="its TEXT segment names no parameters ($PAR)")
        begin, end = (whole(found, name) or 0 for name in ("$BEGINSTEXT", "$ENDSTEXT"))
        if begin in (0, first) or end <= begin:
            return found
        if not self._holds(begin, end - begin):
            self.missing.append(f"supplemental TEXT segment (bytes {begin:,} to {end:,})")
            return found
        return {**keywords_of(self._bytes(begin, end)), **found}

    def _bytes(self, first: int, last: int) -> bytes:
        return bytes(self._data[self.start + first : self.start + last + 1])

    def _holds(self, first: int, length: int) -> bool:
        """Whether this many bytes lie in the file from a byte of this data set that is not its HEADER's."""
        return first >= _HEADER_LENGTH and length > 0 and self.start + first + length <= len(self._data)

    def next_start(self) -> int | None:
        """Where the next data set begins in the file; None when this is the last."""
        offset = whole(self.keywords, "$NEXTDATA") or 0
        start = self.start + offset
        if offset == 0:
            return None
        if _MAGIC.match(bytes(self._data[start : start + 6])):
            return start
        self.missing.append(f"data set at byte {start:,}")
        return None

    @property
    def mode(self) -> str:
        """L for a list of events, C or U for histograms."""
        return self.keywords.get("$MODE", "").strip().upper() or _LIST_MODE

    @property
    def is_list(self) -> bool:
        return self.mode == _LIST_MODE

    @property
    def has_analysis(self) -> bool:
        """Whether the instrument's software wrote results of its own behind the events."""
        first, last = self._analysis_in_header
        return last > first > 0 or (whole(self.keywords, "$BEGINANALYSIS") or 0) > 0

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        count = whole(self.keywords, "$PAR")
        if count is None or not 0 < count <= _MOST_PARAMETERS:
            raise UserError("I002", detail=f"it declares {self.keywords['$PAR'].strip()[:30]} parameters")
        return tuple(self._parameter(number) for number in range(1, count + 1))

    def _parameter(self, number: int) -> Parameter:
        def keyword(letter: str) -> str:
            return self.keywords.get(f"$P{number}{letter}", "").strip()

        data_type = (keyword("DATATYPE") or self.keywords.get("$DATATYPE", "").strip()).upper()
        if data_type not in ("I", "F", "D", "A"):
            raise UserError("I002", detail=f'"{data_type[:30]}" is no type of data')
        bits = _BITS.get(data_type) or (0 if keyword("B") == "*" else whole(self.keywords, f"$P{number}B"))
        if bits is None or not 0 <= bits <= _MOST_BITS or (bits == 0 and data_type != "A"):
            raise UserError("I002", detail=f"the width of parameter {number} is {keyword('B')[:30] or 'not stated'}")
        return Parameter(
            number=number,
            name=keyword("N"),
            marker=keyword("S"),
            bits=bits,
            range=_range(keyword("R")),
            data_type=data_type,
        )

    @cached_property
    def event_count(self) -> int:
        """$TOT, which must be that of the segment; where it is not stated, what the segment holds."""
        stated = self.keywords.get("$TOT", "").strip()
        if not stated:
            return self._events_by_length()
        count = whole(self.keywords, "$TOT")
        if count is None:
            raise UserError("I002", detail=f'"{stated[:30]}" is no number of events')
        return count

    def _events_by_length(self) -> int:
        """Of every segment named that whole events fill; F301 where that is none, or where two disagree."""
        bits = Layout(parameters=self.parameters, widths=next(possible_widths(self.parameters)), byte_order=())
        an_event = bits.bits_an_event
        counts = {length * 8 // an_event for _, length in self._candidates() if an_event and length * 8 % an_event < 8}
        if len(counts) != 1:
            raise UserError("F301", detail="The number of events is not stated ($TOT), and no segment gives it")
        return counts.pop()

    def _named(self) -> tuple[tuple[int, int], ...]:
        """The segments HEADER and TEXT name for the events, first byte and length."""
        of_text = (whole(self.keywords, "$BEGINDATA") or 0, whole(self.keywords, "$ENDDATA") or 0)
        named = dict.fromkeys((self._named_in_header, of_text))
        return tuple((first, last - first + 1) for first, last in named if 0 < first <= last)

    def _candidates(self) -> tuple[tuple[int, int], ...]:
        """Those that do not begin among the keywords."""
        first, last = self._text
        end = first + len(self._bytes(first, last).rstrip(b" \r\n\t\x00")) - 1
        return tuple(each for each in self._named() if each[0] >= _HEADER_LENGTH and not first <= each[0] < end)

    @cached_property
    def segment(self) -> DataSegment:
        """Where the events lie. Raises UserError F301, I002."""
        layouts = [self._layout(widths) for widths in possible_widths(self.parameters)]
        if not self.event_count:
            return DataSegment(first=self.start, length=0, layout=layouts[0])
        candidates = self._candidates()
        if not layouts[0].bits_an_event:
            held = next((each for each in candidates if self._holds(*each)), None)
            if held is None:
                raise self._refusal(self.event_count)
            return DataSegment(first=self.start + held[0], length=held[1], layout=layouts[0])
        needs = [((self.event_count * layout.bits_an_event + 7) // 8, layout) for layout in layouts]
        for slack in (*range(_FEW_BYTES + 1), -1):
            for needed, layout in needs:
                firsts = [first for first, size in candidates if size - slack == needed and self._holds(first, needed)]
                if firsts:
                    return self._chosen(firsts, needed, layout)
        needed = needs[0][0]
        padded = next((each for each in candidates if self._is_padded(*each, needed)), None)
        if padded is None:
            raise self._refusal(needed)
        doubt = f"{padded[1] - needed:,} empty bytes follow the events in their segment"
        return DataSegment(first=self.start + padded[0], length=needed, layout=layouts[0], doubt=doubt)

    def _chosen(self, firsts: list[int], needed: int, layout: Layout) -> DataSegment:
        """The first of them; HEADER comes before TEXT."""
        places = dict.fromkeys(firsts)
        doubt = ""
        if len(places) > 1:
            named = " and at byte ".join(f"{first:,}" for first in places)
            doubt = f"HEADER and TEXT name two places that fit the events, at byte {named}; the first was taken"
        return DataSegment(first=self.start + firsts[0], length=needed, layout=layout, doubt=doubt)

    def _is_padded(self, first: int, length: int, needed: int) -> bool:
        rest = length - needed
        if not 0 < rest <= _MOST_PADDING or not self._holds(first, length):
            return False
        return not self._bytes(first + needed, first + length - 1).strip(b" \x00")

    def _refusal(self, needed: int) -> UserError:
        is_cut = any(length >= needed and not self._holds(first, needed) for first, length in self._candidates())
        if is_cut or needed > len(self._data):
            return UserError("I002", detail=f"its events take {needed:,} bytes, which the file does not hold")
        named = " and ".join(f"{length:,} bytes from byte {first:,}" for first, length in self._named()) or "none"
        detail = f"{self.event_count:,} events take {needed:,} bytes; the segments named are {named}"
        return UserError("F301", detail=detail)

    def _layout(self, widths: tuple[int, ...]) -> Layout:
        order: tuple[int, ...] = ()
        if any(parameter.data_type != "A" for parameter in self.parameters) and max(widths) > 8:
            order = self._byte_order()
        return Layout(parameters=self.parameters, widths=widths, byte_order=order)

    def _byte_order(self) -> tuple[int, ...]:
        stated = self.keywords.get("$BYTEORD", "").strip()
        ranks = [part.strip() for part in stated.split(",")]
        if not all(rank.isdecimal() and rank.isascii() and len(rank) == 1 for rank in ranks):
            raise UserError("I002", detail=f'"{stated[:30]}" is no order of bytes ($BYTEORD)')
        order = tuple(map(int, ranks))
        if sorted(order) != list(range(1, len(order) + 1)):
            raise UserError("I002", detail=f'"{stated[:30]}" is no order of bytes ($BYTEORD)')
        return order

    def events(self, first: int = 0, count: int | None = None) -> NDArray[Any]:
        """Events as stored, one row each, all of them unless told otherwise.

        Raises UserError: F301, I002, I020 for what is no list of events.
        """
        if not self.is_list:
            raise UserError("I020", part=f"The list of events (the file holds histograms, $MODE {self.mode[:30]})")
        segment = self.segment
        count = self.event_count - first if count is None else count
        data = self._data[segment.first : segment.first + segment.length]
        return segment.layout.decode(data, first, count, self.event_count)


def data_sets(data: memoryview | bytes) -> tuple[DataSet, ...]:
    """Every data set of a file, in its order. Raises UserError as `DataSet`."""
    return tuple(_chain(memoryview(data)))


def events_of(sets: Sequence[DataSet]) -> DataSet:
    """The data set whose events count: the last list of them, of an LMD's two the newer one, uncompensated and in full
    resolution. Where there is none the last data set, which says why it holds no events."""
    return next((each for each in reversed(sets) if each.is_list), sets[-1])


def _chain(view: memoryview) -> Iterator[DataSet]:
    start: int | None = 0
    for _ in range(_MOST_DATA_SETS):
        if start is None:
            return
        found = DataSet(view, start)
        yield found
        start = found.next_start()  # counted from its own data set: a chain cannot lead back
    if start is not None:
        raise UserError("I018", detail=f"it chains more than {_MOST_DATA_SETS} data sets")


def _offset(text: bytes) -> int:
    """A number of HEADER; 0 where it is blank or none, for then TEXT says it."""
    stripped = text.strip(b" \x00")
    return int(stripped) if stripped.isdigit() else 0


def whole(keywords: Mapping[str, str], name: str) -> int | None:
    """A keyword's value as a whole number; None where it is none."""
    text = keywords.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def _range(text: str) -> int:
    """$PnR as a whole number; 0 where there is none, which masks nothing. 262144.0 and 4.2e9 occur."""
    try:
        number = float(text)
    except ValueError:
        return 0
    return int(number) if 0 < number < 2.0**64 else 0
