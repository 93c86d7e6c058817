"""Uncertain figures of a declarative file: a length of time or a factor, with the way it varies.

A spread turns a luck - a uniform draw in [0, 1) made elsewhere - into a value (inverse distribution function), so the
same luck gives the same value in every arm of an experiment. There is no chance in here.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from radar.instant import SECOND_US
from scenarios.loader import Declared
from scenarios.scalars import Duration, Number, refused

_NORMAL = NormalDist()
_LUCK_MIN, _LUCK_MAX = 1e-9, 1 - 1e-9
_SHAPES = ("exactly", "uniform", "triangular", "exponential", "lognormal", "observed")


class TimeSpread(Declared):
    """A length of time: ``36h`` exactly, or one shape of how it varies."""

    exactly: Duration | None = None
    """What a plain ``36h`` means."""
    uniform: tuple[Duration, ...] | None = None
    """``[24h, 48h]``: anything between is equally likely."""
    triangular: tuple[Duration, ...] | None = None
    """``[24h, 36h, 72h]``: least, likeliest, most."""
    exponential: Duration | None = None
    """Mean: as of failures that do not age."""
    lognormal: Duration | None = None
    """Median; ``sigma`` stands beside it: as of repairs and durations with a long tail."""
    sigma: Number | None = None
    """Standard deviation of the logarithm of a ``lognormal``."""
    observed: tuple[Duration, ...] | None = None
    """Lengths seen in the past, each equally likely."""

    @model_validator(mode="after")
    def _is_one_shape(self) -> "TimeSpread":
        shapes = [name for name in _SHAPES if getattr(self, name) is not None]
        if len(shapes) != 1:
            found = " and ".join(shapes) or "no shape"
            raise refused(f"{found} where one shape is needed", "allowed: one of " + ", ".join(_SHAPES))
        if (self.lognormal is None) != (self.sigma is None):
            raise refused("lognormal and sigma do not come alone", "allowed: {lognormal: 36h, sigma: 0.5}")
        if self.sigma is not None and not 0 <= self.sigma <= 3:
            raise refused(f"sigma {self.sigma}", "allowed: 0 to 3")
        _check_points("uniform", self.uniform, 2)
        _check_points("triangular", self.triangular, 3)
        if self.observed is not None and not self.observed:
            raise refused("observed is empty", "allowed: at least one length")
        return self

    def at(self, luck: float) -> int:
        """Return the length in microseconds that a luck gives, in whole seconds."""
        return round(self._exact(min(max(luck, _LUCK_MIN), _LUCK_MAX)) / SECOND_US) * SECOND_US

    @property
    def typical(self) -> int:
        """Return the median in microseconds: what a forecaster would say."""
        return self.at(0.5)

    def _exact(self, luck: float) -> float:
        if self.exactly is not None:
            return self.exactly
        if self.exponential is not None:
            return -self.exponential * math.log1p(-luck)
        if self.lognormal is not None and self.sigma is not None:
            return self.lognormal * math.exp(self.sigma * _NORMAL.inv_cdf(luck))
        if self.observed is not None:
            return sorted(self.observed)[int(luck * len(self.observed))]
        return _between(self.uniform, self.triangular, luck)


class FactorSpread(Declared):
    """A factor: ``0.8`` exactly, or one shape of how it varies."""

    exactly: Number | None = None
    """What a plain ``0.8`` means."""
    uniform: tuple[Number, ...] | None = None
    """``[0.6, 1]``: anything between is equally likely."""
    triangular: tuple[Number, ...] | None = None
    """``[0.5, 0.8, 1]``: least, likeliest, most."""

    @model_validator(mode="after")
    def _is_one_shape(self) -> "FactorSpread":
        shapes = [name for name in _SHAPES[:3] if getattr(self, name) is not None]
        if len(shapes) != 1:
            found = " and ".join(shapes) or "no shape"
            raise refused(f"{found} where one shape is needed", "allowed: one of " + ", ".join(_SHAPES[:3]))
        _check_points("uniform", self.uniform, 2)
        _check_points("triangular", self.triangular, 3)
        least = self.exactly if self.exactly is not None else (self.uniform or self.triangular or (0.0,))[0]
        if least < 0:
            raise refused(f"{least} is negative", "allowed: 0 and above")
        return self

    def at(self, luck: float) -> float:
        """Return the factor that a luck gives."""
        if self.exactly is not None:
            return self.exactly
        return _between(self.uniform, self.triangular, luck)


def _check_points(name: str, points: Sequence[float] | None, count: int) -> None:
    if points is None:
        return
    if len(points) != count or list(points) != sorted(points):
        raise refused(f"{name} has {len(points)} figures or falls", f"allowed: {count}, ascending")


def _between(uniform: Sequence[float] | None, triangular: Sequence[float] | None, luck: float) -> float:
    """Return the inverse distribution function of a uniform or, without one, a triangular spread."""
    if uniform is not None:
        return uniform[0] + (uniform[1] - uniform[0]) * luck
    assert triangular is not None, "a spread has a shape"
    low, mode, high = triangular
    if high == low:
        return low
    if luck < (mode - low) / (high - low):
        return low + math.sqrt(luck * (high - low) * (mode - low))
    return high - math.sqrt((1 - luck) * (high - low) * (high - mode))


def _exactly(value: object) -> object:
    return {"exactly": value} if isinstance(value, str) else value


TimeLike = Annotated[TimeSpread, BeforeValidator(_exactly)]
"""``36h`` or a mapping with one shape."""
FactorLike = Annotated[FactorSpread, BeforeValidator(_exactly)]
"""``0.8`` or a mapping with one shape."""
