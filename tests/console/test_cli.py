"""The `radar` command itself: what it lists, what it loads, and how it ends."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

from console.cli import COMMANDS, cli, main
from console.exits import run_to_exit_code
from radar.errors import GateRefusedError, InputError, RunFailedError, StoppedError

HEAVY = {"alembic", "bytewax", "matplotlib", "msgspec", "numpy", "pydantic", "rich", "simpy", "sqlalchemy"}


def ending(error: BaseException):
    """Return a command that ends with ``error``."""

    def command() -> None:
        raise error

    return command


def test_help_loads_nothing_heavy():
    code = "import sys; from console.cli import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.strip("[]', ").split(".")[0] for name in done.stderr.split(",")}
    assert "click" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("name", COMMANDS)
def test_every_declared_command_exists_and_its_summary_is_the_one_it_gives_itself(name):
    module, attribute = COMMANDS[name].place.split(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(limit=200).rstrip(".") == COMMANDS[name].summary.rstrip(".")


def test_an_unknown_command_is_a_wrong_argument(capsys):
    assert main(["no-such-command"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_the_version_is_the_packages_own(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == "radar, version 0.1.0"


def test_help_lists_the_commands_in_their_declared_order():
    with click.Context(cli) as context:
        assert cli.list_commands(context) == list(COMMANDS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RunFailedError("the disk is full"), 1),
        (OSError(28, "No space left on device", "store.db"), 1),
        (InputError.at("a.yaml", "grace", "'x' is no duration", "allowed: 2h"), 2),
        (click.BadParameter("must be positive"), 2),
        (click.FileError("a.jsonl", "no such file"), 2),
        (GateRefusedError("playbook 'typhoon' has no evidence"), 3),
        (StoppedError("stopped at line 12"), 130),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("division by zero"), 1),
        (SystemExit(7), 7),
        (SystemExit(None), 0),
    ],
)
def test_each_end_has_its_exit_code_and_no_traceback(error, code, capsys):
    assert run_to_exit_code(ending(error)) == code
    assert "Traceback" not in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(capsys):
    assert run_to_exit_code(ending(KeyboardInterrupt())) == 130
    assert "type the same command again to go on" in capsys.readouterr().err


def test_a_message_stays_on_one_line_whatever_is_in_it(capsys):
    assert run_to_exit_code(ending(InputError("a\x00b\nc\x1b[31m"))) == 2
    assert capsys.readouterr().err == "radar: a b c [31m\n"


def test_a_debug_run_shows_where_a_bug_is(capsys, monkeypatch):
    monkeypatch.setenv("RADAR_DEBUG", "1")
    assert run_to_exit_code(ending(ZeroDivisionError("x"))) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_number_a_command_returns_is_its_exit_code():
    assert run_to_exit_code(lambda: 3) == 3
    assert run_to_exit_code(lambda: None) == 0


def test_a_reader_who_leaves_early_gets_no_traceback():
    command = "lambda: [print('x' * 99_999) for _ in range(99)]"
    code = f"from console.exits import run_to_exit_code; raise SystemExit(run_to_exit_code({command}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 1
