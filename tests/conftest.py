"""What every test can use: the real data's folder, golden files, hypothesis profiles; and a run's last words."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.requirement_rows import ids_named_by_tests, ids_required

ROOT = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "RADAR_DATA"

# Tests are deterministic: the same examples in every run. RADAR_EXPLORE=1 draws new ones, and many, to look for more.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile(
    "explore", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("explore" if os.environ.get("RADAR_EXPLORE") else "same")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data, which may not be shipped: RADAR_DATA, or ../shared/data beside the project."""
    folder = Path(os.environ.get(DATA_VARIABLE) or ROOT.parent / "shared" / "data")
    if not (folder / "olist_orders_open.csv.gz").is_file():
        pytest.skip(f"the real data is not here; set {DATA_VARIABLE} to its folder")
    return folder


@pytest.fixture
def golden() -> Callable[[str, bytes], None]:
    """A function that holds bytes against tests/golden/NAME, or writes that file in `make golden`."""

    def check(name: str, found: bytes) -> None:
        path = ROOT / "tests" / "golden" / name
        if os.environ.get("RADAR_GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
        assert path.is_file(), f"tests/golden/{name} is not there; `make golden` writes it"
        assert found == path.read_bytes(), f"tests/golden/{name} differs; if that is right, `make golden` and say why"

    return check


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what the run did not prove: tests without their data, requirements without a test."""
    skips = terminalreporter.stats.get("skipped", [])
    without_data = sum(DATA_VARIABLE in str(report.longrepr) for report in skips)
    if without_data:
        where = " in CI" if os.environ.get("RADAR_CI") else ""
        terminalreporter.write_line(
            f"WARNING: {without_data} tests skipped{where}: the real data is not here", yellow=True
        )
    bare = sorted(ids_required() - ids_named_by_tests().keys())
    if bare:
        terminalreporter.write_line(f"Requirements that no test names ({len(bare)}): {' '.join(bare)}")
