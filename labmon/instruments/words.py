"""One spelling for the words of headings and closed vocabularies: case, widths, look-alike letters, the micro sign."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Cyrillic letters that stand in Latin words (the U+0442 of Applied Biosystems' "Ct" first of all), then Greek ones.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0432\u0441\u0435\u043d\u043a\u043c\u043e\u0440\u0442\u0445\u0443\u0456\u0455" + "\u03bf\u03bd\u03c4",
    "abcehkmoptxyis" + "ovt",
) | {
    ord("μ"): "u",  # NFKC makes this one of the micro sign too
    ord("\u03b4"): "delta ",
    0xFFFD: "u",  # a micro sign that lost its code page
}
_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_JOINTS = re.compile(r"(?<=[a-z0-9])[._]+(?=[a-z(])")
_REPAIRED = re.compile("[\u0430-\u0456\u0455\u03bf\ufffd]|\u00e2\u03bc")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The text in small Latin letters with single spaces: "Cт  Mean" and "CT MEAN" are both "ct mean", "R²" is "r2"."""
    # ® and ™ go before NFKC makes letters of them; "Âµ" is a micro sign read in the wrong code page.
    text = text.replace("®", " ").replace("™", " ").replace("Âµ", "µ")
    folded = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold().translate(_LOOK_ALIKES)).strip()
    # Tables that went through R or a database have Well.Position and Ct_Mean.
    return folded if " " in folded else _JOINTS.sub(" ", folded)


def is_repaired(text: str) -> bool:
    """Whether reading the text took the repair of a look-alike or damaged character."""
    return bool(_REPAIRED.search(unicodedata.normalize("NFKC", text).casefold()))


def unit(text: str) -> str:
    """A unit's spelling with the micro sign as u and the litre as L: "ng/µl" and "NG/uL" are "ng/uL"."""
    words = plain(text).replace(" ", "")
    return re.sub(r"/([munp]?)l\b", r"/\1L", words)
