"""The matrix with sliders says what `recommend_strategy` and `fine_tune` would do."""

from __future__ import annotations

import dataclasses

import pytest
import traitlets

from tests.pictures import write_set
from tests.training.tiny import tiny_backbone
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError
from tlcourse.evaluation import recommend_strategy
from tlcourse.evaluation.similarity import Similarity
from tlcourse.evaluation.strategy import KNOWN, LARGE, MATRIX, Recommendation
from tlcourse.training import build_classifier, fine_tune, ledger
from tlcourse.training.strategies import unfreeze_by, unfreeze_of
from tlcourse.widgets import explore_strategy
from tlcourse.widgets.strategy import in_words


@pytest.fixture(scope="module")
def backbone():
    return tiny_backbone()


def recommended(pictures, similar, *, confidence=0.2, said=None, **changes):
    """Return what `recommend_strategy` makes of such pictures."""
    field = MATRIX[pictures >= LARGE, similar]
    measured = "similar" if confidence >= KNOWN else "different"
    whole = Recommendation(
        strategy=field.strategy, quadrant=in_words(pictures >= LARGE, similar), why=field.why,
        watch=field.watch, pictures_a_class=pictures,
        measured=Similarity(confidence, 100, 0.5, 0.4), measured_by="a network",
        judgement=said or measured, measured_judgement=measured,
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)


def test_every_point_is_in_the_field_of_the_matrix(backbone):
    explorer = explore_strategy(backbone)
    for pictures in (1, 72, LARGE - 1, LARGE, 100_000):
        for similarity in (0.0, KNOWN - 0.01, KNOWN, 1.0):
            for judgement in ("measured", "similar", "different"):
                explorer.pictures, explorer.similarity = pictures, similarity
                explorer.judgement = judgement
                similar = similarity >= KNOWN if judgement == "measured" else judgement == "similar"
                assert explorer.strategy == MATRIX[pictures >= LARGE, similar].strategy
                assert explorer.quadrant == in_words(pictures >= LARGE, similar)
                told = explorer.about["quadrants"][explorer.quadrant]
                assert told == MATRIX[pictures >= LARGE, similar]._asdict()


@pytest.mark.parametrize("pictures", [5, 999, 1000, 25_000])
@pytest.mark.parametrize(("confidence", "said"), [(0.2, None), (0.6, None), (0.2, "similar")])
def test_a_recommendation_is_where_it_starts(backbone, pictures, confidence, said):
    similar = (said or ("similar" if confidence >= KNOWN else "different")) == "similar"
    found = recommended(pictures, similar, confidence=confidence, said=said)
    explorer = explore_strategy(backbone, found)
    assert (explorer.pictures, explorer.similarity) == (pictures, confidence)
    assert (explorer.strategy, explorer.quadrant) == (found.strategy, found.quadrant)
    assert explorer.judgement == (said or "measured")


def test_it_agrees_with_what_is_recommended_for_real_pictures(tmp_path):
    backbone = load_backbone("efficientnet_lite0")
    images = load_images(write_set(tmp_path / "set", 8, names=("red", "green", "blue")))
    for said in (None, "similar", "different"):
        found = recommend_strategy(images, backbone, said)
        explorer = explore_strategy(backbone, found)
        assert (explorer.strategy, explorer.quadrant) == (found.strategy, found.quadrant)
        assert explorer.similarity == found.measured.confidence
    every = sum(block["parameters"] for block in explorer.about["blocks"])
    assert every == backbone.network.count_params()


def test_what_was_recommended_for_these_pictures_counts_more_than_the_matrix(backbone):
    why = "What this network knows does not help."
    found = recommended(5000, False, strategy="from_scratch", why=why)
    explorer = explore_strategy(backbone, found)
    assert explorer.strategy == "from_scratch"
    assert explorer.about["quadrants"]["large and different"]["why"] == why
    explorer.pictures = 10
    assert explorer.strategy == MATRIX[False, False].strategy
    assert MATRIX[True, False].strategy == "train_all", "the matrix itself stays as it is"


def test_the_parameters_are_those_that_fine_tuning_trains(backbone, tmp_path):
    images = load_images(write_set(tmp_path / "set", 4, names=("red", "green", "blue")))
    explorer = explore_strategy(backbone, classes=3)
    for strategy in ("freeze_base", "train_top", "train_all"):
        start = build_classifier(backbone, images.class_names, strategy=strategy)
        wanted = unfreeze_of(start, None)
        assert wanted == unfreeze_by(strategy)
        tuned = fine_tune(
            start, images, unfreeze=wanted, epochs=1, held_out=0, batch_size=4, engine="keras"
        )
        rows = list(ledger(tuned))
        explorer._quadrants = {explorer._key: MATRIX[False, True]._replace(strategy=strategy)}
        trained = sum(row.parameters for row in rows if row.learns != "no")
        assert explorer.trained_parameters == trained, strategy
        assert explorer.frozen_parameters == sum(row.parameters for row in rows) - trained


def test_blocks_are_drawn_in_the_order_in_which_they_compute(backbone):
    explorer = explore_strategy(backbone)
    names = [block["name"] for block in explorer.about["blocks"]]
    assert names == ["block1", "block2", "block3"]
    for block in explorer.about["blocks"]:
        assert block["trained"]["freeze_base"] == (0, 0)
        assert block["trained"]["train_all"][0] == block["layers"]
        assert block["trained"]["train_all"][1] < block["parameters"], "BatchNorm stays frozen"
        assert block["trained"]["from_scratch"] == (block["layers"], block["parameters"])
    tops = [block["trained"]["train_top"][0] for block in explorer.about["blocks"]]
    assert tops == [0, 0, 2]


def test_without_a_backbone_it_is_vgg16(backbone):
    explorer = explore_strategy(recommended(72, True, confidence=0.5))
    assert explorer.about["network"] == "vgg16"
    assert explorer.strategy == "freeze_base"
    assert explorer.frozen_parameters == 14_714_688
    explorer.pictures = 5000
    assert explorer.trained_parameters == 7_079_424 + 513 * 2, "block 5 and the head"


def test_bad_arguments_are_named(backbone):
    with pytest.raises(ArgumentError, match="backbone"):
        explore_strategy("vgg16")
    with pytest.raises(ArgumentError, match="recommendation"):
        explore_strategy(backbone, "freeze_base")
    with pytest.raises(ArgumentError, match="classes"):
        explore_strategy(backbone, classes=1)
    explorer = explore_strategy(backbone)
    for name, wrong in (("pictures", 0), ("similarity", 1.5), ("judgement", "alike")):
        with pytest.raises(traitlets.TraitError):
            setattr(explorer, name, wrong)


def test_where_no_script_runs_there_is_the_matrix_in_words(backbone):
    assert "small and similar: freeze_base, trains the head" in repr(explore_strategy(backbone))
    found = explore_strategy(backbone, recommended(72, True, confidence=0.5))
    assert "72 a class" in repr(found)
    assert found._repr_mimebundle_()[0]["image/png"]
