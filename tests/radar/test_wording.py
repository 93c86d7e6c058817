"""Every code the core can say has a sentence in every language, with exactly the figures the core gives it."""

import ast
import re
from datetime import timedelta, timezone
from pathlib import Path
from string import Formatter

import pytest

from radar.instant import DAY_US, HOUR_US, MINUTE_US
from radar.outputs import Reason
from radar.wording import LANGUAGES, TEMPLATES, reason, say, show_duration
from tests.radar.harness import at

CORE = Path(__file__).resolve().parents[2] / "radar"


def reasons_in(source: str) -> list[tuple[str, frozenset[str] | None]]:
    """Return each ``reason("code", fact=...)`` in a file; None for the facts where they are not spelled out."""
    found: list[tuple[str, frozenset[str] | None]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reason" and node.args:
            (code, *_) = node.args
            if isinstance(code, ast.Constant):
                names = [word.arg for word in node.keywords if word.arg != "weight"]
                known = [name for name in names if name is not None]
                found.append((str(code.value), frozenset(known) if len(known) == len(names) else None))
    return found


SAID = [found for path in sorted(CORE.rglob("*.py")) for found in reasons_in(path.read_text(encoding="utf-8"))]


def placeholders(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


@pytest.mark.req("R03", "R09")
@pytest.mark.parametrize("code", sorted({code for code, _ in SAID}))
def test_every_code_said_has_its_sentences_and_their_figures(code):
    assert code in TEMPLATES, f"radar/wording.py knows no {code}"
    figures = [facts for said, facts in SAID if said == code and facts is not None]
    assert len(TEMPLATES[code]) == len(LANGUAGES)
    for language, template in zip(LANGUAGES, TEMPLATES[code], strict=True):
        for facts in figures:
            assert placeholders(template) == facts, f"{code} in {language}"


@pytest.mark.req("R09")
@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_code_says_the_same_figures_in_every_language_and_chinese_in_chinese(code):
    english, simplified, traditional = TEMPLATES[code]
    assert placeholders(english) == placeholders(simplified) == placeholders(traditional)
    assert all(re.search(r"[\u4e00-\u9fff]", template) for template in (simplified, traditional))


def test_the_scan_of_reasons_finds_what_it_should():
    source = 'x = (reason("a", one=1, two_us=2), reason("b", **facts), reason(code), other("c"))'
    assert reasons_in(source) == [("a", frozenset({"one", "two_us"})), ("b", None)]
    assert len(SAID) > 10


@pytest.mark.req("R09")
def test_figures_are_shown_by_their_unit_and_times_in_the_readers_zone():
    said = reason("stage.overdue", stage="paid", started_at=at(1), standard_us=3 * HOUR_US, due_at=at(4), grace_us=0)
    assert say(said) == (
        "paid was due Fri 2024-03-01 04:00 UTC (3 h after Fri 2024-03-01 01:00 UTC) and is not reported 0 min later"
    )
    assert "2024-03-01 周五 12:00" in say(said, "zh-CN", timezone(timedelta(hours=8)))
    assert say(reason("risk.fell", late_ratio=0.146), "zh-TW") == "延誤風險降至15 %"
    assert say(reason("risk.fell", late_ratio=0.146), "fr") == "the risk of being late fell to 15 %"


def test_a_code_of_a_newer_version_is_shown_as_it_is():
    assert (
        say(Reason("new.code", reason("x", count=1200, left_us=HOUR_US).facts)) == "new.code, count 1,200, left_us 1 h"
    )


@pytest.mark.parametrize(
    ("duration_us", "shown"),
    [(0, "0 min"), (59 * MINUTE_US, "59 min"), (HOUR_US, "1 h"), (2 * DAY_US - 1, "48 h"), (2 * DAY_US, "2 d")],
)
def test_a_duration_is_shown_in_its_natural_unit(duration_us, shown):
    assert show_duration(duration_us) == shown
    assert show_duration(-duration_us) == (f"-{shown}" if duration_us else shown)
