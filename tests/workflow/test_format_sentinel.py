import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.workflow.format_sentinel import heading_changes

from .conftest import Laboratory
from .making import qpcr_text

RENAMED = ("Quantity\t", "Quantity (copies)\t")


def told(lab: Laboratory, name: str, content: bytes) -> list[str]:
    return [issue.message for issue in lab.plan(name, content).issues if issue.code == "I027"]


def test_that_a_column_renamed_since_the_last_accepted_file_is_told_before_anything_enters(lab: Laboratory) -> None:
    first = qpcr_text({"P-001-D014": 900.0})
    heading = next(line for line in first.decode().splitlines() if line.startswith("Well\t"))
    old = heading.split("\t")[-1]
    lab.bring("run1.txt", first)

    (sentence,) = told(lab, "run2.txt", first.replace(old.encode(), f"{old} 2".encode()) + b"\n")

    assert f"renamed: {old} to {old} 2" in sentence
    assert "run1.txt" in sentence


def test_that_the_same_headings_and_a_first_file_are_not_spoken_of(lab: Laboratory) -> None:
    assert [] == told(lab, "run1.txt", qpcr_text({"P-001-D014": 900.0}))

    lab.bring("run1.txt", qpcr_text({"P-001-D014": 900.0}))

    assert [] == told(lab, "run2.txt", qpcr_text({"P-001-D028": 100.0}))


def test_that_accepting_a_file_makes_its_headings_the_usual_ones(lab: Laboratory) -> None:
    first = qpcr_text({"P-001-D014": 900.0})
    changed = first.replace(b"Sample Name", b"Sample")
    lab.bring("run1.txt", first)
    assert told(lab, "run2.txt", changed)
    lab.bring("run2.txt", qpcr_text({"P-001-D028": 50.0}).replace(b"Sample Name", b"Sample"))

    assert [] == told(lab, "run3.txt", changed + b"\n")


def test_that_order_case_and_look_alike_letters_are_no_change() -> None:
    assert not heading_changes(("Ct Mean", "Well", "\u0421\u0442 SD"), ("WELL", "Ct SD", "ct mean"))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (("Well", "Ct SD"), ("Well",), "missing: Ct SD"),
        (("Well",), ("Well", "Amp Score"), "new: Amp Score"),
        (("Well", "Sample"), ("Well", "Sample Name"), "renamed: Sample to Sample Name"),
        (("Well", "Omit"), ("Well", "Quantity"), "missing: Omit; new: Quantity"),
    ],
)
def test_that_a_change_is_told_in_words(before: tuple[str, ...], now: tuple[str, ...], words: str) -> None:
    assert words == heading_changes(before, now).words


@given(st.lists(st.text("abc ", min_size=1, max_size=5), max_size=6), st.lists(st.text("abc ", min_size=1), max_size=6))
def test_that_every_heading_of_one_file_alone_is_told_exactly_once(before: list[str], now: list[str]) -> None:
    changes = heading_changes(before, now)

    gone = [*changes.missing, *(old for old, _ in changes.renamed)]
    come = [*changes.new, *(new for _, new in changes.renamed)]
    assert len(gone) == len(set(gone))
    assert len(come) == len(set(come))
    assert not set(gone) & set(come)
