"""What the tests of the classroom share: nobody's progress, no profile, contracts of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the progress of one test in its folder, and forget what the shell has set."""
    monkeypatch.setenv("TLCOURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    for name in ("TLCOURSE_PROFILE", "TLCOURSE_RECORD", "TLCOURSE_STRICT"):
        monkeypatch.delenv(name, raising=False)


def contents() -> dict[str, Any]:
    """Return what a good `contracts.json` holds."""
    return {
        "format": 1,
        "chapters": {
            "1": {"file": "01_first", "title": "First", "needs": ">=0.1", "reading_minutes": 40,
                  "seconds": {"smoke": 30, "laptop": 90}},
        },
        "results": {
            "1.accuracy": {"what": "accuracy on the test set", "unit": "share",
                           "bands": {"smoke": [0.2, 1], "laptop": [0.9, 0.99], "gpu": [0.95, 1]},
                           "causes": ["fewer epochs", "another seed"]},
            "1.time": {"what": "time of training", "unit": "seconds",
                       "bands": {"smoke": [None, 5], "laptop": [1, None]}, "causes": ["busy"]},
        },
    }  # fmt: skip


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with chapters and contracts of its own; the working folder lies within."""
    folder = tmp_path / "a course" / "chapters"
    (folder / "solutions").mkdir(parents=True)
    (folder / "contracts.json").write_text(json.dumps(contents()), "utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def rewrite(course: Path) -> Callable[..., None]:
    """Change what the contracts say."""

    def rewrite(change: Callable[[dict[str, Any]], object]) -> None:
        said = contents()
        change(said)
        (course / "contracts.json").write_text(json.dumps(said), "utf-8")

    return rewrite


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where no contracts are to be found, not even those of the checkout."""
    from tlcourse.classroom import contracts

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(contracts, "__file__", str(tmp_path / "a" / "b" / "c.py"))
