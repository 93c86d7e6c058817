"""`radar ahead`: what the next seven days ask of every line, warehouse, lane and area, against what it can do."""

import click

KINDS = ("line", "warehouse", "lane", "area")
RESULT_VERSION = 1


@click.command()
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file, as `radar run` wrote it.")
@click.option("--kind", type=click.Choice(KINDS), help="Places of one kind only.")
@click.option("--language", type=click.Choice(["en", "zh-CN", "zh-TW"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ahead(store_url: str, kind: str | None, language: str, *, as_json: bool) -> None:
    """Show the load of the next seven days, the fullest places first.

    Each cell is a share of what the place can do on that day; what a day cannot do waits for the next. The plan is
    made at midnight UTC; a day of it that asks too much raises a warning (`radar explain line:L2` tells more).
    """
    import msgspec

    from console.explain.ahead import ahead_record, ahead_screen, fullest
    from streams.dossier import read_plans

    clock, plans = read_plans(store_url)
    chosen = fullest({key: plan for key, plan in plans.items() if kind is None or key.startswith(f"{kind}:")})
    if as_json:
        click.echo(msgspec.json.encode(ahead_record(RESULT_VERSION, clock, chosen)).decode())
        return
    from datetime import UTC

    from rich.console import Console

    from console.explain.words import Words

    console = Console(width=None if Console().is_terminal else 160)
    console.print(ahead_screen(clock, chosen, Words(language, UTC)))
