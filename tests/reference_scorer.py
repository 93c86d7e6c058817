"""The evaluation's own scorer, run as people run it: the oracle of ours, where it is at hand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "shared" / "tools" / "score_warnings.py"

OUR_NAMES = {
    "orders": "orders",
    "late": "late",
    "alert_share": "alert_share",
    "precision": "precision36",
    "recall": "recall36",
    "standing_precision": "standing_precision36",
    "standing_recall": "standing_recall36",
    "warned_too_late": "short_notice_share",
    "lead_median": "lead_median_h",
    "lead_p25": "lead_p25_h",
}


def reference_scores(orders: Path, warnings: Path, *options: str) -> dict[str, str]:
    """Return what the reference scorer prints, by our names, as printed; and its violations."""
    if not SCRIPT.is_file():
        pytest.skip("the reference scorer is not here: ../shared/tools/score_warnings.py")
    command = [
        sys.executable,
        str(SCRIPT),
        str(orders),
        str(warnings),
        "--boot",
        "0",
        "--until",
        "2100-01-01",
        *options,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {OUR_NAMES[name]: value for name, value in re.findall(r"^(\w+) +(-?[\d.]+)$", said, re.MULTILINE)}
    found["violations"] = re.findall(r"violations .*?: (\d+)", said)[0]
    return found


def printed(figures: dict[str, float], violations: int) -> dict[str, str]:
    """Return our figures as the reference scorer prints its own."""
    return {name: f"{figures[name]:.4f}" for name in OUR_NAMES.values()} | {"violations": str(violations)}
