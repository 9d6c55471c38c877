"""Quantiles of Student's t for whole degrees of freedom, by the finite sums of its distribution."""

from __future__ import annotations

import math
from functools import lru_cache

_HALVINGS = 60
"""Of an angle below π/2: beyond the last digit of a double."""


@lru_cache(maxsize=256)
def t_quantile(confidence: float, degrees_of_freedom: int) -> float:
    """The t that |T| exceeds with probability 1 - `confidence` (two-sided)."""
    if degrees_of_freedom < 1 or not 0 < confidence < 1:
        raise ValueError(f"no t quantile for {degrees_of_freedom} degrees of freedom at {confidence}")
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _within(middle, degrees_of_freedom) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees_of_freedom) * math.tan((low + high) / 2)


def _within(angle: float, degrees_of_freedom: int) -> float:
    """P(|T| <= √ν · tan(angle)); Abramowitz and Stegun 26.7.3 and 26.7.4."""
    cosine, sine = math.cos(angle), math.sin(angle)
    is_odd = degrees_of_freedom % 2 == 1
    term = cosine if is_odd else 1.0
    total = 0.0
    for k in range(3 if is_odd else 2, degrees_of_freedom + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    return 2 / math.pi * (angle + sine * total) if is_odd else sine * total
