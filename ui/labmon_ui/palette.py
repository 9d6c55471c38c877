"""The colours of the window: one frozen palette for light and one for dark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a colour says. A word or a symbol always says it too."""

    TEXT = "text"
    TEXT2 = "text2"
    TEXT3 = "text3"
    ACCENT = "accent"
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    PURPLE = "purple"
    BLUE = "blue"
    ON_FILL = "on_fill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Every colour the window and its plots use, as #RRGGBB."""

    is_dark: bool
    window: str
    surface: str
    sunken: str
    selected: str
    line: str
    grid: str
    axis: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_fill: str
    on_fill: str
    red: str
    amber: str
    green: str
    purple: str
    blue: str
    red_tint: str
    amber_tint: str
    green_tint: str
    purple_tint: str
    blue_tint: str
    # Series: Okabe-Ito hues, some darkened on white. Labels beside marks use text or text2, never these.
    transgene: str
    car_cells: str
    car_percent: str
    b_cells: str
    mrd_flow: str
    mrd_ngs: str
    mrd_pcr: str
    exhaustion: str

    def tone(self, tone: Tone) -> str:
        colour: str = getattr(self, tone.value)
        return colour

    def tint(self, tone: Tone) -> str:
        """The pill's ground under a tone; neutral tones stand on the sunken colour."""
        match tone:
            case Tone.RED:
                return self.red_tint
            case Tone.AMBER:
                return self.amber_tint
            case Tone.GREEN:
                return self.green_tint
            case Tone.PURPLE:
                return self.purple_tint
            case Tone.BLUE:
                return self.blue_tint
            case Tone.ACCENT:
                return self.selected
            case _:
                return self.sunken


LIGHT = Palette(
    is_dark=False,
    window="#F4F5F7",
    surface="#FFFFFF",
    sunken="#ECEEF1",
    selected="#E9EDFB",
    line="#E2E5EA",
    grid="#EEF0F3",
    axis="#8A94A1",
    text="#1A2028",
    text2="#47505C",
    text3="#5F6977",
    accent="#3A56C5",
    accent_fill="#3A56C5",
    on_fill="#FFFFFF",
    red="#B3261E",
    amber="#8A5A00",
    green="#00704E",
    purple="#983C73",
    blue="#0067A3",
    red_tint="#FBEDEC",
    amber_tint="#FBF3E2",
    green_tint="#E8F4F0",
    purple_tint="#F8EDF3",
    blue_tint="#E7F1F8",
    transgene="#0072B2",
    car_cells="#D55E00",
    car_percent="#A66E00",
    b_cells="#008A65",
    mrd_flow="#3A434E",
    mrd_ngs="#A8467F",
    mrd_pcr="#0072B2",
    exhaustion="#5F6977",
)

DARK = Palette(
    is_dark=True,
    window="#14171B",
    surface="#1B1F24",
    sunken="#252A31",
    selected="#2A3356",
    line="#2D333B",
    grid="#252A31",
    axis="#6C7683",
    text="#E7EAEE",
    text2="#B4BCC7",
    text3="#96A0AD",
    accent="#9DB0F5",
    accent_fill="#4A63D3",
    on_fill="#FFFFFF",
    red="#FF8B82",
    amber="#EDB54A",
    green="#45CBA0",
    purple="#E094C0",
    blue="#6FBAEC",
    red_tint="#3A2323",
    amber_tint="#37301E",
    green_tint="#1C332C",
    purple_tint="#372633",
    blue_tint="#1D3040",
    transgene="#56B4E9",
    car_cells="#F08247",
    car_percent="#E69F00",
    b_cells="#2DBE95",
    mrd_flow="#D5DAE0",
    mrd_ngs="#DB8FBA",
    mrd_pcr="#56B4E9",
    exhaustion="#96A0AD",
)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two #RRGGBB colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
