import math

from labmon.domain.run import CurvePoint, StandardCurve
from labmon.reports.curve_figure import curve_spec


def curve(*points: CurvePoint) -> StandardCurve:
    return StandardCurve(
        slope=-3.4, intercept=38.4, r_squared=0.999, efficiency_pct=97.0, n_standards=len(points), points=points
    )


def standard(copies: float, cq: float) -> CurvePoint:
    return CurvePoint(copies=copies, cq=cq, is_standard=True)


def test_that_the_line_ends_where_the_standards_end() -> None:
    sample = CurvePoint(copies=2.0, cq=37.0, is_standard=False)
    spec = curve_spec(curve(standard(10, 35.0), standard(100_000, 21.4), sample))

    assert spec is not None
    (low, cq_low), (high, cq_high) = spec.line
    assert (10, 100_000) == (low, high)
    assert math.isclose(35.0, cq_low)
    assert math.isclose(21.4, cq_high)


def test_that_every_point_and_the_lloq_lie_on_the_axes() -> None:
    sample = CurvePoint(copies=2.0, cq=37.0, is_standard=False)
    spec = curve_spec(curve(standard(10, 35.0), standard(100_000, 21.4), sample), 0.5)

    assert spec is not None
    assert spec.lloq is not None
    assert all(spec.copies.low < value < spec.copies.high for value in (0.5, 2.0, 10, 100_000))
    assert all(spec.cycles.low < value < spec.cycles.high for value in (37.0, 21.4))


def test_that_every_decade_has_its_tick_written_out() -> None:
    spec = curve_spec(curve(standard(10, 35.0), standard(100_000, 21.4)))

    assert spec is not None
    assert ["10", "100", "1000", "10\u2009000", "100\u2009000"] == [tick.text for tick in spec.copies.ticks]


def test_that_a_curve_without_standards_has_no_picture() -> None:
    assert curve_spec(curve(CurvePoint(copies=20.0, cq=30.0, is_standard=False))) is None
