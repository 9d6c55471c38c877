"""Cell counters: other layouts, and counts that contradict each other."""

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

BLU = "Sample ID,Cell count,Viable cells,Total (x10^6) cells/mL,Viability (%),Analysis date/time\n"
XR = "Vi-CELL XR 2.06.3\n\nSample ID : S1\nRunDate : 29 Sep 2025  5:21:32 AM\n\nResults:\n"


def read(text: str, name: str = "counts.csv") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


def test_that_a_viability_its_cells_do_not_give_is_said() -> None:
    reading = read(BLU + "S1,2000,1000,0.78,96.9,2026-03-21 16:56\n")

    assert ["I026"] == codes(reading)
    assert "50.0 %" in reading.issues[0].message


def test_that_more_viable_cells_than_cells_are_held() -> None:
    assert ["F307"] == codes(read(BLU + "S1,2000,2100,0.78,96.9,2026-03-21 16:56\n"))


def test_that_a_sample_without_a_name_stays_without_one() -> None:
    assert {None} == {each.sample for each in read(BLU + ",2000,1900,0.78,95.0,2026-03-21 16:56\n").readings}


def test_that_an_empty_viability_is_no_reading_and_a_word_no_number() -> None:
    reading = read(BLU + "S1,2000,1900,0.78,,2026-03-21\nS2,0,0,0,n/a,2026-03-21\n")

    viability = [each for each in reading.readings if each.target == "viability"]
    assert [(None, Qualifier.NOT_COMPUTED, "n/a")] == [(each.value, each.qualifier, each.raw) for each in viability]


def test_that_a_cell_count_is_no_count_of_a_gate() -> None:
    kinds = {each.kind.value for each in read(BLU + "S1,2000,1900,0.78,95.0,2026-03-21\n").readings}

    assert {"statistic", "concentration"} == kinds


@pytest.mark.parametrize(
    "text", [XR, XR + "Images : 50\nTotal cells : 10\n", XR + "Total cells : 10\nViable cells : 9\n"]
)
def test_that_a_cut_report_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="I002"):
        read(text, "xr.txt")


@pytest.mark.parametrize(
    ("offset", "instant"),
    [("2", "2026-03-20T16:30:16+02:00"), ("-5", "2026-03-20T16:30:16-05:00"), ("5.5", "2026-03-20T16:30:16+05:30")],
)
def test_that_an_instant_carries_the_offset_the_file_states(offset: str, instant: str) -> None:
    text = (
        "Viability and Cell Count Assay; ;\nImage;A-1;\nViability (%);68.2;\nLive (cells/ml);2.45E6;\n"
        f"Total (cells/ml);3.58E6;\nDate time;20260320 163016\nTime zone offset;{offset}\n"
    )

    assert instant == read(text).run_started_at
