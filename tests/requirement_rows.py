"""Which requirement rows there are (docs/requirements.md), and which the tests name with ``@pytest.mark.req``."""

import ast
import re
from pathlib import Path

from tests.tidy_rules import dotted

ROOT = Path(__file__).resolve().parent.parent


def ids_required() -> set[str]:
    """Return the ids of the rows of docs/requirements.md."""
    text = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (R\d\d) \|", text, re.MULTILINE))


def ids_in(source: str) -> set[str]:
    """Return the ids that the ``req`` marks of one test file name."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marks = (call for call in calls if dotted(call.func).endswith("mark.req"))
    return {str(part.value) for mark in marks for part in mark.args if isinstance(part, ast.Constant)}


def ids_named_by_tests() -> dict[str, list[str]]:
    """Return for each id named by a test the files that name it."""
    named: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for one in ids_in(path.read_text(encoding="utf-8")):
            named.setdefault(one, []).append(path.relative_to(ROOT).as_posix())
    return named
