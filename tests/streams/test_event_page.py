"""docs/reference/events.md says what the code says."""

import json
import os
import re
from pathlib import Path

import pytest

from radar.events import KINDS, Event
from radar.events.order import OrderLine, ShipTo
from streams.codec import Codec
from streams.envelopes import Envelope
from streams.field_notes import field_notes
from tests.event_page import event_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "events.md"


@pytest.mark.golden
def test_the_page_is_the_one_the_code_writes():
    if os.environ.get("RADAR_GOLDEN") == "write":
        PAGE.write_text(event_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == event_page(), "`make golden` writes it"


def test_the_examples_on_the_page_are_events_of_every_kind():
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    decoded = [Codec().decode(json.dumps(json.loads(block)).encode()) for block in blocks]
    assert all(isinstance(found, Event) for found in decoded)
    assert {type(found.data) for found in decoded if isinstance(found, Event)} == set(KINDS.values())


@pytest.mark.parametrize("struct", [*KINDS.values(), OrderLine, ShipTo, Envelope])
def test_every_field_has_a_meaning(struct):
    assert [name for name, note in field_notes(struct).items() if not note] == []
