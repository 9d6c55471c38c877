"""The published population model a patient's curve is drawn towards, as a file under resources/kinetics states it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from labmon.domain.clinical import Costimulation
from labmon.domain.errors import UserError
from labmon.domain.quantity import Unit
from labmon.resources import read_text

PARAMETERS = ("fold_expansion", "tmax", "cmax", "alpha", "persisting_fraction", "beta")
"""In the order of every vector of parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePriors:
    """A normal prior on the transformed parameters (logarithms; log odds of the fraction), and what a fit needs."""

    id: str
    source: str
    unit: Unit
    costimulation: tuple[Costimulation, ...]
    means: tuple[float, ...]
    variances: tuple[float, ...]
    residual_sd: float
    """Of ln(value) around the curve."""
    minimum_quantified: int
    horizon_days: float
    interval: float


@lru_cache(maxsize=8)
def load_priors(name: str = "stein_2019") -> CurvePriors:
    """The priors of resources/kinetics/`name`.toml. Raises UserError K608 for a file that cannot be used."""
    try:
        table = tomllib.loads(read_text("kinetics", f"{name}.toml"))
        return _priors(table)
    except FileNotFoundError as error:
        raise UserError("K608", detail=f"{name}.toml is missing") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError("K608", detail=f"{name}.toml: {error}") from error
    except KeyError as error:
        raise UserError("K608", detail=f"{name}.toml states no {error.args[0]}") from error
    except (TypeError, ValueError) as error:
        raise UserError("K608", detail=f"{name}.toml: {error}") from error


def _priors(table: Mapping[str, Any]) -> CurvePriors:
    parameters, fit = table["parameters"], table["fit"]
    means, variances = [], []
    for name in PARAMETERS:
        typical, variance = float(parameters[name]["typical"]), float(parameters[name]["variance"])
        if not (typical > 0 and variance > 0):
            raise ValueError(f"{name} needs a typical value and a variance above 0")
        odds = typical / (1 - typical) if name == "persisting_fraction" else typical
        means.append(math.log(odds))
        variances.append(variance)
    residual_sd = float(table["residual"]["sd_ln"])
    interval = float(fit["interval"])
    if not residual_sd > 0 or not 0 < interval < 1:
        raise ValueError("sd_ln lies above 0, interval between 0 and 1")
    return CurvePriors(
        id=str(table["id"]),
        source=str(table["source"]),
        unit=Unit(table["unit"]),
        costimulation=tuple(Costimulation(each) for each in table["costimulation"]),
        means=tuple(means),
        variances=tuple(variances),
        residual_sd=residual_sd,
        minimum_quantified=int(fit["minimum_quantified"]),
        horizon_days=float(fit["horizon_days"]),
        interval=interval,
    )
