"""A figure as a file: PNG, SVG or PDF through the same drawing as on the screen.

The scene is painted in pyqtgraph's export mode by one QPainter whose device counts 96 dots an inch, so a pixel of the
figure is a unit of the file and neither ticks nor points can move against each other at another resolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMarginsF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter, QResizeEvent
from PySide6.QtSvg import QSvgGenerator

from labmon.reports.figures import FigureSpec
from labmon_ui.palette import Palette
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.ink import ensure_fonts

DOTS_PER_INCH = 96
WIDTH = 792
HEIGHT = 768


@contextmanager
def _canvas(spec: FigureSpec, palette: Palette, width: int, height: int, text_scale: float) -> Iterator[TimelineCanvas]:
    """The whole figure laid out at a size, on a canvas nobody sees; taller when the panels need it."""
    ensure_fonts()
    canvas = TimelineCanvas(palette, text_scale=text_scale)
    try:
        canvas.resize(width, height)
        canvas.set_spec(spec)
        size = QSize(width, max(height, canvas.minimumHeight()))
        canvas.resize(size)
        # A widget that is never shown gets no resize event by itself.
        QCoreApplication.sendEvent(canvas, QResizeEvent(size, QSize()))
        yield canvas
    finally:
        canvas.close()
        canvas.deleteLater()


def paint(canvas: TimelineCanvas, device: QPaintDevice) -> None:
    """Paints all of a canvas on a device, one figure pixel a logical one."""
    target = QRectF(0, 0, canvas.width(), canvas.height())
    scene = canvas.scene()
    items = [item for item in scene.items() if hasattr(item, "setExportMode")]
    for item in items:
        item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
    painter = QPainter(device)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        scene.prepareForPaint()
        painter.fillRect(target, canvas.surface_colour)
        scene.render(painter, target, target)
    finally:
        painter.end()
        for item in items:
            item.setExportMode(False)


def image(
    spec: FigureSpec,
    palette: Palette,
    width: int = WIDTH,
    height: int = HEIGHT,
    dpr: float = 2.0,
    text_scale: float = 1.0,
) -> QImage:
    """The figure as a picture of width x height logical pixels at `dpr` device pixels each."""
    with _canvas(spec, palette, width, height, text_scale) as canvas:
        made = QImage(canvas.size() * dpr, QImage.Format.Format_ARGB32_Premultiplied)
        made.setDevicePixelRatio(dpr)
        made.fill(canvas.surface_colour)
        paint(canvas, made)
        return made


def render_png(
    spec: FigureSpec,
    path: Path,
    palette: Palette,
    width: int = WIDTH,
    height: int = HEIGHT,
    dpr: float = 2.0,
    text_scale: float = 1.0,
) -> None:
    """Writes the figure as PNG. Raises OSError when the file cannot be written."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(image(spec, palette, width, height, dpr, text_scale))
    path.write_bytes(content.data())


def render_svg(
    spec: FigureSpec, path: Path, palette: Palette, width: int = WIDTH, height: int = HEIGHT, text_scale: float = 1.0
) -> None:
    """Writes the figure as SVG, words as text. Raises OSError when the file cannot be written."""
    content = QByteArray()
    buffer = QBuffer(content)
    with _canvas(spec, palette, width, height, text_scale) as canvas:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(DOTS_PER_INCH)
        generator.setSize(canvas.size())
        generator.setViewBox(QRect(0, 0, canvas.width(), canvas.height()))
        generator.setTitle(spec.title)
        paint(canvas, generator)
    path.write_bytes(content.data())


def render_pdf(
    spec: FigureSpec, path: Path, palette: Palette, width: int = WIDTH, height: int = HEIGHT, text_scale: float = 1.0
) -> None:
    """Writes the figure as a PDF page of its own size. Raises OSError when the file cannot be written."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    with _canvas(spec, palette, width, height, text_scale) as canvas:
        writer = QPdfWriter(buffer)
        writer.setResolution(DOTS_PER_INCH)
        writer.setTitle(spec.title)
        writer.setCreator("labmon")
        points = QSizeF(canvas.width(), canvas.height()) * (72 / DOTS_PER_INCH)
        page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
        writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
        paint(canvas, writer)
    path.write_bytes(content.data())
