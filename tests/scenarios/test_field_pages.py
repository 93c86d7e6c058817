"""The reference pages of declarative files list every field, and their examples are right."""

import os
import re
from pathlib import Path

import pytest

from scenarios.imports import checked_map, packaged_maps
from scenarios.loader import parse_document
from scenarios.rules import load_rules
from streams.imports import run_import
from tests.scenarios.field_pages import PAGES, page

ROOT = Path(__file__).resolve().parents[2]


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.golden
@pytest.mark.parametrize("name", PAGES)
def test_a_page_lists_the_fields_of_the_models(name):
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    written = page(name, text)
    if os.environ.get("RADAR_GOLDEN") == "write":
        path.write_text(written, encoding="utf-8")
        text = written
    assert text == written, "run `make golden`"


@pytest.mark.parametrize("name", PAGES)
def test_every_field_of_a_page_has_a_meaning(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.findall(r"^\| `([\w-]+)` \|(?:[^|]*\|)?\s*\|$", text, re.MULTILINE)


def test_every_packaged_map_is_named():
    text = (ROOT / "docs/reference/imports.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in packaged_maps())


def test_the_map_of_the_page_imports_the_table_of_the_page(tmp_path):
    table = next(block for block in blocks("docs/reference/imports.md", "") if block.startswith("number,"))
    (example,) = blocks("docs/reference/imports.md", "yaml")
    (tmp_path / "shop.csv").write_text(table, encoding="utf-8")
    import_map = checked_map(parse_document(example.encode(), "map.yaml"))
    report = run_import(tmp_path / "shop.csv", import_map, tmp_path / "out.jsonl", tmp_path / "rejects.csv")
    assert (report.rows, report.bad_rows, sum(report.events.values())) == (2, 0, 5)


def test_the_rules_of_the_page_are_right(tmp_path):
    (example,) = blocks("docs/reference/rules.md", "yaml")
    (tmp_path / "rules.yaml").write_text(example, encoding="utf-8")
    rules = load_rules(tmp_path / "rules.yaml")
    assert "made-to-measure" in rules.standards.routes
