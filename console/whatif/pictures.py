"""The pictures of an experiment, as SVG text with its letters as shapes: no font, no file, nothing to fetch.

Everything written in a picture is plain English of ours; names that files bring along stand in the page's tables.
"""

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from twin.stats import Interval
from twin.whatif import ArmResult, WhatIf

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette: told apart with any colour vision.
COLOURS = {"baseline": "#0072B2", "scenario": "#D55E00", "response": "#009E73"}
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "order-radar",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
}


def pictures(result: WhatIf) -> list[tuple[str, str]]:
    """Return (caption, SVG) of each picture of an experiment."""
    warm_up = int(str(result.manifest["warm_up_days"]))
    drawn: list[tuple[str, Callable[[Axes], None]]] = [
        ("Service level: share of each day's promises that were kept", lambda axes: _service(axes, result, warm_up)),
        ("Orders past their promise and not there", lambda axes: _overdue(axes, result, warm_up)),
        ("Orders inside at midnight", lambda axes: _open(axes, result, warm_up)),
        ("Lateness against the promise", lambda axes: _lateness(axes, result)),
    ]
    if any(arm.remedies for arm in result.arms):
        drawn.append(("Cost by remedy", lambda axes: _remedies(axes, result)))
    return [(caption, _svg(draw)) for caption, draw in drawn]


def _svg(draw: "Callable[[Axes], None]") -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 3.2), layout="constrained")  # no pyplot: no display, no global state
        axes = figure.subplots()
        draw(axes)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _path(axes: "Axes", arm: ArmResult, xs: Sequence[float], found: Sequence[Interval], scale: float = 1.0) -> None:
    """Draw a mean and its band."""
    known = [(x, one) for x, one in zip(xs, found, strict=True) if one.mean is not None]
    if not known:
        return
    days = [x for x, _ in known]
    means = [(one.mean or 0.0) * scale for _, one in known]
    low = [(one.mean if one.lo is None else one.lo) or 0.0 for _, one in known]
    high = [(one.mean if one.hi is None else one.hi) or 0.0 for _, one in known]
    colour = COLOURS[arm.name]
    axes.plot(days, means, color=colour, label=arm.name, linewidth=1.6)
    axes.fill_between(days, [one * scale for one in low], [one * scale for one in high], color=colour, alpha=0.18)


def _service(axes: "Axes", result: WhatIf, warm_up: int) -> None:
    for arm in result.arms:
        days = [float(day - warm_up) for day in range(len(arm.on_time_by_day))]
        _path(axes, arm, days, arm.on_time_by_day, 100)
    axes.set(ylabel="kept, %", xlabel="day of the promise, after the warm-up")
    axes.set_ylim(top=101)
    axes.legend(frameon=False)


def _overdue(axes: "Axes", result: WhatIf, warm_up: int) -> None:
    for arm in result.arms:
        days = [hour / 24 - warm_up for hour in range(len(arm.overdue_by_hour))]
        start = warm_up * 24
        _path(axes, arm, days[start:], arm.overdue_by_hour[start:])
    axes.set(ylabel="orders", xlabel="days after the warm-up")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)


def _open(axes: "Axes", result: WhatIf, warm_up: int) -> None:
    for arm in result.arms:
        days = [float(day - warm_up) for day in range(len(arm.open_by_day))]
        _path(axes, arm, days[warm_up:], arm.open_by_day[warm_up:])
    axes.set(ylabel="orders", xlabel="days after the warm-up")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)


def _lateness(axes: "Axes", result: WhatIf) -> None:
    edges = result.lateness_days
    names = [f"under {edges[0]:g}", *(f"{a:g} to {b:g}" for a, b in pairwise(edges))]
    names.append(f"over {edges[-1]:g}")
    width = 0.8 / len(result.arms)
    for number, arm in enumerate(result.arms):
        places = [index + (number - (len(result.arms) - 1) / 2) * width for index in range(len(names))]
        shares = [(one.mean or 0.0) * 100 for one in arm.lateness]
        axes.bar(places, shares, width, color=COLOURS[arm.name], label=arm.name)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_xticks(range(len(names)), names, rotation=35, ha="right")
    axes.set(ylabel="% of orders", xlabel="days later than promised (negative: early)")
    axes.legend(frameon=False)


def _remedies(axes: "Axes", result: WhatIf) -> None:
    arm = next(arm for arm in result.arms if arm.remedies)
    costs = sorted((found["cost"].mean or 0.0, name) for name, found in arm.remedies.items())
    axes.barh([name for _, name in costs], [cost for cost, _ in costs], color=COLOURS[arm.name])
    axes.set(xlabel="CNY a run")
    axes.tick_params(axis="y", labelsize=7)
