"""The `radar` command: a group whose subcommands are imported only when they are called."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

import click

from console.exits import run_to_exit_code


class Target(NamedTuple):
    """Where a subcommand stands, and the line `radar --help` shows for it without importing it."""

    place: str  # "module:attribute"
    summary: str


# To add a command: one file under console/commands/ and one line here; tests/console/test_cli.py holds them together.
COMMANDS: Mapping[str, Target] = {
    "demo": Target("console.commands.demo:demo", "Watch an incident: twin, live dataflow, store, warnings."),
    "run": Target("console.commands.run:run", "Watch order events, live or from files, and raise warnings."),
    "backtest": Target("console.commands.backtest:backtest", "Judge the warnings on recorded events."),
    "explain": Target("console.commands.explain:explain", "Show why an order stands where it stands."),
    "ahead": Target("console.commands.ahead:ahead", "Show the load of the next seven days, the fullest places first."),
    "deadletter": Target("console.commands.deadletter:deadletter", "Look at the lines put aside, take them in again."),
    "import": Target("console.commands.import_:import_table", "Make events of a table by an import map."),
    "learn": Target("console.commands.learn:learn", "Learn from recorded events into a model file."),
    "model": Target("console.commands.model:model", "Keep, move and look at what was learned."),
    "simulate": Target("console.commands.simulate:simulate", "Play a network and write the events its systems report."),
    "whatif": Target("console.commands.whatif:whatif", "Compare a network with and without a scenario."),
    "sweep": Target("console.commands.sweep:sweep", "Take out every part of a network in turn."),
    "schema": Target("console.commands.schema:schema", "Write the event contract as JSON Schema."),
}


class LazyGroup(click.Group):
    """A click group that knows its subcommands by name and imports one when it is asked for."""

    def __init__(self, *, targets: Mapping[str, Target] = COMMANDS, **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]  # click's own keywords, passed through
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they are declared: the order a reader needs them in."""
        return [*self.targets, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the subcommand, imported now, or None when there is none of that name."""
        if cmd_name not in self.targets:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.targets[cmd_name].place.split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), f"{self.targets[cmd_name].place} is no click command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click calls it
        """Write the list of subcommands from the declared summaries, so that nothing is imported."""
        rows = [(name, target.summary) for name, target in self.targets.items()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="order-radar", prog_name="radar")
def cli() -> None:
    """Order Radar: early warning for orders, live from their events.

    Exit codes: 0 done, 1 the run failed, 2 input or arguments are wrong, 3 a gate refused, 130 stopped by Ctrl-C.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; the installed `radar` script exits with it."""
    return run_to_exit_code(lambda: cli.main(args=arguments, prog_name="radar", standalone_mode=False))


if __name__ == "__main__":
    raise SystemExit(main())
