"""`radar schema`: the event contract as JSON Schema."""

from pathlib import Path

import click

from console.options import OUT_FILE
from radar.errors import InputError


@click.command()
@click.argument("kind", required=False)
@click.option("--out", type=OUT_FILE, metavar="F.json", help="Write to this file instead of stdout.")
def schema(kind: str | None, out: Path | None) -> None:
    """Write the event contract as JSON Schema.

    KIND names one kind of event (order.placed or order.placed.v1); without it the schema covers them all.
    """
    from streams.schema import schema_bytes

    text = schema_bytes(None if kind is None else _known(kind))
    if out is None:
        click.echo(text, nl=False)
    else:
        try:
            out.write_bytes(text)
        except OSError as error:
            raise InputError.at("--out", str(out), f"cannot be written: {error.strerror}") from error


def _known(kind: str) -> str:
    """Return the full name of a kind that exists."""
    from radar.events import KINDS

    for name in (kind, f"{kind}.v1"):
        if name in KINDS:
            return name
    raise InputError.at("KIND", "", f"{kind!r} is no kind of event", f"allowed: {', '.join(KINDS)}")
