"""Which anchors there are, and all of them at once on the samples of a pass."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from console.backtest.anchors.boosted import boosted_hazard_late, boosted_late
from console.backtest.anchors.hazard import day_hazard_late
from console.backtest.anchors.histories import Floats, OrderTable, Samples
from console.backtest.anchors.rates import weekly_logistic
from console.backtest.anchors.simple import flag_open, stage_rule, survival


class AnchorSet(StrEnum):
    """How many of the anchors are asked for."""

    LIGHT = "light"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One row of the comparison."""

    name: str
    title: str
    is_probability: bool = True
    """False: a score that only ranks, without Brier score and calibration error."""
    is_boosted: bool = False
    """Needs LightGBM."""


ANCHORS = (
    Anchor("open", "flag everything open", is_probability=False),
    Anchor("rule", "rule: not handed over / transit over standard", is_probability=False),
    Anchor("survival", "residual-time survival by state pair, monthly refit"),
    Anchor("hazard", "count-table daily hazard, monthly refit"),
    Anchor("hazard_rates", "the same + logistic on streaming rates, weekly refit"),
    Anchor("lightgbm", "LightGBM, 40 features, monthly refit", is_boosted=True),
    Anchor("lightgbm_hazard", "LightGBM daily hazard, monthly refit", is_boosted=True),
    Anchor("lightgbm_hazard_rates", "LightGBM daily hazard + the same logistic", is_boosted=True),
)
Progress = Callable[[str, float], None]
"""Told which anchor is at work and what share of the samples it is through."""


def is_boosting_there() -> bool:
    """Return whether LightGBM can be imported."""
    return find_spec("lightgbm") is not None


def chosen_anchors(wanted: AnchorSet, *, is_boosted: bool) -> tuple[tuple[Anchor, ...], tuple[Anchor, ...]]:
    """Return the anchors to compute, and those asked for that cannot be."""
    asked = [one for one in ANCHORS if wanted is AnchorSet.ALL or not one.is_boosted]
    chosen = tuple(one for one in asked if is_boosted or not one.is_boosted)
    return chosen, tuple(one for one in asked if one not in chosen)


def anchor_scores(
    chosen: tuple[Anchor, ...], table: OrderTable, samples: Samples, on_progress: Progress
) -> dict[str, Floats]:
    """Return the score of every sample by each anchor; the higher, the likelier late."""
    found: dict[str, Floats] = {}
    for anchor in chosen:
        on_progress(anchor.title, 0.0)

        def onward(share: float, title: str = anchor.title) -> None:
            on_progress(title, share)

        if anchor.name.endswith("_rates"):
            base = found[anchor.name.removesuffix("_rates")]
            found[anchor.name] = weekly_logistic(table, samples, base, onward)
        else:
            found[anchor.name] = _fitted(anchor.name, table, samples, onward)
    return found


def _fitted(name: str, table: OrderTable, samples: Samples, onward: Callable[[float], None]) -> Floats:
    match name:
        case "open":
            return flag_open(samples)
        case "rule":
            return stage_rule(table, samples)
        case "survival":
            return survival(table, samples)
        case "hazard":
            return day_hazard_late(table, samples)
        case "lightgbm":
            return boosted_late(table, samples, onward)
        case _:
            assert name == "lightgbm_hazard", name
            return boosted_hazard_late(table, samples, onward)
