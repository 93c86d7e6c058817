"""docs/reference/scenarios.md against the models: every field, kind and word is there, and its example loads."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from scenarios.catalog import load_scenario, packaged_scenarios
from scenarios.disruptions import DISRUPTION_OF, After, Edge, Kind, Part, Recovery, Repeat, ScenarioFile
from scenarios.effects import (
    InService,
    InTransit,
    LeadTimeEffect,
    Notice,
    Reports,
    SignalModel,
    StockLossEffect,
)
from scenarios.loader import Declared, parse
from scenarios.selectors import BUSIEST, GROUPS
from scenarios.spreads import FactorSpread, TimeSpread
from twin.mistakes import Mistake

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "scenarios.md").read_text(
    encoding="utf-8"
)
WORDS = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
EFFECTS: list[object] = [
    model.model_fields["effect"].annotation for model in DISRUPTION_OF.values() if "effect" in model.model_fields
]
MODELS: list[type[Declared]] = [
    ScenarioFile, Part, After, Repeat, Recovery, SignalModel, LeadTimeEffect, StockLossEffect, TimeSpread, FactorSpread,
    *DISRUPTION_OF.values(), *(model for model in EFFECTS if isinstance(model, type)),
]  # fmt: skip
CHOICES: list[type[StrEnum]] = [Kind, Edge, InService, InTransit, Reports, Notice, Mistake]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_of_the_model_is_on_the_page(model):
    assert [name for name in model.model_fields if name not in WORDS] == []


@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: choices.__name__)
def test_every_word_that_may_stand_there_is_on_the_page(choices):
    assert [choice.value for choice in choices if choice.value not in WORDS] == []


def test_every_kind_has_its_row():
    rows = re.findall(r"^\| `([a-z]+)` \| .* \| .* \|$", PAGE, re.MULTILINE)
    assert {kind.value for kind in Kind} <= set(rows)
    assert set(DISRUPTION_OF) == set(Kind)


def test_every_group_of_a_selector_is_on_the_page():
    for groups in GROUPS.values():
        assert [group for group in groups if f"`{group}/" not in PAGE] == []
    assert f"`{BUSIEST}`" in PAGE


def test_every_packaged_scenario_has_its_row_with_its_title():
    for name in packaged_scenarios():
        assert f"| `{name}` | {load_scenario(name).file.title} |" in PAGE


def test_the_example_is_a_right_file():
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    assert len(parse(example[1].encode(), "example", ScenarioFile).disruptions) == 2
