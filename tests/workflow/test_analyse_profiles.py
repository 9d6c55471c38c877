from pathlib import Path

import pytest

from labmon.domain.errors import UserError
from labmon.workflow.analyse_profiles import analyse_profiles

HEAD = "profile,time_days,value,value_state,lloq\n"


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "profiles.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_that_profiles_may_be_interleaved_and_keep_their_order(tmp_path: Path) -> None:
    rows = "B,0,,not_detected,50\nA,0,,not_detected,50\nB,28,1000,quantified,50\nA,28,,no_result,\n"
    second, first = analyse_profiles(table(tmp_path, HEAD + rows))

    assert ("B", 14_000.0) == (second.profile, second.parameters["auc_0_28"])
    assert ("A", "never_quantified") == (first.profile, first.withheld["cmax"])


def test_that_a_parameter_is_a_number_or_named_as_withheld(tmp_path: Path) -> None:
    (one,) = analyse_profiles(table(tmp_path, HEAD + "A,7,1000,quantified,50\n"))

    assert {name for name, value in one.parameters.items() if value is None} == set(one.withheld)


def test_that_a_number_beside_a_state_below_lloq_is_not_used(tmp_path: Path) -> None:
    rows = "A,0,0,not_detected,50\nA,10,1000,quantified,50\nA,20,49,detected_below_lloq,50\nA,28,0,not_detected,50\n"
    (one,) = analyse_profiles(table(tmp_path, HEAD + rows))

    assert (10, 5000) == (one.parameters["tlast"], one.parameters["auc_0_28"])


def test_that_a_number_above_its_lloq_beside_a_state_below_it_is_named_and_not_used(tmp_path: Path) -> None:
    rows = "A,0,0,not_detected,50\nA,10,1000,quantified,50\nA,20,50,not_detected,50\n"
    (one,) = analyse_profiles(table(tmp_path, HEAD + rows))

    assert (10, 5000) == (one.parameters["tlast"], one.parameters["auc_0_tlast"])
    (issue,) = one.issues
    assert "K610" == issue.code
    assert issue.message.startswith(
        "Profile A on day 20 is called not detected and carries 50.0, not below its LLOQ 50."
    )


def test_that_a_byte_order_mark_and_foreign_line_ends_do_not_matter(tmp_path: Path) -> None:
    text = (HEAD + "A,0,,not_detected,50\nA,28,1000,quantified,50\n").replace("\n", "\r\n")

    assert 14_000 == analyse_profiles(table(tmp_path, text, "utf-8-sig"))[0].parameters["auc_0_28"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'I020 The column "profile" is missing'),
        ("profile,time_days,value,lloq\n", 'I020 The column "value_state" is missing'),
        (HEAD.replace("lloq", "lloq,value"), 'K609 The column "value" stands there 2 times'),
        (HEAD + "A,0,,absent,50\n", 'K609 line 2: value_state is "absent", not one of quantified'),
        (HEAD + "A,0,1000,,50\n", 'K609 line 2: value_state is "", not one of'),
        (HEAD + "A,0,,quantified,50\n", 'K609 line 2: value is "", not the number of a quantified sample'),
        (HEAD + 'A,0,"1000,5",quantified,50\n', 'K609 line 2: value is "1000,5", not a number with a decimal point'),
        (HEAD + "A,0,10,quantified,0,5\n", "K609 line 2: The row has more cells than headings"),
        (HEAD + "A,0,inf,quantified,50\n", 'K609 line 2: value is "inf"'),
        (HEAD + "A,0,NaN,quantified,50\n", 'K609 line 2: value is "NaN"'),
        (HEAD + "A,1_0,100,quantified,50\n", 'K609 line 2: time_days is "1_0"'),
        (HEAD + "A,0,1e308,quantified,50\n", 'K609 line 2: value is "1e308", not a number from 0 to 1e+15'),
        (HEAD + "A,0,-3,quantified,50\n", 'K609 line 2: value is "-3", not a number from 0'),
        (HEAD + "A,0,3,quantified,-5\n", 'K609 line 2: lloq is "-5", not a number from 0'),
        (HEAD + "A,,1000,quantified,50\n", 'K609 line 2: time_days is "", not a number of days'),
        (HEAD + ",7,1000,quantified,50\n", 'K609 line 2: profile is "", not the name of a profile'),
        (HEAD + "A,7\n", 'K609 line 2: value_state is ""'),
        pytest.param(HEAD + "A" * 200_000, "I002 line", id="a cell without end"),
    ],
)
def test_that_a_table_that_cannot_be_read_whole_is_refused_with_the_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(UserError) as refused:
        analyse_profiles(table(tmp_path, text))

    assert str(refused.value).startswith(sentence)


def test_that_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="I002"):
        analyse_profiles(table(tmp_path, HEAD, "utf-16"))


def test_that_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="I011"):
        analyse_profiles(tmp_path / "absent.csv")
