"""The package as a stranger installs and imports it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_importing_the_package_starts_no_heavy_library():
    heavy = run(
        "import sys, tlcourse;"
        "print([m for m in ('tensorflow', 'keras', 'openvino', 'sklearn', 'skimage', 'matplotlib',"
        " 'PIL', 'numpy') if m in sys.modules])"
    )
    assert heavy.strip() == "[]"


def test_asking_for_help_starts_no_heavy_library():
    heavy = run(
        "import sys\nfrom tlcourse.cli import app\n"
        "try: app(['train', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('tensorflow', 'keras', 'openvino', 'sklearn') if m in sys.modules])"
    )
    assert heavy.strip().endswith("[]")


def test_every_public_name_can_be_had_and_is_documented():
    import tlcourse

    names = [name for name in dir(tlcourse) if not name.startswith("_")]
    assert {"load_backbone", "load_images", "split", "extract_features", "train_head",
            "evaluate"} <= set(names)  # fmt: skip
    for name in names:
        thing = getattr(tlcourse, name)
        assert thing.__doc__, name


def test_the_version_is_said_once():
    import tlcourse

    assert tlcourse.__version__ == PROJECT["version"]


def test_environment_yml_asks_for_what_pyproject_asks_for():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    [pip] = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    extras = PROJECT["optional-dependencies"]
    expected = [*PROJECT["dependencies"], *extras["lab"], *extras["fast"], *extras["export"]]
    assert pip == [*expected, "--editable ."]
    assert f"python {PROJECT['requires-python']}" in environment["dependencies"]


def test_every_requirement_has_a_lower_and_an_upper_bound():
    requirements = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        requirements += extra
    for requirement in requirements:
        assert "==" in requirement or (">=" in requirement and ",<" in requirement), requirement


@pytest.mark.parametrize("command", ["--help", "train --help", "predict --help", "doctor --help",
                                     "lab --help", "assets --help", "--version"])  # fmt: skip
def test_every_command_explains_itself(command):
    done = subprocess.run(
        [sys.executable, "-m", "tlcourse.cli", *command.split()],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_nothing_names_a_path_of_one_machine():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if listed == [""]:
        pytest.skip("not a git checkout")
    home = str(Path.home())
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".txt", ".json", ""}:
            text = path.read_text("utf-8")
            assert str(ROOT) not in text, name
            assert len(home) < 4 or f"{home}/" not in text, name
