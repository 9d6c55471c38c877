import pytest

from labmon.kinetics.student_t import t_quantile


@pytest.mark.parametrize(
    ("degrees_of_freedom", "published"),
    [
        (1, 12.7062047362),
        (2, 4.3026527297),
        (3, 3.1824463053),
        (4, 2.7764451052),
        (10, 2.2281388520),
        (11, 2.2009851601),
        (120, 1.9799304051),
    ],
)
def test_that_the_two_sided_95_percent_quantile_is_the_published_one(degrees_of_freedom: int, published: float) -> None:
    assert published == pytest.approx(t_quantile(0.95, degrees_of_freedom), rel=1e-9)


def test_that_another_confidence_has_another_quantile() -> None:
    assert t_quantile(0.9, 1) == pytest.approx(6.3137515147)
    assert t_quantile(0.99, 7) == pytest.approx(3.4994832974)


def test_that_there_is_no_quantile_without_degrees_of_freedom() -> None:
    with pytest.raises(ValueError, match="0 degrees"):
        t_quantile(0.95, 0)
