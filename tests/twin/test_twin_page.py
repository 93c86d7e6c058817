"""docs/twin.md against the code: every module and every source system has its place there."""

import re
from pathlib import Path

from scenarios.network import SYSTEMS
from twin.mistakes import Mistake

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "twin.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", PAGE))


def test_every_module_of_the_twin_is_on_the_page():
    modules = [path.name for path in (ROOT / "twin").glob("*.py") if path.name != "__init__.py"]
    packages = [f"{path.parent.name}/" for path in (ROOT / "twin").glob("*/__init__.py")]
    assert sorted(name for name in [*modules, *packages] if name not in CODE) == []


def test_no_module_on_the_page_is_gone():
    named = {name for name in CODE if re.fullmatch(r"[a-z_]+\.py", name)}
    there = {path.name for folder in ("twin", "tests/twin") for path in (ROOT / folder).glob("*.py")}
    assert sorted(named - there) == []


def test_every_source_system_has_its_row():
    rows = re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)
    assert set(SYSTEMS) <= set(rows)


def test_the_number_of_mistakes_is_right():
    assert len(Mistake) == 11
    assert "eleven ways" in PAGE
