"""The traps of the Flow Cytometry Standard, each in a file of its own."""

import struct
from pathlib import Path

import numpy as np
import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.fcs import data_sets
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.read_file import read_path, read_source
from labmon.instruments.source import LARGEST_FILE, Source
from tests.instruments.making_fcs import fcs, of_16_bits

EVENTS = of_16_bits(1, 2, 3, 4)


def events(data: bytes) -> list[list[float]]:
    (*_, last) = data_sets(data)
    return [[float(value) for value in row] for row in last.events()]


def read(data: bytes, options: ReadOptions | None = None) -> FileReading:
    return read_source(Source("x.fcs", data), options or ReadOptions())


@pytest.mark.parametrize(
    ("bits", "data", "keywords"),
    [
        ((16, 16), of_16_bits(1, 2, 3, 4), {}),
        ((16, 16), of_16_bits(1, 2, 3, 4, order=">"), {"$BYTEORD": "4,3,2,1"}),
        ((16, 16), of_16_bits(1, 2, 3, 4, order=">"), {"$BYTEORD": "2,1"}),
        ((8, 8), bytes((1, 2, 3, 4)), {}),
        ((32, 32), struct.pack("<4I", 1, 2, 3, 4), {}),
        ((32, 32), struct.pack(">4I", 1, 2, 3, 4), {"$BYTEORD": "4,3,2,1"}),
        ((32, 32), bytes((0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0)), {"$BYTEORD": "3,4,1,2"}),
        ((64, 64), struct.pack("<4Q", 1, 2, 3, 4), {}),
        ((24, 24), b"".join(value.to_bytes(3, "little") for value in (1, 2, 3, 4)), {}),
        ((24, 24), b"".join(value.to_bytes(3, "big") for value in (1, 2, 3, 4)), {"$BYTEORD": "4,3,2,1"}),
        ((8, 24), b"\1" + (2).to_bytes(3, "little") + b"\3" + (4).to_bytes(3, "little"), {}),
        ((32, 32), struct.pack("<4f", 1, 2, 3, 4), {"$DATATYPE": "F"}),
        ((32, 32), struct.pack(">4f", 1, 2, 3, 4), {"$DATATYPE": "F", "$BYTEORD": "4,3,2,1"}),
        ((64, 64), struct.pack("<4d", 1, 2, 3, 4), {"$DATATYPE": "D"}),
        ((16, 32), struct.pack("<HfHf", 1, 2, 3, 4), {"$P2DATATYPE": "F"}),
        ((2, 2), b"1 2 3 4 ", {"$DATATYPE": "A"}),
        ((2, 2), b"1 2 3 4", {"$DATATYPE": "A", "$P1B": "*", "$P2B": "*"}),
        ((12, 12), ((1 | 2 << 12) | (3 | 4 << 12) << 24).to_bytes(6, "little"), {}),
        ((12, 12), (((1 << 12 | 2) << 24) | (3 << 12 | 4)).to_bytes(6, "big"), {"$BYTEORD": "4,3,2,1"}),
    ],
)
def test_that_every_width_order_and_type_gives_the_stored_values(
    bits: tuple[int, int], data: bytes, keywords: dict[str, str]
) -> None:
    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(data, events=2, bits=bits, keywords=keywords))


def test_that_ten_bits_stored_in_two_bytes_are_known_by_the_length() -> None:
    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(EVENTS, events=2, bits=(10, 10)))


def test_that_flags_above_the_range_are_masked() -> None:
    data = of_16_bits(0xFC01, 0x0402, 3, 4)

    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(data, events=2, ranges=(1024, 1024)))


def test_that_a_range_that_is_no_power_of_two_keeps_every_value_below_it() -> None:
    assert [[1.0, 1500.0]] == events(fcs(of_16_bits(1, 1500), events=1, ranges=(2000, 2000)))


@pytest.mark.parametrize(
    ("in_header", "in_text"),
    [((1024, 1031), (1, 500)), ((0, 0), (1024, 1031)), ((1024, 1039), (1024, 1031)), ((1020, 1031), (1024, 1031))],
)
def test_that_the_segment_is_the_one_whose_length_its_events_have(
    in_header: tuple[int, int], in_text: tuple[int, int]
) -> None:
    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(EVENTS, events=2, in_header=in_header, in_text=in_text))


def test_that_a_segment_a_few_bytes_too_long_is_taken_when_none_fits() -> None:
    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(EVENTS + b"\0\0", events=2))


def test_that_segments_none_of_which_fits_are_refused_and_both_told() -> None:
    with pytest.raises(UserError, match="F301") as refusal:
        events(fcs(EVENTS, events=2, in_header=(1024, 1025), in_text=(1, 900)))

    assert "2 bytes from byte 1,024 and 900 bytes from byte 1" in str(refusal.value)


@pytest.mark.parametrize(
    "keywords", [{"$TOT": "1000000000000"}, {"$PAR": "100000000"}, {"$PAR": "0"}, {"$P1B": "0"}, {"$P1B": "70"}]
)
def test_that_declared_numbers_the_file_cannot_hold_are_refused_at_once(keywords: dict[str, str]) -> None:
    with pytest.raises(UserError, match="I002"):
        events(fcs(EVENTS, events=2, keywords=keywords))


def test_that_cut_events_are_refused() -> None:
    with pytest.raises(UserError, match="I002"):
        read(fcs(EVENTS, events=2)[:-1])


def test_that_every_cut_of_a_file_is_refused_or_read_whole() -> None:
    whole = fcs(EVENTS, events=2)

    for length in range(len(whole)):
        with pytest.raises(UserError):
            read(b"FCS3.0"[: min(length, 6)] + whole[6:length])


@pytest.mark.parametrize("mode", ["C", "U"])
def test_that_histograms_are_no_list_of_events(mode: str) -> None:
    with pytest.raises(UserError, match="I020"):
        events(fcs(EVENTS, events=2, keywords={"$MODE": mode}))


@pytest.mark.parametrize("delimiter", ["/", "\\", "|", "!", "\f", "\x1e"])
def test_that_any_sign_delimits_and_a_doubled_one_belongs_to_a_value(delimiter: str) -> None:
    keywords = {"$SRC": f"blood{delimiter}marrow", "TUBE NAME": "D014"}
    (found,) = data_sets(fcs(EVENTS, events=2, delimiter=delimiter, keywords=keywords))

    assert (f"blood{delimiter}marrow", "D014") == (found.keywords["$SRC"], found.keywords["TUBE NAME"])


def test_that_an_empty_value_does_not_shift_the_keywords_behind_it() -> None:
    data = fcs(EVENTS, events=2, keywords={"$OP": "AB", "$SRC": "blood"}).replace(b"/$OP/AB/", b"/$OP//")
    (found,) = data_sets(data.ljust(len(data) + 2, b" "))

    assert "2" == found.keywords["$PAR"]


def test_that_names_repeat_and_the_number_is_the_key() -> None:
    reading = read(fcs(EVENTS, events=2, keywords={"$P1N": "FSC-A", "$P2N": "FSC-A", "$P2S": "CD19"}))

    names = {each.target: each.value for each in reading.readings if each.kind is ReadingKind.PARAMETER_NAME}
    assert {"1": "FSC-A", "2": "FSC-A"} == names
    assert ["CD19"] == [each.value for each in reading.readings if each.kind is ReadingKind.MARKER_NAME]


def test_that_the_last_of_two_data_sets_is_read_and_that_is_said() -> None:
    next_at = len(fcs(of_16_bits(7, 7), events=1))
    first = fcs(of_16_bits(7, 7), events=1, version="FCS2.0", keywords={"$NEXTDATA": str(next_at)})

    reading = read(first + fcs(EVENTS, events=2))

    values = {each.kind: each.value for each in reading.readings}
    assert (2.0, 2.0) == (values[ReadingKind.DATA_SET_COUNT], values[ReadingKind.EVENT_COUNT])
    assert ["F302"] == [issue.code for issue in reading.issues]


def test_that_a_chain_that_leads_back_ends() -> None:
    data = fcs(EVENTS, events=2)

    assert 1 == len(data_sets(data.replace(b"$NEXTDATA/0", b"$NEXTDATA/9")))


def test_that_a_date_of_two_meanings_is_asked_and_the_events_are_read() -> None:
    data = fcs(EVENTS, events=2, keywords={"$DATE": "05-06-2026", "$BTIM": "13:10:33"})

    reading = read(data)
    answered = read(data, ReadOptions(date_order=DateOrder.DMY))

    assert (["I003"], None) == ([issue.code for issue in reading.issues], reading.run_started_at)
    assert "2026-06-05T13:10:33" == answered.run_started_at
    assert answered.readings == reading.readings


@pytest.mark.parametrize(("keyword", "sample"), [("$SRC", "D014"), ("TUBE NAME", "D014"), ("$FIL", None)])
def test_that_a_file_name_is_proposed_and_names_no_sample(keyword: str, sample: str | None) -> None:
    reading = read(fcs(EVENTS, events=2, keywords={keyword: "D014"}))

    assert {sample} == {each.sample for each in reading.readings}
    assert ["D014"] == [each.value for each in reading.readings if each.kind is ReadingKind.SAMPLE_NAME]


def test_that_events_may_be_larger_than_any_export_of_results(tmp_path: Path) -> None:
    count = LARGEST_FILE // 8 + 1
    path = tmp_path / "large.fcs"
    ones = np.ones(2 * count, np.float32).tobytes()
    path.write_bytes(fcs(ones, events=count, bits=(32, 32), keywords={"$DATATYPE": "F"}))

    reading = read_path(path, ReadOptions())

    assert float(count) == reading.readings[0].value
