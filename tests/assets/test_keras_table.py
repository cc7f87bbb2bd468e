"""The table of official Keras files, against what the installed Keras would download."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tlcourse.assets import list_assets

# Runs in a process of its own, because it takes Keras apart. Each network function is called as a
# user would call it, with layers that compute nothing, up to the point where it asks for its file.
ASK_KERAS = """
import importlib, inspect, json, pkgutil, sys, warnings
warnings.simplefilter("ignore")
import keras
from keras.src import applications
from keras.src.utils import file_utils

class Nothing:
    shape = (8, 8, 8, 8)
    def __call__(self, *_, **__): return self
    def __getattr__(self, _): return self
    def __add__(self, _): return self
    __radd__ = __mul__ = __rmul__ = __add__

nothing, asked = Nothing(), []
for found in pkgutil.iter_modules(applications.__path__):
    if found.name != "imagenet_utils" and not found.name.endswith("_test"):
        module = importlib.import_module(f"{applications.__name__}.{found.name}")
        for name, value in list(vars(module).items()):
            layer = inspect.isclass(value) and issubclass(value, keras.layers.Layer)
            if layer or name in ("layers", "ops", "Functional", "Sequential"):
                setattr(module, name, nothing)

def get_file(fname, origin, cache_subdir, file_hash=None):
    asked.append([fname, origin, cache_subdir, file_hash])
    return ""

file_utils.get_file = get_file
for name, function in vars(keras.applications).items():
    if inspect.isfunction(function):
        for top in (True, False):
            before = len(asked)
            function(weights="imagenet", include_top=top)
            assert len(asked) == before + 1, f"{name} asked for {len(asked) - before} files"
            asked[-1].insert(0, f"keras/{name.lower()}/{'top' if top else 'notop'}")
json.dump([keras.__version__, asked], sys.stdout)
"""


def test_the_table_is_what_the_installed_keras_would_download() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(
        [sys.executable, "-c", ASK_KERAS], capture_output=True, text=True, env=environment
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    version, asked = json.loads(answer.stdout)
    ours = {asset.name: asset for asset in list_assets() if asset.name.startswith("keras/")}
    differences = []
    for name, file, url, folder, digest in asked:
        asset = ours.pop(name, None)
        if asset is None:
            differences.append(f"{name}: Keras has it, the catalogue has not")
            continue
        for what, catalogue, keras in (
            ("file", asset.filename, file),
            ("address", asset.urls, (url,)),
            ("folder", "models", folder),
            ("hash", asset.digest, digest or asset.digest),  # MobileNet 1 and 2: none in Keras
        ):
            if catalogue != keras:
                differences.append(f"{name}: {what} is {catalogue} here, {keras} in Keras")
    differences += [f"{name}: the catalogue has it, Keras has not" for name in ours]
    assert not differences, f"against Keras {version}:\n" + "\n".join(differences)
    assert len(asked) >= 80
