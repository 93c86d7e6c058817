"""Every `radar` command that a document shows can be typed; those that end soon are typed and end well."""

import gzip
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console.cli import cli, main
from console.exits import ExitCode
from tests.conftest import ROOT
from tests.console.test_end_to_end import SAMPLE, write_table
from tests.test_docs import DOCUMENTS, FENCE, text_of

TAKES_LONG = ("demo", "simulate", "whatif", "sweep")


def commands_of(name: str) -> Iterator[list[str]]:
    """Yield the arguments of every `radar` line in the shell blocks of a document."""
    for fence in FENCE.finditer(text_of(name)):
        if fence[1].strip() not in ("sh", "bash"):
            continue
        for line in fence[2].replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] in ("radar", ".venv/bin/radar"):
                yield words[1:]


SHOWN = [(name, arguments) for name in DOCUMENTS for arguments in commands_of(name)]
IDS = [f"{name}: {' '.join(arguments)}"[:100] for name, arguments in SHOWN]


def ends_soon(arguments: list[str]) -> bool:
    """Return whether a command ends by itself, soon, and without the real data."""
    if arguments[0] in TAKES_LONG or "--speed" in arguments or "all" in arguments:
        return False
    if arguments[0] == "run" and "--until-eof" not in arguments:
        return False
    return not any("../" in word for word in arguments)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with the files that the documents name."""
    folder: Path = tmp_path_factory.mktemp("desk")
    shutil.copy(SAMPLE, folder / "events.jsonl.gz")
    with gzip.open(SAMPLE) as sample:
        (folder / "events.jsonl").write_bytes(sample.read())
    (folder / "journal").mkdir()
    shutil.copy(folder / "events.jsonl", folder / "journal" / "1.jsonl")
    write_table(folder / "orders.csv", 120)
    (folder / "orders.csv.gz").write_bytes(gzip.compress((folder / "orders.csv").read_bytes()))
    shutil.copy(ROOT / "scenarios" / "imports" / "olist_orders.yaml", folder / "my_map.yaml")
    url = f"sqlite:///{folder / 'radar.db'}"
    source = str(folder / "events.jsonl.gz")
    assert main(["run", "--from", source, "--store", url, "--until-eof", "--engine", "plain"]) == ExitCode.DONE
    for name in ("history", "radar"):
        assert main(["learn", source, "--out", str(folder / f"{name}.model")]) == ExitCode.DONE
    assert (
        main(["import", str(folder / "orders.csv"), "--map", "olist_orders", "--out", str(folder / "orders.jsonl.gz")])
        == 0
    )
    return folder


@pytest.fixture
def copy(desk, tmp_path, monkeypatch) -> Path:
    """The folder as it is before a command is typed."""
    folder: Path = tmp_path / "desk"
    shutil.copytree(desk, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(("name", "arguments"), SHOWN, ids=IDS)
def test_the_command_has_such_options(copy, name, arguments):
    command = cli.get_command(click.Context(cli), arguments[0])
    assert command is not None
    command.make_context(arguments[0], list(arguments[1:]))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [one for one in SHOWN if ends_soon(one[1])],
    ids=[name for name, one in zip(IDS, SHOWN, strict=True) if ends_soon(one[1])],
)
def test_the_command_ends_well(copy, name, arguments):
    assert main(arguments) == ExitCode.DONE


def test_the_documents_show_most_commands():
    assert {arguments[0] for _, arguments in SHOWN} >= {
        "run",
        "import",
        "explain",
        "backtest",
        "simulate",
        "whatif",
        "sweep",
        "learn",
        "model",
    }
    assert len([one for one in SHOWN if ends_soon(one[1])]) >= 6


def test_inline_commands_name_commands_that_exist():
    named = {word for name in DOCUMENTS for word in re.findall(r"`radar ([a-z]+)", text_of(name))}
    planned = {"serve", "tune", "playbook", "fit", "drill", "report", "rules"}
    assert named - planned <= set(cli.list_commands(click.Context(cli)))
