"""`radar explain`: one order's milestones, due times, warnings and reasons; or what was said of a place."""

from pathlib import Path

import click

PLACES = (
    *("line:", "item:", "shelf:", "warehouse:", "lane:", "area:"),
    *("carrier:", "category:", "source:", "drift:"),
)
"""First parts of the names of what warnings are about besides orders."""


@click.command()
@click.argument("order", metavar="ORDER")
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file, as `radar run` wrote it.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh-CN", "zh-TW"]),
    default="en",
    show_default=True,
    help="Language of the text.",
)
@click.option("--zone", metavar="Z", help="Zone times are shown in [the order's own, else UTC].")
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), metavar="F", help="Rules the run had.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(
    order: str, store_url: str, language: str, zone: str | None, rules_path: Path | None, as_json: bool
) -> None:
    """Show why an order stands where it stands.

    Its milestones and how each due time came about, the probability of being late now, and every warning with its
    changes and reasons. Of a place (line:L2, shelf:lamp@north, area:north, source:wms) the warnings alone.
    """
    if order.startswith(PLACES):
        _explain_place(order, store_url, language, zone or "UTC", as_json=as_json)
        return
    import msgspec

    from console.explain.record import explanation
    from console.explain.words import Words
    from radar.errors import InputError
    from radar.wall_clock import zone_of
    from scenarios.rules import load_rules
    from streams.dossier import read_dossier

    shown_in = None if zone is None else zone_of(zone)
    rules = load_rules(rules_path)
    dossier = read_dossier(store_url, order, rules)
    name = zone or dossier.order.zone or "UTC"
    try:
        words = Words(language, shown_in or zone_of(name))
    except InputError:  # what the order's source calls its zone need not be one
        name = "UTC"
        words = Words(language, zone_of(name))
    if as_json:
        click.echo(msgspec.json.encode(explanation(dossier, rules, words)).decode())
        return
    from rich.console import Console

    from console.explain.screen import screen

    console = Console(width=None if Console().is_terminal else 160)
    console.print(screen(dossier, rules, words, name))


def _explain_place(entity: str, store_url: str, language: str, zone: str, *, as_json: bool) -> None:
    import msgspec
    from rich.console import Console

    from console.explain.record import place_story
    from console.explain.screen import place_screen
    from console.explain.words import Words
    from radar.wall_clock import zone_of
    from streams.dossier import read_place

    words = Words(language, zone_of(zone))
    dossier = read_place(store_url, entity)
    if as_json:
        click.echo(msgspec.json.encode(place_story(dossier, words)).decode())
        return
    console = Console(width=None if Console().is_terminal else 160)
    console.print(place_screen(dossier, words, zone))
