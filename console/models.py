"""Models that commands are given to begin with."""

from pathlib import Path

import click

from radar.rules import Rules
from streams.model_files import Model, read_model


def read_given(path: Path, rules: Rules) -> Model:
    """Return the model of a file, and say on stderr when it was learned under other rules.

    Raises:
        InputError: It is no model that this radar can read.
    """
    found = read_model(path, rules)
    if found.manifest.rules_sha256 != rules.version:
        tell(f"{path}: was learned under other rules; usual times and thresholds settle again by and by")
    return found


def tell(said: str) -> None:
    """Say on stderr what a person should know, and go on."""
    click.echo(f"radar: {said}", err=True)
