import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.instruments.locale import NumberFormat, decide_date_order, decide_numbers, iso_instant, number_shape
from labmon.instruments.options import DateOrder, DecimalMark

POINT = NumberFormat(decimal_mark=DecimalMark.POINT)
COMMA = NumberFormat(decimal_mark=DecimalMark.COMMA)
FORMATS = {DecimalMark.POINT: POINT, DecimalMark.COMMA: COMMA}

finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(min_value=-(10**12), max_value=10**12, places=3, allow_nan=False)
marks = st.sampled_from(list(DecimalMark))


def printed(number: object, mark: DecimalMark, grouping: str) -> str:
    """The number as an instrument prints it: three decimals, thousands in groups."""
    return f"{number:,.3f}".translate(str.maketrans({",": grouping, ".": mark.value}))


def decide(*texts: str) -> DecimalMark:
    return decide_numbers(((text, Place(row=row)) for row, text in enumerate(texts, 1)), None).decimal_mark


# --- numbers ----------------------------------------------------------------------------------------------------------


@given(decimals, marks, st.sampled_from([None, "", "\u00a0", "\u202f", "\u2009", "'", "’"]))
def test_that_a_printed_number_is_read_as_it_was_meant(number: object, mark: DecimalMark, grouping: str | None) -> None:
    text = printed(number, mark, mark.grouping if grouping is None else grouping)

    assert float(f"{number:.3f}") == FORMATS[mark].parse(text)


@given(finite)
def test_that_the_text_of_any_float_is_read_without_loss(number: float) -> None:
    assert number == POINT.parse(repr(number))
    assert number == POINT.parse(number)


@given(st.text(alphabet="0123456789.,+-eE", max_size=12), st.integers(0, 9))
def test_that_texts_of_one_shape_say_the_same_about_the_decimal_mark(text: str, digit: int) -> None:
    """Every digit but 0 may be exchanged for another: neither mark reads more of the text, or less."""
    other = "".join(str(max(digit, 1)) if each in "123456789" else each for each in text)

    assert number_shape(text) == number_shape(other)
    for mark in FORMATS.values():
        assert (mark.parse(text) is None) == (mark.parse(other) is None) or "e" in text.lower()


@given(decimals)
def test_that_full_width_digits_and_a_typographic_minus_are_digits_and_a_minus(number: object) -> None:
    wide = f"{number:.3f}".translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)} | {ord("-"): "\u2212"})

    assert float(f"{number:.3f}") == POINT.parse(wide)


@given(st.text(max_size=12), marks)
def test_that_any_text_is_a_finite_number_or_none(text: str, mark: DecimalMark) -> None:
    number = FORMATS[mark].parse(text)

    assert number is None or abs(number) < float("inf")


@given(decimals)
def test_that_no_number_means_two_things_under_two_marks_unless_the_file_is_asked(number: object) -> None:
    """If both readings are possible and differ, deciding from this number alone must be a question."""
    text = f"{number:.3f}".replace(".", ",")
    readings = {value for each in (POINT, COMMA) if (value := each.parse(text)) is not None}
    if len(readings) == 2:
        with pytest.raises(UserError, match=r"^I003"):
            decide(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", ",", "1,23", "12,34,567", "1234,567.8", "0,200", "1.2.3", "1_000", "0x10", "inf", "nan", "1e999",
     "9" * 400,     "\uff11e", "Undetermined", "12 345", "5 %", "<0.5", "١٢", True, None],
)  # fmt: skip
def test_that_what_is_not_printed_like_a_number_is_none(text: object) -> None:
    assert POINT.parse(text) is None  # type: ignore[arg-type]  # a cell can hold anything


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["27.102"], "."),
        (["118,248.200", "27.102"], "."),
        (["1,250", "0.137"], "."),
        (["1,234,567"], "."),
        (["27,102", "0,063"], ","),
        (["5.720,562", "27,102"], ","),
        (["17,9 %"], ","),
        (["1.234.567"], ","),
        (["12", "Undetermined", ""], "."),
    ],
)
def test_that_a_file_whose_numbers_say_so_decides_its_decimal_mark(texts: list[str], mark: str) -> None:
    assert mark == decide(*texts)


@pytest.mark.parametrize(
    "texts", [["118,248"], ["2,520", "4,614"], ["27.102", "1,250"], ["1,5", "2.5"], ["1,5", "5.720"]]
)
def test_that_an_undecidable_decimal_mark_is_a_question_with_its_place(texts: list[str]) -> None:
    with pytest.raises(UserError, match=r"^I003 line") as caught:
        decide(*texts)

    assert caught.value.place is not None


def test_that_an_answer_settles_the_decimal_mark() -> None:
    cells = [("118,248", Place(row=1))]

    assert 118.248 == decide_numbers(cells, DecimalMark.COMMA).parse("118,248")
    assert 118248 == decide_numbers(cells, DecimalMark.POINT).parse("118,248")


# --- dates ------------------------------------------------------------------------------------------------------------


def order_of(*texts: str, witnesses: list[str] | None = None) -> DateOrder | None:
    return decide_date_order([(text, Place(row=1)) for text in texts], None, witnesses=witnesses or [])


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["13/12/2022 04:41:09 PM"], DateOrder.DMY),
        (["04/11/2023", "04/23/2023"], DateOrder.MDY),
        (["2024-05-06 10:37:44 AM EDT"], None),
        (["12/12/2023"], DateOrder.DMY),  # both orders say the same day
        ([], None),
    ],
)
def test_that_dates_that_say_so_decide_their_order(texts: list[str], order: DateOrder | None) -> None:
    assert order == order_of(*texts)


def test_that_a_date_with_two_meanings_is_a_question() -> None:
    with pytest.raises(UserError, match=r"^I003 line 1"):
        order_of("03/04/2026")


def test_that_the_order_a_program_always_writes_settles_a_date_with_two_meanings_and_no_other() -> None:
    both, day_first = ("03/04/2026", None), ("13/04/2026", None)

    assert DateOrder.MDY is decide_date_order([both], None, usual=DateOrder.MDY)
    assert DateOrder.DMY is decide_date_order([both, day_first], None, usual=DateOrder.MDY)
    assert DateOrder.DMY is decide_date_order([both], DateOrder.DMY, usual=DateOrder.MDY)


def test_that_dates_nobody_keeps_still_show_the_order() -> None:
    assert DateOrder.MDY == order_of("03-10-2024 10:45:00 AM EST", witnesses=["01-15-2024"])


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2010-10-21 00:51:26 AM EDT", "2010-10-21T00:51:26-04:00"),
        ("2024-10-01 15:02:50 PM EST", "2024-10-01T15:02:50-05:00"),
        ("2010-10-20 12:11:26 PM EDT", "2010-10-20T12:11:26-04:00"),
        ("2026-03-04 12:05:00 AM CET", "2026-03-04T00:05:00+01:00"),
        ("2026-03-04 10:00:00 CST", "2026-03-04T10:00:00"),  # Chicago or Shanghai: no offset is better than a wrong one
        ("06/16/2022 04:38:28 PM(-07:00)", "2022-06-16T16:38:28-07:00"),
        ("24-Jul-2012 15:07:09", "2012-07-24T15:07:09"),
        ("2026-03-04", "2026-03-04"),
        ("1970-01-01 00:00:00", None),
        ("NA", None),
    ],
)
def test_that_an_instant_is_read_with_its_zone_when_the_zone_has_one_meaning(text: str, instant: str | None) -> None:
    assert instant == iso_instant(text, DateOrder.MDY)
