"""What every widget needs to look like the rest: the theme and the icons, passed together."""

from __future__ import annotations

from dataclasses import dataclass

from labmon_ui.icons import Icons
from labmon_ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Look:
    theme: Theme
    icons: Icons
