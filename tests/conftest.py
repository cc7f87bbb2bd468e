"""What all tests share: no network, a cache folder of their own, backbones loaded once."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_OFFLINE = str(Path(__file__).with_name("offline"))
_PATHS = [_OFFLINE, *filter(None, [os.environ.get("PYTHONPATH")])]
os.environ["PYTHONPATH"] = os.pathsep.join(_PATHS)
sys.path.insert(0, _OFFLINE)
import sitecustomize  # noqa: E402, F401

# Nothing of the person who runs the tests is read or changed: not the course's cache, not Keras'.
_scratch = tempfile.mkdtemp(prefix="tlcourse-tests-")
os.environ["TLCOURSE_CACHE"] = str(Path(_scratch) / "cache")
os.environ["KERAS_HOME"] = str(Path(_scratch) / "keras")
os.environ["TQDM_DISABLE"] = "1"  # whether a bar appears depends on the speed of the machine
os.environ["JUPYTER_CONFIG_DIR"] = str(Path(_scratch) / "jupyter")


def pytest_sessionfinish() -> None:
    shutil.rmtree(_scratch, ignore_errors=True)


@pytest.fixture(scope="session")
def lite0() -> Backbone:
    from tlcourse.backbones import load_backbone

    return load_backbone("efficientnet_lite0")


@pytest.fixture(scope="session")
def vgg16() -> Backbone:
    from tlcourse.backbones import load_backbone

    return load_backbone("vgg16")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of third-party photographs that TLCOURSE_REAL_DATA names."""
    folder = os.environ.get("TLCOURSE_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("TLCOURSE_REAL_DATA names no folder of real photographs")
    return Path(folder)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for one test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TLCOURSE_CACHE", str(folder))
    return folder
