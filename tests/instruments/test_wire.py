import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.errors import UserError
from labmon.domain.issue import CATALOGUE, Issue, Place
from labmon.domain.reading import ClinicalRow, FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.instruments import wire
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
maybe_text = st.none() | texts
places = st.builds(
    Place,
    sheet=maybe_text,
    row=st.none() | st.integers(1, 10**6),
    column=st.none() | st.integers(1, 10**4),
    heading=maybe_text,
    element=maybe_text,
)
plain_values = (
    st.none() | texts | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
)
codes = st.sampled_from(sorted(CATALOGUE))
issues = st.builds(
    Issue, code=codes, place=st.none() | places, parameters=st.dictionaries(texts, plain_values, max_size=2)
)
readings = st.builds(
    Reading,
    kind=st.sampled_from(list(ReadingKind)),
    place=places,
    value=st.none() | texts | st.floats(allow_nan=False, allow_infinity=False),
    raw=texts,
    well=maybe_text,
    sample=maybe_text,
    target=maybe_text,
    task=st.none() | st.sampled_from(list(Task)),
    unit=maybe_text,
    qualifier=st.none() | st.sampled_from(list(Qualifier)),
    is_omitted=st.booleans(),
)
cells = plain_values | st.dates() | st.datetimes()
rows = st.builds(ClinicalRow, fact=texts, place=places, cells=st.dictionaries(texts, cells, max_size=3))
files = st.builds(
    FileReading,
    file_name=texts,
    sha256=texts,
    size_bytes=st.integers(0, 10**9),
    format_id=texts,
    format_title=texts,
    reader_version=st.integers(1, 9),
    software=maybe_text,
    instrument=maybe_text,
    run_started_at=st.none() | st.datetimes().map(datetime.isoformat),
    run_name=maybe_text,
    readings=st.lists(readings, max_size=3).map(tuple),
    clinical_rows=st.lists(rows, max_size=2).map(tuple),
    issues=st.lists(issues, max_size=2).map(tuple),
    unread=st.lists(texts, max_size=2).map(tuple),
    locale=texts,
    properties=st.dictionaries(texts, texts, max_size=2),
)


@given(files)
def test_that_a_reading_arrives_as_it_was_sent(file: FileReading) -> None:
    assert file == wire.reading_from_json(wire.reading_to_json(file))


@given(codes, st.none() | places, st.dictionaries(st.sampled_from(["detail", "raw", "what"]), plain_values, max_size=2))
def test_that_a_refusal_arrives_as_it_was_sent(code: str, place: Place | None, parameters: dict[str, object]) -> None:
    sent = UserError(code, place=place, **parameters)

    with pytest.raises(UserError) as caught:
        wire.reading_from_json(wire.refusal_to_json(sent))

    arrived = caught.value
    assert (sent.code, sent.place, dict(sent.parameters)) == (arrived.code, arrived.place, dict(arrived.parameters))


@given(
    st.builds(
        ReadOptions,
        decimal_mark=st.none() | st.sampled_from(list(DecimalMark)),
        date_order=st.none() | st.sampled_from(list(DateOrder)),
        format_id=maybe_text,
    ),
    texts,
)
def test_that_a_question_arrives_as_it_was_asked(options: ReadOptions, path: str) -> None:
    assert (path, options) == wire.question_from_json(wire.question_to_json(path, options))


def spoiled(path: list[str | int], value: Any) -> bytes:
    """A good answer in which one thing is another."""
    reading = Reading(kind=ReadingKind.CQ, place=Place(row=1), value=27.1, raw="27.1")
    file = FileReading(
        file_name="x", sha256="0", size_bytes=1, format_id="qubit", format_title="Qubit", reader_version=1,
        readings=(reading,), issues=(Issue(code="I004"),),
        clinical_rows=(ClinicalRow(fact="patient", place=Place(row=2), cells={"d": date(2026, 3, 4)}),),
    )  # fmt: skip
    message = json.loads(wire.reading_to_json(file))
    *way, last = path
    node = message["reading"]
    for step in way:
        node = node[step]
    node[last] = value
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["size_bytes"], "12"),
        (["size_bytes"], True),
        (["file_name"], None),
        (["run_started_at"], "yesterday"),
        (["readings"], None),
        (["readings", 0], [1, 2]),
        (["readings", 0, 0], "no_such_kind"),
        (["readings", 0, 1], [None, "1", None, None, None]),
        (["readings", 0, 2], [27.1]),
        (["readings", 0, 2], float("nan")),
        (["readings", 0, 2], float("inf")),
        (["readings", 0, 10], 1),
        (["clinical_rows", 0, 2, "d"], {"date": "2026-13-01"}),
        (["clinical_rows", 0, 2, "d"], {"__class__": "os"}),
        (["issues", 0, 0], "X999"),
        (["unread"], [1]),
        (["properties"], []),
    ],
)
def test_that_an_answer_of_another_shape_is_no_reading(path: list[str | int], value: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.reading_from_json(spoiled(path, value))


@given(st.binary(max_size=60) | st.from_regex(rb"[\[\]{}\",:0-9a-z]{0,60}", fullmatch=True))
def test_that_any_bytes_are_a_reading_a_refusal_or_nonsense(answer: bytes) -> None:
    with pytest.raises((wire.WireError, UserError)):
        wire.reading_from_json(answer)
