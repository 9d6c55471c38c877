import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.assays import standard_curve
from labmon.assays.standard_curve import PrintedCurve
from labmon.domain.run import CurvePoint


def points(slope: float, intercept: float, levels=(1, 2, 3, 4, 5)) -> list[CurvePoint]:
    return [CurvePoint(copies=10.0**level, cq=intercept + slope * level, is_standard=True) for level in levels]


@given(slope=st.floats(-4, -2), intercept=st.floats(30, 45))
def test_that_a_fit_finds_the_line_the_standards_lie_on(slope: float, intercept: float):
    curve = standard_curve.fit(points(slope, intercept))

    assert curve is not None
    assert curve.slope == pytest.approx(slope, rel=1e-9)
    assert curve.intercept == pytest.approx(intercept, rel=1e-9)
    assert curve.r_squared == pytest.approx(1)


def test_that_the_fit_is_ordinary_least_squares_of_cq_on_log10_copies():
    cqs = (35.1, 31.9, 28.2, 25.0)
    curve = standard_curve.fit([CurvePoint(copies=10.0**n, cq=cq, is_standard=True) for n, cq in enumerate(cqs, 1)])

    assert curve is not None
    assert curve.slope == pytest.approx(-3.4, rel=1e-12)  # by hand: (-1.5*35.1 - 0.5*31.9 + 0.5*28.2 + 1.5*25) / 5
    assert curve.intercept == pytest.approx(30.05 + 3.4 * 2.5, rel=1e-12)
    assert curve.r_squared == pytest.approx(57.8 / 57.85, rel=1e-9)
    assert curve.efficiency_pct == pytest.approx(96.842, abs=1e-3)
    assert curve.n_standards == 4


def test_that_one_level_or_a_flat_line_is_no_curve():
    assert standard_curve.fit([]) is None
    assert standard_curve.fit(points(-3.3, 38, levels=(3, 3, 3))) is None
    assert standard_curve.fit(points(0, 38)) is None
    assert standard_curve.judged(None, PrintedCurve(slope=-0.001, intercept=38, r_squared=1)) is None


def test_that_a_doubling_each_cycle_is_an_efficiency_of_100_percent():
    assert standard_curve.efficiency_pct(-1 / math.log10(2)) == pytest.approx(100)


def test_that_the_constants_of_the_file_are_the_ones_judged():
    fitted = standard_curve.fit(points(-3.30, 38))
    curve = standard_curve.judged(fitted, PrintedCurve(slope=-3.31, r_squared=0.99))

    assert curve is not None
    assert (curve.slope, curve.r_squared) == (-3.31, 0.99)
    assert curve.intercept == pytest.approx(38)
    assert curve.efficiency_pct == pytest.approx(standard_curve.efficiency_pct(-3.31))


def test_that_constants_the_standards_do_not_give_are_named(definitions):
    limits = definitions["transgene_qpcr"].qpcr.curve
    fitted = standard_curve.fit(points(-3.30, 38))

    found = standard_curve.disagreements(fitted, PrintedCurve(slope=-3.5, intercept=38.01, efficiency_pct=80), limits)

    assert [each.what for each in found] == ["slope", "efficiency"]
    assert standard_curve.disagreements(fitted, PrintedCurve(slope=-3.302, intercept=38.0), limits) == ()
    assert standard_curve.disagreements(None, PrintedCurve(slope=-3.5), limits) == ()


@given(copies=st.floats(0.1, 1e8))
def test_that_copies_come_back_from_their_own_cq(copies: float):
    curve = standard_curve.fit(points(-3.35, 38.5))

    assert curve is not None
    assert standard_curve.copies_at(curve, 38.5 - 3.35 * math.log10(copies)) == pytest.approx(copies, rel=1e-9)


def test_that_a_level_is_recovered_as_the_mean_of_its_wells():
    curve = standard_curve.fit(points(-3.32, 38))
    assert curve is not None
    step = 3.32 * math.log10(1.2)
    wells = [CurvePoint(copies=100, cq=38 - 3.32 * 2 - change, is_standard=True) for change in (step, -step)]

    assert standard_curve.recoveries(curve, wells)[100] == pytest.approx((120 + 100 / 1.2) / 2)
