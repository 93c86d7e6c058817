"""`radar schema` writes the contract, of one kind or of all, to stdout or to a file."""

import json

import pytest
from jsonschema import Draft202012Validator

from console.cli import main
from radar.events import KINDS


def test_the_whole_contract_goes_to_stdout(capsys):
    assert main(["schema"]) == 0
    found = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(found)
    assert len(found["anyOf"]) == len(KINDS)


@pytest.mark.parametrize("name", ["order.placed", "order.placed.v1"])
def test_one_kind_goes_to_a_file(name, tmp_path, capsys):
    assert main(["schema", name, "--out", str(tmp_path / "placed.json")]) == 0
    found = json.loads((tmp_path / "placed.json").read_bytes())
    assert found["$id"] == "urn:order-radar:order.placed.v1"
    assert capsys.readouterr().out == ""


def test_an_unknown_kind_is_a_wrong_argument(capsys):
    assert main(["schema", "order.exploded"]) == 2
    assert "allowed: order.placed.v1," in capsys.readouterr().err
