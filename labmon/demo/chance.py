"""Chance that depends on a seed and a name: adding a patient or a visit changes nobody else's numbers."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

_NORMAL = NormalDist()


class Chance:
    """Draws by name. The same seed and name give the same number on every machine."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uniform(self, *name: object) -> float:
        """A number strictly between 0 and 1."""
        text = "/".join(map(str, (self._seed, *name)))
        drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
        return (drawn + 0.5) / (1 << 48)

    def normal(self, *name: object, within: float = 3.0) -> float:
        """A standard normal deviate no further from 0 than `within`."""
        low = _NORMAL.cdf(-within)
        return _NORMAL.inv_cdf(low + self.uniform(*name) * (1 - 2 * low))

    def integer(self, low: int, high: int, *name: object) -> int:
        """A whole number from low to high, both ends among them."""
        return low + int(self.uniform(*name) * (high - low + 1))

    def poisson(self, mean: float, *name: object) -> int:
        """A count with this mean; for a large one the normal approximation."""
        if mean > 200:
            return max(0, round(mean + math.sqrt(mean) * self.normal(*name)))
        wanted, count, share = self.uniform(*name), 0, math.exp(-mean)
        total = share
        while total < wanted and count < 1000:
            count += 1
            share *= mean / count
            total += share
        return count
