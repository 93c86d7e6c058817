"""A stranger's first minutes: a fresh clone in a folder with spaces, `make setup`, the first run."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.req("R48")]


def told(command: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
    """Return what a command prints; it must end well."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A clone of the last commit in a folder whose name has spaces."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None or shutil.which("make") is None:
        pytest.skip("git, make or the repository are not here")
    folder: Path = tmp_path_factory.mktemp("a folder") / "order radar, cloned"
    told(["git", "clone", "--quiet", str(ROOT), str(folder)], ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(clone: Path) -> Path:
    """The clone after `make setup`, without what this test's own environment says about Python."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "MAKE"))
    }
    told(["make", "setup"], clone, plain)
    return clone


def test_the_command_stands_where_the_readme_says_and_is_the_clones_own(installed):
    radar = str(installed / ".venv" / "bin" / "radar")
    assert "Usage: radar" in told([radar, "--help"], installed)
    code = "import radar; print(radar.__file__)"
    place = told([str(installed / ".venv" / "bin" / "python"), "-c", code], installed.parent).strip()
    assert Path(place).is_relative_to(installed)


def test_the_sample_runs_into_a_store_and_an_order_is_explained(installed):
    radar = str(installed / ".venv" / "bin" / "radar")
    sample = "scenarios/samples/sample.jsonl.gz"
    store = ["--store", "sqlite:///../first run.db"]
    ran = json.loads(told([radar, "run", "--from", sample, *store, "--until-eof", "--json"], installed))
    assert ran["orders"] > 300
    assert ran["warnings"]["predicted-late"] > 0
    assert "Order SO-1042" in told([radar, "explain", "SO-1042", *store], installed)


def test_setup_again_does_nothing(installed):
    stamp = installed / ".venv" / ".installed"
    before = stamp.stat().st_mtime_ns
    told(["make", "setup"], installed)
    assert stamp.stat().st_mtime_ns == before


def test_nothing_was_left_for_git_to_see(installed):
    assert told(["git", "status", "--porcelain"], installed) == ""
