from datetime import date

import pytest

from labmon.trial.age import completed_years


@pytest.mark.parametrize(
    ("born", "when", "years"),
    [
        ("2000-05-10", "2024-05-09", 23),
        ("2000-05-10", "2024-05-10", 24),
        ("2004-02-29", "2023-02-28", 18),
        ("2004-02-29", "2023-03-01", 19),
        ("2004-02-29", "2024-02-29", 20),
    ],
)
def test_that_a_year_is_completed_on_the_birthday(born: str, when: str, years: int) -> None:
    assert years == completed_years(date.fromisoformat(born), date.fromisoformat(when))
