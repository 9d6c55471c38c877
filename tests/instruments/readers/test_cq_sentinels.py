"""A number that no run of this many cycles can give is no quantification cycle."""

import pytest

from labmon.domain.reading import FileReading, Qualifier, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

HEADINGS = "Well|Well Position|Omit|Sample Name|Target Name|Task|CT|Quantity"


def plate(cq: str, quantity: str = "", *, cycles: int | None = None) -> FileReading:
    """A plate of one well, with the amplification data of a run of so many cycles, or without."""
    lines = ["* Block Type = 96-Well Block (0.2mL)", "* Instrument Type = QuantStudio 5", ""]
    if cycles is not None:
        lines += ["[Amplification Data]", "Well|Cycle|Rn", *(f"1|{cycle}|0.5" for cycle in range(1, cycles + 1)), ""]
    lines += ["[Results]", HEADINGS, f"1|A1|false|S1|CAR|UNKNOWN|{cq}|{quantity}"]
    text = "\n".join(lines).replace("|", "\t") + "\n"
    return read_source(Source("plate.txt", text.encode()), ReadOptions())


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


@pytest.mark.parametrize("quantity", ["", "0", "0.000", "12.500"])
@pytest.mark.parametrize("cq", ["40", "40.000", "40.3", "45.5", "50.0", "360.46"])
def test_that_a_cq_at_or_beyond_the_last_cycle_of_the_run_is_no_cq_whatever_stands_beside_it(
    cq: str, quantity: str
) -> None:
    reading = plate(cq, quantity, cycles=40)

    (found,) = [each for each in reading.readings if each.kind is ReadingKind.CQ]
    assert (None, Qualifier.UNDETERMINED, cq) == (found.value, found.qualifier, found.raw)
    assert ["Q101"] == codes(reading)


@pytest.mark.parametrize(("cq", "quantity"), [("40.000", ""), ("40.000", "0.000"), ("50.0", "3.1"), ("50", "")])
def test_that_a_customary_placeholder_is_no_cq_where_the_cycles_are_not_exported(cq: str, quantity: str) -> None:
    reading = plate(cq, quantity)

    (found,) = [each for each in reading.readings if each.kind is ReadingKind.CQ]
    assert (None, Qualifier.UNDETERMINED) == (found.value, found.qualifier)
    assert ["Q101"] == codes(reading)


@pytest.mark.parametrize(
    ("cq", "quantity", "cycles"),
    [("39.999", "", 40), ("40.000", "3.1", None), ("40.3", "", None), ("40.000", "", 45), ("44.2", "1.5", 45)],
)
def test_that_a_late_cq_the_run_can_have_given_is_a_number(cq: str, quantity: str, cycles: int | None) -> None:
    reading = plate(cq, quantity, cycles=cycles)

    assert [float(cq)] == [each.value for each in reading.readings if each.kind is ReadingKind.CQ]
    assert [] == codes(reading)


def test_that_a_cq_beyond_any_run_is_kept_and_held_where_the_cycles_are_not_exported() -> None:
    reading = plate("360.46")

    assert [360.46] == [each.value for each in reading.readings if each.kind is ReadingKind.CQ]
    assert ["I014"] == codes(reading)
