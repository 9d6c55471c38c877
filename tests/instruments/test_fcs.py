"""The traps of the Flow Cytometry Standard, each in a file of its own."""

import random
import struct
from datetime import date
from pathlib import Path

import flowio
import numpy as np
import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.fcs import data_sets
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.original import original_part
from labmon.instruments.read_file import read_path, read_source
from labmon.instruments.source import LARGEST_FILE, Container, Source
from tests.instruments.making_fcs import fcs, golden_files, of_16_bits

EVENTS = of_16_bits(1, 2, 3, 4)
DATA = Path(__file__).parents[1] / "data" / "fcs"


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
        ((32, 16), struct.pack("<IHIH", 1, 2, 3, 4), {}),
        ((16, 16), of_16_bits(1, 2, 3, 4), {"$BYTEORD": "3,4,1,2"}),
        ((16, 64), struct.pack("<HdHd", 1, 2, 3, 4), {"$P2DATATYPE": "D"}),
        ((40, 40), b"".join(value.to_bytes(5, "big") for value in (1, 2, 3, 4)), {"$BYTEORD": "4,3,2,1"}),
        ((3, 5), b"  1    2  3    4", {"$DATATYPE": "A"}),
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


@pytest.mark.parametrize(
    ("bits", "data"), [((10, 20), struct.pack("<HIHI", 1, 2, 3, 4)), ((10, 20), b"\1\0\2\0\0\3\0\4\0\0")]
)
def test_that_odd_widths_stored_in_whole_bytes_are_known_by_the_length(bits: tuple[int, int], data: bytes) -> None:
    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(data, events=2, bits=bits))


@pytest.mark.parametrize("bits", [(9, 9, 9), (10, 12, 20), (1, 63, 7), (24, 8, 40), (33, 33, 33)])
@pytest.mark.parametrize("order", ["little", "big"])
def test_that_a_part_of_the_events_is_that_part_of_all_of_them(bits: tuple[int, ...], order: str) -> None:
    count, chance = 20_000, random.Random(7)
    size = (count * sum(bits) + 7) // 8
    byte_order = "1,2,3,4" if order == "little" else "4,3,2,1"
    (found,) = data_sets(
        fcs(
            chance.randbytes(size),
            events=count,
            bits=bits,
            ranges=[1 << 64] * len(bits),
            keywords={"$BYTEORD": byte_order},
        )
    )
    every = found.events()

    assert all((every[at : at + 3] == found.events(at, 3)).all() for at in (0, 1, 8190, 8191, 8192, 12_345, count - 3))
    assert all(int(every[:, column].max()).bit_length() == width for column, width in enumerate(bits))


def test_that_flags_above_the_range_are_masked() -> None:
    data = of_16_bits(0xFC01, 0x0402, 3, 4)

    assert [[1.0, 2.0], [3.0, 4.0]] == events(fcs(data, events=2, ranges=(1024, 1024)))


def test_that_a_range_that_is_no_power_of_two_keeps_every_value_below_it() -> None:
    assert [[1.0, 1500.0]] == events(fcs(of_16_bits(1, 1500), events=1, ranges=(2000, 2000)))


@pytest.mark.parametrize(
    ("in_header", "in_text"),
    [
        ((1024, 1031), (1, 500)),
        ((0, 0), (1024, 1031)),
        ((1024, 1039), (1024, 1031)),
        ((1020, 1031), (1024, 1031)),
        ((1024, 1031), (1024, 1023)),
        ((1024, 1030), (0, 0)),
        ((300, 307), (1024, 1031)),  # the right length, but among the keywords
    ],
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
    "keywords",
    [
        {"$TOT": "1000000000000"},
        {"$TOT": "9" * 19},
        {"$TOT": "-2"},
        {"$TOT": "2.5"},
        {"$PAR": "100000000"},
        {"$PAR": "0"},
        {"$P1B": "0"},
        {"$P1B": "70"},
    ],
)
def test_that_declared_numbers_the_file_cannot_hold_are_refused_at_once(keywords: dict[str, str]) -> None:
    with pytest.raises(UserError, match="I002"):
        events(fcs(EVENTS, events=2, keywords=keywords))


def test_that_empty_bytes_behind_the_events_are_told_and_others_are_a_question() -> None:
    reading = read(fcs(EVENTS + bytes(40), events=2))

    assert (2.0, ["F324", "F325"]) == (reading.readings[0].value, [issue.code for issue in reading.issues])
    with pytest.raises(UserError, match="F301"):
        read(fcs(EVENTS + b"\1" * 40, events=2))


def test_that_two_places_that_fit_are_told() -> None:
    reading = read(fcs(EVENTS + EVENTS, events=2, in_header=(1024, 1031), in_text=(1032, 1039)))

    assert ["F324", "F325"] == [issue.code for issue in reading.issues]
    assert "1,024 and at byte 1,032" in reading.issues[1].message


def test_that_without_a_number_of_events_the_segment_says_it() -> None:
    assert 2.0 == read(fcs(EVENTS, events=None, version="FCS3.2")).readings[0].value
    assert 2.0 == read(fcs(EVENTS, events=None, in_header=(1024, 1030))).readings[0].value  # this one ends too early
    with pytest.raises(UserError, match="F301"):
        read(fcs(EVENTS, events=None, in_header=(1024, 1027)))


def test_that_no_events_are_none_and_not_unknown() -> None:
    reading = read(fcs(b"", events=0, in_header=(0, 0), in_text=(0, 0)))

    assert (0.0, "0") == (reading.readings[0].value, reading.readings[0].raw)
    assert ReadingKind.FIRST_EVENT not in {each.kind for each in reading.readings}


@pytest.mark.parametrize(
    ("bits", "data", "order"),
    [
        ((16, 16), EVENTS, ""),
        ((16, 16), EVENTS, "1,1,2,2"),
        ((16, 16), EVENTS, "little"),
        ((64, 64), bytes(32), "3,4,1,2"),
        ((32, 32), bytes(16), "2,1,4,3"),
        ((24, 24), bytes(12), "3,4,1,2"),
        ((16, 32), bytes(12), "3,4,1,2"),
        ((12, 12), bytes(6), "3,4,1,2"),
    ],
)
def test_that_an_order_of_bytes_without_a_meaning_is_refused(bits: tuple[int, int], data: bytes, order: str) -> None:
    with pytest.raises(UserError, match="I002"):
        read(fcs(data, events=2, bits=bits, keywords={"$BYTEORD": order}))


@pytest.mark.parametrize(
    ("data", "bits"),
    [(b"1 2 3", ("*", "*")), (b"1 2 3 4 5", ("*", "*")), (b"1 2 3 x", ("*", "*")), (b"1 2 3 x ", (2, 2))],
)
def test_that_text_that_is_not_the_declared_numbers_is_refused(data: bytes, bits: tuple[object, object]) -> None:
    with pytest.raises(UserError, match="I002"):
        read(fcs(data, events=2, bits=bits, keywords={"$DATATYPE": "A"}))


def test_that_more_text_values_than_bytes_are_refused_at_once() -> None:
    with pytest.raises(UserError, match="I002"):
        read(fcs(b"1 2 3 4", events=10**12, bits=("*", "*"), keywords={"$DATATYPE": "A"}))


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


@pytest.mark.parametrize(
    ("raw_text", "expected"),
    [
        (b"$OP//$SRC/blood/", {"$OP": "", "$SRC": "blood"}),
        (b"$OP//$SRC//$SMNO/7/", {"$OP": "", "$SRC": "", "$SMNO": "7"}),
        (b"$OP//$SRC/a//b/", {"$OP": "", "$SRC": "a/b"}),
        (b"PATH/////server//share/$SRC/x/", {"PATH": "//server/share", "$SRC": "x"}),
        (b"$SRC/blood///$OP/x/", {"$SRC": "blood/", "$OP": "x"}),
        (b"$src/lower/", {"$SRC": "lower"}),
        (b"\r\n$SRC/blood/", {"$SRC": "blood"}),
        (b"$SRC/first/$SRC/second/", {"$SRC": "first"}),
    ],
)
def test_that_no_value_shifts_the_keywords_behind_it(raw_text: bytes, expected: dict[str, str]) -> None:
    (found,) = data_sets(fcs(EVENTS, events=2, raw_text=raw_text))

    assert expected | {"$PAR": "2", "$TOT": "2"} == {name: found.keywords[name] for name in (*expected, "$PAR", "$TOT")}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "latin-1"])
def test_that_keywords_in_other_letters_keep_their_delimiters(encoding: str) -> None:
    value = "患者十四" if encoding == "gb18030" else "Proben für µL à 7é"
    (found,) = data_sets(fcs(EVENTS, events=2, delimiter="|", keywords={"$SRC": value}, encoding=encoding))

    assert (value, "2") == (found.keywords["$SRC"], found.keywords["$PAR"])


def test_that_the_supplemental_text_is_read_and_its_absence_is_told() -> None:
    data = fcs(EVENTS, events=2, keywords={"$BEGINSTEXT": "1032", "$ENDSTEXT": "1052"})
    (found,) = data_sets(data + b"/$SMNO/D014/$TOT/99/ ")

    assert ("D014", "2") == (found.keywords["$SMNO"], found.keywords["$TOT"])
    assert "I025" in [issue.code for issue in read(data).issues]


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
    assert ["F324", "F302"] == [issue.code for issue in reading.issues]
    assert ("data set 1: FCS2.0 with 1 events",) == reading.unread


def test_that_a_data_set_the_file_names_and_does_not_hold_is_told() -> None:
    reading = read(fcs(EVENTS, events=2, keywords={"$NEXTDATA": "5000"}))

    assert ["F324", "I025"] == [issue.code for issue in reading.issues]


def test_that_histograms_behind_a_list_leave_the_list_to_be_read() -> None:
    first = fcs(EVENTS, events=2, keywords={"$NEXTDATA": "1032"})

    reading = read(first + fcs(b"", events=0, keywords={"$MODE": "U"}))

    assert (2.0, ("data set 2: FCS3.0 with histograms",)) == (reading.readings[0].value, reading.unread)


def test_that_a_damaged_second_data_set_refuses_the_file() -> None:
    first = fcs(EVENTS, events=2, keywords={"$NEXTDATA": "1032"})

    with pytest.raises(UserError, match="I002"):
        read(first + fcs(EVENTS, events=2)[:400])


def test_that_a_chain_without_end_is_refused() -> None:
    one = fcs(EVENTS, events=2, keywords={"$NEXTDATA": "1032"})

    with pytest.raises(UserError, match="I018"):
        read(one * 70)


def test_that_a_chain_that_leads_back_ends() -> None:
    data = fcs(EVENTS, events=2)

    assert 1 == len(data_sets(data.replace(b"$NEXTDATA/0", b"$NEXTDATA/9")))


def test_that_a_date_of_two_meanings_is_asked_and_the_events_are_read() -> None:
    data = fcs(EVENTS, events=2, keywords={"$DATE": "05-06-2026", "$BTIM": "13:10:33"})

    reading = read(data)
    answered = read(data, ReadOptions(date_order=DateOrder.DMY))

    assert (["F324", "I003"], None) == ([issue.code for issue in reading.issues], reading.run_started_at)
    assert "2026-06-05T13:10:33" == answered.run_started_at
    assert answered.readings == reading.readings


@pytest.mark.parametrize(
    ("keywords", "started"),
    [
        ({"$DATE": "19-JUN-2015"}, "2015-06-19"),
        ({"$DATE": "2013-Jul-19", "$BTIM": "16:22:51.00"}, "2013-07-19T16:22:51"),
        ({"$DATE": "28-06-2006"}, "2006-06-28"),
        ({"$DATE": "21 Dec 2010"}, "2010-12-21"),
        ({"$DATE": "03-MAI-2019"}, "2019-05-03"),
        ({"$DATE": "19-Okt-2015"}, "2015-10-19"),
        ({"$BEGINDATETIME": "2024-03-05T10:11:12Z", "$DATE": "01-JAN-2000"}, "2024-03-05T10:11:12+00:00"),
        ({}, None),
    ],
)
def test_that_every_way_to_write_the_date_is_understood(keywords: dict[str, str], started: str | None) -> None:
    reading = read(fcs(EVENTS, events=2, keywords=keywords))

    assert (started, ["F324"]) == (reading.run_started_at, [issue.code for issue in reading.issues])


def test_that_a_date_that_names_no_day_is_asked() -> None:
    data = fcs(EVENTS, events=2, keywords={"$DATE": "19-???-2015"})

    assert ["F324", "I003"] == [issue.code for issue in read(data).issues]
    answered = read(data, ReadOptions(run_started_on=date(2015, 6, 19)))
    assert ("2015-06-19", ["F324"]) == (answered.run_started_at, [issue.code for issue in answered.issues])


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


def test_that_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.fcs"
    path.write_bytes(fcs(EVENTS, events=2))
    before = path.stat()
    path.write_bytes(fcs(EVENTS + EVENTS, events=4))
    monkeypatch.setattr(Path, "stat", lambda *_, **__: before)

    with pytest.raises(UserError, match="I011"):
        Source.from_path(path)


def test_that_a_table_whose_first_heading_begins_like_an_event_file_is_a_table() -> None:
    assert Container.TEXT is Source("x.csv", b"FCS file,Count\n").container


def test_that_an_analysis_segment_is_left_aside_and_told() -> None:
    assert ("ANALYSIS segment",) == read(fcs(EVENTS, events=2, keywords={"$BEGINANALYSIS": "1032"})).unread


@pytest.mark.parametrize("name", golden_files())
def test_that_the_golden_files_are_those_the_builder_makes(name: str) -> None:
    assert golden_files()[name] == (DATA / name).read_bytes()


def test_that_the_original_of_an_event_file_is_its_keywords_at_the_row_of_a_reading() -> None:
    path = DATA / "two_data_sets.lmd"
    marker = next(each for each in read_path(path, ReadOptions()).readings if each.kind is ReadingKind.MARKER_NAME)

    part = original_part(Source.from_path(path), marker.place)

    assert marker.place.row is not None
    assert ("$P2S", "CD19") == part.rows[marker.place.row - part.first_row]


def theirs(path: Path) -> np.ndarray:
    """Every event as flowio reads them, told to go on where HEADER and TEXT disagree."""
    with path.open("rb") as stream:
        read_by_flowio = flowio.FlowData(stream, ignore_offset_error=True, ignore_offset_discrepancy=True)
    return read_by_flowio.as_array(preprocess=False)


@pytest.mark.parametrize("name", ["two_events.fcs", "offsets_in_text_big_endian_floats.fcs"])
def test_that_flowio_reads_the_same_events(name: str) -> None:
    (ours,) = data_sets((DATA / name).read_bytes())

    assert np.array_equal(theirs(DATA / name), ours.events())


NOT_READ_BY_FLOWIO = {"Data003.fcs", "coulter.lmd"}
"""24-bit values; two data sets."""


@pytest.mark.filterwarnings("ignore:FCS file .* reported incorrect data offset:UserWarning")
def test_that_flowio_reads_the_same_events_of_real_files(corpus: Path) -> None:
    for path in sorted((corpus / "fcs").iterdir()):
        if path.suffix == ".fcs" and path.name not in NOT_READ_BY_FLOWIO:
            (ours,) = data_sets(path.read_bytes())
            assert np.array_equal(theirs(path), ours.events()), path.name
