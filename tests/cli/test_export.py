"""`tlcourse export`, as a person types it."""

import importlib.util
import json

import pytest

from tests.cli.running import in_a_process, in_this_process
from tests.pictures import write_set

needs_litert = pytest.mark.skipif(
    importlib.util.find_spec("ai_edge_litert") is None,
    reason="ai-edge-litert is not installed: pip install 'tlcourse[export]'",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bilder")
    out = folder / "model.keras"
    write_set(folder / "set", 6)
    in_this_process("train", folder / "set", "--size", 64, "--out", out)
    return out, folder / "set"


@needs_litert
def test_a_phone_file_comes_out_checked(made, tmp_path):
    model, folder = made
    out = tmp_path / "größe.tflite"
    arguments = ("--test", folder, "--quantise", "int8", "--calibrate", folder, "--json")
    done = in_a_process("export", model, out, *arguments)
    result = json.loads(done.stdout)
    assert result["agreement"] == 1.0
    assert result["exported"]["accuracy"] == 1.0
    assert result["n_pictures"] == 12
    assert out.with_suffix(".labels.txt").read_text() == "green\nred\n"
    assert "absl" not in done.stderr
    again = in_this_process("export", model, out, code=1)
    assert "overwrite" in again.stderr


def test_a_wrong_suffix_is_told_without_a_traceback(made, tmp_path):
    done = in_this_process("export", made[0], tmp_path / "m.pt", code=1)
    assert ".tflite (LiteRT)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_model_is_told(tmp_path):
    (tmp_path / "model.keras").write_text("no model")
    done = in_this_process("export", tmp_path / "model.keras", tmp_path / "copy.keras", code=1)
    assert "cannot be read" in done.stderr
