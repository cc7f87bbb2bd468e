"""Known networks as points: what is handed over is what is shown, and nonsense is named."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
import traitlets

from tests.widgets.helpers import state_bytes
from tlcourse.errors import ArgumentError
from tlcourse.widgets import NetworkRecord, explore_networks

ROWS = [
    {"name": "VGG-16", "family": "VGG", "year": 2014, "parameters": 138_357_544,
     "multiply_adds": 15.5e9, "top1": 0.713, "paper": "Simonyan and Zisserman (2015)"},
    {"name": "ResNet-50", "family": "ResNet", "year": 2015, "parameters": 25.6e6,
     "multiply_adds": 4.1e9, "top1": 0.749},
    {"name": "LeNet-5", "family": "LeNet", "year": 1998, "parameters": 61_706,
     "multiply_adds": 416_520, "top1": None},
]  # fmt: skip


@dataclass
class Row:
    name: str
    family: str
    year: int
    parameters: np.int64
    multiply_adds: float
    top1: np.float32


def test_rows_may_be_dictionaries_or_objects():
    row = Row("A", "F", 2020, np.int64(10), 1e6, np.float32(0.5))
    explorer = explore_networks([*ROWS, row, NetworkRecord("B", "F", 1990)])
    told = explorer.about["networks"]
    assert [one["name"] for one in told] == ["VGG-16", "ResNet-50", "LeNet-5", "A", "B"]
    assert told[0]["paper"] == "Simonyan and Zisserman (2015)"
    assert told[1]["paper"] is None
    assert (told[3]["parameters"], told[3]["top1"]) == (10.0, 0.5)
    assert explorer.about["families"] == ["VGG", "ResNet", "LeNet", "F"]
    json.dumps(explorer.about)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"family": None}, {"year": "2014"}, {"year": 2014.5}, {"year": 14},
        {"parameters": 0}, {"parameters": "138M"}, {"multiply_adds": float("nan")},
        {"top1": 71.3}, {"top1": 0}, {"top1": True}, {"paper": 3},
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_named(change):
    with pytest.raises(ArgumentError) as caught:
        explore_networks([ROWS[1], {**ROWS[0], **change}])
    assert "Row 2" in str(caught.value)
    assert next(iter(change)) in str(caught.value)


def test_no_rows_and_rows_that_are_none_are_named():
    with pytest.raises(ArgumentError, match="empty"):
        explore_networks([])
    for wrong in ("VGG-16", 3, ROWS[0]):
        with pytest.raises(ArgumentError, match="no list"):
            explore_networks(wrong)
    with pytest.raises(ArgumentError, match="VGG-16"):
        explore_networks([ROWS[0], ROWS[1], ROWS[0]])


def test_what_can_be_chosen_is_checked():
    explorer = explore_networks(ROWS)
    explorer.x, explorer.chosen, explorer.hidden = "year", "ResNet-50", ["VGG"]
    with pytest.raises(ArgumentError, match="LeNet-5"):
        explorer.chosen = "ResNet-51"
    with pytest.raises(ArgumentError, match="ResNet"):
        explorer.hidden = ["Vgg"]
    with pytest.raises(traitlets.TraitError):
        explorer.y = "depth"


def test_where_no_script_runs_there_is_a_chart_with_the_numbers_in_words():
    data, _ = explore_networks(ROWS)._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert "VGG-16 (2014) 71.3% with 15.5 billion" in data["text/plain"]
    assert "LeNet-5" not in data["text/plain"], "it has no accuracy to draw"
    assert explore_networks([ROWS[2]])._repr_mimebundle_()[0]["image/png"]


def test_many_networks_stay_small_in_a_notebook():
    rows = [{**ROWS[0], "name": f"net {n}", "family": f"f{n % 20}"} for n in range(100)]
    assert state_bytes(explore_networks(rows)) < 80_000
