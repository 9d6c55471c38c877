import dataclasses

import pytest

from labmon_ui.palette import DARK, LIGHT, Palette, Tone, contrast

SERIES = (
    "transgene",
    "car_cells",
    "car_percent",
    "b_cells",
    "mrd_flow",
    "mrd_ngs",
    "mrd_pcr",
    "exhaustion",
)
palettes = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def test_that_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@palettes
@pytest.mark.parametrize("tone", [tone for tone in Tone if tone is not Tone.ON_FILL])
def test_that_text_in_every_tone_can_be_read_on_every_ground(palette: Palette, tone: Tone) -> None:
    grounds = (palette.surface, palette.window, palette.sunken, palette.selected)

    assert min(contrast(palette.tone(tone), ground) for ground in grounds) >= 4.5


@palettes
def test_that_text_can_be_read_on_the_primary_button(palette: Palette) -> None:
    assert contrast(palette.on_fill, palette.accent_fill) >= 4.5


@palettes
@pytest.mark.parametrize("tone", [tone for tone in Tone if tone is not Tone.ON_FILL])
def test_that_a_pill_can_be_read_on_its_own_tint(palette: Palette, tone: Tone) -> None:
    assert contrast(palette.tone(tone), palette.tint(tone)) >= 4.5


@palettes
@pytest.mark.parametrize("series", SERIES)
def test_that_a_series_stands_out_from_the_canvas(palette: Palette, series: str) -> None:
    assert contrast(getattr(palette, series), palette.surface) >= 3.0


@palettes
def test_that_every_colour_is_written_in_full(palette: Palette) -> None:
    colours = [value for value in dataclasses.asdict(palette).values() if isinstance(value, str)]

    assert len(colours) > 30
    assert all(len(colour) == 7 and int(colour[1:], 16) >= 0 for colour in colours)
