"""The layout is the architecture: each room knows only the rooms above it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tlcourse"
ROOMS = [
    "assets", "data", "augmentation", "backbones", "features", "training", "diagnosis",
    "evaluation", "deployment", "inside", "experiments", "widgets", "classroom", "cli",
]  # fmt: skip
COMMON = {"errors", "figures", "messages", "parallel", "quiet"}


def rooms_that_a_file_knows(path: Path) -> set[str]:
    known = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: write imports in full"
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        known |= {n.split(".")[1] for n in names if n.startswith("tlcourse.")}
    return known - COMMON


def test_the_rooms_are_those_of_the_architecture():
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders == set(ROOMS)
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
    assert all(f"`{room}`" in page for room in ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_the_rooms_above_it(room):
    above = set(ROOMS[: ROOMS.index(room) + 1])
    for path in (PACKAGE / room).rglob("*.py"):
        assert rooms_that_a_file_knows(path) <= above, path


def test_modules_fit_in_a_head():
    long = {
        p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 330
    }
    assert not long
