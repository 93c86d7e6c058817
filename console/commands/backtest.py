"""`radar backtest`: how good the warnings would have been on recorded events."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.options import DURATION, MODEL, FiniteRange

if TYPE_CHECKING:
    from console.backtest.anchors.comparison import AnchorRun
    from console.backtest.report import Report
    from console.backtest.settings import BacktestSettings
    from radar.instant import Instant
    from radar.outputs import StateRow
    from radar.rules import CostRules
    from radar.scoring import CostModel
    from streams.backtest import Replay
    from streams.model_files import Model


class LocalTimeType(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A date or time without offset, in local microseconds."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the local microseconds of a text."""
        from radar.wall_clock import local_us_of

        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None:
            self.fail(f"{value!r} is no local date, allowed: 2018-04-01, 2018-04-01T12:00", param, ctx)
        return local_us_of(moment)


_PLACE = click.Path(path_type=Path)


@click.command()
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--score-from", type=LocalTimeType(), metavar="T", help="Score promises from this local date on.")
@click.option("--score-until", type=LocalTimeType(), metavar="T", help="Score promises before this local date.")
@click.option(
    "--lead", type=DURATION, default="36h", show_default=True, metavar="D", help="Lead that counts as in time."
)
@click.option("--rules", "rules_path", type=_PLACE, metavar="F", help="Rules over the packaged ones.")
@click.option("--model", type=MODEL, metavar="MODEL", help="What the radar begins with, from `radar learn`.")
@click.option("--policy", default="rules", show_default=True, metavar="NAME", help="A policy of the rules, by name.")
@click.option(
    "--zone", metavar="Z", help="The data's local zone [what most orders name]; also for times without offset."
)
@click.option(
    "--include-undelivered", is_flag=True, help="Score also with the orders never delivered, beside the rest."
)
@click.option(
    "--lateness", type=DURATION, default="1h", show_default=True, metavar="D", help="How late events may come."
)
@click.option(
    "--anchors", type=click.Choice(["light", "all"]), help="Recompute the anchors beside; all: with LightGBM."
)
@click.option(
    "--by",
    "segments_by",
    multiple=True,
    type=click.Choice(["lane", "supplier", "carrier", "category", "area", "tier"]),
    help="Judge the largest segments apart; may be given again.",
)
@click.option(
    "--top", "segments_max", type=click.IntRange(1, 1000), default=20, show_default=True, help="Segments shown of each."
)
@click.option(
    "--usual-late", type=FiniteRange(0, 1), default=0.07, show_default=True, help="Largest share late of a usual month."
)
@click.option("--cost-action", type=FiniteRange(0), help="Cost of acting on a warning [that of the rules].")
@click.option("--cost-late", type=FiniteRange(0), help="Cost of a late order [that of the rules].")
@click.option("--effect", type=FiniteRange(0, 1), help="Share of it saved in time [that of the rules].")
@click.option(
    "--resamples", type=click.IntRange(0, 10_000), default=500, show_default=True, help="Bootstrap resamples."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the resamples.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), metavar="F.json", help="Write every figure; - prints it."
)
@click.option(
    "--warnings", "warnings_path", type=_PLACE, metavar="F.csv", help="Write the first warning of every order."
)
@click.option("--html", "html_path", type=_PLACE, metavar="F.html", help="Write tables and picture as one page.")
@click.option("--picture", "picture_path", type=_PLACE, metavar="F.png", help="Write the picture.")
def backtest(**asked: Any) -> None:
    """Judge the warnings on recorded events.

    All EVENTS files are merged by time and run once through the same rules as a live run, learning as they go. Orders
    whose promise lies in [--score-from, --score-until) are scored; docs/reference/backtest.md tells how.
    """
    from console.backtest.report import build_report
    from console.backtest.settings import data_files
    from console.backtest.writing import check_places

    settings = _settings(asked)
    json_path: Path | None = asked["json_path"]
    is_printed = str(json_path) == "-"
    places = {"--json": None if is_printed else json_path} | {
        f"--{name}": asked[f"{name}_path"] for name in ("warnings", "html", "picture")
    }
    check_places(places, [spec.path for spec in settings.specs])
    found, anchors = _replay(settings)
    _tell_bad_lines(found)
    report, scored = build_report(found, settings, data_files(settings.specs), anchors)
    _write(report, scored, found, settings, places)
    if is_printed:
        from console.backtest.writing import report_json

        click.echo(report_json(report), nl=False)
    else:
        _show(report)


def _settings(asked: dict[str, Any]) -> "BacktestSettings":
    from console.backtest.anchors.catalogue import AnchorSet
    from console.backtest.settings import BacktestSettings, parse_events
    from console.models import read_given
    from radar.errors import InputError
    from radar.instant import HOUR_US
    from radar.named_policies import with_policy
    from radar.scoring import Terms
    from radar.scoring_selection import Window
    from radar.wall_clock import WallClock
    from scenarios.rules import load_rules

    if asked["zone"] is not None:
        WallClock(asked["zone"])
    lead_h = asked["lead"] / HOUR_US
    if lead_h <= 0:
        raise InputError.at("--lead", "", "no lead at all", "allowed: more than 0s")
    bounds = {"since_us": asked["score_from"], "until_us": asked["score_until"]}
    window = Window(**{name: value for name, value in bounds.items() if value is not None})
    if window.since_us >= window.until_us:
        raise InputError.at("--score-until", "", "is not after --score-from")
    rules = with_policy(load_rules(asked["rules_path"]), asked["policy"])
    return BacktestSettings(
        specs=parse_events(asked["events"], asked["zone"]),
        rules=rules,
        window=window,
        terms=Terms(lead_h, _cost(asked, rules.prediction.cost)),
        lateness_us=asked["lateness"],
        zone=asked["zone"],
        is_undelivered_included=asked["include_undelivered"],
        resamples=asked["resamples"],
        seed=asked["seed"],
        anchors=None if asked["anchors"] is None else AnchorSet(asked["anchors"]),
        segments_by=tuple(dict.fromkeys(asked["segments_by"])),
        segments_max=asked["segments_max"],
        arguments=_as_given(asked),
        usual_late_max=asked["usual_late"],
        model=None if asked["model"] is None else read_given(asked["model"], rules),
    )


def _cost(asked: dict[str, Any], rules: "CostRules") -> "CostModel":
    """Return the costs of the rules, with those asked for in their place."""
    from radar.instant import HOUR_US
    from radar.scoring import CostModel

    def either(name: str, own: float) -> float:
        return own if asked[name] is None else asked[name]

    action, late = either("cost_action", rules.action), either("cost_late", rules.late)
    return CostModel(action, late, either("effect", rules.effect), rules.full_effect_us / HOUR_US)


def _as_given(asked: dict[str, Any]) -> dict[str, object]:
    """Return the options that decide the figures, as text where they are times."""
    from radar.wall_clock import local_text

    given: dict[str, object] = {}
    for name, value in asked.items():
        if name.endswith("_path") and name != "rules_path":
            continue
        if name in ("score_from", "score_until") and value is not None:
            given[name] = local_text(value)
        else:
            given[name] = str(value) if isinstance(value, Path) else value
    return given


def _replay(settings: "BacktestSettings") -> "tuple[Replay, AnchorRun | None]":
    """Return what the pass found, and the anchors' scores where they are asked for."""
    from console.backtest.anchors.comparison import run_anchors
    from console.backtest.anchors.histories import Histories
    from console.backtest.report import clock_of
    from console.backtest.settings import asked_horizons_us
    from radar.batch import Counters
    from radar.instant import Instant, to_datetime
    from streams.backtest import Onlookers, replay

    histories = None if settings.anchors is None else Histories()
    with _progress() as show:

        def on_progress(counters: Counters, clock: Instant) -> None:
            show(f"{counters.lines:,} lines, {to_datetime(clock):%Y-%m-%d}")

        watched = None if histories is None else histories.observe
        onlookers = Onlookers(on_progress, watched, _beginning(settings.model))
        found = replay(
            settings.specs,
            settings.rules,
            settings.lateness_us,
            asked_horizons_us(settings.rules),
            onlookers,
        )
        if settings.anchors is None or histories is None:
            return found, None
        clock = clock_of(found, settings)
        anchors = run_anchors(
            settings.anchors, histories, found.answers, clock, lambda name, share: show(f"anchors: {name}, {share:.0%}")
        )
    return found, anchors


def _beginning(model: "Model | None") -> "Callable[[Instant | None], Sequence[StateRow]]":
    """Return what gives the radar its experience once the first event is known, and warns of one that looks ahead."""
    from console.models import tell
    from streams.model_store import rows_before

    def begin(begins_at: "Instant | None") -> "Sequence[StateRow]":
        if model is None:
            return ()
        rows, said = rows_before(model, begins_at)
        if said is not None:
            tell(said)
        return rows

    return begin


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
    """Show how far the work is on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _text: None
        return
    with console.status("reading") as line:
        yield lambda text: line.update(escape(text))


def _tell_bad_lines(found: "Replay") -> None:
    """Say on stderr which lines were put aside; they are no reason to stop."""
    if not found.counters.dead:
        return
    reasons = ", ".join(f"{count} {name}" for name, count in found.dead.most_common())
    click.echo(f"{found.counters.dead} of {found.counters.lines} lines are bad and left out: {reasons}", err=True)
    for letter in found.letters[:3]:
        click.echo(f"  {letter.stream}: byte {letter.offset}: {letter.detail}", err=True)


def _write(
    report: "Report", scored: Any, found: "Replay", settings: "BacktestSettings", places: dict[str, Path | None]
) -> None:
    """Write the files asked for."""
    from console.backtest.report import clock_of, warning_lines
    from console.backtest.writing import report_json, warnings_csv, write_whole

    if (path := places["--json"]) is not None:
        write_whole(path, report_json(report))
    if (path := places["--warnings"]) is not None:
        write_whole(path, warnings_csv(warning_lines(found, clock_of(found, settings))))
    if places["--html"] is not None or places["--picture"] is not None:
        from console.backtest.page import report_page
        from console.backtest.picture import picture_png

        picture = picture_png(report, scored)
        if (path := places["--picture"]) is not None:
            write_whole(path, picture)
        if (path := places["--html"]) is not None:
            write_whole(path, report_page(report, picture).encode())


def _show(report: "Report") -> None:
    """Print the tables."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from console.backtest.tables import headline, report_tables

    console = Console(width=None if Console().is_terminal else 160)
    console.print(headline(report), highlight=False, markup=False)
    for one in report_tables(report):
        # As plain text: names of the data and "[bench]" are no markup.
        caption = Text(one.note) if one.note else None
        table = Table(title=Text(one.title), title_justify="left", caption=caption, caption_justify="left")
        for index, name in enumerate(one.header):
            table.add_column(
                Text(name), justify="right" if index else "left", no_wrap=not index and len(one.header) > 1
            )
        for row in one.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
