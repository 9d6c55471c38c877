"""The transgene of a list row."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from labmon.domain.quantity import ValueState
from labmon_ui.palette import LIGHT
from labmon_ui.plotting.sparkline import SparkPoint, paint_sparkline

Q, B, N = ValueState.QUANTIFIED, ValueState.DETECTED_BELOW_LLOQ, ValueState.NOT_DETECTED
RISE: tuple[SparkPoint, ...] = ((3, 2.5, Q), (7, 4.2, Q), (10, 4.6, Q), (28, 3.5, Q))


def painted(*points: SparkPoint, limit: float | None = None) -> QImage:
    image = QImage(96, 24, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(LIGHT.surface))
    painter = QPainter(image)
    paint_sparkline(painter, QRectF(0, 0, 96, 24), points, LIGHT, limit)
    painter.end()
    return image


def inked(image: QImage) -> set[tuple[int, int]]:
    ground = QColor(LIGHT.surface)
    return {(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) != ground}


def filled_at(image: QImage, x: int, y: int) -> bool:
    return image.pixelColor(x, y) == QColor(LIGHT.transgene)


def test_that_a_course_is_a_line_with_a_filled_end(qapp) -> None:
    assert len(inked(painted(*RISE))) > 20


def test_that_a_last_value_not_detected_is_a_stroke_at_the_foot(qapp) -> None:
    ink = inked(painted((7, 4.0, Q), (60, None, N)))

    assert ink
    assert min(y for _, y in ink) >= 18


def test_that_not_detected_breaks_the_line(qapp) -> None:
    joined, broken = painted((7, 3.0, Q), (28, 3.0, Q)), painted((7, 3.0, Q), (14, None, N), (28, 3.0, Q))

    assert len(inked(broken)) < len(inked(joined))


def test_that_a_last_value_below_the_limit_is_open(qapp) -> None:
    filled, opened = painted((28, 3.0, Q)), painted((28, 3.0, B))
    (x, y) = max(inked(filled), key=lambda at: (at in inked(opened) and 0) or 1)

    assert filled_at(filled, x, y)
    assert not filled_at(opened, x, y)


def test_that_the_limit_is_a_dotted_line(qapp) -> None:
    plain, limited = painted(*RISE), painted(*RISE, limit=1.7)

    assert plain != limited


def test_that_a_row_without_results_paints_nothing(qapp) -> None:
    assert painted() == painted(limit=None)
    assert not inked(painted())


def test_that_days_beyond_a_year_stand_at_the_end(qapp) -> None:
    assert max(x for x, _ in inked(painted((800, 3.0, Q)))) < 96
