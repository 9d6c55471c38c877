from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import Sample
from labmon.kinetics.sample_issues import sample_issues

NOT_DETECTED = ValueState.NOT_DETECTED
QUANTIFIED = ValueState.QUANTIFIED


def said(*samples: Sample) -> list[tuple[str, str]]:
    return [(issue.code, issue.message) for issue in sample_issues("P7", samples)]


def test_that_an_ordinary_profile_has_no_issue() -> None:
    assert [] == said(Sample(0, None, NOT_DETECTED, 50), Sample(7, 900, QUANTIFIED, 50), Sample(9, 50, QUANTIFIED, 50))


def test_that_samples_before_day_0_are_named_since_they_are_left_out() -> None:
    assert [
        ("K606", "Profile P7 holds 2 samples before day 0: day −7, day −1.5. They are no part of the parameters.")
    ] == said(Sample(-1.5, None, NOT_DETECTED), Sample(-7, None, NOT_DETECTED), Sample(-2, None, ValueState.INVALID))


def test_that_a_value_quantified_at_the_infusion_is_named() -> None:
    assert [("K605", "Profile P7 is quantified on day 0, the moment of the infusion.")] == said(
        Sample(0, 60, QUANTIFIED, 50)
    )


def test_that_two_samples_of_one_time_are_named() -> None:
    first, second = Sample(7.5, 60, QUANTIFIED, 50), Sample(7.5, None, NOT_DETECTED, 50)

    assert [("K602", "Two results of profile P7 on day 7.5.")] == said(first, second)


def test_that_a_value_outside_its_own_limits_is_named() -> None:
    assert [
        ("K607", "Profile P7 on day 7 is quantified at 49.0, outside its own limits: LLOQ 50."),
        ("K607", "Profile P7 on day 9 is quantified at 2000, outside its own limits: LLOQ 50, ULOQ 1000."),
    ] == said(Sample(7, 49, QUANTIFIED, 50), Sample(9, 2000, QUANTIFIED, 50, 1000))
